"""Paying for gifts, and having Stripe credit those that were redeemed by whoever pays already."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDeclined, StripeUncertain
from tourpad.core.memberships import queries
from tourpad.core.memberships.gifts import service
from tourpad.core.memberships.models import MembershipGift
from tourpad.core.memberships.states import GiftState
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import create_intent, ensure_customer

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(minutes=1)
"""A credit that whoever redeemed the gift did not see made is made by the job after so long."""


def give(
    platform: "Platform",
    actor: Actor,
    *,
    giver_id: UUID,
    plan: str,
    to_address: str,
    to_name: str | None = None,
    message: str | None = None,
) -> tuple[MembershipGift, Payment]:
    """A gift and the payment for it, which the giver confirms with its client secret.

    Raises:
        InvalidInputError: see `service.give`.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer; `pay` goes on with the gift.
    """
    with platform.work(actor) as work:
        gift = service.give(work, giver_id=giver_id, plan=plan, to_address=to_address, to_name=to_name, message=message)
        work.commit()
    return gift, pay(platform, actor, gift_id=gift.id, giver_id=giver_id)


def pay(platform: "Platform", actor: Actor, *, gift_id: UUID, giver_id: UUID) -> Payment:
    """The one open payment of a gift; begun twice it is the same.

    Raises:
        NotFoundError: none by that id, or somebody else's.
        AlreadyPaidError: it is paid.
        StripeDeclined, StripeUncertain: Stripe refused, or did not answer.
    """
    with platform.work(actor) as work:
        due = service.what_is_owed(work, gift_id=gift_id, giver_id=giver_id)
    return create_intent(platform, actor, due=due, user_id=giver_id)


def redeem(platform: "Platform", actor: Actor, *, user_id: UUID, code: str) -> MembershipGift:
    """Redeem a code. Where Stripe does not answer about the credit, the job `gifts-look` makes it.

    Raises:
        GiftUnknown, GiftNotRedeemable, NotForRole: see `service.redeem`.
        StripeDeclined: Stripe refused the credit; the code is good again.
    """
    with platform.work(actor) as work:
        gift = service.redeem(work, user_id=user_id, code=code)
        work.commit()
    if gift.state is GiftState.CREDITING:
        try:
            _credit(platform, actor, gift.id)
        except StripeUncertain as error:
            log.warning("the credit of gift %s is tried again: %s", gift.id, error.message)
        with platform.work(actor) as work:
            gift = queries.gift(work, gift.id)
    return gift


def look_after_gifts(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Make credits that were begun and are not known to be made; end codes that nobody redeemed within a year.

    Returns:
        How many were `credited`, have `lapsed`, and `failed` (tried again).
    """
    done = {"credited": 0, "lapsed": 0, "failed": 0}
    with platform.work(actor) as work:
        waiting = queries.to_credit(work, work.now - PATIENCE)
        over = queries.to_lapse(work)
    for gift_id in waiting:
        try:
            done["credited"] += _credit(platform, actor, gift_id)
        except (StripeDeclined, StripeUncertain) as error:
            log.warning("the credit of gift %s could not be made: %s", gift_id, error.message)
            done["failed"] += 1
    for gift_id in over:
        with platform.work(actor) as work:
            done["lapsed"] += service.lapse(work, gift_id=gift_id)
            work.commit()
    return done


def _credit(platform: "Platform", actor: Actor, gift_id: UUID) -> bool:
    """Have Stripe credit a redeemed gift, once. Answers whether this was the first we heard of it.

    One key for ever, and after the first try a look through what Stripe has credited: Stripe may forget keys
    after 24 hours, but not what it did.
    """
    with platform.work(actor) as work:
        gift = queries.gift(work, gift_id)
        redeemed_by = gift.redeemed_by
        is_first = gift.updated_at > work.now - PATIENCE
    if gift.state is not GiftState.CREDITING or redeemed_by is None:
        return False
    customer_id = ensure_customer(platform, actor, user_id=redeemed_by)
    if is_first or not _was_credited(platform, customer_id, gift_id):
        params = {
            "amount": -gift.amount_cents,
            "currency": gift.currency.lower(),
            "description": "A membership that was given to you",
            "metadata": {"kind": "membership_gift", "gift_id": str(gift_id)},
        }
        try:
            platform.stripe.create_credit(customer_id, params, key=f"tp1:gift_credit:{gift_id}:1")
        except StripeDeclined:
            with platform.work(actor) as work:
                service.refuse_credit(work, gift_id=gift_id)
                work.commit()
            raise
    with platform.work(actor) as work:
        is_news = service.record_credit(work, gift_id=gift_id)
        work.commit()
    return is_news


def _was_credited(platform: "Platform", customer_id: str, gift_id: UUID) -> bool:
    return any(
        (entry.get("metadata") or {}).get("gift_id") == str(gift_id)
        for entry in platform.stripe.list_credits(customer_id)
    )
