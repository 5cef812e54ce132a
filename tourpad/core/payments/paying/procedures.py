"""A page of Stripe's on which exactly what is owed is paid: made once, the same for everybody who follows the link."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.payments import queries, service
from tourpad.core.payments.errors import AlreadyPaidError
from tourpad.core.payments.procedures import end_open, ensure_customer, noted
from tourpad.core.payments.rules import Due

if TYPE_CHECKING:
    from tourpad.core.payments.models import MoneyIntent, Payment
    from tourpad.core.platform import Platform

PAGE_LASTS = timedelta(minutes=35)
"""Stripe wants half an hour at least."""


def open_page(platform: "Platform", actor: Actor, *, due: Due, user_id: UUID, success_url: str, cancel_url: str) -> str:
    """The address of the page: of the one that is open for what is owed, or of a new one.

    What was begun in the app, or by another amount, is ended first: there is one way to pay at a time.

    Args:
        platform: where.
        actor: who.
        due: what is owed, computed by its own feature.
        user_id: who pays, or who answers for somebody without an account.
        success_url: where the payer goes afterwards.
        cancel_url: where they go who go back.

    Raises:
        NothingOwedError, BelowMinimumError: nothing that can be charged is owed.
        AlreadyPaidError: it is paid, perhaps this very moment.
        StripeDeclined: Stripe refuses it.
        StripeUncertain: Stripe did not answer; the next try goes on with the same key.
    """
    service.check_due(due)
    customer_id = None if due.payer_name else ensure_customer(platform, actor, user_id=user_id)
    while True:
        with platform.work(actor) as work:
            payment = service.open_payment(work, due=due, user_id=user_id)
            session_id = payment.stripe_checkout_session_id
            usable = service.matches(payment, due, user_id, on_page=True)
            if usable and session_id is None:
                params = service.page_params(
                    payment,
                    customer_id=customer_id,
                    success_url=success_url,
                    cancel_url=cancel_url,
                    expires_at=work.now + PAGE_LASTS,
                )
                intent = service.begin_charge(work, payment=payment, params=params)
                work.commit()
                break
        if usable and session_id is not None:
            session = platform.stripe.get_checkout_session(session_id)
            if session["status"] == "open":
                return str(session["url"])
            if session["status"] == "complete":
                raise AlreadyPaidError("It has just been paid.", payment_id=str(payment.id))
        end_open(platform, actor, payment)
    return str(_make(platform, actor, payment, intent)["url"])


def _make(platform: "Platform", actor: Actor, payment: "Payment", intent: "MoneyIntent") -> StripeDict:
    with noted(platform, actor, intent):
        made = platform.stripe.create_checkout_session(intent.params, key=intent.idempotency_key)
    with platform.work(actor) as work:
        service.keep_page(work, payment=queries.get_payment_for_update(work, payment.id), made=made)
        work.commit()
    return made
