"""One's own shows for other calendar programs, by a secret address."""

import hashlib
from datetime import datetime
from typing import Any

from litestar import Request, Response, delete, get, post

from tourpad.core import calendars
from tourpad.core.actors import NOBODY
from tourpad.core.agenda import queries, service
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.requests.limits import CALENDAR
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import client_address, limit
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.openapi import ALSO
from tourpad.web.shapes import Output


class CalendarLinkOut(Output):
    """Whether one's shows can be read by a secret address."""

    created_at: datetime
    read_at: datetime | None
    """When a program last did, to the hour."""


class CalendarLinkAnswer(Output):
    """One's secret address, without the address: only a digest of it is kept."""

    link: CalendarLinkOut | None


class NewCalendarLinkAnswer(Output):
    """A new secret address. It is shown this once."""

    url: str
    webcal_url: str
    """The same, as calendar programs on a phone open it."""
    link: CalendarLinkOut


@get("/api/calendar/link", **needs(Permission.ACCOUNT), tags=["calendar"])
def show_link(platform: Platform, principal: Principal) -> CalendarLinkAnswer:
    """Whether one has a secret address, and when it was last read."""
    with platform.work(principal.actor) as work:
        link = queries.of_user(work, principal.user_id)
    shown = None if link is None else CalendarLinkOut(created_at=link.created_at, read_at=link.read_at)
    return CalendarLinkAnswer(link=shown)


@post("/api/calendar/link", **needs(Permission.ACCOUNT, **{NO_STORED_ANSWER: True}), tags=["calendar"])
def renew_link(platform: Platform, principal: Principal) -> NewCalendarLinkAnswer:
    """A new secret address for one's shows. The one before is worth nothing from now on."""
    with platform.work(principal.actor) as work:
        url = service.renew(work, user_id=principal.user_id)
        work.commit()
        created_at = work.now
    webcal = "webcal" + url[url.index(":") :]
    return NewCalendarLinkAnswer(url=url, webcal_url=webcal, link=CalendarLinkOut(created_at=created_at, read_at=None))


@delete("/api/calendar/link", **needs(Permission.ACCOUNT), tags=["calendar"])
def revoke_link(platform: Platform, principal: Principal) -> None:
    """Take the secret address back. Safe to repeat."""
    with platform.work(principal.actor) as work:
        service.revoke(work, user_id=principal.user_id)
        work.commit()


@get(
    "/api/calendar/{token:str}",
    **needs(PUBLIC, **{ALSO: (calendars.MIME_TYPE,)}),
    media_type=calendars.MIME_TYPE,
    tags=["calendar"],
)
def read_calendar(token: str, request: Request[Any, Any, Any], platform: Platform) -> Response[bytes]:
    """The calendar behind a secret address that ends in `.ics`: one's shows, with their town and a link."""
    limit(request, platform, CALENDAR, client_address(request.scope))
    with platform.work(NOBODY) as work:
        body = service.read(work, token=token.removesuffix(f".{calendars.SUFFIX}"))
        work.commit()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, max-age=900", "ETag": etag, "X-Robots-Tag": "noindex"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    headers["Content-Disposition"] = f'inline; filename="tourpad.{calendars.SUFFIX}"'
    return Response(body, media_type=calendars.MIME_TYPE, headers=headers)


ROUTES = (show_link, renew_link, revoke_link, read_calendar)
"""The named paths before the one that takes any token."""
