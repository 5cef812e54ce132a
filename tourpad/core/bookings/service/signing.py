"""Putting one's name under a version of the terms: by offering it, and by accepting it."""

from uuid import UUID

from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.bookings.states import Side
from tourpad.core.bookings.terms import fingerprint, terms_of_offer
from tourpad.core.fields import Fields
from tourpad.core.values import Value
from tourpad.core.work import Work


class Signing(Value):
    """How somebody signs."""

    name: str | None = None
    """What they typed; None for the name of their account."""
    address: str | None = None
    """The network address that the request came from; None where there is none (the terminal)."""


UNTYPED = Signing()
"""By the name of the account, from nowhere."""


def sign(work: Work, booking: Booking, offer: Offer, *, side: Side, user_id: UUID, by: Signing) -> None:
    """Record that a side stands by a version of the terms, with what exactly it says.

    Raises:
        InvalidInputError: what was typed is no name.
    """
    found = Fields()
    typed = by.name if by.name and by.name.strip() else None
    clean = found.text("signature", typed, longest=rules.LONGEST_NAME) if typed else None
    found.done()
    work.add(
        BookingSignature(
            booking_id=booking.id,
            number=offer.number,
            side=side,
            user_id=user_id,
            name=clean or queries.account_name(work, user_id),
            is_typed=clean is not None,
            terms_hash=fingerprint(terms_of_offer(offer), booking_id=booking.id, number=offer.number),
            address=by.address,
            signed_at=work.now,
        )
    )
