"""What time passing means for reviews."""

from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.reviews import queries, service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

BATCH = 1_000
"""Reviews that one run handles at most; the next run takes the rest."""


def publish_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Publish reviews that were hidden for 14 days. Answers how many: `published`."""
    with platform.work(actor) as work:
        due = queries.to_publish(work, limit=BATCH)
    done = 0
    for review_id in due:
        with platform.work(actor) as work:
            if service.publish(work, review_id=review_id):
                work.commit()
                done += 1
    return {"published": done}
