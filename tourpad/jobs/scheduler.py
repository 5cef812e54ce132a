"""APScheduler as a timer, and nothing else: it wakes the runner; the claim row decides who works."""

import logging
import signal
import threading
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from tourpad.core.payments.limits import is_taken
from tourpad.core.platform import Platform
from tourpad.core.scheduling import FILLING
from tourpad.jobs.runner import run_slot, tick
from tourpad.jobs.schedule import Every
from tourpad.jobs.timetable import TIMETABLE, Job

log = logging.getLogger(__name__)

_DAILY_LOOK = 30
"""Seconds between looks at whether a daily slot has come: the platform's clock, not the timer, says when."""


def start(platform: Platform) -> BackgroundScheduler:
    """Start all jobs in threads of this process. Slots missed while nobody ran are made up at once."""
    scheduler: Any = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for job in TIMETABLE:
        seconds = job.schedule.seconds if isinstance(job.schedule, Every) else _DAILY_LOOK
        scheduler.add_job(wake, IntervalTrigger(seconds=seconds, timezone="UTC"), args=[platform, job], id=job.name)
    scheduler.start()
    return scheduler


def run_forever(platform: Platform) -> None:
    """`tourpad jobs start`: until SIGTERM or Ctrl-C; a run in progress is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if not _is_being_filled(platform):
        tick(platform)
    scheduler = start(platform)
    stop.wait()
    scheduler.shutdown(wait=True)


def wake(platform: Platform, job: Job) -> None:
    """Run the present slot of a job, if nobody has yet: what the timer calls."""
    if not _is_being_filled(platform):
        run_slot(platform, job, job.schedule.latest(platform.clock.now()))


def _is_being_filled(platform: Platform) -> bool:
    """Whether `tourpad db seed` makes six weeks of past here: by our clock all of it would expire as it is made."""
    return platform.settings.is_local and is_taken(platform, FILLING)
