"""Every SELECT on runs, and the claim."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.ids import new_id
from tourpad.core.scheduling.models import JobRun
from tourpad.core.scheduling.states import RunState
from tourpad.core.work import Work


def claim(work: Work, *, job: str, slot: datetime, worker: str, lease: timedelta, max_attempts: int) -> JobRun | None:
    """Take a slot: by inserting its unique row, or by taking over one that failed or whose worker died.

    Answers nothing when another has it, or when it is done. Commit before doing the work.
    """
    now = work.now
    fresh = work.session.scalars(
        insert(JobRun)
        .values(
            id=new_id(),
            job=job,
            slot=slot,
            state=RunState.RUNNING,
            started_at=now,
            lease_until=now + lease,
            worker=worker,
            attempts=1,
            done={},
        )
        .on_conflict_do_nothing(index_elements=["job", "slot"])
        .returning(JobRun)
    ).first()
    if fresh is not None:
        return fresh
    return work.session.scalars(
        update(JobRun)
        .where(
            JobRun.job == job,
            JobRun.slot == slot,
            JobRun.attempts < max_attempts,
            or_(JobRun.state == RunState.FAILED, (JobRun.state == RunState.RUNNING) & (JobRun.lease_until < now)),
        )
        .values(
            state=RunState.RUNNING,
            started_at=now,
            lease_until=now + lease,
            worker=worker,
            attempts=JobRun.attempts + 1,
            finished_at=None,
            error=None,
        )
        .returning(JobRun)
    ).first()


def history(work: Work, *, job: str | None = None, limit: int = 50, failed_only: bool = False) -> Sequence[JobRun]:
    """Runs, newest first."""
    query = select(JobRun).order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(limit)
    if job:
        query = query.where(JobRun.job == job)
    if failed_only:
        query = query.where(JobRun.state == RunState.FAILED)
    return work.session.scalars(query).all()


def latest(work: Work) -> dict[str, JobRun]:
    """The last run of each job, by name."""
    rows = work.session.scalars(select(JobRun).distinct(JobRun.job).order_by(JobRun.job, JobRun.slot.desc())).all()
    return {row.job: row for row in rows}


def forget(work: Work, *, idle_before: datetime, before: datetime) -> int:
    """Delete records that nobody will ask for: idle runs after a day, all others after the given instant."""
    nothing_done = (JobRun.state == RunState.DONE) & (JobRun.done == {})
    result = work.session.execute(
        delete(JobRun).where(
            JobRun.state != RunState.RUNNING, or_(JobRun.slot < before, nothing_done & (JobRun.slot < idle_before))
        )
    )
    return result.rowcount  # type: ignore[attr-defined]  # a DELETE answers with a cursor result
