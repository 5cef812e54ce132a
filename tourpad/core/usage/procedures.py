"""Telling whoever counts: claim, send outside of any transaction, take away what was told."""

import logging
from typing import TYPE_CHECKING, Final

from tourpad.core.actors import Actor
from tourpad.core.gateways.usage import Counted, UsageRefused, UsageUncertain
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.usage import queries, service
from tourpad.core.usage.models import UsageEvent
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH: Final = 200
"""Events a request."""


def send_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell of what waits. The body of the job `usage-send`. Where nothing is counted any more, what waits is forgotten.

    A worker that dies in between leaves events that were told and are told again under the same ids.

    Returns:
        How many were `sent`, `failed` (tried again later), were `lost` (given up), or `forgotten`.
    """
    if platform.usage is None:
        with platform.work(actor) as work:
            forgotten = service.forget_all(work)
            work.commit()
        return {"forgotten": forgotten}
    done = {"sent": 0, "failed": 0, "lost": 0}
    while True:
        with platform.work(actor) as work:
            rows = queue.claim(work, UsageEvent, limit=BATCH)
            events = [_told(row) for row in rows]
            lease = rows[0].lease_until if rows else None
            work.commit()
        if not events:
            return done
        error: UsageRefused | UsageUncertain | None = None
        try:
            platform.usage.send(events)
        except (UsageRefused, UsageUncertain) as problem:
            error = problem
        with platform.work(actor) as work:
            _record(work, queries.claimed(work, [one.id for one in events], lease), error, done)
            work.commit()
        if error is not None:
            return done


def _told(row: UsageEvent) -> Counted:
    # What nobody did is somebody else each time.
    return Counted(id=row.id, name=row.name, whose=row.whose or row.id, role=row.role, at=row.happened_at)


def _record(
    work: Work, rows: list[UsageEvent], error: UsageRefused | UsageUncertain | None, done: dict[str, int]
) -> None:
    """Take away what was told, or write down why it was not."""
    for row in rows:
        if error is None:
            work.session.delete(row)
            done["sent"] += 1
            continue
        final = isinstance(error, UsageRefused)
        if queue.fail(row, now=work.now, error=error.message, final=final) is ItemState.DEAD:
            # One count less, and nobody's evening: what stays dead is for an operator to look at.
            work.session.delete(row)
            done["lost"] += 1
        else:
            done["failed"] += 1
    if error is not None:
        log.warning("usage is not counted: %s", error.message)
