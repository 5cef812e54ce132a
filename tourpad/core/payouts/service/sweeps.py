"""Our own payouts from Stripe to our bank: what the ledger says of them. Stripe's news, forward only."""

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money
from tourpad.core.payments import service as payments
from tourpad.core.work import Work


def take_platform_payout(work: Work, *, payout: StripeDict) -> str:
    """Post a payout of ours: on its way, arrived, or come back. Safe to repeat, and in any order.

    Args:
        work: the unit of work.
        payout: as Stripe has it now, its balance transactions expanded.

    Returns:
        What came of it, in a word.
    """
    payout_id, status = str(payout["id"]), str(payout["status"])
    amount = Money(int(payout["amount"]), str(payout["currency"]).upper())
    entry = payout.get("balance_transaction")
    if not isinstance(entry, dict):
        return "not on its way yet"
    payments.post_from_stripe(
        work,
        entry=entry,
        source_type=Source.PLATFORM_PAYOUT,
        source_id=payout_id,
        purpose="sent",
        against=[(accounts.PAYOUT_IN_TRANSIT, amount)],
        description=f"payout {payout_id} to our bank",
    )
    back = payout.get("failure_balance_transaction")
    if status == "paid":
        _post(work, payout_id, "paid", amount, debit=accounts.BANK, credit=accounts.PAYOUT_IN_TRANSIT)
    elif status in ("failed", "canceled") and isinstance(back, dict):
        if ledger_queries.lines_of_source(
            work, source_type=Source.PLATFORM_PAYOUT, source_id=payout_id, purpose="paid"
        ):
            # Banks may send back what counted as arrived.
            _post(work, payout_id, "returned", amount, debit=accounts.PAYOUT_IN_TRANSIT, credit=accounts.BANK)
        payments.post_from_stripe(
            work,
            entry=back,
            source_type=Source.PLATFORM_PAYOUT,
            source_id=payout_id,
            purpose="failed",
            against=[(accounts.PAYOUT_IN_TRANSIT, -amount)],
            description=f"payout {payout_id} to our bank {status}",
        )
        work.audit("platform_payout.fail", target_type="platform_payout", payout=payout_id, status=status)
    return status


def _post(work: Work, payout_id: str, purpose: str, amount: Money, *, debit: str, credit: str) -> None:
    ledger.post(
        work,
        source_type=Source.PLATFORM_PAYOUT,
        source_id=payout_id,
        purpose=purpose,
        lines=[(debit, amount), (credit, -amount)],
        description=f"payout {payout_id} to our bank {purpose}",
    )
