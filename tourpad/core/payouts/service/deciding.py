"""What would be paid now, and why the rest would not. `preview` and `run` both ask here."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tourpad.core.money import Money
from tourpad.core.payouts import queries
from tourpad.core.payouts.models import Payee, Payout
from tourpad.core.payouts.queries import Adjustment, OpenPayout
from tourpad.core.payouts.rules import (
    Allowance,
    Budget,
    Decision,
    Hold,
    Later,
    Pay,
    PayeeFacts,
    PayoutFacts,
    decide_all,
    short,
)
from tourpad.core.payouts.service.consents import consents_by_payout
from tourpad.core.payouts.states import HoldReason
from tourpad.core.values import Value
from tourpad.core.work import Work

CURRENCY = "USD"
"""What payees are paid in."""


class PreviewRow(Value, kw_only=True):
    """One payout that has not left. `earned + carried = pays + held`, on every row and so in every sum."""

    payout_id: UUID
    user_id: UUID
    payee: str
    email: str
    concert_date: date
    place: str
    earned: Money
    """By the concert, and what an earlier try had taken along."""
    carried: Money
    """Taken along from other payouts, debts taken off; below zero: taken along by another."""
    pays: Money
    held: Money
    reason: HoldReason | None
    """Why it stays; None for what is paid, and for what is taken along or not wanted in this run."""
    note: str
    command: str | None
    """What helps."""


class Decided(Value):
    """The decisions on one payee's open payouts, and what they rest on."""

    payee: PayeeFacts
    adjustments: Sequence[Adjustment]
    payouts: Sequence[tuple[OpenPayout, Decision]]


def preview(work: Work, *, available: Money | None = None, budget: Budget | None = None) -> list[PreviewRow]:
    """What a run would do now, to the cent. Changes nothing.

    Args:
        work: the unit of work.
        available: Stripe's balance that can be sent; None leaves it out of the decision.
        budget: what the run may send; nothing for all that is due.
    """
    user_ids = queries.payees_with_open(work)
    decided = decided_on(work, user_ids, available=available, budget=budget)
    return [row for payee in decided for row in _rows(payee)]


def decided_on(
    work: Work,
    user_ids: Sequence[UUID],
    *,
    available: Money | None = None,
    budget: Budget | None = None,
    is_claim: bool = False,
) -> list[Decided]:
    """Decide on the open payouts of some payees, one after the other in the order given.

    Args:
        work: the unit of work.
        user_ids: the payees.
        available: Stripe's balance that can be sent; None leaves it out of the decision.
        budget: what may be sent; it fills.
        is_claim: whether something will leave by this decision; the consents that it rests on are locked then.
    """
    opened = queries.open_payouts(work, user_ids)
    payees = queries.payees(work, user_ids)
    adjustments = queries.adjustments(work, user_ids)
    disputes = queries.open_disputes(work, [row.payout.id for row in opened])
    minimum = Money(work.settings.payout_minimum_cents, CURRENCY)
    allowance = _allowance(work)
    consents = consents_by_payout(work, lock=is_claim) if allowance else {}
    left, answer = available, list[Decided]()
    for user_id in user_ids:
        own = [row for row in opened if row.payout.user_id == user_id]
        if not own:
            continue
        taken = adjustments.get(user_id, [])
        payee = _payee_facts(payees.get(user_id), own[0], taken)
        facts = [
            PayoutFacts(
                payout_id=row.payout.id,
                base=Money(row.payout.earned_cents + row.payout.carried_cents, row.payout.currency),
                due_at=row.payout.due_at,
                held_note=_manual_note(row.payout),
                disputes=tuple(disputes.get(row.payout.id, ())),
                consents=tuple(c for c in consents.get(row.payout.id, ()) if c.approval_id != row.payout.approval_id),
            )
            for row in own
        ]
        decided = decide_all(
            facts, payee, now=work.now, minimum=minimum, available=left, budget=budget, allowance=allowance
        )
        by_id = {row.payout.id: row for row in own}
        answer.append(Decided(payee, taken, [(by_id[fact.payout_id], d) for fact, d in decided]))
        for _, decision in decided:
            if left is not None and isinstance(decision, Pay):
                left -= decision.amount
    return answer


def is_overdrawn(work: Work) -> bool:
    """Whether more leaves today than may without a second admin."""
    return 0 < work.settings.payout_approval_cents < queries.left_alone(work, since=_midnight(work))


def _midnight(work: Work) -> datetime:
    return work.now.replace(hour=0, minute=0, second=0, microsecond=0)


def _allowance(work: Work) -> Allowance | None:
    """What may still leave today without a second admin."""
    most = work.settings.payout_approval_cents
    if most <= 0:
        return None
    gone = queries.left_alone(work, since=_midnight(work))
    return Allowance(Money(most, CURRENCY), Money(max(most - gone, 0), CURRENCY))


def _payee_facts(payee: Payee | None, row: OpenPayout, adjustments: Sequence[Adjustment]) -> PayeeFacts:
    return PayeeFacts(
        user_id=row.payout.user_id,
        email=row.email,
        can_receive=payee is not None and payee.can_receive,
        has_account=payee is not None and payee.stripe_account_id is not None,
        requirements=tuple(str(r) for r in payee.requirements) if payee else (),
        held_reason=payee.held_reason if payee else None,
        adjustment=Money(sum(a.amount_cents for a in adjustments), CURRENCY),
    )


def _manual_note(payout: Payout) -> str | None:
    """An admin's hold, in the admin's words."""
    if payout.hold_reason is not HoldReason.MANUAL:
        return None
    return payout.hold_note or "held by hand"


def _rows(decided: Decided) -> list[PreviewRow]:
    takers = {carried: row.payout.id for row, decision in decided.payouts for carried in _pay(decision).carries}
    nothing = Money(0, CURRENCY)
    rows: list[PreviewRow] = []
    for row, decision in decided.payouts:
        base = Money(row.payout.earned_cents + row.payout.carried_cents, row.payout.currency)
        taker = takers.get(row.payout.id)
        carried, pays, held, reason, command = nothing, nothing, nothing, None, None
        if isinstance(decision, Pay):
            carried, pays, note = decision.brought, decision.amount, _carried_note(decision)
        elif isinstance(decision, Later):
            carried, held, note = decision.pay.brought, decision.pay.amount, decision.sentence
        elif taker is not None:
            carried, note = -base, f"carried to {short(taker)}"
        else:
            held, reason, note, command = base, decision.reason, decision.sentence, decision.command
        rows.append(
            PreviewRow(
                payout_id=row.payout.id,
                user_id=row.payout.user_id,
                payee=row.name,
                email=row.email,
                concert_date=row.concert_date,
                place=f"{row.city} {row.region}",
                earned=base,
                carried=carried,
                pays=pays,
                held=held,
                reason=reason,
                note=note,
                command=command,
            )
        )
    return rows


_NOTHING = Pay(Money(0, CURRENCY), Money(0, CURRENCY))


def _pay(decision: Decision) -> Pay:
    if isinstance(decision, Hold):
        return _NOTHING
    return decision.pay if isinstance(decision, Later) else decision


def _carried_note(pay: Pay) -> str:
    parts: list[str] = []
    if pay.carries:
        parts.append("takes along " + ", ".join(short(i) for i in pay.carries))
    if pay.brought.cents < 0:
        parts.append("a debt is taken off")
    return "; ".join(parts)
