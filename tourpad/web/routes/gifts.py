"""Memberships as gifts: given, paid, and redeemed by the code of a mail."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.memberships import queries
from tourpad.core.memberships.gifts import procedures
from tourpad.core.memberships.models import MembershipGift
from tourpad.core.memberships.states import GiftState
from tourpad.core.platform import Platform
from tourpad.web.members import MembershipOut, membership_out
from tourpad.web.needs import needs
from tourpad.web.routes.payments import IntentOut, intent_out
from tourpad.web.shapes import Input, Output


class GiftIn(Input):
    """A membership for somebody else. `plan` is a plan's code: it says for which role."""

    plan: Annotated[str, msgspec.Meta(max_length=60)]
    recipient_email: Annotated[str, msgspec.Meta(max_length=320)]
    recipient_name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    message: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class GiftOut(Output):
    """A gift, as its giver sees it. The code itself is only in the receiver's mail."""

    id: UUID
    status: GiftState
    plan: str
    amount_cents: int
    currency: str
    recipient_email: str
    recipient_name: str | None
    message: str | None
    paid_at: datetime | None
    redeem_until: datetime | None
    redeemed_at: datetime | None
    created_at: datetime


class GiftAnswer(Output):
    """The gift, and what Stripe's own form needs to take the card."""

    gift: GiftOut
    payment: IntentOut


class GiftsAnswer(Output):
    """What one has given, the newest first."""

    gifts: list[GiftOut]


class RedeemIn(Input):
    """The code as it stands in the mail."""

    code: Annotated[str, msgspec.Meta(max_length=60)]


class RedeemedOut(Output):
    """One's membership as it is by it. `isCredit`: the gift pays the next renewals of a membership that is paid."""

    membership: MembershipOut | None
    is_credit: bool


def _gift_out(gift: MembershipGift) -> GiftOut:
    return GiftOut(
        id=gift.id,
        status=gift.state,
        plan=gift.plan_code,
        amount_cents=gift.amount_cents,
        currency=gift.currency,
        recipient_email=gift.to_address,
        recipient_name=gift.to_name,
        message=gift.message,
        paid_at=gift.paid_at,
        redeem_until=gift.redeem_until,
        redeemed_at=gift.redeemed_at,
        created_at=gift.created_at,
    )


@post("/api/memberships/gifts", **needs(Permission.PAY), tags=["memberships"])
def give(platform: Platform, principal: Principal, data: GiftIn) -> GiftAnswer:
    """Give somebody a membership. Once it is paid, a code goes to their mail address; it is good for a year."""
    gift, payment = procedures.give(
        platform,
        principal.actor,
        giver_id=principal.user_id,
        plan=data.plan,
        to_address=data.recipient_email,
        to_name=data.recipient_name,
        message=data.message,
    )
    return GiftAnswer(gift=_gift_out(gift), payment=intent_out(payment))


@get("/api/memberships/gifts", **needs(Permission.PAY), tags=["memberships"])
def my_gifts(platform: Platform, principal: Principal) -> GiftsAnswer:
    """What one has given, and what became of it."""
    with platform.work(principal.actor) as work:
        return GiftsAnswer(gifts=[_gift_out(gift) for gift in queries.gifts_by(work, principal.user_id)])


@post("/api/memberships/gifts/{gift_id:uuid}/pay", **needs(Permission.PAY), tags=["memberships"])
def pay_gift(platform: Platform, principal: Principal, gift_id: UUID) -> IntentOut:
    """Go on with the payment of a gift. Begun twice it is the same intent."""
    payment = procedures.pay(platform, principal.actor, gift_id=gift_id, giver_id=principal.user_id)
    return intent_out(payment)


@post("/api/memberships/gifts/redeem", status_code=200, **needs(Permission.MEMBERSHIP), tags=["memberships"])
def redeem(platform: Platform, principal: Principal, data: RedeemIn) -> RedeemedOut:
    """Redeem a code: it begins a membership, prolongs one that was given, or pays the next renewals."""
    gift = procedures.redeem(platform, principal.actor, user_id=principal.user_id, code=data.code)
    with platform.work(principal.actor) as work:
        membership = membership_out(work, principal.user_id)
    paid = membership is not None and not membership.is_granted
    return RedeemedOut(membership=membership, is_credit=paid and gift.redeemed_by == principal.user_id)


ROUTES = (give, my_gifts, pay_gift, redeem)
