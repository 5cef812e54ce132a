"""The journals of a refund: decided, done, and come back."""

from typing import Any

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import Source
from tourpad.core.money import Money
from tourpad.core.payments import rules
from tourpad.core.payments.errors import NotYetKnownError
from tourpad.core.payments.models import Payment, Refund
from tourpad.core.payments.service import posting
from tourpad.core.work import Work


def post_decided(work: Work, payment: Payment, refund: Refund, lines: rules.Lines) -> None:
    """Take the money from where it is (`lines` are debits) into clearing."""
    amount = Money(refund.amount_cents, refund.currency)
    _post(
        work,
        payment,
        refund,
        purpose="intent",
        lines=[*lines, (accounts.REFUND_CLEARING, -amount)],
        description="refund of",
        details={"payment_id": str(payment.id)},
    )


def post_done(work: Work, payment: Payment, refund: Refund, found: StripeDict) -> None:
    """Post that the money has left Stripe's balance, as soon as the balance transaction says so."""
    entry = found.get("balance_transaction")
    if not isinstance(entry, dict):
        return
    posting.post_from_stripe(
        work,
        entry=entry,
        source_type=Source.REFUND,
        source_id=refund.id,
        purpose="done",
        against=[(accounts.REFUND_CLEARING, -posting.money_of(entry))],
        description=f"refund of: {rules.NAMELESS[payment.kind]}",
        concert_id=payment.concert_id,
        person_id=payment.user_id,
        details={"stripe_refund": found["id"]},
    )


def post_back(work: Work, payment: Payment, refund: Refund, found: StripeDict | None) -> None:
    """Post that a refund did not arrive: its money is where it came from again.

    Args:
        work: the unit of work.
        payment: what it is of.
        refund: with the accounts that it was taken from; none, where it had failed before it was heard of.
        found: as Stripe has it; None where Stripe never made it.

    Raises:
        NotYetKnownError: the money had left, and Stripe has not yet said how it came back.
    """
    lines = [(account, Money(-cents, refund.currency)) for account, cents in refund.from_accounts]
    entry = (found or {}).get("failure_balance_transaction")
    if found and isinstance(found.get("balance_transaction"), dict) and not isinstance(entry, dict):
        msg = f"The refund {found['id']} failed, and Stripe has not yet said how its money came back."
        raise NotYetKnownError(msg)
    if isinstance(entry, dict):
        posting.post_from_stripe(
            work,
            entry=entry,
            source_type=Source.REFUND,
            source_id=refund.id,
            purpose="failed",
            against=lines or [(accounts.REFUND_CLEARING, -posting.money_of(entry))],
            description=f"refund failed: {rules.NAMELESS[payment.kind]}",
            concert_id=payment.concert_id,
            person_id=payment.user_id,
        )
    elif lines:
        amount = Money(refund.amount_cents, refund.currency)
        lines = [(accounts.REFUND_CLEARING, amount), *lines]
        _post(work, payment, refund, purpose="reversed", lines=lines, description="refund not made")


def _post(
    work: Work,
    payment: Payment,
    refund: Refund,
    *,
    purpose: str,
    lines: rules.Lines,
    description: str,
    details: dict[str, Any] | None = None,
) -> None:
    ledger.post(
        work,
        source_type=Source.REFUND,
        source_id=refund.id,
        purpose=purpose,
        lines=lines,
        description=f"{description}: {rules.NAMELESS[payment.kind]}",
        concert_id=payment.concert_id,
        person_id=payment.user_id,
        details=details,
    )
