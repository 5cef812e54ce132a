"""What two admins decide: payouts above the limit for one, and debts of payees that we give up.

Locks are taken in one order: payees, then the request.
"""

from collections.abc import Collection
from uuid import UUID

from tourpad.core.approvals import queries as approvals
from tourpad.core.approvals import service as approval
from tourpad.core.approvals.models import Approval
from tourpad.core.approvals.states import ApprovalKind
from tourpad.core.identity import queries as people
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money, format_money, total
from tourpad.core.payouts import queries
from tourpad.core.payouts.errors import PayoutStateError
from tourpad.core.payouts.queries import OpenPayout
from tourpad.core.payouts.rules import PAYOUTS, WRITTEN_OFF, Hold, short
from tourpad.core.payouts.service.deciding import CURRENCY, decided_on
from tourpad.core.payouts.service.payees import ensure_payee
from tourpad.core.payouts.service.sending import look_again
from tourpad.core.payouts.states import HoldReason
from tourpad.core.work import Work


def waiting_for_two(work: Work, *, only: Collection[UUID] | None = None) -> list[tuple[OpenPayout, Money]]:
    """Payouts that two admins would have to agree on now, each with what it would pay.

    Args:
        work: the unit of work.
        only: these payouts; None for all.
    """
    return [
        (row, decision.would.amount)
        for payee in decided_on(work, queries.payees_with_open(work))
        for row, decision in payee.payouts
        if isinstance(decision, Hold)
        and decision.reason is HoldReason.APPROVAL
        and decision.would
        and (only is None or row.payout.id in only)
    ]


def ask_payouts(work: Work, *, reason: str, only: Collection[UUID] | None = None) -> Approval:
    """Ask another admin to let payouts leave that are above the limit for one, each with exactly its amount of now.

    Args:
        work: the unit of work, of an admin who is signed in.
        reason: why it is right that so much leaves.
        only: these payouts; None for all that wait for a second admin.

    Raises:
        NotAnAdminError: the actor is no admin's account.
        InvalidInputError: without a reason.
        PayoutStateError: none waits, or one that was named does not.
    """
    waiting = waiting_for_two(work, only=only)
    missing = set(only or ()) - {row.payout.id for row, _ in waiting}
    if missing or not waiting:
        which = ", ".join(sorted(short(i) for i in missing)) or "No payout"
        waits = "does not wait" if len(missing) == 1 else "do not wait" if missing else "waits"
        msg = f"{which} {waits} for a second admin."
        raise PayoutStateError(msg, hint="tourpad payouts preview says what keeps each one.")
    amount = total([amount for _, amount in waiting], CURRENCY)
    return approval.ask(
        work,
        kind=ApprovalKind.PAYOUTS,
        params={PAYOUTS: {str(row.payout.id): cents.cents for row, cents in waiting}, "currency": CURRENCY},
        amount=amount,
        summary=_summary(waiting, amount),
        reason=reason,
        subject_id=waiting[0][0].payout.user_id if len({row.payout.user_id for row, _ in waiting}) == 1 else None,
    )


def debt_of(work: Work, *, user_id: UUID) -> Money:
    """What a payee owes us, all that they have earned and not been paid taken off; zero if it is the other way."""
    balance = ledger.balance(work, accounts.payable(user_id), CURRENCY)
    return max(balance, Money(0, CURRENCY))


def ask_write_off(work: Work, *, user_id: UUID, reason: str, amount: Money | None = None) -> Approval:
    """Ask another admin to give up what a payee owes us.

    Args:
        work: the unit of work, of an admin who is signed in.
        user_id: the payee.
        reason: why it will not come back.
        amount: how much of it; all of it unless given.

    Raises:
        NotFoundError: nobody has that id.
        NotAnAdminError: the actor is no admin's account.
        InvalidInputError: without a reason.
        PayoutStateError: the payee owes nothing, or less than that.
    """
    person = people.get_user(work, user_id)
    ensure_payee(work, user_id=user_id)
    debt = debt_of(work, user_id=user_id)
    amount = amount or debt
    _check_debt(person.name, debt, amount)
    left = f" of {format_money(debt)}" if amount < debt else ""
    return approval.ask(
        work,
        kind=ApprovalKind.WRITE_OFF,
        params={"user_id": str(user_id), "amount_cents": amount.cents, "currency": amount.currency},
        amount=amount,
        summary=f"write off {format_money(amount)}{left} that a payee owes us",
        reason=reason,
        subject_id=user_id,
    )


def approve(work: Work, *, approval_id: UUID) -> Approval:
    """Consent as the second admin. Payouts may leave then; a debt is written off at once.

    Raises:
        NotFoundError: there is no such request.
        NotAnAdminError: the actor is no admin's account.
        SamePersonError: it is the one who asked.
        NotOpenError: it was decided before, or its time is over.
        PayoutStateError: the debt has become smaller than what is asked for.
    """
    request = approvals.get(work, approval_id)
    concerned = _concerned(work, request)
    for user_id in concerned:
        ensure_payee(work, user_id=user_id)
    request = approval.approve(work, approval_id=approval_id)
    if request.kind is ApprovalKind.WRITE_OFF:
        _write_off(work, request)
    for user_id in concerned:
        look_again(work, user_id=user_id)
    return request


def refuse(work: Work, *, approval_id: UUID, reason: str) -> Approval:
    """Say no to a request, or take it back.

    Raises:
        NotFoundError: there is no such request.
        NotAnAdminError: the actor is no admin's account.
        InvalidInputError: without a reason.
        NotOpenError: it has been used or refused, or its time is over.
    """
    return approval.refuse(work, approval_id=approval_id, reason=reason)


def _write_off(work: Work, request: Approval) -> None:
    """Post the loss, and the payee owes so much less. The request is its source: it can't be posted twice."""
    user_id = UUID(request.params["user_id"])
    amount = Money(int(request.params["amount_cents"]), request.params["currency"])
    _check_debt(people.get_user(work, user_id).name, debt_of(work, user_id=user_id), amount)
    ledger.post(
        work,
        source_type=accounts.Source.WRITE_OFF,
        source_id=request.id,
        purpose="written_off",
        lines=[(accounts.DISPUTE_LOSSES, amount), (accounts.payable(user_id), -amount)],
        description=WRITTEN_OFF,
        person_id=user_id,
        details={
            "approval_id": str(request.id),
            "asked_by": request.asked_by,
            "approved_by": request.decided_by,
        },
    )
    work.audit(
        "payee.write_off",
        target_type="user",
        target_id=user_id,
        reason=request.reason,
        amount_cents=amount.cents,
        approval_id=str(request.id),
        asked_by=request.asked_by,
    )
    approval.use(work, request)


def _check_debt(name: str, debt: Money, amount: Money) -> None:
    if amount.cents <= 0:
        msg = f"{name} owes us nothing."
        raise PayoutStateError(msg, hint="tourpad ledger balances --account payable: shows who does, as a debit.")
    if debt < amount:
        owes = format_money(debt) if debt else "nothing"
        msg = f"{name} owes us {owes} now: {format_money(amount)} can't be written off."
        raise PayoutStateError(msg, hint="Ask for what is left of it.", debt_cents=debt.cents)


def _concerned(work: Work, request: Approval) -> list[UUID]:
    """The payees of a request, in the order in which they are locked."""
    if request.kind is ApprovalKind.WRITE_OFF:
        return [UUID(request.params["user_id"])]
    return queries.owners(work, [UUID(payout_id) for payout_id in request.params[PAYOUTS]])


def _summary(waiting: list[tuple[OpenPayout, Money]], amount: Money) -> str:
    if len(waiting) == 1:
        row = waiting[0][0]
        day = row.concert_date
        return f"pay {format_money(amount)} for {day.day} {day:%b %Y}"
    payees = len({row.payout.user_id for row, _ in waiting})
    who = "one payee" if payees == 1 else f"{payees} payees"
    return f"pay {len(waiting)} payouts to {who}, {format_money(amount)} in all"
