"""`/v1/payouts`: from a balance to a bank; https://docs.stripe.com/payouts."""

from tourpad.sandbox import clock, config, money, render
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, due, operation
from tourpad.sandbox.store import Tx

DAYS_TO_BANK = 2


@operation("POST", "/v1/payouts")
def create(tx: Tx, call: Call) -> Obj:
    """Send `amount` cents of the available balance to the bank.

    With `Stripe-Account` it is that account's payout.
    """
    given = call.params
    if given["amount"] < 1:
        message = "This value must be greater than or equal to 1."
        raise refused(message, code="parameter_invalid_integer", param="amount")
    if given["currency"] != config.CURRENCY:
        message = f"Sorry, you don't have any external accounts in that currency ({given['currency']})."
        raise refused(message, param="currency")
    money.require_available(tx, given["amount"], given["currency"], "payout")
    arrival = clock.business_days_after(tx.now, DAYS_TO_BANK)
    payout: Obj = {
        "id": tx.new_id("po_1", 23).replace("po_1_", "po_1"),
        "object": "payout",
        "amount": given["amount"],
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": False,
        "balance_transaction": None,
        "created": tx.now,
        "currency": given["currency"],
        "description": given.get("description", "STRIPE PAYOUT"),
        "destination": bank_account(tx),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "method": given.get("method", "standard"),
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "not_applicable",
        "reversed_by": None,
        "source_type": given.get("source_type", "card"),
        "statement_descriptor": given.get("statement_descriptor"),
        "status": "pending",
        "trace_id": None,
        "type": "bank_account",
    }
    entry = money.post(
        tx,
        "payout",
        amount=-given["amount"],
        source=payout["id"],
        currency=given["currency"],
        description=payout["description"],
    )
    payout["balance_transaction"] = entry["id"]
    tx.add(payout)
    tx.schedule("payout.arrive", payout["id"], arrival)
    emit(tx, "payout.created", payout)
    return payout


def bank_account(tx: Tx) -> str:
    """Return the id of the account's bank account."""
    return config.PLATFORM_BANK_ACCOUNT if not tx.account else f"ba_1{tx.account.removeprefix('acct_')[:22]}"


@due("payout.arrive")
def arrive(tx: Tx, payout_id: str) -> None:
    """Let a payout reach the bank."""
    resolve(tx, tx.get(payout_id, "payout"), "paid")


def resolve(tx: Tx, payout: Obj, outcome: str, *, failure_code: str = "account_closed") -> Obj:
    """Move a payout to paid, failed (also after it was paid, as banks do) or canceled."""
    allowed = ("pending", "in_transit", "paid") if outcome == "failed" else ("pending", "in_transit")
    if payout["status"] not in allowed:
        message = f"Payouts with a status of {payout['status']} cannot become {outcome}."
        raise refused(message)
    tx.unschedule("payout.arrive", payout["id"])
    before = {"status": payout["status"]}
    payout["status"] = outcome
    if outcome != "paid":
        kind = "payout_failure" if outcome == "failed" else "payout_cancel"
        entry = money.post(tx, kind, amount=payout["amount"], source=payout["id"], currency=payout["currency"])
        payout["failure_balance_transaction"] = entry["id"]
    if outcome == "failed":
        payout["failure_code"] = failure_code
        payout["failure_message"] = (
            "The bank account has been closed." if failure_code == "account_closed" else "The bank refused the payout."
        )
    tx.save(payout)
    emit(tx, f"payout.{outcome}", payout, before)
    return payout


@operation("GET", "/v1/payouts/{payout}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a payout."""
    return tx.get(call.id, "payout")


@operation("GET", "/v1/payouts")
def index(tx: Tx, call: Call) -> Obj:
    """List payouts."""
    return render.page(tx, "payout", call.params, "/v1/payouts")


@operation("POST", "/v1/payouts/{payout}/cancel")
def cancel(tx: Tx, call: Call) -> Obj:
    """Cancel a payout that is still pending."""
    return resolve(tx, tx.live(call.id, "payout"), "canceled")
