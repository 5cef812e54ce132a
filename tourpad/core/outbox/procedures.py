"""Delivering mail: claim, send outside of any transaction, record."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.clock import stopwatch
from tourpad.core.gateways.mail import MailGateway, MailRefused, MailUncertain, OutgoingMail
from tourpad.core.outbox import queue
from tourpad.core.outbox.models import Mail
from tourpad.core.outbox.service import claimed, outgoing
from tourpad.core.outbox.states import ItemState
from tourpad.core.values import Value
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

BATCH = 200
"""Mails a claim, all recorded by one commit."""
BUDGET = 0.75 * (queue.LEASE / timedelta(seconds=1))
"""Seconds of sending a claim; what is left then is given back, while the lease still holds."""
GIVE_UP_AFTER = 5
"""So many uncertain answers in a row mean that the service is away: the rest of the claim waits."""


class _Outcome(Value):
    """What came of one mail; no error where it has left."""

    error: str | None = None
    final: bool = False


def deliver_mail(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Send all mail that is due.

    A worker that dies in between leaves mails that were sent and not recorded; they are sent again under the
    same `Message-ID` once the lease is over.

    Returns:
        How many were `sent`, `failed` (tried again later), and are `dead` (given up).
    """
    gateway = platform.mail
    done = {"sent": 0, "failed": 0, "dead": 0}
    while True:
        with platform.work(actor) as work:
            rows = queue.claim(work, Mail, limit=BATCH)
            mails = [outgoing(row) for row in rows]
            lease = rows[0].lease_until if rows else None
            work.commit()
        if lease is None:
            return done
        outcomes = _send(gateway, mails)
        with platform.work(actor) as work:
            _record(work, lease, [mail.id for mail in mails], outcomes, done)
            work.commit()
        if len(outcomes) < len(mails):
            # Out of time, or the service is away: the next run goes on.
            return done


def _send(gateway: MailGateway, mails: Sequence[OutgoingMail]) -> dict[UUID, _Outcome]:
    """Try one mail after another until all are tried, the time is over, or the service seems to be away."""
    outcomes: dict[UUID, _Outcome] = {}
    start = stopwatch()
    uncertain = 0
    for mail in mails:
        if uncertain >= GIVE_UP_AFTER or stopwatch() - start > BUDGET:
            break
        try:
            gateway.send(mail)
            outcomes[mail.id] = _Outcome()
            uncertain = 0
        except MailRefused as error:
            outcomes[mail.id] = _Outcome(error.message, final=True)
            uncertain = 0
        except MailUncertain as error:
            outcomes[mail.id] = _Outcome(error.message)
            uncertain += 1
    return outcomes


def _record(
    work: Work, lease: datetime, ids: Sequence[UUID], outcomes: Mapping[UUID, _Outcome], done: dict[str, int]
) -> None:
    """Write down what came of each; what was not tried goes back as it was."""
    for row in claimed(work, ids, lease):
        outcome = outcomes.get(row.id)
        if outcome is None:
            queue.give_back(row)
        elif outcome.error is None:
            queue.finish(row)
            row.sent_at = work.now
            done["sent"] += 1
        elif queue.fail(row, now=work.now, error=outcome.error, final=outcome.final) is ItemState.DEAD:
            log.error("mail %s (%s) is given up: %s", row.id, row.template, outcome.error)
            done["dead"] += 1
        else:
            done["failed"] += 1
