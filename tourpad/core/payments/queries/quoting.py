"""What quotes add up."""

from uuid import UUID

from sqlalchemy import case, func, select

from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.values import Value
from tourpad.core.work import Work

ARRIVED = (PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED)


class Door(Value):
    """The door fees of a pot, in cents."""

    payments: int
    """Of which something may still go back."""
    left_cents: int
    fee_cents: int
    """What Stripe has taken for them."""
    disputed_cents: int


def door_of(work: Work, concert_id: UUID) -> Door:
    """How much of the door fees of a pot may still go back, and what banks have taken for disputes."""
    left = Payment.amount_cents - Payment.refunded_cents - Payment.lost_cents
    is_here = Payment.state.in_(ARRIVED)
    row = work.session.execute(
        select(
            func.count().filter(is_here),
            func.coalesce(func.sum(left).filter(is_here), 0),
            func.coalesce(func.sum(Payment.fee_cents).filter(is_here), 0),
            func.coalesce(func.sum(case((Payment.state == PaymentState.DISPUTED, left), else_=0)), 0),
        ).where(
            Payment.concert_id == concert_id,
            Payment.kind == PaymentKind.DOOR_FEE,
            Payment.refunded_cents + Payment.lost_cents < Payment.amount_cents,
        )
    ).one()
    return Door(*(int(value) for value in row))
