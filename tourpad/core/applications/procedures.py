"""What applications do by themselves."""

from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.applications import service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def remind_reviewers(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell admins what waits for them. The job `applications-remind`."""
    with platform.work(actor) as work:
        told = service.remind_reviewers(work)
        work.commit()
    return {"told": told}
