"""`/v1/balance` and `/v1/balance_transactions`."""

from tourpad.sandbox import config, money, render
from tourpad.sandbox.errors import Obj
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx


@operation("GET", "/v1/balance")
def get(tx: Tx, call: Call) -> Obj:  # noqa: ARG001 - every handler's signature
    """Return the sum of all balance transactions: what is available, and what will be."""
    sums = money.balance(tx) or {config.CURRENCY: (0, 0)}
    columns: list[list[Obj]] = [
        [{"amount": amount, "currency": currency, "source_types": {"card": amount}} for currency, amount in column]
        for column in zip(*(((name, ready), (name, later)) for name, (ready, later) in sums.items()), strict=True)
    ]
    return {"object": "balance", "available": columns[0], "livemode": False, "pending": columns[1]}


@operation("GET", "/v1/balance_transactions")
def index(tx: Tx, call: Call) -> Obj:
    """List balance transactions by type, source, payout or creation."""
    params = dict(call.params)
    where: Obj = {}
    if "payout" in params:
        where["source"] = params.pop("payout")
    return render.page(tx, "balance_transaction", params, "/v1/balance_transactions", where)


@operation("GET", "/v1/balance_transactions/{id}")
def one(tx: Tx, call: Call) -> Obj:
    """Return a balance transaction."""
    return tx.get(call.id, "balance_transaction")
