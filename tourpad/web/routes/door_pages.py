"""The page of one evening's door, and what it asks for: for whoever has the link, and for this one evening only."""

from functools import cache
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post

from tourpad.core.actors import NOBODY, Actor, ActorKind
from tourpad.core.concerts import service
from tourpad.core.concerts.queries import seats
from tourpad.core.concerts.service.door_lists import Doorkeeper
from tourpad.core.errors import TourPadError
from tourpad.core.platform import Platform
from tourpad.web.door_shapes import DoorListAnswer, SyncAnswer, SyncIn, list_out, offline, told_out
from tourpad.web.errors import STATUS
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import TEMPLATES, environment, page
from tourpad.web.qr import PRIVATE, qr
from tourpad.web.routes.pay_links import WalkUpAnswer, WalkUpIn, let_in_at

_DOOR: Final[dict[str, Any]] = {**needs(PUBLIC), "include_in_schema": False}
_HEADERS: Final = {
    **PRIVATE,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "media-src 'self' blob:; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
}
"""Its own script and nothing from elsewhere; the camera, for tickets."""
_FRESH: Final = {"Cache-Control": "no-cache"}


@get("/door/door.css", **_DOOR)
def door_style() -> Response[bytes]:
    """How the page looks."""
    return Response(_file("door.css"), media_type="text/css", headers=_FRESH)


@get("/door/door.js", **_DOOR)
def door_script() -> Response[bytes]:
    """What the page does."""
    return Response(_file("door.js"), media_type="text/javascript", headers=_FRESH)


@get("/door/sw.js", **_DOOR)
def door_keeper() -> Response[bytes]:
    """What keeps the page on the device, so that it opens without a network."""
    # A worker is held to the policy of its own file: without this it could fetch nothing.
    policy = {"Content-Security-Policy": "default-src 'none'; connect-src 'self'"}
    return Response(_file("door_sw.js"), media_type="text/javascript", headers={**_FRESH, **policy})


@get("/door/{token:str}", **_DOOR)
def door_page(token: str, platform: Platform) -> Response[bytes]:
    """The page. Names come by its script, which keeps them until the evening is over."""
    try:
        _keeper(platform, token)
    except TourPadError as error:
        return page("The door", wrong=error.message, status=STATUS[error.kind])
    html = environment().get_template("door.html").render(token=token)
    return Response(html.encode(), media_type="text/html", headers=_HEADERS)


@get("/door/{token:str}/list", **_DOOR)
def door_list(token: str, platform: Platform) -> DoorListAnswer:
    """Who may come in, as of now."""
    who = _keeper(platform, token)
    with platform.work(_actor(who)) as work:
        return list_out(service.door_list(work, concert_id=who.concert_id, user_id=who.host_user_id))


@post("/door/{token:str}/sync", **_DOOR, status_code=200)
def door_sync(token: str, platform: Platform, data: SyncIn) -> SyncAnswer:
    """What the device has scanned since it was last heard."""
    who = _keeper(platform, token)
    with platform.work(_actor(who)) as work:
        told = service.sync(
            work,
            concert_id=who.concert_id,
            user_id=who.host_user_id,
            list_token=data.list_token,
            device=data.device,
            scans=[offline(scan) for scan in data.scans],
        )
        work.commit()
        return SyncAnswer(scans=[told_out(each) for each in told])


@post("/door/{token:str}/walk-ups", **_DOOR, status_code=201)
def door_walk_up(token: str, platform: Platform, data: WalkUpIn) -> WalkUpAnswer:
    """Somebody without a ticket, as long as there is room."""
    who = _keeper(platform, token)
    return let_in_at(platform, _actor(who), who.concert_id, who.host_user_id, data)


@get("/door/{token:str}/pay-link/{rsvp_id:uuid}/qr", **_DOOR)
def door_pay_qr(token: str, rsvp_id: UUID, platform: Platform) -> Response[bytes]:
    """What a party of this evening owes, as a code to hold out to it."""
    who = _keeper(platform, token)
    with platform.work(_actor(who)) as work:
        link = service.pay_link(work, rsvp_id=rsvp_id, user_id=who.host_user_id)
    if link.bill.rsvp.concert_id != who.concert_id:
        raise seats.unknown()
    return qr(link.url, "svg")


def _keeper(platform: Platform, token: str) -> Doorkeeper:
    with platform.work(NOBODY) as work:
        return service.doorkeeper(work, token=token)


def _actor(who: Doorkeeper) -> Actor:
    """Nobody whom we know by name: the log says by which link it was."""
    return Actor(ActorKind.NOBODY, f"door link {who.concert_id.hex[-8:]}")


@cache
def _file(name: str) -> bytes:
    return (TEMPLATES / name).read_bytes()


ROUTES = (
    door_style,
    door_script,
    door_keeper,
    door_page,
    door_list,
    door_sync,
    door_walk_up,
    door_pay_qr,
)
