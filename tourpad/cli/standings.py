"""How a person stands as a payee and as a member, for `tourpad users show`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tourpad.core.identity.models import User
    from tourpad.core.memberships.models import Membership
    from tourpad.core.work import Work


def as_payee(work: "Work", user: "User") -> dict[str, Any]:
    """Whether somebody who is paid can receive, what Stripe asks of them, and how they stand with us."""
    from tourpad.core.identity.states import UserType

    if user.user_type not in (UserType.ARTIST, UserType.HOST):
        return {}
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.payouts import queries
    from tourpad.core.payouts.rules import requirement_text

    payee = queries.payee_of(work, user.id)
    asks = dict.fromkeys(requirement_text(str(one)) for one in payee.requirements) if payee else {}
    return {
        "stripe_account": payee.stripe_account_id if payee else None,
        "can_receive": bool(payee and payee.can_receive),
        "stripe_asks_for": list(asks),
        "payouts_held": payee.held_reason if payee else None,
        "owed_to_them_cents": -ledger.balance(work, accounts.payable(user.id)).cents,
    }


def as_member(membership: "Membership | None") -> dict[str, Any]:
    """A membership, if there is one, and until when what is paid, or the grace after it, lasts."""
    if membership is None:
        return {}
    return {
        "membership": membership.state.value,
        "membership_period_end": membership.current_period_end,
        "membership_grace_until": membership.grace_until,
        "membership_ended_at": membership.ended_at,
    }
