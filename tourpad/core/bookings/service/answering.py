"""The side whose turn it is says yes, no, or something else."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import NotYourTurn
from tourpad.core.bookings.events import BookingApproved, BookingRejected, OfferMade
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import moving, steps
from tourpad.core.bookings.service.signing import UNTYPED, Signing, sign
from tourpad.core.bookings.states import BookingState, OfferState, Side
from tourpad.core.bookings.terms import changed
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
    signing: Signing = UNTYPED,
) -> Booking:
    """Answer the offer that waits. Other terms make a new offer, whatever `status` says, and the turn passes.

    A yes signs that version of the terms, and so does a new offer. On a confirmed booking it is another date that is
    answered.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: who answers.
        status: yes or no; may be left out with other terms.
        response: words to the other side.
        counter: the terms that differ, by the names of `Terms`.
        signing: the name under it.

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
    if text or booking.state is BookingState.CONFIRMED:
        # What was said with an answer to the terms is no answer to another date.
        if side is Side.HOST:
            booking.host_response = text
        else:
            booking.artist_response = text
    booking.responded_at = work.now
    if counter is not None:
        return _counter(work, booking, sides, by=side, counter=counter, text=text, signing=signing)
    match status:
        case Answer.APPROVED:
            return _approve(work, booking, sides, side, signing)
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
        hint="You can withdraw: "
        + (
            "DELETE /api/bookings/{id}/reschedule."
            if booking.state is BookingState.CONFIRMED
            else "POST /api/bookings/{id}/cancel."
        ),
        state=booking.state,
        turn=booking.turn,
    )


def _approve(work: Work, booking: Booking, sides: Sides, side: Side, signing: Signing) -> Booking:
    if booking.state is BookingState.CONFIRMED:
        return moving.accept(work, booking, sides, side=side, signing=signing)
    terms = steps.terms_of(booking)
    latest = rules.latest(terms, booking.time_zone)
    if work.now >= latest:
        late = f"{booking.requested_date} has begun or passed"
        if terms.minimum_attendance and work.now < booking.starts_at:
            late = "Guests would have no time left to make up the number"
        raise NotYourTurn(f"{late}.", hint="Propose another date: counterOffer.")
    steps.check_free(work, sides, booking.requested_date, speaker=side, besides=booking.id)
    steps.move(work, booking, BookingState.APPROVED)
    offer = steps.close_offer(work, booking, OfferState.ACCEPTED)
    if offer is not None:
        sign(work, booking, offer, side=side, user_id=sides.user_of(side), by=signing)
    booking.approved_at = work.now
    booking.respond_by = rules.fee_due(work.now, latest)
    work.audit("booking.approve", target_type="booking", target_id=booking.id, offer=booking.offer_number)
    work.emit(BookingApproved(booking_id=booking.id, by=side))
    return booking


def _reject(work: Work, booking: Booking, side: Side, text: str | None) -> Booking:
    if booking.state is BookingState.CONFIRMED:
        return moving.decline(work, booking, side=side, response=text)
    steps.end(work, booking, BookingState.REJECTED, offer=OfferState.REJECTED)
    work.audit("booking.reject", target_type="booking", target_id=booking.id, reason=text)
    work.emit(BookingRejected(booking_id=booking.id, by=side))
    return booking


def _counter(
    work: Work,
    booking: Booking,
    sides: Sides,
    *,
    by: Side,
    counter: Mapping[str, Any],
    text: str | None,
    signing: Signing,
) -> Booking:
    if booking.state is BookingState.CONFIRMED:
        return moving.counter(work, booking, sides, by=by, changes=counter, text=text, signing=signing)
    present = steps.terms_of(booking)
    terms = changed(present, counter)
    if terms == present:
        raise invalid("counter_offer", "is the same as the offer in force", hint="Approve it, or change something.")
    rules.check_terms(
        terms,
        now=work.now,
        time_zone=sides.time_zone,
        platform_fee_bps=work.settings.platform_fee_bps,
        capacity=sides.capacity,
        names=rules.COUNTER_FIELDS,
    )
    steps.check_date(work, sides, terms.date, speaker=by, besides=booking.id)
    with steps.translated(work, sides, terms.date, speaker=by):
        steps.move(work, booking, BookingState.COUNTERED)
        steps.close_offer(work, booking, OfferState.COUNTERED)
        number = booking.offer_number + 1
        steps.put_in_force(booking, terms, number=number, time_zone=sides.time_zone)
        offer = steps.make_offer(work, booking, terms, number=number, by=by, time_zone=sides.time_zone, message=text)
        work.add(offer)
    sign(work, booking, offer, side=by, user_id=sides.user_of(by), by=signing)
    work.audit("booking.counter", target_type="booking", target_id=booking.id, offer=booking.offer_number)
    work.emit(OfferMade(booking_id=booking.id, by=by))
    return booking
