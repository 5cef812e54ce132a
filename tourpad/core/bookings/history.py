"""What happened to a booking, in the order in which it did (pure)."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.states import OfferState, Side
from tourpad.core.bookings.terms import terms_of_offer
from tourpad.core.bookings.wording import Said, all_said, day
from tourpad.core.values import Value


class What(StrEnum):
    """One thing that can happen to a booking."""

    REQUESTED = "requested"
    INVITED = "invited"
    COUNTERED = "countered"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    DATE_PROPOSED = "date_proposed"
    DATE_AGREED = "date_agreed"
    DATE_REJECTED = "date_rejected"
    DATE_WITHDRAWN = "date_withdrawn"
    DATE_EXPIRED = "date_expired"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Moment(Value):
    """One line of a timeline."""

    at: datetime
    what: What
    by: str | None
    """`artist`, `host`, `admin`, `system`; null where nobody did it."""
    number: int | None
    """Of the offer, where it is about one."""
    changes: tuple[Said, ...] = ()
    """What an offer changed, as `compared` says of what."""
    text: str | None = None
    """Words that were said, or why."""


def compared(offers: Sequence[Offer]) -> list[tuple[Offer | None, Offer]]:
    """Each version beside the one that its changes are told against; the first one has none.

    That is the version it answers. Of another date for a show that is agreed on it is what is agreed: proposals before
    it may have been declined or taken back, and nothing that was said of them holds any more.

    Args:
        offers: all versions of a booking, the first one first.
    """
    pairs: list[tuple[Offer | None, Offer]] = []
    before = agreed = None
    for offer in offers:
        pairs.append((agreed or before, offer))
        before = offer
        if offer.state is OfferState.ACCEPTED:
            agreed = offer
    return pairs


def history(booking: Booking, offers: Sequence[Offer]) -> list[Moment]:
    """The timeline of a booking.

    Args:
        booking: the booking.
        offers: all its versions, the first one first.
    """
    moments: list[Moment] = []
    is_agreed = False
    for before, offer in compared(offers):
        # Once a version is agreed on, others are about another date.
        moments += _offer(
            booking, before, offer, is_move=is_agreed, answer=_answer(booking, offers) if offer is offers[-1] else None
        )
        if offer.state is OfferState.ACCEPTED and not is_agreed:
            is_agreed = True
            if booking.confirmed_at is not None:
                moments.append(Moment(booking.confirmed_at, What.CONFIRMED, None, None))
    if booking.completed_at is not None:
        moments.append(Moment(booking.completed_at, What.COMPLETED, None, None))
    if booking.cancelled_at is not None:
        by = booking.cancelled_by.value if booking.cancelled_by else None
        moments.append(Moment(booking.cancelled_at, What.CANCELLED, by, None, text=booking.cancel_reason))
    expired = not any(m.what is What.EXPIRED for m in moments)
    if booking.state == "expired" and expired:
        # Agreed, and then not paid, or the date went to somebody else.
        moments.append(Moment(booking.updated_at, What.EXPIRED, None, None))
    return sorted(moments, key=lambda moment: moment.at)


def _offer(booking: Booking, before: Offer | None, offer: Offer, *, is_move: bool, answer: str | None) -> list[Moment]:
    """That it was made, and what became of it (but for being countered: the next one says so)."""
    changes = (
        tuple(all_said(terms_of_offer(before), terms_of_offer(offer), booking.currency)) if before is not None else ()
    )
    if is_move:
        made = What.DATE_PROPOSED
    elif before is not None:
        made = What.COUNTERED
    else:
        made = What.REQUESTED if booking.requested_by is Side.ARTIST else What.INVITED
    moments = [Moment(offer.created_at, made, offer.made_by.value, offer.number, changes, offer.message)]
    ends = {
        OfferState.ACCEPTED: (What.DATE_AGREED if is_move else What.APPROVED, offer.made_by.other),
        OfferState.REJECTED: (What.DATE_REJECTED if is_move else What.REJECTED, offer.made_by.other),
        OfferState.EXPIRED: (What.DATE_EXPIRED if is_move else What.EXPIRED, None),
    }
    if is_move:
        ends[OfferState.WITHDRAWN] = (What.DATE_WITHDRAWN, offer.made_by)
    if offer.answered_at is not None and offer.state in ends:
        what, by = ends[offer.state]
        text = day(offer.date) if what is What.DATE_AGREED else answer if by else None
        moments.append(Moment(offer.answered_at, what, by.value if by else None, offer.number, text=text))
    return moments


def _answer(booking: Booking, offers: Sequence[Offer]) -> str | None:
    """What was said with the answer to the last version; words of an earlier counter-offer may still stand there."""
    by = offers[-1].made_by.other
    said = booking.artist_response if by is Side.ARTIST else booking.host_response
    return None if said in {offer.message for offer in offers if offer.made_by is by} else said
