"""Links that invite to a concert: handed out by its sides, used by fans."""

from datetime import date, datetime
from uuid import UUID

from litestar import Response, delete, get, post

from tourpad.core.actors import NOBODY
from tourpad.core.concerts import service
from tourpad.core.concerts.service.invitation_links import Link
from tourpad.core.errors import TourPadError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.notifications.render import clock_face
from tourpad.core.platform import Platform
from tourpad.web.errors import STATUS
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.pages import page
from tourpad.web.routes.concerts import ConcertAnswer, concert_detail
from tourpad.web.shapes import Input, Instant, Output
from tourpad.web.times import write_time

_SIDES = needs(Permission.ANSWER_BOOKING)


class LinkIn(Input):
    """A link to hand out."""

    label: str | None = None
    """Whom it is for, for the list of links only."""
    max_uses: int | None = None
    """How many fans it invites: 1 for a personal one; any number, if it is left out."""
    expires_at: Instant | None = None
    """Until the show begins, if it is left out."""


class LinkOut(Output):
    """A link, and how often it was used."""

    id: UUID
    url: str
    label: str | None
    max_uses: int | None
    uses: int
    is_good: bool
    """Whether it still invites anybody."""
    expires_at: datetime | None
    revoked_at: datetime | None
    created_at: datetime


class LinkAnswer(Output):
    """One link."""

    invitation_link: LinkOut


class LinksAnswer(Output):
    """A concert's links, the newest first."""

    invitation_links: list[LinkOut]


class InvitationOut(Output):
    """What a link invites to, as far as whoever holds it may know."""

    title: str
    date: date
    start_time: str
    time_zone: str
    city: str
    state: str
    is_good: bool


class InvitationAnswer(Output):
    """One invitation."""

    invitation: InvitationOut


@post("/api/concerts/{concert_id:uuid}/invitation-links", **_SIDES, tags=["concerts"])
def make_link(platform: Platform, principal: Principal, concert_id: UUID, data: LinkIn | None = None) -> LinkAnswer:
    """Make a link that invites to one's concert: for one or many, for a time. It is shown again whenever one asks."""
    wanted = data or LinkIn()
    with platform.work(principal.actor) as work:
        made = service.make_invitation_link(
            work,
            concert_id=concert_id,
            user_id=principal.user_id,
            label=wanted.label,
            max_uses=wanted.max_uses,
            expires_at=wanted.expires_at,
        )
        work.commit()
        return LinkAnswer(invitation_link=_out(made))


@get("/api/concerts/{concert_id:uuid}/invitation-links", **_SIDES, tags=["concerts"])
def list_links(platform: Platform, principal: Principal, concert_id: UUID) -> LinksAnswer:
    """The links of one's concert, and how often each was used."""
    with platform.work(principal.actor) as work:
        links = service.invitation_links(work, concert_id=concert_id, user_id=principal.user_id)
    return LinksAnswer(invitation_links=[_out(link) for link in links])


@delete("/api/invitation-links/{link_id:uuid}", **_SIDES, status_code=200, tags=["concerts"])
def revoke_link(platform: Platform, principal: Principal, link_id: UUID) -> LinkAnswer:
    """Take a link back. Whoever came by it stays invited."""
    with platform.work(principal.actor) as work:
        link = service.revoke_invitation_link(work, link_id=link_id, user_id=principal.user_id)
        work.commit()
        return LinkAnswer(invitation_link=_out(link))


@get("/api/invitations/{token:str}", **needs(PUBLIC), tags=["concerts"])
def read_invitation(platform: Platform, token: str) -> InvitationAnswer:
    """What a link invites to."""
    with platform.work(NOBODY) as work:
        found = service.read_invitation(work, token=token)
    concert, sides = found.view.concert, found.view.sides
    return InvitationAnswer(
        invitation=InvitationOut(
            title=concert.title,
            date=concert.date,
            start_time=write_time(concert.start_time),
            time_zone=concert.time_zone,
            city=sides.city,
            state=sides.region,
            is_good=found.is_good,
        )
    )


@post("/api/invitations/{token:str}", **needs(Permission.RSVP), status_code=200, tags=["concerts"])
def accept_invitation(platform: Platform, principal: Principal, token: str) -> ConcertAnswer:
    """Be invited by a link. The concert can be seen from then on, and seats asked for."""
    with platform.work(principal.actor) as work:
        concert_id = service.accept_invitation(work, token=token, user_id=principal.user_id)
        work.commit()
        return ConcertAnswer(concert=concert_detail(work, principal, concert_id))


@get("/invitations/{token:str}", **needs(PUBLIC), include_in_schema=False)
def invitation_page(platform: Platform, token: str) -> Response[bytes]:
    """The same for whoever opens the link in a browser."""
    try:
        with platform.work(NOBODY) as work:
            found = service.read_invitation(work, token=token)
    except TourPadError as error:
        return page("An invitation", wrong=error.message, status=STATUS[error.kind])
    concert, sides = found.view.concert, found.view.sides
    when = f"{concert.date:%A} {concert.date.day} {concert.date:%B %Y}, {clock_face(concert.start_time)}"
    told = (
        "Open TourPad as a member: this link invites you, and you can ask for seats."
        if found.is_good
        else "This invitation is not good any more. Ask whoever sent it for another one."
    )
    return page("You are invited", f"{concert.title}.", f"{when}, {sides.city} {sides.region}.", told)


def _out(shown: Link) -> LinkOut:
    link = shown.link
    return LinkOut(
        id=link.id,
        url=shown.url,
        label=link.label,
        max_uses=link.max_uses,
        uses=link.uses,
        is_good=shown.is_good,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        created_at=link.created_at,
    )


ROUTES = (make_link, list_links, revoke_link, read_invitation, accept_invitation, invitation_page)
