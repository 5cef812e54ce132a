"""A version of a booking's terms on paper, with the names under it."""

from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.bookings.moments import local_today
from tourpad.core.bookings.states import OfferState
from tourpad.core.bookings.terms import fingerprint, terms_of_offer
from tourpad.core.bookings.wording import shown_terms, spelled
from tourpad.core.errors import NotFoundError
from tourpad.core.papers import rules
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.sheets import Agreement, AgreementSheet, Outlook, ShowRef, Signature, TermLine
from tourpad.core.work import Work


def agreement(work: Work, *, booking_id: UUID, viewer: UUID | None, number: int | None = None) -> AgreementSheet:
    """One version of the terms, who has signed it, and what each side would earn by it.

    Args:
        work: the unit of work.
        booking_id: the booking.
        viewer: who asks; None for whoever may see all of it.
        number: of the version; None for the one in force.

    Raises:
        NotFoundError: there is no such booking or version, or the viewer is neither side of it.
    """
    view = bookings.get_view(work, booking_id)
    booking, sides = view.booking, view.sides
    if viewer is not None and sides.side_of(viewer) is None:
        raise bookings.unknown()
    wanted = booking.offer_number if number is None else number
    offer = next((o for o in bookings.offers(work, booking_id) if o.number == wanted), None)
    if offer is None and booking.brought_from:
        raise NotFoundError(f"This booking was agreed on at {booking.brought_from}: there is no agreement of it here.")
    if offer is None:
        raise NotFoundError("This booking has no such offer.", hint=f"The one in force is {booking.offer_number}.")
    accepted = offer.accepted_at
    signed = [s for s in bookings.signatures(work, booking_id) if s.number == offer.number]
    terms = terms_of_offer(offer)
    digest = fingerprint(terms, booking_id=booking_id, number=offer.number)
    if viewer is not None:
        terms = shown_terms(terms, confirmed_at=booking.confirmed_at)
    return AgreementSheet(
        merchant=merchant(work.settings),
        stage=_stage(booking, offer),
        booking_id=booking_id,
        number=offer.number,
        as_of=work.now,
        accepted_on=local_today(accepted, booking.time_zone) if accepted else None,
        show=ShowRef(booking.concert_id, offer.date, sides.stage_name, f"{sides.city} {sides.region}"),
        host=sides.venue_name,
        time_zone=booking.time_zone,
        terms=tuple(TermLine(*line) for line in spelled(terms, booking.currency)),
        terms_hash=signed[0].terms_hash if signed else digest,
        signatures=signatures(signed, digest, viewer=viewer),
        outlook=outlook_of(work, booking, offer),
    )


def signatures(signed: list[BookingSignature], digest: str, *, viewer: UUID | None) -> tuple[Signature, ...]:
    """The names under a version, held against what it says today.

    Args:
        signed: of one version.
        digest: the fingerprint of its terms as they stand.
        viewer: who looks; None for whoever may see all of it.
    """
    erased = any(row.name is None for row in signed)
    return tuple(
        Signature(
            side=row.side,
            name=row.name,
            is_typed=row.is_typed,
            signed_at=row.signed_at,
            terms_hash=row.terms_hash,
            is_intact=None if erased else row.terms_hash == digest,
            address=row.address if viewer in (None, row.user_id) else None,
        )
        for row in signed
    )


def outlook_of(work: Work, booking: Booking, offer: Offer) -> tuple[Outlook, ...]:
    """What each side would earn by an offer."""
    return rules.outlook(
        terms_of_offer(offer), currency=booking.currency, platform_fee_bps=work.settings.platform_fee_bps
    )


def _stage(booking: Booking, offer: Offer) -> Agreement:
    if offer.state is not OfferState.ACCEPTED:
        return Agreement.OFFERED
    return Agreement.SIGNED if offer.number == booking.offer_number else Agreement.REPLACED
