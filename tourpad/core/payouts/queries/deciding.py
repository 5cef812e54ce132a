"""What is known when it is decided whether a payout may leave."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, Text, and_, cast, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from tourpad.core.approvals.models import Approval
from tourpad.core.concerts.models import Concert
from tourpad.core.hosts.models import Host
from tourpad.core.identity.models import User
from tourpad.core.ledger.models import Journal, Line
from tourpad.core.payments.models import Dispute, Payment
from tourpad.core.payments.states import DisputeState
from tourpad.core.payouts.models import Payee, Payout, PayoutAdjustment
from tourpad.core.payouts.rules import PAYOUTS, DisputeFact
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.values import Value
from tourpad.core.work import Work

OPEN = (PayoutState.PLANNED, PayoutState.HELD)
"""Not sent, and not taken along by another."""

OPEN_DISPUTES = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)

OWN_POSTINGS = (("settlement", "settled"), ("transfer", "intent"), ("transfer", "failed"))
"""Sources and purposes that payouts themselves post on a payee's account; all others are adjustments."""


class OpenPayout(Value):
    """A payout that has not left, with what a person wants to see of it."""

    payout: Payout
    name: str
    email: str
    concert_date: date
    city: str
    region: str


class Adjustment(Value):
    """One posting on a payee's account that no payout has taken along."""

    journal_id: UUID
    user_id: UUID
    amount_cents: int
    """In the payee's favour above zero."""
    description: str
    occurred_at: datetime


def payee_of(work: Work, user_id: UUID) -> Payee | None:
    """Somebody's row as a payee, where there is one."""
    return work.session.scalar(select(Payee).where(Payee.user_id == user_id))


def payee_for_update(work: Work, user_id: UUID, *, wait: bool = True) -> Payee | None:
    """The same, locked: what a payee is paid is decided by one at a time.

    Args:
        work: the unit of work.
        user_id: the person.
        wait: whether to wait for another who has it; else the answer is then None.
    """
    return work.session.scalar(
        select(Payee)
        .where(Payee.user_id == user_id)
        .with_for_update(skip_locked=not wait)
        .execution_options(populate_existing=True)
    )


def payee_by_account(work: Work, account_id: str) -> Payee | None:
    """Whose connected account it is, locked."""
    return work.session.scalar(
        select(Payee)
        .where(Payee.stripe_account_id == account_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def payees_with_open(work: Work) -> list[UUID]:
    """Everybody with a payout that has not left, whose earliest falls due first."""
    return list(
        work.session.scalars(
            select(Payout.user_id)
            .where(Payout.state.in_(OPEN))
            .group_by(Payout.user_id)
            .order_by(func.min(Payout.due_at), Payout.user_id)
        )
    )


def open_payouts(work: Work, user_ids: Sequence[UUID] | None = None) -> list[OpenPayout]:
    """Payouts that have not left, of some payees or of all, earliest due first."""
    query = _described().where(Payout.state.in_(OPEN))
    if user_ids is not None:
        query = query.where(Payout.user_id.in_(user_ids))
    rows = work.session.execute(query.order_by(Payout.due_at, Payout.id).execution_options(populate_existing=True))
    return [OpenPayout(*row) for row in rows]


def to_retry(work: Work) -> list[OpenPayout]:
    """Payouts that Stripe refused for good, or that came back, and that nobody has planned again; the oldest first."""
    again = aliased(Payout)
    planned = select(again.id).where(
        again.concert_id == Payout.concert_id, again.user_id == Payout.user_id, again.seq > Payout.seq
    )
    came_back = and_(Payout.state == PayoutState.REVERSED, ~planned.exists())
    query = _described().where(or_(Payout.state == PayoutState.FAILED, came_back))
    return [OpenPayout(*row) for row in work.session.execute(query.order_by(Payout.updated_at, Payout.id))]


def described(work: Work, payout_id: UUID) -> OpenPayout | None:
    """One payout, in whatever state, with what a person wants to see of it."""
    row = work.session.execute(_described().where(Payout.id == payout_id)).one_or_none()
    return OpenPayout(*row) if row else None


def _described() -> Select[Payout, str, str, date, str, str]:
    return (
        select(Payout, User.name, User.email, Concert.date, Host.city, Host.state)
        .join(User, User.id == Payout.user_id)
        .join(Concert, Concert.id == Payout.concert_id)
        .join(Host, Host.id == Concert.host_id)
    )


def is_being_paid(work: Work, user_id: UUID) -> bool:
    """Whether a transfer to this person is under way."""
    return (
        work.session.scalar(
            select(Payout.id).where(Payout.user_id == user_id, Payout.state == PayoutState.SENDING).limit(1)
        )
        is not None
    )


def payees_of(work: Work, concert_id: UUID) -> list[UUID]:
    """Who has a payout of a concert that has not left."""
    return list(
        work.session.scalars(
            select(Payout.user_id)
            .where(Payout.concert_id == concert_id, Payout.state.in_(OPEN))
            .distinct()
            .order_by(Payout.user_id)
        )
    )


def payees(work: Work, user_ids: Iterable[UUID]) -> dict[UUID, Payee]:
    """Payees by person."""
    rows = work.session.scalars(
        select(Payee).where(Payee.user_id.in_(list(user_ids))).execution_options(populate_existing=True)
    )
    return {row.user_id: row for row in rows}


def left_alone(work: Work, *, since: datetime) -> int:
    """Cents that have left from an instant on, or leave now, without two admins."""
    alone = Payout.approval_id.is_(None)
    sent = select(func.coalesce(func.sum(Payout.amount_cents), 0)).where(alone, Payout.sent_at >= since)
    leaving = select(func.coalesce(func.sum(Payout.amount_cents), 0)).where(alone, Payout.state == PayoutState.SENDING)
    return int(work.session.scalar(select(sent.scalar_subquery() + leaving.scalar_subquery())) or 0)


def claimed_under(work: Work, approval_id: UUID, payout_ids: Iterable[UUID]) -> int:
    """How many of some payouts have made use of a consent."""
    query = select(func.count()).select_from(Payout)
    return work.session.scalar(query.where(Payout.id.in_(list(payout_ids)), Payout.approval_id == approval_id)) or 0


def held_for(work: Work, reason: HoldReason) -> tuple[int, int]:
    """How many payouts are held for a reason, and their cents."""
    row = work.session.execute(
        select(func.count(), func.coalesce(func.sum(Payout.earned_cents + Payout.carried_cents), 0)).where(
            Payout.state == PayoutState.HELD, Payout.hold_reason == reason
        )
    ).one()
    return int(row[0]), int(row[1])


def owners(work: Work, payout_ids: Iterable[UUID]) -> list[UUID]:
    """Whose some payouts are, in the order in which payees are locked."""
    return list(
        work.session.scalars(
            select(Payout.user_id).where(Payout.id.in_(list(payout_ids))).distinct().order_by(Payout.user_id)
        )
    )


def adjustments(work: Work, user_ids: Iterable[UUID]) -> dict[UUID, list[Adjustment]]:
    """Postings on payees' accounts that no payout has taken along, by person, oldest first."""
    accounts = {f"payable:{user_id}": user_id for user_id in user_ids}
    found: dict[UUID, list[Adjustment]] = {}
    if not accounts:
        return found
    rows = work.session.execute(
        select(
            Line.account,
            Journal.id,
            func.sum(Line.amount_cents),
            Journal.description,
            Journal.occurred_at,
        )
        .join(Journal, Journal.id == Line.journal_id)
        .where(
            Line.account.in_(list(accounts)),
            tuple_(Journal.source_type, Journal.purpose).not_in(OWN_POSTINGS),
            ~select(PayoutAdjustment.id)
            .where(
                PayoutAdjustment.journal_id == Journal.id,
                func.concat("payable:", PayoutAdjustment.user_id) == Line.account,
            )
            .exists(),
        )
        .group_by(Line.account, Journal.id)
        .having(func.sum(Line.amount_cents) != 0)
        .order_by(Journal.number)
    )
    for account, journal_id, cents, description, at in rows:
        user_id = accounts[account]
        found.setdefault(user_id, []).append(Adjustment(journal_id, user_id, -int(cents), description, at))
    return found


def open_disputes(work: Work, payout_ids: Iterable[UUID]) -> dict[UUID, list[DisputeFact]]:
    """Open disputes on charges of the concerts of payouts and of what they have taken along, by payout."""
    ids = list(payout_ids)
    found: dict[UUID, list[DisputeFact]] = {}
    if not ids:
        return found
    taker = func.coalesce(Payout.carried_into, Payout.id)
    rows = work.session.execute(
        select(Payout.id, taker, Dispute.stripe_dispute_id, Dispute.evidence_due_at, Dispute.state)
        .join(Payment, Payment.concert_id == Payout.concert_id)
        .join(Dispute, Dispute.payment_id == Payment.id)
        .where(Dispute.state.in_(OPEN_DISPUTES), (Payout.id.in_(ids)) | (Payout.carried_into.in_(ids)))
        .order_by(Dispute.opened_at, Dispute.id)
    )
    for own_id, taker_id, stripe_id, due_at, state in rows:
        for payout_id in {own_id, taker_id}.intersection(ids):
            facts = found.setdefault(payout_id, [])
            if all(fact.stripe_id != stripe_id for fact in facts):
                facts.append(DisputeFact(stripe_id, due_at if state is DisputeState.NEEDS_RESPONSE else None))
    return found


def requests_about(user_id: UUID) -> Select[UUID]:
    """Requests for two admins' consent that are about a person, or about a payout to them."""
    theirs = select(cast(Payout.id, Text)).where(Payout.user_id == user_id).scalar_subquery()
    named = Approval.params[PAYOUTS].has_any(func.array(theirs))
    return select(Approval.id).where(or_(Approval.subject_id == user_id, named))
