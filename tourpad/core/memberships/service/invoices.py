"""What Stripe tells of a membership's invoices: paid ones are booked, unpaid ones are said to the person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.identity import queries as people
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.models import MembershipInvoice
from tourpad.core.memberships.service.following import begun, whose
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments import declines
from tourpad.core.payments import service as payments
from tourpad.core.work import Work


def apply_invoice(
    work: Work,
    *,
    type: str,
    invoice: StripeDict,
    payment_intent: StripeDict | None,
    refusal: StripeDict | None = None,
) -> str:
    """Book what was paid, or tell that it was not; answers what that came to. The state follows the subscription.

    Args:
        work: the unit of work.
        type: Stripe's event: `invoice.paid`, `invoice.payment_failed`, `invoice.payment_action_required`.
        invoice: as Stripe has it now.
        payment_intent: the one that paid it, `latest_charge.balance_transaction` expanded; none where
            nothing was charged.
        refusal: why the last try failed, as Stripe says it.
    """
    subscription_id, metadata = rules.subscription_of(invoice)
    if subscription_id is None:
        return "not a membership's"
    user_id = whose(
        work,
        subscription_id=subscription_id,
        named=rules.id_in(metadata, "user_id"),
        customer=rules.id_of(invoice["customer"]) if invoice.get("customer") else None,
    )
    if user_id is None:
        return "not ours"
    if type == "invoice.paid":
        return _book(work, user_id, invoice, metadata, payment_intent)
    return _warn(work, type, user_id, invoice, refusal or {})


def _book(work: Work, user_id: UUID, invoice: StripeDict, metadata: Any, payment_intent: StripeDict | None) -> str:
    """A paid invoice is kept; what was charged for it becomes a payment of the membership, posted by payments."""
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    named = str(metadata.get("plan_code"))
    if membership is None:
        # The money was quicker than the news of the subscription.
        known = queries.plan(work, named)
        code = known.code if known else rules.plan_named(None, user.user_type)
        membership = begun(work, user_id=user_id, plan_code=code)
    if queries.invoice_by_stripe_id(work, invoice["id"]) is not None:
        return "nothing to do"
    start, end = rules.invoice_period(invoice)
    plan = queries.plan_of_price(work, rules.price_of(invoice)) or queries.plan(work, membership.plan_code)
    label = plan.name if plan else membership.plan_code
    paid_at = rules.paid_at(invoice) or work.now
    payment = None
    if payment_intent is not None:
        payment = payments.record_membership_charge(
            work,
            user_id=user_id,
            membership_id=membership.id,
            payment_intent_id=payment_intent["id"],
            charge_id=_charge(payment_intent),
            amount=Money(int(payment_intent["amount_received"]), str(payment_intent["currency"]).upper()),
            at=paid_at,
            description=f"Membership ({label}), {_day(start)} to {_day(end)}",
        )
    kept = MembershipInvoice(
        membership_id=membership.id,
        payment_id=payment.id if payment else None,
        stripe_invoice_id=invoice["id"],
        stripe_subscription_id=rules.subscription_of(invoice)[0],
        reason=invoice.get("billing_reason") or "manual",
        total_cents=int(invoice["total"]),
        paid_cents=int(invoice["amount_paid"]),
        balance_cents=int(invoice.get("ending_balance") or 0),
        currency=str(invoice["currency"]).upper(),
        period_start=start,
        period_end=end,
        made_at=rules.instant(invoice["created"]),
        paid_at=paid_at,
    )
    work.add(kept)
    _thank(work, user_id, kept, label)
    return "booked" if payment else "nothing was charged"


def _thank(work: Work, user_id: UUID, invoice: MembershipInvoice, label: str) -> None:
    """Say what a renewal, or a change of plan, took or credited. A first invoice is said by the membership's begin."""
    template = {"subscription_cycle": "membership_renewed", "subscription_update": "membership_plan_billed"}
    if invoice.reason not in template:
        return
    tell(
        work,
        user_id=user_id,
        template=template[invoice.reason],
        category=Category.PAYMENT,
        dedupe_key=f"{template[invoice.reason]}:{invoice.stripe_invoice_id}",
        related=("membership", invoice.membership_id),
        plan=label,
        amount=Money(invoice.paid_cents, invoice.currency),
        credit=Money(max(0, -invoice.balance_cents), invoice.currency),
        until=invoice.period_end.date(),
    )


def _warn(work: Work, type: str, user_id: UUID, invoice: StripeDict, refusal: StripeDict) -> str:
    """Tell the person that a renewal was not paid. A first payment is not dunned: they are on the page just now."""
    if invoice["status"] != "open":
        return "settled since"
    if invoice.get("billing_reason") == "subscription_create":
        return "nothing to do"
    membership = queries.of_user(work, user_id)
    start, _ = rules.invoice_period(invoice)
    until = rules.grace_until(start, work.settings.membership_grace_days)
    is_over = until <= work.now or (membership is not None and membership.state is MembershipState.EXPIRED)
    needs_action = type == "invoice.payment_action_required"
    again = rules.maybe(invoice.get("next_payment_attempt"))
    why = declines.for_payer(refusal.get("decline_code") or refusal.get("code"), refusal.get("message")).message
    more: dict[str, Any] = {} if needs_action else {"again": again.date() if again else None, "why": why}
    tell(
        work,
        user_id=user_id,
        template="membership_action_required" if needs_action else "membership_payment_failed",
        category=Category.PAYMENT,
        # Tries that the person makes do not count: only Stripe's own raise the count. One mail a try, whether the
        # bank refused it or asks for the person.
        dedupe_key=f"membership_unpaid:{invoice['id']}:{invoice.get('attempt_count', 0)}",
        related=("membership", membership.id) if membership else None,
        amount=_amount(invoice, "amount_due"),
        until=None if is_over else until.date(),
        pay_url=invoice.get("hosted_invoice_url") or f"{work.settings.base_url}/membership",
        **more,
    )
    return "told"


def _day(at: datetime) -> str:
    """A day as people write it: it stands on the receipt, and on the card's statement page at Stripe."""
    return f"{at.day} {at:%b %Y}"


def _charge(payment_intent: StripeDict) -> str | None:
    charge = payment_intent.get("latest_charge")
    return rules.id_of(charge) if charge else None


def _amount(invoice: StripeDict, field: str) -> Money:
    return Money(int(invoice[field]), str(invoice["currency"]).upper())
