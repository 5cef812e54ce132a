"""May a payout leave now, and with how much? One answer for `preview` and for `run`.

A payee's open payouts are looked at in the order in which they fall due. What can't be paid on its own (too
little, or eaten by a debt) is brought along by the next one that can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tourpad.core.money import Money, format_money
from tourpad.core.payouts.rules.wording import (
    DisputeFact,
    day,
    dispute_text,
    first_dispute,
    requirements_text,
    short,
)
from tourpad.core.payouts.states import HoldReason
from tourpad.core.values import Value, replace


class PayeeFacts(Value, kw_only=True):
    """What is known of the one who is to be paid."""

    user_id: UUID
    email: str
    can_receive: bool
    has_account: bool
    requirements: tuple[str, ...] = ()
    held_reason: str | None = None
    """An admin's hold on everything."""
    adjustment: Money
    """On the payee's account in the ledger but in no payout: below zero a debt (refunds and disputes after
    the settlement), above zero money that came back (a transfer that was reversed)."""


class Consent(Value):
    """A request to let exactly this amount leave, and whether a second admin has approved it."""

    approval_id: UUID
    name: str
    amount: Money
    asked_by: str
    is_approved: bool


class PayoutFacts(Value, kw_only=True):
    """What is known of one payout that has not left."""

    payout_id: UUID
    base: Money
    """What it earned and what it has already taken along."""
    due_at: datetime
    held_note: str | None = None
    """An admin's hold on this one."""
    disputes: tuple[DisputeFact, ...] = ()
    consents: tuple[Consent, ...] = ()
    """Requests for it that can still be used."""


class Pay(Value):
    """It leaves, with this much."""

    amount: Money
    brought: Money
    """Of it, taken along from others and from adjustments."""
    carries: tuple[UUID, ...] = ()
    """The payouts that are taken along."""
    adjusts: bool = False
    """Whether the payee's adjustments are part of what is brought."""
    approval_id: UUID | None = None
    """The consent of two admins under which it leaves."""


class Hold(Value):
    """It stays, for a reason that has a name."""

    reason: HoldReason
    sentence: str
    command: str
    would: Pay | None = None
    """What would leave if only this reason were over, where its amount is known."""


class Later(Value):
    """It may leave, but whoever runs this does not want it now (`--limit`, `--max-total`, `--only`)."""

    pay: Pay
    sentence: str


Decision = Hold | Pay | Later


@dataclass(slots=True)
class Budget:
    """What one run may send. Counts as it goes."""

    limit: int | None = None
    """Transfers."""
    max_total: Money | None = None
    only: frozenset[UUID] | None = None
    """Payouts; None for all."""
    sent: int = 0
    total: Money | None = None

    def refuses(self, payout_id: UUID, amount: Money) -> str | None:
        """Why a payout is not wanted now, or None."""
        if self.only is not None and payout_id not in self.only:
            return "not asked for (--only)"
        if self.limit is not None and self.sent >= self.limit:
            return f"after {self.limit} transfer{'' if self.limit == 1 else 's'} (--limit)"
        after = self.total + amount if self.total else amount
        if self.max_total is not None and self.max_total < after:
            return f"over {format_money(self.max_total)} in all (--max-total)"
        return None

    def take(self, amount: Money) -> None:
        """Count one that is sent."""
        self.sent += 1
        self.total = self.total + amount if self.total else amount

    def copy(self) -> "Budget":
        """The same, to be counted on apart."""
        return replace(self)


@dataclass(slots=True)
class Allowance:
    """What may leave without a second admin. Counts as it goes."""

    most: Money
    """In one payout, and in all on one day (UTC)."""
    left: Money
    """Of the latter, after what has left."""


def decide(
    payout: PayoutFacts,
    payee: PayeeFacts,
    *,
    now: datetime,
    brought: Money,
    minimum: Money,
    available: Money | None,
    carries: tuple[UUID, ...] = (),
    allowance: Allowance | None = None,
) -> Hold | Pay:
    """Decide on one payout.

    Of several reasons the first of these is named: what lasts until somebody acts comes before what passes by
    itself (by hand, dispute, a payee who can't receive, two admins for a large one, its day, debt, minimum, two
    admins for many, money at Stripe).

    Args:
        payout: the payout.
        payee: its payee.
        now: the present instant.
        brought: what comes along with it (below zero: a debt).
        minimum: smaller amounts wait for the next payout.
        available: Stripe's balance that can be sent; None where it is not asked.
        carries: the payouts that `brought` stands for.
        allowance: what may leave without a second admin; None for any amount.
    """
    amount = payout.base + brought
    agreed = next((c for c in payout.consents if c.is_approved and c.amount == amount), None)
    alone = None if agreed else allowance
    pay = Pay(amount, brought, carries, approval_id=agreed.approval_id if agreed else None)
    kept = _kept_back(payout, payee) or _too_large(payout, pay, alone) or _too_early(payout, now)
    if kept:
        return kept
    explain = f"tourpad payouts explain {short(payout.payout_id)}"
    if amount.cents < 0:
        return Hold(HoldReason.DEBT, f"{format_money(-amount)} {OWED}", explain)
    if not amount and (brought or payout.base):
        return Hold(HoldReason.DEBT, "an earlier debt takes all of it", explain)
    if not amount or amount < minimum:
        least = f"below the minimum of {format_money(minimum)}"
        text = f"{format_money(amount)}{_brought_text(brought)} is {least}: carried to the next payout"
        return Hold(HoldReason.BELOW_MINIMUM, text, explain)
    if alone is not None and alone.left < amount:
        text = f"with it more than {format_money(alone.most)} would leave today: waits for another day, or"
        return _two_admins(payout, pay, text)
    if available is not None and available < amount:
        text = f"{format_money(amount)} is due, Stripe has {format_money(available)} available"
        return Hold(HoldReason.FUNDS_NOT_AVAILABLE, text, "tourpad ledger balances", pay)
    return pay


def _brought_text(brought: Money) -> str:
    """Why the amount is not what the show earned."""
    if not brought:
        return ""
    return (
        f" after {format_money(-brought)} owed to us" if brought.cents < 0 else f" with {format_money(brought)} before"
    )


def _owed(payout: PayoutFacts) -> Hold | None:
    """A payout below zero: a debt, whatever else is true of it."""
    if payout.base.cents >= 0:
        return None
    text = f"{format_money(-payout.base)} {OWED}"
    return Hold(HoldReason.DEBT, text, f"tourpad payouts explain {short(payout.payout_id)}")


def _kept_back(payout: PayoutFacts, payee: PayeeFacts) -> Hold | None:
    """What keeps a payout back until somebody acts, whatever its amount and its day."""
    name = short(payout.payout_id)
    if payout.held_note:
        return Hold(HoldReason.MANUAL, payout.held_note, f"tourpad payouts release {name}")
    if payee.held_reason:
        return Hold(HoldReason.MANUAL, payee.held_reason, f"tourpad payouts release {payee.email}")
    if payout.disputes:
        first = first_dispute(payout.disputes).stripe_id
        return Hold(HoldReason.DISPUTE, dispute_text(payout.disputes), f"tourpad disputes show {first}")
    if not payee.can_receive:
        return Hold(
            HoldReason.NOT_RECEIVING,
            requirements_text(payee.requirements, has_account=payee.has_account),
            f"tourpad users show {payee.email}",
        )
    return None


def _too_large(payout: PayoutFacts, pay: Pay, allowance: Allowance | None) -> Hold | None:
    """One payout that is too large for one admin. Said before its day, so that two can agree in time."""
    if allowance is None or pay.amount <= allowance.most:
        return None
    return _two_admins(payout, pay, f"{format_money(pay.amount)} is above {format_money(allowance.most)}: waits")


def _too_early(payout: PayoutFacts, now: datetime) -> Hold | None:
    if now >= payout.due_at:
        return None
    until = f"held until {day(payout.due_at)}"
    return Hold(HoldReason.HOLD_PERIOD, until, f"tourpad payouts explain {short(payout.payout_id)}")


def _two_admins(payout: PayoutFacts, pay: Pay, why: str) -> Hold:
    asked = next((c for c in payout.consents if c.amount == pay.amount), None)
    text, command = f"{why} for a second admin", f"tourpad payouts ask {short(payout.payout_id)}"
    if asked:
        text, command = f"{text}; {asked.asked_by} has asked", f"tourpad payouts approve {asked.name}"
    return Hold(HoldReason.APPROVAL, text, command, pay)


def decide_all(
    payouts: Sequence[PayoutFacts],
    payee: PayeeFacts,
    *,
    now: datetime,
    minimum: Money,
    available: Money | None = None,
    budget: Budget | None = None,
    allowance: Allowance | None = None,
) -> list[tuple[PayoutFacts, Decision]]:
    """Decide on all open payouts of one payee, earliest due first.

    `available` and `allowance` shrink and `budget` fills with each one paid; those that the budget refuses come
    out as `Later`. Debts come first: they wait for nothing. What would come along with a payout that waits for its
    amount's sake (two admins, funds) stays promised to it, so that no cent is asked for twice; a debt comes off
    whatever leaves first.
    """
    left, nothing = available, Money(0, payee.adjustment.currency)
    brought, carries, adjusts = payee.adjustment, (), bool(payee.adjustment)
    decided: list[tuple[PayoutFacts, Decision]] = []
    for payout in sorted(payouts, key=lambda p: (p.base >= nothing, p.due_at, p.payout_id)):
        decision = _owed(payout) or decide(
            payout,
            payee,
            now=now,
            brought=brought,
            minimum=minimum,
            available=left,
            carries=carries,
            allowance=allowance,
        )
        if isinstance(decision, Hold):
            if decision.reason in BROUGHT_ALONG:
                brought, carries = brought + payout.base, (*carries, payout.payout_id)
            if decision.would:
                decision = replace(decision, would=replace(decision.would, adjusts=adjusts))
                if brought > nothing:
                    brought, carries, adjusts = nothing, (), False
            decided.append((payout, decision))
            continue
        decision = replace(decision, adjusts=adjusts)
        refusal = budget.refuses(payout.payout_id, decision.amount) if budget else None
        if refusal:
            decided.append((payout, Later(decision, refusal)))
        else:
            decided.append((payout, decision))
            left = left - decision.amount if left is not None else None
            if budget:
                budget.take(decision.amount)
            if allowance and decision.approval_id is None:
                allowance.left -= decision.amount
        brought, carries, adjusts = nothing, (), False
    return decided


OWED = "is still owed to us and comes off the next payout"

BROUGHT_ALONG = frozenset({HoldReason.DEBT, HoldReason.BELOW_MINIMUM})
"""Held for these, a payout does not wait for anything of its own: the next one takes it along."""

PAYOUTS = "payouts"
"""The key of a request's parameters under which its payouts and their exact cents are."""
