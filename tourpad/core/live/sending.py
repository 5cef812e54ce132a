"""Signals leave with the commit that they tell of: none for what was rolled back, none before it can be read."""

import logging
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from tourpad.core.clock import stopwatch
from tourpad.core.live.signals import CHANNEL, Signal, payloads
from tourpad.core.requests.windows import PATIENCE, PAUSE

if TYPE_CHECKING:
    from tourpad.core.work import Work

log = logging.getLogger(__name__)

_NOTED: Final = "live_signals"
_NOTIFY: Final = "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload"


def note(work: "Work", signal: Signal) -> None:
    """Tell whoever listens, once this unit of work is committed."""
    work.session.info.setdefault(_NOTED, []).append(signal)


def noted(work: "Work") -> list[Signal]:
    """What will be told with the commit."""
    return list(work.session.info.get(_NOTED, ()))


class Sender(Protocol):
    """A way for signals to reach every process."""

    def attach(self, sessions: sessionmaker[Session]) -> None:
        """Send what is noted in these sessions with each commit."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


class ByPostgres:
    """`NOTIFY` in the transaction itself: PostgreSQL delivers it with the commit, or not at all."""

    def attach(self, sessions: sessionmaker[Session]) -> None:
        """As `Sender.attach`."""

        def send(session: Session) -> None:
            if not session.in_nested_transaction() and (waiting := _taken(session)):
                session.connection().exec_driver_sql(_NOTIFY, (CHANNEL, waiting))

        event.listen(sessions, "before_commit", send)
        event.listen(sessions, "after_rollback", _forget)

    def close(self) -> None:
        """Nothing is held."""


class ByRedis:
    """Published in Redis right after the commit; by PostgreSQL while Redis does not answer."""

    def __init__(self, url: str, engine: Engine) -> None:
        import redis  # noqa: PLC0415 - only who has one pays for its import

        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._redis: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._engine = engine
        self._not_before = 0.0

    def attach(self, sessions: sessionmaker[Session]) -> None:
        """As `Sender.attach`."""

        def send(session: Session) -> None:
            # A savepoint's end is no commit: nobody could read what is told of.
            if not session.in_nested_transaction() and (waiting := _taken(session)):
                self._publish(waiting)

        event.listen(sessions, "after_commit", send)
        event.listen(sessions, "after_rollback", _forget)

    def close(self) -> None:
        """Close its connections."""
        self._redis.close()

    def _publish(self, waiting: list[str]) -> None:
        if stopwatch() >= self._not_before:
            try:
                for payload in waiting:
                    self._redis.publish(CHANNEL, payload)
            except self._failures as error:
                self._not_before = stopwatch() + PAUSE
                log.warning("Redis does not answer (%s): sockets are told by PostgreSQL", type(error).__name__)
            else:
                return
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(_NOTIFY, (CHANNEL, waiting))
        except Exception:  # it is committed already: whoever was not told learns it when they ask
            log.exception("sockets could not be told")


def open_sender(redis_url: str | None, engine: Engine) -> Sender:
    """How this process tells the others.

    Args:
        redis_url: `REDIS_URL`, if there is one.
        engine: one whose connections commit by themselves.
    """
    return ByRedis(redis_url, engine) if redis_url else ByPostgres()


def _taken(session: Session) -> list[str]:
    return list(payloads(session.info.pop(_NOTED, ())))


def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_NOTED, None)
