"""Balance transactions and the balance that is exactly their sum."""

from tourpad.sandbox import config
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.store import Tx

CATEGORY = {
    "adjustment": "dispute",
    "payment": "charge",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "transfer_refund": "transfer_reversal",
}


def charge_fee(amount: int) -> int:
    """Return Stripe's fee in cents: 2.9 % rounded half up, and 30 cents."""
    return (amount * config.CHARGE_FEE_PER_MILLE + 500) // 1000 + config.CHARGE_FEE_FIXED


def post(
    tx: Tx,
    kind: str,
    *,
    amount: int,
    source: str,
    currency: str,
    fee: int = 0,
    fee_description: str = "Stripe processing fees",
    available_on: int | None = None,
    description: str | None = None,
    category: str | None = None,
) -> Obj:
    """Write one balance transaction (cents) and count it into the balance of the transaction's account."""
    ready = tx.now if available_on is None else max(available_on, tx.now)
    details = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": fee_description,
        "type": "stripe_fee",
    }
    entry: Obj = {
        "id": tx.new_id("txn", 24),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": ready,
        "balance_type": "payments",
        "created": tx.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [details] if fee else [],
        "net": amount - fee,
        "reporting_category": category or CATEGORY.get(kind, kind),
        "source": source,
        "status": "pending" if ready > tx.now else "available",
        "type": kind,
    }
    tx.add(entry)
    tx.db.execute(
        "INSERT INTO balances VALUES (?, ?, ?, ?) ON CONFLICT (account, currency, available_on) DO "
        "UPDATE SET net = net + excluded.net",
        (tx.account, currency, 0 if ready <= tx.now else ready, entry["net"]),
    )
    return entry


def balance(tx: Tx) -> dict[str, tuple[int, int]]:
    """Return {currency: (available, pending)} in cents."""
    rows = tx.db.execute(
        "SELECT currency, sum(CASE WHEN available_on <= ? THEN net ELSE 0 END),"
        " sum(CASE WHEN available_on > ? THEN net ELSE 0 END) FROM balances WHERE account = ? GROUP "
        "BY currency ORDER BY currency",
        (tx.now, tx.now, tx.account),
    ).fetchall()
    return {currency: (available, pending) for currency, available, pending in rows}


def available(tx: Tx, currency: str) -> int:
    """Return what can be sent now, in cents."""
    return balance(tx).get(currency, (0, 0))[0]


def require_available(tx: Tx, amount: int, currency: str, what: str) -> None:
    """Refuse to send more than there is, in Stripe's words."""
    if amount > available(tx, currency):
        message = (
            "You have insufficient available funds in your Stripe account. Try adding funds directly "
            "to your available balance "
            "by creating Charges using the 4000000000000077 test card."
            if what == "transfer"
            else "You have insufficient funds in your Stripe account for this transfer."
        )
        raise refused(message, code="balance_insufficient")


def settled_status(entry: Obj, now: int) -> Obj:
    """Give a balance transaction the status of this instant."""
    entry["status"] = "pending" if entry["available_on"] > now else "available"
    return entry
