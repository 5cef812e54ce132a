"""What the law keeps of money stays; who it was does not."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from tourpad.core.identity.errors import ErasureRefused
from tourpad.core.payments import queries, rules
from tourpad.core.payments.models import MoneyIntent, Payment, Refund, StripeEvent
from tourpad.core.work import Work


def refuse_erasure(work: Work, *, user_id: UUID) -> None:
    """Object while money of this person is on its way or disputed.

    Raises:
        ErasureRefused: saying what is.
    """
    disputed, returning = queries.count_undecided_of(work, user_id)
    if disputed:
        raise ErasureRefused(f"{disputed} of their payments is disputed", "the bank decides first")
    if returning:
        raise ErasureRefused("a refund to them is on its way", "try again when it has arrived")


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank what a payer's payments say beside the money, and what Stripe told about them."""
    paid = queries.ids_of_payer(work, user_id)
    for kind in rules.NAMELESS:
        work.session.execute(
            update(Payment)
            .where(Payment.id.in_(paid), Payment.kind == kind)
            .values(
                description=rules.NAMELESS[kind],
                payer_name=None,
                card_brand=None,
                card_last4=None,
                client_secret=None,
                failure_message=None,
            )
        )
    _forget_calls(work, paid)
    _forget_reasons(work, paid)
    customer = queries.customer_of(work, user_id)
    if customer is not None:
        # What an event says is fetched afresh when it is processed; afterwards nobody reads it.
        work.session.execute(
            update(StripeEvent).where(StripeEvent.id.in_(queries.processed_about(work, customer))).values(payload={})
        )


def forget_names(work: Work, *, concert_ids: Collection[UUID]) -> None:
    """Take an artist's or host's name off what others paid for their shows."""
    paid = queries.ids_for_concerts(work, concert_ids)
    for kind, text in rules.NAMELESS.items():
        work.session.execute(update(Payment).where(Payment.id.in_(paid), Payment.kind == kind).values(description=text))
    _forget_calls(work, paid)
    _forget_reasons(work, paid)


def _forget_reasons(work: Work, payment_ids: Collection[UUID]) -> None:
    """Why money went back is said in an admin's, an artist's or a host's own words; that it went, and when, stays."""
    work.session.execute(
        update(Refund).where(Refund.payment_id.in_(payment_ids)).values(reason=rules.ERASED, failure_reason=None)
    )


def _forget_calls(work: Work, payment_ids: Collection[UUID]) -> None:
    """Calls that are over say no more what was bought; one under way is sent again as it was."""
    work.session.execute(
        update(MoneyIntent)
        .where(MoneyIntent.id.in_(queries.finished_calls(work, payment_ids)))
        .values(params=MoneyIntent.params.op("-")("description"), error_message=None)
    )
