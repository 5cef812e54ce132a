"""Webhooks: signed as Stripe signs them, POSTed in order, kept until they are answered."""

import hashlib
import hmac
import http.client
import random
import threading
from typing import NamedTuple
from urllib.parse import urlsplit

from tourpad.sandbox.events import LANES, payload
from tourpad.sandbox.store import Store, monotonic

BATCH = 20
LEASE = 60.0
FIRST_WAIT = 0.25
LONGEST_WAIT = 10.0
MOST_ATTEMPTS = 60
TIMEOUT = 30.0
POLL = 0.25


class Delivery(NamedTuple):
    """One event on its way to one target."""

    seq: int
    event: str
    url: str
    secret: str
    attempts: int
    body: bytes


def sign(body: bytes, secret: str, timestamp: int) -> str:
    """Return the `Stripe-Signature` of a body."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={signed}"


class Courier:
    """Worker threads, one a lane: what concerns one customer or account stays in order."""

    def __init__(self, store: Store) -> None:
        """Deliver what the store queues, until `stop`."""
        self.store = store
        self.stopping = threading.Event()
        self.wakes = [threading.Event() for _ in range(LANES)]
        self.threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"sandbox-webhooks-{lane}", daemon=True)
            for lane in range(LANES)
        ]
        self.threads.append(threading.Thread(target=self._watch, name="sandbox-webhooks", daemon=True))

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the deliveries under way; what is left stays queued on disk."""
        self.stopping.set()
        self.store.wake.set()
        for wake in self.wakes:
            wake.set()
        for thread in self.threads:
            thread.join(timeout=5)

    def pending(self) -> int:
        """Return how many deliveries wait."""
        with self.store.lock:
            return self.store.db.execute("SELECT count(*) FROM deliveries WHERE state = 'pending'").fetchone()[0]

    def flush(self, timeout: float) -> int:
        """Deliver at once what waits (late ones too), for at most `timeout` real seconds.

        Return how many are left.
        """
        end = monotonic() + timeout
        with self.store.transaction():
            self.store.db.execute("UPDATE deliveries SET next_at = 0 WHERE state = 'pending'")
        self.store.wake.set()
        left = self.pending()
        while left and monotonic() < end:
            self.stopping.wait(0.01)
            left = self.pending()
        return left

    def _watch(self) -> None:
        """Wake the lanes when something was queued here, or now and then for what another process queued."""
        while not self.stopping.is_set():
            self.store.wake.wait(POLL)
            self.store.wake.clear()
            for wake in self.wakes:
                wake.set()

    def _work(self, lane: int) -> None:
        connections: dict[str, http.client.HTTPConnection] = {}
        while not self.stopping.is_set():
            batch = self._claim(lane)
            if not batch:
                self.wakes[lane].wait(2 * POLL)
                self.wakes[lane].clear()
                continue
            done: list[int] = []
            failed: list[tuple[Delivery, str]] = []
            for delivery in batch:
                error = "not reached" if self.stopping.is_set() else self._post(connections, delivery)
                if error is None:
                    done.append(delivery.seq)
                    continue
                failed.append((delivery, error))
                if error.startswith("no answer"):  # the target is away: keep the order, try the rest later
                    failed += [(later, "waits") for later in batch[len(done) + len(failed) :]]
                    break
            self._settle(done, failed)
        for connection in connections.values():
            connection.close()

    def _claim(self, lane: int) -> list[Delivery]:
        if self.store.is_held_elsewhere():
            return []
        now = monotonic()
        with self.store.lock:
            waiting = self.store.db.execute(
                "SELECT 1 FROM deliveries WHERE state = 'pending' AND lane = ? AND next_at <= ? AND "
                "leased_until <= ? LIMIT 1",
                (lane, now, now),
            ).fetchone()
            if waiting is None:
                return []
            with self.store.transaction():
                rows = self.store.db.execute(
                    "SELECT d.seq, d.event, t.url, t.secret, d.attempts FROM deliveries d JOIN "
                    "targets t ON t.name = d.target"
                    " WHERE state = 'pending' AND lane = ? AND next_at <= ? AND leased_until <= ? "
                    "ORDER BY d.next_at, d.seq LIMIT ?",
                    (lane, now, now, BATCH),
                ).fetchall()
                self.store.db.executemany(
                    "UPDATE deliveries SET leased_until = ? WHERE seq = ?",
                    [(now + LEASE, row[0]) for row in rows],
                )
                return [
                    Delivery(row[0], row[1], row[2], row[3], row[4], payload(self.store.db, row[1])) for row in rows
                ]

    def _settle(self, done: list[int], failed: list[tuple[Delivery, str]]) -> None:
        now = monotonic()
        with self.store.transaction():
            self.store.db.executemany(
                "UPDATE deliveries SET state = 'delivered', attempts = attempts + 1, error = NULL WHERE seq = ?",
                [(seq,) for seq in done],
            )
            for delivery, error in failed:
                untried = error in ("waits", "not reached")
                attempts = delivery.attempts + (not untried)
                answered = not untried and not error.startswith("no answer")
                wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts, 8)) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
                state = "failed" if answered and attempts >= MOST_ATTEMPTS else "pending"
                again = now + (0.5 if untried else wait)
                self.store.db.execute(
                    "UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, leased_until = 0, error = ?"
                    " WHERE seq = ?",
                    (state, attempts, again, error, delivery.seq),
                )

    def _post(self, connections: dict[str, http.client.HTTPConnection], delivery: Delivery) -> str | None:
        """POST once; return None or what went wrong. A kept connection that has died is opened again once."""
        parts = urlsplit(delivery.url)
        key = f"{parts.scheme}://{parts.netloc}"
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": sign(delivery.body, delivery.secret, self.store.now()),
        }
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        for fresh in (False, True):
            connection = None if fresh else connections.get(key)
            if connection is None:
                kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
                connection = connections[key] = kind(parts.netloc, timeout=TIMEOUT)
                fresh = True  # noqa: PLW2901 - a first connection is as fresh as a second one
            try:
                connection.request("POST", path, delivery.body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                connections.pop(key, None)
                if fresh:
                    return f"no answer: {error}"
                continue
            return None if 200 <= answer.status < 300 else f"answered {answer.status}"  # noqa: PLR2004 - HTTP's own
        return "no answer"
