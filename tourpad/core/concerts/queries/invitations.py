"""Links to concerts, and who came by them."""

from uuid import UUID

from sqlalchemy import func, select

from tourpad.core.concerts.models import ConcertInvitation, InvitationLink
from tourpad.core.errors import NotFoundError
from tourpad.core.work import Work


def lock(work: Work, link_id: UUID) -> InvitationLink | None:
    """One link, locked: of two fans who take the last place of it at once one gets it."""
    return work.session.scalar(
        select(InvitationLink)
        .where(InvitationLink.id == link_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def get(work: Work, link_id: UUID) -> InvitationLink | None:
    """One link."""
    return work.session.scalar(select(InvitationLink).where(InvitationLink.id == link_id))


def of_concert(work: Work, concert_id: UUID) -> list[InvitationLink]:
    """A concert's links, the newest first."""
    return list(
        work.session.scalars(
            select(InvitationLink)
            .where(InvitationLink.concert_id == concert_id)
            .order_by(InvitationLink.created_at.desc(), InvitationLink.id.desc())
        )
    )


def count(work: Work, concert_id: UUID) -> int:
    """How many links a concert has."""
    return (
        work.session.scalar(
            select(func.count()).select_from(InvitationLink).where(InvitationLink.concert_id == concert_id)
        )
        or 0
    )


def invited(work: Work, *, concert_id: UUID, user_id: UUID) -> bool:
    """Whether a person is invited to a concert."""
    return (
        work.session.scalar(
            select(ConcertInvitation.id).where(
                ConcertInvitation.concert_id == concert_id, ConcertInvitation.user_id == user_id
            )
        )
        is not None
    )


def unknown() -> NotFoundError:
    """What whoever it does not concern is told, too."""
    return NotFoundError("No invitation link has this id.")


def uses(work: Work, concert_id: UUID) -> tuple[int, int]:
    """Of a concert's links: how many are open still, and how many people came by any of them."""
    link = InvitationLink
    is_open = (
        link.revoked_at.is_(None)
        & (link.expires_at.is_(None) | (link.expires_at > work.now))
        & (link.max_uses.is_(None) | (link.uses < link.max_uses))
    )
    open_now, used = work.session.execute(
        select(func.count().filter(is_open), func.coalesce(func.sum(link.uses), 0)).where(link.concert_id == concert_id)
    ).one()
    return int(open_now), int(used)
