"""Members in whatever state a test needs, made on the sandbox as people would."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.factories.profiles import make_person
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.identity.states import UserState, UserType
    from tourpad.core.memberships.models import Membership
    from tourpad.core.memberships.procedures import Page
    from tourpad.core.memberships.states import MembershipState
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")
FAILING = "pm_card_chargeCustomerFail"
"""A card that can be kept and never pays."""


def make_joiner(platform: "Platform", role: str = "fan", *, state: str = "approved") -> UUID:
    """Somebody who is let in and has no membership yet, committed."""
    with platform.work(ACTOR) as work:
        user = make_person(work, role, state=state)
        work.commit()
        return user.id


def begin(sandbox: "Sandbox", user_id: UUID, plan: str | None = None) -> "Page":
    """A page to pay on."""
    from tourpad.core.memberships.procedures import begin_checkout

    return begin_checkout(sandbox.platform, ACTOR, user_id=user_id, plan=plan)


def pay(sandbox: "Sandbox", page: "Page", card: str = "pm_card_visa") -> None:
    """Pay on it, as the person would; its news is still to come."""
    sandbox.control(f"checkout/{page.session_id}/complete", {"payment_method": card})


def make_member(sandbox: "Sandbox", role: str = "fan", plan: str = "monthly") -> UUID:
    """Somebody whose membership is paid and heard of."""
    user_id = make_joiner(sandbox.platform, role)
    pay(sandbox, begin(sandbox, user_id, plan))
    sandbox.news()
    return user_id


def change_card(sandbox: "Sandbox", user_id: UUID, card: str) -> None:
    """The member's subscription is paid by another card from now on."""
    membership = membership_of(sandbox.platform, user_id)
    assert membership.stripe_subscription_id
    api = sandbox.stripe
    method = api._post(  # type: ignore[attr-defined]  # the gateway has no need to attach cards
        f"/v1/payment_methods/{card}/attach",
        {"customer": membership.stripe_customer_id},
        key=f"attach-{card}-{user_id}-{sandbox.clock.now()}",
    )
    api.update_subscription(
        membership.stripe_subscription_id,
        {"default_payment_method": method["id"]},
        key=f"card-{card}-{user_id}-{sandbox.clock.now()}",
    )


def membership_of(platform: "Platform", user_id: UUID) -> "Membership":
    """The membership as it is in the database now."""
    from tourpad.core.memberships import queries

    with platform.work(ACTOR) as work:
        found = queries.of_user(work, user_id)
    assert found is not None
    return found


def user_state(platform: "Platform", user_id: UUID) -> "UserState":
    """The person's state as it is in the database now."""
    from tourpad.core.identity.queries import get_user

    with platform.work(ACTOR) as work:
        return get_user(work, user_id).state


def lapse(work: "Work", user_id: UUID, role: "UserType", *, after: "MembershipState") -> None:
    """Somebody has been a member and is none any more, by what Stripe said of the subscription.

    Args:
        work: the unit of work.
        user_id: who; approved or active.
        role: artist or fan.
        after: what came before the end: `past_due` (the days of grace are over) or `cancelling` (called off).
    """
    from tourpad.core.identity.queries import get_user
    from tourpad.core.identity.states import UserState
    from tourpad.core.memberships.service.following import apply_subscription
    from tourpad.core.memberships.states import MembershipState

    user = get_user(work, user_id)
    user.state = UserState.APPROVED
    work.session.flush()

    def tell(status: str, months_ago: int, **more: Any) -> str:
        begins = int(work.now.timestamp()) - months_ago * 30 * 86_400 - 10 * 86_400
        item = {
            "price": {"metadata": {"plan_code": f"{role}_monthly"}},
            "current_period_start": begins,
            "current_period_end": begins + 30 * 86_400,
        }
        subscription = {
            "id": f"sub_{user_id.hex[-12:]}",
            "customer": f"cus_{user_id.hex[-12:]}",
            "status": status,
            "start_date": begins,
            "items": {"data": [item]},
            "metadata": {"user_id": str(user_id)},
            **more,
        }
        return apply_subscription(work, subscription)

    assert tell("active", 1) == MembershipState.ACTIVE
    assert get_user(work, user_id).state is UserState.ACTIVE
    if after is MembershipState.CANCELLING:
        assert tell("active", 1, cancel_at_period_end=True) == after
        assert tell("canceled", 1, ended_at=int(work.now.timestamp())) == MembershipState.EXPIRED
    else:
        assert after is MembershipState.PAST_DUE
        assert tell("past_due", 0) == MembershipState.EXPIRED  # ten days ago: the grace of seven is over
    assert get_user(work, user_id).state is UserState.APPROVED


def templates_to(platform: "Platform", user_id: UUID) -> list[str]:
    """The templates of the mails that a person was written, oldest first."""
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    with platform.work(ACTOR) as work:
        return list(
            work.session.scalars(
                select(Mail.template).where(Mail.user_id == user_id).order_by(Mail.created_at, Mail.id)
            )
        )


def mails_to(platform: "Platform", user_id: UUID) -> dict[str, str]:
    """The text of the last mail of each template that a person was written."""
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    with platform.work(ACTOR) as work:
        found = work.session.scalars(select(Mail).where(Mail.user_id == user_id).order_by(Mail.created_at, Mail.id))
        return {mail.template: mail.text_body for mail in found}
