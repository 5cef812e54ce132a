"""The engine and its pool."""

from typing import Any

import msgspec
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from tourpad.core.watch import traces


def make_engine(url: str, *, pool_size: int = 10, application: str = "tourpad") -> Engine:
    """An engine on psycopg 3. `url` is a `postgresql://` address as people write it.

    Sessions run in UTC, and statements that a person waits for end after 30 s instead of never.
    """
    engine = create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=False,
        # What is stored (hashes, mails with their links) stays out of error messages and so out of logs.
        hide_parameters=True,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        connect_args={
            "application_name": application,
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000",
        },
    )
    event.listen(engine, "handle_error", _mark_lost)
    if traces.is_tracing():
        traces.watch_statements(engine)
    return engine


def driver_url(url: str) -> str:
    """The same address with SQLAlchemy's driver in its scheme."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def plain_url(url: str) -> str:
    """The same address as libpq's tools and psycopg take it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that keep their objects readable after a commit and never autoflush behind a query's back."""
    return sessionmaker(engine, expire_on_commit=False)


def _mark_lost(context: Any) -> None:
    """A server that went away ends every pooled connection, so that the next request gets a fresh one."""
    original = context.original_exception
    if getattr(original, "sqlstate", None) in ("57P01", "57P02", "57P03"):
        context.is_disconnect = True
