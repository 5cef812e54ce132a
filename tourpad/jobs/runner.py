"""Running slots. A claim row makes any number of replicas run each slot once; a run leaves a record."""

import logging
import os
import socket
from collections.abc import Iterable
from datetime import datetime

from tourpad.core.actors import job_actor
from tourpad.core.clock import stopwatch
from tourpad.core.errors import NotFoundError, TourPadError
from tourpad.core.platform import Platform
from tourpad.core.scheduling import service
from tourpad.core.values import Value
from tourpad.core.watch import traces
from tourpad.jobs.timetable import TIMETABLE, Job

log = logging.getLogger(__name__)

WORKER = f"{socket.gethostname()}:{os.getpid()}"


class Outcome(Value):
    """What one slot came to. `done` is None when another had the slot; `error` is set when it failed."""

    job: str
    slot: datetime
    done: dict[str, int] | None
    error: str | None = None


def find(name: str) -> Job:
    """A job by its name.

    Raises:
        NotFoundError: there is none; the message lists all.
    """
    for job in TIMETABLE:
        if job.name == name:
            return job
    msg = f"No job is called {name}."
    raise NotFoundError(msg, hint="There are: " + ", ".join(job.name for job in TIMETABLE))


def run_slot(platform: Platform, job: Job, slot: datetime, *, logs: bool = True) -> Outcome:
    """Claim one slot, do its work, record it. A failure is recorded and told, never raised: other jobs go on.

    Args:
        platform: where.
        job: which.
        slot: of which instant.
        logs: whether a failure is logged with its traceback, too, which whoever reads the outcome may do without.
    """
    actor = job_actor(job.name)
    with platform.work(actor) as work:
        run = service.claim(work, job=job.name, slot=slot, worker=WORKER)
        work.commit()
    if run is None:
        return Outcome(job.name, slot, None)
    begun = stopwatch()
    try:
        with traces.span(f"job {job.name}"):
            done = job.run(platform, actor)
    except Exception as error:
        message = error.message if isinstance(error, TourPadError) else f"{type(error).__name__}: {error}"
        if logs:
            log.exception("job %s failed in slot %s", job.name, slot.isoformat())
        with platform.work(actor) as work:
            service.fail(work, run, error=message, duration_ms=_since(begun))
            work.commit()
        return Outcome(job.name, slot, {}, message)
    with platform.work(actor) as work:
        service.finish(work, run, done=done, duration_ms=_since(begun))
        work.commit()
    return Outcome(job.name, slot, done)


def tick(platform: Platform, *, jobs: Iterable[Job] = TIMETABLE) -> list[Outcome]:
    """Run the latest slot of every job that has not had it yet. Slots missed meanwhile are made up once, not each."""
    now = platform.clock.now()
    return [run_slot(platform, job, job.schedule.latest(now)) for job in jobs]


def _since(begun: float) -> int:
    return round((stopwatch() - begun) * 1000)
