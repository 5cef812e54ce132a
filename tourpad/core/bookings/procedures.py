"""What time passing means for bookings: due ids are found, and each is handled in a transaction of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.bookings import queries
from tourpad.core.bookings.service import expire, remind
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

BATCH = 1_000
"""Bookings that one run handles at most; the next run takes the rest."""


def expire_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """End open bookings that nobody answered or paid in time. Answers how many: `expired`."""
    return {"expired": _each(platform, actor, queries.to_expire, lambda work, id_: expire(work, booking_id=id_))}


def remind_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Remind whoever has to answer or pay. Answers how many: `reminded`."""
    return {"reminded": _each(platform, actor, queries.to_remind_of, lambda work, id_: remind(work, booking_id=id_))}


def _each(
    platform: "Platform",
    actor: Actor,
    find: Callable[..., list[UUID]],
    do: Callable[[Work, UUID], bool],
) -> int:
    with platform.work(actor) as work:
        due = find(work, limit=BATCH)
    done = 0
    for booking_id in due:
        with platform.work(actor) as work:
            if do(work, booking_id):
                work.commit()
                done += 1
    return done
