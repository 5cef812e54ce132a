"""The door of one's home: tickets are scanned, with and without a network."""

from datetime import datetime
from uuid import UUID

from litestar import get, post

from tourpad.core.concerts import service
from tourpad.core.concerts.models import Concert
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.door_shapes import DoorListAnswer, SyncAnswer, SyncIn, list_out, offline, told_out
from tourpad.web.needs import needs
from tourpad.web.routes.rsvps import RsvpAnswer, rsvp_out, status_word
from tourpad.web.shapes import Input, Output

_HOST = needs(Permission.ANSWER_BOOKING)


class CheckInIn(Input):
    """Who is at the door: exactly one of `token`, `code`, `rsvpId`."""

    token: str | None = None
    """Of a ticket, as it was scanned."""
    code: str | None = None
    """Of a ticket, as it was typed."""
    rsvp_id: UUID | None = None
    """A party of the host's list."""
    guests: int | None = None
    """How many of the party have come; everybody who is missing, if it is left out."""


class CheckInAnswer(RsvpAnswer):
    """The party, and how many of it came in just now."""

    guests: int


class DoorLinkIn(Input):
    """A link to the door."""

    renew: bool = False
    """Make all links that were given out before worthless."""


class DoorLinkOut(Output):
    """A link by which somebody does the door of one evening: sees the list, lets guests in, takes walk-ups."""

    url: str
    expires_at: datetime


class DoorLinkAnswer(Output):
    """One link."""

    door_link: DoorLinkOut


@post("/api/concerts/{concert_id:uuid}/check-in", **_HOST, status_code=200, tags=["door"])
def check_in(platform: Platform, principal: Principal, concert_id: UUID, data: CheckInIn) -> CheckInAnswer:
    """Let a party in at the door of one's home, by its ticket or by name; or some of it.

    Each guest comes in once: a second scan is 409 `already_checked_in`; `details` says since when, and by whom.
    """
    with platform.work(principal.actor) as work:
        arrival = service.check_in(
            work,
            concert_id=concert_id,
            user_id=principal.user_id,
            rsvp_id=data.rsvp_id,
            token=data.token,
            code=data.code,
            guests=data.guests,
        )
        work.commit()
        rsvp = arrival.rsvp
        concert = work.session.get_one(Concert, concert_id)
    return CheckInAnswer(rsvp=rsvp_out(rsvp, concert), status=status_word(rsvp, concert), guests=arrival.guests)


@get("/api/concerts/{concert_id:uuid}/door-list", **_HOST, tags=["door"])
def get_door_list(platform: Platform, principal: Principal, concert_id: UUID) -> DoorListAnswer:
    """Who may come in, as a device can keep it: it knows each ticket by a hash, and can make none."""
    with platform.work(principal.actor) as work:
        return list_out(service.door_list(work, concert_id=concert_id, user_id=principal.user_id))


@post("/api/concerts/{concert_id:uuid}/check-in/sync", **_HOST, status_code=200, tags=["door"])
def sync_check_ins(platform: Platform, principal: Principal, concert_id: UUID, data: SyncIn) -> SyncAnswer:
    """Tell what a device has scanned while it was offline. Safe to repeat, in any order, from several devices.

    Of two scans of one ticket the earlier counts; the later one is a `duplicate`.
    """
    with platform.work(principal.actor) as work:
        told = service.sync(
            work,
            concert_id=concert_id,
            user_id=principal.user_id,
            list_token=data.list_token,
            device=data.device,
            scans=[offline(scan) for scan in data.scans],
        )
        work.commit()
        return SyncAnswer(scans=[told_out(each) for each in told])


@post("/api/concerts/{concert_id:uuid}/door-link", **_HOST, status_code=200, tags=["door"])
def get_door_link(
    platform: Platform, principal: Principal, concert_id: UUID, data: DoorLinkIn | None = None
) -> DoorLinkAnswer:
    """A link to the page of one's door, for whoever stands there; no account is needed. Good until a day after."""
    with platform.work(principal.actor) as work:
        link = service.door_link(
            work, concert_id=concert_id, user_id=principal.user_id, renew=data.renew if data else False
        )
        work.commit()
    return DoorLinkAnswer(door_link=DoorLinkOut(url=link.url, expires_at=link.expires_at))


ROUTES = (check_in, get_door_list, sync_check_ins, get_door_link)
