"""`/_sandbox/…`.

What Stripe does not have and tests need: time, faults, state, and other people's decisions.
"""

import re
from collections.abc import Callable
from typing import Any, cast

from tourpad.sandbox import clock, faults, ports, render
from tourpad.sandbox.deliver import Courier
from tourpad.sandbox.engine import Engine, Reply, Request, request_name
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.operations import accounts, completing, disputes, paying, payouts, refunds, setup_intents
from tourpad.sandbox.schema import json_body
from tourpad.sandbox.store import Store, Tx, decode, encode

OUTCOMES = {
    "disputes": ("won", "lost"),
    "refunds": ("succeeded", "failed", "canceled"),
    "payouts": ("paid", "failed", "canceled"),
}
LONGEST_FLUSH = 120.0
Action = Callable[[Tx, str, Obj], Obj]


class Control:
    """Answers the sandbox's own endpoints, all in JSON."""

    def __init__(self, store: Store, engine: Engine, courier: Courier, *, deliver: bool) -> None:
        """Act on the store that the engine answers from."""
        self.store = store
        self.engine = engine
        self.courier = courier
        self.deliver = deliver

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        try:
            answer = self._answer(request)
            return Reply(200, encode(answer), {})
        except StripeError as error:
            return Reply(error.status, encode(error.body(request_name())), {})

    def _answer(self, request: Request) -> Obj:
        path = request.path.removeprefix("/_sandbox").strip("/")
        if request.method == "POST":
            return self._post(path, request.body)
        if request.method == "DELETE" and path == "faults":
            with self.store.transaction():
                self.store.db.execute("DELETE FROM faults")
            return {"faults": []}
        if request.method == "GET":
            return self._get(path, request.query)
        return _unknown(request)

    def _get(self, path: str, query: str) -> Obj:
        with self.store.lock:
            if path == "":
                home = ports.name_of(self.store.home)
                return {"sandbox": "tourpad", "now": self.store.now(), "url": self.store.base_url, "home": home}
            if path == "clock":
                return self._clock()
            if path == "faults":
                return {"faults": faults.listed(self.store.db)}
            if path == "state":
                return self._state()
            if path == "deliveries":
                return self._deliveries(pending="pending=1" in query)
        message = f"The sandbox has no page /_sandbox/{path}."
        raise StripeError(message, status=404)

    def _clock(self) -> Obj:
        now = self.store.now()
        return {"now": now, "time": clock.rfc3339(now)}

    def _state(self) -> Obj:
        """Return all objects by type, as Stripe shows them: the platform's, and under `accounts` each one's."""
        everything: Obj = {"now": self.store.now(), "objects": {}, "accounts": {}}
        rows = self.store.db.execute(
            "SELECT type, account, body FROM objects WHERE deleted = 0 ORDER BY seq"
        ).fetchall()
        scopes: dict[str, Tx] = {}
        for kind, account, body in rows:
            tx = scopes.setdefault(account, Tx(self.store, self.store.now(), account=account))
            shown = decode(body)
            shown = {**accounts.full(tx, shown)} if kind == "v2.core.account" else render.show(tx, shown)
            home = everything["objects"] if not account else everything["accounts"].setdefault(account, {})
            home.setdefault(kind, []).append(shown)
        return everything

    def _deliveries(self, *, pending: bool) -> Obj:
        rows = self.store.db.execute(
            "SELECT seq, target, event, type, state, attempts, error FROM deliveries"
            " WHERE state = 'pending' OR NOT ? ORDER BY seq DESC LIMIT 1000",
            (pending,),
        ).fetchall()
        names = ("seq", "target", "event", "type", "state", "attempts", "error")
        counts = self.store.db.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()
        return {
            "pending": dict(counts).get("pending", 0),
            "counts": dict(counts),
            "deliveries": [dict(zip(names, row, strict=True)) for row in rows],
        }

    def _post(self, path: str, body: bytes) -> Obj:
        if path == "deliveries/flush":
            given = json_body(body)
            timeout = min(float(given.get("timeout", 30)), LONGEST_FLUSH)
            self.engine.run_due()
            left = self.courier.flush(timeout) if self.deliver else self.courier.pending()
            return {"pending": left}
        if path == "clock":
            return self._move(json_body(body))
        if path == "faults":
            given = self._list(body) if body.lstrip().startswith(b"[") else [json_body(body)]
            with self.store.transaction():
                return {"faults": [faults.add(self.store.db, faults.check(rule)) for rule in given]}
        found = re.fullmatch(r"(\w+)/([\w.]+)/(\w+)", path)
        action = ACTIONS.get((found[1], found[3])) if found else None
        if found is None or action is None:
            message = f"The sandbox has no page /_sandbox/{path}."
            raise StripeError(message, status=404)
        return self._act(action, found[2], json_body(body))

    def _act(self, action: Action, object_id: str, given: Obj) -> Obj:
        """Run an action in one transaction; a declined card stays declined although it is an error."""
        self.engine.run_due()
        with self.store.transaction():
            tx = Tx(self.store, self.store.now())
            try:
                return render.show(tx, action(tx, object_id, given))
            except StripeError as error:
                if not error.keep:
                    raise
                kept = error
        raise kept

    def _list(self, body: bytes) -> list[Any]:
        try:
            return cast("list[Any]", decode(body))
        except ValueError as error:
            message = "The request body could not be parsed as JSON."
            raise StripeError(message) from error

    def _move(self, given: Obj) -> Obj:
        """Move the clock forward, and do what falls due on the way.

        A clock that others move is moved on top of theirs.
        """
        try:
            now = self.store.now()
            target = clock.parse(given["now"]) if "now" in given else now + int(given["advance_seconds"])
        except (KeyError, ValueError, TypeError) as error:
            message = "Give `now` (epoch seconds or RFC 3339) or `advance_seconds`."
            raise StripeError(message) from error
        if target < now:
            message = f"Time does not run backwards: it is {clock.rfc3339(now)}."
            raise StripeError(message, param="now")
        with self.store.transaction():
            self.store.set_meta("clock_offset", self.store.offset + target - now)
            self.store.offset += target - now
        done = self.engine.run_due()
        return {**self._clock(), "done": done}


def _unknown(request: Request) -> Obj:
    message = f"The sandbox does not know {request.method} {request.path}."
    raise StripeError(message, status=404)


def _outcome(given: Obj, what: str) -> str:
    outcome = str(given.get("outcome"))
    if outcome not in OUTCOMES[what]:
        message = f"`outcome` is one of {', '.join(OUTCOMES[what])}."
        raise StripeError(message, param="outcome")
    return outcome


def _scope_of(tx: Tx, object_id: str) -> Tx:
    """Return the transaction in the scope of the account that holds the object."""
    row = tx.db.execute("SELECT account FROM objects WHERE id = ?", (object_id,)).fetchone()
    return tx.scoped(row[0]) if row else tx


def _resolve_dispute(tx: Tx, object_id: str, given: Obj) -> Obj:
    outcome = _outcome(given, "disputes")
    return disputes.resolve(tx, tx.live(object_id, "dispute"), outcome, return_fee=given.get("return_fee") is True)


def _resolve_refund(tx: Tx, object_id: str, given: Obj) -> Obj:
    return refunds.resolve(tx, tx.live(object_id, "refund"), _outcome(given, "refunds"))


def _resolve_payout(tx: Tx, object_id: str, given: Obj) -> Obj:
    there = _scope_of(tx, object_id)
    code = str(given.get("failure_code", "account_closed"))
    return payouts.resolve(there, there.live(object_id, "payout"), _outcome(given, "payouts"), failure_code=code)


def _onboard(tx: Tx, object_id: str, given: Obj) -> Obj:
    needs: Any = given.get("requirements", [])
    if not isinstance(needs, list):
        message = "`requirements` is a list of what is still missing; empty or absent completes the onboarding."
        raise StripeError(message, param="requirements")
    return accounts.full(
        tx,
        accounts.onboard(tx, accounts.load(tx, object_id), [str(need) for need in cast("list[Any]", needs)]),
    )


def _dispute(tx: Tx, object_id: str, given: Obj) -> Obj:
    charge = tx.live(object_id, "charge")
    amount = given.get("amount")
    if charge["status"] != "succeeded" or not (amount is None or (isinstance(amount, int) and amount > 0)):
        message = "Only a charge that succeeded can be disputed, for a positive `amount` in cents."
        raise StripeError(message)
    days = given.get("response_days", disputes.RESPONSE_DAYS)
    if not isinstance(days, int) or days < 1:
        message = "`response_days` is in how many days the bank stops taking evidence, from 1."
        raise StripeError(message, param="response_days")
    reason = str(given.get("reason", "fraudulent"))
    return disputes.begin(tx, charge, reason=reason, amount=amount, response_days=days)


def _warn(tx: Tx, object_id: str, given: Obj) -> Obj:
    return disputes.warn(
        tx, tx.live(object_id, "charge"), fraud_type=str(given.get("fraud_type", "made_with_stolen_card"))
    )


def _authenticate(tx: Tx, object_id: str, given: Obj) -> Obj:
    return paying.authenticate(
        tx, tx.live(object_id, "payment_intent"), success=given.get("success", True) is not False
    )


def _set_up(tx: Tx, object_id: str, given: Obj) -> Obj:
    return setup_intents.authenticate(
        tx, tx.live(object_id, "setup_intent"), success=given.get("success", True) is not False
    )


def _complete(tx: Tx, object_id: str, given: Obj) -> Obj:
    method = str(given.get("payment_method", "pm_card_visa"))
    session = completing.complete(tx, tx.live(object_id, "checkout.session"), method, email=given.get("email"))
    url = completing.authentication_url(tx, session) if session["status"] == "open" else None
    return {**render.show(tx, session), "authentication_url": url}


ACTIONS: dict[tuple[str, str], Action] = {
    ("disputes", "resolve"): _resolve_dispute,
    ("refunds", "resolve"): _resolve_refund,
    ("payouts", "resolve"): _resolve_payout,
    ("accounts", "onboard"): _onboard,
    ("charges", "dispute"): _dispute,
    ("charges", "early_fraud_warning"): _warn,
    ("payment_intents", "authenticate"): _authenticate,
    ("setup_intents", "authenticate"): _set_up,
    ("checkout", "complete"): _complete,
}
