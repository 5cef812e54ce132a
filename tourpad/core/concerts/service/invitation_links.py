"""Links to a concert that its host or its artist hands out: for one guest or many, for a time, taken back at will."""

from datetime import datetime
from uuid import UUID

from tourpad.core.concerts import invitations, rules
from tourpad.core.concerts.errors import BadInvitation, ConcertClosed, InvitationSpent
from tourpad.core.concerts.models import Concert, ConcertInvitation, InvitationLink
from tourpad.core.concerts.queries import invitations as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import seats
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.values import Value
from tourpad.core.work import Work


class Link(Value):
    """A link, and where it leads."""

    link: InvitationLink
    url: str
    is_good: bool
    """Whether it still invites anybody."""


class Invitation(Value):
    """What whoever holds a link may know before they use it: never a street."""

    view: ConcertView
    is_good: bool


def make_invitation_link(
    work: Work,
    *,
    concert_id: UUID,
    user_id: UUID,
    label: str | None = None,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
) -> Link:
    """Make a link that invites whoever opens it as a member.

    Args:
        work: the unit of work.
        concert_id: to which concert.
        user_id: its artist or its host.
        label: whom it is for.
        max_uses: how many fans it invites: 1 for a personal one; None for any number.
        expires_at: until when; None until the show begins.

    Raises:
        NotFoundError: no such concert of this person.
        ConcertClosed: it has begun, or was called off.
        InvalidInputError: naming every wrong field.
    """
    concert = _as_side(work, concert_id, user_id)
    if not seats.is_open(work, concert):
        raise ConcertClosed("Nobody can be invited any more.", state=concert.state)
    found = Fields()
    name = found.text("label", label, longest=rules.LONGEST_NAME) if label and label.strip() else None
    if max_uses is not None and not 1 <= max_uses <= rules.MOST_USES:
        found.wrong("max_uses", f"must be between 1 and {rules.MOST_USES:,}")
    if expires_at is not None and expires_at <= work.now:
        found.wrong("expires_at", "is over already")
    if queries.count(work, concert.id) >= rules.MOST_LINKS:
        found.wrong("concert_id", f"has {rules.MOST_LINKS} links already")
    found.done()
    link = InvitationLink(
        id=new_id(),
        concert_id=concert.id,
        created_by=user_id,
        label=name,
        max_uses=max_uses,
        uses=0,
        expires_at=expires_at,
        created_at=work.now,
    )
    work.add(link)
    work.audit("concert.invitation_link", target_type="concert", target_id=concert.id, max_uses=max_uses)
    return _shown(work, concert, link)


def invitation_links(work: Work, *, concert_id: UUID, user_id: UUID) -> list[Link]:
    """A concert's links with how often each was used, the newest first, for its artist and its host.

    Raises:
        NotFoundError: no such concert of this person.
    """
    view = shows.get_view(work, concert_id)
    if view.sides.side_of(user_id) is None:
        raise shows.unknown()
    return [_shown(work, view.concert, link) for link in queries.of_concert(work, concert_id)]


def revoke_invitation_link(work: Work, *, link_id: UUID, user_id: UUID) -> Link:
    """Take a link back. Whoever came by it stays invited. Safe to repeat.

    Raises:
        NotFoundError: no such link of a concert of this person.
    """
    link = queries.lock(work, link_id)
    concert = None if link is None else shows.get_view(work, link.concert_id)
    if link is None or concert is None or concert.sides.side_of(user_id) is None:
        raise queries.unknown()
    if link.revoked_at is None:
        link.revoked_at = work.now
        work.audit("concert.invitation_revoke", target_type="concert", target_id=link.concert_id, uses=link.uses)
        work.session.flush()
    return _shown(work, concert.concert, link)


def read_invitation(work: Work, *, token: str) -> Invitation:
    """What a link invites to, for whoever holds it.

    Raises:
        BadInvitation: it is none of ours, or was cut.
    """
    link = queries.get(work, invitations.read(work.settings.secret, token))
    if link is None:
        raise BadInvitation
    view = shows.get_view(work, link.concert_id)
    return Invitation(view, _is_good(work, view.concert, link))


def accept_invitation(work: Work, *, token: str, user_id: UUID) -> UUID:
    """Be invited by a link: the concert can be seen, and seats asked for. Counted once a person; safe to repeat.

    Args:
        work: the unit of work.
        token: the link's.
        user_id: a fan who is a member.

    Raises:
        BadInvitation: it is none of ours, or was cut.
        InvitationSpent: it was taken back, has expired, or has invited as many as it was for.
    """
    link = queries.lock(work, invitations.read(work.settings.secret, token))
    if link is None:
        raise BadInvitation
    if queries.invited(work, concert_id=link.concert_id, user_id=user_id):
        return link.concert_id
    if not _is_good(work, shows.get_view(work, link.concert_id).concert, link):
        raise InvitationSpent
    link.uses += 1
    work.add(
        ConcertInvitation(
            id=new_id(), concert_id=link.concert_id, user_id=user_id, link_id=link.id, created_at=work.now
        )
    )
    return link.concert_id


def _as_side(work: Work, concert_id: UUID, user_id: UUID) -> Concert:
    concert = shows.lock(work, concert_id)
    if shows.sides_of(work, concert).side_of(user_id) is None:
        raise shows.unknown()
    return concert


def _is_good(work: Work, concert: Concert, link: InvitationLink) -> bool:
    used_up = link.max_uses is not None and link.uses >= link.max_uses
    expired = link.expires_at is not None and work.now >= link.expires_at
    return not (used_up or expired or link.revoked_at is not None) and seats.is_open(work, concert)


def _shown(work: Work, concert: Concert, link: InvitationLink) -> Link:
    token = invitations.mint(work.settings.secret, link.id)
    url = f"{work.settings.base_url.rstrip('/')}/invitations/{token}"
    return Link(link, url, _is_good(work, concert, link))
