"""Giving a membership to somebody else: paid by the giver, redeemed by a code, refunded while it is not."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from tourpad.core.errors import FieldError, InvalidInputError, invalid
from tourpad.core.fields import Fields
from tourpad.core.identity import queries as people
from tourpad.core.identity.addresses import checked_email
from tourpad.core.memberships import periods, queries, rules
from tourpad.core.memberships.errors import GiftNotRedeemable, GiftNotRefundable, GiftUnknown
from tourpad.core.memberships.events import GiftLapsed, GiftPaid, GiftRedeemed
from tourpad.core.memberships.gifts import codes
from tourpad.core.memberships.models import Membership, MembershipGift, MembershipPlan
from tourpad.core.memberships.rules import LIVE
from tourpad.core.memberships.service import ending
from tourpad.core.memberships.service.following import begun, move
from tourpad.core.memberships.states import GIFT_MOVES, GiftState, MembershipState
from tourpad.core.money import Money
from tourpad.core.outbox import service as outbox
from tourpad.core.payments import queries as payments
from tourpad.core.payments.rules import Due
from tourpad.core.payments.service import plan_refund
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.states import check_move
from tourpad.core.work import Work

REFERENCE: Final = "membership_gift"
LASTS: Final = timedelta(days=365)
"""A code can be redeemed for so long."""
ERASED: Final = "erased@tourpad.invalid"
LONGEST_MESSAGE: Final = 500
LONGEST_NAME: Final = 120

_WHY_NOT = {
    GiftState.CREDITING: "The code has been redeemed.",
    GiftState.REDEEMED: "The code has been redeemed.",
    GiftState.LAPSED: "The code was not redeemed within a year, and has lapsed.",
    GiftState.REFUNDED: "The gift was taken back.",
}


def give(
    work: Work, *, giver_id: UUID, plan: str, to_address: str, to_name: str | None = None, message: str | None = None
) -> MembershipGift:
    """Begin to give somebody a membership: it is theirs once it is paid.

    Args:
        work: the unit of work.
        giver_id: who pays.
        plan: a plan's code; it says for which role.
        to_address: the receiver's mail address; they need no account yet.
        to_name: how the mail greets them.
        message: a few words of the giver's.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    giver = people.get_user(work, giver_id)
    faults: list[FieldError] = []
    address = checked_email(to_address, faults, local=work.settings.is_local, field="recipient_email")
    if not faults and address.casefold() == giver.email.casefold():
        hint = "For oneself: POST /api/memberships/checkout."
        raise invalid("recipient_email", "is your own", hint=hint)
    fields = Fields()
    fields.errors.extend(faults)
    name = fields.text("recipient_name", to_name, longest=LONGEST_NAME) if to_name else None
    words = fields.text("message", message, longest=LONGEST_MESSAGE, lines=True) if message else None
    offered = {p.code: p for p in queries.plans(work)}
    chosen = offered.get(plan.strip().lower())
    if chosen is None:
        fields.wrong("plan", rules.one_of(offered))
    fields.done()
    if chosen is None:
        raise InvalidInputError
    gift = MembershipGift(
        giver_user_id=giver_id,
        plan_code=chosen.code,
        amount_cents=chosen.amount_cents,
        currency=chosen.currency,
        to_address=address,
        to_name=name,
        message=words,
        state=GiftState.PENDING,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(gift)
    work.session.flush()
    return gift


def what_is_owed(work: Work, *, gift_id: UUID, giver_id: UUID) -> Due:
    """What a giver owes for a gift: the price of the day on which it was begun.

    Raises:
        NotFoundError: none by that id, or somebody else's.
    """
    gift = queries.gift(work, gift_id, giver_id=giver_id)
    plan = queries.plan(work, gift.plan_code)
    return Due(
        kind=PaymentKind.MEMBERSHIP,
        reference_type=REFERENCE,
        reference_id=gift.id,
        concert_id=None,
        amount=Money(gift.amount_cents, gift.currency),
        description=f"A membership as a gift ({plan.name if plan else gift.plan_code})",
    )


def take_payment(work: Work, *, gift_id: UUID) -> bool:
    """The gift is paid: its code goes out. Safe to repeat; answers whether this was the first time."""
    gift = queries.gift_for_update(work, gift_id)
    if gift.state is not GiftState.PENDING:
        return False
    _move(work, gift, GiftState.PAID)
    gift.paid_at = work.now
    gift.redeem_until = work.now + LASTS
    _send_code(work, gift)
    return True


def send_again(work: Work, *, gift_id: UUID, to_address: str | None = None) -> MembershipGift:
    """Mail a new code, to another address if one is given; the old one is void from now on.

    Raises:
        NotFoundError: none by that id.
        GiftNotRedeemable: it does not wait to be redeemed.
        InvalidInputError: the address is none.
    """
    gift = queries.gift_for_update(work, gift_id)
    if gift.state is not GiftState.PAID:
        raise GiftNotRedeemable(_WHY_NOT.get(gift.state, "The gift is not paid yet."), state=gift.state.value)
    if to_address is not None:
        faults: list[FieldError] = []
        gift.to_address = checked_email(to_address, faults, local=work.settings.is_local, field="to")
        if faults:
            raise InvalidInputError(*faults)
    work.audit("membership.gift_resend", target_type="membership_gift", target_id=gift.id)
    _send_code(work, gift)
    return gift


def redeem(work: Work, *, user_id: UUID, code: str) -> MembershipGift:
    """Redeem a code: it begins a membership, prolongs one that was given, or is credited to one that is paid.

    Where Stripe is to credit it, the gift is `crediting` afterwards, and whoever calls goes on.

    Args:
        work: the unit of work.
        user_id: who redeems it.
        code: as typed.

    Raises:
        GiftUnknown: no gift has this code.
        GiftNotRedeemable: with the reason.
        NotForRole: hosts and admins need none.
    """
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    gift = queries.gift_by_code(work, codes.hashed(code))
    if gift is None:
        raise GiftUnknown("No gift has this code.", hint="Type it as it stands in the mail.")
    plan = queries.plan(work, gift.plan_code)
    if gift.redeemed_by == user_id:
        return gift
    _check_redeemable(work, gift)
    rules.check_joins(user.user_type)
    if plan is None or plan.user_type is not user.user_type:
        whose = plan.user_type if plan else "others"
        raise GiftNotRedeemable(f"This gift is a membership for {whose}s.", state=gift.state.value)
    if membership is not None and membership.state in LIVE:
        _check_prolongs(membership)
    outbox.adopt(work, dedupe_key=f"{REFERENCE}:{gift.id}", user_id=user_id)
    gift.redeemed_by, gift.redeemed_at = user_id, work.now
    if membership is not None and membership.state in LIVE and membership.stripe_subscription_id is not None:
        _move(work, gift, GiftState.CREDITING)
        return gift
    _move(work, gift, GiftState.REDEEMED)
    if membership is None:
        membership = begun(work, user_id=user_id, plan_code=plan.code)
        work.session.flush()
    _prolong(work, membership, plan, user_id)
    work.emit(
        GiftRedeemed(
            gift_id=gift.id,
            giver_user_id=gift.giver_user_id,
            user_id=user_id,
            membership_id=membership.id,
            until=membership.current_period_end,
        )
    )
    move(work, membership, MembershipState.ACTIVE, user)
    return gift


def record_credit(work: Work, *, gift_id: UUID) -> bool:
    """Stripe has credited it. Safe to repeat; answers whether this was the first time."""
    gift = queries.gift_for_update(work, gift_id)
    if gift.state is not GiftState.CREDITING or gift.redeemed_by is None:
        return False
    _move(work, gift, GiftState.REDEEMED)
    membership = queries.of_user(work, gift.redeemed_by)
    if membership is not None:
        work.emit(
            GiftRedeemed(
                gift_id=gift.id,
                giver_user_id=gift.giver_user_id,
                user_id=gift.redeemed_by,
                membership_id=membership.id,
                until=None,
            )
        )
    return True


def refuse_credit(work: Work, *, gift_id: UUID) -> None:
    """Stripe refused the credit for good: the code is good again."""
    gift = queries.gift_for_update(work, gift_id)
    if gift.state is GiftState.CREDITING:
        gift.redeemed_by = gift.redeemed_at = None
        _move(work, gift, GiftState.PAID)


def lapse(work: Work, *, gift_id: UUID) -> bool:
    """A year is over, and nobody has redeemed it. Answers whether that is so."""
    gift = queries.gift_for_update(work, gift_id)
    if gift.state is not GiftState.PAID or gift.redeem_until is None or gift.redeem_until > work.now:
        return False
    _move(work, gift, GiftState.LAPSED)
    work.emit(GiftLapsed(gift_id=gift.id, giver_user_id=gift.giver_user_id))
    return True


def refund(work: Work, *, gift_id: UUID, reason: str) -> MembershipGift:
    """Give the giver their money back; the code is void at once.

    Raises:
        NotFoundError: none by that id.
        GiftNotRefundable: it was redeemed or refunded, or was never paid.
        InvalidInputError: no reason.
        DisputeOpenError: the giver's bank is taking the money back already.
    """
    if not reason.strip():
        raise invalid("reason", "must not be empty")
    gift = queries.gift_for_update(work, gift_id)
    payment = payments.paid_for(work, reference_type=REFERENCE, reference_id=gift.id)
    if gift.state not in (GiftState.PAID, GiftState.LAPSED) or payment is None:
        hint = "What was redeemed is a membership: tourpad memberships show." if gift.redeemed_by else None
        raise GiftNotRefundable(f"The gift is {gift.state}.", hint=hint, state=gift.state.value)
    left = Money(payment.amount_cents - payment.refunded_cents - payment.lost_cents, payment.currency)
    plan_refund(work, payment_id=payment.id, amount=left, reason=reason.strip())
    _move(work, gift, GiftState.REFUNDED)
    return gift


def take_back(work: Work, *, payment_id: UUID) -> bool:
    """All of a gift's payment went back, by whomever: a code that waits is void. Answers whether it was one."""
    payment = payments.get_payment(work, payment_id)
    if payment.reference_type != REFERENCE or payment.state is not PaymentState.REFUNDED:
        return False
    gift = queries.gift_for_update(work, payment.reference_id)
    if GiftState.REFUNDED not in GIFT_MOVES[gift.state]:
        return False
    _move(work, gift, GiftState.REFUNDED)
    return True


def forget(work: Work, *, user_id: UUID) -> None:
    """Somebody is erased who gave or redeemed: whom it was for is blanked, save where a code still waits."""
    for gift in queries.gifts_to_forget(work, user_id):
        gift.to_address = ERASED
        gift.to_name = gift.message = None
        gift.updated_at = work.now


def _check_redeemable(work: Work, gift: MembershipGift) -> None:
    why = _WHY_NOT.get(gift.state)
    if why is None and gift.redeem_until is not None and gift.redeem_until <= work.now:
        why = _WHY_NOT[GiftState.LAPSED]
    if why is None:
        payment = payments.paid_for(work, reference_type=REFERENCE, reference_id=gift.id)
        is_sure = payment is not None and payment.state is PaymentState.COMPLETED
        if payment is None or not is_sure or payments.has_open_dispute(work, payment.id):
            why = "The gift's payment is being looked into."
    if why is not None:
        raise GiftNotRedeemable(why, state=gift.state.value)


def _check_prolongs(membership: Membership) -> None:
    """Refuse where a gift would add nothing: credit is used by renewals only, and what has no end has none later."""
    hints = {
        MembershipState.PAST_DUE: "Pay what is open first: POST /api/memberships/portal. The code stays good.",
        MembershipState.CANCELLING: "POST /api/memberships/resume first, or redeem it when the membership has ended.",
    }
    if membership.stripe_subscription_id is None:
        if membership.current_period_end is None:
            raise GiftNotRedeemable("The membership has no end; there is nothing to prolong.", state="granted")
        return
    if membership.state in hints:
        state = membership.state
        raise GiftNotRedeemable(f"The membership is {state.replace('_', ' ')}.", hint=hints[state], state=state.value)


def _prolong(work: Work, membership: Membership, plan: MembershipPlan, user_id: UUID) -> None:
    """Begin a membership that nobody is charged for, or let it last longer by the plan's interval."""
    start, end = membership.current_period_start, membership.current_period_end
    if membership.state not in LIVE or start is None or end is None:
        if membership.stripe_subscription_id:
            # Stripe may still try to collect for the one that has ended here.
            ending.plan_ending(
                work, subscription_id=membership.stripe_subscription_id, user_id=user_id, reason="a gift was redeemed"
            )
        membership.stripe_subscription_id = None
        membership.amount_cents = None
        membership.granted_by = None
        start = end = work.now
    membership.plan_code = plan.code
    membership.current_period_start = start
    membership.current_period_end = periods.extended(anchor=start, end=end, interval=plan.interval)
    membership.cancels_at = membership.grace_until = membership.trial_ends_at = None
    membership.updated_at = work.now


def _send_code(work: Work, gift: MembershipGift) -> None:
    """Make a code and mail it; one that was mailed before is void by that."""
    is_new = gift.code_hash is None
    code = codes.make()
    gift.code_hash = codes.hashed(code)
    gift.updated_at = work.now
    work.session.flush()
    work.emit(GiftPaid(gift_id=gift.id, giver_user_id=gift.giver_user_id, code=code, is_new=is_new))


def _move(work: Work, gift: MembershipGift, to: GiftState) -> None:
    check_move(GIFT_MOVES, entity="gift", now=gift.state, to=to)
    work.audit(
        "membership.gift",
        target_type="membership_gift",
        target_id=gift.id,
        **{"from": gift.state.value, "to": to.value},
    )
    gift.state = to
    gift.updated_at = work.now
