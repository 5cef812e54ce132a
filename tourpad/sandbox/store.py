"""The sandbox's state: one SQLite file, and the transaction that every exchange is."""

import fcntl
import hashlib
import secrets
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, cast

import msgspec

from tourpad.sandbox.clock import Clock, real
from tourpad.sandbox.errors import Obj, missing

HOLD_FILE = "sandbox.hold"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
encode = msgspec.json.Encoder().encode
decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode

# fields of an object that its lists are filtered by: {type: {filter: how to read it}}
FILTERS: dict[str, tuple[str, ...]] = {
    "balance_transaction": ("type", "source", "payout", "currency"),
    "billing_portal.configuration": ("active", "is_default"),
    "charge": ("customer", "payment_intent", "transfer_group"),
    "checkout.session": ("customer", "payment_intent", "subscription", "status"),
    "customer": ("email",),
    "customer_balance_transaction": ("customer", "invoice"),
    "dispute": ("charge", "payment_intent"),
    "event": ("type",),
    "invoice": ("customer", "subscription", "status", "collection_method"),
    "invoice_payment": ("invoice", "payment_intent", "status"),
    "payment_intent": ("customer",),
    "payment_method": ("customer", "type"),
    "payout": ("status", "destination"),
    "price": ("product", "lookup_key", "active", "type", "currency"),
    "product": ("active",),
    "refund": ("charge", "payment_intent"),
    "setup_intent": ("customer", "payment_method"),
    "subscription": ("customer", "status", "price", "collection_method"),
    "radar.early_fraud_warning": ("charge", "payment_intent"),
    "transfer": ("destination", "transfer_group"),
    "transfer_reversal": ("transfer",),
    "v2.core.account": ("closed",),
    "v2.core.event": ("related",),
}


def filters_of(obj: Obj) -> set[tuple[str, str]]:
    """Return the (filter, value) pairs an object is found by."""
    hidden: Obj = obj.get("_", {})
    found: set[tuple[str, str]] = set()
    for name in FILTERS.get(obj["object"], ()):
        value = hidden[name] if name in hidden else obj.get(name)
        if isinstance(value, bool):
            value = "true" if value else "false"
        if value is not None:
            found.add((name, str(value)))
    return found


class Store:
    """One connection to the state, shared by the threads of a process under one lock."""

    def __init__(self, path: Path, clock: Clock, *, seed: int | None = None) -> None:
        """Open or begin the state at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.clock = clock
        self.seed = seed
        self.wake = threading.Event()
        self.home = path.parent
        self.base_url = ""
        self.db = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=60, cached_statements=512
        )
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")
        self.db.executescript(resources.files("tourpad.sandbox").joinpath("tables.sql").read_text())
        self.offset: int = self.meta("clock_offset", 0)
        self._hold = path.with_name(HOLD_FILE).open("ab")
        self._holds = False

    def close(self) -> None:
        """Close the connection; the state stays on disk."""
        with self.lock:
            self.db.close()
            self._hold.close()

    def hold(self) -> None:
        """Let nothing fall due, nor be told, by another process until this store is closed or its process ends.

        For whoever makes a past: a checkout of last month would run out before it is paid, by the clock of a sandbox
        that lives in the present on the same state, and its news would arrive today. Waits for another that holds it.
        """
        fcntl.flock(self._hold, fcntl.LOCK_EX)
        self._holds = True

    def is_held_elsewhere(self) -> bool:
        """Whether another process makes a past on this state."""
        if self._holds:
            return False
        try:
            fcntl.flock(self._hold, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._hold, fcntl.LOCK_UN)
        return False

    def now(self) -> int:
        """Return the sandbox's time as epoch seconds, with what any process on this state moved it by."""
        with self.lock:
            self.offset = self.meta("clock_offset", 0)
        return int(self.clock()) + self.offset

    def meta(self, key: str, default: Any) -> Any:
        """Read one remembered value."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if row is None else row[0]

    def set_meta(self, key: str, value: Any) -> None:
        """Remember one value."""
        self.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, value),
        )

    def next_due(self, now: int) -> tuple[str, str, int] | None:
        """Return the first thing that falls due by `now`; nothing does while another process holds the state."""
        if self.is_held_elsewhere():
            return None
        return self.db.execute(
            "SELECT kind, id, at FROM due WHERE at <= ? ORDER BY at, kind, id LIMIT 1", (now,)
        ).fetchone()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Run one all-or-nothing change, alone among the threads and processes on this state."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")


class Tx:
    """What a handler works with: objects by id, lists, the instant, and who asked."""

    def __init__(
        self, store: Store, now: int, *, account: str = "", request_id: str = "", key: str | None = None
    ) -> None:
        """Belong to one exchange, or one piece of due work, at `now`, in the scope of `account`."""
        self.store = store
        self.db = store.db
        self.now = now
        self.account = account
        self.request_id = request_id
        self.key = key
        self._known: dict[str, set[tuple[str, str]]] = {}

    def scoped(self, account: str) -> "Tx":
        """Return the same transaction in another account's scope."""
        return Tx(self.store, self.now, account=account, request_id=self.request_id, key=self.key)

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Return a fresh id; with a seed, the same one in each run."""
        if self.store.seed is None:
            number = int.from_bytes(secrets.token_bytes(20))
        else:
            count = self.store.meta("counter", 0) + 1
            self.store.set_meta("counter", count)
            number = int.from_bytes(hashlib.sha256(f"{self.store.seed}:{count}".encode()).digest()[:20])
        letters: list[str] = []
        for _ in range(length):
            number, rest = divmod(number, 62)
            letters.append(ALPHABET[rest])
        return f"{prefix}_{''.join(letters)}"

    def add(self, obj: Obj) -> Obj:
        """Insert an object (its `id`, `object` and `created` are its own)."""
        created = obj.get("created", self.now)
        cursor = self.db.execute(
            "INSERT INTO objects (id, type, account, created, body) VALUES (?, ?, ?, ?, ?)",
            (
                obj["id"],
                obj["object"],
                self.account,
                created if isinstance(created, int) else self.now,
                encode(obj),
            ),
        )
        refs = filters_of(obj)
        self._known[obj["id"]] = refs
        self._add_refs(obj["object"], refs, cursor.lastrowid or 0)
        return obj

    def _add_refs(self, kind: str, refs: Iterable[tuple[str, str]], seq: int) -> None:
        self.db.executemany("INSERT INTO refs VALUES (?, ?, ?, ?)", [(kind, name, value, seq) for name, value in refs])

    def save(self, obj: Obj) -> Obj:
        """Write a changed object back."""
        row = self.db.execute(
            "UPDATE objects SET body = ? WHERE id = ? RETURNING seq", (encode(obj), obj["id"])
        ).fetchone()
        before = self._known.get(obj["id"])
        after = filters_of(obj)
        if before != after:
            for name in FILTERS.get(obj["object"], ()):
                old = (
                    self.db.execute(
                        "SELECT value FROM refs WHERE type = ? AND name = ? AND seq = ?",
                        (obj["object"], name, row[0]),
                    ).fetchall()
                    if before is None
                    else [(value,) for key, value in before if key == name]
                )
                for (value,) in old:
                    self.db.execute(
                        "DELETE FROM refs WHERE type = ? AND name = ? AND value = ? AND seq = ?",
                        (obj["object"], name, value, row[0]),
                    )
            self._add_refs(obj["object"], after, row[0])
            self._known[obj["id"]] = after
        return obj

    def delete(self, obj: Obj) -> None:
        """Mark an object deleted: it stays readable by id as Stripe keeps it, and leaves every list."""
        self.db.execute("UPDATE objects SET deleted = 1, body = ? WHERE id = ?", (encode(obj), obj["id"]))

    def find(self, object_id: str, kind: str | None = None) -> Obj | None:
        """Return an object of this scope, or None."""
        row = self.db.execute(
            "SELECT body, type, deleted FROM objects WHERE id = ? AND account = ?", (object_id, self.account)
        ).fetchone()
        if row is None or (kind is not None and row[1] != kind):
            return None
        obj: Obj = decode(row[0])
        if row[2]:
            return {"id": obj["id"], "object": obj["object"], "deleted": True}
        self._known.setdefault(object_id, filters_of(obj))
        return obj

    def get(self, object_id: str, kind: str, param: str = "id") -> Obj:
        """Return an object.

        Raises `resource_missing` where it is none of this scope, or deleted and meant for use.
        """
        obj = self.find(object_id, kind)
        if obj is None or (obj.get("deleted") and param != "id"):
            raise missing(kind.rsplit(".", 1)[-1] if kind.startswith("checkout") else kind, object_id, param)
        return obj

    def live(self, object_id: str, kind: str) -> Obj:
        """Return an object that a request wants to change; a deleted one is missing."""
        obj = self.get(object_id, kind)
        if obj.get("deleted"):
            raise missing(kind, object_id)
        return obj

    def select(self, kind: str, where: Obj | None = None, *, limit: int = 1000, newest: bool = True) -> list[Obj]:
        """Return objects of one type that match all filters."""
        return self.page(kind, where or {}, limit=limit, after=None, descending=newest)

    def page(
        self,
        kind: str,
        where: Obj,
        *,
        limit: int,
        after: tuple[int, int] | None,
        descending: bool = True,
        created: Obj | None = None,
    ) -> list[Obj]:
        """Return at most `limit` objects beyond the cursor (created, seq), by creation."""
        sql = ["SELECT body, seq FROM objects o WHERE account = ? AND type = ? AND deleted = 0"]
        args: list[Any] = [self.account, kind]
        for name, value in where.items():
            values = cast("list[Any]", value) if isinstance(value, list) else [value]
            marks = ", ".join("?" * len(values))
            found = f"SELECT seq FROM refs WHERE type = ? AND name = ? AND value IN ({marks})"  # noqa: S608 - marks
            sql.append(f"AND seq IN ({found})")
            args += [kind, name, *(str(v).lower() if isinstance(v, bool) else str(v) for v in values)]
        for name, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
            if created and name in created:
                sql.append(f"AND created {sign} ?")
                args.append(created[name])
        if after is not None:
            sql.append(f"AND (created, seq) {'<' if descending else '>'} (?, ?)")
            args += after
        order = "DESC" if descending else "ASC"
        sql.append(f"ORDER BY created {order}, seq {order} LIMIT ?")
        args.append(limit)
        return [decode(row[0]) for row in self.db.execute(" ".join(sql), args)]

    def cursor(self, object_id: str, kind: str, param: str) -> tuple[int, int]:
        """Return the position of an object in its lists."""
        row = self.db.execute(
            "SELECT created, seq FROM objects WHERE id = ? AND account = ? AND type = ?",
            (object_id, self.account, kind),
        ).fetchone()
        if row is None:
            raise missing(kind, object_id, param)
        return row

    def schedule(self, kind: str, object_id: str, at: int) -> None:
        """Have `kind` of work done for an object at `at`; a second call moves it."""
        self.db.execute(
            "INSERT INTO due VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET at = excluded.at",
            (kind, object_id, at),
        )

    def unschedule(self, kind: str, object_id: str) -> None:
        """Forget such work."""
        self.db.execute("DELETE FROM due WHERE kind = ? AND id = ?", (kind, object_id))


def monotonic() -> float:
    """Return real seconds, for leases and back-off of deliveries (never for what Stripe would date)."""
    return real()
