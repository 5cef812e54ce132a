"""Where events go: given to `serve`, or registered by `/v1/webhook_endpoints`."""

import sqlite3
from typing import NamedTuple


class WebhookTarget(NamedTuple):
    """One receiver of events.

    With `connect` it hears what happens on connected accounts and the thin `/v2` events; without, the
    platform's own.
    `events` are names or globs. The `name` is what a later start with another URL replaces it by.
    """

    name: str
    url: str
    secret: str
    connect: bool = False
    events: tuple[str, ...] = ("*",)


def register(db: sqlite3.Connection, target: WebhookTarget, *, replace: bool = True) -> None:
    """Add a target; the one of that name gets the new place, or keeps its own without `replace`."""
    known = db.execute("SELECT 1 FROM targets WHERE name = ?", (target.name,)).fetchone()
    if replace or known is None:
        values = (target.name, target.url, target.secret, target.connect, " ".join(target.events))
        db.execute("INSERT OR REPLACE INTO targets VALUES (?, ?, ?, ?, ?)", values)


def forget(db: sqlite3.Connection, name: str) -> None:
    """Remove a target and what waits for it."""
    db.execute("DELETE FROM targets WHERE name = ?", (name,))
    db.execute("UPDATE deliveries SET state = 'dropped' WHERE target = ? AND state = 'pending'", (name,))
