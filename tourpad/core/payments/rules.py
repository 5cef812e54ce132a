"""What is owed, what may go back and out of which account. No I/O, no clock."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from tourpad.core.ledger import rules as ledger
from tourpad.core.money import Money
from tourpad.core.payments.states import DisputeState, PaymentKind, PaymentState
from tourpad.core.values import Value

MINIMUM = Money(50)
"""Stripe's smallest charge in US dollars (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""

OPEN_DISPUTE = frozenset({DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW})
PAID = frozenset({PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED, PaymentState.DISPUTED})
"""States in which the money came in, whatever became of it later."""
UNPAID = frozenset({PaymentState.PENDING, PaymentState.FAILED, PaymentState.CANCELLED})

Lines = list[tuple[str, Money]]


NAMELESS: Mapping[PaymentKind, str] = {
    PaymentKind.MEMBERSHIP: "membership",
    PaymentKind.BOOKING: "artist's fee",
    PaymentKind.DOOR_FEE: "door fee",
}
"""What a payment was for, without a name: for the ledger, which never forgets, and for people who are erased."""

ERASED = "erased"
"""In place of words about somebody who is erased."""


class Due(Value, kw_only=True):
    """What one person owes for one thing, as its own feature computed it. Payments ask no further.

    `concert_id` names the pot that the money waits in; None for memberships.
    """

    kind: PaymentKind
    reference_type: str
    reference_id: UUID
    concert_id: UUID | None
    amount: Money
    description: str
    payer_name: str | None = None
    """Of a payer without an account."""


def paid_state(*, amount: int, returned: int, disputed: bool) -> PaymentState:
    """How a payment stands whose money came in: by open disputes first, then by the cents that went back."""
    if disputed:
        return PaymentState.DISPUTED
    if returned == 0:
        return PaymentState.COMPLETED
    return PaymentState.REFUNDED if returned >= amount else PaymentState.PARTLY_REFUNDED


class Returnable(Protocol):
    """A payment, as far as what is left of it goes."""

    amount_cents: Any
    refunded_cents: Any
    lost_cents: Any
    currency: Any


def left_of(payment: Returnable) -> Money:
    """What has not gone back of a payment: neither refunded (or about to be) nor lost to a dispute."""
    return Money(payment.amount_cents - payment.refunded_cents - payment.lost_cents, payment.currency)


def income_account(kind: PaymentKind, concert_id: UUID | None) -> str:
    """Where the money of a payment goes: our revenue, or the pot of its concert.

    Raises:
        ValueError: a booking or door fee without a pot.
    """
    if kind is PaymentKind.MEMBERSHIP:
        return ledger.MEMBERSHIP_REVENUE
    if concert_id is None:
        msg = f"a {kind} payment needs the concert whose pot it goes to"
        raise ValueError(msg)
    return ledger.held(concert_id)


def taken_from(amount: Money, *, income: str, in_pot: Money, is_posted: bool, shares: Mapping[str, int]) -> Lines:
    """Which accounts money that goes back is taken from, as debits that add up to `amount`.

    Args:
        amount: what goes back.
        income: the account that the payment went to.
        in_pot: what lies there now (above zero).
        is_posted: whether the payment itself was posted; one that was not can't have been settled.
        shares: who got how much of the pot when it was settled, in cents; empty while it is not.

    A pot that is not settled gives all of it. A settled one first gives what is (again) in it, then whoever
    got the rest gives in proportion.
    """
    if not shares or not is_posted:
        return [(income, amount)]
    first = Money(max(0, min(amount.cents, in_pot.cents)), amount.currency)
    accounts = sorted(shares)
    parts = (amount - first).split([shares[account] for account in accounts])
    return [(account, part) for account, part in [(income, first), *zip(accounts, parts, strict=True)] if part]


def back_to(lines: Lines) -> Lines:
    """The same lines the other way round."""
    return [(account, -amount) for account, amount in lines]


def receipt_number(payment_id: UUID) -> str:
    """A number for people that is unique, short and says nothing of how many there are: `TP-…`."""
    return f"TP-{payment_id.hex[-12:].upper()}"


def params_hash(params: Mapping[str, Any]) -> str:
    """A hash of what a call sends, so that a change of a stored one is noticed."""
    return hashlib.sha256(json.dumps(params, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def idempotency_key(operation: str, intent_id: UUID, attempt: int) -> str:
    """The key of one attempt at a call that moves money: `tp1:{operation}:{intent_id}:{attempt}`."""
    return f"tp1:{operation}:{intent_id}:{attempt}"


def id_in(found: Mapping[str, Any], name: str) -> UUID | None:
    """One of our ids in the metadata of an object of Stripe's; None where it carries none."""
    text = (found.get("metadata") or {}).get(name)
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None
