"""What an event is about: the object that is fetched for it, and what that object comes to. One table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.payments import service
from tourpad.core.payments.events import (
    AccountNews,
    CheckoutNews,
    InvoiceNews,
    PayeePayoutNews,
    PlatformPayoutNews,
    SubscriptionNews,
    TransferNews,
)
from tourpad.core.payments.models import StripeEvent
from tourpad.core.work import Work

PAID = ("latest_charge.balance_transaction",)
PAID_OUT = ("balance_transaction", "failure_balance_transaction")
ACCOUNT_PARTS = ("configuration.recipient", "identity", "requirements")


class Subject(StrEnum):
    """A kind of object that events are about."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"
    WARNING = "warning"
    CHECKOUT = "checkout"
    SUBSCRIPTION = "subscription"
    INVOICE = "invoice"
    TRANSFER = "transfer"
    PLATFORM_PAYOUT = "platform_payout"
    PAYEE_PAYOUT = "payee_payout"
    ACCOUNT = "account"


class Key(NamedTuple):
    """One object of Stripe's: its kind, its id, and whose it is where it is a connected account's."""

    subject: Subject
    object_id: str
    account: str | None = None


@dataclass(slots=True)
class Group:
    """Events of one batch that are about one object: it is fetched once, and they are done in one transaction."""

    key: Key
    events: list[StripeEvent] = field(default_factory=list[StripeEvent])
    look: int = 0
    """The number of the look, drawn before the object is fetched, where order matters."""

    @property
    def ids(self) -> list[UUID]:
        """The events' ids."""
        return [event.id for event in self.events]

    @property
    def types(self) -> list[str]:
        """Their types, each once, in the order in which they came."""
        return list(dict.fromkeys(event.type for event in self.events))


Fetch = Callable[[StripeGateway, Group], StripeDict]
Apply = Callable[[Work, Group, StripeDict], str]

_TYPES: Mapping[str, Subject] = {
    "payment_intent.succeeded": Subject.PAYMENT,
    "payment_intent.payment_failed": Subject.PAYMENT,
    "payment_intent.canceled": Subject.PAYMENT,
    "payment_intent.requires_action": Subject.PAYMENT,
    "payment_intent.processing": Subject.PAYMENT,
    "charge.updated": Subject.PAYMENT,
    "refund.created": Subject.REFUND,
    "refund.updated": Subject.REFUND,
    "refund.failed": Subject.REFUND,
    "charge.dispute.created": Subject.DISPUTE,
    "charge.dispute.updated": Subject.DISPUTE,
    "charge.dispute.closed": Subject.DISPUTE,
    "charge.dispute.funds_withdrawn": Subject.DISPUTE,
    "charge.dispute.funds_reinstated": Subject.DISPUTE,
    "radar.early_fraud_warning.created": Subject.WARNING,
    "checkout.session.completed": Subject.CHECKOUT,
    "checkout.session.expired": Subject.CHECKOUT,
    "customer.subscription.created": Subject.SUBSCRIPTION,
    "customer.subscription.updated": Subject.SUBSCRIPTION,
    "customer.subscription.deleted": Subject.SUBSCRIPTION,
    "customer.subscription.paused": Subject.SUBSCRIPTION,
    "customer.subscription.resumed": Subject.SUBSCRIPTION,
    "customer.subscription.trial_will_end": Subject.SUBSCRIPTION,
    "invoice.paid": Subject.INVOICE,
    "invoice.payment_failed": Subject.INVOICE,
    "invoice.payment_action_required": Subject.INVOICE,
    "transfer.created": Subject.TRANSFER,
    "transfer.reversed": Subject.TRANSFER,
    "payout.paid": Subject.PLATFORM_PAYOUT,
    "payout.failed": Subject.PLATFORM_PAYOUT,
    "payout.canceled": Subject.PLATFORM_PAYOUT,
}


def subject_of(event: StripeEvent) -> Key | None:
    """What an event is about; None for a type that means nothing to us."""
    account: Any = event.payload.get("account")
    if event.type.startswith("v2.core.account"):
        return Key(Subject.ACCOUNT, event.object_id) if event.object_id else None
    subject = _TYPES.get(event.type)
    object_id = event.object_id
    if subject is Subject.PLATFORM_PAYOUT and account:
        return Key(Subject.PAYEE_PAYOUT, object_id, str(account)) if object_id else None
    if account:
        return None
    if event.type == "charge.updated":
        object_id = snapshot(event).get("payment_intent")
    return Key(subject, str(object_id)) if subject and object_id else None


def snapshot(event: StripeEvent) -> StripeDict:
    """The object as it was when the event was made. Good for deciding what to fetch, never for more."""
    found: Any = (event.payload.get("data") or {}).get("object")
    return found if isinstance(found, dict) else {}


def fetch(stripe: StripeGateway, group: Group) -> StripeDict:
    """The object as it is now, and what is needed beside it."""
    return _HANDLERS[group.key.subject][0](stripe, group)


def apply(work: Work, group: Group, found: StripeDict) -> str:
    """What it comes to, in a word."""
    return _HANDLERS[group.key.subject][1](work, group, found)


def fetch_refund(stripe: StripeGateway, refund_id: str) -> StripeDict:
    """A refund with its balance transaction, and the one that gave its money back where it failed."""
    return stripe.get_refund(refund_id, expand=PAID_OUT)


def _invoice(stripe: StripeGateway, group: Group) -> StripeDict:
    """An invoice, and for a paid one the payment intent that paid it (two calls: expansion does not go so deep)."""
    invoice = stripe.get_invoice(group.key.object_id, expand=("payments",))
    intent: StripeDict | None = None
    if not {"invoice.paid", "invoice.payment_failed"}.isdisjoint(group.types):
        wanted = "paid" if "invoice.paid" in group.types else "open"
        rows: list[StripeDict] = (invoice.get("payments") or {}).get("data") or []
        used = [row["payment"].get("payment_intent") for row in rows if row["status"] == wanted]
        intent_id = next((found for found in used if found), None)
        intent = stripe.get_payment_intent(str(intent_id), expand=PAID) if intent_id else None
    return {"invoice": invoice, "payment_intent": intent}


def _tell_invoice(work: Work, group: Group, found: StripeDict) -> str:
    intent: StripeDict | None = found["payment_intent"]
    # A bank that asks for its customer is told as a failed payment, too: what helps the person is said first.
    for type in sorted(group.types, key=lambda type: type != "invoice.payment_action_required"):
        work.emit(
            InvoiceNews(
                type=type,
                invoice=found["invoice"],
                payment_intent=intent if type == "invoice.paid" else None,
                refusal=(intent or {}).get("last_payment_error") if type == "invoice.payment_failed" else None,
            )
        )
    # Whoever heard of it has recorded the payment by now; what it brought in is known already.
    return service.apply_payment_intent(work, intent) if intent and "invoice.paid" in group.types else "told"


def _tell_subscription(work: Work, group: Group, found: StripeDict) -> str:
    for type in group.types:
        work.emit(SubscriptionNews(type=type, subscription=found, look=group.look))
    return "told"


def _tell_checkout(work: Work, group: Group, found: StripeDict) -> str:
    for type in group.types:
        work.emit(CheckoutNews(type=type, session=found))
    return "told"


def _tell_transfer(work: Work, group: Group, found: StripeDict) -> str:
    for type in group.types:
        work.emit(TransferNews(type=type, transfer=found))
    return "told"


def _tell_account(work: Work, group: Group, found: StripeDict) -> str:
    work.emit(AccountNews(type=group.types[-1], account=found))
    return "told"


def _tell_platform_payout(work: Work, group: Group, found: StripeDict) -> str:
    for type in group.types:
        work.emit(PlatformPayoutNews(type=type, payout=found))
    return "told"


def _tell_payee_payout(work: Work, group: Group, found: StripeDict) -> str:
    for type in group.types:
        work.emit(PayeePayoutNews(type=type, stripe_account_id=group.key.account or "", payout=found))
    return "told"


_HANDLERS: Mapping[Subject, tuple[Fetch, Apply]] = {
    Subject.PAYMENT: (
        lambda stripe, group: stripe.get_payment_intent(group.key.object_id, expand=PAID),
        lambda work, _, found: service.apply_payment_intent(work, found),
    ),
    Subject.REFUND: (
        lambda stripe, group: fetch_refund(stripe, group.key.object_id),
        lambda work, _, found: service.apply_refund(work, found),
    ),
    Subject.DISPUTE: (
        lambda stripe, group: stripe.get_dispute(group.key.object_id),
        lambda work, _, found: service.apply_dispute(work, found),
    ),
    Subject.WARNING: (
        lambda stripe, group: stripe.get_early_fraud_warning(group.key.object_id),
        lambda work, _, found: service.flag_early_warning(work, found),
    ),
    Subject.CHECKOUT: (
        lambda stripe, group: stripe.get_checkout_session(group.key.object_id),
        _tell_checkout,
    ),
    Subject.SUBSCRIPTION: (
        lambda stripe, group: stripe.get_subscription(group.key.object_id),
        _tell_subscription,
    ),
    Subject.INVOICE: (_invoice, _tell_invoice),
    Subject.TRANSFER: (
        lambda stripe, group: stripe.get_transfer(
            group.key.object_id, expand=("balance_transaction", "reversals.data.balance_transaction")
        ),
        _tell_transfer,
    ),
    Subject.PLATFORM_PAYOUT: (
        lambda stripe, group: stripe.get_payout(group.key.object_id, expand=PAID_OUT),
        _tell_platform_payout,
    ),
    Subject.PAYEE_PAYOUT: (
        lambda stripe, group: stripe.get_payout(group.key.object_id, account=group.key.account),
        _tell_payee_payout,
    ),
    Subject.ACCOUNT: (
        lambda stripe, group: stripe.get_account(group.key.object_id, include=ACCOUNT_PARTS),
        _tell_account,
    ),
}
