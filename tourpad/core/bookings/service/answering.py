"""The side whose turn it is says yes, no, or something else."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import NotYourTurn
from tourpad.core.bookings.events import BookingApproved, BookingRejected, OfferMade
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.moments import local_today
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.errors import invalid
from tourpad.core.fields import Fields
from tourpad.core.work import Work


class Answer(StrEnum):
    """What can be said without other terms."""

    APPROVED = "approved"
    REJECTED = "rejected"


def respond(
    work: Work,
    *,
    booking_id: UUID,
    user_id: UUID,
    status: Answer | None,
    response: str | None,
    counter: Mapping[str, Any] | None = None,
) -> Booking:
    """Answer the offer in force. Other terms make a new offer, whatever `status` says, and the turn passes.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: who answers.
        status: yes or no; may be left out with other terms.
        response: words to the other side.
        counter: the terms that differ, by the names of `Terms`.

    Raises:
        NotFoundError: no such booking of this person.
        NotYourTurn: the other side has to answer, or nobody has to.
        InvalidInputError: naming every wrong field.
        DateBlocked, DateTaken, AlreadyRequested: the date can't be had.
    """
    booking = queries.get_for_update(work, booking_id)
    sides = queries.sides_of(work, booking)
    side = sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    _check_turn(booking, sides, side)
    found = Fields()
    text = rules.clean_text(found, "response", response)
    found.done()
    if side is Side.HOST and text:
        booking.host_response = text
    booking.responded_at = work.now
    if counter is not None:
        return _counter(work, booking, sides, by=side, counter=counter, text=text)
    match status:
        case Answer.APPROVED:
            return _approve(work, booking, sides, side)
        case Answer.REJECTED:
            return _reject(work, booking, side, text)
        case None:
            raise invalid("status", "is needed unless you make a counter-offer")


def _check_turn(booking: Booking, sides: Sides, side: Side) -> None:
    if booking.turn is side:
        return
    if booking.turn is None:
        msg = f"This booking is {booking.state}: there is nothing to answer."
        raise NotYourTurn(msg, state=booking.state)
    raise NotYourTurn(
        f"It is the turn of {sides.name_of(booking.turn)}.",
        hint="You can withdraw: POST /api/bookings/{id}/cancel.",
        state=booking.state,
        turn=booking.turn,
    )


def _approve(work: Work, booking: Booking, sides: Sides, side: Side) -> Booking:
    starts_at = booking.starts_at
    if work.now >= starts_at:
        raise NotYourTurn(f"{booking.requested_date} has begun or passed.", hint="Propose another date: counterOffer.")
    steps.check_free(work, sides, booking.requested_date, speaker=side, besides=booking.id)
    steps.move(work, booking, BookingState.APPROVED)
    booking.turn = None
    booking.approved_at = work.now
    booking.reminded_at = None
    booking.respond_by = rules.fee_due(work.now, starts_at)
    queries.present_offer(work, booking).accepted_at = work.now
    work.audit("booking.approve", target_type="booking", target_id=booking.id, offer=booking.offer_number)
    work.emit(BookingApproved(booking_id=booking.id, by=side))
    return booking


def _reject(work: Work, booking: Booking, side: Side, text: str | None) -> Booking:
    steps.end(work, booking, BookingState.REJECTED)
    work.audit("booking.reject", target_type="booking", target_id=booking.id, reason=text)
    work.emit(BookingRejected(booking_id=booking.id, by=side))
    return booking


def _counter(
    work: Work, booking: Booking, sides: Sides, *, by: Side, counter: Mapping[str, Any], text: str | None
) -> Booking:
    present = steps.terms_of(booking)
    terms = rules.changed(present, counter)
    if terms == present:
        raise invalid("counter_offer", "is the same as the offer in force", hint="Approve it, or change something.")
    rules.check_terms(
        terms,
        today=local_today(work.now, sides.time_zone),
        platform_fee_bps=work.settings.platform_fee_bps,
        names=rules.COUNTER_FIELDS,
    )
    steps.check_date(work, sides, terms.date, speaker=by, besides=booking.id)
    with steps.translated(work, terms.date):
        steps.move(work, booking, BookingState.COUNTERED)
        booking.offer_number += 1
        offer = steps.put_offer(work, booking, terms, by=by, sides=sides, message=text, lodging=booking.lodging_details)
        work.add(offer)
    work.audit("booking.counter", target_type="booking", target_id=booking.id, offer=booking.offer_number)
    work.emit(OfferMade(booking_id=booking.id, by=by))
    return booking
