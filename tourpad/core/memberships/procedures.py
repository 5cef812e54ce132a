"""What must ask Stripe between units of work: pages to begin on, changes of subscriptions, the portal."""

from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.ids import new_id
from tourpad.core.memberships.errors import NoMembership, PaymentUnderWay, PriceMissing
from tourpad.core.memberships.looking.procedures import follow
from tourpad.core.memberships.models import MembershipCheckout
from tourpad.core.memberships.prices.procedures import plan_setup, portal_configuration, setup_stripe
from tourpad.core.memberships.service import changing, ending, joining
from tourpad.core.memberships.upkeep.procedures import end_subscriptions, expire_memberships
from tourpad.core.payments import queries as payments
from tourpad.core.payments.procedures import ensure_customer
from tourpad.core.values import Value

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

__all__ = [
    "Page",
    "begin_checkout",
    "cancel",
    "end_subscriptions",
    "expire_memberships",
    "open_portal",
    "plan_setup",
    "resume",
    "setup_stripe",
]

OVER = frozenset({"canceled", "incomplete_expired"})
"""Stripe's words for a subscription that is over for good."""


class Page(Value):
    """Where somebody goes on in the browser."""

    url: str
    session_id: str


def begin_checkout(platform: "Platform", actor: Actor, *, user_id: UUID, plan: str | None = None) -> Page:
    """A page on which a person pays for a membership: the open one, or a new one.

    There is one page a person at a time; another plan closes the page of the first. An answer that got lost is
    asked for again with the same key, so that there are never two.

    Args:
        platform: the platform.
        actor: who asks.
        user_id: the person.
        plan: a plan's code, `yearly` or `monthly`; yearly unless given.

    Raises:
        NotForRole, AlreadyMember, InvalidInputError: see `service.joining.check`.
        PriceMissing: the plan has no price at Stripe, and this is not the sandbox.
        PaymentUnderWay: the page was paid a moment ago.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        wanted = joining.check(work, user_id=user_id, plan=plan)
        code, priced = wanted.plan.code, wanted.plan.stripe_price_id is not None
    if not priced:
        if not platform.stripe.is_sandbox:
            raise PriceMissing(f"The plan {code} has no price at Stripe.", hint="tourpad stripe setup makes it.")
        setup_stripe(platform, actor)
    if wanted.old_subscription_id:
        _end_old(platform, actor, user_id, wanted.old_subscription_id)
    customer_id = ensure_customer(platform, actor, user_id=user_id)
    _close_other(platform, actor, user_id, code)
    for _ in range(_TRIES):
        with platform.work(actor) as work:
            checkout = joining.plan_checkout(work, user_id=user_id, plan_code=code, customer_id=customer_id)
            work.commit()
        page = _session(platform, actor, checkout)
        if page["status"] == "complete":
            raise _under_way()
        if page["status"] == "open":
            return Page(url=page["url"], session_id=page["id"])
    raise _under_way()


_TRIES = 2
"""The page that we remember may have run out at Stripe; the next one is new."""


def cancel(platform: "Platform", actor: Actor, *, user_id: UUID) -> None:
    """End a membership with the period that is paid; at once where a renewal is not, and is not collected any more.

    Raises:
        NoMembership: there is none.
        NothingToCancel: it has ended, or ends already.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        subscription_id = changing.to_cancel(work, user_id=user_id)
        if subscription_id is None:
            changing.cancel_granted(work, user_id=user_id)
            work.commit()
            return
        is_late = changing.cancel_late(work, user_id=user_id)
        work.commit()
    if is_late:
        end_subscriptions(platform, actor)  # where Stripe does not answer, the job goes on
        return
    _change(platform, actor, subscription_id, {"cancel_at_period_end": True})


def resume(platform: "Platform", actor: Actor, *, user_id: UUID) -> None:
    """Take a cancellation back, as long as the membership has not ended. It renews by itself again, paused or not.

    Raises:
        NoMembership: there is none.
        NothingToResume: it has ended, or goes on anyway.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        subscription_id = changing.to_resume(work, user_id=user_id)
        if subscription_id is None:
            changing.resume_granted(work, user_id=user_id)
            work.commit()
            return
    found = platform.stripe.get_subscription(subscription_id)
    # The portal may have set a date instead, and Stripe takes only one of the two.
    by_date = found.get("cancel_at") is not None and not found.get("cancel_at_period_end")
    params: StripeDict = {"cancel_at": ""} if by_date else {"cancel_at_period_end": False}
    if found.get("pause_collection"):
        # A pause that was set before the cancellation would go on for ever, and nobody would notice.
        params["pause_collection"] = ""
    _change(platform, actor, subscription_id, params)


def open_portal(platform: "Platform", actor: Actor, *, user_id: UUID) -> str:
    """The address of the page at Stripe on which a person changes the card, cancels, and sees what was paid.

    Raises:
        NoMembership: the person has never paid anything.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        customer_id = payments.customer_of(work, user_id)
    if customer_id is None:
        raise NoMembership(
            "There is nothing to manage yet.", hint="POST /api/memberships/checkout begins a membership."
        )
    back = f"{platform.settings.base_url.rstrip('/')}/membership"
    params = {"customer": customer_id, "return_url": back}
    configuration = portal_configuration(platform)
    if configuration is not None:
        params["configuration"] = configuration
    session = platform.stripe.create_portal_session(params, key=f"tp1:membership_portal:{new_id()}:1")
    return str(session["url"])


def _change(platform: "Platform", actor: Actor, subscription_id: str, params: StripeDict) -> None:
    """Change a subscription and follow it. The same change twice does no harm, so each call has a key of its own."""
    key = f"tp1:membership_change:{new_id()}:1"
    follow(platform, actor, lambda stripe: stripe.update_subscription(subscription_id, params, key=key))


def _session(platform: "Platform", actor: Actor, checkout: MembershipCheckout) -> StripeDict:
    """The page of a stored checkout as Stripe has it now, made if it was not; recorded."""
    try:
        if checkout.stripe_session_id is None:
            session = platform.stripe.create_checkout_session(checkout.params, key=checkout.idempotency_key)
        else:
            session = platform.stripe.get_checkout_session(checkout.stripe_session_id)
    except StripeDeclined:
        # A definitive no: the next try begins with a row and a key of its own.
        with platform.work(actor) as work:
            joining.give_up(work, checkout_id=checkout.id)
            work.commit()
        raise
    with platform.work(actor) as work:
        joining.record_session(work, checkout_id=checkout.id, session=session)
        work.commit()
    return session


def _close_other(platform: "Platform", actor: Actor, user_id: UUID, plan_code: str) -> None:
    """Close the page of another plan, or one that is about to run out, so that nobody can pay on two."""
    with platform.work(actor) as work:
        other = joining.to_close(work, user_id=user_id, plan_code=plan_code)
    if other is None:
        return
    session = _session(platform, actor, other)
    if session["status"] == "open":
        try:
            session = platform.stripe.expire_checkout_session(
                session["id"], key=f"tp1:membership_checkout_close:{other.id}:1"
            )
        except StripeDeclined:
            # Paid, or run out, in this very moment.
            session = platform.stripe.get_checkout_session(session["id"])
        with platform.work(actor) as work:
            joining.record_session(work, checkout_id=other.id, session=session)
            work.commit()
    if session["status"] == "complete":
        raise _under_way()


def _end_old(platform: "Platform", actor: Actor, user_id: UUID, subscription_id: str) -> None:
    """A membership that has expired here may still be collected for at Stripe: end that before a new one begins."""
    try:
        status = platform.stripe.get_subscription(subscription_id)["status"]
    except StripeDeclined as error:
        if not error.is_missing:
            raise
        return
    if status in OVER:
        return
    with platform.work(actor) as work:
        ending.plan_ending(work, subscription_id=subscription_id, user_id=user_id, reason="begun anew")
        work.commit()
    end_subscriptions(platform, actor)


def _under_way() -> PaymentUnderWay:
    return PaymentUnderWay(
        "The payment went through a moment ago, and its news is on the way.",
        hint="GET /api/memberships/me shows it within seconds.",
    )
