"""The chart of accounts, what a posting must be, and how people read it. No I/O.

Signs: debits are above zero, credits below. What we have (`stripe_balance`, `bank`) is a debit, what
we owe (`held:…`, `payable:…`) and what we earned on the credit side; a `payable` above zero is owed to us.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from uuid import UUID

from tourpad.core.ledger.errors import UnbalancedError, UnknownAccountError
from tourpad.core.money import Money
from tourpad.core.values import Value

STRIPE_BALANCE = "stripe_balance"
PAYOUT_IN_TRANSIT = "payout_in_transit"
BANK = "bank"
DISPUTES_HELD = "disputes_held"
TRANSFER_CLEARING = "transfer_clearing"
REFUND_CLEARING = "refund_clearing"
MEMBERSHIP_REVENUE = "membership_revenue"
PLATFORM_REVENUE = "platform_revenue"
STRIPE_FEES = "stripe_fees"
DISPUTE_FEES = "dispute_fees"
DISPUTE_LOSSES = "dispute_losses"

HELD = "held"
PAYABLE = "payable"

MEANING: Mapping[str, str] = {
    STRIPE_BALANCE: "our balance at Stripe",
    PAYOUT_IN_TRANSIT: "on its way to our bank",
    BANK: "our bank account",
    DISPUTES_HELD: "taken back by banks, dispute open",
    HELD: "held until the show is settled",
    PAYABLE: "owed to a payee",
    TRANSFER_CLEARING: "transfers being sent",
    REFUND_CLEARING: "refunds being sent",
    MEMBERSHIP_REVENUE: "memberships sold",
    PLATFORM_REVENUE: "our share of shows",
    STRIPE_FEES: "Stripe's fees",
    DISPUTE_FEES: "Stripe's dispute fees",
    DISPUTE_LOSSES: "lost to disputes, borne by us",
}
"""Every account, in the order of a balance sheet: what we have, what we owe, what we earned and spent."""

CLEARING = (TRANSFER_CLEARING, REFUND_CLEARING)
"""Accounts that return to zero."""

_WITH_OWNER = frozenset({HELD, PAYABLE})


class Source(StrEnum):
    """What can cause a posting. A journal's source is one of these and that thing's own id."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    TRANSFER = "transfer"
    SETTLEMENT = "settlement"
    PLATFORM_PAYOUT = "platform_payout"
    BALANCE_TRANSACTION = "balance_transaction"
    WRITE_OFF = "write_off"
    UNDONE = "undone"
    """Made by hand at Stripe, for nobody here, and taken back there whole: by the id of what was made."""


class Account(Value):
    """An account's name taken apart: its kind, and whose it is where it is somebody's."""

    kind: str
    owner_id: UUID | None = None

    @property
    def name(self) -> str:
        """As it is stored."""
        return f"{self.kind}:{self.owner_id}" if self.owner_id else self.kind


class Finding(Value):
    """Something in the books that is not as it must be."""

    code: str
    subject: str
    """The account, journal or object it is about."""
    message: str
    hint: str | None = None


def held(concert_id: UUID) -> str:
    """The pot in which one concert's money waits."""
    return f"{HELD}:{concert_id}"


def payable(user_id: UUID) -> str:
    """What one payee is owed (credit) or owes us (debit)."""
    return f"{PAYABLE}:{user_id}"


def parse(name: str) -> Account:
    """Take an account's name apart.

    Raises:
        UnknownAccountError: it is none of the chart.
    """
    kind, colon, owner = name.partition(":")
    if kind not in MEANING or bool(colon) != (kind in _WITH_OWNER):
        raise UnknownAccountError(name)
    if not colon:
        return Account(kind)
    try:
        return Account(kind, UUID(owner))
    except ValueError as error:
        raise UnknownAccountError(name) from error


def describe(name: str, *, owner: str | None = None) -> str:
    """An account for people; `owner` is the name of the concert or person where it is known."""
    account = parse(name)
    meaning = MEANING[account.kind]
    if account.owner_id is None:
        return meaning
    whose = owner or str(account.owner_id)[-8:]
    return f"{meaning}: {whose}" if account.kind == HELD else f"owed to {whose}"


def side(amount: Money) -> str:
    """`debit` or `credit`."""
    return "debit" if amount.cents >= 0 else "credit"


def size(amount: Money) -> Money:
    """An amount without its sign, to stand beside the word for its side."""
    return Money(abs(amount.cents), amount.currency)


def balanced(lines: Sequence[tuple[str, Money]]) -> list[tuple[str, Money]]:
    """The lines of one journal as stored: one for each account and currency, none of zero, in a fixed order.

    Raises:
        UnbalancedError: they do not add up to zero in each currency, or nothing is left of them.
        UnknownAccountError: an account is none of the chart.
    """
    merged: dict[tuple[str, str], Money] = {}
    for account, amount in lines:
        parse(account)
        key = (account, amount.currency)
        merged[key] = merged.get(key, Money(0, amount.currency)) + amount
    sums: dict[str, Money] = {}
    for (_, currency), amount in merged.items():
        sums[currency] = sums.get(currency, Money(0, currency)) + amount
    off = {currency: total.cents for currency, total in sums.items() if total}
    if off:
        msg = f"The lines do not add up to zero: {', '.join(f'{c} {n:+d}' for c, n in off.items())} cents."
        raise UnbalancedError(msg, off=off)
    kept = [(account, amount) for (account, _), amount in sorted(merged.items()) if amount]
    if not kept:
        msg = "There is nothing to post: every line is zero."
        raise UnbalancedError(msg)
    return kept
