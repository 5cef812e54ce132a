"""Figures as lines: what each is called, what it comes to, and what it came to before. For screens and pipes."""

from collections.abc import Iterator
from typing import Final

from tourpad.core.analytics.figures import Figures, Report
from tourpad.core.identity.states import UserType
from tourpad.core.money import Money
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import Value

_WHAT: Final = {
    PaymentKind.MEMBERSHIP: "memberships",
    PaymentKind.BOOKING: "guarantees",
    PaymentKind.DOOR_FEE: "door fees",
}
_NOW: Final = "members now"
Amount = int | float | Money | None


class Measure(Value):
    """One figure of a report."""

    group: str
    name: str
    now: Amount
    before: Amount
    is_share: bool = False
    """It is per cent."""


def measures(report: Report) -> list[Measure]:
    """All figures in the order in which they are read: who comes, what is booked, played and paid, who takes part."""
    now = list(_lines(report.now))
    before = {(group, name): value for group, name, value, _ in _lines(report.before) if name != _NOW}
    return [Measure(group, name, value, before.get((group, name)), share) for group, name, value, share in now]


def _lines(figures: Figures) -> Iterator[tuple[str, str, Amount, bool]]:
    for one in figures.joining:
        group = f"{one.role}s who registered"
        yield group, "registered", one.registered, False
        yield group, "proved their address", one.verified, False
        if one.applied is not None:
            yield group, "applied", one.applied, False
            yield group, "were let in", one.let_in, False
        if one.members is not None:
            yield group, "took a membership", one.members, False
        yield group, "came all the way", one.conversion_percent, True
    for decided in figures.deciding:
        group = f"{decided.kind} applications decided"
        yield group, "let in", decided.let_in, False
        yield group, "turned away", decided.turned_away, False
        yield group, "hours to a decision (the median)", _rounded(decided.median_hours), False
    booking = figures.booking
    yield "bookings asked for", "asked for", booking.requested, False
    yield "bookings asked for", "confirmed", booking.confirmed, False
    yield "bookings asked for", "called off later", booking.called_off, False
    yield "bookings asked for", "declined", booking.declined, False
    yield "bookings asked for", "expired", booking.expired, False
    yield "bookings asked for", "withdrawn", booking.withdrawn, False
    yield "bookings asked for", "not decided yet", booking.undecided, False
    yield "bookings asked for", "success", booking.success_percent, True
    playing = figures.playing
    yield "shows", "played", playing.played, False
    yield "shows", "called off", playing.called_off, False
    yield "shows", "still ahead", playing.ahead, False
    yield "shows", "seats taken", playing.seats_taken, False
    yield "shows", "of the seats there were", playing.fill_percent, True
    paying = figures.paying
    yield "payments begun", "begun", paying.begun, False
    yield "payments begun", "completed", paying.completed, False
    yield "payments begun", "failed", paying.failed, False
    yield "payments begun", "given up", paying.given_up, False
    yield "payments begun", "waiting", paying.waiting, False
    yield "payments begun", "completed, of what does not wait", paying.completion_percent, True
    for paid in figures.paid:
        name = _WHAT[paid.kind]
        yield "money", f"{name} paid", Money(paid.amount_cents, paid.currency), False
        yield "money", f"{name} given back of it", Money(paid.refunded_cents, paid.currency), False
    for books in figures.books:
        yield "money", "our revenue", Money(books.revenue_cents, books.currency), False
        yield "money", "fees and losses", Money(books.costs_cents, books.currency), False
        yield "money", "sent to artists and hosts", Money(books.paid_out_cents, books.currency), False
    engagement = figures.engagement
    yield "taking part", _NOW, engagement.members, False
    for role in (UserType.ARTIST, UserType.HOST, UserType.FAN):
        yield "taking part", f"{role}s who did something", engagement.active.get(role, 0), False
    yield "taking part", "requests for seats", engagement.seat_requests, False
    yield "taking part", "messages", engagement.messages, False
    yield "taking part", "reviews", engagement.reviews, False
    yield "taking part", "stars, on average", engagement.average_rating, False


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)
