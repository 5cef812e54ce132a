"""Lists of payouts, and everything behind one of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from tourpad.core.concerts.models import Concert
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.ledger.models import Journal
from tourpad.core.payments.models import MoneyIntent, Payment
from tourpad.core.payments.states import IntentOperation
from tourpad.core.payouts.models import Payout, PayoutAdjustment, Settlement, SettlementLine
from tourpad.core.payouts.queries.deciding import OpenPayout
from tourpad.core.payouts.queries.settling import IN_POT
from tourpad.core.payouts.states import PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work


class PayoutFilter(Value):
    """What a list of payouts is narrowed to."""

    state: PayoutState | None = None
    user_id: UUID | None = None
    concert_id: UUID | None = None


class ChargeRow(Value):
    """A charge behind a settlement."""

    payment_id: UUID
    charge_id: str | None
    kind: str
    amount_cents: int
    refunded_cents: int
    fee_cents: int | None
    completed_at: datetime | None
    lost_cents: int
    """Taken back by a dispute that was lost."""

    @property
    def left_cents(self) -> int:
        """What has not gone back."""
        return self.amount_cents - self.refunded_cents - self.lost_cents


def get(work: Work, payout_id: UUID) -> Payout:
    """One payout.

    Raises:
        NotFoundError: there is none with this id.
    """
    payout = work.session.get(Payout, payout_id)
    if payout is None:
        raise NotFoundError("There is no payout with this id.", hint="tourpad payouts list shows them.")
    return payout


def get_for_update(work: Work, payout_id: UUID) -> Payout:
    """One payout, locked: a run and an admin don't move it at once.

    Raises:
        NotFoundError: there is none with this id.
    """
    payout = work.session.scalar(
        select(Payout).where(Payout.id == payout_id).with_for_update().execution_options(populate_existing=True)
    )
    if payout is None:
        raise NotFoundError("There is no payout with this id.", hint="tourpad payouts list shows them.")
    return payout


def list_payouts(work: Work, wanted: PayoutFilter, *, offset: int, limit: int) -> tuple[list[OpenPayout], int]:
    """Payouts, the newest first, and how many there are in all."""
    conditions = [
        column == value
        for column, value in (
            (Payout.state, wanted.state),
            (Payout.user_id, wanted.user_id),
            (Payout.concert_id, wanted.concert_id),
        )
        if value is not None
    ]
    total = work.session.scalar(select(func.count()).select_from(Payout).where(*conditions)) or 0
    rows = work.session.execute(
        select(Payout, User.name, User.email, Concert.date, Host.city, Host.state)
        .join(User, User.id == Payout.user_id)
        .join(Concert, Concert.id == Payout.concert_id)
        .join(Host, Host.id == Concert.host_id)
        .where(*conditions)
        .order_by(Payout.created_at.desc(), Payout.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [OpenPayout(*row) for row in rows], total


def settlement_lines(work: Work, payouts: Sequence[Payout]) -> dict[UUID, list[SettlementLine]]:
    """The settlement's lines behind payouts, by payout. A second one of a concert and payee has none."""
    first = {(p.concert_id, p.user_id): p.id for p in payouts if p.seq == 1}
    found: dict[UUID, list[SettlementLine]] = {}
    if not first:
        return found
    rows = work.session.execute(
        select(Settlement.concert_id, SettlementLine)
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .where(Settlement.concert_id.in_({concert_id for concert_id, _ in first}))
        .order_by(SettlementLine.settlement_id, SettlementLine.position)
    )
    for concert_id, line in rows:
        payout_id = first.get((concert_id, line.user_id))
        if payout_id:
            found.setdefault(payout_id, []).append(line)
    return found


def taken_along(work: Work, payout_ids: Sequence[UUID]) -> dict[UUID, list[OpenPayout]]:
    """The payouts that others have taken along, by the taker."""
    rows = work.session.execute(
        select(Payout, User.name, User.email, Concert.date, Host.city, Host.state)
        .join(User, User.id == Payout.user_id)
        .join(Concert, Concert.id == Payout.concert_id)
        .join(Host, Host.id == Concert.host_id)
        .where(Payout.carried_into.in_(payout_ids))
        .order_by(Payout.due_at, Payout.id)
    )
    found: dict[UUID, list[OpenPayout]] = {}
    for row in rows:
        carried = OpenPayout(*row)
        if carried.payout.carried_into:
            found.setdefault(carried.payout.carried_into, []).append(carried)
    return found


def adjustments_of(work: Work, payout_ids: Sequence[UUID]) -> dict[UUID, list[PayoutAdjustment]]:
    """The adjustments that payouts have taken along, by payout."""
    found: dict[UUID, list[PayoutAdjustment]] = {}
    for row in work.session.scalars(
        select(PayoutAdjustment).where(PayoutAdjustment.payout_id.in_(payout_ids)).order_by(PayoutAdjustment.id)
    ):
        found.setdefault(row.payout_id, []).append(row)
    return found


BEHIND = ("charge", "refund", "dispute", "settlement")
"""Sources of postings that decide what a show earns."""


def journals_behind(work: Work, payout_id: UUID) -> list[UUID]:
    """Every journal behind a payout: what its show took in and gave back, its settlement, its transfer.

    Of each payout that it took along, too, and what else came onto the payee's account and was taken along.

    Raises:
        NotFoundError: there is none with this id.
    """
    payouts = [get(work, payout_id)]
    for payout in payouts:  # grows as it goes
        payouts += work.session.scalars(select(Payout).where(Payout.carried_into == payout.id))
    ids = [payout.id for payout in payouts]
    adjusted = select(PayoutAdjustment.journal_id).where(PayoutAdjustment.payout_id.in_(ids))
    rows = work.session.scalars(
        select(Journal.id).where(
            or_(
                and_(
                    Journal.concert_id.in_([payout.concert_id for payout in payouts if payout.seq == 1]),
                    Journal.source_type.in_(BEHIND),
                ),
                and_(
                    Journal.concert_id.in_([payout.concert_id for payout in payouts]),
                    Journal.details["payout_id"].astext.in_([str(i) for i in ids]),
                ),
                Journal.id.in_(adjusted),
            )
        )
    )
    return list(rows)


def charges(work: Work, concert_id: UUID) -> list[ChargeRow]:
    """The charges of a concert, in the order in which they came."""
    rows = work.session.execute(
        select(
            Payment.id,
            Payment.stripe_charge_id,
            Payment.kind,
            Payment.amount_cents,
            Payment.refunded_cents,
            Payment.fee_cents,
            Payment.completed_at,
            Payment.lost_cents,
        )
        .where(Payment.concert_id == concert_id, Payment.state.in_(IN_POT))
        .order_by(Payment.completed_at, Payment.id)
    )
    return [ChargeRow(row[0], row[1], row[2].value, *row[3:]) for row in rows]


def transfer_intent(work: Work, payout_id: UUID) -> MoneyIntent | None:
    """The call that carries a payout out, where one was ever planned."""
    return work.session.scalar(
        select(MoneyIntent)
        .where(MoneyIntent.subject_id == payout_id, MoneyIntent.operation == IntentOperation.TRANSFER)
        .order_by(MoneyIntent.created_at.desc())
        .limit(1)
    )


def by_transfer(work: Work, transfer_id: str) -> Payout | None:
    """The payout that a transfer carried out, locked."""
    return work.session.scalar(
        select(Payout)
        .where(Payout.stripe_transfer_id == transfer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def next_seq(work: Work, concert_id: UUID, user_id: UUID) -> int:
    """The number of the next payout of one concert to one payee."""
    last = work.session.scalar(
        select(func.max(Payout.seq)).where(Payout.concert_id == concert_id, Payout.user_id == user_id)
    )
    return (last or 0) + 1
