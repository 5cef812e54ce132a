"""What Stripe may know of a payer, and that it has changed."""

from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.states import UserState
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries
from tourpad.core.work import Work


def customer_params(work: Work, *, user_id: UUID) -> StripeDict:
    """Name and address of a payer; of one who is erased, nobody's: Stripe takes no empty ones.

    Raises:
        NotFoundError: there is no such person.
    """
    user = get_user(work, user_id)
    if user.state is UserState.ERASED:
        return {"name": user.name, "email": f"{user_id}@erased.invalid"}
    return {"name": user.name, "email": user.email}


def customer_changed(work: Work, *, user_id: UUID) -> None:
    """Stripe is to be told by the next run of the job `customers-tell`, where it knows the person."""
    customer = queries.customer_for_update(work, user_id=user_id)
    if customer is None:
        return
    customer.item_state = ItemState.WAITING
    customer.attempts = 0
    customer.lease_until = None
    customer.due_at = work.now
    work.session.flush()
