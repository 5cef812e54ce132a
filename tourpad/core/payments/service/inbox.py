"""Stripe's events come in: each is stored once, before Stripe is answered, and processed apart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.outbox.states import MOVES, ItemState
from tourpad.core.payments import queries
from tourpad.core.payments.events import StripeEventDead
from tourpad.core.payments.models import StripeEvent
from tourpad.core.payments.service.posting import instant
from tourpad.core.states import check_move
from tourpad.core.work import Work

PLATFORM = "platform"
CONNECT = "connect"


def store_event(work: Work, event: StripeDict, *, endpoint: str) -> bool:
    """Keep one event, once. Answers whether it was new. Its signature has been checked by whoever calls.

    Args:
        work: the unit of work; commit before Stripe is answered.
        event: as it was sent: a snapshot (`/v1`) or a thin one (`/v2`).
        endpoint: `platform` or `connect`.
    """
    return queries.insert_event(work.session, **event_values(event, endpoint=endpoint, now=work.now))


def event_values(event: StripeDict, *, endpoint: str, now: datetime) -> dict[str, Any]:
    """The columns of one event."""
    return {
        "stripe_event_id": event["id"],
        "type": event["type"],
        "object_id": _object_id(event),
        "endpoint": endpoint,
        "payload": event,
        "created_at": _created(event, now),
        "received_at": now,
        "due_at": now,
    }


def store_missing(work: Work, events: Sequence[StripeDict], *, endpoint: str = PLATFORM) -> list[str]:
    """Keep those of a batch of events that are not here yet; answers their ids."""
    return queries.insert_events(work, [event_values(event, endpoint=endpoint, now=work.now) for event in events])


def revive(work: Work, *, stripe_event_id: str) -> StripeEvent:
    """Let a dead-lettered event be tried again, now.

    Raises:
        NotFoundError: there is no such event.
        IllegalMoveError: it is not dead.
    """
    event = queries.event_for_update(work, stripe_event_id)
    if event is None:
        msg = f"No event {stripe_event_id} was received."
        raise NotFoundError(msg, hint="tourpad stripe events lists them.")
    check_move(MOVES, entity="event", now=event.item_state, to=ItemState.WAITING)
    event.item_state = ItemState.WAITING
    event.attempts = 0
    event.due_at = work.now
    work.audit("stripe_event.revive", target_type="stripe_event", target_id=event.id, event=stripe_event_id)
    return event


def tell_dead(work: Work, event: StripeEvent) -> None:
    """Say that an event was given up; whoever looks after the house must hear of it."""
    work.emit(
        StripeEventDead(
            event_id=event.id,
            stripe_event_id=event.stripe_event_id,
            type=event.type,
            object_id=event.object_id,
            attempts=event.attempts,
            error=event.last_error or "",
        )
    )


def _object_id(event: StripeDict) -> str | None:
    related: Any = event.get("related_object") or (event.get("data") or {}).get("object") or {}
    found = related.get("id") if isinstance(related, dict) else None
    return found if isinstance(found, str) else None


def _created(event: StripeDict, otherwise: datetime) -> datetime:
    """Seconds since 1970 in `/v1`, RFC 3339 in `/v2`."""
    created = event.get("created")
    if isinstance(created, int):
        return instant(created)
    try:
        return datetime.fromisoformat(str(created))
    except ValueError:
        return otherwise
