"""What the audit log does by itself."""

from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.audit import service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

AT_ONCE = 2000


def seal(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Link every committed entry into the chain of hashes, some at a time. The job `audit-seal`."""
    total = 0
    while True:
        with platform.work(actor) as work:
            count = service.seal(work, limit=AT_ONCE)
            work.commit()
        total += count
        if count < AT_ONCE:
            return {"linked": total}
