"""An artist asks a host for a date."""

from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import NotListed
from tourpad.core.bookings.events import BookingRequested
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.moments import local_today
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.rules import Terms
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.errors import NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.work import Work

CURRENCY = "USD"


def request(
    work: Work,
    *,
    user_id: UUID,
    host_id: UUID,
    terms: Terms,
    expected_attendance: int,
    message: str | None,
    lodging_requested: bool = False,
    lodging_details: dict[str, Any] | None = None,
) -> Booking:
    """Ask a host for a date. The first offer is the request itself; it is the host's turn.

    Args:
        work: the unit of work.
        user_id: the artist's account.
        host_id: the host's profile.
        terms: date, time (local to the host), minutes and cents.
        expected_attendance: people.
        message: to the host.
        lodging_requested: whether the artist would like to stay the night.
        lodging_details: for how many, how long, what matters.

    Raises:
        NotFoundError: no such host, or one that is not listed.
        NotListed: the artist does not take part at present.
        InvalidInputError: naming every wrong field.
        DateBlocked, DateTaken: the date can't be had.
        AlreadyRequested: this artist has asked this host for that date, and it is not decided.
    """
    sides = _who(work, user_id, host_id)
    found = Fields()
    rules.check_terms(
        terms,
        today=local_today(work.now, sides.time_zone),
        platform_fee_bps=work.settings.platform_fee_bps,
        names=rules.REQUEST_FIELDS,
        found=found,
    )
    rules.check_attendance(found, expected=expected_attendance, capacity=sides.capacity)
    text = rules.clean_text(found, "message", message)
    found.done()
    steps.check_date(work, sides, terms.date, speaker=Side.ARTIST)
    booking = Booking(
        id=new_id(),
        concert_id=new_id(),
        artist_id=sides.artist_id,
        host_id=sides.host_id,
        state=BookingState.PENDING,
        offer_number=1,
        expected_attendance=expected_attendance,
        currency=CURRENCY,
        artist_message=text,
        lodging_requested=lodging_requested,
        lodging_details=lodging_details or {},
        requested_at=work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    offer = steps.put_offer(
        work, booking, terms, by=Side.ARTIST, sides=sides, message=text, lodging=booking.lodging_details
    )
    with steps.translated(work, terms.date):
        work.add(booking)
        work.add(offer)
    work.audit("booking.request", target_type="booking", target_id=booking.id, date=terms.date.isoformat())
    work.emit(BookingRequested(booking_id=booking.id))
    return booking


def _who(work: Work, user_id: UUID, host_id: UUID) -> Sides:
    row = queries.sides_to_book(work, artist_user_id=user_id, host_id=host_id)
    if row is None or not row[2]:
        raise NotFoundError("No host has this id.", hint="GET /api/hosts lists them.")
    sides, artist_listed, _ = row
    if not artist_listed:
        raise NotListed(
            "You can ask for dates once you are let in and a member.", hint="GET /api/users/me says how you stand."
        )
    return sides
