"""Clearing away what nobody needs any more."""

from tourpad.core.actors import Actor
from tourpad.core.identity.procedures import forget_old_sign_ins
from tourpad.core.platform import Platform
from tourpad.core.requests.procedures import tidy
from tourpad.core.scheduling import service as scheduling


def housekeeping(platform: Platform, actor: Actor) -> dict[str, int]:
    """Delete old records of runs, sign-ins, idempotency keys and windows of limits."""
    with platform.work(actor) as work:
        runs = scheduling.forget_old(work)
        work.commit()
    return {"job_runs": runs, **tidy(platform, actor), **forget_old_sign_ins(platform, actor)}
