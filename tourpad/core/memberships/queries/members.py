"""Plans, memberships, pages to pay on, and what members were billed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from tourpad.core.errors import NotFoundError
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserType
from tourpad.core.memberships import rules
from tourpad.core.memberships.models import (
    Membership,
    MembershipCheckout,
    MembershipInvoice,
    MembershipPlan,
    SubscriptionEnding,
)
from tourpad.core.memberships.states import CheckoutState, MembershipState
from tourpad.core.outbox.states import ItemState
from tourpad.core.values import Value
from tourpad.core.work import Work


class MembershipFilter(Value):
    """What a list of memberships is narrowed to."""

    state: MembershipState | None = None
    user_type: UserType | None = None
    search: str | None = None
    """Part of the name or the mail address."""


class Listed(Value):
    """A membership with whose it is and by which plan."""

    membership: Membership
    user: User
    plan: MembershipPlan


def of_user(work: Work, user_id: UUID) -> Membership | None:
    """A person's membership; nothing, where they never had one."""
    return work.session.scalar(select(Membership).where(Membership.user_id == user_id))


def of_user_for_update(work: Work, user_id: UUID) -> Membership | None:
    """The same, locked, past what this unit of work has seen before.

    The person is locked before it (`identity.queries.get_for_update`): two events of one subscription, or an event
    and an admin, come one after the other.
    """
    return work.session.scalar(
        select(Membership)
        .where(Membership.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def get(work: Work, membership_id: UUID) -> Membership:
    """One membership.

    Raises:
        NotFoundError: none by that id.
    """
    found = work.session.get(Membership, membership_id)
    if found is None:
        raise NotFoundError(f"No membership has the id {membership_id}.", hint="tourpad memberships list shows them.")
    return found


def of_subscription(work: Work, subscription_id: str) -> UUID | None:
    """Whose membership a subscription is."""
    return work.session.scalar(select(Membership.user_id).where(Membership.stripe_subscription_id == subscription_id))


def is_ending(work: Work, subscription_id: str) -> bool:
    """Whether Stripe is being asked to end a subscription, or has been."""
    return (
        work.session.scalar(
            select(SubscriptionEnding.id).where(SubscriptionEnding.stripe_subscription_id == subscription_id)
        )
        is not None
    )


def void_cents(work: Work, subscription_id: str) -> int:
    """How much credit at Stripe is voided at most with the end of a subscription."""
    found = select(SubscriptionEnding.void_cents).where(SubscriptionEnding.stripe_subscription_id == subscription_id)
    return work.session.scalar(found) or 0


def plans(work: Work, *, user_type: UserType | None = None) -> Sequence[MembershipPlan]:
    """The plans that are offered, the dearest first."""
    query = select(MembershipPlan).where(MembershipPlan.is_offered)
    if user_type is not None:
        query = query.where(MembershipPlan.user_type == user_type)
    return work.session.scalars(query.order_by(MembershipPlan.user_type, MembershipPlan.amount_cents.desc())).all()


def plan(work: Work, code: str) -> MembershipPlan | None:
    """One plan, offered or not."""
    return work.session.scalar(select(MembershipPlan).where(MembershipPlan.code == code))


def all_plans(work: Work) -> Sequence[MembershipPlan]:
    """Every plan, withdrawn ones too."""
    return work.session.scalars(
        select(MembershipPlan).order_by(MembershipPlan.user_type, MembershipPlan.amount_cents.desc())
    ).all()


def plan_for_update(work: Work, code: str) -> MembershipPlan | None:
    """One plan, locked."""
    return work.session.scalar(
        select(MembershipPlan)
        .where(MembershipPlan.code == code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def plan_of_price(work: Work, price_id: str | None) -> MembershipPlan | None:
    """The plan that a price of Stripe's is charged for now."""
    if price_id is None:
        return None
    return work.session.scalar(select(MembershipPlan).where(MembershipPlan.stripe_price_id == price_id).limit(1))


def invoices_of(work: Work, membership_id: UUID) -> list[MembershipInvoice]:
    """What a member was billed and paid, the newest first."""
    return list(
        work.session.scalars(
            select(MembershipInvoice)
            .where(MembershipInvoice.membership_id == membership_id)
            .order_by(MembershipInvoice.made_at.desc(), MembershipInvoice.id.desc())
        )
    )


def invoice_by_stripe_id(work: Work, stripe_invoice_id: str) -> MembershipInvoice | None:
    """Our row for one of Stripe's invoices."""
    return work.session.scalar(
        select(MembershipInvoice).where(MembershipInvoice.stripe_invoice_id == stripe_invoice_id)
    )


def invoice_of_payment(work: Work, payment_id: UUID) -> MembershipInvoice | None:
    """The invoice that a payment paid."""
    return work.session.scalar(select(MembershipInvoice).where(MembershipInvoice.payment_id == payment_id))


def latest_charged(work: Work, membership: Membership) -> MembershipInvoice | None:
    """The last invoice that took money, of the subscription that a membership follows. What credit paid came of it."""
    return work.session.scalar(
        select(MembershipInvoice)
        .where(
            MembershipInvoice.membership_id == membership.id,
            MembershipInvoice.stripe_subscription_id == membership.stripe_subscription_id,
            MembershipInvoice.payment_id.is_not(None),
        )
        .order_by(MembershipInvoice.made_at.desc(), MembershipInvoice.id.desc())
        .limit(1)
    )


def open_checkout(work: Work, user_id: UUID, *, for_update: bool = False) -> MembershipCheckout | None:
    """The one page on which a person may pay now, or that Stripe is being asked for."""
    query = select(MembershipCheckout).where(
        MembershipCheckout.user_id == user_id,
        MembershipCheckout.state.in_((CheckoutState.PLANNED, CheckoutState.OPEN)),
    )
    if for_update:
        query = query.with_for_update()
    return work.session.scalar(query.execution_options(populate_existing=True))


def checkout_for_update(
    work: Work, *, checkout_id: UUID | None = None, session_id: str | None = None
) -> MembershipCheckout | None:
    """One page, locked: what Stripe tells of it and what its asker records come one after the other."""
    query = select(MembershipCheckout).with_for_update().execution_options(populate_existing=True)
    if checkout_id is not None:
        query = query.where(MembershipCheckout.id == checkout_id)
    else:
        query = query.where(MembershipCheckout.stripe_session_id == session_id)
    return work.session.scalar(query)


def to_look_at(work: Work) -> list[UUID]:
    """Members whose time is over by what we know: grace, cancelled period, granted period, or a period without news."""
    now = work.now
    over: ColumnElement[bool] = or_(
        and_(Membership.state == MembershipState.PAST_DUE, Membership.grace_until <= now),
        and_(Membership.state == MembershipState.CANCELLING, Membership.cancels_at <= now),
        and_(
            Membership.state == MembershipState.ACTIVE,
            Membership.stripe_subscription_id.is_(None),
            Membership.current_period_end <= now,
        ),
        and_(
            Membership.state == MembershipState.ACTIVE,
            Membership.current_period_end <= now - rules.OVERDUE_LOOK,
        ),
    )
    return list(work.session.scalars(select(Membership.user_id).where(over).order_by(Membership.id)))


def listed(work: Work, wanted: MembershipFilter, *, limit: int) -> tuple[list[Listed], int]:
    """Memberships, those that end or renew first on top, and how many there are in all."""
    where: list[ColumnElement[bool]] = []
    if wanted.state:
        where.append(Membership.state == wanted.state)
    if wanted.user_type:
        where.append(User.user_type == wanted.user_type)
    if wanted.search:
        where.append(
            or_(
                User.name.icontains(wanted.search, autoescape=True),
                User.email.icontains(wanted.search, autoescape=True),
            )
        )
    query = (
        select(Membership, User, MembershipPlan)
        .join(User, User.id == Membership.user_id)
        .join(MembershipPlan, MembershipPlan.code == Membership.plan_code)
        .where(*where)
    )
    count = select(func.count()).select_from(Membership).join(User, User.id == Membership.user_id)
    total = work.session.scalar(count.where(*where)) or 0
    rows = work.session.execute(query.order_by(Membership.current_period_end.nulls_last(), Membership.id).limit(limit))
    return [Listed(membership, user, plan) for membership, user, plan in rows], total


def ending_for_update(work: Work, ending_id: UUID, lease: datetime | None) -> SubscriptionEnding | None:
    """An ending that a worker claimed, if it is still its own, locked to record what came of it."""
    return work.session.scalar(
        select(SubscriptionEnding)
        .where(
            SubscriptionEnding.id == ending_id,
            SubscriptionEnding.item_state == ItemState.WORKING,
            SubscriptionEnding.lease_until == lease,
        )
        .with_for_update()
    )
