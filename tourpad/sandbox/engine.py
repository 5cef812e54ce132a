"""One exchange from request to answer: key, faults, parameters, idempotency, one transaction, record."""

import hashlib
import logging
import os
import re
import threading
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from tourpad.sandbox import faults, render, schema, uploads
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.registry import DUE, Call, Handler
from tourpad.sandbox.routes import TABLE
from tourpad.sandbox.store import Store, Tx, decode, encode

LOG = logging.getLogger(__name__)
KEY = re.compile(r"(sk|rk)_(test|live)_\w{6,}\Z")
IDEMPOTENCY_LIFE = 86_400
LONGEST_KEY = 255
MOST_DUE_AT_ONCE = 100_000


class Request(NamedTuple):
    """What came over the wire; header names in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_in_parts(self) -> bool:
        """Whether the body is a form that carries files."""
        return self.headers.get("content-type", "").startswith("multipart/form-data")

    @property
    def as_form(self) -> bytes:
        """The body without what is drawn anew for each try: a form in parts by its texts and its files' digests."""
        if not self.is_in_parts:
            return self.body
        values = uploads.form(self.headers["content-type"], self.body)
        return urlencode({name: _told(value) for name, value in sorted(values.items())}).encode()


class Reply(NamedTuple):
    """What goes back; `dropped` closes the connection instead."""

    status: int
    body: bytes
    headers: dict[str, str]
    dropped: bool = False


class Outcome(NamedTuple):
    """The result of an exchange inside its transaction."""

    status: int
    body: bytes
    request_id: str
    replayed: bool = False
    keep: bool = True
    """Whether what was done stays: false for refusals that leave nothing behind."""


class Engine:
    """Answers Stripe's API out of a store."""

    def __init__(self, store: Store, *, record: Path | None = None, rate_limit: int | None = None) -> None:
        """Work on `store`; append exchanges to `record`; `rate_limit` (a second and endpoint) is off by default."""
        self.store = store
        self.in_use: set[tuple[str, str]] = set()
        self.in_use_lock = threading.Lock()
        self.rate_limit = rate_limit
        self.recent: dict[str, deque[float]] = {}
        self.record = None if record is None else os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def close(self) -> None:
        """Close the recording."""
        if self.record is not None:
            os.close(self.record)
            self.record = None

    def handle(self, request: Request) -> Reply:
        """Answer one request of the API."""
        version = 2 if request.path.startswith("/v2/") else 1
        try:
            reply = self._answer(request)
        except StripeError as error:
            request_id = request_name()
            reply = self._reply(
                request, Outcome(error.status, encode(error.body(request_id, version=version)), request_id)
            )
        self._write(request, reply)
        return reply

    def _answer(self, request: Request) -> Reply:
        self._authenticate(request)
        found = TABLE.find(request.method, request.path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise StripeError(message, status=404, stored=False)
        operation, handler, ids = found
        self._limit(operation)
        rule = self._fault(operation, request.path)
        if rule is not None and rule["fault"] == "status" and not rule.get("after_work"):
            raise faults.status_error(rule)
        params = schema.check(operation, self._parameters(request), version=request.headers.get("stripe-version"))
        outcome = self._idempotent(request, handler, Call(ids, params), rule)
        return self._reply(request, outcome, dropped=rule is not None and rule["fault"] == "drop_reply")

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if given.startswith("Bearer "):
            key = given[7:]
        elif given.startswith("Basic "):
            key = _basic(given[6:])
        else:
            message = (
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth."
            )
            raise StripeError(message, status=401, stored=False)
        if not KEY.match(key):
            message = f"Invalid API Key provided: {key[:8]}{'*' * 12}"
            raise StripeError(message, status=401, stored=False)

    def _limit(self, operation: str) -> None:
        """Refuse a call beyond so many of one endpoint in any second (https://docs.stripe.com/rate-limits)."""
        if self.rate_limit is None:
            return
        with self.in_use_lock:
            now = time.monotonic()
            recent = self.recent.setdefault(operation, deque())
            while recent and recent[0] <= now - 1:
                recent.popleft()
            if len(recent) >= self.rate_limit:
                raise faults.status_error({"status": 429})
            recent.append(now)

    def _fault(self, operation: str, path: str) -> Obj | None:
        with self.store.lock:
            if self.store.db.execute("SELECT 1 FROM faults LIMIT 1").fetchone() is None:
                return None
        with self.store.transaction():
            return faults.for_call(self.store.db, operation, path)

    def _parameters(self, request: Request) -> Obj:
        if request.method != "POST":
            given = schema.query_or_form(request.query)
            if request.body and request.method == "DELETE":
                given |= schema.query_or_form(request.body.decode())
            return given
        if request.path.startswith("/v2/"):
            return schema.json_body(request.body)
        if request.is_in_parts:
            return uploads.form(request.headers["content-type"], request.body)
        try:
            return schema.query_or_form(request.body.decode())
        except UnicodeDecodeError as error:
            message = "The request body is not UTF-8."
            raise StripeError(message, stored=False) from error

    def _idempotent(self, request: Request, handler: Handler, call: Call, rule: Obj | None) -> Outcome:
        key = request.headers.get("idempotency-key")
        if request.method == "GET" or not key:
            _delay(rule)
            return self._run(request, handler, call, None, rule)
        if len(key) > LONGEST_KEY:
            message = f"Idempotency keys can be at most {LONGEST_KEY} characters long."
            raise StripeError(message, kind="idempotency_error", stored=False)
        slot = (request.headers.get("stripe-account", ""), key)
        with self.in_use_lock:
            if slot in self.in_use:
                message = (
                    "There is currently another in-progress request using this Stripe Idempotent Key "
                    "(that probably means you submitted twice, and the other request is still going "
                    f"through): {key}."
                )
                raise StripeError(
                    message, status=409, kind="idempotency_error", code="idempotency_key_in_use", stored=False
                )
            self.in_use.add(slot)
        try:
            _delay(rule)
            return self._run(request, handler, call, key, rule)
        finally:
            with self.in_use_lock:
                self.in_use.discard(slot)

    def _run(self, request: Request, handler: Handler, call: Call, key: str | None, rule: Obj | None) -> Outcome:
        request_id = request_name()
        account = request.headers.get("stripe-account", "")
        if request.method == "GET":
            with self.store.lock:
                self.run_due()
                return self._call(
                    Tx(self.store, self.store.now(), account=account, request_id=request_id),
                    request,
                    handler,
                    call,
                )
        with self.store.transaction():
            self._due_inside()
            now = self.store.now()
            digest = hashlib.sha256(
                b"\0".join((request.method.encode(), request.path.encode(), request.query.encode(), request.as_form))
            ).hexdigest()
            if key is not None:
                earlier = self._earlier(account, key, digest, now, request.path)
                if earlier is not None:
                    return earlier
            tx = Tx(self.store, now, account=account, request_id=request_id, key=key)
            self.store.db.execute("SAVEPOINT work")
            outcome = self._call(tx, request, handler, call)
            if not outcome.keep:
                self.store.db.execute("ROLLBACK TO work")
            if rule is not None and rule["fault"] == "status":
                outcome = Outcome(
                    rule.get("status", 500), encode(faults.status_error(rule).body(request_id)), request_id
                )
            if key is not None:
                self.store.db.execute(
                    "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (account, key, digest, outcome.status, outcome.body, request_id, now),
                )
            return outcome

    def _call(self, tx: Tx, request: Request, handler: Handler, call: Call) -> Outcome:
        paths = call.params.pop("expand", None)
        version = 2 if request.path.startswith("/v2/") else 1
        try:
            answer = render.show(tx, handler(tx, call))
            if paths:
                answer = {**answer}
                render.expand(tx, answer, paths)
        except StripeError as error:
            body = encode(error.body(tx.request_id, version=version))
            return Outcome(error.status, body, tx.request_id, keep=error.keep)
        return Outcome(200, encode(answer), tx.request_id)

    def _earlier(self, account: str, key: str, digest: str, now: int, path: str) -> Outcome | None:
        row = self.store.db.execute(
            "SELECT digest, status, body, request_id, created FROM idempotency WHERE account = ? AND key = ?",
            (account, key),
        ).fetchone()
        if row is None or row[4] <= now - IDEMPOTENCY_LIFE:
            return None
        if row[0] != digest:
            message = (
                "Keys for idempotent requests can only be used with the same parameters they were "
                "first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request."
            )
            error = StripeError(message, kind="idempotency_error", stored=False)
            version = 2 if path.startswith("/v2/") else 1
            request_id = request_name()
            return Outcome(400, encode(error.body(request_id, version=version)), request_id)
        return Outcome(row[1], row[2], row[3], replayed=True)

    def run_due(self) -> int:
        """Do what has fallen due by now; returns how many things that were."""
        with self.store.lock:
            if self.store.next_due(self.store.now()) is None:
                return 0
            with self.store.transaction():
                return self._due_inside()

    def _due_inside(self) -> int:
        now, done = self.store.now(), 0
        while done < MOST_DUE_AT_ONCE:
            item = self.store.next_due(now)
            if item is None:
                break
            kind, object_id, at = item
            tx = Tx(self.store, at)
            tx.unschedule(kind, object_id)
            self._do_due(tx, kind, object_id)
            done += 1
        return done

    def _do_due(self, tx: Tx, kind: str, object_id: str) -> None:
        """Do one thing that fell due.

        One that is refused by what happened since is told and left, not tried for ever.
        """
        row = self.store.db.execute("SELECT account FROM objects WHERE id = ?", (object_id,)).fetchone()
        if row is None:
            return
        self.store.db.execute("SAVEPOINT due")
        try:
            DUE[kind](tx.scoped(row[0]), object_id)
        except StripeError as error:
            if not error.keep:
                self.store.db.execute("ROLLBACK TO due")
            LOG.warning("%s of %s was not done: %s", kind, object_id, error)
        self.store.db.execute("RELEASE due")

    def _reply(self, request: Request, outcome: Outcome, *, dropped: bool = False) -> Reply:
        headers = {
            "Request-Id": outcome.request_id,
            "Stripe-Version": request.headers.get("stripe-version", schema.document().version),
        }
        key = request.headers.get("idempotency-key")
        if key:
            headers["Idempotency-Key"] = key
        if outcome.replayed:
            headers["Idempotent-Replayed"] = "true"
        return Reply(outcome.status, outcome.body, headers, dropped)

    def _write(self, request: Request, reply: Reply) -> None:
        """Append the exchange to the recording.

        One `write` of one line, so that processes may share the file.
        """
        if self.record is None:
            return
        line = {
            "method": request.method.lower(),
            "url": request.path + (f"?{request.query}" if request.query else ""),
            "body": request.as_form.decode(errors="replace") if request.body else None,
            "status": reply.status,
            "response": decode(reply.body),
        }
        os.write(self.record, encode(line) + b"\n")


def _told(value: str) -> str:
    """A file by its name and what is in it, a text as it is."""
    return f"{value} {hashlib.sha256(value.content).hexdigest()}" if isinstance(value, uploads.Upload) else value


def _delay(rule: Obj | None) -> None:
    """Be slow where a fault says so; the idempotency key counts as in use meanwhile."""
    if rule is not None and rule["fault"] == "delay":
        time.sleep(float(rule.get("seconds", 1)))


def request_name() -> str:
    """Return a request's id."""
    return f"req_{os.urandom(7).hex()}"


def _basic(text: str) -> str:
    """Read the user name of HTTP basic authentication (how curl -u sends a key)."""
    import base64  # noqa: PLC0415 - rare
    import binascii  # noqa: PLC0415 - rare

    try:
        return base64.b64decode(text).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
