"""A confirmed show gets another date, if both sides agree: a new version of the terms, offered and signed.

Until then everything stays as it was agreed; once it is accepted the new date holds at once.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import NotYourTurn, TooLate
from tourpad.core.bookings.events import BookingRescheduled, RescheduleEnded, RescheduleProposed
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.moments import local_instant
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import steps
from tourpad.core.bookings.service.signing import UNTYPED, Signing, sign
from tourpad.core.bookings.states import MOVES, BookingState, OfferState, Side
from tourpad.core.bookings.terms import MOVABLE, Terms, changed, terms_of_offer
from tourpad.core.errors import IllegalMoveError, invalid
from tourpad.core.fields import Fields
from tourpad.core.states import check_move
from tourpad.core.work import Work


def reschedule(
    work: Work,
    *,
    booking_id: UUID,
    user_id: UUID,
    changes: Mapping[str, Any],
    message: str | None,
    signing: Signing = UNTYPED,
) -> Booking:
    """Propose another date (or time, or what else is `MOVABLE`) for a confirmed show. The other side has to answer.

    Args:
        work: the unit of work.
        booking_id: which.
        user_id: a side of it.
        changes: the terms that differ, by the names of `Terms`.
        message: to the other side.
        signing: the name under it.

    Raises:
        NotFoundError: no such booking of this person.
        IllegalMoveError: it is not confirmed.
        TooLate: the show has begun.
        NotYourTurn: a date has been proposed already.
        InvalidInputError: naming every wrong field.
        DateBlocked, DateTaken: the date can't be had.
    """
    booking, sides, side = _load(work, booking_id, user_id)
    if booking.turn is not None:
        mine = booking.turn is not side
        raise NotYourTurn(
            "You have proposed another date already." if mine else "Another date is proposed: it is for you to answer.",
            hint="DELETE /api/bookings/{id}/reschedule takes it back." if mine else "PATCH /api/bookings/{id}/respond.",
            turn=booking.turn,
        )
    found = Fields()
    text = rules.clean_text(found, "message", message)
    found.done()
    return _propose(work, booking, sides, by=side, changes=changes, text=text, signing=signing, names={})


def withdraw(work: Work, *, booking_id: UUID, user_id: UUID) -> Booking:
    """Take back a date that one has proposed. Safe to repeat: where nothing waits, nothing happens.

    Raises:
        NotFoundError: no such booking of this person.
        IllegalMoveError: it is not confirmed.
        NotYourTurn: it is the other side's proposal.
    """
    booking, sides, side = _load(work, booking_id, user_id)
    if booking.turn is None:
        return booking
    if booking.turn is side:
        raise NotYourTurn(
            f"{sides.name_of(side.other)} has proposed this date.", hint="Answer it: PATCH /api/bookings/{id}/respond."
        )
    return close(work, booking, OfferState.WITHDRAWN, by=side)


def close(work: Work, booking: Booking, to: OfferState, *, by: Side | None, response: str | None = None) -> Booking:
    """A proposal came to nothing: the date stays. `by` is null where it was time."""
    offer = steps.close_offer(work, booking, to)
    booking.updated_at = work.now
    if offer is not None:
        work.audit(f"booking.reschedule_{to}", target_type="booking", target_id=booking.id, offer=offer.number)
        work.emit(RescheduleEnded(booking_id=booking.id, number=offer.number, state=to, by=by, response=response))
    return booking


def decline(work: Work, booking: Booking, *, side: Side, response: str | None) -> Booking:
    """The other side says no; the date stays. The caller holds the lock and has seen to whose turn it is."""
    return close(work, booking, OfferState.REJECTED, by=side, response=response)


def counter(
    work: Work,
    booking: Booking,
    sides: Sides,
    *,
    by: Side,
    changes: Mapping[str, Any],
    text: str | None,
    signing: Signing,
) -> Booking:
    """Another date than the one that was proposed."""
    return _propose(
        work, booking, sides, by=by, changes=changes, text=text, signing=signing, names=rules.COUNTER_FIELDS
    )


def accept(work: Work, booking: Booking, sides: Sides, *, side: Side, signing: Signing) -> Booking:
    """The proposed version is in force from now on, and its date is held. The database decides who gets it.

    Raises:
        NotYourTurn: there is no time left to ask the guests.
        DateTaken: another show of the artist or the host has that date; nothing is changed.
    """
    offer = queries.open_offer(work, booking.id)
    if offer is None:
        raise NotYourTurn("There is nothing to answer.", state=booking.state)
    terms = terms_of_offer(offer)
    if work.now >= offer.expires_at:
        raise NotYourTurn("That date is too near by now.", hint="Propose another date: counterOffer.")
    was = booking.starts_at
    steps.check_free(work, sides, terms.date, speaker=side, besides=booking.id)
    check_move(MOVES, entity="booking", now=booking.state, to=BookingState.CONFIRMED)
    with steps.translated(work, sides, terms.date, speaker=side):
        steps.close_offer(work, booking, OfferState.ACCEPTED)
        steps.put_in_force(booking, terms, number=offer.number, time_zone=sides.time_zone)
        booking.updated_at = work.now
        work.session.flush()
    sign(work, booking, offer, side=side, user_id=sides.user_of(side), by=signing)
    work.audit(
        "booking.reschedule",
        target_type="booking",
        target_id=booking.id,
        offer=offer.number,
        date=terms.date.isoformat(),
    )
    work.emit(BookingRescheduled(booking_id=booking.id, by=side, was=was))
    return booking


def _propose(
    work: Work,
    booking: Booking,
    sides: Sides,
    *,
    by: Side,
    changes: Mapping[str, Any],
    text: str | None,
    signing: Signing,
    names: Mapping[str, str],
) -> Booking:
    stays = sorted(name for name in changes if name not in MOVABLE)
    if stays:
        found = Fields()
        for name in stays:
            found.wrong(names.get(name, name), "can’t change any more: the show is confirmed, and people pay by it")
        found.done()
    if work.now >= booking.starts_at:
        raise TooLate("The show has begun; it can’t be moved any more.")
    waits = queries.open_offer(work, booking.id)
    present = steps.terms_of(booking)
    proposed = terms_of_offer(waits) if waits else present
    terms = changed(proposed, changes)
    if terms in (present, proposed):
        raise invalid("counter_offer" if waits else "date", "is the same as before", hint="Change something.")
    _check(work, sides, terms, names)
    steps.check_date(work, sides, terms.date, speaker=by, besides=booking.id)
    if waits:
        steps.close_offer(work, booking, OfferState.COUNTERED)
    number = queries.last_number(work, booking.id) + 1
    # Guests have to be asked before they learn the address.
    last = local_instant(terms.date, terms.time, sides.time_zone) - rules.ASK_GUESTS_BEFORE
    offer = steps.make_offer(
        work,
        booking,
        terms,
        number=number,
        by=by,
        time_zone=sides.time_zone,
        message=text,
        latest=(booking.starts_at, last),
    )
    work.add(offer)
    sign(work, booking, offer, side=by, user_id=sides.user_of(by), by=signing)
    booking.updated_at = work.now
    work.audit(
        "booking.propose_date", target_type="booking", target_id=booking.id, offer=number, date=terms.date.isoformat()
    )
    work.emit(RescheduleProposed(booking_id=booking.id, by=by, number=number))
    return booking


def _check(work: Work, sides: Sides, terms: Terms, names: Mapping[str, str]) -> None:
    found = Fields()
    rules.check_terms(
        terms,
        now=work.now,
        time_zone=sides.time_zone,
        platform_fee_bps=work.settings.platform_fee_bps,
        capacity=max(sides.capacity, terms.maximum_attendance),  # as it was agreed
        names=names,
        found=found,
    )
    found.done()
    starts_at = local_instant(terms.date, terms.time, sides.time_zone)
    if work.now >= starts_at - rules.ASK_GUESTS_BEFORE:
        days = rules.ASK_GUESTS_BEFORE.days
        raise invalid(names.get("date", "date"), f"must be more than {days} days away: every guest is asked first")


def _load(work: Work, booking_id: UUID, user_id: UUID) -> tuple[Booking, Sides, Side]:
    booking = queries.get_for_update(work, booking_id)
    sides = queries.sides_of(work, booking)
    side = sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    if booking.state is not BookingState.CONFIRMED:
        msg = f"This booking is {booking.state}: only a confirmed show can be moved to another date."
        raise IllegalMoveError(msg, entity="booking", now=booking.state)
    return booking, sides, side
