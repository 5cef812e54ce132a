"""The worker of Stripe's events, and what heals where one went missing."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.checkpoints import reached
from tourpad.core.gateways.stripe import StripeDict, StripeUncertain
from tourpad.core.gateways.stripe.wanted import is_wanted
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries, service
from tourpad.core.payments.errors import AmountsDifferError, NotYetKnownError
from tourpad.core.payments.inbox.healing import FEES, group_of
from tourpad.core.payments.inbox.sorting import done, sort
from tourpad.core.payments.inbox.subjects import Group, apply, fetch
from tourpad.core.payments.models import StripeEvent

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

FETCHERS = 4
"""Objects fetched at the same time."""
REPLAY_BATCH = 100
OVERLAP = timedelta(days=2)
"""Lines of Stripe's balance are looked at again for so long: they may be listed late."""
AWAY = 5
"""So many lines in a row that Stripe does not answer about: it is away, and each more would take a time-out."""


def process_events(platform: "Platform", actor: Actor, *, limit: int = 200) -> dict[str, int]:
    """Process up to `limit` stored events of Stripe that are due.

    Claimed and committed first; then each object is fetched afresh, outside any transaction, and what it
    comes to is committed together with its events being done. What fails is tried again later, and in the end
    dead-lettered.

    Returns:
        Counts of events: `processed`, `retried`, `dead`.
    """
    counts: Counter[str] = Counter({"processed": 0, "retried": 0, "dead": 0})
    with platform.work(actor) as work:
        claimed = queue.claim(work, StripeEvent, limit=limit)
        groups = sort(work, claimed)
        reached("event.claiming")
        work.commit()
    reached("event.claimed")
    counts["processed"] += len(claimed) - sum(len(group.events) for group in groups)
    for group, found in _fetched(platform, groups):
        reached("event.fetched")
        try:
            _settle(platform, actor, group, found)
        except Exception as error:  # noqa: BLE001 - poison is what nobody foresaw; see `_failed`
            counts.update(_failed(platform, actor, group, error))
        else:
            counts["processed"] += len(group.events)
    return dict(counts)


def work_inbox(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Process stored events, batch by batch, until none is due. The body of the job `stripe-events`."""
    total: Counter[str] = Counter({"processed": 0, "retried": 0, "dead": 0})
    while True:
        counts = process_events(platform, actor)
        total.update(counts)
        if not any(counts.values()):
            return dict(total)


def replay(platform: "Platform", actor: Actor, *, since: datetime, dry_run: bool = False) -> dict[str, int]:
    """Let Stripe's events since an instant come again: those that never came, and those that were given up.

    They are stored and revived (nothing is with `dry_run`); the worker does the rest.

    Returns:
        Counts: `listed` by Stripe, `missing` (of those that our endpoints listen for: had never come), `revived`
            (were dead-lettered).
    """
    counts = {"listed": 0, "missing": 0, "revived": 0}
    created = {"gte": int(since.timestamp())}
    for batch in _batches(platform.stripe.list_events(created=created), REPLAY_BATCH):
        counts["listed"] += len(batch)
        reached("replay.listed")
        with platform.work(actor) as work:
            known = queries.known_event_ids(work, [event["id"] for event in batch])
            missing = [event for event in batch if event["id"] not in known and is_wanted(str(event["type"]))]
            counts["missing"] += len(missing)
            if not dry_run:
                service.store_missing(work, missing)
                reached("replay.storing")
                work.commit()
                reached("replay.stored")
    with platform.work(actor) as work:
        dead = queries.dead_event_ids(work, since=since)
        counts["revived"] = len(dead)
        if not dry_run:
            for event_id in dead:
                service.revive(work, stripe_event_id=event_id)
            work.commit()
    return counts


def collect_balance_transactions(
    platform: "Platform", actor: Actor, *, since: datetime | None = None
) -> dict[str, int]:
    """Page through Stripe's balance, and post what no event has posted: a webhook that went missing heals here.

    Args:
        platform: where from.
        actor: who.
        since: how far back; two days before the newest line that is kept here, unless given.

    Returns:
        Counts: `listed`, `missing` (not posted before), and of these `posted` and `unknown` (nothing here
            knows what they are; `reconcile` tells of each).

    Raises:
        StripeUncertain: Stripe does not answer, or stopped answering.
    """
    counts = {"listed": 0, "missing": 0, "posted": 0, "unknown": 0}
    with platform.work(actor) as work:
        newest = queries.newest_balance_transaction(work)
    start = since or (newest - OVERLAP if newest else None)
    created = {"gte": int(start.timestamp())} if start else None
    entries = list(platform.stripe.list_balance_transactions(created=created))
    entries.reverse()  # oldest first: a charge before its refund
    counts["listed"] = len(entries)
    reached("collect.listed")
    unanswered = 0
    for batch in _batches(entries, REPLAY_BATCH):
        with platform.work(actor) as work:
            posted = queries.posted_balance_transactions(work, [entry["id"] for entry in batch])
        for entry in batch:
            if entry["id"] in posted:
                continue
            counts["missing"] += 1
            try:
                counts["posted" if _heal(platform, actor, entry) else "unknown"] += 1
                unanswered = 0
            except StripeUncertain:
                counts["unknown"] += 1
                unanswered += 1
                if unanswered == AWAY:
                    raise
    return counts


def _heal(platform: "Platform", actor: Actor, entry: StripeDict) -> bool:
    """Post one line of Stripe's balance from the object behind it. Answers whether it is posted now.

    Raises:
        StripeUncertain: Stripe does not answer about it.
    """
    found: StripeDict | None = None
    try:
        group = group_of(platform.stripe, entry)
        found = fetch(platform.stripe, group) if group else None
        reached("collect.fetched")
        with platform.work(actor) as work:
            if group is not None and found is not None:
                apply(work, group, found)
            elif entry["type"] in FEES:
                service.post_other(work, entry)
            service.keep_balance_transaction(work, entry)
            reached("collect.posting")
            work.commit()
            reached("collect.posted")
            return entry["id"] in queries.posted_balance_transactions(work, [entry["id"]])
    except StripeUncertain as error:
        log.error("the balance transaction %s could not be posted: %s", entry["id"], error.message)  # noqa: TRY400 - where it was raised says nothing
        raise
    except Exception:
        # Whatever is wrong with one line (Stripe's answer, our rules), the lines after it are healed all the same;
        # this one stays unposted, which `reconcile` names. An interrupt is no Exception, and ends it.
        log.exception("the balance transaction %s could not be posted", entry["id"])
        return False


def _fetched(platform: "Platform", groups: list[Group]) -> Iterator[tuple[Group, StripeDict | Exception]]:
    """Each group with its object, a few fetched at a time, in order. A failure is an answer, too."""
    if not groups:
        return
    stripe = platform.stripe

    def one(group: Group) -> StripeDict | Exception:
        try:
            return fetch(stripe, group)
        except Exception as error:  # noqa: BLE001 - raised again by `_settle`, in the thread that waits for it
            return error

    if len(groups) == 1:
        yield groups[0], one(groups[0])
        return
    with ThreadPoolExecutor(FETCHERS, thread_name_prefix="stripe-fetch") as pool:
        yield from zip(groups, pool.map(one, groups), strict=True)


def _settle(platform: "Platform", actor: Actor, group: Group, found: StripeDict | Exception) -> None:
    """One transaction: what the object comes to, and its events done. Raises what fetching it raised."""
    if isinstance(found, Exception):
        raise found
    with platform.work(actor) as work:
        # Whatever is lost with a server that goes down now is done again from Stripe, as the events are not done then.
        rows = _still_ours(queries.events_for_update(work, group.ids, commit_soon=True), group)
        if not rows:
            return
        outcome = apply(work, group, found)
        for row in rows:
            done(work, row, outcome)
        reached("event.applying")
        work.commit()
    reached("event.applied")


def _failed(platform: "Platform", actor: Actor, group: Group, error: Exception) -> Counter[str]:
    """Try again later, or give up for good and say so loudly.

    Whatever the error is: an event that raises what nobody foresaw must neither stop the events of others nor be
    lost. Where the database itself is away, this raises, and the lease brings the events back.
    """
    counts: Counter[str] = Counter()
    expected = isinstance(error, StripeUncertain | NotYetKnownError)
    if not expected:
        log.error("the events of %s %s failed", group.key.subject, group.key.object_id, exc_info=error)
    with platform.work(actor) as work:
        for row in _still_ours(queries.events_for_update(work, group.ids), group):
            state = queue.fail(
                row,
                now=work.now,
                error=f"{type(error).__name__}: {error}",
                final=isinstance(error, AmountsDifferError),
            )
            counts["dead" if state is ItemState.DEAD else "retried"] += 1
            if state is ItemState.DEAD:
                log.error("event %s (%s) is dead: %s", row.stripe_event_id, row.type, error)
                service.tell_dead(work, row)
        reached("event.failing")
        work.commit()
    reached("event.failed")
    return counts


def _still_ours(rows: list[StripeEvent], group: Group) -> list[StripeEvent]:
    """Those that no other worker has taken meanwhile, because our lease ran out."""
    attempts = {event.id: event.attempts for event in group.events}
    return [row for row in rows if row.item_state is ItemState.WORKING and row.attempts == attempts[row.id]]


def _batches(rows: Iterable[StripeDict], size: int) -> Iterator[list[StripeDict]]:
    batch: list[StripeDict] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
