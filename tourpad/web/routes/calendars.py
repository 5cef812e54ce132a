"""A concert to take over into one's calendar."""

from uuid import UUID

from litestar import Response, get

from tourpad.core import calendars
from tourpad.core.concerts import service
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.openapi import ALSO
from tourpad.web.routes.concerts import seen_by

_WHO = (Permission.BROWSE_CONCERTS, Permission.ANSWER_BOOKING, Permission.PAY)


@get(
    "/api/concerts/{concert_id:uuid}/calendar.ics",
    **needs(*_WHO, **{ALSO: (calendars.MIME_TYPE,)}),
    media_type=calendars.MIME_TYPE,
    tags=["concerts"],
)
def get_calendar(platform: Platform, principal: Principal, concert_id: UUID) -> Response[bytes]:
    """One concert as iCalendar, right over every change of the clocks.

    It names the town; the exact address is in it only for whoever is entitled to it now, and that look is on record.
    """
    with platform.work(principal.actor) as work:
        view, viewer = seen_by(work, principal, concert_id)
        file = service.calendar(work, view=view, viewer=viewer, user_id=principal.user_id)
        work.commit()
    name = f"tourpad-{view.concert.date.isoformat()}.{calendars.SUFFIX}"
    return Response(
        file,
        media_type=calendars.MIME_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


ROUTES = (get_calendar,)
