"""`/v1/transfers` and their reversals: https://docs.stripe.com/connect/separate-charges-and-transfers."""

from tourpad.sandbox import config, money, render
from tourpad.sandbox.errors import Obj, StripeError, missing, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations.accounts import can_receive
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx


@operation("POST", "/v1/transfers")
def create(tx: Tx, call: Call) -> Obj:
    """Send `amount` cents of the available balance to a connected account that can receive."""
    given = call.params
    if "amount" not in given:
        message = "Missing required param: amount."
        raise refused(message, code="parameter_missing", param="amount")
    amount, currency = given["amount"], given["currency"]
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise refused(message, code="parameter_invalid_integer", param="amount")
    if currency != config.CURRENCY:
        message = f"Invalid currency: {currency}. The sandbox's account settles in {config.CURRENCY} only."
        raise refused(message, param="currency")
    destination = _destination(tx, given["destination"])
    charge = _source(tx, given, amount)
    if charge is None:
        money.require_available(tx, amount, currency, "transfer")
    transfer: Obj = {
        "id": tx.new_id("tr_1", 23).replace("tr_1_", "tr_1"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": tx.now,
        "currency": currency,
        "description": render.cleared(given.get("description")),
        "destination": destination["id"],
        "destination_payment": tx.new_id("py_1", 23).replace("py_1_", "py_1"),
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "reversals": None,
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": "card",
        "transfer_group": given.get("transfer_group") or (charge and charge["transfer_group"]),
    }
    transfer["reversals"] = render.listing([], f"/v1/transfers/{transfer['id']}/reversals")
    ready = None
    if charge:
        paid = tx.find(charge["balance_transaction"], "balance_transaction") or {}
        ready = paid.get("available_on")
    entry = money.post(
        tx,
        "transfer",
        amount=-amount,
        source=transfer["id"],
        currency=currency,
        available_on=ready,
        description=transfer["description"],
    )
    transfer["balance_transaction"] = entry["id"]
    tx.add(transfer)
    _receive(tx, transfer, ready)
    emit(tx, "transfer.created", transfer)
    return transfer


def _destination(tx: Tx, account_id: str) -> Obj:
    account = tx.find(account_id, "v2.core.account")
    if account is None or account["closed"]:
        raise missing("destination", account_id, "destination")
    if not can_receive(account):
        message = (
            "Your destination account needs to have at least one of the following capabilities enabled: "
            "transfers, crypto_transfers, legacy_payments"
        )
        raise refused(message, code="insufficient_capabilities_for_transfer")
    return account


def _source(tx: Tx, given: Obj, amount: int) -> Obj | None:
    if not given.get("source_transaction"):
        return None
    charge = tx.get(given["source_transaction"], "charge", "source_transaction")
    used = sum(
        row["amount"] - row["amount_reversed"]
        for row in tx.select("transfer")
        if row["source_transaction"] == charge["id"]
    )
    if used + amount > charge["amount"] - charge["amount_refunded"]:
        message = "The transfers of this source_transaction would exceed the charge's amount."
        raise refused(message, param="source_transaction")
    return charge


def _receive(tx: Tx, transfer: Obj, ready: int | None) -> None:
    """Write the payment that arrives on the connected account."""
    there = tx.scoped(transfer["destination"])
    entry = money.post(
        there,
        "payment",
        amount=transfer["amount"],
        source=transfer["destination_payment"],
        currency=transfer["currency"],
        available_on=ready,
    )
    there.add(
        {
            "id": transfer["destination_payment"],
            "object": "charge",
            "amount": transfer["amount"],
            "amount_captured": transfer["amount"],
            "amount_refunded": 0,
            "balance_transaction": entry["id"],
            "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
            "captured": True,
            "created": tx.now,
            "currency": transfer["currency"],
            "customer": None,
            "description": transfer["description"],
            "disputed": False,
            "livemode": False,
            "metadata": {},
            "outcome": None,
            "paid": True,
            "payment_intent": None,
            "payment_method": None,
            "payment_method_details": {"stripe_account": {}, "type": "stripe_account"},
            "refunded": False,
            "source_transfer": transfer["id"],
            "status": "succeeded",
            "transfer_group": transfer["transfer_group"],
        }
    )


@operation("GET", "/v1/transfers/{transfer}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a transfer."""
    return tx.get(call.id, "transfer")


@operation("POST", "/v1/transfers/{transfer}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a transfer's description or metadata."""
    transfer, given = tx.live(call.id, "transfer"), call.params
    if "description" in given:
        transfer["description"] = render.cleared(given["description"])
    if "metadata" in given:
        transfer["metadata"] = render.metadata(transfer["metadata"], given["metadata"])
    tx.save(transfer)
    emit(tx, "transfer.updated", transfer, {})
    return transfer


@operation("GET", "/v1/transfers")
def index(tx: Tx, call: Call) -> Obj:
    """List transfers, by group or destination."""
    return render.page(tx, "transfer", call.params, "/v1/transfers")


@operation("POST", "/v1/transfers/{id}/reversals")
def reverse(tx: Tx, call: Call) -> Obj:
    """Take back all of a transfer's rest, or `amount` of it, from the connected account's balance."""
    transfer, given = tx.live(call.id, "transfer"), call.params
    rest = transfer["amount"] - transfer["amount_reversed"]
    if rest == 0:
        message = f"Transfer {transfer['id']} is already fully reversed."
        raise refused(message)
    amount = given.get("amount", rest)
    if not 1 <= amount <= rest:
        message = f"Transfer reversal amount must be between 1 and the unreversed amount of the transfer ({rest})."
        raise refused(message, param="amount")
    there = tx.scoped(transfer["destination"])
    if amount > money.available(there, transfer["currency"]):
        message = "The account does not have sufficient funds to cover the transfer reversal."
        raise StripeError(message, code="balance_insufficient", param="amount")
    reversal: Obj = {
        "id": tx.new_id("trr_1", 23).replace("trr_1_", "trr_1"),
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": None,
        "created": tx.now,
        "currency": transfer["currency"],
        "destination_payment_refund": None,
        "metadata": render.metadata({}, given.get("metadata")),
        "source_refund": None,
        "transfer": transfer["id"],
    }
    entry = money.post(
        tx,
        "transfer_refund",
        amount=amount,
        source=reversal["id"],
        currency=transfer["currency"],
        description=given.get("description"),
    )
    reversal["balance_transaction"] = entry["id"]
    reversal["destination_payment_refund"] = _give_back(there, transfer, reversal)
    before = {"amount_reversed": transfer["amount_reversed"], "reversed": transfer["reversed"]}
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, reversal)
    tx.add(reversal)
    tx.save(transfer)
    emit(tx, "transfer.reversed", transfer, before)
    return reversal


def _give_back(there: Tx, transfer: Obj, reversal: Obj) -> str:
    """Refund the payment on the connected account."""
    payment = there.get(transfer["destination_payment"], "charge")
    refund_id = there.new_id("pyr_1", 23).replace("pyr_1_", "pyr_1")
    entry = money.post(
        there,
        "payment_refund",
        amount=-reversal["amount"],
        source=refund_id,
        currency=transfer["currency"],
        category="refund",
    )
    there.add(
        {
            "id": refund_id,
            "object": "refund",
            "amount": reversal["amount"],
            "balance_transaction": entry["id"],
            "charge": payment["id"],
            "created": there.now,
            "currency": transfer["currency"],
            "metadata": {},
            "payment_intent": None,
            "reason": None,
            "receipt_number": None,
            "source_transfer_reversal": reversal["id"],
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    payment["amount_refunded"] += reversal["amount"]
    payment["refunded"] = payment["amount_refunded"] == payment["amount"]
    there.save(payment)
    return refund_id


@operation("GET", "/v1/transfers/{id}/reversals")
def reversals(tx: Tx, call: Call) -> Obj:
    """List a transfer's reversals."""
    tx.get(call.id, "transfer")
    return render.page(
        tx, "transfer_reversal", call.params, f"/v1/transfers/{call.id}/reversals", {"transfer": call.id}
    )


@operation("GET", "/v1/transfers/{transfer}/reversals/{id}")
def reversal(tx: Tx, call: Call) -> Obj:
    """Return one reversal."""
    found = tx.get(call.ids[1], "transfer_reversal")
    if found["transfer"] != call.id:
        raise missing("transfer reversal", call.ids[1])
    return found
