"""Where an artist sleeps: shown by signed links, to the host and to who is coming."""

from uuid import UUID

from litestar import get

from tourpad.core.bookings import service
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.media_links import PieceOut, pieces_out
from tourpad.web.needs import needs
from tourpad.web.shapes import Output


class LodgingAnswer(Output):
    """Pictures and videos, in the host's order; the links are good until `linksExpireAt`."""

    media: list[PieceOut]


@get("/api/bookings/{booking_id:uuid}/lodging-media", **needs(Permission.ANSWER_BOOKING), tags=["bookings"])
def show_lodging(platform: Platform, principal: Principal, booking_id: UUID) -> LodgingAnswer:
    """Where the artist would sleep. For the artist while the booking is confirmed, and for its host."""
    with platform.work(principal.actor) as work:
        shown = service.lodging_media(work, booking_id=booking_id, user_id=principal.user_id)
        return LodgingAnswer(media=pieces_out(work, platform, shown))


ROUTES = (show_lodging,)
