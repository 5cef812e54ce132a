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
    for group, counts, share in _groups(figures):
        for name, value in counts.items():
            yield group, name, value, False
        if share is not None:
            yield group, *share, True


def _groups(figures: Figures) -> Iterator[tuple[str, dict[str, Amount], tuple[str, Amount] | None]]:
    """Each group: its counts and sums, and the share that closes it."""
    for one in figures.joining:
        counts: dict[str, Amount] = {"registered": one.registered, "proved their address": one.verified}
        if one.applied is not None:
            counts |= {"applied": one.applied, "were let in": one.let_in}
        if one.members is not None:
            counts["took a membership"] = one.members
        yield f"{one.role}s who registered", counts, ("came all the way", one.conversion_percent)
    for decided in figures.deciding:
        counts = {
            "let in": decided.let_in,
            "turned away": decided.turned_away,
            "hours to a decision (the median)": _rounded(decided.median_hours),
        }
        yield f"{decided.kind} applications decided", counts, None
    booking, playing, paying = figures.booking, figures.playing, figures.paying
    counts = {
        "asked for": booking.requested,
        "confirmed": booking.confirmed,
        "called off later": booking.called_off,
        "declined": booking.declined,
        "expired": booking.expired,
        "withdrawn": booking.withdrawn,
        "not decided yet": booking.undecided,
    }
    yield "bookings asked for", counts, ("success", booking.success_percent)
    counts = {
        "played": playing.played,
        "called off": playing.called_off,
        "still ahead": playing.ahead,
        "seats taken": playing.seats_taken,
    }
    yield "shows", counts, ("of the seats there were", playing.fill_percent)
    counts = {
        "begun": paying.begun,
        "completed": paying.completed,
        "failed": paying.failed,
        "given up": paying.given_up,
        "waiting": paying.waiting,
    }
    yield "payments begun", counts, ("completed, of what does not wait", paying.completion_percent)
    for paid in figures.paid:
        name = _WHAT[paid.kind]
        counts = {
            f"{name} paid": Money(paid.amount_cents, paid.currency),
            f"{name} given back of it": Money(paid.refunded_cents, paid.currency),
        }
        yield "money", counts, None
    for books in figures.books:
        counts = {
            "our revenue": Money(books.revenue_cents, books.currency),
            "fees and losses": Money(books.costs_cents, books.currency),
            "sent to artists and hosts": Money(books.paid_out_cents, books.currency),
        }
        yield "money", counts, None
    engagement = figures.engagement
    counts = {_NOW: engagement.members}
    counts |= {
        f"{role}s who did something": engagement.active.get(role, 0)
        for role in (UserType.ARTIST, UserType.HOST, UserType.FAN)
    }
    counts |= {
        "requests for seats": engagement.seat_requests,
        "messages": engagement.messages,
        "reviews": engagement.reviews,
        "stars, on average": engagement.average_rating,
    }
    yield "taking part", counts, None


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)
