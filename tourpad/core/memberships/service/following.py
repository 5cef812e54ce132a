"""The membership follows the subscription: what Stripe says now is applied, whichever event brought us to ask."""

import logging
from typing import Any
from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.identity import queries as people
from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState
from tourpad.core.memberships import events, queries, rules
from tourpad.core.memberships.models import Membership
from tourpad.core.memberships.rules import LIVE, Truth
from tourpad.core.memberships.service import ending
from tourpad.core.memberships.states import MOVES, MembershipState
from tourpad.core.payments.errors import NotYetKnownError
from tourpad.core.payments.queries.money import user_of_customer
from tourpad.core.states import check_move
from tourpad.core.work import Work

log = logging.getLogger(__name__)


OLDER = "older news"
"""What applying an answer of Stripe's comes to, where a later asked one has been applied before."""


def apply_subscription(work: Work, subscription: StripeDict, *, look: int | None = None) -> str:
    """Bring a membership to where its subscription stands; answers what that came to in a few words.

    Safe to repeat, and in any order: the state is worked out from the subscription alone, then compared.

    Args:
        work: the unit of work.
        subscription: as Stripe has it now.
        look: the number drawn before Stripe was asked for it. Answers overtake each other on their way here;
            one that was asked for before the one that is applied already changes nothing.
    """
    truth = rules.read(subscription)
    user_id = whose(work, subscription_id=truth.subscription_id, named=truth.user_id, customer=truth.customer_id)
    if user_id is None:
        return "not ours"
    if queries.is_ending(work, truth.subscription_id):
        return "being ended"
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    to = rules.target(truth, now=work.now, grace_days=work.settings.membership_grace_days)
    if user.state is UserState.ERASED:
        return _unwanted(work, truth, to, user_id, "erased")
    if membership is None:
        # Where it is over already, too: answers that were overtaken must find by what.
        membership = begun(work, user_id=user_id, plan_code=_plan(work, truth, user))
    elif membership.stripe_subscription_id not in (None, truth.subscription_id) and membership.state in LIVE:
        return _unwanted(work, truth, to, user_id, "second subscription")
    elif passed_over := _passed_over(membership, truth, to, look):
        return passed_over
    membership.look = max(membership.look, look or 0)
    _adopt(work, membership, truth, user)
    if to is MembershipState.PAST_DUE and truth.cancels_at == truth.period_end:
        return end_late(work, membership, user)  # cancelled on Stripe's page
    return move(work, membership, to, user)


def _passed_over(membership: Membership, truth: Truth, to: MembershipState, look: int | None) -> str | None:
    """Why what a subscription says does not concern a membership; None where it does.

    Raises:
        NotYetKnownError: the answer may be older than one that is applied, and of another subscription; only a new
            look can tell.
    """
    is_older = look is not None and look < membership.look
    if membership.stripe_subscription_id == truth.subscription_id:
        back = membership.current_period_start and truth.period_start < membership.current_period_start
        return OLDER if is_older or back else None
    if is_older and to in LIVE:
        msg = f"The subscription {truth.subscription_id} was looked at before another one; look again."
        raise NotYetKnownError(msg)
    # One that was given does not end by a page that nobody pays, nor an ended one by its predecessor.
    given = membership.stripe_subscription_id is None and membership.state in LIVE
    over = membership.stripe_subscription_id is not None and to is MembershipState.EXPIRED
    if (given and to not in LIVE) or over:
        membership.look = max(membership.look, look or 0)
        return "another subscription"
    return None


def apply_missing(work: Work, *, user_id: UUID) -> str:
    """Stripe does not know the subscription (any more): the membership is over."""
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    if membership is None or membership.state is MembershipState.EXPIRED:
        return "nothing to do"
    return move(work, membership, MembershipState.EXPIRED, user)


def whose(work: Work, *, subscription_id: str | None, named: UUID | None, customer: str | None) -> UUID | None:
    """Whose a subscription or invoice is: by what we know of it, by our metadata, by the customer."""
    known = queries.of_subscription(work, subscription_id) if subscription_id else None
    if known is None and customer:
        known = user_of_customer(work, customer)
    if known is None and named is not None and work.session.get(User, named) is not None:
        known = named
    return known


def begun(work: Work, *, user_id: UUID, plan_code: str) -> Membership:
    """A membership that is not paid yet. The person must be locked."""
    membership = Membership(
        user_id=user_id,
        plan_code=plan_code,
        state=MembershipState.INCOMPLETE,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(membership)
    return membership


def end_late(work: Work, membership: Membership, user: User) -> str:
    """The person cancels while a renewal is not paid: it ends at once, and nobody tries to collect any more.

    No period is paid that it could last for. What is paid in this very moment goes back.
    """
    if membership.stripe_subscription_id:
        ending.plan_ending(
            work,
            subscription_id=membership.stripe_subscription_id,
            user_id=user.id,
            reason="cancelled while a renewal was not paid",
            refund=True,
        )
    return move(work, membership, MembershipState.EXPIRED, user, is_wish=True)


def move(work: Work, membership: Membership, to: MembershipState, user: User, *, is_wish: bool = False) -> str:
    """Move a membership, and tell what that means. Moving it to where it is tells nothing.

    `is_wish`: it ends while a renewal is not paid because the person wants it to.
    """
    before = membership.state
    for step in rules.steps(before, to):
        check_move(MOVES, entity="membership", now=membership.state, to=step)
        membership.state = step
    if to is before:
        return "nothing to do"
    is_first = membership.started_at is None
    if to in LIVE and before not in LIVE:
        membership.started_at = membership.started_at or work.now
        membership.ended_at = None
    if to is MembershipState.EXPIRED:
        membership.ended_at = membership.ended_at or work.now
    membership.updated_at = work.now
    work.audit(
        "membership.move",
        target_type="membership",
        target_id=membership.id,
        subscription=membership.stripe_subscription_id,
        **{"from": before.value, "to": to.value},
    )
    _tell(work, membership, before, user, is_first=is_first, is_wish=is_wish)
    return to.value


def _tell(
    work: Work, membership: Membership, before: MembershipState, user: User, *, is_first: bool, is_wish: bool
) -> None:
    """Emit what changed between two states, whatever lay in between."""
    now = membership.state
    who: dict[str, Any] = {"membership_id": membership.id, "user_id": user.id, "user_type": user.user_type}
    if now in LIVE and before not in LIVE:
        work.emit(events.MembershipActivated(**who, is_first=is_first))
    if before in LIVE and now not in LIVE:
        work.emit(events.MembershipEnded(**who, was=before, is_wish=is_wish))
    if now is MembershipState.PAST_DUE:
        until = membership.grace_until or work.now
        work.emit(events.MembershipPastDue(**who, grace_until=until))
    if before is MembershipState.PAST_DUE and now in (MembershipState.ACTIVE, MembershipState.CANCELLING):
        work.emit(events.MembershipRecovered(**who))
    if now is MembershipState.CANCELLING:
        work.emit(events.MembershipCancelling(**who, ends_at=membership.cancels_at))
    if before is MembershipState.CANCELLING and now is MembershipState.ACTIVE:
        work.emit(events.MembershipResumed(**who))


def _adopt(work: Work, membership: Membership, truth: Truth, user: User) -> None:
    """Write down what the subscription says."""
    before = membership.plan_code
    membership.plan_code = _plan(work, truth, user, known=before)
    if membership.plan_code != before and membership.stripe_subscription_id == truth.subscription_id:
        _tell_of_plan(work, membership, before, user)
    membership.stripe_subscription_id = truth.subscription_id
    membership.stripe_customer_id = truth.customer_id
    membership.amount_cents = truth.amount_cents
    membership.current_period_start = truth.period_start
    membership.current_period_end = truth.period_end
    membership.cancels_at = truth.cancels_at
    membership.trial_ends_at = truth.trial_ends_at
    membership.ended_at = truth.ended_at
    membership.granted_by = None
    unpaid = truth.status in ("past_due", "unpaid")
    grace_days = work.settings.membership_grace_days
    membership.grace_until = rules.grace_until(truth.period_start, grace_days) if unpaid else None
    membership.updated_at = work.now


def _tell_of_plan(work: Work, membership: Membership, before: str, user: User) -> None:
    """The subscription goes by another plan than before."""
    work.audit(
        "membership.change_plan",
        target_type="membership",
        target_id=membership.id,
        subscription=membership.stripe_subscription_id,
        **{"from": before, "to": membership.plan_code},
    )
    if membership.state in LIVE:
        work.emit(
            events.MembershipPlanChanged(
                membership_id=membership.id, user_id=user.id, user_type=user.user_type, plan_code=membership.plan_code
            )
        )


def _plan(work: Work, truth: Truth, user: User, *, known: str | None = None) -> str:
    """The plan that the subscription's price names; the one known before, where it names none of ours."""
    if truth.plan_code and queries.plan(work, truth.plan_code):
        return truth.plan_code
    log.warning("subscription %s has a price that is none of our plans", truth.subscription_id)
    return known or rules.plan_named(None, user.user_type)


def _unwanted(work: Work, truth: Truth, to: MembershipState, user_id: UUID, reason: str) -> str:
    """A subscription that should not be: Stripe is to end it, and what it took goes back."""
    if to is MembershipState.EXPIRED:
        return "nothing to do"
    ending.plan_ending(work, subscription_id=truth.subscription_id, user_id=user_id, reason=reason, refund=to in LIVE)
    return f"ended: {reason}"
