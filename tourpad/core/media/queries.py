"""Every SELECT of media."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from tourpad.core.errors import NotFoundError
from tourpad.core.media.models import Media, MediaTask, MediaVariant
from tourpad.core.media.rules import Holdings
from tourpad.core.media.states import MediaState, TaskPurpose
from tourpad.core.outbox.states import ItemState
from tourpad.core.work import Work

_GONE = (MediaState.DELETED,)
_COUNTED = (MediaState.UPLOADING, MediaState.PROCESSING, MediaState.QUARANTINED, MediaState.PUBLISHED)
_OPEN = (ItemState.WAITING, ItemState.WORKING)


def get_own(work: Work, *, owner_id: UUID, media_id: UUID, locked: bool = False) -> Media:
    """One file of a person.

    Args:
        work: the unit of work.
        owner_id: the person.
        media_id: the file.
        locked: for a change; a worker and an owner come one after the other.

    Raises:
        NotFoundError: none by that id, somebody else's, or deleted.
    """
    query = select(Media).where(Media.id == media_id, Media.owner_id == owner_id, Media.state.not_in(_GONE))
    if locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = work.session.scalar(query)
    if found is None:
        raise NotFoundError("There is no media with this id.", hint="GET /api/media lists yours.")
    return found


def get(work: Work, media_id: UUID) -> Media:
    """One file, whoever's and whatever became of it.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.get(Media, media_id)
    if found is None:
        raise NotFoundError("There is no media with this id.")
    return found


def find_for_update(work: Work, media_id: UUID) -> Media | None:
    """One file, locked, or nothing where it is gone altogether."""
    return work.session.scalar(
        select(Media).where(Media.id == media_id).with_for_update().execution_options(populate_existing=True)
    )


def by_ids(work: Work, media_ids: Collection[UUID]) -> dict[UUID, Media]:
    """These files as far as they are still there, whoever's and whatever became of them."""
    rows = work.session.scalars(select(Media).where(Media.id.in_(set(media_ids)), Media.state.not_in(_GONE)))
    return {row.id: row for row in rows}


def of_owner(work: Work, owner_id: UUID, *, page: int, limit: int) -> tuple[Sequence[Media], int]:
    """A page of a person's files in the order that they gave them, and how many there are."""
    where = (Media.owner_id == owner_id, Media.state.not_in(_GONE))
    total = work.session.scalar(select(func.count()).select_from(Media).where(*where)) or 0
    rows = work.session.scalars(
        select(Media)
        .where(*where)
        .order_by(Media.sort_order, Media.created_at, Media.id)
        .offset((page - 1) * limit)
        .limit(limit)
    )
    return rows.all(), total


def shown_of(
    work: Work, owner_ids: Collection[UUID], *, private: bool = False, most: int | None = None
) -> dict[UUID, list[Media]]:
    """What may be shown of these people, by person, in their order.

    Args:
        work: the unit of work.
        owner_ids: the people.
        private: only what signed links show; for readers whom the caller has found entitled.
        most: at most so many of each category of a person, for lists.
    """
    shown: dict[UUID, list[Media]] = {owner: [] for owner in owner_ids}
    order = (Media.sort_order, Media.created_at, Media.id)
    place = func.row_number().over(partition_by=(Media.owner_id, Media.category), order_by=order).label("place")
    chosen = (
        select(Media.id, place)
        .where(Media.owner_id.in_(shown), Media.state == MediaState.PUBLISHED, Media.is_private.is_(private))
        .subquery()
    )
    query = select(Media).join(chosen, chosen.c.id == Media.id)
    if most is not None:
        query = query.where(chosen.c.place <= most)
    for row in work.session.scalars(query.order_by(*order)):
        shown[row.owner_id].append(row)
    return shown


def of_state(work: Work, *states: MediaState) -> Sequence[Media]:
    """All files in these states, oldest first."""
    return work.session.scalars(select(Media).where(Media.state.in_(states)).order_by(Media.created_at, Media.id)).all()


def ids_of(work: Work, owner_id: UUID) -> Sequence[UUID]:
    """All that a person has not deleted."""
    return work.session.scalars(
        select(Media.id).where(Media.owner_id == owner_id, Media.state.not_in(_GONE)).order_by(Media.id)
    ).all()


def variants_of(work: Work, media_ids: Collection[UUID]) -> dict[UUID, list[MediaVariant]]:
    """What was made of these files, small to large; WebP after AVIF of the same width."""
    made: dict[UUID, list[MediaVariant]] = {media_id: [] for media_id in media_ids}
    rows = work.session.scalars(
        select(MediaVariant).where(MediaVariant.media_id.in_(made)).order_by(MediaVariant.width, MediaVariant.mime_type)
    )
    for row in rows:
        made[row.media_id].append(row)
    return made


def holdings(work: Work, owner_id: UUID) -> Holdings:
    """How much of the quota a person uses."""
    files, size, uploading = work.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Media.size_bytes), 0),
            func.count().filter(Media.state == MediaState.UPLOADING),
        ).where(Media.owner_id == owner_id, Media.state.in_(_COUNTED))
    ).one()
    return Holdings(files=files, bytes=int(size), uploading=uploading)


def next_sort_order(work: Work, owner_id: UUID) -> int:
    """After everything that a person has."""
    last = work.session.scalar(select(func.max(Media.sort_order)).where(Media.owner_id == owner_id))
    return 0 if last is None else int(last) + 1


def claimed_task(work: Work, task_id: UUID, lease: datetime) -> MediaTask | None:
    """A task that this worker claimed, locked for the record; nothing where another has taken it since."""
    return work.session.scalar(
        select(MediaTask)
        .where(MediaTask.id == task_id, MediaTask.item_state == ItemState.WORKING, MediaTask.lease_until == lease)
        .with_for_update()
    )


def last_task(work: Work, media_id: UUID) -> MediaTask | None:
    """What a worker had or has to do with a file, the last of it."""
    return work.session.scalar(
        select(MediaTask)
        .where(MediaTask.media_id == media_id)
        .order_by(MediaTask.created_at.desc(), MediaTask.id.desc())
        .limit(1)
    )


def unfinished_task(work: Work, media_id: UUID, purpose: TaskPurpose) -> MediaTask | None:
    """The task of that purpose that is not done (it may have been given up), locked."""
    return work.session.scalar(
        select(MediaTask)
        .where(MediaTask.media_id == media_id, MediaTask.purpose == purpose, MediaTask.item_state != ItemState.DONE)
        .order_by(MediaTask.created_at.desc())
        .limit(1)
        .with_for_update()
    )


def abandoned(work: Work, *, before: datetime) -> Sequence[UUID]:
    """Uploads that were asked for before then and never completed."""
    return work.session.scalars(
        select(Media.id)
        .where(Media.state == MediaState.UPLOADING, Media.created_at <= before)
        .order_by(Media.created_at)
    ).all()


def known_keys(work: Work, keys: Collection[str]) -> set[str]:
    """Of these stored files, those that something refers to or that a worker still has to do with."""
    pending = exists().where(MediaTask.media_id == Media.id, MediaTask.item_state.in_(_OPEN))
    originals = work.session.scalars(
        select(Media.storage_key).where(Media.storage_key.in_(keys), Media.state.in_(_COUNTED) | pending)
    )
    variants = work.session.scalars(select(MediaVariant.storage_key).where(MediaVariant.storage_key.in_(keys)))
    return {*originals, *variants}
