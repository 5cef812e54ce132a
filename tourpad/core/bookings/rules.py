"""What may be asked for, and who answers when (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from tourpad.core.bookings.states import BookingState, DoorMode, Policy, Side
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
    door_mode: DoorMode = DoorMode.FIXED
    door_minimum_cents: int = 0
    """What each guest pays at least, where they pay what they can."""
    door_suggested_cents: int = 0
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS
    fee_policy: Policy = Policy.MODERATE
    door_policy: Policy = Policy.MODERATE


REQUEST_FIELDS: Mapping[str, str] = {
    "date": "requested_date",
    "time": "requested_time",
    "duration": "estimated_duration",
}
"""What the request calls its terms."""

COUNTER_FIELDS: Mapping[str, str] = {field.name: f"counter_offer.{field.name}" for field in fields(Terms)}
"""What a counter-offer calls them."""


def changed(present: Terms, changes: Mapping[str, Any]) -> Terms:
    """Other terms: those of `present`, with what differs. A door of another mode begins without the amounts of the old.

    Args:
        present: the terms in force.
        changes: what differs, by the names of `Terms`.
    """
    if changes.get("door_mode", present.door_mode) is not present.door_mode:
        present = replace(present, door_fee_cents=0, door_minimum_cents=0, door_suggested_cents=0)
    return replace(present, **changes)


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
    faults = found or Fields()

    def wrong(field: str, message: str) -> None:
        faults.wrong(names.get(field, field), message)

    if terms.date <= today:
        wrong("date", "must be in the future (in the host's time zone)")
    elif terms.date > today + timedelta(days=MOST_DAYS_AHEAD):
        wrong("date", "must be within two years")
    if terms.time.tzinfo is not None:
        wrong("time", "is local to the host: leave out the offset")
    if not SHORTEST_MINUTES <= terms.duration <= LONGEST_MINUTES:
        wrong("duration", f"must be between {SHORTEST_MINUTES} and {LONGEST_MINUTES} minutes")
    _check_amount(wrong=wrong, field="artist_fee_cents", cents=terms.artist_fee_cents, most=MOST_FEE_CENTS)
    _check_door(terms, wrong)
    if not 0 <= terms.artist_door_bps <= BASIS - platform_fee_bps:
        wrong("artist_door_bps", f"must be between 0 and {BASIS - platform_fee_bps:,} basis points")
    if found is None:
        faults.done()


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


def _check_door(terms: Terms, wrong: Callable[[str, str], None]) -> None:
    """A seat has a price, or a floor and a suggestion; not both."""
    amounts = ("door_fee_cents", "door_minimum_cents", "door_suggested_cents")
    for field in amounts:
        _check_amount(wrong=wrong, field=field, cents=getattr(terms, field), most=MOST_DOOR_FEE_CENTS)
    if terms.door_mode is DoorMode.FIXED:
        for field in amounts[1:]:
            if getattr(terms, field):
                wrong(field, "is for a door where guests pay what they can")
        return
    if terms.door_fee_cents:
        wrong("door_fee_cents", "must be 0 where guests pay what they can: say what is suggested, and the least")
    if terms.door_suggested_cents and terms.door_suggested_cents < terms.door_minimum_cents:
        wrong("door_suggested_cents", "must not be less than the least")


def _check_amount(*, wrong: Callable[[str, str], None], field: str, cents: int, most: int) -> None:
    if cents != 0 and not SMALLEST_CHARGE_CENTS <= cents <= most:
        wrong(field, f"must be 0, or between {SMALLEST_CHARGE_CENTS} and {most:,} cents")
