"""Every cent of one payout, back to the charges."""

from datetime import date, datetime
from uuid import UUID

from tourpad.core.errors import NotFoundError
from tourpad.core.money import Money, format_money
from tourpad.core.payouts import queries
from tourpad.core.payouts.models import Payout, Settlement
from tourpad.core.payouts.queries import ChargeRow, OpenPayout
from tourpad.core.payouts.queries.reversing import TakenBack, all_taken_back
from tourpad.core.payouts.rules import (
    WRITTEN_OFF,
    Decision,
    Hold,
    Later,
    Pay,
    SettlementTerms,
    door_text,
    guarantee_text,
    short,
)
from tourpad.core.payouts.service.deciding import decided_on
from tourpad.core.payouts.states import HoldReason, LineKind, PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work


class ExplainedLine(Value):
    """One amount, and why."""

    kind: LineKind
    amount: Money
    description: str


class Explanation(Value, kw_only=True):
    """One payout. `lines` add up to `total`, which is what the transfer paid or would pay."""

    payout_id: UUID
    user_id: UUID
    payee: str
    email: str
    concert_id: UUID
    concert_date: date
    place: str
    state: PayoutState
    came_in: tuple[ExplainedLine, ...]
    """What the concert's money was, for the eyes: not part of the sum."""
    lines: tuple[ExplainedLine, ...]
    total: Money
    charges: tuple[ChargeRow, ...]
    due_at: datetime
    hold_reason: HoldReason | None
    note: str | None
    """Where it stands, in words."""
    command: str | None
    """What helps, where something does."""
    stripe_transfer_id: str | None
    sent_at: datetime | None
    taken_back: tuple[TakenBack, ...]
    """What came back of the transfer since: not part of the sum."""
    carried_into: UUID | None


def explain(work: Work, *, payout_id: UUID) -> Explanation:
    """Say where every cent of a payout comes from, and how it stands.

    Raises:
        NotFoundError: there is no such payout.
    """
    row = queries.described(work, payout_id)
    if row is None:
        raise NotFoundError("There is no payout with this id.", hint="tourpad payouts list shows them.")
    payout = row.payout
    lines = [*_earned(work, payout), *_taken_along(work, payout)]
    reason, note, command = _standing(work, row)
    if payout.state in queries.OPEN:
        lines += _would_take(work, row)
    total = Money(sum(line.amount.cents for line in lines), payout.currency)
    settlement = queries.settlement_of(work, payout.concert_id)
    return Explanation(
        payout_id=payout.id,
        user_id=payout.user_id,
        payee=row.name,
        email=row.email,
        concert_id=payout.concert_id,
        concert_date=row.concert_date,
        place=f"{row.city} {row.region}",
        state=payout.state,
        came_in=tuple(took_in(settlement)) if settlement and payout.seq == 1 else (),
        lines=tuple(lines),
        total=total,
        charges=tuple(queries.charges(work, payout.concert_id)),
        due_at=payout.due_at,
        hold_reason=reason,
        note=note,
        command=command,
        stripe_transfer_id=payout.stripe_transfer_id,
        sent_at=payout.sent_at,
        taken_back=tuple(all_taken_back(work, [payout]).get(payout.id, ())),
        carried_into=payout.carried_into,
    )


def took_in(settlement: Settlement) -> list[ExplainedLine]:
    """What was divided."""

    def money(cents: int) -> Money:
        return Money(cents, settlement.currency)

    kept = settlement.terms
    terms = SettlementTerms(
        door_paid=money(kept["door_paid_cents"]),
        door_returned=money(kept["door_returned_cents"]),
        door_lost=money(kept.get("door_lost_cents", 0)),
        door_price=money(kept["door_price_cents"]),
        guarantee=money(settlement.guarantee_cents),
        processing_fees=money(settlement.processing_fee_cents),
        platform_fee_bps=kept["platform_fee_bps"],
        artist_door_bps=kept["artist_door_bps"],
        offer_number=kept["offer_number"],
        offer_accepted_on=None,
        is_forfeited=kept.get("is_forfeited", False),
    )
    lines = [] if terms.is_forfeited else [ExplainedLine(LineKind.DOOR_SHARE, terms.door, door_text(terms))]
    if terms.guarantee:
        lines.append(ExplainedLine(LineKind.GUARANTEE, terms.guarantee, guarantee_text(terms)))
    return lines


def _earned(work: Work, payout: Payout) -> list[ExplainedLine]:
    own = queries.settlement_lines(work, [payout]).get(payout.id, [])
    return [ExplainedLine(line.kind, Money(line.amount_cents, payout.currency), line.description) for line in own]


def _taken_along(work: Work, payout: Payout) -> list[ExplainedLine]:
    """What a claim has put into it: smaller payouts, debts, money that came back."""
    carried = [carried_line(work, row) for row in queries.taken_along(work, [payout.id]).get(payout.id, [])]
    adjusted = [
        adjustment_line(row.amount_cents, row.description, payout.currency)
        for row in queries.adjustments_of(work, [payout.id]).get(payout.id, [])
    ]
    return [*carried, *adjusted]


def _would_take(work: Work, row: OpenPayout) -> list[ExplainedLine]:
    """What it would take along if it left now."""
    for decided in decided_on(work, [row.payout.user_id]):
        others = {other.payout.id: other for other, _ in decided.payouts}
        for other, decision in decided.payouts:
            pay = would_pay(decision)
            if other.payout.id == row.payout.id and pay:
                adjusted = decided.adjustments if pay.adjusts else ()
                return [
                    *(carried_line(work, others[carried]) for carried in pay.carries),
                    *(adjustment_line(a.amount_cents, a.description, row.payout.currency) for a in adjusted),
                ]
    return []


def would_pay(decision: Decision) -> Pay | None:
    """What a payout pays, or would pay if only what keeps it now were over."""
    if isinstance(decision, Hold):
        return decision.would
    return decision.pay if isinstance(decision, Later) else decision


def carried_line(work: Work, row: OpenPayout) -> ExplainedLine:
    """Another payout that was taken along: what it was too little for, or what ate it."""
    cents = row.payout.earned_cents + row.payout.carried_cents
    small = cents < work.settings.payout_minimum_cents
    why = "a debt" if cents < 0 else "below the minimum" if small else "kept for a debt"
    where = f"{row.city} {row.region}, {row.concert_date.day} {row.concert_date:%b %Y}"
    text = f"carried from {where} ({why}, {short(row.payout.id)})"
    return ExplainedLine(LineKind.CARRIED, Money(cents, row.payout.currency), text)


def adjustment_line(cents: int, description: str, currency: str) -> ExplainedLine:
    """A posting on the payee's account: the ledger's own words."""
    kind = LineKind.CARRIED
    if description.startswith("refund"):
        kind = LineKind.REFUND
    elif description.startswith("dispute"):
        kind = LineKind.DISPUTE
    elif description == WRITTEN_OFF:
        kind = LineKind.WRITE_OFF
    return ExplainedLine(kind, Money(cents, currency), description)


def _standing(work: Work, row: OpenPayout) -> tuple[HoldReason | None, str | None, str | None]:
    """How a payout stands, in words, and the command that helps."""
    payout = row.payout
    if payout.state in queries.OPEN:
        return _open_standing(work, row)
    name = short(payout.id)
    if payout.state is PayoutState.SENDING:
        return None, "being sent: Stripe's answer is waited for", f"tourpad payouts show {name}"
    if payout.state is PayoutState.FAILED:
        return None, f"Stripe refused it: {payout.failure_message}", f"tourpad payouts retry {name}"
    if payout.state is PayoutState.REVERSED:
        text = "the transfer was taken back: the money is owed again"
        return None, text, f"tourpad payouts retry {name}"
    if payout.state is PayoutState.CARRIED and payout.carried_into:
        into = short(payout.carried_into)
        return None, f"taken along by {into}", f"tourpad payouts explain {into}"
    return None, None, None


def _open_standing(work: Work, row: OpenPayout) -> tuple[HoldReason | None, str | None, str | None]:
    for decided in decided_on(work, [row.payout.user_id]):
        for other, decision in decided.payouts:
            if other.payout.id != row.payout.id:
                continue
            if isinstance(decision, Hold):
                return decision.reason, decision.sentence, decision.command
            pay = decision.pay if isinstance(decision, Later) else decision
            return None, f"leaves with the next run, {format_money(pay.amount)}", "tourpad payouts run"
    return None, None, None
