"""Gifts of memberships."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from tourpad.core.errors import NotFoundError
from tourpad.core.memberships.models import MembershipGift
from tourpad.core.memberships.states import GiftState
from tourpad.core.work import Work


def gift(work: Work, gift_id: UUID, *, giver_id: UUID | None = None) -> MembershipGift:
    """One gift; with `giver_id` only this person's.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    found = work.session.get(MembershipGift, gift_id)
    if found is None or giver_id not in (None, found.giver_user_id):
        raise NotFoundError("There is no gift with this id.", hint="tourpad memberships gifts list shows them.")
    return found


def gift_for_update(work: Work, gift_id: UUID) -> MembershipGift:
    """The same, locked: two who redeem one code, or one who redeems and an admin who refunds, come one by one.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.get(MembershipGift, gift_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFoundError("There is no gift with this id.", hint="tourpad memberships gifts list shows them.")
    return found


def gift_by_code(work: Work, code_hash: str) -> MembershipGift | None:
    """The gift of a code, locked as above."""
    return work.session.scalar(
        select(MembershipGift)
        .where(MembershipGift.code_hash == code_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def gifts_by(work: Work, giver_id: UUID) -> Sequence[MembershipGift]:
    """What one person has given, the newest first."""
    return work.session.scalars(
        select(MembershipGift)
        .where(MembershipGift.giver_user_id == giver_id)
        .order_by(MembershipGift.created_at.desc(), MembershipGift.id.desc())
    ).all()


def gifts(
    work: Work, *, state: GiftState | None, search: str | None, limit: int
) -> tuple[Sequence[MembershipGift], int]:
    """Gifts, the newest first, and how many there are in all."""
    where: list[ColumnElement[bool]] = []
    if state is not None:
        where.append(MembershipGift.state == state)
    if search:
        where.append(
            or_(
                MembershipGift.to_address.icontains(search, autoescape=True),
                MembershipGift.to_name.icontains(search, autoescape=True),
            )
        )
    total = work.session.scalar(select(func.count()).select_from(MembershipGift).where(*where)) or 0
    order = (MembershipGift.created_at.desc(), MembershipGift.id.desc())
    return work.session.scalars(select(MembershipGift).where(*where).order_by(*order).limit(limit)).all(), total


def gifts_to_forget(work: Work, user_id: UUID) -> list[MembershipGift]:
    """Gifts that a person gave or redeemed, and that wait for nobody any more."""
    waits = (GiftState.PENDING, GiftState.PAID, GiftState.CREDITING)
    return list(
        work.session.scalars(
            select(MembershipGift)
            .where(
                or_(MembershipGift.giver_user_id == user_id, MembershipGift.redeemed_by == user_id),
                MembershipGift.state.not_in(waits),
            )
            .order_by(MembershipGift.id)
            .with_for_update()
        )
    )


def was_given(work: Work, user_id: UUID) -> bool:
    """Whether a person has ever redeemed a gift."""
    found = select(MembershipGift.id).where(MembershipGift.redeemed_by == user_id)
    return work.session.scalar(found.limit(1)) is not None


def to_credit(work: Work, before: datetime) -> list[UUID]:
    """Gifts whose credit was begun before an instant and is not known to be made."""
    return list(
        work.session.scalars(
            select(MembershipGift.id)
            .where(MembershipGift.state == GiftState.CREDITING, MembershipGift.updated_at <= before)
            .order_by(MembershipGift.id)
        )
    )


def to_lapse(work: Work) -> list[UUID]:
    """Gifts whose code was not redeemed in time."""
    return list(
        work.session.scalars(
            select(MembershipGift.id)
            .where(MembershipGift.state == GiftState.PAID, MembershipGift.redeem_until <= work.now)
            .order_by(MembershipGift.id)
        )
    )
