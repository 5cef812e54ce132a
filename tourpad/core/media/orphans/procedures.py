"""Collecting what nobody will ask for: uploads never completed, and stored files that nothing refers to."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from tourpad.core.actors import Actor
from tourpad.core.gateways.storage import Area, Stored
from tourpad.core.media import queries, rules, service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

BATCH: Final = 500
"""Stored files that are looked up at once."""


def collect_orphans(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Give up uploads that were never completed, and delete stored files that nothing refers to.

    Returns:
        How many uploads were `abandoned`, files `deleted`, and the `bytes` of those.
    """
    abandoned = give_up_abandoned(platform, actor)
    orphans = find_orphans(platform, actor)
    deleted = delete_orphans(platform, actor, orphans=orphans)
    return {"abandoned": abandoned, "deleted": deleted, "bytes": sum(stored.size for stored in orphans)}


def give_up_abandoned(platform: "Platform", actor: Actor) -> int:
    """Forget uploads whose form was given out a day ago and that were never completed. Answers how many."""
    with platform.work(actor) as work:
        due = queries.abandoned(work, before=work.now - rules.ABANDONED_AFTER)
    count = 0
    for media_id in due:
        with platform.work(actor) as work:
            count += service.give_up(work, media_id=media_id)
            work.commit()
    return count


def find_orphans(platform: "Platform", actor: Actor) -> list[Stored]:
    """Stored files that nothing refers to. Files of the last day do not count: a worker may be about to name them.

    Raises:
        StorageDown: the storage can't be listed.
    """
    before = platform.clock.now() - rules.ABANDONED_AFTER
    orphans: list[Stored] = []
    for area in Area:
        old = (stored for stored in platform.storage.files(area) if stored.modified_at <= before)
        for batch in _batches(old):
            with platform.work(actor) as work:
                known = queries.known_keys(work, [stored.key for stored in batch])
            orphans += [stored for stored in batch if stored.key not in known]
    return orphans


def delete_orphans(platform: "Platform", actor: Actor, *, orphans: Sequence[Stored]) -> int:
    """Delete these files. Answers how many.

    Raises:
        StorageDown: the storage stopped answering; those before are deleted.
    """
    for stored in orphans:
        platform.storage.remove(stored.area, stored.key)
    if orphans:
        with platform.work(actor) as work:
            size = sum(stored.size for stored in orphans)
            work.audit("media.orphans", target_type="media", files=len(orphans), bytes=size)
            work.commit()
    return len(orphans)


def _batches(files: Iterator[Stored]) -> Iterator[list[Stored]]:
    while batch := list(islice(files, BATCH)):
        yield batch
