"""What lines of history may say: bookings that are over, the shows that were played, what was said of them (pure)."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, Final

from tourpad.core.bookings import rules as bookings
from tourpad.core.bookings.service import OVER, Course
from tourpad.core.bookings.states import BookingState, CancelledBy
from tourpad.core.bookings.terms import Terms
from tourpad.core.concerts import rules as concerts
from tourpad.core.errors import FieldError
from tourpad.core.fields import Fields
from tourpad.core.relocation.rules import past
from tourpad.core.reviews import rules as reviews
from tourpad.core.values import Value

DURATION: Final = 90
"""Minutes of a show of which nobody says how long it was."""


class CleanBooking(Value):
    """One booking, checked."""

    terms: Terms
    course: Course


class CleanReview(Value):
    """One review, checked."""

    rating: int
    text: str | None
    is_public: bool
    written_at: datetime
    response: str | None
    responded_at: datetime | None


def check_booking(said: Mapping[str, Any], *, now: datetime) -> tuple[CleanBooking | None, list[FieldError]]:
    """A booking that is over: the artist's fee and the price at the door are on record, and were paid elsewhere."""
    found = Fields()
    state = _state(found, said.get("state"))
    day = _day(found, said.get("requested_date"))
    clock = _clock(found, said.get("requested_time"))
    if state is BookingState.COMPLETED and day is not None and day >= now.date():
        found.wrong("requested_date", "lies ahead: only what was played is completed")
    lowest, highest = bookings.SHORTEST_MINUTES, bookings.LONGEST_MINUTES
    duration = found.number("estimated_duration", said.get("estimated_duration", DURATION), low=lowest, high=highest)
    people = found.number("expected_attendance", said.get("expected_attendance", 0), low=0, high=bookings.MOST_PEOPLE)
    fee = found.number("artist_fee_cents", said.get("artist_fee_cents", 0), low=0, high=bookings.MOST_FEE_CENTS)
    door = found.number("door_fee_cents", said.get("door_fee_cents", 0), low=0, high=bookings.MOST_DOOR_FEE_CENTS)
    if 0 < door < bookings.SMALLEST_CHARGE_CENTS:
        found.wrong("door_fee_cents", f"must be 0 or at least {bookings.SMALLEST_CHARGE_CENTS}")
    lodging = found.flag("lodging_requested", said.get("lodging_requested", False))
    names = ("message", "artist_response", "host_response", "cancel_reason")
    texts = {name: bookings.clean_text(found, name, _text(found, name, said)) for name in names}
    at = {
        name: past(found, name, said, now=now)
        for name in ("requested_at", "responded_at", "confirmed_at", "completed_at", "cancelled_at")
    }
    for name, its in (("completed_at", BookingState.COMPLETED), ("cancelled_at", BookingState.CANCELLED)):
        if at[name] is not None and state is not its:
            found.wrong(name, f"is of a booking that is {its}")
    by = said.get("cancelled_by")
    cancelled_by = None if by is None else found.choice("cancelled_by", by, CancelledBy)
    if by is not None and state is not BookingState.CANCELLED:
        found.wrong("cancelled_by", f"is of a booking that is {BookingState.CANCELLED}")
    if found.errors or state is None or day is None or clock is None:
        return None, found.errors
    return (
        CleanBooking(
            terms=Terms(
                date=day,
                time=clock,
                duration=duration,
                artist_fee_cents=fee,
                door_fee_cents=door,
                expected_attendance=people,
                lodging_requested=lodging,
            ),
            course=Course(
                state=state,
                requested_at=at["requested_at"],
                responded_at=at["responded_at"],
                confirmed_at=at["confirmed_at"],
                completed_at=at["completed_at"],
                cancelled_at=at["cancelled_at"],
                cancelled_by=cancelled_by,
                message=texts["message"],
                artist_response=texts["artist_response"],
                host_response=texts["host_response"],
                cancel_reason=texts["cancel_reason"],
            ),
        ),
        [],
    )


def check_concert(said: Mapping[str, Any]) -> tuple[dict[str, Any] | None, list[FieldError]]:
    """A show that was played: what it was called, and how many came."""
    found = Fields()
    clean: dict[str, Any] = {}
    if "title" in said:
        clean["title"] = found.text("title", said["title"], longest=concerts.LONGEST_TITLE)
    if "description" in said:
        longest = concerts.LONGEST_DESCRIPTION
        clean["description"] = found.text("description", said["description"], longest=longest, lines=True)
    if "max_capacity" in said:
        clean["max_capacity"] = found.number("max_capacity", said["max_capacity"], low=1, high=bookings.MOST_PEOPLE)
    if "seats_taken" in said:
        most = clean.get("max_capacity", bookings.MOST_PEOPLE)
        clean["seats_taken"] = found.number("seats_taken", said["seats_taken"], low=0, high=most)
    clean["is_private"] = found.flag("is_private", said.get("is_private", False))
    return (None if found.errors else clean), found.errors


def check_review(said: Mapping[str, Any], *, now: datetime) -> tuple[CleanReview | None, list[FieldError]]:
    """What one side said of the other."""
    found = Fields()
    low, high = reviews.RATINGS
    rating = found.number("rating", said.get("rating", low), low=low, high=high)
    texts = {
        name: found.text(name, said[name], longest=reviews.LONGEST_TEXT, lines=True) if name in said else None
        for name in ("review_text", "response_text")
    }
    public = found.flag("is_public", said.get("is_public", True))
    written_at = past(found, "created_at", said, now=now)
    responded_at = past(found, "responded_at", said, now=now)
    if responded_at is not None and texts["response_text"] is None:
        found.wrong("response_text", "is needed with responded_at")
    if found.errors or written_at is None:
        return None, found.errors
    return (
        CleanReview(
            rating=rating,
            text=texts["review_text"],
            is_public=public,
            written_at=written_at,
            response=texts["response_text"],
            responded_at=responded_at,
        ),
        [],
    )


def _text(found: Fields, name: str, said: Mapping[str, Any]) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        found.wrong(name, "must be text")
        return None
    return value


def _state(found: Fields, value: object) -> BookingState | None:
    if value in set(BookingState) - set(OVER):
        found.wrong("state", f"can't be {value}: what is still open is agreed on here anew; bring what is over")
        return None
    if value not in OVER:
        found.wrong("state", f"must be one of {', '.join(OVER)}")
        return None
    return BookingState(str(value))


def _day(found: Fields, value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        found.wrong("requested_date", "must be a date like 2025-11-03")
        return None


def _clock(found: Fields, value: object) -> time | None:
    try:
        at = time.fromisoformat(str(value))
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None:
        found.wrong("requested_time", "must be a time at the host’s like 19:30")
        return None
    return at
