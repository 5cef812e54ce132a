"""What Stripe is told of a payment that begins: in the app, or on a page of Stripe's."""

from datetime import datetime

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.payments.models import Payment


def charge_params(payment: Payment, customer_id: str) -> StripeDict:
    """What Stripe is told of a payment that is made in the app."""
    params: StripeDict = {
        "amount": payment.amount_cents,
        "currency": payment.currency.lower(),
        "customer": customer_id,
        "description": payment.description,
        # Seats and dates wait for this money: methods that send the payer away settle days later, or never.
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        "metadata": {"kind": payment.kind.value, "charge_id": str(payment.id)},
    }
    if payment.concert_id is not None:
        params["transfer_group"] = f"concert_{payment.concert_id}"
        params["metadata"]["concert_id"] = str(payment.concert_id)
    return params


def page_params(
    payment: Payment, *, customer_id: str | None, success_url: str, cancel_url: str, expires_at: datetime
) -> StripeDict:
    """What Stripe is told of a payment that is made on a page of Stripe's (a Checkout Session).

    Args:
        payment: the open payment.
        customer_id: the payer's customer; None for somebody without an account.
        success_url: where the payer goes afterwards.
        cancel_url: where they go who go back.
        expires_at: until when the page can be used; Stripe wants half an hour at least.
    """
    ours = {"kind": payment.kind.value, "charge_id": str(payment.id), "intent_id": str(payment.id)}
    data: StripeDict = {"description": payment.description, "metadata": ours}
    if payment.concert_id is not None:
        data["transfer_group"] = f"concert_{payment.concert_id}"
        ours["concert_id"] = str(payment.concert_id)
    price = {
        "currency": payment.currency.lower(),
        "unit_amount": payment.amount_cents,
        "product_data": {"name": payment.description},
    }
    params: StripeDict = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "payment_intent_data": data,
        # As in the app: nothing that settles days later.
        "allowed_payment_method_types": ["card"],
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
        "metadata": {"kind": payment.kind.value, "charge_id": str(payment.id)},
    }
    if customer_id is not None:
        params["customer"] = customer_id
    return params
