"""A guest's ticket: as data, as a QR code, as a page to print."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import QueryParameter

from tourpad.core.concerts import service
from tourpad.core.concerts.service.tickets import TicketView
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.papers.pages.ticket import ticket_page
from tourpad.core.papers.service import merchant
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.openapi import ALSO
from tourpad.web.papers import print_out
from tourpad.web.qr import PRIVATE, qr
from tourpad.web.shapes import Output
from tourpad.web.times import write_time

_GUESTS = needs(Permission.RSVP, Permission.PAY)
_FORMS = {ALSO: ("image/svg+xml", "image/png", "application/pdf")}


class TicketForm(StrEnum):
    """What a ticket comes as."""

    JSON = "json"
    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


class TicketOut(Output):
    """A ticket for all of one's party: each of its guests comes in by it once."""

    rsvp_id: UUID
    concert_id: UUID
    token: str
    """What its QR code holds."""
    code: str
    """The same, to be read out or typed at the door."""
    issue: int
    """Counts this party's tickets; only the newest is good."""
    name: str
    guests_count: int
    arrived_count: int
    title: str
    date: date
    start_time: str
    time_zone: str
    starts_at: datetime
    city: str


class TicketAnswer(Output):
    """One ticket."""

    ticket: TicketOut


@get("/api/rsvps/{rsvp_id:uuid}/ticket", **needs(Permission.RSVP, Permission.PAY, **_FORMS), tags=["rsvps"])
def get_ticket(
    platform: Platform,
    principal: Principal,
    rsvp_id: UUID,
    format: Annotated[  # noqa: A002 - its name outside
        TicketForm, QueryParameter(name="format", description="As data, its QR code as a picture, or a page to print.")
    ] = TicketForm.JSON,
) -> Response[TicketAnswer]:
    """The ticket of one's own party, once its seats are certain."""
    with platform.work(principal.actor) as work:
        ticket = service.ticket(work, rsvp_id=rsvp_id, user_id=principal.user_id)
    if format is TicketForm.JSON:
        return Response(TicketAnswer(ticket=_out(ticket)), headers=PRIVATE)
    if format is TicketForm.PDF:
        return print_out(ticket_page(ticket, merchant(platform.settings)), cache=PRIVATE)
    picture: Response[Any] = qr(ticket.token, "svg" if format is TicketForm.SVG else "png")
    return picture


@post("/api/rsvps/{rsvp_id:uuid}/ticket/renew", **_GUESTS, status_code=200, tags=["rsvps"])
def renew_ticket(platform: Platform, principal: Principal, rsvp_id: UUID) -> TicketAnswer:
    """A new ticket, since somebody else may have the old one: that one opens no door any more."""
    with platform.work(principal.actor) as work:
        ticket = service.renew_ticket(work, rsvp_id=rsvp_id, user_id=principal.user_id)
        work.commit()
    return TicketAnswer(ticket=_out(ticket))


def _out(ticket: TicketView) -> TicketOut:
    rsvp, concert = ticket.rsvp, ticket.view.concert
    return TicketOut(
        rsvp_id=rsvp.id,
        concert_id=concert.id,
        token=ticket.token,
        code=ticket.code,
        issue=rsvp.ticket_issue,
        name=ticket.name,
        guests_count=rsvp.guests_count,
        arrived_count=rsvp.arrived_count,
        title=concert.title,
        date=concert.date,
        start_time=write_time(concert.start_time),
        time_zone=concert.time_zone,
        starts_at=concert.starts_at,
        city=ticket.view.sides.city,
    )


ROUTES = (get_ticket, renew_ticket)
