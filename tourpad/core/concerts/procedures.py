"""What time passing means for concerts and seats: due ids are found, each is handled in its own transaction."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.concerts import service
from tourpad.core.concerts.queries import seats, shows
from tourpad.core.concerts.states import ConcertState
from tourpad.core.errors import RefusedError

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 1_000
"""Things that one run handles at most; the next run takes the rest."""


def advance_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Begin and complete shows by the clock. Answers how many: `begun`, `completed`."""
    counts = {"begun": 0, "completed": 0}
    names = {ConcertState.LIVE: "begun", ConcertState.COMPLETED: "completed"}
    for concert_id in _due(platform, actor, shows.to_advance):
        with platform.work(actor) as work:
            moved = service.advance(work, concert_id=concert_id)
            work.commit()
        if moved is not None:
            counts[names[moved]] += 1
    return counts


def lapse_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Let seats go that were not taken, paid or decided on in time. Answers how many parties: `lapsed`."""
    done = 0
    for rsvp_id in _due(platform, actor, seats.to_lapse):
        with platform.work(actor) as work:
            if service.lapse(work, rsvp_id=rsvp_id):
                work.commit()
                done += 1
    return {"lapsed": done}


def remind_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Remind guests whose show is at most 48 hours away. Answers how many parties: `reminded`."""
    done = 0
    for rsvp_id in _due(platform, actor, seats.to_remind):
        with platform.work(actor) as work:
            if service.remind(work, rsvp_id=rsvp_id):
                work.commit()
                done += 1
    return {"reminded": done}


def refund_cancelled(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Tell the guests of cancelled shows and plan their refunds, one party a transaction.

    A run that is cut short is taken up by the next one. Answers how many parties and shows: `guests`, `left` (a refund
    was refused), `concerts`.
    """
    counts = {"guests": 0, "left": 0, "concerts": 0}
    for concert_id in _due(platform, actor, shows.to_refund):
        with platform.work(actor) as work:
            parties = seats.to_call_off(work, concert_id)
        for rsvp_id in parties:
            counts[_call_off(platform, actor, rsvp_id)] += 1
        with platform.work(actor) as work:
            if service.finish_refunds(work, concert_id=concert_id):
                work.commit()
                counts["concerts"] += 1
    return counts


def _call_off(platform: "Platform", actor: Actor, rsvp_id: UUID) -> str:
    try:
        with platform.work(actor) as work:
            service.call_off(work, rsvp_id=rsvp_id)
            work.commit()
    except RefusedError as refusal:
        log.warning("party %s of a cancelled concert is not refunded yet: %s", rsvp_id, refusal.message)
        return "left"
    return "guests"


def _due(platform: "Platform", actor: Actor, find: Callable[..., list[UUID]]) -> list[UUID]:
    with platform.work(actor) as work:
        return find(work, limit=BATCH)
