"""What is kept only for a while is cleared away."""

from tourpad.core.actors import Actor
from tourpad.core.platform import Platform
from tourpad.core.scheduling import service as scheduling


def housekeeping(platform: Platform, actor: Actor) -> dict[str, int]:
    """Delete old records of runs."""
    with platform.work(actor) as work:
        runs = scheduling.forget_old(work)
        work.commit()
    return {"job_runs": runs}
