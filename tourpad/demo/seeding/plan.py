"""What happened when, on one page: six weeks that lead up to the present."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.actors import operator, person
from tourpad.core.availability import procedures as trip_jobs
from tourpad.core.bookings import procedures as booking_jobs
from tourpad.core.clock import VirtualClock
from tourpad.core.concerts import procedures as concert_jobs
from tourpad.core.errors import RefusedError
from tourpad.core.gateways.mail.local import LocalOutbox
from tourpad.core.gateways.mail.message import sender
from tourpad.core.gateways.stripe import open_stripe
from tourpad.core.identity.service import account
from tourpad.core.outbox import procedures as outbox
from tourpad.core.payments import limits
from tourpad.core.payouts import procedures as payout_jobs
from tourpad.core.platform import Platform
from tourpad.core.scheduling import FILLING
from tourpad.core.values import replace
from tourpad.demo.people import PASSWORD
from tourpad.demo.seeding import booking, queries, report, seating, touring
from tourpad.demo.seeding.arriving import plan_arrivals
from tourpad.demo.seeding.booking import LENGTH, Show
from tourpad.demo.seeding.ground import JOB, Ground, Till
from tourpad.demo.seeding.people import Person, Standing, people_for
from tourpad.demo.seeding.shows import OPEN, PAST, Course, Date, more_open
from tourpad.demo.stage import PASSWORD_MEMORY_KIB

if TYPE_CHECKING:
    from tourpad.core.actors import Actor

BEGINS = timedelta(days=46)
ADMIN_EMAIL, ADMIN_NAME = "admin@tourpad.example", "Mara Lindqvist"
SEEDER = operator("db seed")


_TRAVELLING = frozenset({Course.TRIP, Course.INVITED})
_OPENING = frozenset({Course.SHOW, Course.CALLED_OFF})


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made."""

    document: report.Document
    notes: tuple[str, ...]
    """What whoever counts on clean books should know."""


def seed(platform: Platform, *, seed: int, people: int) -> Seeded:
    """Fill an empty database. Everything is done by the verbs, at the times at which it would have happened.

    Money moves through the sandbox only; with another Stripe nobody pays anything.

    Args:
        platform: where; its clock says what the present is.
        seed: equal seeds give equal people.
        people: how many in all, the admin included.

    Raises:
        RefusedError: this is neither dev nor test; there are people already; another seeding is under way.
        StripeUncertain: the sandbox does not answer; nothing was made.
    """
    settings = platform.settings
    if not settings.is_local:
        raise RefusedError(
            f"tourpad db seed is for development and tests; this is {settings.env}.", hint="Set TOURPAD_ENV=dev."
        )
    with limits.alone(platform, FILLING) as mine:
        if not mine:
            raise RefusedError("Another db seed is filling this database right now.")
        with platform.work(SEEDER) as work:
            there = queries.count_people(work)
        if there:
            already = "a person" if there == 1 else f"{there:,} people"
            raise RefusedError(
                f"The database holds {already} already; only an empty one is filled.",
                hint="Name another database, or empty this one:  tourpad db downgrade base --yes && tourpad db upgrade",
            )
        return _fill(platform, seed=seed, people=people)


def _fill(platform: Platform, *, seed: int, people: int) -> Seeded:
    settings = platform.settings
    today = platform.clock.now()
    clock = VirtualClock(today - BEGINS)
    quick = replace(settings, password_memory_kib=min(settings.password_memory_kib, PASSWORD_MEMORY_KIB))
    past = Platform(
        settings=quick,
        database_url=platform.database_url,
        clock=clock,
        # Beside a running `tourpad dev` there is another sandbox on this home, which lives in the present.
        stripe=open_stripe(quick, clock, makes_past=True),
        # Mail of invented people goes into the folder, whatever service is set.
        mail=LocalOutbox(settings.home / "outbox", sender(settings.mail_from)),
    )
    try:
        till = Till(past)
        try:
            notes = tuple(_notes(past, till))
            ground = Ground(platform=past, clock=clock, today=today, till=till, admin=_admin(past))
            everybody = people_for(seed=seed, people=people)
            plan_arrivals(ground, everybody)
            _plan_shows(ground, everybody, people)
            ground.run()
            outbox.deliver_mail(past, JOB)
        finally:
            till.close()
        with past.work(SEEDER) as work:
            document = report.document(work, seed=seed, now=today)
    finally:
        past.close()
    return Seeded(document, notes)


def _notes(platform: Platform, till: Till) -> Iterable[str]:
    if not till.is_open:
        yield f"Stripe is {platform.stripe.base_url} and not the sandbox: nobody has paid anything."
    elif till.held_before:
        yield (
            f"The sandbox at {platform.stripe.base_url} remembers payments of another database: reconcile will tell of "
            "them. A TOURPAD_HOME of its own has none."
        )


def _admin(platform: Platform) -> "Actor":
    with platform.work(SEEDER) as work:
        user, _ = account.create_admin(work, email=ADMIN_EMAIL, name=ADMIN_NAME, password=PASSWORD)
        work.commit()
    return person(user.id, "admin")


def _plan_shows(ground: Ground, everybody: list[Person], people: int) -> None:
    active = [who for who in everybody if who.standing is Standing.ACTIVE]
    cast = {f"{role}s": [who for who in active if who.role == role] for role in ("artist", "host", "fan")}
    _plan_past(ground, booking.arrange(ground, PAST, **cast))
    _plan_open(ground, booking.arrange(ground, [*OPEN, *more_open(people)], **cast))


def _plan_past(ground: Ground, shows: list[Show]) -> None:
    shown = [s for s in shows if s.date.course in _OPENING]
    early = [s for s in shows if s.date.course in _OPENING | {Course.REJECTED}]
    late = [s for s in shows if s not in early]
    for days, do, which in (
        (40, booking.request, early),
        (39, booking.answer, early),
        (38, booking.secure, shown),
        (37, booking.settle_details, shown),
        (36, seating.ask, shown),
        (35, seating.answer, shown),
        (34, seating.pay, shown),
        (33, seating.give_back, shown),
        (21, booking.request, late),
        (20.5, booking.answer, late),
        (13, booking.call_off, [s for s in shown if s.date.course is Course.CALLED_OFF]),
    ):
        _plan_each(ground, days * 24, do, which)
    ground.plan(ground.ago(days=12.5), lambda: concert_jobs.refund_cancelled(ground.platform, JOB))
    ground.plan(ground.ago(days=12), lambda: booking_jobs.expire_due(ground.platform, JOB))
    for show in shown:
        if show.date.course is Course.SHOW:
            _plan_evening(ground, show)
    # The first show is paid out by now; the next ones are due, and nobody has paid them yet.
    ground.plan(ground.ago(days=10), lambda: ground.till.pay_out(JOB))


def _plan_evening(ground: Ground, show: Show) -> None:
    def begin() -> None:
        concert_jobs.advance_due(ground.platform, JOB)
        seating.let_in(ground, show)

    def end() -> None:
        concert_jobs.advance_due(ground.platform, JOB)
        payout_jobs.settle_due(ground.platform, JOB)

    ground.plan(show.starts_at + timedelta(minutes=5), begin)
    ground.plan(show.starts_at + LENGTH + timedelta(minutes=10), end)


def _plan_open(ground: Ground, shows: list[Show]) -> None:
    shown = [s for s in shows if s.date.course is Course.SHOW]
    trips = [s for s in shows if s.date.course in _TRAVELLING]
    asked = [s for s in shows if s not in shown and s.date.course is not Course.TRIP]
    moved = [s for s in shown if s.date.moves_to is not None]
    for hours, do, which in (
        (144, booking.request, shown),
        (132, booking.answer, shown),
        (120, booking.secure, shown),
        (118, booking.settle_details, shown),
        (96, seating.ask, [s for s in shown if _needs_answer(s.date)]),
        (50, seating.ask, [s for s in shown if s.date.at_door]),
        (28, touring.announce, trips),
        (26, booking.request, asked),
        (5, booking.answer, asked),
        (4, seating.ask, [s for s in shown if not _needs_answer(s.date) and not s.date.at_door]),
        (3, seating.answer, shown),
        (2.5, seating.pay, shown),
        (2, seating.give_back, shown),
        (1.9, touring.move, moved),
        (1.8, touring.say_who_comes, moved),
    ):
        _plan_each(ground, hours, do, which)
    ground.plan(ground.ago(hours=27), lambda: trip_jobs.tell_trips(ground.platform, JOB))
    ground.plan(ground.ago(hours=1.5), lambda: concert_jobs.lapse_due(ground.platform, JOB))


def _needs_answer(date: Date) -> bool:
    return bool(date.changes.get("requires_approval", True))


def _plan_each(ground: Ground, hours: float, do: Callable[[Ground, Show], object], which: Iterable[Show]) -> None:
    chosen = list(which)
    ground.plan(ground.ago(hours=hours), lambda: [do(ground, show) for show in chosen])
