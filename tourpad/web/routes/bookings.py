"""Bookings: one side asks the other for a date, both settle terms, the fee secures it, the show is played."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.params import QueryParameter

from tourpad.core.bookings import queries, service
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import BookingFilter, BookingView
from tourpad.core.bookings.service import Signing
from tourpad.core.bookings.service.answering import Answer
from tourpad.core.bookings.service.requesting import CURRENCY
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts import service as concerts
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.papers.rules import outlook
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.bookings import BookingDetail, BookingOut, address_out, booking_out, history_out, offers_out
from tourpad.web.changes import sent
from tourpad.web.limits import client_address
from tourpad.web.needs import needs
from tourpad.web.offers import BookingIn, MoveIn, OutlookIn, RespondIn, changes_in, outlook_terms, terms_in, whom
from tourpad.web.papers import OutlookOut, outlook_out
from tourpad.web.quotes import QuoteAnswer, QuoteOut, quote_out
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

ESTIMATED_RESPONSE = "within 48 hours"

_SIDES = needs(Permission.ANSWER_BOOKING)


class OutlookAnswer(Output):
    """What such an offer would come to."""

    outlook: list[OutlookOut]
    currency: str


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
def request_booking(
    platform: Platform, principal: Principal, request: Request[Any, Any, Any], data: BookingIn
) -> RequestedAnswer:
    """Ask a host for a date, as an artist; or invite an artist, as a host."""
    with platform.work(principal.actor) as work:
        booking = service.request(
            work,
            user_id=principal.user_id,
            **whom(principal, data),
            trip_id=data.trip_id,
            terms=terms_in(data),
            message=data.message,
            signing=_signing(request, data.signature),
        )
        work.commit()
        out = booking_out(booking, queries.sides_of(work, booking), None)
    return RequestedAnswer(booking=out, estimated_response=ESTIMATED_RESPONSE)


@post("/api/bookings/outlook", **_SIDES, status_code=200, tags=["bookings"])
def preview_outlook(platform: Platform, data: OutlookIn) -> OutlookAnswer:
    """What each side would earn by an offer with a low, the expected and a full house. Nothing is changed."""
    rows = outlook(
        outlook_terms(data, platform.settings.platform_fee_bps),
        currency=CURRENCY,
        platform_fee_bps=platform.settings.platform_fee_bps,
    )
    return OutlookAnswer(outlook=outlook_out(rows), currency=CURRENCY)


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
        proposed = queries.proposals(work, [view.booking for view in views])
    return BookingsAnswer(
        bookings=[booking_out(v.booking, v.sides, proposed.get(v.booking.id)) for v in views],
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
        proposal = queries.proposals(work, [view.booking]).get(booking_id)
        facts = booking_out(view.booking, view.sides, proposal)
        return DetailAnswer(
            booking=BookingDetail(
                **{name: getattr(facts, name) for name in facts.__struct_fields__},
                offers=offers_out(work, view.booking, offers, viewer=principal.user_id),
                history=history_out(view.booking, offers),
                address=address_out(address),
            )
        )


@patch("/api/bookings/{booking_id:uuid}/respond", **_SIDES, tags=["bookings"])
def respond_to_booking(
    platform: Platform, principal: Principal, booking_id: UUID, request: Request[Any, Any, Any], data: RespondIn
) -> BookingAnswer:
    """Say yes, no, or propose other terms, when it is one's turn. A yes signs the terms."""
    with platform.work(principal.actor) as work:
        booking = service.respond(
            work,
            booking_id=booking_id,
            user_id=principal.user_id,
            status=Answer(data.status) if data.status else None,
            response=data.response,
            counter=None if data.counter_offer is None else changes_in(sent(data.counter_offer), "counter_offer.time"),
            signing=_signing(request, data.signature),
        )
        work.commit()
        return _answer(work, booking)


@post("/api/bookings/{booking_id:uuid}/reschedule", **_SIDES, status_code=200, tags=["bookings"])
def propose_date(
    platform: Platform, principal: Principal, booking_id: UUID, request: Request[Any, Any, Any], data: MoveIn
) -> BookingAnswer:
    """Propose another date for a confirmed show. It stays where it is until the other side agrees (`respond`).

    Then every guest is asked: whoever comes keeps their seats, whoever does not gets everything back.
    """
    changes = sent(data)
    for said in ("message", "signature"):
        changes.pop(said, None)
    with platform.work(principal.actor) as work:
        booking = service.reschedule(
            work,
            booking_id=booking_id,
            user_id=principal.user_id,
            changes=changes_in(changes, "time"),
            message=data.message,
            signing=_signing(request, data.signature),
        )
        work.commit()
        return _answer(work, booking)


@delete("/api/bookings/{booking_id:uuid}/reschedule", **_SIDES, status_code=200, tags=["bookings"])
def withdraw_date(platform: Platform, principal: Principal, booking_id: UUID) -> BookingAnswer:
    """Take back the other date that one has proposed. Safe to repeat."""
    with platform.work(principal.actor) as work:
        booking = service.withdraw(work, booking_id=booking_id, user_id=principal.user_id)
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
        out = booking_out(done.booking, queries.sides_of(work, done.booking), None)
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
    proposal = queries.proposals(work, [booking]).get(booking.id)
    return BookingAnswer(booking=booking_out(booking, queries.sides_of(work, booking), proposal))


def _signing(request: Request[Any, Any, Any], name: str | None) -> Signing:
    return Signing(name=name, address=client_address(request.scope))


def _own(work: Work, principal: Principal, booking_id: UUID) -> BookingView:
    view = queries.get_view(work, booking_id)
    if view.sides.side_of(principal.user_id) is None:
        raise queries.unknown()
    return view


ROUTES = (
    request_booking,
    preview_outlook,
    list_bookings,
    show_booking,
    respond_to_booking,
    propose_date,
    withdraw_date,
    confirm_booking,
    quote_cancellation,
    cancel_booking,
    complete_booking,
)
