"""Taking work items: the one retry loop of the house.

A worker claims a batch (`FOR UPDATE SKIP LOCKED`, a lease), commits, does each item outside any transaction,
and records the outcome. A worker that dies leaves a lease that runs out, and another takes the item.
"""

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from tourpad.core.outbox.models import WorkItem
from tourpad.core.outbox.states import ItemState
from tourpad.core.work import Work

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 12
"""With the back-off below, about a day and a half."""

T = TypeVar("T", bound=WorkItem)


def backoff(attempts: int) -> timedelta:
    """How long to wait after that many failed tries: 10 s, doubling, at most 6 h."""
    return min(timedelta(seconds=10) * 2 ** max(0, attempts - 1), timedelta(hours=6))


def claim(work: Work, model: type[T], *, limit: int) -> list[T]:
    """Take up to `limit` due items for this worker. Commit before working on them.

    Items are taken in the order in which they fell due, so that events of one story tend to stay in order.
    """
    table: Any = model  # every user of the mixin is a table and has an id
    now = work.now
    due = (model.item_state == ItemState.WAITING) & (model.due_at <= now)
    abandoned = (model.item_state == ItemState.WORKING) & (model.lease_until < now)
    items = list(
        work.session.scalars(
            select(model)
            .where(due | abandoned)
            .order_by(model.due_at, table.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    for item in items:
        item.item_state = ItemState.WORKING
        item.attempts += 1
        item.lease_until = now + LEASE
    work.session.flush()
    return items


def give_back(item: WorkItem) -> None:
    """The item was claimed and not tried: it waits as before."""
    item.item_state = ItemState.WAITING
    item.attempts -= 1
    item.lease_until = None


def finish(item: WorkItem) -> None:
    """The item is done."""
    item.item_state = ItemState.DONE
    item.lease_until = None
    item.last_error = None


def fail(item: WorkItem, *, now: datetime, error: str, final: bool = False) -> ItemState:
    """The item did not work out: again later, or dead after `MAX_ATTEMPTS` (at once when `final`)."""
    item.lease_until = None
    item.last_error = error[:2000]
    if final or item.attempts >= MAX_ATTEMPTS:
        item.item_state = ItemState.DEAD
    else:
        item.item_state = ItemState.WAITING
        item.due_at = now + backoff(item.attempts)
    return item.item_state
