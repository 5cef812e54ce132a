"""Where an artist would sleep: pictures that nobody sees but the host and who is coming."""

from collections.abc import Sequence
from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.errors import LodgingNotReleased
from tourpad.core.bookings.states import BookingState, Side
from tourpad.core.media import queries as media
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaCategory
from tourpad.core.work import Work


def lodging_media(work: Work, *, booking_id: UUID, user_id: UUID) -> Sequence[Media]:
    """Pictures and videos of where the artist of a booking would sleep, in the host's order.

    Raises:
        NotFoundError: no such booking of this person.
        LodgingNotReleased: the booking is not confirmed (yet, or any more).
    """
    view = queries.get_view(work, booking_id)
    side = view.sides.side_of(user_id)
    if side is None:
        raise queries.unknown()
    if side is Side.ARTIST and view.booking.state is not BookingState.CONFIRMED:
        raise LodgingNotReleased(
            "Where you would sleep is shown while the booking is confirmed.", state=view.booking.state
        )
    host = view.sides.host_user_id
    shown = media.shown_of(work, [host], private=True)[host]
    return [piece for piece in shown if piece.category is MediaCategory.LODGING]
