"""Where exact limits are counted: in PostgreSQL, or in Redis where `REDIS_URL` is set. Each counts in one atomic step.

Redis is quicker and keeps counters out of the database's log; it is not needed. While it does not answer, PostgreSQL
counts: nobody is let in unseen, and nobody is locked out. A window that was begun in one is unknown to the other, so
each such change may allow a subject one more window's worth of tries, and no more.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from tourpad.core.clock import stopwatch
from tourpad.core.requests.limits import Policy, Usage, take, usage_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = logging.getLogger(__name__)

PATIENCE: Final = 0.25
"""Seconds that Redis has to answer; a sign-in must not wait longer for a counter."""
PAUSE: Final = 5.0
"""Seconds for which a Redis that did not answer is left alone."""

# A clock that was set back by more than a period must not leave a window that never ends, here as in PostgreSQL.
_SCRIPT: Final = """
    local start = tonumber(redis.call('HGET', KEYS[1], 'start'))
    local now, period, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    if not start or start <= now - period or start > now + period then
        redis.call('HSET', KEYS[1], 'start', ARGV[1], 'used', count)
        redis.call('PEXPIRE', KEYS[1], period * 2)
        return {count, ARGV[1]}
    end
    return {redis.call('HINCRBY', KEYS[1], 'used', count), string.format('%.0f', start)}
"""


class Windows(Protocol):
    """Counts tries, exactly, whoever else counts at the same moment."""

    def take(self, policy: Policy, subject: str, *, now: datetime, factor: int = 1, count: int = 1) -> Usage:
        """Count `count` tries of a subject under a policy; where that leaves it. What is counted stays counted."""
        ...

    def problem(self) -> str | None:
        """What is wrong with the counting, in words; nothing when all is well."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


class InPostgres:
    """Counted by one statement on a connection that commits by itself."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine

    def take(self, policy: Policy, subject: str, *, now: datetime, factor: int = 1, count: int = 1) -> Usage:
        """As `Windows.take`."""
        return take(self._engine, policy, subject, now=now, factor=factor, count=count)

    def problem(self) -> str | None:
        """Nothing: without PostgreSQL there is no house."""
        return None

    def close(self) -> None:
        """The engine is somebody else's."""


class InRedis:
    """Counted by one script in Redis; by `otherwise` while Redis does not answer."""

    def __init__(self, url: str, otherwise: Windows) -> None:
        import redis  # noqa: PLC0415 - only who has one pays for its import

        self._failures: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self._redis: Any = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._script: Any = self._redis.register_script(_SCRIPT)
        self._otherwise = otherwise
        self._not_before = 0.0

    def take(self, policy: Policy, subject: str, *, now: datetime, factor: int = 1, count: int = 1) -> Usage:
        """As `Windows.take`."""
        if stopwatch() >= self._not_before:
            try:
                used, start = self._script(
                    keys=[f"tourpad:limit:{policy.name}:{subject}"],
                    args=[_milliseconds(now), policy.period // timedelta(milliseconds=1), count],
                )
            except self._failures as error:
                self._not_before = stopwatch() + PAUSE
                log.warning("Redis does not answer (%s): limits are counted in PostgreSQL", type(error).__name__)
            else:
                began = datetime.fromtimestamp(int(start) / 1000, UTC)
                return usage_of(policy, used=int(used), start=began, now=now, factor=factor)
        return self._otherwise.take(policy, subject, now=now, factor=factor, count=count)

    def problem(self) -> str | None:
        """Whether Redis answers now."""
        try:
            self._redis.ping()
        except self._failures as error:
            return f"Redis does not answer ({type(error).__name__}): limits are counted in PostgreSQL"
        return None

    def close(self) -> None:
        """Close its connections."""
        self._redis.close()


def open_windows(redis_url: str | None, engine: "Engine") -> Windows:
    """Where this process counts.

    Args:
        redis_url: `REDIS_URL`, if there is one.
        engine: one whose connections commit by themselves.
    """
    in_postgres = InPostgres(engine)
    return InRedis(redis_url, in_postgres) if redis_url else in_postgres


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
