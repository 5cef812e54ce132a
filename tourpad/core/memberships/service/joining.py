"""Beginning a membership: a page at Stripe, stored before Stripe is asked for it, one a person at a time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import case, update

from tourpad.core.errors import invalid
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.identity import queries as people
from tourpad.core.identity.models import User
from tourpad.core.ids import new_id
from tourpad.core.memberships import queries, rules
from tourpad.core.memberships.errors import PriceMissing
from tourpad.core.memberships.models import Membership, MembershipCheckout, MembershipPlan
from tourpad.core.memberships.service import ending
from tourpad.core.memberships.states import CHECKOUT_MOVES, CheckoutState, MembershipState
from tourpad.core.states import check_move
from tourpad.core.values import Value
from tourpad.core.work import Work

KEY_LIFE = timedelta(hours=23)
"""Stripe may forget an idempotency key after 24 h; a lost answer is asked for again no later."""
FRESH = timedelta(minutes=5)
"""A page that runs out sooner is not handed out again."""


class Wanted(Value):
    """What somebody may begin: checked, before anything is asked of Stripe."""

    user_id: UUID
    plan: MembershipPlan
    old_subscription_id: str | None
    """Of a membership that has expired here, while Stripe may still try to collect for it."""


def check(work: Work, *, user_id: UUID, plan: str | None) -> Wanted:
    """Whether a person may begin a membership, and by which plan.

    Args:
        work: the unit of work.
        user_id: who.
        plan: a plan's code, `yearly` or `monthly`; yearly unless given.

    Raises:
        NotForRole: hosts and admins need none.
        AlreadyMember: there is one.
        InvalidInputError: no such plan for this role.
    """
    user = people.get_user(work, user_id)
    membership = queries.of_user(work, user_id)
    _check_may_join(user, membership)
    code = rules.plan_named(plan, user.user_type)
    offered = {p.code: p for p in queries.plans(work, user_type=user.user_type)}
    if code not in offered:
        raise invalid("plan", rules.one_of(offered))
    over = membership is not None and membership.state is MembershipState.EXPIRED
    old = membership.stripe_subscription_id if membership and over else None
    return Wanted(user_id=user_id, plan=offered[code], old_subscription_id=old)


def plan_checkout(work: Work, *, user_id: UUID, plan_code: str, customer_id: str) -> MembershipCheckout:
    """The row of the one page that a person may pay on: the open one, or a new one that Stripe is to be asked for.

    Guards against two tabs: the second waits for the person's lock and gets the first one's row.

    Raises:
        AlreadyMember: a membership began meanwhile.
        PriceMissing: the plan has no price at Stripe.
    """
    user = people.get_for_update(work, user_id)
    membership = queries.of_user(work, user_id)
    _check_may_join(user, membership)
    known = queries.open_checkout(work, user_id, for_update=True)
    if known is not None:
        if known.plan_code == plan_code and _is_fresh(known, work.now) and _says_the_same(work, known):
            return known
        close(work, known, CheckoutState.EXPIRED)
        work.session.flush()
    if membership and membership.stripe_subscription_id and membership.state is MembershipState.INCOMPLETE:
        # Its first payment never came; should it still come, it would be a second subscription.
        ending.plan_ending(
            work, subscription_id=membership.stripe_subscription_id, user_id=user_id, reason="begun anew"
        )
    return _new(work, user, plan_code, customer_id)


def _check_may_join(user: User, membership: Membership | None) -> None:
    """The gate for whoever wants to pay.

    Raises:
        NotForRole, AlreadyMember: see `rules.check_may_join`.
    """
    given = membership is not None and membership.stripe_subscription_id is None
    rules.check_may_join(user.user_type, membership.state if membership else None, is_given=given)


def to_close(work: Work, *, user_id: UUID, plan_code: str) -> MembershipCheckout | None:
    """A page that must be closed at Stripe before another is opened.

    It is of another plan, or says another price than the plan does now, or is about to run out.
    """
    known = queries.open_checkout(work, user_id)
    if known is None or (known.plan_code == plan_code and _is_fresh(known, work.now) and _says_the_same(work, known)):
        return None
    return known


def record_session(work: Work, *, checkout_id: UUID, session: StripeDict) -> MembershipCheckout | None:
    """Write down the page that Stripe made, or what has become of it."""
    checkout = queries.checkout_for_update(work, checkout_id=checkout_id)
    if checkout is None:
        return None
    checkout.stripe_session_id = session["id"]
    checkout.url = session.get("url")
    checkout.expires_at = datetime.fromtimestamp(session["expires_at"], UTC)
    checkout.updated_at = work.now
    states = {"complete": CheckoutState.COMPLETED, "expired": CheckoutState.EXPIRED}
    close(work, checkout, states.get(session["status"], CheckoutState.OPEN))
    work.session.flush()
    return checkout


def give_up(work: Work, *, checkout_id: UUID) -> None:
    """Stripe refused to make a page."""
    checkout = queries.checkout_for_update(work, checkout_id=checkout_id)
    if checkout is not None:
        close(work, checkout, CheckoutState.EXPIRED)


def apply_session(work: Work, session: StripeDict) -> str:
    """What Stripe tells of a page: that it was paid, or ran out. The membership itself follows its subscription."""
    if session.get("mode") != "subscription":
        return "not a membership's"
    checkout = queries.checkout_for_update(work, session_id=session["id"])
    if checkout is None:
        # The event was quicker than the answer to whoever asked for the page.
        named = rules.id_in(session.get("metadata") or {}, "checkout_id")
        checkout = queries.checkout_for_update(work, checkout_id=named) if named else None
    if checkout is None:
        return "not ours"
    before = checkout.state
    record_session(work, checkout_id=checkout.id, session=session)
    return "nothing to do" if checkout.state is before else checkout.state.value


def close(work: Work, checkout: MembershipCheckout, to: CheckoutState) -> None:
    """Move a page forward; one that is paid stays paid, one that is over does not open again."""
    if checkout.state is to or to not in CHECKOUT_MOVES[checkout.state]:
        return
    check_move(CHECKOUT_MOVES, entity="checkout", now=checkout.state, to=to)
    checkout.state = to
    checkout.updated_at = work.now


def _is_fresh(checkout: MembershipCheckout, now: datetime) -> bool:
    if checkout.state is CheckoutState.PLANNED:
        return now - checkout.created_at < KEY_LIFE
    return checkout.expires_at is not None and checkout.expires_at - now > FRESH


def _says_the_same(work: Work, checkout: MembershipCheckout) -> bool:
    """Whether a page charges what its plan costs now; the plan may have been changed since it was opened."""
    plan = queries.plan(work, checkout.plan_code)
    return plan is not None and [plan.stripe_price_id] == [item["price"] for item in checkout.params["line_items"]]


def _new(work: Work, user: User, plan_code: str, customer_id: str) -> MembershipCheckout:
    plan = queries.plan(work, plan_code)
    if plan is None or plan.stripe_price_id is None:
        raise PriceMissing(f"The plan {plan_code} has no price at Stripe yet.", hint="tourpad stripe setup makes it.")
    checkout_id = new_id()
    base = work.settings.base_url.rstrip("/")
    ours = {"kind": "membership", "user_id": str(user.id), "plan_code": plan_code, "checkout_id": str(checkout_id)}
    membership = queries.of_user(work, user.id)
    tries = plan.trial_days > 0 and rules.may_try(membership.started_at if membership else None)
    trial: StripeDict = {"trial_period_days": plan.trial_days} if tries else {}
    checkout = MembershipCheckout(
        id=checkout_id,
        user_id=user.id,
        plan_code=plan_code,
        state=CheckoutState.PLANNED,
        params={
            "mode": "subscription",
            "customer": customer_id,
            "client_reference_id": str(user.id),
            "line_items": [{"price": plan.stripe_price_id, "quantity": 1}],
            "success_url": f"{base}/membership?checkout={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{base}/membership",
            "metadata": ours,
            # In a trial, too: what begins without a card would end without a word.
            "payment_method_collection": "always",
            "subscription_data": {"metadata": ours, **trial},
        },
        idempotency_key=f"tp1:membership_checkout:{checkout_id}:1",
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(checkout)
    return checkout


def forget(work: Work, *, user_id: UUID) -> None:
    """Somebody is erased: what Stripe was asked with and the page's address go. One not asked for yet never is."""
    work.session.execute(
        update(MembershipCheckout)
        .where(MembershipCheckout.user_id == user_id)
        .values(
            params={},
            url=None,
            state=case(
                (MembershipCheckout.state == CheckoutState.PLANNED, CheckoutState.EXPIRED),
                else_=MembershipCheckout.state,
            ),
            updated_at=work.now,
        )
        .execution_options(synchronize_session="fetch")
    )
