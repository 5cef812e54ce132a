"""Sorting a batch of events: which are about one object, and which need no call at all."""

from collections.abc import Sequence

from tourpad.core.outbox import queue
from tourpad.core.payments import queries
from tourpad.core.payments.inbox.subjects import Group, Key, Subject, snapshot, subject_of
from tourpad.core.payments.models import StripeEvent
from tourpad.core.work import Work

SETTLED_BY_POSTING = frozenset(
    {
        "payment_intent.succeeded",
        "payment_intent.processing",
        "payment_intent.requires_action",
        "payment_intent.payment_failed",
        "charge.updated",
    }
)
"""Events that say nothing new of a payment that is paid and posted."""


def sort(work: Work, events: Sequence[StripeEvent]) -> list[Group]:
    """Put claimed events together by their object, and finish those that need no call to Stripe.

    Most charges send two events in one second; the second one finds its payment posted.
    """
    groups: dict[Key, Group] = {}
    for event in events:
        key = subject_of(event)
        if key is None:
            done(work, event, "not for us")
            continue
        groups.setdefault(key, Group(key)).events.append(event)
    for key, group in groups.items():
        if key.subject is Subject.SUBSCRIPTION:
            group.look = queries.next_look(work)
    return _without_known_payments(work, groups)


def done(work: Work, event: StripeEvent, outcome: str) -> None:
    """An event was processed."""
    queue.finish(event)
    event.outcome = outcome
    event.processed_at = work.now


def _without_known_payments(work: Work, groups: dict[Key, Group]) -> list[Group]:
    wanted = [key.object_id for key in groups if key.subject is Subject.PAYMENT]
    known = queries.intents_of_ours(work, wanted) if wanted else {}
    left: list[Group] = []
    for key, group in groups.items():
        outcome: str | None = None
        if key.subject is Subject.PAYMENT:
            if key.object_id not in known and not any(_carries_our_id(event) for event in group.events):
                outcome = "not ours"
            elif known.get(key.object_id) and SETTLED_BY_POSTING.issuperset(group.types):
                outcome = "posted before"
        if outcome is None:
            left.append(group)
            continue
        for event in group.events:
            done(work, event, outcome)
    return left


def _carries_our_id(event: StripeEvent) -> bool:
    return bool((snapshot(event).get("metadata") or {}).get("charge_id"))
