"""Cancelled concerts: whom to tell and refund yet, and how far it is."""

from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select

from tourpad.core.bookings.queries import ARRIVED
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import OPEN
from tourpad.core.payments.models import Payment, Refund
from tourpad.core.payments.states import PaymentState, RefundState
from tourpad.core.values import Value
from tourpad.core.work import Work


def to_call_off(work: Work, concert_id: UUID, *, limit: int | None = None) -> list[UUID]:
    """Of a cancelled concert: parties that are not told yet, and those of whose door fee something is left.

    A refund that failed is not tried again by itself: admins are told, and a person looks.
    """
    gave_up = exists().where(
        Refund.payment_id == Payment.id,
        Refund.state == RefundState.FAILED,
        Refund.created_at >= Concert.cancelled_at,
        Refund.failure_reason != "dispute_open",
    )
    left = exists().where(
        Payment.reference_type == "rsvp",
        Payment.reference_id == Rsvp.id,
        Payment.state.in_(ARRIVED),
        Payment.refunded_cents + Payment.lost_cents < Payment.amount_cents,
        ~gave_up,
    )
    return list(
        work.session.scalars(
            select(Rsvp.id)
            .join(Concert, Concert.id == Rsvp.concert_id)
            .where(Rsvp.concert_id == concert_id, or_(Rsvp.state.in_(OPEN), left))
            .order_by(Rsvp.requested_at, Rsvp.id)
            .limit(limit)
        )
    )


class Refunding(Value):
    """How far the refunds of a cancelled show are. Amounts are cents."""

    total: int
    """Refunds in all: planned, and still to be planned."""
    total_cents: int
    sent: int
    """Stripe has taken them on."""
    sent_cents: int
    failed: int
    """They did not arrive, and a person must look."""
    at_banks: int
    """Disputed: the bank has the money."""
    to_tell: int
    """Parties that are not told yet, whether they had paid or not."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to be planned or sent."""
        return self.to_tell == 0 and self.sent >= self.total


def refunding(work: Work, concert: Concert) -> Refunding:
    """How far the refunds of door fees are, for a cancelled show. Three queries."""
    went = (RefundState.SENT, RefundState.SUCCEEDED)
    counts = work.session.execute(
        select(
            func.count().filter(Refund.state != RefundState.FAILED),
            func.coalesce(func.sum(Refund.amount_cents).filter(Refund.state != RefundState.FAILED), 0),
            func.count().filter(Refund.state.in_(went)),
            func.coalesce(func.sum(Refund.amount_cents).filter(Refund.state.in_(went)), 0),
            func.count().filter(and_(Refund.state == RefundState.FAILED, Refund.failure_reason != "dispute_open")),
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Payment.concert_id == concert.id,
            Payment.reference_type == "rsvp",
            Refund.created_at >= concert.cancelled_at,
        )
    ).one()
    planned, planned_cents, sent, sent_cents, failed = (int(value) for value in counts)
    left = Payment.amount_cents - Payment.refunded_cents - Payment.lost_cents
    here = Payment.state.in_(ARRIVED)
    waiting = work.session.execute(
        select(
            func.count().filter(here),
            func.coalesce(func.sum(left).filter(here), 0),
            func.count().filter(Payment.state == PaymentState.DISPUTED),
        ).where(Payment.concert_id == concert.id, Payment.reference_type == "rsvp", left > 0)
    ).one()
    return Refunding(
        total=planned + int(waiting[0]),
        total_cents=planned_cents + int(waiting[1]),
        sent=sent,
        sent_cents=sent_cents,
        failed=failed,
        at_banks=int(waiting[2]),
        to_tell=len(to_call_off(work, concert.id)),
    )


def refunds_to_send(work: Work, concert_id: UUID) -> list[UUID]:
    """Refunds of door fees of a concert that are planned and not sent, the oldest first."""
    return list(
        work.session.scalars(
            select(Refund.id)
            .join(Payment, Payment.id == Refund.payment_id)
            .where(
                Payment.concert_id == concert_id,
                Payment.reference_type == "rsvp",
                Refund.state.in_((RefundState.PLANNED, RefundState.SENDING)),
            )
            .order_by(Refund.created_at, Refund.id)
        )
    )
