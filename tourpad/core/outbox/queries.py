"""How all kinds of work items stand, and which were given up. A kind is the name of its table."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, func, literal, null, select, union_all

from tourpad.core.database.base import Base
from tourpad.core.outbox.models import WorkItem
from tourpad.core.outbox.states import ItemState
from tourpad.core.values import Value
from tourpad.core.work import Work


class Standing(Value, kw_only=True):
    """How the items of one kind stand."""

    kind: str
    waiting: int = 0
    working: int = 0
    dead: int = 0
    oldest_due: datetime | None = None
    """Since when the longest overdue one has been; None where none is due."""


@cache
def kinds() -> dict[str, Any]:
    """Every kind of work item that the loaded models know, by name."""
    items: list[Any] = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, WorkItem)]
    return {model.__tablename__: model for model in sorted(items, key=lambda model: model.__tablename__)}


def standings(work: Work) -> list[Standing]:
    """Each kind, in one statement: every part goes through a small index, none through all there ever was."""
    parts: list[Any] = []
    for kind, model in kinds().items():
        under_way = model.item_state.in_((ItemState.WAITING, ItemState.WORKING))
        named = literal(kind).label("kind")
        counted = (func.count().label("items"), func.min(model.due_at).label("due_at"))
        parts.append(select(named, model.item_state, *counted).where(under_way).group_by(model.item_state))
        given_up = select(named, literal(ItemState.DEAD.value), func.count(), null())
        parts.append(given_up.where(model.item_state == ItemState.DEAD))
    found: dict[str, dict[str, int]] = {kind: {} for kind in kinds()}
    oldest: dict[str, datetime] = {}
    rows: Sequence[Row[Any]] = work.session.execute(union_all(*parts)).all()
    for row in rows:
        kind, state, items, due_at = cast("tuple[str, ItemState | str, int, datetime | None]", tuple(row))
        found[kind][str(state)] = int(items)
        if due_at is not None and due_at <= work.now:
            oldest[kind] = min(due_at, oldest.get(kind, due_at))
    return [Standing(kind=kind, **counts, oldest_due=oldest.get(kind)) for kind, counts in found.items()]


def dead(work: Work, *, kind: str | None, limit: int) -> tuple[Sequence[Row[Any]], int]:
    """What was given up (`kind, id, attempts, due_at, last_error`), the newest first, and how many there are in all."""
    chosen = [model for name, model in kinds().items() if kind in (None, name)]
    found = union_all(
        *(
            select(
                literal(model.__tablename__).label("kind"), model.id, model.attempts, model.due_at, model.last_error
            ).where(model.item_state == ItemState.DEAD)
            for model in chosen
        )
    ).subquery()
    total = work.session.scalar(select(func.count()).select_from(found)) or 0
    rows = work.session.execute(select(found).order_by(found.c.due_at.desc(), found.c.id).limit(limit)).all()
    return rows, total


def dead_for_update(work: Work, *, kind: str, item_id: UUID | None = None) -> list[Any]:
    """Items of one kind that were given up, or that one, locked."""
    model = kinds()[kind]
    wanted = select(model).where(model.item_state == ItemState.DEAD)
    if item_id is not None:
        wanted = wanted.where(model.id == item_id)
    return list(work.session.scalars(wanted.order_by(model.id).with_for_update()))
