"""Those whom we pay: their connected account, and whether it can receive."""

from typing import Any
from uuid import UUID

from sqlalchemy import case, update

from tourpad.core.approvals import service as approvals
from tourpad.core.identity import queries as people
from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import format_money
from tourpad.core.payouts import queries
from tourpad.core.payouts.events import PayeeBankRefused
from tourpad.core.payouts.models import Payee, Payout
from tourpad.core.work import Work

StripeDict = dict[str, Any]

ERASED = "the person is erased"
BANK_REFUSED = "the payee's bank refused a payout from Stripe"
"""The one hold on a payee that also ends by itself: when a payout arrives there again."""


def ensure_payee(work: Work, *, user_id: UUID) -> Payee:
    """Somebody's row as a payee, locked; made if there is none. Safe to repeat."""
    payee = queries.payee_for_update(work, user_id)
    if payee is None:
        # Of two at once, one waits here for the person's row and then finds the other's payee.
        people.get_for_update(work, user_id)
        payee = queries.payee_for_update(work, user_id)
    if payee is None:
        payee = Payee(
            user_id=user_id,
            stripe_account_id=None,
            can_receive=False,
            requirements=[],
            created_at=work.now,
            updated_at=work.now,
        )
        work.add(payee)
    return payee


def connect(work: Work, *, user_id: UUID, account_id: str) -> Payee:
    """Remember a payee's connected account. Safe to repeat; the first account stays."""
    payee = ensure_payee(work, user_id=user_id)
    if payee.stripe_account_id is None:
        payee.stripe_account_id = account_id
        payee.updated_at = work.now
        work.audit("payee.connect", target_type="user", target_id=user_id, stripe_account_id=account_id)
        work.session.flush()
    return payee


def take_account(work: Work, *, account: StripeDict) -> Payee | None:
    """What Stripe says of a connected account now: whether it can receive, and what it asks for.

    Args:
        work: the unit of work.
        account: the v2 account, fetched with `configuration.recipient` and `requirements`.

    Returns:
        Whose it is, or None when it is nobody's that we know.
    """
    payee = queries.payee_by_account(work, str(account["id"]))
    if payee is None:
        return None
    before = payee.can_receive
    payee.can_receive = can_receive(account)
    payee.requirements = requirements(account)
    payee.checked_at = work.now
    if payee.can_receive != before:
        payee.updated_at = work.now
        work.audit(
            "payee.can_receive" if payee.can_receive else "payee.can_not_receive",
            target_type="user",
            target_id=payee.user_id,
            requirements=payee.requirements,
        )
    work.session.flush()
    return payee


def take_bank_news(work: Work, *, type: str, account_id: str, payout: StripeDict) -> Payee | None:
    """A payee's bank refused what Stripe paid out to it: transfers pause. One that arrives lets them go on.

    None of our money moves: what was refused lies in the payee's own balance at Stripe.

    Args:
        work: the unit of work.
        type: of the event (`payout.failed`, `payout.paid`, …).
        account_id: the connected account.
        payout: Stripe's payout to the payee's bank, as it is now.
    """
    payee = queries.payee_by_account(work, account_id)
    if payee is None:
        return None
    failed = payout.get("status") == "failed"
    if failed and payee.held_reason is None:
        payee.held_reason = BANK_REFUSED
        reason = str(payout.get("failure_message") or payout.get("failure_code") or "no reason given")
        work.audit("payee.hold", target_type="user", target_id=payee.user_id, reason=BANK_REFUSED, bank=reason)
        work.emit(PayeeBankRefused(user_id=payee.user_id, payout_id=str(payout["id"])))
    elif type == "payout.paid" and payee.held_reason == BANK_REFUSED and payout.get("status") == "paid":
        payee.held_reason = None
        work.audit("payee.release", target_type="user", target_id=payee.user_id, was_held_for=BANK_REFUSED)
    payee.updated_at = work.now
    work.session.flush()
    return payee


def can_receive(account: StripeDict) -> bool:
    """Whether transfers to a v2 account are possible."""
    recipient = _at(account, "configuration", "recipient")
    capability = _at(recipient, "capabilities", "stripe_balance", "stripe_transfers")
    return not account.get("closed") and capability.get("status") == "active"


def requirements(account: StripeDict) -> list[str]:
    """What Stripe still asks of the payee, in its own names, each once."""
    entries: list[StripeDict] = _at(account, "requirements").get("entries") or []
    return list(dict.fromkeys(str(e["description"]) for e in entries if e.get("description")))


def _at(found: StripeDict, *path: str) -> StripeDict:
    """What lies at a path of nested objects; nothing where a part of it is missing."""
    for name in path:
        found = found.get(name) or {}
    return found


def refuse_erasure(work: Work, *, user_id: UUID) -> None:
    """Object while a payee is owed something, owes something, or a transfer to them is under way.

    Raises:
        ErasureRefused: saying what.
    """
    left = ledger.balance(work, accounts.payable(user_id))
    if left.cents < 0:
        raise ErasureRefused(f"{format_money(-left)} is still to be paid to them", "it leaves with the next payouts")
    if left.cents > 0:
        raise ErasureRefused(f"they owe {format_money(left)}", "settle it, or tourpad payouts write-off")
    if queries.is_being_paid(work, user_id):
        raise ErasureRefused("a transfer to them is under way", "try again when it has arrived")


def forget(work: Work, *, user_id: UUID) -> None:
    """Somebody is erased to whom nothing is owed: what admins and Stripe said of them goes, the money stays on record.

    A hold stays a hold.
    """
    work.session.execute(
        update(Payee)
        .where(Payee.user_id == user_id)
        .values(
            requirements=[],
            held_reason=case((Payee.held_reason.is_(None), None), else_=ERASED),
            updated_at=work.now,
        )
    )
    work.session.execute(
        update(Payout)
        .where(Payout.user_id == user_id)
        .values(hold_note=case((Payout.hold_note.is_(None), None), else_=ERASED), failure_message=None)
    )
    approvals.forget(work, approvals=queries.requests_about(user_id))
