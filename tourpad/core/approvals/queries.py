"""Every SELECT of requests, and the one INSERT (which answers whether the same is asked for already)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.approvals.models import Approval
from tourpad.core.approvals.states import LIVE, ApprovalKind
from tourpad.core.errors import NotFoundError
from tourpad.core.work import Work

LIST = "tourpad payouts approvals"


def get(work: Work, approval_id: UUID) -> Approval:
    """One request.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = work.session.get(Approval, approval_id)
    if found is None:
        raise NotFoundError("There is no request with this id.", hint=f"{LIST} shows them.")
    return found


def get_for_update(work: Work, approval_id: UUID) -> Approval:
    """One request, locked: of two who decide or use it at once one comes first.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = work.session.scalar(
        select(Approval).where(Approval.id == approval_id).with_for_update().execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError("There is no request with this id.", hint=f"{LIST} shows them.")
    return found


def same_for_update(work: Work, kind: ApprovalKind, params_hash: str) -> Approval | None:
    """The request for the very same that is not done with, locked."""
    return work.session.scalar(
        select(Approval)
        .where(Approval.kind == kind, Approval.params_hash == params_hash, Approval.state.in_(LIVE))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def write(work: Work, values: dict[str, Any]) -> bool:
    """Store a request. False: somebody asks for the very same at this moment, and was first."""
    row = work.session.execute(
        insert(Approval)
        .values(values)
        .on_conflict_do_nothing(
            index_elements=["kind", "params_hash"], index_where=text("state IN ('asked', 'approved')")
        )
        .returning(Approval.id)
    )
    return row.first() is not None


def live(work: Work, kind: ApprovalKind, *, lock: bool = False) -> list[Approval]:
    """Requests of one kind that can still be decided or used, oldest first; locked where something rests on them."""
    query = (
        select(Approval)
        .where(Approval.kind == kind, Approval.state.in_(LIVE), Approval.expires_at >= work.now)
        .order_by(Approval.asked_at, Approval.id)
        .execution_options(populate_existing=True)
    )
    return list(work.session.scalars(query.with_for_update() if lock else query))


def listed(
    work: Work, *, is_live: bool = False, kinds: Sequence[ApprovalKind] = (), offset: int = 0, limit: int = 20
) -> tuple[list[Approval], int]:
    """Requests, the newest first, and how many there are in all; `is_live`: those that can still be used."""
    conditions: list[Any] = [Approval.state.in_(LIVE), Approval.expires_at >= work.now] if is_live else []
    if kinds:
        conditions.append(Approval.kind.in_(kinds))
    total = work.session.scalar(select(func.count()).select_from(Approval).where(*conditions)) or 0
    rows = work.session.scalars(
        select(Approval)
        .where(*conditions)
        .order_by(Approval.asked_at.desc(), Approval.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return list(rows), total
