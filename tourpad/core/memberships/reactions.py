"""What memberships make of events: Stripe's news moves them, and they move people."""

from typing import Any, Protocol
from uuid import UUID

from tourpad.core.identity import queries as people
from tourpad.core.identity.events import UserErased
from tourpad.core.identity.service import users
from tourpad.core.memberships import events, queries, rules
from tourpad.core.memberships.service import changing, following, invoices, joining
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments.events import CheckoutNews, InvoiceNews, SubscriptionNews
from tourpad.core.work import Work


class _AboutPerson(Protocol):
    """An event of a later feature: all we need of it is whom it is about."""

    @property
    def user_id(self) -> UUID: ...


def on_subscription_news(work: Work, event: SubscriptionNews) -> None:
    """The membership follows."""
    following.apply_subscription(work, event.subscription, look=event.look)


def on_invoice_news(work: Work, event: InvoiceNews) -> None:
    """Book or warn."""
    invoices.apply_invoice(work, type=event.type, invoice=event.invoice, payment_intent=event.payment_intent)


def on_checkout_news(work: Work, event: CheckoutNews) -> None:
    """The page is paid, or has run out."""
    joining.apply_session(work, event.session)


def on_person_approved(work: Work, event: _AboutPerson) -> None:
    """Somebody is let in (again) who has a membership: everything is open at once."""
    membership = queries.of_user(work, event.user_id)
    if membership is not None and membership.state in rules.LIVE:
        _activate(work, event.user_id)


def on_activated(work: Work, event: events.MembershipActivated) -> None:
    """Everything is open now; say so."""
    _activate(work, event.user_id)
    membership = queries.get(work, event.membership_id)
    plan = queries.plan(work, membership.plan_code)
    end = membership.current_period_end
    _say(
        work,
        event.user_id,
        membership.id,
        "membership_begun" if membership.stripe_subscription_id else "membership_granted",
        plan=plan.name if plan else membership.plan_code,
        until=end.date() if end else None,
    )


def on_ended(work: Work, event: events.MembershipEnded) -> None:
    """Back to approved; say so."""
    users.deactivate(work, user_id=event.user_id)
    _say(work, event.user_id, event.membership_id, "membership_ended")


def on_recovered(work: Work, event: events.MembershipRecovered) -> None:
    """The renewal was paid after all; say that all is well."""
    _say(work, event.user_id, event.membership_id, "membership_recovered")


def on_cancelling(work: Work, event: events.MembershipCancelling) -> None:
    """Confirm until when it lasts."""
    ends_on = event.ends_at.date() if event.ends_at else None
    _say(work, event.user_id, event.membership_id, "membership_cancelling", until=ends_on)


def on_resumed(work: Work, event: events.MembershipResumed) -> None:
    """Confirm that it goes on."""
    _say(work, event.user_id, event.membership_id, "membership_resumed")


def on_user_erased(work: Work, event: UserErased) -> None:
    """Nothing may be charged any more."""
    changing.end_for_erased(work, user_id=event.user_id)


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
