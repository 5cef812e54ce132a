"""What memberships make of events: Stripe's news moves them, and they move people."""

from typing import Any, Protocol
from uuid import UUID

from tourpad.core.identity import queries as people
from tourpad.core.identity.events import UserErased
from tourpad.core.identity.service import users
from tourpad.core.memberships import events, queries, rules
from tourpad.core.memberships.gifts import service as gifts
from tourpad.core.memberships.periods import last_day
from tourpad.core.memberships.service import changing, following, invoices, joining, refunding
from tourpad.core.money import Money
from tourpad.core.notifications.service import mail_address, tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments.events import (
    CheckoutNews,
    DisputeClosed,
    InvoiceNews,
    PaymentCompleted,
    PaymentRefunded,
    SubscriptionNews,
)
from tourpad.core.payments.states import DisputeState
from tourpad.core.work import Work


class _AboutPerson(Protocol):
    """An event of a later feature: all we need of it is whom it is about."""

    @property
    def user_id(self) -> UUID: ...


def on_subscription_news(work: Work, event: SubscriptionNews) -> None:
    """The membership follows; of a trial that ends soon its person is told what is charged then."""
    following.apply_subscription(work, event.subscription, look=event.look)
    if event.type == "customer.subscription.trial_will_end":
        _tell_of_trial(work, event.subscription)


def on_invoice_news(work: Work, event: InvoiceNews) -> None:
    """Book or warn."""
    invoices.apply_invoice(
        work, type=event.type, invoice=event.invoice, payment_intent=event.payment_intent, refusal=event.refusal
    )


def on_checkout_news(work: Work, event: CheckoutNews) -> None:
    """The page is paid, or has run out."""
    joining.apply_session(work, event.session)


def on_payment_completed(work: Work, event: PaymentCompleted) -> None:
    """A gift is paid: its code goes out."""
    if event.reference_type == gifts.REFERENCE:
        gifts.take_payment(work, gift_id=event.reference_id)


def on_payment_refunded(work: Work, event: PaymentRefunded) -> None:
    """What was paid went back: a membership that stood on it ends, a gift's code is void."""
    _money_back(work, event.payment_id, "refunded")


def on_dispute_closed(work: Work, event: DisputeClosed) -> None:
    """The same, where a bank took it back for good."""
    if event.outcome is DisputeState.LOST:
        _money_back(work, event.payment_id, "dispute lost")


def _money_back(work: Work, payment_id: UUID, reason: str) -> None:
    if not gifts.take_back(work, payment_id=payment_id):
        refunding.end_unpaid(work, payment_id=payment_id, reason=reason)


def on_person_approved(work: Work, event: _AboutPerson) -> None:
    """Somebody is let in (again) who has a membership: everything is open at once."""
    membership = queries.of_user(work, event.user_id)
    if membership is not None and membership.state in rules.LIVE:
        _activate(work, event.user_id)


def on_activated(work: Work, event: events.MembershipActivated) -> None:
    """Everything is open now; say so."""
    _activate(work, event.user_id)
    membership = queries.get(work, event.membership_id)
    given = membership.stripe_subscription_id is None and membership.granted_by is None
    if given and queries.was_given(work, event.user_id):
        return  # said when the gift was redeemed
    plan = queries.plan(work, membership.plan_code)
    end = membership.current_period_end
    paid = membership.stripe_subscription_id is not None
    trial = membership.trial_ends_at is not None and membership.trial_ends_at > work.now
    price = membership.price(plan) if plan else Money(0)
    _say(
        work,
        event.user_id,
        membership.id,
        "membership_begun" if paid else "membership_granted",
        plan=plan.name if plan else membership.plan_code,
        until=last_day(end) if end else None,
        **({"trial": trial, "price": price} if paid else {}),
    )


def on_plan_changed(work: Work, event: events.MembershipPlanChanged) -> None:
    """Say by which plan it goes now; what that took or credited is said with its invoice."""
    plan = queries.plan(work, event.plan_code)
    membership = queries.get(work, event.membership_id)
    end = membership.current_period_end
    _say(
        work,
        event.user_id,
        event.membership_id,
        "membership_plan_changed",
        plan=plan.name if plan else event.plan_code,
        price=membership.price(plan) if plan else Money(0),
        until=end.date() if end else None,
    )


def on_gift_paid(work: Work, event: events.GiftPaid) -> None:
    """The code goes to whom it is for, who need not be known here; the giver hears that it is on its way."""
    gift = queries.gift(work, event.gift_id)
    plan = queries.plan(work, gift.plan_code)
    said: dict[str, Any] = {"plan": plan.name if plan else gift.plan_code, "until": gift.redeem_until}
    giver = people.get_user(work, event.giver_user_id)
    mail_address(
        work,
        to_address=gift.to_address,
        to_name=gift.to_name,
        template="membership_gift",
        dedupe_key=f"{gifts.REFERENCE}:{gift.id}:{gift.code_hash}",
        giver=giver.name,
        message=gift.message,
        code=event.code,
        is_new=event.is_new,
        role=plan.user_type.value if plan else "fan",
        **said,
    )
    tell(
        work,
        user_id=event.giver_user_id,
        template="membership_gift_sent",
        category=Category.PAYMENT,
        related=("membership_gift", gift.id),
        receiver=gift.to_name or gift.to_address,
        **said,
    )


def on_gift_redeemed(work: Work, event: events.GiftRedeemed) -> None:
    """Both sides hear of it."""
    gift = queries.gift(work, event.gift_id)
    plan = queries.plan(work, gift.plan_code)
    _say(
        work,
        event.user_id,
        event.membership_id,
        "membership_gift_redeemed",
        giver=people.get_user(work, event.giver_user_id).name,
        plan=plan.name if plan else gift.plan_code,
        amount=Money(gift.amount_cents, gift.currency),
        until=last_day(event.until) if event.until else None,
    )
    tell(
        work,
        user_id=event.giver_user_id,
        template="membership_gift_taken",
        category=Category.PAYMENT,
        dedupe_key=f"membership_gift_taken:{gift.id}",
        related=("membership_gift", gift.id),
        receiver=gift.to_name or gift.to_address,
    )


def on_gift_lapsed(work: Work, event: events.GiftLapsed) -> None:
    """The giver hears that nobody wanted it, and what they may ask for."""
    gift = queries.gift(work, event.gift_id)
    plan = queries.plan(work, gift.plan_code)
    tell(
        work,
        user_id=event.giver_user_id,
        template="membership_gift_lapsed",
        category=Category.PAYMENT,
        dedupe_key=f"membership_gift_lapsed:{gift.id}",
        related=("membership_gift", gift.id),
        receiver=gift.to_name or gift.to_address,
        plan=plan.name if plan else gift.plan_code,
        amount=Money(gift.amount_cents, gift.currency),
    )


def on_ended(work: Work, event: events.MembershipEnded) -> None:
    """Back to approved; say so."""
    users.deactivate(work, user_id=event.user_id)
    was = "cancelled_late" if event.is_wish else event.was.value
    subscription_id = queries.get(work, event.membership_id).stripe_subscription_id
    credit = Money(queries.void_cents(work, subscription_id) if subscription_id else 0)
    _say(work, event.user_id, event.membership_id, "membership_ended", was=was, credit=credit)


def on_recovered(work: Work, event: events.MembershipRecovered) -> None:
    """The renewal was paid after all; say that all is well, and until when."""
    membership = queries.get(work, event.membership_id)
    plan = queries.plan(work, membership.plan_code)
    end = membership.current_period_end
    _say(
        work,
        event.user_id,
        event.membership_id,
        "membership_recovered",
        plan=plan.name if plan else membership.plan_code,
        until=end.date() if end else None,
        renews=membership.cancels_at is None,
    )


def on_cancelling(work: Work, event: events.MembershipCancelling) -> None:
    """Confirm until when it lasts."""
    ends_on = last_day(event.ends_at) if event.ends_at else None
    _say(work, event.user_id, event.membership_id, "membership_cancelling", until=ends_on)


def on_resumed(work: Work, event: events.MembershipResumed) -> None:
    """Confirm that it goes on."""
    _say(work, event.user_id, event.membership_id, "membership_resumed")


def on_user_erased(work: Work, event: UserErased) -> None:
    """Nothing may be charged any more; pages to pay on and gifts forget what they say of the person."""
    changing.end_for_erased(work, user_id=event.user_id)
    joining.forget(work, user_id=event.user_id)
    gifts.forget(work, user_id=event.user_id)


def _tell_of_trial(work: Work, subscription: dict[str, Any]) -> None:
    """Three days ahead: what is charged, and until when it can be ended for nothing."""
    truth = rules.read(subscription)
    user_id = following.whose(
        work, subscription_id=truth.subscription_id, named=truth.user_id, customer=truth.customer_id
    )
    membership = queries.of_user(work, user_id) if user_id else None
    plan = queries.plan(work, truth.plan_code) if truth.plan_code else None
    if membership is None or plan is None or truth.trial_ends_at is None or membership.cancels_at is not None:
        return
    if membership.state not in rules.LIVE or truth.trial_ends_at <= work.now:
        return
    tell(
        work,
        user_id=membership.user_id,
        template="membership_trial_ending",
        category=Category.PAYMENT,
        dedupe_key=f"membership_trial_ending:{truth.subscription_id}:{truth.trial_ends_at:%Y-%m-%d}",
        related=("membership", membership.id),
        plan=plan.name,
        price=membership.price(plan),
        until=truth.trial_ends_at.date(),
    )


def _activate(work: Work, user_id: UUID) -> None:
    user = people.get_for_update(work, user_id)
    if rules.may_activate(user.state, user.suspended_from):
        users.activate(work, user_id=user_id)


def _say(work: Work, user_id: UUID, membership_id: UUID, template: str, **context: Any) -> None:
    """One mail for one move: moves are made under a lock and told once, so they need no key of their own."""
    tell(
        work,
        user_id=user_id,
        template=template,
        category=Category.SYSTEM,
        related=("membership", membership_id),
        **context,
    )
