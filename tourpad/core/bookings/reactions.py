"""What bookings do when something happens: a payment confirms one, and both sides are told how theirs stand."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tourpad.core.bookings import queries, service
from tourpad.core.bookings.diary import attached, show_entry
from tourpad.core.bookings.errors import DateTaken
from tourpad.core.bookings.events import (
    BookingApproved,
    BookingCancelled,
    BookingConfirmed,
    BookingExpired,
    BookingRejected,
    BookingReminded,
    BookingRequested,
    BookingRescheduled,
    OfferMade,
    RescheduleEnded,
    RescheduleProposed,
)
from tourpad.core.bookings.history import compared
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.moments import on_the_wall
from tourpad.core.bookings.queries import BookingView
from tourpad.core.bookings.rules import minimum_by
from tourpad.core.bookings.service.deciding import secure
from tourpad.core.bookings.service.waiting import end_by_time
from tourpad.core.bookings.states import BookingState, CancelledBy, Side
from tourpad.core.bookings.terms import terms_of_offer
from tourpad.core.bookings.wording import all_said, shown, shown_terms
from tourpad.core.calendars import Standing
from tourpad.core.gateways.mail import Attachment
from tourpad.core.hosts.errors import ShowsAhead
from tourpad.core.hosts.events import HostMoved
from tourpad.core.hosts.rules import takes_along
from tourpad.core.identity.events import ErasureRequested, UserErased
from tourpad.core.money import Money
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments import service as payments
from tourpad.core.payments.events import PaymentCompleted
from tourpad.core.payments.models import Payment
from tourpad.core.payments.rules import left_of
from tourpad.core.work import Work


def on_payment_completed(work: Work, event: PaymentCompleted) -> None:
    """The fee is paid: confirm the booking. A payment that comes too late, or for a lost date, goes back by itself."""
    if event.reference_type != "booking":
        return
    booking = queries.get_for_update(work, event.reference_id)
    payment = work.session.get_one(Payment, event.payment_id)
    if booking.state is BookingState.APPROVED:
        try:
            secure(work, booking)
        except DateTaken:
            end_by_time(work, booking, date_taken=True)
            _give_back(work, payment, reason="another booking got the date first")
        return
    if booking.state in queries.HELD and queries.is_first_payment(work, payment):
        return  # the event came twice
    _give_back(work, payment, reason="the payment came too late for the booking")


def on_booking_requested(work: Work, event: BookingRequested) -> None:
    """Tell whoever was asked."""
    view = queries.get_view(work, event.booking_id)
    to = view.booking.requested_by.other
    template = "booking_requested" if to is Side.HOST else "booking_invited"
    _tell(work, view, to, template, message=_shown(view.booking, view.booking.message))


def on_offer_made(work: Work, event: OfferMade) -> None:
    """Tell the side whose turn it is what has changed."""
    view = queries.get_view(work, event.booking_id)
    offer = queries.present_offer(work, view.booking)
    _tell(
        work,
        view,
        event.by.other,
        "booking_countered",
        message=_shown(view.booking, offer.message),
        changes=_changes(work, view.booking, offer),
        key=str(offer.number),
    )


def on_booking_approved(work: Work, event: BookingApproved) -> None:
    """Tell the host what is to be paid, and the artist that it is agreed."""
    view = queries.get_view(work, event.booking_id)
    template = "booking_approved_pay_fee" if view.booking.artist_fee_cents else "booking_approved_confirm"
    _tell(work, view, Side.HOST, template)
    response = view.booking.host_response if event.by is Side.HOST else None
    _tell(work, view, Side.ARTIST, "booking_approved", response=_shown(view.booking, response))


def on_booking_reminded(work: Work, event: BookingReminded) -> None:
    """Tell whoever has to answer, or to pay."""
    view = queries.get_view(work, event.booking_id)
    if view.booking.turn is None:
        _tell(work, view, Side.HOST, "booking_fee_reminder")
        return
    offer = queries.open_offer(work, view.booking.id) or queries.present_offer(work, view.booking)
    moves = view.booking.state is BookingState.CONFIRMED
    _tell(work, view, view.booking.turn, "booking_reminder", moves=moves, key=str(offer.number))


def on_booking_confirmed(work: Work, event: BookingConfirmed) -> None:
    """Tell both."""
    view = queries.get_view(work, event.booking_id)
    booking = view.booking
    for side in Side:
        _tell(
            work,
            view,
            side,
            "booking_confirmed",
            attachments=(_in_calendar(work, view),),
            concert_id=booking.concert_id,
            is_host=side is Side.HOST,
            people=booking.minimum_attendance,
            minimum_by=minimum_by(booking.starts_at, booking.minimum_notice_days),
        )


def on_booking_rejected(work: Work, event: BookingRejected) -> None:
    """Tell the side that was told no."""
    view = queries.get_view(work, event.booking_id)
    booking = view.booking
    response = booking.host_response if event.by is Side.HOST else booking.artist_response
    _tell(work, view, event.by.other, "booking_rejected", response=_shown(booking, response))


def on_reschedule_proposed(work: Work, event: RescheduleProposed) -> None:
    """Ask the other side whether the show may move."""
    view = queries.get_view(work, event.booking_id)
    offer = queries.open_offer(work, event.booking_id)
    if offer is not None:
        _tell(
            work,
            view,
            event.by.other,
            "booking_move_proposed",
            message=offer.message,
            changes=_changes(work, view.booking, offer),
            key=str(offer.number),
        )


def on_reschedule_ended(work: Work, event: RescheduleEnded) -> None:
    """Tell whoever does not know that the show stays where it is."""
    view = queries.get_view(work, event.booking_id)
    asked = next(o for o in queries.offers(work, event.booking_id) if o.number == event.number).made_by.other
    for side in Side:
        if side is not event.by:
            _tell(
                work,
                view,
                side,
                "booking_move_ended",
                reason="no_answer" if event.by is None else event.state.value,
                was_asked=side is asked,
                response=_shown(view.booking, event.response),
                key=str(event.number),
            )


def on_booking_rescheduled(work: Work, event: BookingRescheduled) -> None:
    """Tell both where the show is now."""
    view = queries.get_view(work, event.booking_id)
    for side in Side:
        _tell(
            work,
            view,
            side,
            "booking_moved",
            attachments=(_in_calendar(work, view),),
            was=event.was.astimezone(ZoneInfo(view.booking.time_zone)).date(),
            concert_id=view.booking.concert_id,
            key=str(view.booking.offer_number),
        )


def on_booking_expired(work: Work, event: BookingExpired) -> None:
    """Tell both why."""
    view = queries.get_view(work, event.booking_id)
    reason = "date_taken" if event.date_taken else "not_paid" if event.was is BookingState.APPROVED else "no_answer"
    asked = queries.present_offer(work, view.booking).made_by.other
    for side in Side:
        _tell(work, view, side, "booking_expired", reason=reason, was_asked=side is asked)


def on_booking_cancelled(work: Work, event: BookingCancelled) -> None:
    """Tell the other side, or both where neither of them did it; and the host what comes back."""
    view = queries.get_view(work, event.booking_id)
    refund = Money(event.refund_cents, view.booking.currency)
    was_on = event.was is BookingState.CONFIRMED
    files = (_in_calendar(work, view, standing=Standing.CANCELLED),) if was_on else ()
    did_it = {CancelledBy.ARTIST: Side.ARTIST, CancelledBy.HOST: Side.HOST}.get(event.by)
    for side in Side:
        if side is did_it and not (side is Side.HOST and refund):
            continue
        _tell(
            work,
            view,
            side,
            "booking_cancelled",
            attachments=files,
            by=view.sides.name_of(did_it) if did_it else "TourPad",
            by_you=side is did_it,
            reason=_shown(view.booking, view.booking.cancel_reason),
            refund=refund if side is Side.HOST and refund else None,
        )


def _in_calendar(work: Work, view: BookingView, *, standing: Standing = Standing.CONFIRMED) -> Attachment:
    """The show as it stands in calendars of both sides; its own name there is the one that its guests know."""
    booking, sides = view.booking, view.sides
    entry = show_entry(
        concert_id=booking.concert_id,
        changed_at=booking.updated_at,
        now=work.now,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        zone=booking.time_zone,
        title=sides.title,
        town=f"{sides.city}, {sides.region}",
        base_url=work.settings.base_url.rstrip("/"),
        standing=standing,
    )
    return attached(entry, mail_from=work.settings.mail_from)


def _give_back(work: Work, payment: Payment, *, reason: str) -> None:
    left = left_of(payment)
    if left and payment.state in queries.ARRIVED:
        payments.plan_refund(work, payment_id=payment.id, amount=left, reason=reason)


def _tell(work: Work, view: BookingView, to: Side, template: str, *, key: str = "", **more: Any) -> None:
    """Tell one side. Nobody is told twice for one reason; `key` tells one offer from the next."""
    booking, sides = view.booking, view.sides
    tell(
        work,
        user_id=sides.user_of(to),
        template=template,
        category=Category.BOOKING,
        dedupe_key=":".join(filter(None, (template, str(booking.id), key))),
        related=("booking", booking.id),
        **on_the_wall(_facts(booking, sides.name_of(to.other), booking.id) | more, booking.time_zone),
    )


def _changes(work: Work, booking: Booking, offer: Offer) -> list[str]:
    """What an offer changed, a line each."""
    before = next(b for b, o in compared(queries.offers(work, booking.id)) if o.number == offer.number)
    if before is None:
        return []
    old, new = (shown_terms(terms_of_offer(one), confirmed_at=booking.confirmed_at) for one in (before, offer))
    return [str(s) for s in all_said(old, new, booking.currency)]


def _shown(booking: Booking, text: str | None) -> str | None:
    return shown(text, confirmed_at=booking.confirmed_at)


def _facts(booking: Booking, other: str, booking_id: UUID) -> dict[str, Any]:
    return {
        "other": other,
        "booking_id": booking_id,
        "date": booking.requested_date,
        "time": booking.requested_time,
        "fee": Money(booking.artist_fee_cents, booking.currency),
        "answer_by": booking.respond_by,
    }


def on_host_moved(work: Work, event: HostMoved) -> None:
    """What is agreed or talked of is about a place: whoever signs for Ohio does not play in Texas.

    Raises:
        ShowsAhead: a request or an agreement is open, and would be in another part of the country or on another clock.
    """
    for view in queries.open_at_home(work, event.host_id):
        booking, artist = view.booking, view.sides.stage_name
        if takes_along(metres=event.metres, time_zone=event.time_zone, show_time_zone=booking.time_zone):
            continue
        is_agreed = booking.state is BookingState.APPROVED
        what = f"The evening with {artist} on" if is_agreed else f"What {artist} and you talk of for"
        raise ShowsAhead(
            f"{what} {booking.requested_date} {'is agreed' if is_agreed else 'is about this place'},"
            f" and can't move to {event.town}.",
            hint="Call it off first: POST /api/bookings/{id}/cancel."
            if is_agreed
            else "Answer or end it first: PATCH /api/bookings/{id}/respond, or POST /api/bookings/{id}/cancel.",
            booking_id=str(booking.id),
        )


def on_erasure_requested(work: Work, event: ErasureRequested) -> None:
    """Not while the other side counts on them."""
    service.refuse_erasure(work, user_id=event.user_id)


def on_user_erased(work: Work, event: UserErased) -> None:
    """What was said goes; dates and amounts stay."""
    service.forget(work, user_id=event.user_id)
