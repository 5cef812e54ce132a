"""Every SELECT of the business metrics: each reads its table once, and a replica will do."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, func, select, union
from sqlalchemy.orm import InstrumentedAttribute

from tourpad.core.analytics.rules import Span, Step
from tourpad.core.applications.models import Application
from tourpad.core.applications.states import ApplicationKind, ApplicationState
from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import ConcertState
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserType
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.memberships.models import Membership
from tourpad.core.messaging.models import Message
from tourpad.core.messaging.states import MessageKind
from tourpad.core.payments.models import Payment
from tourpad.core.payments.rules import PAID
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.payouts.models import Payout
from tourpad.core.reviews.models import Review
from tourpad.core.work import Work

Counts = Mapping[str, int]


def _within(column: InstrumentedAttribute[Any], span: Span) -> ColumnElement[bool]:
    return and_(column >= span.start, column < span.end)


def registered(work: Work, span: Span) -> dict[UserType, Counts]:
    """Of those who registered in these days: how many there are, and how far they are now, by role."""
    applied, let_in = Application.submitted_at.is_not(None), Application.state == ApplicationState.APPROVED
    rows = work.session.execute(
        select(
            User.user_type,
            func.count().label("registered"),
            func.count(User.email_verified_at).label("verified"),
            func.count().filter(applied).label("applied"),
            func.count().filter(let_in).label("let_in"),
            func.count(Membership.started_at).label("members"),
        )
        .outerjoin(Application, Application.user_id == User.id)
        .outerjoin(Membership, Membership.user_id == User.id)
        .where(_within(User.created_at, span))
        .group_by(User.user_type)
    )
    return {
        kind: dict(zip(("registered", "verified", "applied", "let_in", "members"), rest, strict=True))
        for kind, *rest in rows
    }


def members_now(work: Work) -> Counts:
    """Memberships by state, whenever they began."""
    rows = work.session.execute(select(Membership.state, func.count()).group_by(Membership.state))
    return {state.value: count for state, count in rows}


def requested(work: Work, span: Span) -> dict[tuple[BookingState, bool], int]:
    """Bookings that were asked for in these days, by their state now and whether they were ever confirmed."""
    was_confirmed = Booking.confirmed_at.is_not(None)
    rows = work.session.execute(
        select(Booking.state, was_confirmed, func.count())
        .where(_within(Booking.requested_at, span))
        .group_by(Booking.state, was_confirmed)
    )
    return {(state, confirmed): count for state, confirmed, count in rows}


def shows(work: Work, span: Span) -> dict[ConcertState, tuple[int, int, int]]:
    """Shows that begin in these days, by state: how many, the seats that they have, and those that were taken."""
    rows = work.session.execute(
        select(
            Concert.state,
            func.count(),
            func.coalesce(func.sum(Concert.max_capacity), 0),
            func.coalesce(func.sum(Concert.seats_taken), 0),
        )
        .where(_within(Concert.starts_at, span))
        .group_by(Concert.state)
    )
    return {state: (count, int(seats), int(taken)) for state, count, seats, taken in rows}


def begun(work: Work, span: Span) -> dict[PaymentState, int]:
    """Payments that were begun in these days, by state."""
    rows = work.session.execute(
        select(Payment.state, func.count()).where(_within(Payment.created_at, span)).group_by(Payment.state)
    )
    return {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to the type checker


def paid(work: Work, span: Span) -> list[tuple[PaymentKind, str, int, int, int, int]]:
    """What was paid in these days: kind, currency, payments, cents, and what of them went back or was lost since."""
    rows = work.session.execute(
        select(
            Payment.kind,
            Payment.currency,
            func.count(),
            func.sum(Payment.amount_cents),
            func.sum(Payment.refunded_cents),
            func.sum(Payment.lost_cents),
        )
        .where(_within(Payment.completed_at, span), Payment.state.in_(PAID))
        .group_by(Payment.kind, Payment.currency)
        .order_by(Payment.kind, Payment.currency)
    )
    return [(kind, currency, n, int(a), int(b), int(c)) for kind, currency, n, a, b, c in rows]


def moved(work: Work, span: Span, accounts: Sequence[str]) -> dict[tuple[str, str], int]:
    """What these days posted to some accounts, by account and currency: debits above zero, credits below."""
    rows = work.session.execute(
        select(Line.account, Line.currency, func.sum(Line.amount_cents))
        .join(Journal, Journal.id == Line.journal_id)
        .where(_within(Journal.occurred_at, span), Line.account.in_(accounts))
        .group_by(Line.account, Line.currency)
    )
    return {(account, currency): int(cents) for account, currency, cents in rows}


def paid_out(work: Work, span: Span) -> dict[str, int]:
    """Cents that were sent to payees in these days, by currency."""
    rows = work.session.execute(
        select(Payout.currency, func.sum(Payout.amount_cents))
        .where(_within(Payout.sent_at, span))
        .group_by(Payout.currency)
    )
    return {currency: int(cents) for currency, cents in rows}


def done(work: Work, span: Span) -> Counts:
    """What people did in these days besides paying: seats asked for, messages, reviews."""
    one = select(
        select(func.count()).where(_within(Rsvp.requested_at, span)).scalar_subquery().label("seat_requests"),
        select(func.count())
        .where(_within(Message.created_at, span), Message.kind == MessageKind.TEXT)
        .scalar_subquery()
        .label("messages"),
        select(func.count()).where(_within(Review.created_at, span)).scalar_subquery().label("reviews"),
        select(func.coalesce(func.sum(Review.rating), 0))
        .where(_within(Review.created_at, span))
        .scalar_subquery()
        .label("stars"),
    )
    return {name: int(value) for name, value in work.session.execute(one).mappings().one().items()}


def active(work: Work, span: Span) -> dict[UserType, int]:
    """People who did something in these days: asked for a date or seats, wrote, reviewed, paid. By role."""
    asked = select(Artist.user_id).join(Booking, Booking.artist_id == Artist.id)
    was_asked = select(Host.user_id).join(Booking, Booking.host_id == Host.id)
    someone = union(
        asked.where(_within(Booking.requested_at, span), Booking.requested_by == "artist"),
        was_asked.where(_within(Booking.requested_at, span), Booking.requested_by == "host"),
        asked.where(_within(Booking.confirmed_at, span)),
        was_asked.where(_within(Booking.confirmed_at, span)),
        select(Fan.user_id).join(Rsvp, Rsvp.fan_id == Fan.id).where(_within(Rsvp.requested_at, span)),
        select(Message.sender_id).where(_within(Message.created_at, span), Message.kind == MessageKind.TEXT),
        select(Review.reviewer_id).where(_within(Review.created_at, span)),
        select(Payment.user_id).where(_within(Payment.completed_at, span)),
    ).subquery()
    rows = work.session.execute(
        select(User.user_type, func.count()).where(User.id.in_(select(someone))).group_by(User.user_type)
    )
    return {kind: count for kind, count in rows}  # noqa: C416 - as above


def decided(work: Work, span: Span) -> list[tuple[ApplicationKind, int, int, float | None]]:
    """Applications decided in these days: kind, let in, turned away, and the median of hours from the submission."""
    hours = func.extract("epoch", Application.decided_at - Application.submitted_at) / 3600
    rows = work.session.execute(
        select(
            Application.kind,
            func.count().filter(Application.state == ApplicationState.APPROVED),
            func.count().filter(Application.state == ApplicationState.REJECTED),
            func.percentile_cont(0.5).within_group(hours),
        )
        .where(_within(Application.decided_at, span))
        .group_by(Application.kind)
        .order_by(Application.kind)
    )
    return [(kind, yes, no, None if median is None else float(median)) for kind, yes, no, median in rows]


def by_step(work: Work, span: Span, step: Step) -> dict[str, dict[date, int]]:
    """What the bars are made of: for each measure what it comes to by the first day of each step."""

    def series(
        column: InstrumentedAttribute[Any], value: ColumnElement[Any], *where: ColumnElement[bool]
    ) -> dict[date, int]:
        first = cast(func.date_trunc(step.value, func.timezone("UTC", column)), Date)
        rows = work.session.execute(select(first, value).where(_within(column, span), *where).group_by(first))
        return {day: int(count) for day, count in rows}

    played = Concert.state == ConcertState.COMPLETED
    return {
        "registered": series(User.created_at, func.count()),
        "bookings_requested": series(Booking.requested_at, func.count()),
        "shows_played": series(Concert.starts_at, func.count(), played),
        "seats_taken": series(Concert.starts_at, func.sum(Concert.seats_taken), played),
        "paid_cents": series(Payment.completed_at, func.sum(Payment.amount_cents), Payment.state.in_(PAID)),
    }
