"""An evening with the queue: where a reviewer stopped, and in which order they go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.applications import queries, rules
from tourpad.core.applications.models import ApplicationWalk
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.ids import new_id
from tourpad.core.values import Value
from tourpad.core.work import Work

_WALKS = cast("Table", ApplicationWalk.__table__)


class Way(Value):
    """The order in which a reviewer meets the applications that wait."""

    ids: list[UUID]
    skipped: list[UUID]
    """Of those, the ones that were skipped before: they come last."""
    stopped_at: datetime | None
    """When the evening that is gone on with was left; nothing where one begins anew."""


def way(work: Work, *, kind: ApplicationKind | None = None, anew: bool = False) -> Way:
    """What to walk through now. A reviewer who stopped less than 12 hours ago goes on where they stopped.

    Args:
        work: the unit of work.
        kind: only artists, or only hosts.
        anew: begin from the front, with those that were skipped in their places.
    """
    reviewer = reviewer_of(work.actor)
    waiting = queries.queue(work, reviewer, kind=kind)
    walk = queries.walk_of(work, reviewer)
    if walk is None or anew or walk.updated_at < work.now - rules.STOPPED_WITHIN:
        return Way(waiting, [], None)
    put_off = [UUID(one) for one in walk.skipped]
    skipped = [i for i in put_off if i in waiting]
    rest = [i for i in waiting if i not in skipped]
    at_id = walk.at_id
    if at_id is not None and at_id in rest:  # what was on the screen; whatever came in meanwhile follows in its order
        rest = [at_id, *(i for i in rest if i != at_id)]
    return Way([*rest, *skipped], skipped, walk.updated_at)


def remember(work: Work, *, at_id: UUID | None, skipped: Sequence[UUID], begun_at: datetime) -> None:
    """Where this reviewer is, so that they can go on from here."""
    reviewer = reviewer_of(work.actor)
    values = {
        "id": new_id(),
        "reviewer": reviewer.key,
        "reviewer_id": reviewer.user_id,
        "at_id": at_id,
        "skipped": [str(i) for i in skipped],
        "begun_at": begun_at,
        "updated_at": work.now,
    }
    changes = {name: values[name] for name in ("at_id", "skipped", "begun_at", "updated_at")}
    work.session.execute(insert(_WALKS).values(values).on_conflict_do_update(index_elements=["reviewer"], set_=changes))


def end(work: Work) -> None:
    """The queue is through: the next evening begins from the front."""
    work.session.execute(delete(ApplicationWalk).where(ApplicationWalk.reviewer == reviewer_of(work.actor).key))
