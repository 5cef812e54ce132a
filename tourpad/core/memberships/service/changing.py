"""Ending with what is paid for, taking that back, and what admins do: give a membership, or end one."""

from datetime import datetime
from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.identity import queries as people
from tourpad.core.identity.models import User
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.errors import NoMembership, NothingToCancel, NothingToResume
from tourpad.core.memberships.models import Membership
from tourpad.core.memberships.rules import LIVE
from tourpad.core.memberships.service import ending
from tourpad.core.memberships.service.following import begun, end_late, move
from tourpad.core.memberships.states import MembershipState
from tourpad.core.work import Work


def to_cancel(work: Work, *, user_id: UUID) -> str | None:
    """The subscription that is to end with its period; nothing where the membership was given and ends by itself.

    Raises:
        NoMembership: there is none.
        NothingToCancel: it has ended, or ends already.
    """
    _, membership = _locked(work, user_id)
    if membership.state not in LIVE:
        raise NothingToCancel(f"The membership is {membership.state}.", state=membership.state.value)
    if membership.cancels_at is not None and membership.state is not MembershipState.PAST_DUE:
        raise NothingToCancel(
            "The membership ends already.",
            hint="POST /api/memberships/resume takes that back.",
            state=membership.state.value,
        )
    return membership.stripe_subscription_id


def cancel_granted(work: Work, *, user_id: UUID) -> None:
    """End a membership that was given: with the period that it was given for, or at once where it has no end."""
    user, membership = _locked(work, user_id)
    end = membership.current_period_end or work.now
    membership.cancels_at = end
    move(work, membership, MembershipState.CANCELLING if end > work.now else MembershipState.EXPIRED, user)


def cancel_late(work: Work, *, user_id: UUID) -> bool:
    """End a membership at once where a renewal is not paid; answers whether that was so."""
    user, membership = _locked(work, user_id)
    if membership.state is not MembershipState.PAST_DUE:
        return False
    end_late(work, membership, user)
    return True


def to_resume(work: Work, *, user_id: UUID) -> str | None:
    """The subscription that is to go on; nothing where the membership was given.

    Raises:
        NoMembership: there is none.
        NothingToResume: it has ended for good, or goes on anyway.
    """
    _, membership = _locked(work, user_id)
    if membership.state not in LIVE:
        raise NothingToResume(
            f"The membership is {membership.state}.",
            hint="POST /api/memberships/checkout begins a new one.",
            state=membership.state.value,
        )
    if membership.cancels_at is None:
        raise NothingToResume("The membership goes on anyway.", state=membership.state.value)
    return membership.stripe_subscription_id


def resume_granted(work: Work, *, user_id: UUID) -> None:
    """Take back the cancellation of a membership that was given."""
    user, membership = _locked(work, user_id)
    membership.cancels_at = None
    move(work, membership, MembershipState.ACTIVE, user)


def grant(
    work: Work, *, user_id: UUID, plan: str | None = None, until: datetime | None = None, reason: str
) -> Membership:
    """Give a person a membership that nobody pays for.

    Args:
        work: the unit of work of an admin.
        user_id: an artist or a fan.
        plan: as for joining; it says what the membership is called, nothing is charged.
        until: when it ends; never unless given.
        reason: for the audit log.

    Raises:
        NotForRole: hosts and admins need none.
        AlreadyMember: there is one that has not ended.
        InvalidInputError: no such plan, no reason, or an end that has passed.
    """
    if until is not None and until <= work.now:
        raise invalid("until", "has already passed")
    if not reason.strip():
        raise invalid("reason", "must not be empty")
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    rules.check_may_join(
        user.user_type,
        membership.state if membership else None,
        hint=f"See it:  tourpad memberships show {user.email}      End it:  tourpad memberships expire {user.email}",
    )
    code = rules.plan_named(plan, user.user_type)
    offered = [p.code for p in queries.plans(work, user_type=user.user_type)]
    if code not in offered:
        raise invalid("plan", rules.one_of(offered))
    if membership is None:
        membership = begun(work, user_id=user_id, plan_code=code)
    elif membership.stripe_subscription_id:
        # Stripe may still try to collect for the one that has expired here.
        ending.plan_ending(work, subscription_id=membership.stripe_subscription_id, user_id=user_id, reason="granted")
    membership.plan_code = code
    membership.stripe_subscription_id = None
    membership.amount_cents = None
    membership.current_period_start = work.now
    membership.current_period_end = until
    membership.cancels_at = membership.grace_until = None
    membership.granted_by = work.actor.user_id
    work.audit(
        "membership.grant",
        target_type="membership",
        target_id=membership.id,
        reason=reason.strip(),
        plan=code,
        until=until.isoformat() if until else None,
    )
    move(work, membership, MembershipState.ACTIVE, user)
    return membership


def end_now(work: Work, *, membership_id: UUID, reason: str) -> Membership:
    """End a membership at once, and have Stripe end its subscription. Nothing is refunded by this.

    Raises:
        NotFoundError: none by that id.
        NothingToCancel: it has ended.
        InvalidInputError: no reason.
    """
    if not reason.strip():
        raise invalid("reason", "must not be empty")
    user, membership = _locked(work, queries.get(work, membership_id).user_id)
    if membership.state is MembershipState.EXPIRED:
        raise NothingToCancel("The membership has ended already.", state=membership.state.value)
    work.audit("membership.end", target_type="membership", target_id=membership.id, reason=reason.strip())
    _end(work, user, membership, reason.strip())
    return membership


def end_for_erased(work: Work, *, user_id: UUID) -> None:
    """The person is erased: nothing may be charged any more."""
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    if membership is not None and membership.state is not MembershipState.EXPIRED:
        _end(work, user, membership, "erased")


def expire_granted(work: Work, *, user_id: UUID) -> bool:
    """End a membership that was given, if its time is over. Answers whether it was."""
    user, membership = _locked(work, user_id)
    end = membership.cancels_at or membership.current_period_end
    if membership.state not in LIVE or end is None or end > work.now:
        return False
    move(work, membership, MembershipState.EXPIRED, user)
    return True


def _end(work: Work, user: User, membership: Membership, reason: str) -> None:
    if membership.stripe_subscription_id:
        ending.plan_ending(work, subscription_id=membership.stripe_subscription_id, user_id=user.id, reason=reason)
    move(work, membership, MembershipState.EXPIRED, user)


def _locked(work: Work, user_id: UUID) -> tuple[User, Membership]:
    """The person and their membership, locked in that order."""
    user = people.get_for_update(work, user_id)
    membership = queries.of_user_for_update(work, user_id)
    if membership is None:
        raise NoMembership("There is no membership.", hint="POST /api/memberships/checkout begins one.")
    return user, membership
