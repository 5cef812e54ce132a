"""When the money goes back that a membership stands on, it ends."""

from uuid import UUID

from tourpad.core.identity import queries as people
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.models import Membership
from tourpad.core.memberships.rules import LIVE
from tourpad.core.memberships.service import ending
from tourpad.core.memberships.service.following import move
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money
from tourpad.core.payments import queries as payments
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.work import Work


def ends_with(work: Work, payment_id: UUID) -> Membership | None:
    """The membership that ends when all of a payment goes back: the one that it is the last to have paid for.

    It stands on a payment as long as the period is not over that was paid, or credit is left of it.
    """
    invoice = queries.invoice_of_payment(work, payment_id)
    if invoice is None or (invoice.period_end <= work.now and not credit_of(work, payment_id)):
        return None
    membership = queries.get(work, invoice.membership_id)
    if membership.state not in LIVE or membership.stripe_subscription_id != invoice.stripe_subscription_id:
        return None
    latest = queries.latest_charged(work, membership)
    return membership if latest is not None and latest.id == invoice.id else None


def credit_of(work: Work, payment_id: UUID) -> Money:
    """What a smaller plan has left of a payment as credit at Stripe, by the last invoice: zero or more.

    It goes when all of the payment does. What came of a gift, or of a later payment, is none of it.
    """
    invoice = queries.invoice_of_payment(work, payment_id)
    if invoice is None:
        return Money(0)
    invoices = queries.invoices_of(work, invoice.membership_id)
    after = invoices[: [one.id for one in invoices].index(invoice.id)]
    if any(one.payment_id for one in after):
        return Money(0)
    made = sum(max(0, -one.total_cents) for one in after)
    return Money(rules.to_void(made, invoices[0].balance_cents), invoice.currency)


def end_unpaid(work: Work, *, payment_id: UUID, reason: str) -> bool:
    """All of a payment went back: the membership that it paid for ends at once, and its credit with it.

    Part of it, or what paid for an earlier period, changes nothing. Of a membership that is over already only the
    credit goes. Answers whether one has ended.
    """
    payment = payments.get_payment(work, payment_id)
    if payment.kind is not PaymentKind.MEMBERSHIP or payment.state is not PaymentState.REFUNDED:
        return False
    user = people.get_for_update(work, payment.user_id)
    queries.of_user_for_update(work, payment.user_id)
    invoice, credit = queries.invoice_of_payment(work, payment_id), credit_of(work, payment_id)
    membership = ends_with(work, payment_id)
    if invoice is None or (membership is None and not credit):
        return False
    ending.plan_ending(
        work, subscription_id=invoice.stripe_subscription_id, user_id=user.id, reason=reason, void=credit
    )
    if membership is None:
        return False
    move(work, membership, MembershipState.EXPIRED, user)
    return True
