"""What happens to accounts by itself."""

from typing import TYPE_CHECKING, Final

from tourpad.core.actors import Actor
from tourpad.core.errors import TourPadError
from tourpad.core.identity import queries
from tourpad.core.identity.service import links, sessions, users

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

_BATCH: Final = 200


def lift_suspensions(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Reinstate everybody whose suspension has run out, one transaction a person."""
    counts = {"reinstated": 0, "failed": 0}
    with platform.work(actor) as work:
        due = queries.over_suspensions(work, limit=_BATCH)
    for user_id in due:
        try:
            with platform.work(actor) as work:
                users.reinstate(work, user_id=user_id)
                work.commit()
            counts["reinstated"] += 1
        except TourPadError:
            counts["failed"] += 1
    return counts


def forget_old_sign_ins(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Delete sessions and mailed links that ended more than 30 days ago: they only say where people have been."""
    with platform.work(actor) as work:
        counts = {"sessions": sessions.forget_ended(work), "links": links.forget_ended(work)}
        work.commit()
    return counts
