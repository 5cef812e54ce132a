"""When the money goes back that a membership stands on, it ends."""

from uuid import UUID

from tourpad.core.identity import queries as people
from tourpad.core.memberships import queries
from tourpad.core.memberships.models import Membership
from tourpad.core.memberships.rules import LIVE
from tourpad.core.memberships.service.ending import plan_ending
from tourpad.core.memberships.service.following import move
from tourpad.core.memberships.states import MembershipState
from tourpad.core.money import Money
from tourpad.core.payments import queries as payments
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.work import Work


def ends_with(work: Work, payment_id: UUID) -> Membership | None:
    """The membership that ends when all of a payment goes back: the one that it is the last to have paid for."""
    invoice = queries.invoice_of_payment(work, payment_id)
    if invoice is None or invoice.period_end <= work.now:
        return None
    membership = queries.get(work, invoice.membership_id)
    if membership.state not in LIVE or membership.stripe_subscription_id != invoice.stripe_subscription_id:
        return None
    latest = queries.latest_charged(work, membership)
    return membership if latest is not None and latest.id == invoice.id else None


def credit_of(work: Work, membership: Membership) -> Money:
    """What stands to a member's credit at Stripe as of their last invoice, and no refund takes away: zero or more.

    It is theirs when the membership has ended, too: the next one uses it up before a card is charged.
    """
    invoices = queries.invoices_of(work, membership.id)
    return Money(max(0, -invoices[0].balance_cents), invoices[0].currency) if invoices else Money(0)


def end_unpaid(work: Work, *, payment_id: UUID, reason: str) -> bool:
    """All of a payment went back: the membership that it paid for ends at once, and does not renew.

    Part of it, or what paid for an earlier period, changes nothing. Answers whether one has ended.
    """
    payment = payments.get_payment(work, payment_id)
    if payment.kind is not PaymentKind.MEMBERSHIP or payment.state is not PaymentState.REFUNDED:
        return False
    user = people.get_for_update(work, payment.user_id)
    queries.of_user_for_update(work, payment.user_id)
    membership = ends_with(work, payment_id)
    if membership is None or membership.stripe_subscription_id is None:
        return False
    plan_ending(work, subscription_id=membership.stripe_subscription_id, user_id=user.id, reason=reason)
    move(work, membership, MembershipState.EXPIRED, user)
    return True
