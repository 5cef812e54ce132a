"""How much of Stripe's balance may be sent, so that several calls under way at once never race for it.

Stripe's available balance can't be reserved. So every call of ours that takes from it is counted in one row of the
database (`taken`, which only rises) in the transaction that begins it, before the call; and a look at Stripe's
balance says how far that may rise (the ceiling). A look reads, in this order: `taken` and the sum of the calls
under way, of one instant; then Stripe's balance. Each call counted by that instant either was made by the time
Stripe answers, and its amount is missing from the answer, or is under way, and is taken off; one may be both, and
is taken off twice. So

    ceiling = what Stripe has + taken − under way

never promises more than there is, and stays right however long ago the look was, as long as nothing but these calls
takes from the balance. Disputes and sweeps to our bank do, so a look soon grows old. Refunds are counted whatever
is there; they can still be refused for want of money, and so can a transfer that a dispute outruns: nobody's fault,
it waits. What was refused is given back by the next look.
"""

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.money import Money
from tourpad.core.payments import queries
from tourpad.core.payments.intents import LEASE
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.queries import UnderWay
from tourpad.core.payments.states import IntentOperation
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

FRESH = timedelta(seconds=2)
"""For so long a look at Stripe's balance is relied on."""
YOUNG = timedelta(seconds=30)
"""A call that began within this is likely to end any moment."""
PATIENCE = timedelta(seconds=1)
LOOK_EVERY = timedelta(milliseconds=50)

TAKING = (IntentOperation.TRANSFER, IntentOperation.REFUND)
"""Calls that take from the available balance."""


def take(work: Work, amount: Money) -> bool:
    """Count a call that is about to be made, if the balance has so much by a recent look. Commit before the call.

    Others that take wait until this work ends, and see then what it did: for whoever must look once more at what
    claims use up. Near the end of a transaction, so that nobody waits long.
    """
    return queries.take_funds(work, amount, fresh=FRESH)


def count(work: Work, intent: MoneyIntent, currency: str = "USD") -> None:
    """Count a call that is made whatever the balance has, and nothing for one that takes nothing."""
    if intent.operation in TAKING:
        queries.count_funds(work, Money(int(intent.params["amount"]), currency))


def free(work: Work, currency: str) -> Money | None:
    """What may be taken by a recent look; None where there was none."""
    return queries.free_funds(work, currency, fresh=FRESH)


def available(platform: "Platform", currency: str) -> Money:
    """What Stripe would let us send now, less what is under way.

    Raises:
        StripeUncertain: Stripe does not answer.
    """
    calls = _under_way(platform, currency)
    return Money(_at_stripe(platform, currency) - calls.cents, currency)


def look(platform: "Platform", currency: str, *, is_patient: bool = False) -> None:
    """See what Stripe has, and let calls take it.

    Args:
        platform: the platform.
        currency: of the balance.
        is_patient: wait for calls that have just begun to end, for a second at most: a call that was made and is
            not recorded yet counts twice, which matters only where all of the balance is needed.

    Raises:
        StripeUncertain: Stripe does not answer.
    """
    deadline = time.monotonic() + (PATIENCE.total_seconds() if is_patient else 0)
    calls = _under_way(platform, currency)
    while calls.young and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY.total_seconds())
        calls = _under_way(platform, currency)
    ceiling = _at_stripe(platform, currency) + calls.taken - calls.cents
    with platform.autocommit.connect() as connection:
        queries.raise_ceiling(connection, currency, ceiling=ceiling, began=calls.at)


def _under_way(platform: "Platform", currency: str) -> UnderWay:
    with platform.autocommit.connect() as connection:
        return queries.funds_under_way(connection, currency, young=platform.clock.now() + LEASE - YOUNG)


def _at_stripe(platform: "Platform", currency: str) -> int:
    rows: list[StripeDict] = platform.stripe.get_balance()["available"]
    return sum(int(row["amount"]) for row in rows if row["currency"] == currency.lower())
