"""Whether the books are behind Stripe: an older backup was restored, and Stripe has done what they do not know.

Each of our calls that moves money names its intent in what it makes (`metadata.intent_id`), and the intent was
committed as being sent before the call. So a transfer, a refund or a reversal at Stripe that names an intent which
these books have not begun is a sure sign: they are older than it. Whoever sends money from them would do again what
was done. Nothing is sent then, until `tourpad reconcile --fix` has asked Stripe for all that is missing.

What carries no intent was made by hand at the dashboard, and says nothing. Nor does what is about a concert, a payment
or a transfer that is not in these books: they can't do that again, and it may be another installation's.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.database.lookup import by_name_part
from tourpad.core.errors import NotFoundError, invalid
from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.money import Money
from tourpad.core.payments import queries
from tourpad.core.payments.errors import BooksBehindError
from tourpad.core.payments.rules import id_in
from tourpad.core.values import Value
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

NEWEST = 100
"""Of each kind, so many are looked at: one page. What a restore has lost is the newest."""
FRESH = timedelta(minutes=1)
"""For so long a look that found nothing is relied on in one process."""
PREFIXES = ("tr_", "re_", "pyr_", "trr_")
HINT = "tourpad reconcile --fix; what it can't match, once it is dealt with: tourpad stripe accept ID"


class Made(Value):
    """Something at Stripe that one of our calls has made."""

    kind: str
    stripe_id: str
    amount: Money
    intent_id: UUID
    about: str
    """What it is about, by which these books may know it: a concert's id, a payment's, or Stripe's of a transfer."""


def check(platform: "Platform", actor: Actor, *, at_once: bool = False) -> None:
    """Refuse to begin sending money from books that are behind Stripe. Outside any transaction: it asks Stripe.

    Args:
        platform: where.
        actor: who wants to send.
        at_once: look now, even if this process has just done so.

    Raises:
        BooksBehindError: they are behind; the message names the newest thing that they do not know.
        StripeUncertain: Stripe does not answer.
    """
    seen = platform.books_seen_at
    if seen is not None and not at_once and time.monotonic() - seen < FRESH.total_seconds():
        return
    made = list(_made(platform.stripe))
    with platform.work(actor) as work:
        unknown = _unknown(work, made)
    if unknown:
        first = unknown[0]
        others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        msg = (
            f"Stripe has the {first.kind} {first.stripe_id} of {first.amount}{others}, which these books have not "
            "begun: they are older than that. Nothing is sent from them."
        )
        raise BooksBehindError(msg, hint=HINT, unknown=[one.stripe_id for one in unknown])
    platform.books_seen_at = time.monotonic()


def find_made(platform: "Platform", text: str) -> str:
    """Stripe's id of what one of our calls has made last: a slip of the pen is not something dealt with.

    Outside any transaction: it asks Stripe.

    Args:
        platform: where.
        text: the id, or as much of its beginning as tells it from others.

    Raises:
        InvalidInputError: it is no id of a transfer, refund or reversal.
        NotFoundError: it is none of what our calls made last.
        RefusedError: several begin so.
        StripeUncertain: Stripe does not answer.
    """
    if not text.startswith(PREFIXES):
        raise invalid("id", "Stripe's id of a transfer (tr_…), a refund (re_…, pyr_…) or a reversal (trr_…)")
    found = by_name_part((one.stripe_id for one in _made(platform.stripe)), text, noun="transfer, refund or reversal")
    if found is None:
        msg = f"Stripe has no {text} among what our calls made last."
        raise NotFoundError(msg, hint="tourpad stripe doctor names what the books do not know.")
    return found


def accept(work: Work, *, stripe_id: str, reason: str) -> None:
    """Put on record that a person has dealt with something at Stripe that the books will never know.

    Args:
        work: the unit of work.
        stripe_id: of the transfer, refund or reversal; as `find_made` gives it.
        reason: why nothing here can do it again.
    """
    work.audit(queries.ACCEPTED, target_type="stripe", reason=reason, object=stripe_id)


def _made(stripe: StripeGateway) -> Iterator[Made]:
    """What our calls made last, the newest first, one kind after the other."""
    for transfer in islice(stripe.list_transfers(), NEWEST):
        yield from _ours("transfer", transfer, "concert_id")
    for refund in islice(stripe.list_refunds(), NEWEST):
        yield from _ours("refund", refund, "payment_id")
    for line in islice(stripe.list_balance_transactions(type="transfer_refund", expand=["data.source"]), NEWEST):
        yield from _ours("reversal", line["source"], "transfer_id")


def _ours(kind: str, found: StripeDict, about: str) -> Iterator[Made]:
    intent_id = id_in(found, "intent_id")
    if intent_id is not None:
        amount = Money(int(found["amount"]), str(found["currency"]).upper())
        yield Made(kind, str(found["id"]), amount, intent_id, str(found["metadata"].get(about)))


def _unknown(work: Work, made: list[Made]) -> list[Made]:
    begun = queries.begun_intents(work, [one.intent_id for one in made])
    unknown = [one for one in made if one.intent_id not in begun]
    if unknown:
        known = queries.known_or_accepted(work, [one.stripe_id for one in unknown])
        about = queries.known_subjects(work, [one.about for one in unknown])
        unknown = [one for one in unknown if one.stripe_id not in known and one.about in about]
    return unknown
