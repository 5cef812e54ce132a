"""An artist asks a host for a date, or a host invites an artist."""

from uuid import UUID

from tourpad.core.availability.queries import trips
from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import NotListed
from tourpad.core.bookings.events import BookingRequested
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.service.signing import UNTYPED, Signing, sign
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.bookings.terms import Terms
from tourpad.core.errors import NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.hosts import queries as hosts
from tourpad.core.ids import new_id
from tourpad.core.values import replace
from tourpad.core.work import Work

CURRENCY = "USD"


def request(
    work: Work,
    *,
    user_id: UUID,
    terms: Terms,
    message: str | None,
    host_id: UUID | None = None,
    artist_id: UUID | None = None,
    trip_id: UUID | None = None,
    signing: Signing = UNTYPED,
) -> Booking:
    """Ask the other side for a date. The first offer is the request itself; it is their turn.

    Args:
        work: the unit of work.
        user_id: who asks.
        terms: date, time (local to the host), minutes, cents and people.
        message: to the other side.
        host_id: where an artist asks, the host's profile; or
        artist_id: where a host invites, the artist's profile.
        trip_id: the artist's trip that an invitation answers.
        signing: the name under it.

    Raises:
        NotFoundError: nobody by that id, or they are not listed.
        NotListed: who asks does not take part at present.
        InvalidInputError: naming every wrong field.
        DateBlocked, DateTaken: the date can't be had.
        AlreadyRequested: these two have an undecided request for that date.
    """
    by = Side.ARTIST if artist_id is None else Side.HOST
    sides = _who(work, user_id, host_id=host_id, artist_id=artist_id)
    found = Fields()
    terms = replace(
        terms,
        maximum_attendance=terms.maximum_attendance or sides.capacity,
        house_rules=terms.house_rules or queries.house_rules(work, sides.host_id),
    )
    rules.check_terms(
        terms,
        now=work.now,
        time_zone=sides.time_zone,
        platform_fee_bps=work.settings.platform_fee_bps,
        capacity=sides.capacity,
        names=rules.REQUEST_FIELDS,
        found=found,
    )
    text = rules.clean_text(found, "message", message)
    if trip_id is not None and not (
        by is Side.HOST
        and trips.passes_near(
            work,
            trip_id=trip_id,
            artist_id=sides.artist_id,
            host=hosts.get(work, sides.host_id),
            day=terms.date,
        )
    ):
        found.wrong("trip_id", "is no trip of this artist that passes near you on that day")
    found.done()
    steps.check_date(work, sides, terms.date, speaker=by)
    booking = Booking(
        id=new_id(),
        concert_id=new_id(),
        artist_id=sides.artist_id,
        host_id=sides.host_id,
        state=BookingState.PENDING,
        requested_by=by,
        trip_id=trip_id,
        currency=CURRENCY,
        message=text,
        requested_at=work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    steps.put_in_force(booking, terms, number=1, time_zone=sides.time_zone)
    offer = steps.make_offer(work, booking, terms, number=1, by=by, time_zone=sides.time_zone, message=text)
    with steps.translated(work, sides, terms.date, speaker=by):
        work.add(booking)
        work.add(offer)
    sign(work, booking, offer, side=by, user_id=user_id, by=signing)
    work.audit("booking.request", target_type="booking", target_id=booking.id, date=terms.date.isoformat(), by=by)
    work.emit(BookingRequested(booking_id=booking.id))
    return booking


def _who(work: Work, user_id: UUID, *, host_id: UUID | None, artist_id: UUID | None) -> Sides:
    """The two sides, where whoever is asked is listed and whoever asks is, too."""
    row = queries.sides_to_book(work, user_id=user_id, host_id=host_id, artist_id=artist_id)
    asks_host = artist_id is None
    if row is None or not (row.host_listed if asks_host else row.artist_listed):
        noun, where = ("host", "/api/hosts") if asks_host else ("artist", "/api/artists")
        raise NotFoundError(f"No {noun} has this id.", hint=f"GET {where} lists them.")
    if not (row.artist_listed if asks_host else row.host_listed):
        raise NotListed(
            "You can ask for dates once you are let in" + (" and a member." if asks_host else "."),
            hint="GET /api/users/me says how you stand.",
        )
    return row.sides
