"""Artists, hosts, payments and time in any order: what holds for a booking holds after every step.

`pytest tests/core/bookings/test_any_order.py --hypothesis-profile=long` goes on for about half an hour.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories.bookings import Pair, make_booking, make_pair, make_request, pay
from tourpad.core.bookings.terms import fingerprint, terms_of_offer
from tourpad.core.errors import TourPadError
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking, Offer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

IS_LONG = settings.get_current_profile_name() == "long"
WHICH = st.integers(0, 1_000)
SIDES = st.sampled_from(("artist", "host"))
DAYS = st.integers(35, 39)
"""Few dates, so that bookings are in each other's way."""
SPANS = (timedelta(hours=3), timedelta(hours=49), timedelta(days=4), timedelta(days=8))
ENDED = {"rejected", "expired", "cancelled"}
LAST_WORDS = ("booking_rejected", "booking_expired", "booking_cancelled")


@dataclass
class Seen:
    """Everything of some bookings, in a few queries."""

    bookings: "list[Booking]"
    offers: "dict[UUID, list[Offer]]"
    signed: dict[tuple[UUID, int], list[str]]
    kept: dict[UUID, int]
    """Cents that were paid and have not gone back."""
    told: list[tuple[str, UUID]]
    """For what reason each mail was written, and to whom."""

    @classmethod
    def of(cls, work: "Work", ids: list[UUID]) -> "Seen":
        from sqlalchemy import select

        from tourpad.core.bookings.models import Booking, BookingSignature, Offer
        from tourpad.core.outbox.models import Mail
        from tourpad.core.payments.models import Payment

        find = work.session.scalars
        offers: defaultdict[UUID, list[Offer]] = defaultdict(list)
        for offer in find(select(Offer).where(Offer.booking_id.in_(ids)).order_by(Offer.number)):
            offers[offer.booking_id].append(offer)
        signed: defaultdict[tuple[UUID, int], list[str]] = defaultdict(list)
        for row in find(select(BookingSignature).where(BookingSignature.booking_id.in_(ids))):
            signed[row.booking_id, row.number].append(row.terms_hash)
        kept: Counter[UUID] = Counter()
        for payment in find(select(Payment).where(Payment.reference_id.in_(ids))):
            kept[payment.reference_id] += payment.amount_cents - payment.refunded_cents
        mails = work.session.execute(select(Mail.dedupe_key, Mail.user_id).where(Mail.template.in_(LAST_WORDS)))
        bookings = list(find(select(Booking).where(Booking.id.in_(ids))))
        return cls(bookings, offers, signed, kept, [(key, user) for key, user in mails if key and user])


class AnyOrder(RuleBasedStateMachine):
    """Two artists and two hosts, every verb of a booking, the jobs, and a clock."""

    work: "Work"
    clock: "VirtualClock"

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.work.session.begin_nested()
        self.began = self.clock.now()
        self.pairs: list[Pair] = []
        self.ids: list[UUID] = []
        self.said: dict[UUID, str] = {}
        """Who offered last, by booking."""

    def teardown(self) -> None:
        for booking in Seen.of(self.work, self.ids).bookings:
            event(booking.state.value)
        self.savepoint.rollback()
        self.work.session.expunge_all()
        self.clock.set(self.began)

    @initialize(payers=st.sampled_from((2, 1, 0)))
    def people(self, payers: int) -> None:
        first, second = make_pair(self.work), make_pair(self.work)
        crossed = replace(first, host_id=second.host_id, host_user=second.host_user)
        self.pairs = [first, second, crossed]
        day = self.began.date() + timedelta(days=35)
        # Two that want one date, agreed and unpaid, and one that is certain.
        later = day + timedelta(days=4)
        for pair, on, state in ((second, day, "approved"), (crossed, day, "approved"), (first, later, "confirmed")):
            booking = make_booking(self.work, pair, day=on, state=state)
            self.ids.append(booking.id)
            self.said[booking.id] = "artist"
        for which in range(payers):
            pay(self.work, self.booking(which), second.host_user)

    # What people do

    @rule(pair=st.integers(0, 2), days=DAYS, by=SIDES, fee=st.sampled_from((0, 20_000)))
    def somebody_asks(self, pair: int, days: int, by: str, fee: int) -> None:
        def ask() -> None:
            day = self.began.date() + timedelta(days=days)
            booking = make_request(self.work, self.pairs[pair], day=day, by=by, fee=fee)
            self.ids.append(booking.id)
            self.said[booking.id] = by

        self.tried(ask)

    @precondition(lambda self: self.ids)
    @rule(
        which=WHICH,
        side=SIDES,
        answer=st.sampled_from(("approved", "approved", "rejected", "counter")),
        days=DAYS,
    )
    def somebody_answers(self, which: int, side: str, answer: str, days: int) -> None:
        from tourpad.core.bookings import service
        from tourpad.core.bookings.service.answering import Answer

        booking = self.booking(which)
        turn, is_open = booking.turn, booking.turn is not None
        day = self.began.date() + timedelta(days=days)
        counter: dict[str, Any] | None = {"date": day} if answer == "counter" else None

        def respond() -> None:
            service.respond(
                self.work,
                booking_id=booking.id,
                user_id=self.user(booking, side),
                status=None if counter else Answer(answer),
                response=None,
                counter=counter,
            )

        before = booking.offer_number
        if self.tried(respond):
            # Only whoever's turn it was may have spoken, and never twice in a row.
            assert is_open
            assert turn == side
            assert self.said[booking.id] != side
            if counter:
                assert (booking.turn, booking.offer_number > before or booking.state == "confirmed") == (
                    "host" if side == "artist" else "artist",
                    True,
                )
                self.said[booking.id] = side

    @precondition(lambda self: self.ids)
    @rule(which=WHICH)
    def the_host_pays(self, which: int) -> None:
        from tourpad.core.bookings import service

        booking = self.booking(which)
        host = self.user(booking, "host")
        if self.tried(lambda: service.what_is_owed(self.work, booking_id=booking.id, user_id=host)):
            pay(self.work, booking, host)

    @precondition(lambda self: self.ids)
    @rule(which=WHICH, late=st.booleans())
    def a_payment_comes_late_or_somebody_confirms(self, which: int, late: bool) -> None:
        from tourpad.core.bookings import service

        booking = self.booking(which)
        if late and booking.artist_fee_cents and booking.state in ("expired", "cancelled") and booking.approved_at:
            pay(self.work, booking, self.user(booking, "host"))
        elif not late:
            user_id = self.user(booking, "artist")
            self.tried(lambda: service.confirm(self.work, booking_id=booking.id, user_id=user_id))

    @precondition(lambda self: self.ids)
    @rule(which=WHICH, side=SIDES, days=DAYS)
    def somebody_proposes_another_date(self, which: int, side: str, days: int) -> None:
        from tourpad.core.bookings import service

        booking = self.booking(which)
        changes = {"date": self.began.date() + timedelta(days=days)}
        user_id = self.user(booking, side)

        def propose() -> None:
            service.reschedule(self.work, booking_id=booking.id, user_id=user_id, changes=changes, message=None)

        if self.tried(propose):
            self.said[booking.id] = side

    @precondition(lambda self: self.ids)
    @rule(which=WHICH, side=SIDES, what=st.sampled_from(("cancel", "withdraw", "complete")))
    def somebody_ends_something(self, which: int, side: str, what: str) -> None:
        from tourpad.core.bookings import service

        booking = self.booking(which)
        user_id = self.user(booking, side)
        self.tried(lambda: getattr(service, what)(self.work, booking_id=booking.id, user_id=user_id))

    # What time does

    @rule(span=st.sampled_from(SPANS))
    def time_passes_and_the_jobs_run(self, span: timedelta) -> None:
        from tourpad.core.bookings import queries, service

        self.clock.advance(span)
        for booking_id in queries.to_remind_of(self.work, limit=50):
            service.remind(self.work, booking_id=booking_id)
        for booking_id in queries.to_expire(self.work, limit=50):
            service.expire(self.work, booking_id=booking_id)

    # What always holds

    @invariant()
    def all_promises_are_kept(self) -> None:
        seen = Seen.of(self.work, self.ids)
        held: list[tuple[UUID, date]] = []
        for booking in seen.bookings:
            if booking.state in ("confirmed", "completed"):
                held += [(booking.artist_id, booking.requested_date), (booking.host_id, booking.requested_date)]
            self.nobody_is_charged_for_what_does_not_take_place(booking, seen.kept.get(booking.id, 0))
            self.whoever_has_to_answer_has_a_deadline_and_an_open_offer(booking, seen.offers[booking.id])
            self.whatever_ended_was_told(booking, seen.told)
            for offer in seen.offers[booking.id]:
                hashes = seen.signed[booking.id, offer.number]
                digest = fingerprint(terms_of_offer(offer), booking_id=booking.id, number=offer.number)
                assert hashes == [digest] * (2 if offer.state == "accepted" else 1)
        # A host's or an artist's date holds one show.
        assert len(held) == len(set(held))

    def nobody_is_charged_for_what_does_not_take_place(self, booking: "Booking", kept: int) -> None:
        if booking.state in ("confirmed", "completed"):
            assert kept == booking.artist_fee_cents
        elif booking.state != "cancelled" or booking.confirmed_at is None or booking.cancelled_by != "host":
            assert kept == 0, booking.state

    def whoever_has_to_answer_has_a_deadline_and_an_open_offer(self, booking: "Booking", offers: "list[Offer]") -> None:
        waiting = [offer for offer in offers if offer.state == "open"]
        assert len(waiting) == (booking.turn is not None), booking.state
        if waiting:
            assert (waiting[0].made_by.other, booking.respond_by is not None) == (booking.turn, True)
            assert waiting[0].made_by.value == self.said[booking.id]
        if booking.state in ENDED:
            assert booking.respond_by is None

    def whatever_ended_was_told(self, booking: "Booking", told: list[tuple[str, UUID]]) -> None:
        if booking.state not in ENDED:
            return
        ours = [(key, user) for key, user in told if str(booking.id) in key]
        heard = {user for key, user in ours if key.startswith(LAST_WORDS)}
        # Whoever said it knows it.
        knows = 1 if booking.state == "rejected" or booking.cancelled_by in ("artist", "host") else 0
        assert len(heard) + knows >= 2

    # How

    def tried(self, call: Any) -> bool:
        """Do it; whether it was not refused. What a refusal began is undone."""
        try:
            with self.work.session.begin_nested():
                call()
        except TourPadError:
            self.work.session.expire_all()
            return False
        return True

    def booking(self, which: int) -> "Booking":
        from tourpad.core.bookings.models import Booking

        return self.work.session.get_one(Booking, self.ids[which % len(self.ids)])

    def user(self, booking: "Booking", side: str) -> UUID:
        from tourpad.core.bookings import queries

        sides = queries.sides_of(self.work, booking)
        return sides.artist_user_id if side == "artist" else sides.host_user_id


def test_whatever_people_and_time_do_a_booking_keeps_its_promises(work: "Work", clock: "VirtualClock") -> None:
    machine = type("Machine", (AnyOrder,), {"work": work, "clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=2_000 if IS_LONG else 4,
            stateful_step_count=40 if IS_LONG else 25,
            phases=(Phase.generate,) if not IS_LONG else (Phase.generate, Phase.shrink),
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            derandomize=not IS_LONG,
            database=None,
        ),
    )
