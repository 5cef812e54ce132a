"""Claiming a slot, and recording what came of it."""

from datetime import datetime, timedelta

from tourpad.core.scheduling import queries
from tourpad.core.scheduling.models import JobRun
from tourpad.core.scheduling.states import MOVES, RunState
from tourpad.core.states import check_move
from tourpad.core.work import Work

LEASE = timedelta(minutes=15)
"""After this a running slot counts as abandoned, and another worker may take it over."""
MAX_ATTEMPTS = 3
KEEP = timedelta(days=90)
KEEP_IDLE = timedelta(days=1)


def claim(work: Work, *, job: str, slot: datetime, worker: str) -> JobRun | None:
    """Take the slot for this worker, or answer nothing when it is taken or done."""
    return queries.claim(work, job=job, slot=slot, worker=worker, lease=LEASE, max_attempts=MAX_ATTEMPTS)


def finish(work: Work, run: JobRun, *, done: dict[str, int], duration_ms: int) -> None:
    """Record a run that went well. Counts of zero are left out, so that an idle run is an empty record."""
    check_move(MOVES, entity="run", now=run.state, to=RunState.DONE)
    run.state = RunState.DONE
    run.done = {name: count for name, count in done.items() if count}
    run.finished_at = work.now
    run.duration_ms = duration_ms
    work.session.add(run)


def fail(work: Work, run: JobRun, *, error: str, duration_ms: int) -> None:
    """Record a run that did not."""
    check_move(MOVES, entity="run", now=run.state, to=RunState.FAILED)
    run.state = RunState.FAILED
    run.error = error[:2000]
    run.finished_at = work.now
    run.duration_ms = duration_ms
    work.session.add(run)


def forget_old(work: Work) -> int:
    """Clear away old records."""
    return queries.forget(work, idle_before=work.now - KEEP_IDLE, before=work.now - KEEP)
