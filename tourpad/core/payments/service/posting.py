"""From Stripe's balance transactions to journals: what came in or went out, and what Stripe kept of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.models import Journal
from tourpad.core.money import Money
from tourpad.core.payments import queries
from tourpad.core.payments.errors import AmountsDifferError
from tourpad.core.payments.models import Payment
from tourpad.core.payments.rules import NAMELESS, income_account
from tourpad.core.work import Work


def instant(epoch: int) -> datetime:
    """Stripe's seconds since 1970 as an instant."""
    return datetime.fromtimestamp(epoch, UTC)


def money_of(entry: StripeDict, field: str = "amount") -> Money:
    """An amount of one of Stripe's objects."""
    return Money(int(entry[field]), str(entry["currency"]).upper())


def post_from_stripe(
    work: Work,
    *,
    entry: StripeDict,
    source_type: str,
    source_id: str | UUID,
    purpose: str,
    against: Sequence[tuple[str, Money]],
    description: str,
    fee_account: str = accounts.STRIPE_FEES,
    concert_id: UUID | None = None,
    person_id: UUID | None = None,
    details: dict[str, Any] | None = None,
) -> Journal | None:
    """Post one of Stripe's balance transactions and keep it beside its journal, once.

    `stripe_balance` gets its net, `fee_account` its fee; `against` are the other lines, which add up to minus
    its amount (a charge of $15: `held −1500`; a transfer of $400: `transfer_clearing +40000`).

    Args:
        work: the unit of work.
        entry: the balance transaction, expanded.
        source_type: what caused it, one of `ledger.rules.Source`.
        source_id: that thing's own id.
        purpose: which of its postings this is.
        against: the lines on other accounts.
        description: for people.
        fee_account: where Stripe's fee is booked.
        concert_id: for filtering.
        person_id: likewise.
        details: facts worth keeping; the balance transaction's id is added.

    Returns:
        The journal, or None where the same was posted before.

    Raises:
        UnbalancedError: `against` does not match the amount.
        PostingDiffersError: it was posted before, with other lines.
    """
    journal = ledger.post(
        work,
        source_type=source_type,
        source_id=source_id,
        purpose=purpose,
        lines=[
            (accounts.STRIPE_BALANCE, money_of(entry, "net")),
            (fee_account, money_of(entry, "fee")),
            *against,
        ],
        description=description,
        occurred_at=instant(entry["created"]),
        concert_id=concert_id,
        person_id=person_id,
        details={**(details or {}), "balance_transaction": entry["id"]},
    )
    keep_balance_transaction(work, entry, journal_id=journal.id if journal else None)
    return journal


def keep_balance_transaction(work: Work, entry: StripeDict, *, journal_id: UUID | None = None) -> None:
    """Keep one of Stripe's lines as fetched, with the journal that it is posted in where that is known. Repeatable."""
    queries.upsert_balance_transaction(
        work,
        stripe_id=entry["id"],
        type=entry["type"],
        source_id=_id_of(entry.get("source")),
        amount_cents=int(entry["amount"]),
        fee_cents=int(entry["fee"]),
        net_cents=int(entry["net"]),
        currency=str(entry["currency"]).upper(),
        stripe_created_at=instant(entry["created"]),
        available_on=instant(entry["available_on"]),
        journal_id=journal_id,
        fetched_at=work.now,
    )


def post_charge(work: Work, payment: Payment, entry: StripeDict, *, charge_id: str) -> bool:
    """Post what a payment brought in by one of Stripe's charges. Answers whether this was the first time.

    Raises:
        AmountsDifferError: Stripe took another amount than the payment's.
    """
    if payment.stripe_balance_transaction_id is not None:
        return False
    amount = Money(payment.amount_cents, payment.currency)
    if money_of(entry) != amount:
        msg = f"Stripe took {money_of(entry)} for a payment of {amount}."
        raise AmountsDifferError(msg, hint=f"tourpad payments show {payment.id}", balance_transaction=entry["id"])
    post_from_stripe(
        work,
        entry=entry,
        source_type=accounts.Source.CHARGE,
        source_id=charge_id,
        purpose="paid",
        against=[(income_account(payment.kind, payment.concert_id), -amount)],
        description=NAMELESS[payment.kind],
        concert_id=payment.concert_id,
        person_id=payment.user_id,
        details={"payment_id": str(payment.id)},
    )
    payment.stripe_balance_transaction_id = entry["id"]
    payment.fee_cents = int(entry["fee"])
    payment.updated_at = work.now
    return True


def post_other(work: Work, entry: StripeDict) -> Journal | None:
    """Post a fee or correction of Stripe's own that belongs to no charge, refund, dispute, transfer or payout."""
    return post_from_stripe(
        work,
        entry=entry,
        source_type=accounts.Source.BALANCE_TRANSACTION,
        source_id=entry["id"],
        purpose="fee",
        against=[(accounts.STRIPE_FEES, -money_of(entry))],
        description=entry.get("description") or f"Stripe: {entry['type']}",
    )


def post_undone(work: Work, *, made: str, clearing: str, entries: Sequence[StripeDict]) -> bool:
    """Post what somebody made by hand at Stripe and took back there: out of clearing, and into it again.

    Only where nothing is left of it but what Stripe keeps for itself; its fee is ours.

    Args:
        work: the unit of work.
        made: Stripe's id of the transfer or charge.
        clearing: the account that stands against it.
        entries: all balance transactions of it and of what took it back.

    Returns:
        Whether it is posted. Nothing is where the entries do not add up to zero.
    """
    if sum(int(entry["amount"]) for entry in entries):
        return False
    for entry in entries:
        post_from_stripe(
            work,
            entry=entry,
            source_type=accounts.Source.UNDONE,
            source_id=made,
            purpose=entry["id"],
            against=[(clearing, -money_of(entry))],
            description=f"made by hand at Stripe and taken back: {entry['type'].replace('_', ' ')}",
            details={"object": _id_of(entry.get("source"))},
        )
    return True


def _id_of(source: Any) -> str | None:
    """The id of an object that may be expanded."""
    if isinstance(source, dict):
        return str(source["id"])
    return source
