"""Collecting what nobody will ask for: uploads never completed, and stored files that nothing refers to."""

import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from tourpad.core.actors import Actor
from tourpad.core.gateways.storage import Area, Stored
from tourpad.core.media import queries, rules, service
from tourpad.core.values import Value

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH: Final = 500
"""Stored files that are looked up at once."""
SURELY_OURS: Final = 20
"""So many unknown files are deleted without a second thought, however few are known."""


class Survey(Value):
    """What lies in the storage."""

    orphans: Sequence[Stored]
    known: int
    """Files that something refers to."""


def collect_orphans(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Give up uploads that were never completed, and delete stored files that nothing refers to.

    Where far more is unknown than known, the storage is rather another installation's, or the database an old one:
    then nothing is deleted, and a person decides (`tourpad media orphans`).

    Returns:
        How many uploads were `abandoned`, files `deleted`, and files `kept` for a person to decide on.
    """
    done = {"abandoned": give_up_abandoned(platform, actor), "deleted": 0, "kept": 0}
    found = survey(platform, actor)
    if len(found.orphans) > max(SURELY_OURS, found.known):
        log.warning("%d stored files are unknown and %d known: nothing was deleted", len(found.orphans), found.known)
        done["kept"] = len(found.orphans)
    else:
        done["deleted"] = delete_orphans(platform, actor, orphans=found.orphans)
    return done


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


def survey(platform: "Platform", actor: Actor) -> Survey:
    """Stored files that nothing refers to. Files of the last day do not count: a worker may be about to name them.

    Raises:
        StorageDown: the storage can't be listed.
    """
    before = platform.clock.now() - rules.ABANDONED_AFTER
    orphans: list[Stored] = []
    total = 0
    for area in Area:
        for batch in _batches(platform.storage.files(area)):
            with platform.work(actor) as work:
                known = queries.known_keys(work, [stored.key for stored in batch])
            total += len(known)
            orphans += [stored for stored in batch if stored.key not in known and stored.modified_at <= before]
    return Survey(orphans, total)


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
