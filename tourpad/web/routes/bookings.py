"""Bookings: an artist asks a host for a date, both settle terms, the fee secures it, the show is played."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from tourpad.core.bookings import queries, service
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import BookingFilter, BookingView
from tourpad.core.bookings.rules import DEFAULT_ARTIST_DOOR_BPS, Terms
from tourpad.core.bookings.service.answering import Answer
from tourpad.core.bookings.states import BookingState, DoorMode, Policy
from tourpad.core.concerts import service as concerts
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.bookings import BookingDetail, BookingOut, address_out, booking_out, offer_out
from tourpad.web.changes import sent
from tourpad.web.needs import needs
from tourpad.web.quotes import QuoteAnswer, QuoteOut, quote_out
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination
from tourpad.web.times import read_time

Day = date
"""For fields that are themselves called `date`."""

ESTIMATED_RESPONSE = "within 48 hours"

_SIDES = needs(Permission.ANSWER_BOOKING)


class LodgingWish(Input):
    """What an artist who stays the night would like."""

    guests: int | None = None
    nights: int | None = None
    special_requests: str | None = None


class BookingIn(Input):
    """A request for a date. Date and time are local to the host, the duration is minutes, amounts are US cents."""

    host_id: UUID
    requested_date: date
    requested_time: str
    """Like `19:30`."""
    estimated_duration: int
    expected_attendance: int
    artist_fee_cents: int
    """The guarantee, which the host pays before the date is held. 0, or at least 50."""
    door_fee_cents: int = 0
    """What each guest pays. 0, or at least 50."""
    door_mode: DoorMode = DoorMode.FIXED
    """With `pay_what_you_can` the next two instead of `doorFeeCents`."""
    door_minimum_cents: int = 0
    """What each guest pays at least. 0, or at least 50."""
    door_suggested_cents: int = 0
    """What is suggested to each. 0 for no suggestion."""
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS
    """The artist's share of the door, in basis points."""
    fee_policy: Policy = Policy.MODERATE
    """What the host gets back of the fee who calls the confirmed show off."""
    door_policy: Policy = Policy.MODERATE
    """What guests get back who give seats back."""
    message: str | None = None
    lodging_requested: bool = False
    lodging_details: LodgingWish | None = None


class CounterIn(Input):
    """The terms that should differ; the others stay."""

    date: Day | UnsetType = UNSET
    time: str | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    artist_fee_cents: int | UnsetType = UNSET
    door_fee_cents: int | UnsetType = UNSET
    door_mode: DoorMode | UnsetType = UNSET
    """Another one begins without the amounts of the old."""
    door_minimum_cents: int | UnsetType = UNSET
    door_suggested_cents: int | UnsetType = UNSET
    artist_door_bps: int | UnsetType = UNSET
    fee_policy: Policy | UnsetType = UNSET
    door_policy: Policy | UnsetType = UNSET


class RespondIn(Input):
    """An answer. With a `counterOffer` it is one, whatever `status` says, and the turn passes."""

    status: Literal["approved", "rejected"] | None = None
    response: str | None = None
    counter_offer: CounterIn | None = None


class CancelIn(Input):
    """Why, for the other side to read; and by which quote it was decided."""

    reason: str | None = None
    quote_id: str | None = None
    """Of the quote that was shown before: were anything else to come of it, nothing is done."""


class BookingAnswer(Output):
    """One booking."""

    booking: BookingOut


class RequestedAnswer(Output):
    """One's request, and when to expect an answer."""

    booking: BookingOut
    estimated_response: str


class DetailAnswer(Output):
    """One booking with its history."""

    booking: BookingDetail


class CancelledAnswer(Output):
    """What calling it off came to."""

    booking: BookingOut
    refund_cents: int
    """Of the fee, on its way back to the host."""
    currency: str
    quote: QuoteOut
    """All of it, also what goes back to guests."""


class BookingsAnswer(Output):
    """One page of one's bookings."""

    bookings: list[BookingOut]
    pagination: Pagination


@post("/api/bookings", **needs(Permission.REQUEST_BOOKING), tags=["bookings"])
def request_booking(platform: Platform, principal: Principal, data: BookingIn) -> RequestedAnswer:
    """Ask a host for a date."""
    terms = Terms(
        date=data.requested_date,
        time=read_time("requested_time", data.requested_time),
        duration=data.estimated_duration,
        artist_fee_cents=data.artist_fee_cents,
        door_fee_cents=data.door_fee_cents,
        door_mode=data.door_mode,
        door_minimum_cents=data.door_minimum_cents,
        door_suggested_cents=data.door_suggested_cents,
        fee_policy=data.fee_policy,
        door_policy=data.door_policy,
        artist_door_bps=data.artist_door_bps,
    )
    wish = data.lodging_details
    with platform.work(principal.actor) as work:
        booking = service.request(
            work,
            user_id=principal.user_id,
            host_id=data.host_id,
            terms=terms,
            expected_attendance=data.expected_attendance,
            message=data.message,
            lodging_requested=data.lodging_requested,
            lodging_details={k: v for k, v in sent(wish).items() if v is not None} if wish else None,
        )
        work.commit()
        out = booking_out(booking, queries.sides_of(work, booking))
    return RequestedAnswer(booking=out, estimated_response=ESTIMATED_RESPONSE)


@get("/api/bookings", **_SIDES, tags=["bookings"])
def list_bookings(
    *,
    platform: Platform,
    principal: Principal,
    status: Annotated[list[BookingState] | None, QueryParameter(name="status", description="Any of these.")] = None,
    start: Annotated[date | None, QueryParameter(name="start", description="Shows on this date or later.")] = None,
    end: Annotated[date | None, QueryParameter(name="end", description="Shows on this date or earlier.")] = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> BookingsAnswer:
    """One's own bookings, the latest date first."""
    wanted = BookingFilter(user_id=principal.user_id, states=tuple(status or ()), from_date=start, to_date=end)
    with platform.work(principal.actor) as work:
        views, total = queries.list_views(work, wanted, page=page, limit=limit)
    return BookingsAnswer(
        bookings=[booking_out(v.booking, v.sides) for v in views],
        pagination=pagination(page=page, limit=limit, total=total),
    )


@get("/api/bookings/{booking_id:uuid}", **_SIDES, tags=["bookings"])
def show_booking(platform: Platform, principal: Principal, booking_id: UUID) -> DetailAnswer:
    """One booking of one's own, with every offer; once it is confirmed the artist finds the address here."""
    with platform.work(principal.actor) as work:
        view = _own(work, principal, booking_id)
        offers = queries.offers(work, booking_id)
        address = None
        if view.booking.state in queries.HELD:
            address = concerts.address_for(work, concert_id=view.booking.concert_id, user_id=principal.user_id)
            work.commit()
    facts = booking_out(view.booking, view.sides)
    return DetailAnswer(
        booking=BookingDetail(
            **{name: getattr(facts, name) for name in facts.__struct_fields__},
            offers=[offer_out(offer) for offer in offers],
            address=address_out(address),
        )
    )


@patch("/api/bookings/{booking_id:uuid}/respond", **_SIDES, tags=["bookings"])
def respond_to_booking(platform: Platform, principal: Principal, booking_id: UUID, data: RespondIn) -> BookingAnswer:
    """Say yes, no, or propose other terms, when it is one's turn."""
    counter: dict[str, Any] | None = None
    if data.counter_offer is not None:
        counter = sent(data.counter_offer)
        if "time" in counter:
            counter["time"] = read_time("counter_offer.time", counter["time"])
    with platform.work(principal.actor) as work:
        booking = service.respond(
            work,
            booking_id=booking_id,
            user_id=principal.user_id,
            status=Answer(data.status) if data.status else None,
            response=data.response,
            counter=counter,
        )
        work.commit()
        return _answer(work, booking)


@post("/api/bookings/{booking_id:uuid}/confirm", **_SIDES, status_code=200, tags=["bookings"])
def confirm_booking(platform: Platform, principal: Principal, booking_id: UUID) -> BookingAnswer:
    """Hold the date, once the fee is secured (or where there is none). Safe to repeat."""
    with platform.work(principal.actor) as work:
        booking = service.confirm(work, booking_id=booking_id, user_id=principal.user_id)
        work.commit()
        return _answer(work, booking)


@get("/api/bookings/{booking_id:uuid}/cancellation", **_SIDES, tags=["bookings"])
def quote_cancellation(platform: Platform, principal: Principal, booking_id: UUID) -> QuoteAnswer:
    """What calling it off would come to now: who gets what back, and what stays. Nothing is changed."""
    with platform.work(principal.actor) as work:
        seen = service.preview_cancellation(work, booking_id=booking_id, user_id=principal.user_id)
    return QuoteAnswer(quote=quote_out(seen.quote))


@post("/api/bookings/{booking_id:uuid}/cancel", **_SIDES, status_code=200, tags=["bookings"])
def cancel_booking(
    platform: Platform, principal: Principal, booking_id: UUID, data: CancelIn | None = None
) -> CancelledAnswer:
    """Withdraw a request, or call a confirmed show off; what the host gets back follows the policy."""
    with platform.work(principal.actor) as work:
        done = service.cancel(
            work,
            booking_id=booking_id,
            user_id=principal.user_id,
            reason=data.reason if data else None,
            quote_id=data.quote_id if data else None,
        )
        work.commit()
        out = booking_out(done.booking, queries.sides_of(work, done.booking))
    return CancelledAnswer(
        booking=out, refund_cents=done.refund.cents, currency=done.refund.currency, quote=quote_out(done.quote)
    )


@post("/api/bookings/{booking_id:uuid}/complete", **_SIDES, status_code=200, tags=["bookings"])
def complete_booking(platform: Platform, principal: Principal, booking_id: UUID) -> BookingAnswer:
    """The show was played (it is noted by itself, too, soon after its end). Safe to repeat."""
    with platform.work(principal.actor) as work:
        booking = service.complete(work, booking_id=booking_id, user_id=principal.user_id)
        work.commit()
        return _answer(work, booking)


def _answer(work: Work, booking: Booking) -> BookingAnswer:
    return BookingAnswer(booking=booking_out(booking, queries.sides_of(work, booking)))


def _own(work: Work, principal: Principal, booking_id: UUID) -> BookingView:
    view = queries.get_view(work, booking_id)
    if view.sides.side_of(principal.user_id) is None:
        raise queries.unknown()
    return view


ROUTES = (
    request_booking,
    list_bookings,
    show_booking,
    respond_to_booking,
    confirm_booking,
    quote_cancellation,
    cancel_booking,
    complete_booking,
)
