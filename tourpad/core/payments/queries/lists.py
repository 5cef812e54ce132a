"""Lists for people: payments and disputes, filtered and paged."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, case, func, or_, select

from tourpad.core.identity.models import User
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.payments.models import Dispute, Payment
from tourpad.core.payments.states import DisputeState, PaymentKind, PaymentState
from tourpad.core.values import Value
from tourpad.core.work import Work


class PaymentFilter(Value):
    """Which payments are wanted; what is None or empty does not matter."""

    user_id: UUID | None = None
    concert_id: UUID | None = None
    states: Sequence[PaymentState] = msgspec.field(default_factory=tuple[PaymentState, ...])
    kinds: Sequence[PaymentKind] = msgspec.field(default_factory=tuple[PaymentKind, ...])
    since: datetime | None = None


class PaymentRow(Value):
    """A payment, and who pays."""

    payment: Payment
    payer_name: str
    payer_email: str


class DisputeRow(Value):
    """A dispute, its payment, and who paid."""

    dispute: Dispute
    payment: Payment
    payer_name: str


def payments(work: Work, wanted: PaymentFilter, *, page: int = 1, limit: int = 50) -> tuple[list[PaymentRow], int]:
    """One page of payments, newest first, and how many there are in all."""
    conditions = _conditions(wanted)
    total = work.session.scalar(select(func.count()).select_from(Payment).where(*conditions)) or 0
    rows = work.session.execute(
        select(Payment, func.coalesce(Payment.payer_name, User.name), User.email)
        .join(User, User.id == Payment.user_id)
        .where(*conditions)
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(limit)
        .offset((page - 1) * limit)
    )
    return [PaymentRow(*row) for row in rows], total


def disputes(work: Work, *, states: Sequence[DisputeState] = (), limit: int = 50) -> tuple[list[DisputeRow], int]:
    """Disputes, the most urgent to answer first, then the newest; and how many there are in all."""
    conditions = [Dispute.state.in_(states)] if states else []
    total = work.session.scalar(select(func.count()).select_from(Dispute).where(*conditions)) or 0
    rows = work.session.execute(
        select(Dispute, Payment, func.coalesce(Payment.payer_name, User.name))
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(User, User.id == Payment.user_id)
        .where(*conditions)
        .order_by(
            (Dispute.state != DisputeState.NEEDS_RESPONSE),
            case((Dispute.state == DisputeState.NEEDS_RESPONSE, Dispute.evidence_due_at)).asc().nulls_last(),
            Dispute.opened_at.desc(),
            Dispute.id.desc(),
        )
        .limit(limit)
    )
    return [DisputeRow(*row) for row in rows], total


def dispute_row(work: Work, dispute_id: UUID) -> DisputeRow:
    """One dispute with its payment. The id is known to exist."""
    row = work.session.execute(
        select(Dispute, Payment, func.coalesce(Payment.payer_name, User.name))
        .join(Payment, Payment.id == Dispute.payment_id)
        .join(User, User.id == Payment.user_id)
        .where(Dispute.id == dispute_id)
    ).one()
    return DisputeRow(*row)


def payments_by_stripe_name(work: Work, beginning: str) -> dict[str, UUID]:
    """Payments by their payment intent or charge at Stripe whose id begins so; at most two, which is one too many."""
    names = (Payment.stripe_payment_intent_id, Payment.stripe_charge_id)
    begins = [name.startswith(beginning, autoescape=True) for name in names]
    rows = work.session.execute(select(*names, Payment.id).where(or_(*begins)).limit(2))
    return {name: row[2] for row in rows for name in row[:2] if name and name.startswith(beginning)}


def disputes_by_stripe_name(work: Work, beginning: str) -> dict[str, UUID]:
    """Our rows for Stripe's disputes whose id begins so; at most two, which is one too many."""
    name = Dispute.stripe_dispute_id
    rows = work.session.execute(select(name, Dispute.id).where(name.startswith(beginning, autoescape=True)).limit(2))
    return {row[0]: row[1] for row in rows}


def payer_of(work: Work, payment: Payment) -> PaymentRow:
    """One payment, and who pays."""
    row = work.session.execute(select(User.name, User.email).where(User.id == payment.user_id)).one()
    return PaymentRow(payment, payment.payer_name or row[0], row[1])


def admins(work: Work) -> list[UUID]:
    """Whoever looks after the house."""
    return list(
        work.session.scalars(
            select(User.id).where(User.user_type == UserType.ADMIN, User.state == UserState.ACTIVE).order_by(User.id)
        )
    )


def names_of(work: Work, user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What people are called, by their ids."""
    rows = work.session.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
    return {row[0]: row[1] for row in rows}


def _conditions(wanted: PaymentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.user_id is not None:
        conditions.append(Payment.user_id == wanted.user_id)
    if wanted.concert_id is not None:
        conditions.append(Payment.concert_id == wanted.concert_id)
    if wanted.states:
        conditions.append(Payment.state.in_(wanted.states))
    if wanted.kinds:
        conditions.append(Payment.kind.in_(wanted.kinds))
    if wanted.since is not None:
        conditions.append(Payment.created_at >= wanted.since)
    return conditions
