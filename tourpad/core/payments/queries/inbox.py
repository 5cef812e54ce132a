"""Stripe's events, and what of them is known already."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from tourpad.core.ids import new_id
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments.models import LOOKS, BalanceTransaction, Payment, StripeEvent
from tourpad.core.payments.rules import PAID
from tourpad.core.work import Work

_EVENTS = cast("Table", StripeEvent.__table__)
_GIVEN = (
    *("id", "item_state", "attempts", "stripe_event_id", "type", "object_id", "endpoint", "payload"),
    *("created_at", "received_at", "due_at"),
)
_STORE = (
    insert(_EVENTS)
    .from_select(
        _GIVEN,
        select(*(bindparam(name, type_=_EVENTS.c[name].type) for name in _GIVEN)).where(
            ~exists().where(_EVENTS.c.stripe_event_id == bindparam("stripe_event_id"))
        ),
    )
    .on_conflict_do_nothing(index_elements=["stripe_event_id"])
    .returning(_EVENTS.c.id)
)
"""Made once: Stripe waits for it, and making it costs more than running it."""


def insert_event(into: Session | Connection, **values: Any) -> bool:
    """Store an event unless it is there, in one statement. Answers whether it was new.

    One that comes again is found by reading: a conflict with a row that a worker has just changed, and not yet
    committed, would wait for that worker.
    """
    return into.execute(_STORE, _as_new(values)).scalar() is not None


def insert_events(work: Work, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Store those of a batch of events that are not there, in one statement; answers Stripe's ids of these."""
    if not rows:
        return []
    statement = (
        insert(_EVENTS)
        .values([_as_new(row) for row in rows])
        .on_conflict_do_nothing(index_elements=["stripe_event_id"])
        .returning(_EVENTS.c.stripe_event_id)
    )
    return list(work.session.scalars(statement))


def _as_new(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": new_id(), "item_state": ItemState.WAITING, "attempts": 0, **values}


def events_for_update(work: Work, event_ids: Collection[UUID], *, commit_soon: bool = False) -> list[StripeEvent]:
    """Some events, locked, in the order of their ids. Guards against a worker whose lease has run out.

    With `commit_soon` this work's commit answers before it is on disk, which it is within half a second: only for what
    is done again should the database's server go down in between, and causes nothing outside it. What others commit
    because of it is written after it, so never without it.
    """
    rows = work.session.execute(_locked(commit_soon=commit_soon), {"ids": list(event_ids)})
    return [row[0] for row in rows]


@cache
def _locked(*, commit_soon: bool) -> Select[*tuple[Any, ...]]:
    soon = [func.set_config("synchronous_commit", "off", text("true"))] if commit_soon else []
    return (
        select(StripeEvent, *soon)
        .where(StripeEvent.id.in_(bindparam("ids", expanding=True)))
        .order_by(StripeEvent.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def event_for_update(work: Work, stripe_event_id: str) -> StripeEvent | None:
    """One event by Stripe's id, locked."""
    return work.session.scalar(
        select(StripeEvent).where(StripeEvent.stripe_event_id == stripe_event_id).with_for_update()
    )


def events_by_stripe_name(work: Work, beginning: str) -> list[str]:
    """Stripe's ids of events that begin so; at most two, which is one too many."""
    name = StripeEvent.stripe_event_id
    return list(work.session.scalars(select(name).where(name.startswith(beginning, autoescape=True)).limit(2)))


def known_event_ids(work: Work, stripe_event_ids: Collection[str]) -> set[str]:
    """Which of these events are here."""
    return set(
        work.session.scalars(
            select(StripeEvent.stripe_event_id).where(StripeEvent.stripe_event_id.in_(stripe_event_ids))
        )
    )


def intents_of_ours(work: Work, stripe_payment_intent_ids: Collection[str]) -> dict[str, bool]:
    """Which of these payment intents are of payments of ours, and whether each is paid and posted."""
    rows = work.session.execute(
        select(
            Payment.stripe_payment_intent_id,
            Payment.state.in_(PAID) & Payment.stripe_balance_transaction_id.is_not(None),
        ).where(Payment.stripe_payment_intent_id.in_(stripe_payment_intent_ids))
    )
    return {str(intent_id): bool(done) for intent_id, done in rows}


def events(
    work: Work,
    *,
    states: Sequence[ItemState] = (),
    type_prefix: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> tuple[list[StripeEvent], int]:
    """Events as they came in, newest first, and how many there are in all."""
    conditions = [
        *([StripeEvent.item_state.in_(states)] if states else []),
        *([StripeEvent.type.startswith(type_prefix, autoescape=True)] if type_prefix else []),
        *([StripeEvent.received_at >= since] if since else []),
    ]
    total = work.session.scalar(select(func.count()).select_from(StripeEvent).where(*conditions)) or 0
    rows = work.session.scalars(
        select(StripeEvent)
        .where(*conditions)
        .order_by(StripeEvent.received_at.desc(), StripeEvent.id.desc())
        .limit(limit)
    )
    return list(rows), total


def unhandled_since(work: Work, before: datetime, *, failed: bool = False) -> list[StripeEvent]:
    """Events that were received before an instant and are not done, oldest first; dead ones always.

    With `failed` later ones, too, whose processing has failed.
    """
    late = StripeEvent.received_at < before
    late = late | StripeEvent.last_error.is_not(None) if failed else late
    waits = StripeEvent.item_state.in_((ItemState.WAITING, ItemState.WORKING)) & late
    return list(
        work.session.scalars(
            select(StripeEvent)
            .where(or_(waits, StripeEvent.item_state == ItemState.DEAD))
            .order_by(StripeEvent.received_at)
        )
    )


def dead_event_ids(work: Work, *, since: datetime) -> list[str]:
    """Stripe's ids of events that were given up, of those received since an instant, oldest first."""
    dead = (StripeEvent.item_state == ItemState.DEAD) & (StripeEvent.received_at >= since)
    return list(work.session.scalars(select(StripeEvent.stripe_event_id).where(dead).order_by(StripeEvent.received_at)))


def next_look(work: Work) -> int:
    """The number of a look at Stripe that is about to be made (see `models.LOOKS`)."""
    return work.session.scalars(select(LOOKS.next_value())).one()


def newest_balance_transaction(work: Work) -> datetime | None:
    """When the newest line of Stripe's balance was made that is kept here."""
    return work.session.scalar(select(func.max(BalanceTransaction.stripe_created_at)))


def posted_balance_transactions(work: Work, stripe_ids: Collection[str]) -> set[str]:
    """Which of Stripe's lines are kept and posted."""
    return set(
        work.session.scalars(
            select(BalanceTransaction.stripe_id).where(
                BalanceTransaction.stripe_id.in_(stripe_ids), BalanceTransaction.journal_id.is_not(None)
            )
        )
    )


def balance_transactions(work: Work, *, since: datetime | None = None) -> list[BalanceTransaction]:
    """What is kept of Stripe's lines, oldest first."""
    query = select(BalanceTransaction).order_by(BalanceTransaction.stripe_created_at, BalanceTransaction.id)
    if since is not None:
        query = query.where(BalanceTransaction.stripe_created_at >= since)
    return list(work.session.scalars(query))
