"""What may be asked for, and who answers when (pure)."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum

from tourpad.core.bookings.moments import local_instant, local_today
from tourpad.core.bookings.states import BookingState, DoorMode, Side
from tourpad.core.bookings.terms import Terms
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
LONGEST_NAME = 100
MOST_LODGERS = 100
MOST_PEOPLE = 10_000
SHORTEST_NOTICE_DAYS = 3
"""Guests pay within two days once a minimum is reached, and learn the address two days before the show."""
LONGEST_NOTICE_DAYS = 60
ASK_GUESTS_BEFORE = timedelta(days=3)
"""A show is moved to a date that is further away than this: its guests have a day to answer before they learn the
address."""
MINIMUM_WITHIN = timedelta(days=1)
"""So long at least there is between an agreement and the deadline of its minimum."""


REQUEST_FIELDS: Mapping[str, str] = {
    "date": "requested_date",
    "time": "requested_time",
    "duration": "estimated_duration",
}
"""What the request calls its terms."""

COUNTER_FIELDS: Mapping[str, str] = {field.name: f"counter_offer.{field.name}" for field in fields(Terms)}
"""What a counter-offer calls them."""


def check_terms(
    terms: Terms,
    *,
    now: datetime,
    time_zone: str,
    platform_fee_bps: int,
    capacity: int,
    names: Mapping[str, str],
    found: Fields | None = None,
) -> None:
    """Refuse terms that can't be kept.

    Args:
        terms: what is offered.
        now: the present.
        time_zone: the host's.
        platform_fee_bps: our share of the door; the artist can't be promised more than the rest.
        capacity: how many people fit there.
        names: what the input calls the fields.
        found: where to collect faults; raised here when none is given.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    faults = found or Fields()

    def wrong(field: str, message: str) -> None:
        faults.wrong(names.get(field, field), message)

    today = local_today(now, time_zone)
    if terms.date <= today:
        wrong("date", "must be in the future (in the host's time zone)")
    elif terms.date > today + timedelta(days=MOST_DAYS_AHEAD):
        wrong("date", "must be within two years")
    elif terms.minimum_attendance and now >= latest(terms, time_zone):
        wrong("minimum_notice_days", "leaves guests less than a day: the minimum would have to be reached before that")
    if terms.time.tzinfo is not None:
        wrong("time", "is local to the host: leave out the offset")
    if not SHORTEST_MINUTES <= terms.duration <= LONGEST_MINUTES:
        wrong("duration", f"must be between {SHORTEST_MINUTES} and {LONGEST_MINUTES} minutes")
    _check_amount(wrong=wrong, field="artist_fee_cents", cents=terms.artist_fee_cents, most=MOST_FEE_CENTS)
    _check_door(terms, wrong)
    if not 0 <= terms.artist_door_bps <= BASIS - platform_fee_bps:
        wrong("artist_door_bps", f"must be between 0 and {BASIS - platform_fee_bps:,} basis points")
    _check_people(terms, capacity, wrong)
    _check_words(terms, faults, names)
    if found is None:
        faults.done()


def clean_text(found: Fields, field: str, text: str | None) -> str | None:
    """A message without blanks around it; nothing where there is none."""
    if text is None or not text.strip():
        return None
    return found.text(field, text, longest=LONGEST_TEXT, lines=True)


def turn_after(maker: Side) -> Side:
    """Who has to answer an offer."""
    return Side.HOST if maker is Side.ARTIST else Side.ARTIST


def latest(terms: Terms, time_zone: str) -> datetime:
    """Until when terms can be agreed on at all: the show's beginning, or a day before its minimum must be reached."""
    starts_at = local_instant(terms.date, terms.time, time_zone)
    if not terms.minimum_attendance:
        return starts_at
    return minimum_by(starts_at, terms.minimum_notice_days) - MINIMUM_WITHIN


def minimum_by(starts_at: datetime, notice_days: int) -> datetime:
    """When the minimum of people must be reached."""
    return starts_at - timedelta(days=notice_days)


def remind_at(made_at: datetime, ends_at: datetime) -> datetime:
    """When whoever has to answer an offer is reminded; never after it ends."""
    return min(made_at + RESPOND_WITHIN, ends_at)


def offer_ends(made_at: datetime, *latest: datetime) -> datetime:
    """When an unanswered offer ends; never after the last instant at which it could be kept."""
    return min(made_at + EXPIRES_AFTER, *latest)


def fee_due(approved_at: datetime, latest: datetime) -> datetime:
    """Until when the fee must be paid; never after the last instant at which the terms could be kept."""
    return min(approved_at + SECURE_WITHIN, latest)


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
    expires_at: datetime,
    respond_by: datetime | None,
    asks: bool,
    reminded: bool,
    fee: Money,
) -> Step:
    """Whether an open booking waits, is to be reminded of, or has run out.

    Args:
        state: of the booking.
        now: the present.
        made_at: when the offer that waits was made.
        expires_at: when it ends by itself.
        respond_by: when the present turn (or the time to pay) ends.
        asks: whether somebody has to answer it.
        reminded: whether a reminder of it has been sent.
        fee: what the host owes once it is approved.
    """
    if state is BookingState.APPROVED:
        if respond_by is not None and now >= respond_by:
            return Step.EXPIRE
        soon = respond_by is not None and now >= respond_by - FEE_REMINDER
        return Step.REMIND if soon and fee and not reminded else Step.WAIT
    if not asks:
        return Step.WAIT
    if now >= expires_at:
        return Step.EXPIRE
    return Step.REMIND if not reminded and now >= remind_at(made_at, expires_at) else Step.WAIT


def _check_people(terms: Terms, capacity: int, wrong: Callable[[str, str], None]) -> None:
    """Somebody comes, and all of them fit."""
    if capacity == 0:
        wrong("expected_attendance", "can't be met: the host has not said how many people fit")
        return
    if not 1 <= terms.maximum_attendance <= capacity:
        wrong("maximum_attendance", f"must be between 1 and {capacity}, which is what fits there")
        return
    most = terms.maximum_attendance
    if not 1 <= terms.expected_attendance <= most:
        fits = "which is what fits there" if most == capacity else "which is the most that may come"
        wrong("expected_attendance", f"must be between 1 and {most}, {fits}")
    elif not 0 <= terms.minimum_attendance <= terms.expected_attendance:
        wrong("minimum_attendance", f"must be between 0 and {terms.expected_attendance}, which is what you expect")
    least, longest = SHORTEST_NOTICE_DAYS, LONGEST_NOTICE_DAYS
    if not least <= terms.minimum_notice_days <= longest:
        wrong("minimum_notice_days", f"must be between {least} and {longest}")


def _check_words(terms: Terms, faults: Fields, names: Mapping[str, str]) -> None:
    if terms.house_rules is not None:
        faults.text(names.get("house_rules", "house_rules"), terms.house_rules, longest=LONGEST_TEXT, lines=True)
    for name in ("guests", "nights"):
        count = terms.lodging_details.get(name)
        if count is not None and not 0 <= count <= MOST_LODGERS:
            faults.wrong(
                f"{names.get('lodging_details', 'lodging_details')}.{name}", f"must be between 0 and {MOST_LODGERS}"
            )
    wishes = terms.lodging_details.get("special_requests")
    if wishes is not None:
        field = f"{names.get('lodging_details', 'lodging_details')}.special_requests"
        faults.text(field, wishes, longest=LONGEST_TEXT, lines=True)


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
