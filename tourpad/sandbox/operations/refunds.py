"""`/v1/refunds`: https://docs.stripe.com/refunds."""

from tourpad.sandbox import cards, clock, money, render
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations.disputes import resolve as close_dispute
from tourpad.sandbox.registry import Call, due, operation
from tourpad.sandbox.store import Tx

AT_THE_BANK = ("needs_response", "under_review")
ASKING = ("warning_needs_response", "warning_under_review")
DAYS_UNTIL_SETTLED = 1


@operation("POST", "/v1/refunds")
def create(tx: Tx, call: Call) -> Obj:
    """Refund all of a charge's rest, or `amount` of it (cents). Stripe's fee is not returned."""
    given = call.params
    for name in ("reverse_transfer", "refund_application_fee", "origin", "instructions_email"):
        if given.get(name):
            message = (
                f"The sandbox does not do '{name}': with separate charges and transfers there is "
                "nothing for it to act on."
            )
            raise refused(message, param=name)
    charge = _charge(tx, given)
    disputes = tx.select("dispute", {"charge": charge["id"]}) if charge["disputed"] else []
    lost = sum(dispute["amount"] for dispute in disputes if dispute["status"] == "lost")
    # What a bank has taken for good is gone; the rest of a charge that was disputed in part can still go back.
    rest = max(0, charge["amount"] - charge["amount_refunded"] - lost)
    if any(dispute["status"] in AT_THE_BANK for dispute in disputes) or (lost and rest == 0):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise refused(message, code="charge_disputed")
    if rest == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise refused(message, code="charge_already_refunded")
    amount = given.get("amount", rest)
    if amount < 1:
        message = "Invalid positive integer"
        raise refused(message, code="parameter_invalid_integer", param="amount")
    if amount > rest:
        message = (
            f"Refund amount (${amount / 100:,.2f}) is greater than unrefunded amount on charge (${rest / 100:,.2f})"
        )
        raise refused(message, param="amount")
    card = cards.CARDS[charge["_"]["card"]]
    refund: Obj = {
        "id": tx.new_id("re_3", 23).replace("re_3_", "re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "destination_details": {
            "card": {
                "reference": None,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": render.metadata({}, given.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if card.refund == "pending" else "succeeded",
        "transfer_reversal": None,
    }
    del refund["destination_details"]["card"]["reference"]
    paid = tx.find(charge["balance_transaction"], "balance_transaction") or {}
    entry = money.post(
        tx,
        "refund",
        amount=-amount,
        source=refund["id"],
        currency=charge["currency"],
        available_on=paid.get("available_on"),
        description=f"REFUND FOR CHARGE ({charge['description']})" if charge["description"] else "REFUND FOR CHARGE",
    )
    refund["balance_transaction"] = entry["id"]
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    tx.save(charge)
    tx.add(refund)
    if card.refund != "succeeded":
        tx.schedule("refund.settle", refund["id"], clock.business_days_after(tx.now, DAYS_UNTIL_SETTLED))
    emit(tx, "refund.created", refund)
    emit(tx, "charge.refunded", charge, before)
    if charge["refunded"]:  # which answers a bank that only asks
        for dispute in (found for found in disputes if found["status"] in ASKING):
            close_dispute(tx, dispute, "won")
    return refund


def _charge(tx: Tx, given: Obj) -> Obj:
    if given.get("charge"):
        charge = tx.get(given["charge"], "charge", "charge")
    elif given.get("payment_intent"):
        intent = tx.get(given["payment_intent"], "payment_intent", "payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise refused(message, code="payment_intent_unexpected_state")
        charge = tx.get(intent["latest_charge"], "charge", "charge")
    else:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise refused(message, code="parameter_missing")
    if charge["status"] != "succeeded":
        message = f"Charge {charge['id']} was not successful; cannot refund it."
        raise refused(message, param="charge")
    return charge


@due("refund.settle")
def settle(tx: Tx, refund_id: str) -> None:
    """Let a pending refund succeed, and one on the failing test card fail."""
    refund = tx.get(refund_id, "refund")
    charge = tx.get(refund["charge"], "charge")
    resolve(tx, refund, "failed" if cards.CARDS[charge["_"]["card"]].refund == "fails" else "succeeded")


def resolve(tx: Tx, refund: Obj, outcome: str) -> Obj:
    """Move a refund to succeeded, failed or canceled.

    The money of the latter two comes back to the balance.
    """
    allowed = ("pending", "requires_action", "succeeded") if outcome == "failed" else ("pending", "requires_action")
    if refund["status"] not in allowed:
        message = f"This refund has a status of {refund['status']}; it cannot become {outcome}."
        raise refused(message)
    tx.unschedule("refund.settle", refund["id"])
    before = {"status": refund["status"]}
    refund["status"] = outcome
    if outcome in ("failed", "canceled"):
        kind = "refund_failure"
        entry = money.post(tx, kind, amount=refund["amount"], source=refund["id"], currency=refund["currency"])
        refund["failure_balance_transaction"] = entry["id"]
        if outcome == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
        charge = tx.get(refund["charge"], "charge")
        changed = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        tx.save(charge)
        emit(tx, "charge.updated", charge, changed)
    tx.save(refund)
    emit(tx, "refund.failed" if outcome == "failed" else "refund.updated", refund, before)
    emit(tx, "charge.refund.updated", refund, before)
    return refund


@operation("GET", "/v1/refunds/{refund}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a refund."""
    return tx.get(call.id, "refund")


@operation("POST", "/v1/refunds/{refund}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a refund's metadata."""
    refund = tx.live(call.id, "refund")
    if "metadata" in call.params:
        refund["metadata"] = render.metadata(refund["metadata"], call.params["metadata"])
    tx.save(refund)
    emit(tx, "refund.updated", refund, {})
    return refund


@operation("POST", "/v1/refunds/{refund}/cancel")
def cancel(tx: Tx, call: Call) -> Obj:
    """Cancel a refund that waits for the customer; a card refund never does."""
    refund = tx.live(call.id, "refund")
    if refund["status"] != "requires_action":
        message = f"This refund cannot be canceled because it has a status of {refund['status']}."
        raise refused(message)
    return resolve(tx, refund, "canceled")


@operation("GET", "/v1/refunds")
def index(tx: Tx, call: Call) -> Obj:
    """List refunds."""
    return render.page(tx, "refund", call.params, "/v1/refunds")
