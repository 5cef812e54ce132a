"""A slot runs once, however many want it; a failure is kept, and tried again by the next who comes."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.command import Command
from tourpad.core.actors import Actor, operator
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import NotFoundError, RefusedError
from tourpad.core.payments import limits
from tourpad.core.platform import Platform
from tourpad.core.scheduling import FILLING, queries, service
from tourpad.jobs import scheduler
from tourpad.jobs.runner import find, run_slot, tick
from tourpad.jobs.schedule import Daily, Every
from tourpad.jobs.timetable import TIMETABLE, Job

ME = operator("test")


def _job(run: Callable[[], dict[str, int]], name: str = "counting") -> Job:
    def body(_: Platform, __: Actor) -> dict[str, int]:
        return run()

    return Job(name, Every(60), body, "Counts.")


def test_a_slot_runs_once_though_eight_want_it(platform: Platform) -> None:
    ran: list[int] = []
    job = _job(lambda: ran.append(1) or {"counted": 1})
    slot = platform.clock.now()
    gate = threading.Barrier(8)

    def want() -> None:
        gate.wait()
        run_slot(platform, job, slot)

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ran == [1]
    with platform.work(ME) as work:
        runs = queries.history(work)
        assert [(run.job, run.slot, run.state, run.done) for run in runs] == [
            ("counting", slot, "done", {"counted": 1})
        ]


def test_a_failure_is_recorded_and_the_slot_is_tried_again_three_times_at_most(platform: Platform) -> None:
    tries: list[int] = []

    def fail() -> dict[str, int]:
        tries.append(1)
        msg = "the bank is closed"
        raise RefusedError(msg)

    job = _job(fail)
    slot = platform.clock.now()
    outcomes = [run_slot(platform, job, slot) for _ in range(5)]
    assert [o.error for o in outcomes] == ["the bank is closed"] * 3 + [None, None]
    assert len(tries) == 3
    with platform.work(ME) as work:
        (run,) = queries.history(work, failed_only=True)
        assert (run.attempts, run.error) == (3, "the bank is closed")


def test_the_slot_of_a_worker_that_died_is_taken_over_when_its_lease_is_over(
    platform: Platform, clock: VirtualClock
) -> None:
    slot = clock.now()
    with platform.work(ME) as work:
        assert service.claim(work, job="counting", slot=slot, worker="the one that dies")
        work.commit()
    job = _job(lambda: {"counted": 1})
    assert run_slot(platform, job, slot).done is None
    clock.advance(service.LEASE + timedelta(seconds=1))
    assert run_slot(platform, job, slot).done == {"counted": 1}


def test_missed_slots_are_made_up_once(platform: Platform, clock: VirtualClock) -> None:
    ran: list[datetime] = []
    job = _job(lambda: ran.append(clock.now()) or {})
    tick(platform, jobs=[job])
    clock.advance(timedelta(hours=5))
    tick(platform, jobs=[job])
    tick(platform, jobs=[job])
    assert len(ran) == 2


@pytest.mark.parametrize(
    ("schedule", "now", "latest"),
    [
        (Every(60), "2026-03-01T12:00:59", "2026-03-01T12:00:00"),
        (Every(60), "2026-03-01T12:01:00", "2026-03-01T12:01:00"),
        (Every(7200), "2026-03-01T13:30:00", "2026-03-01T12:00:00"),
        (Daily(9), "2026-03-01T09:00:00", "2026-03-01T09:00:00"),
        (Daily(9), "2026-03-01T08:59:59", "2026-02-28T09:00:00"),
        (Daily(0, 5), "2026-01-01T00:04:59", "2025-12-31T00:05:00"),
    ],
)
def test_everybody_computes_the_same_slots(schedule: Every | Daily, now: str, latest: str) -> None:
    instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(latest).replace(tzinfo=UTC)
    assert schedule.latest(instant) == expected
    assert schedule.latest(schedule.following(instant)) == schedule.following(instant)
    assert schedule.following(instant) > instant


def test_idle_runs_are_forgotten_before_those_that_did_something(platform: Platform, clock: VirtualClock) -> None:
    run_slot(platform, _job(dict, "idle"), clock.now())
    run_slot(platform, _job(lambda: {"sent": 2}, "busy"), clock.now())
    clock.advance(timedelta(days=2))
    with platform.work(ME) as work:
        assert service.forget_old(work) == 1
        assert [run.job for run in queries.history(work)] == ["busy"]


def test_job_names_are_unique_and_an_unknown_one_lists_them() -> None:
    names = [job.name for job in TIMETABLE]
    assert len(set(names)) == len(names)
    with pytest.raises(NotFoundError) as caught:
        find("nonsense")
    assert all(name in str(caught.value.hint) for name in names)


def test_jobs_wait_while_a_past_is_made(platform: Platform) -> None:
    ran: list[int] = []
    job = _job(lambda: ran.append(1) or {})
    with limits.alone(platform, FILLING):
        scheduler.wake(platform, job)
    assert ran == []
    scheduler.wake(platform, job)
    assert ran == [1]


def test_a_failure_by_hand_is_one_line(cli: Command) -> None:
    """With a database whose tables are not those of this version: PostgreSQL says more than a line about it."""
    from sqlalchemy import create_engine

    engine = create_engine(cli.environment["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE rsvps RENAME COLUMN expires_at TO ends_at")
    engine.dispose()
    said = cli("jobs", "run", "rsvps-lapse")
    assert said.exit_code == 1
    first, hint = said.stderr.splitlines()
    assert first.startswith("rsvps-lapse failed: ProgrammingError")
    assert hint == "tourpad jobs history --job rsvps-lapse"
