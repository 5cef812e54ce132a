"""What time passing means for concerts and seats: due ids are found, each is handled in its own transaction."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.checkpoints import reached
from tourpad.core.concerts import service
from tourpad.core.concerts.models import RsvpNews
from tourpad.core.concerts.queries import refunding, seats, shows
from tourpad.core.concerts.queries.refunding import Refunding
from tourpad.core.concerts.states import ConcertState
from tourpad.core.errors import RefusedError
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import procedures as payments

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 1_000
"""Things that one run handles at most; the next run takes the rest."""

TOLD_AT_ONCE = 100
"""Requests that a worker claims together: told long before the lease is over."""

REPORT_EVERY = 5
"""Parties between two reports of progress."""


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


def tell_due(platform: "Platform", actor: Actor, *, most: int = BATCH) -> dict[str, int]:
    """Tell of requests for seats that were taken in one statement. The body of the job `rsvps-tell`.

    A worker that dies leaves a lease that runs out; each request is told in one transaction with its note being gone.

    Returns:
        Counts of requests: `told`, `passed` (something newer was told already), `failed` (tried again later, or dead).
    """
    counts = {"told": 0, "passed": 0, "failed": 0}
    while (left := most - sum(counts.values())) > 0:
        with platform.work(actor) as work:
            items = queue.claim(work, RsvpNews, limit=min(left, TOLD_AT_ONCE))
            claimed = [(item.id, item.lease_until) for item in items]
            work.commit()
        if not claimed:
            break
        for rsvp_id, lease in claimed:
            outcome = _tell(platform, actor, rsvp_id, lease)
            if outcome is not None:
                counts[outcome] += 1
    return counts


def let_go_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Call shows off for which too few people came in time. Answers how many: `let_go`."""
    done = 0
    for concert_id in _due(platform, actor, shows.to_let_go):
        with platform.work(actor) as work:
            if service.let_go(work, concert_id=concert_id):
                work.commit()
                done += 1
    return {"let_go": done}


def release_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Free the seats of parties that have not said whether they come on another date. Answers how many parties.

    `released`, and `left` where a refund was refused for now.
    """
    counts = {"released": 0, "left": 0}
    for rsvp_id in _due(platform, actor, seats.to_release):
        try:
            with platform.work(actor) as work:
                if service.release(work, rsvp_id=rsvp_id):
                    work.commit()
                    counts["released"] += 1
        except RefusedError as refusal:
            log.warning("party %s of a show that has moved keeps its seats yet: %s", rsvp_id, refusal.message)
            counts["left"] += 1
    return counts


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
        for rsvp_id in _parties(platform, actor, concert_id):
            counts[_call_off(platform, actor, rsvp_id)] += 1
        counts["concerts"] += _finish(platform, actor, concert_id)
    return counts


def refund_concert(
    platform: "Platform", actor: Actor, *, concert_id: UUID, on_progress: Callable[[Refunding], None]
) -> Refunding:
    """Tell the guests of one cancelled show and refund them, now: what the jobs do, with somebody looking on.

    Beside the jobs, or another who does the same, each party is done by one of them. Cut short, it is taken up by the
    jobs or by the next call.

    Args:
        platform: where.
        actor: who.
        concert_id: a cancelled show.
        on_progress: is told how far it is, after every few parties.
    """
    on_progress(_progress(platform, actor, concert_id))
    for number, rsvp_id in enumerate(_parties(platform, actor, concert_id), start=1):
        _call_off(platform, actor, rsvp_id)
        if number % REPORT_EVERY == 0:
            on_progress(_progress(platform, actor, concert_id))
    _finish(platform, actor, concert_id)
    with platform.work(actor) as work:
        planned = refunding.refunds_to_send(work, concert_id)
    for number, refund_id in enumerate(planned, start=1):
        payments.send_refunds(platform, actor, refund_id=refund_id)
        if number % REPORT_EVERY == 0:
            on_progress(_progress(platform, actor, concert_id))
    state = _progress(platform, actor, concert_id)
    on_progress(state)
    return state


def _tell(platform: "Platform", actor: Actor, rsvp_id: UUID, lease: datetime | None) -> str | None:
    """Tell of one request. Answers what came of it; nothing where it is another worker's by now."""
    try:
        with platform.work(actor) as work:
            item = seats.news_of(work, rsvp_id, lease=lease)
            if item is None:
                return None
            told = service.tell_of(work, item=item)
            work.commit()
    except Exception as error:
        # Whatever it is, it must not keep the others from being told.
        log.exception("request %s is not told yet", rsvp_id)
        with platform.work(actor) as work:
            item = seats.news_of(work, rsvp_id, lease=lease)
            said = f"{type(error).__name__}: {error}"
            if item is not None and queue.fail(item, now=work.now, error=said) is ItemState.DEAD:
                log.error("request %s is never told, unless it is revived: %s", rsvp_id, said)  # noqa: TRY400 - told above
            work.commit()
        return "failed"
    return "told" if told else "passed"


def _parties(platform: "Platform", actor: Actor, concert_id: UUID) -> list[UUID]:
    with platform.work(actor) as work:
        return refunding.to_call_off(work, concert_id)


def _finish(platform: "Platform", actor: Actor, concert_id: UUID) -> bool:
    with platform.work(actor) as work:
        done = service.finish_refunds(work, concert_id=concert_id)
        reached("calling_off.finishing")
        work.commit()
    reached("calling_off.finished")
    return done


def _progress(platform: "Platform", actor: Actor, concert_id: UUID) -> Refunding:
    with platform.work(actor) as work:
        return refunding.refunding(work, shows.get_view(work, concert_id).concert)


def _call_off(platform: "Platform", actor: Actor, rsvp_id: UUID) -> str:
    try:
        with platform.work(actor) as work:
            service.call_off(work, rsvp_id=rsvp_id)
            reached("calling_off.planning")
            work.commit()
        reached("calling_off.planned")
    except RefusedError as refusal:
        log.warning("party %s of a cancelled concert is not refunded yet: %s", rsvp_id, refusal.message)
        return "left"
    return "guests"


def _due(platform: "Platform", actor: Actor, find: Callable[..., list[UUID]]) -> list[UUID]:
    with platform.work(actor) as work:
        return find(work, limit=BATCH)
