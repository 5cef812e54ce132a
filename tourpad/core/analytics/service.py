"""The report: every figure of the days that were asked for, beside those of as many days before."""

from tourpad.core.analytics import queries, rules
from tourpad.core.analytics.figures import (
    Bar,
    Booking,
    Books,
    Deciding,
    Engagement,
    Figures,
    Joining,
    Paid,
    Paying,
    Playing,
    Report,
)
from tourpad.core.analytics.rules import Span, Step
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts.states import ConcertState
from tourpad.core.identity.states import UserType
from tourpad.core.ledger import rules as accounts
from tourpad.core.memberships.rules import LIVE
from tourpad.core.payments.states import PaymentState
from tourpad.core.work import Work

REVENUE = (accounts.PLATFORM_REVENUE, accounts.MEMBERSHIP_REVENUE)
COSTS = (accounts.STRIPE_FEES, accounts.DISPUTE_FEES, accounts.DISPUTE_LOSSES)


def report(work: Work, *, span: Span, step: Step | None = None) -> Report:
    """Business metrics of some days.

    Args:
        work: reads only; a replica will do.
        span: which days, in UTC.
        step: what a bar stands for; what fits the days if nothing is said.

    Raises:
        InvalidInputError: there would be more bars than anybody reads.
    """
    chosen = step or rules.step_for(span)
    rules.check_steps(span, chosen)
    series = queries.by_step(work, span, chosen)
    bars = tuple(
        Bar(first=day, **{name: found.get(day, 0) for name, found in series.items()}) for day in span.steps(chosen)
    )
    return Report(now=figures(work, span), before=figures(work, span.before), step=chosen, bars=bars)


def figures(work: Work, span: Span) -> Figures:
    """Everything but the bars."""
    return Figures(
        first=span.first,
        last=span.last,
        joining=_joining(work, span),
        deciding=tuple(Deciding(*row) for row in queries.decided(work, span)),
        booking=_booking(work, span),
        playing=_playing(work, span),
        paying=_paying(work, span),
        paid=tuple(Paid(*row) for row in queries.paid(work, span)),
        books=_books(work, span),
        engagement=_engagement(work, span),
    )


def _joining(work: Work, span: Span) -> tuple[Joining, ...]:
    found = queries.registered(work, span)
    rows: list[Joining] = []
    for role in (UserType.ARTIST, UserType.HOST, UserType.FAN):
        counts = found.get(role, {})
        rows.append(
            Joining(
                role=role,
                registered=counts.get("registered", 0),
                verified=counts.get("verified", 0),
                applied=None if role is UserType.FAN else counts.get("applied", 0),
                let_in=None if role is UserType.FAN else counts.get("let_in", 0),
                members=None if role is UserType.HOST else counts.get("members", 0),
            )
        )
    return tuple(rows)


def _booking(work: Work, span: Span) -> Booking:
    found = queries.requested(work, span)
    never = {state: count for (state, confirmed), count in found.items() if not confirmed}
    return Booking(
        requested=sum(found.values()),
        confirmed=sum(count for (_, confirmed), count in found.items() if confirmed),
        declined=never.get(BookingState.REJECTED, 0),
        expired=never.get(BookingState.EXPIRED, 0),
        withdrawn=never.get(BookingState.CANCELLED, 0),
        undecided=sum(
            never.get(state, 0) for state in (BookingState.PENDING, BookingState.COUNTERED, BookingState.APPROVED)
        ),
        called_off=found.get((BookingState.CANCELLED, True), 0),
    )


def _playing(work: Work, span: Span) -> Playing:
    found = queries.shows(work, span)
    played, seats, taken = found.get(ConcertState.COMPLETED, (0, 0, 0))
    ahead = sum(found[state][0] for state in (ConcertState.SCHEDULED, ConcertState.LIVE) if state in found)
    called_off = found.get(ConcertState.CANCELLED, (0, 0, 0))[0]
    return Playing(played=played, called_off=called_off, ahead=ahead, seats=seats, seats_taken=taken)


def _paying(work: Work, span: Span) -> Paying:
    found = queries.begun(work, span)
    failed, given_up, waiting = (
        found.get(state, 0) for state in (PaymentState.FAILED, PaymentState.CANCELLED, PaymentState.PENDING)
    )
    begun = sum(found.values())
    return Paying(
        begun=begun, completed=begun - failed - given_up - waiting, failed=failed, given_up=given_up, waiting=waiting
    )


def _books(work: Work, span: Span) -> tuple[Books, ...]:
    moved = queries.moved(work, span, (*REVENUE, *COSTS))
    sent = queries.paid_out(work, span)
    return tuple(
        Books(
            currency=currency,
            # Income stands on the credit side, below zero; what it cost above.
            revenue_cents=-sum(moved.get((name, currency), 0) for name in REVENUE),
            costs_cents=sum(moved.get((name, currency), 0) for name in COSTS),
            paid_out_cents=sent.get(currency, 0),
        )
        for currency in sorted({currency for _, currency in moved} | set(sent))
    )


def _engagement(work: Work, span: Span) -> Engagement:
    counted = queries.done(work, span)
    reviews = counted["reviews"]
    return Engagement(
        members=sum(count for state, count in queries.members_now(work).items() if state in LIVE),
        active=queries.active(work, span),
        seat_requests=counted["seat_requests"],
        messages=counted["messages"],
        reviews=reviews,
        average_rating=round(counted["stars"] / reviews, 2) if reviews else None,
    )
