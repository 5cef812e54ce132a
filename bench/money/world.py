"""A database and a sandbox full of shows and objects: one of each made by the verbs, the rest copied from it."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from psycopg import sql

from bench.bulk import written
from bench.harness import Bench
from bench.processes import SandboxProcess
from tourpad.core.settings import SANDBOX_SECRET_KEY

if TYPE_CHECKING:
    from tourpad.core.gateways.stripe.client import StripeApi
    from tourpad.core.platform import Platform

PRICE = 1500


def open_platform(database_url: str, stripe_url: str, **variables: str) -> "Platform":
    """A platform as a worker process would have it."""
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    environ = {
        "TOURPAD_ENV": "test",
        "TOURPAD_SECRET": "a secret for benchmarks that signs nothing anybody keeps",
        "DATABASE_URL": database_url,
        "STRIPE_SECRET_KEY": SANDBOX_SECRET_KEY,
        "STRIPE_API_BASE": stripe_url,
        "TOURPAD_PAYOUT_APPROVAL_CENTS": "0",
        **variables,
    }
    return Platform.open(load_settings(environ=environ, folder=Path("/")))


def copy_rows(connection: psycopg.Connection[Any], table: str, original: Any, copies: str, **changed: str) -> None:
    """Copy one row for each row of `copies` (a table, as `c`), with some columns set to expressions over it.

    Identity columns number themselves.
    """
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_identity = 'NO' ORDER BY ordinal_position",
            (table,),
        ).fetchall()
    ]
    values = [written(changed[name]) if name in changed else sql.Identifier("o", name) for name in columns]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} AS o, {} AS c WHERE o.id = {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(values),
            sql.Identifier(table),
            sql.Identifier(copies),
            sql.Literal(original),
        )
    )


def post_many(connection: psycopg.Connection[Any], source: str, purpose: str, rows: str, lines: str) -> None:
    """Post one journal for each row of `rows` (a table, as `c`), with `lines`: VALUES of (account, cents) over it."""
    connection.execute(
        sql.SQL("""
            WITH made AS (
                INSERT INTO ledger_journals
                    (id, source_type, source_id, purpose, occurred_at, description, concert_id, details)
                SELECT uuidv7(), {source}, c.concert, {purpose}, now(), 'copied', c.concert, '{{}}' FROM {rows} AS c
                RETURNING id, concert_id
            )
            INSERT INTO ledger_lines (id, journal_id, account, amount_cents, currency)
            SELECT uuidv7(), made.id, line.account, line.cents, 'USD'
            FROM made JOIN {rows} AS c ON c.concert = made.concert_id, LATERAL ({lines}) AS line (account, cents)
        """).format(
            source=sql.Literal(source),
            purpose=sql.Literal(purpose),
            rows=sql.Identifier(rows),
            lines=written(lines),
        )
    )


class StripeWorld:
    """A sandbox's state: begun by calls, filled by copies while nobody serves it, then served by its own process."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._home = bench.folder / name
        self._process: SandboxProcess | None = None

    def start(self) -> SandboxProcess:
        """Serve it."""
        self._process = SandboxProcess(self._home)
        self._bench.defer(self._process.stop)
        return self._process

    def stop(self) -> None:
        """Serve it no more."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def api(self) -> "StripeApi":
        """Calls to it."""
        from tourpad.core.gateways.stripe.client import StripeApi

        assert self._process is not None
        return StripeApi(SANDBOX_SECRET_KEY, base_url=self._process.url, is_sandbox=True)

    def control(self, path: str, body: Any) -> None:
        """Tell it something that Stripe has no call for."""
        assert self._process is not None
        httpx.post(f"{self._process.url}/_sandbox/{path}", json=body, timeout=30).raise_for_status()

    def objects(self, kind: str) -> list[str]:
        """All objects of a kind, as JSON."""
        with sqlite3.connect(self._home / "sandbox.sqlite3") as state:
            rows = state.execute("SELECT body FROM objects WHERE type = ? ORDER BY seq", (kind,)).fetchall()
        state.close()
        return [row[0].decode() if isinstance(row[0], bytes) else row[0] for row in rows]

    def copy_objects(self, originals: Iterable[str], replacements: Iterable[Mapping[str, str]]) -> None:
        """Copy some objects (by id) once for each mapping of old texts to new ones. Only while it is not served."""
        with sqlite3.connect(self._home / "sandbox.sqlite3") as state:
            known: list[tuple[Any, ...]] = []
            refs: dict[int, list[tuple[Any, ...]]] = {}
            for original in originals:
                row = state.execute(
                    "SELECT seq, id, type, account, created, body FROM objects WHERE id = ?", (original,)
                ).fetchone()
                known.append(row)
                refs[row[0]] = state.execute("SELECT type, name, value FROM refs WHERE seq = ?", (row[0],)).fetchall()
            for changed in replacements:
                for seq, identity, kind, account, created, body in known:
                    text = _replaced(body.decode(), changed)
                    cursor = state.execute(
                        "INSERT INTO objects (id, type, account, created, body) VALUES (?, ?, ?, ?, ?)",
                        (_replaced(identity, changed), kind, account, created, text.encode()),
                    )
                    state.executemany(
                        "INSERT INTO refs VALUES (?, ?, ?, ?)",
                        [(t, name, _replaced(value, changed), cursor.lastrowid) for t, name, value in refs[seq]],
                    )
        state.close()


def _replaced(text: str, changed: Mapping[str, str]) -> str:
    for old, new in changed.items():
        text = text.replace(old, new)
    return text
