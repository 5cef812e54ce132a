"""What may be asked for, who answers when, and what a cancellation gives back (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tourpad.core.bookings.states import BookingState, CancelledBy, Side
from tourpad.core.fields import Fields
from tourpad.core.money import BASIS, Money

RESPOND_WITHIN = timedelta(hours=48)
"""Then whoever has to answer is reminded."""

EXPIRES_AFTER = timedelta(days=7)
"""Then an unanswered offer ends by itself (DESIGN: state machines)."""

SECURE_WITHIN = timedelta(hours=72)
"""The host has that long to pay the fee that was agreed."""

FEE_REMINDER = timedelta(hours=24)
"""So long before that ends, the host is reminded."""

FULL_REFUND_BEFORE = timedelta(days=30)
HALF_REFUND_BEFORE = timedelta(days=7)
"""A host who cancels more than so long before the show gets all, or half, of the fee back."""

SHORTEST_MINUTES = 15
LONGEST_MINUTES = 480
MOST_DAYS_AHEAD = 730
MOST_FEE_CENTS = 10_000_000
SMALLEST_CHARGE_CENTS = 50
"""Stripe charges no less (MONEY: what went wrong elsewhere)."""

MOST_DOOR_FEE_CENTS = 50_000
LONGEST_TEXT = 5_000
DEFAULT_ARTIST_DOOR_BPS = 8_000
"""The artist's share of the door unless the offer says otherwise."""

MOST_AVAILABILITY_DAYS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an offer says. Amounts are cents, the duration is minutes, date and time are local to the host."""

    date: date
    time: time
    duration: int
    artist_fee_cents: int
    door_fee_cents: int = 0
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS


REQUEST_FIELDS: Mapping[str, str] = {
    "date": "requested_date",
    "time": "requested_time",
    "duration": "estimated_duration",
}
"""What the request calls its terms."""

COUNTER_FIELDS: Mapping[str, str] = {
    "date": "counter_offer.date",
    "time": "counter_offer.time",
    "duration": "counter_offer.duration",
    "artist_fee_cents": "counter_offer.artist_fee_cents",
    "door_fee_cents": "counter_offer.door_fee_cents",
    "artist_door_bps": "counter_offer.artist_door_bps",
}
"""What a counter-offer calls them."""


def check_terms(
    terms: Terms,
    *,
    today: date,
    platform_fee_bps: int,
    names: Mapping[str, str],
    found: Fields | None = None,
) -> None:
    """Refuse terms that can't be kept.

    Args:
        terms: what is offered.
        today: the date at the host's.
        platform_fee_bps: our share of the door; the artist can't be promised more than the rest.
        names: what the input calls the fields.
        found: where to collect faults; raised here when none is given.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    fields = found or Fields()

    def wrong(field: str, message: str) -> None:
        fields.wrong(names.get(field, field), message)

    if terms.date <= today:
        wrong("date", "must be in the future (in the host's time zone)")
    elif terms.date > today + timedelta(days=MOST_DAYS_AHEAD):
        wrong("date", "must be within two years")
    if terms.time.tzinfo is not None:
        wrong("time", "is local to the host: leave out the offset")
    if not SHORTEST_MINUTES <= terms.duration <= LONGEST_MINUTES:
        wrong("duration", f"must be between {SHORTEST_MINUTES} and {LONGEST_MINUTES} minutes")
    _check_amount(wrong=wrong, field="artist_fee_cents", cents=terms.artist_fee_cents, most=MOST_FEE_CENTS)
    _check_amount(wrong=wrong, field="door_fee_cents", cents=terms.door_fee_cents, most=MOST_DOOR_FEE_CENTS)
    if not 0 <= terms.artist_door_bps <= BASIS - platform_fee_bps:
        wrong("artist_door_bps", f"must be between 0 and {BASIS - platform_fee_bps:,} basis points")
    if found is None:
        fields.done()


def check_attendance(found: Fields, *, expected: int, capacity: int) -> None:
    """Remember a fault where more people are expected than fit (or nobody)."""
    if capacity == 0:
        found.wrong("expected_attendance", "can't be met: the host has not said how many people fit")
    elif not 1 <= expected <= capacity:
        found.wrong("expected_attendance", f"must be between 1 and {capacity}, which is what fits there")


def clean_text(found: Fields, field: str, text: str | None) -> str | None:
    """A message without blanks around it; nothing where there is none."""
    if text is None or not text.strip():
        return None
    return found.text(field, text, longest=LONGEST_TEXT, lines=True)


def turn_after(maker: Side) -> Side:
    """Who has to answer an offer."""
    return Side.HOST if maker is Side.ARTIST else Side.ARTIST


def remind_at(made_at: datetime, starts_at: datetime) -> datetime:
    """When whoever has to answer an offer is reminded; never after the show would begin."""
    return min(made_at + RESPOND_WITHIN, starts_at)


def offer_ends(made_at: datetime, starts_at: datetime) -> datetime:
    """When an unanswered offer ends; never after the show would begin."""
    return min(made_at + EXPIRES_AFTER, starts_at)


def fee_due(approved_at: datetime, starts_at: datetime) -> datetime:
    """Until when the fee must be paid; never after the show would begin."""
    return min(approved_at + SECURE_WITHIN, starts_at)


class Step(StrEnum):
    """What time passing means for an open booking."""

    WAIT = "wait"
    REMIND = "remind"
    EXPIRE = "expire"


def next_step(
    *,
    state: BookingState,
    now: datetime,
    made_at: datetime,
    starts_at: datetime,
    respond_by: datetime | None,
    reminded: bool,
    fee: Money,
) -> Step:
    """Whether an open booking waits, is to be reminded of, or has run out.

    Args:
        state: of the booking.
        now: the present.
        made_at: when the present offer was made.
        starts_at: when the show would begin.
        respond_by: when the present turn (or the time to pay) ends.
        reminded: whether a reminder of it has been sent.
        fee: what the host owes once it is approved.
    """
    if state is BookingState.APPROVED:
        if respond_by is not None and now >= respond_by:
            return Step.EXPIRE
        soon = respond_by is not None and now >= respond_by - FEE_REMINDER
        return Step.REMIND if soon and fee and not reminded else Step.WAIT
    if state not in (BookingState.PENDING, BookingState.COUNTERED):
        return Step.WAIT
    if now >= offer_ends(made_at, starts_at):
        return Step.EXPIRE
    return Step.REMIND if not reminded and now >= remind_at(made_at, starts_at) else Step.WAIT


def cancellation_refund(*, paid: Money, notice: timedelta, by: CancelledBy) -> Money:
    """What of the fee goes back to the host when a confirmed show is called off.

    All of it when the artist or TourPad calls it off. When the host does: all of it more than 30 days before the show,
    half (the odd cent is the host's) more than 7 days before, nothing later; what stays is the artist's.

    Args:
        paid: the fee as it was paid.
        notice: how long before the show it is called off.
        by: who calls it off.
    """
    if by is not CancelledBy.HOST or notice > FULL_REFUND_BEFORE:
        return paid
    if notice > HALF_REFUND_BEFORE:
        return paid.share(BASIS // 2)
    return Money(0, paid.currency)


def _check_amount(*, wrong: Callable[[str, str], None], field: str, cents: int, most: int) -> None:
    if cents != 0 and not SMALLEST_CHARGE_CENTS <= cents <= most:
        wrong(field, f"must be 0, or between {SMALLEST_CHARGE_CENTS} and {most:,} cents")
