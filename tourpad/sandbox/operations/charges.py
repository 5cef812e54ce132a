"""Charges: made by payment intents, read by `/v1/charges`; https://docs.stripe.com/api/charges."""

from tourpad.sandbox import cards, clock, money, render
from tourpad.sandbox.errors import Obj
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import disputes
from tourpad.sandbox.operations.payment_methods import card_of
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

DAYS_UNTIL_AVAILABLE = 2


def build(tx: Tx, intent: Obj, method: Obj, *, authenticated: bool) -> Obj:
    """Make the charge of a payment intent with the outcome of its test card (not yet stored)."""
    card = card_of(method)
    failed = card.decline is not None
    decline = card.decline[1] if card.decline else None
    charge_id = tx.new_id("ch_3", 23).replace("ch_3_", "ch_3")
    blocked = card.risk == "highest" and failed
    scores = {"normal": 12, "elevated": 68, "highest": 92}
    outcome: Obj = {
        "advice_code": "try_again_later" if failed else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "not_sent_to_network"
        if blocked
        else "declined_by_network"
        if failed
        else "approved_by_network",
        "reason": ("highest_risk_level" if blocked else decline) if failed else None,
        "risk_level": card.risk,
        "risk_score": scores[card.risk],
        "seller_message": f"The bank returned the decline code `{decline}`." if failed else "Payment complete.",
        "type": "blocked" if blocked else "issuer_declined" if failed else "authorized",
    }
    if outcome["advice_code"] is None:
        del outcome["advice_code"]
    face = method["card"]
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0 if failed else intent["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "TOURPAD",
        "captured": not failed,
        "created": tx.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": card.decline[0] if card.decline else None,
        "failure_message": cards.decline_message(*card.decline) if card.decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": outcome,
        "paid": not failed,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {
            "card": {
                "amount_authorized": None if failed else intent["amount"],
                "authorization_code": None if failed else charge_id[-6:].upper(),
                "brand": face["brand"],
                "checks": face["checks"],
                "country": face["country"],
                "exp_month": face["exp_month"],
                "exp_year": face["exp_year"],
                "fingerprint": face["fingerprint"],
                "funding": face["funding"],
                "installments": None,
                "last4": face["last4"],
                "mandate": None,
                "network": face["brand"],
                "network_token": {"used": False},
                "network_transaction_id": None if failed else charge_id[-15:],
                "regulated_status": "unregulated",
                "three_d_secure": _three_d_secure() if authenticated else None,
                "wallet": None,
            },
            "type": "card",
        },
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None if failed else f"{tx.store.base_url}/receipts/{charge_id}",
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "failed" if failed else "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"] or (None if intent["_"].get("invoice") else f"group_{intent['id']}"),
        "_": {"card": method["_"]["card"]},
    }


def _three_d_secure() -> Obj:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def succeeded(tx: Tx, charge: Obj) -> None:
    """Tell of a charge; its balance transaction follows in `after`, as with Stripe's asynchronous capture."""
    tx.add(charge)
    emit(tx, "charge.succeeded", charge)


def after(tx: Tx, charge: Obj) -> None:
    """Post a charge's balance transaction, tell of it, and let the test card's dispute or warning follow."""
    card = cards.CARDS[charge["_"]["card"]]
    entry = money.post(
        tx,
        "charge",
        amount=charge["amount"],
        fee=money.charge_fee(charge["amount"]),
        source=charge["id"],
        currency=charge["currency"],
        available_on=tx.now if card.bypass else clock.business_days_after(tx.now, DAYS_UNTIL_AVAILABLE),
        description=charge["description"],
    )
    charge["balance_transaction"] = entry["id"]
    tx.save(charge)
    emit(tx, "charge.updated", charge, {"balance_transaction": None, "receipt_url": None})
    if card.warning:
        disputes.warn(tx, charge)
    if card.dispute:
        share, odd = divmod(charge["amount"], card.disputes)
        for number in range(card.disputes):
            disputes.begin(tx, charge, reason=card.dispute, amount=share + (odd if number == 0 else 0))


@operation("GET", "/v1/charges/{charge}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a charge."""
    return tx.get(call.id, "charge")


@operation("POST", "/v1/charges/{charge}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a charge's description, metadata or fraud report."""
    charge, given = tx.live(call.id, "charge"), call.params
    for name in ("description", "receipt_email", "transfer_group"):
        if name in given:
            charge[name] = render.cleared(given[name])
    if "fraud_details" in given:
        charge["fraud_details"] = given["fraud_details"]
    if "metadata" in given:
        charge["metadata"] = render.metadata(charge["metadata"], given["metadata"])
    tx.save(charge)
    emit(tx, "charge.updated", charge, {})
    return charge


@operation("GET", "/v1/charges")
def index(tx: Tx, call: Call) -> Obj:
    """List charges."""
    return render.page(tx, "charge", call.params, "/v1/charges")


@render.includable("charge", "refunds")
def _refunds(tx: Tx, charge: Obj) -> Obj:
    rows = tx.select("refund", {"charge": charge["id"]})
    return render.listing([render.show(tx, row) for row in rows], f"/v1/charges/{charge['id']}/refunds")
