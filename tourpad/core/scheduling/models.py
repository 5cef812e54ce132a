"""One row a run. UNIQUE (job, slot) is what makes any number of replicas run each slot once."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.scheduling.states import RunState


class JobRun(Base):
    """One slot of one job: the claim before the work, the record after it."""

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    job: Mapped[str]
    slot: Mapped[datetime]
    """The scheduled instant, not the one at which somebody came round to it."""
    state: Mapped[RunState] = mapped_column(enum_column(RunState, "state"))
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime]
    worker: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    duration_ms: Mapped[int | None]
    done: Mapped[dict[str, Any]]
    """What it did, in counts: `{"sent": 3, "failed": 0}`."""
    error: Mapped[str | None]
