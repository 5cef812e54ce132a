"""Exact rate limits: one statement counts and answers, so any number of processes share one number.

A window begins with a subject's first try and ends a period later. Everything else (reads, mostly) is limited
roughly and in memory by the shell.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from tourpad.core.errors import LimitedError
from tourpad.core.ids import new_id
from tourpad.core.values import Value


class Policy(Value):
    """So many tries in a period."""

    name: str
    limit: int
    period: timedelta
    sentence: str
    """What is told to whoever went over it."""
    by_address: bool = False
    """Counts by network address alone. On a developer's machine everybody has the same one (see `LOCAL_FACTOR`)."""


LOGIN: Final = Policy("login", 10, timedelta(minutes=5), "Too many sign-ins for this account from here.")
RESET: Final = Policy("reset", 5, timedelta(days=1), "Too many password mails for this address.")
VERIFY_RESEND: Final = Policy("verify-resend", 3, timedelta(hours=6), "Too many verification mails for this address.")
EMAIL_CHANGE: Final = Policy("email-change", 5, timedelta(days=1), "Too many changes of the mail address.")
EXPORT: Final = Policy("export", 5, timedelta(days=1), "Too many archives of this account.")
TOTP: Final = Policy("totp", 10, timedelta(minutes=5), "Too many codes for this account.")
OAUTH: Final = Policy("oauth", 60, timedelta(minutes=10), "Too many sign-ins from here.", by_address=True)
PAY: Final = Policy("pay", 60, timedelta(hours=1), "Too many payments begun by this account.")
INVITE: Final = Policy("invite", 30, timedelta(hours=1), "Too many invitations sent by this account.")
FEED_ADD: Final = Policy("feed-add", 30, timedelta(days=1), "Too many calendars added.")
CALENDAR: Final = Policy(
    "calendar", 120, timedelta(hours=1), "Too many requests for calendars from here.", by_address=True
)
REGISTER: Final = Policy("register", 20, timedelta(hours=1), "Too many registrations from here.", by_address=True)

LOCAL_FACTOR: Final = 50
"""How much more a limit by address alone allows in `dev` and `test`."""

# A clock that was set back by more than a period (tests, a demo) must not leave a window that never ends.
_TAKE: Final = """
    INSERT INTO rate_windows (id, policy, subject, window_start, used)
    VALUES (%(id)s, %(policy)s, %(subject)s, %(now)s, %(count)s)
    ON CONFLICT (policy, subject) DO UPDATE SET
        used = CASE WHEN rate_windows.window_start <= %(begin)s OR rate_windows.window_start > %(ahead)s
            THEN excluded.used ELSE rate_windows.used + excluded.used END,
        window_start = CASE WHEN rate_windows.window_start <= %(begin)s OR rate_windows.window_start > %(ahead)s
            THEN excluded.window_start ELSE rate_windows.window_start END
    RETURNING used, window_start
"""


class Usage(Value):
    """Where a subject stands after one more try."""

    policy: Policy
    limit: int
    used: int
    resets_in: int
    """Whole seconds until the window ends."""

    @property
    def remaining(self) -> int:
        """Tries left."""
        return max(0, self.limit - self.used)

    @property
    def exceeded(self) -> bool:
        """Whether this try is one too many."""
        return self.used > self.limit

    def error(self) -> LimitedError:
        """The refusal."""
        return LimitedError(
            self.policy.sentence,
            hint=f"Try again in {_words(self.resets_in)}.",
            policy=self.policy.name,
            retry_after=self.resets_in,
        )


def take(engine: Engine, policy: Policy, subject: str, *, now: datetime, factor: int = 1, count: int = 1) -> Usage:
    """Count a try, in a transaction of its own that no later failure takes back.

    Args:
        engine: one whose connections commit by themselves (`isolation_level="AUTOCOMMIT"`).
        policy: what is limited.
        subject: whose tries; `subject_of` makes one.
        now: the platform's time.
        factor: how much more than the policy is allowed.
        count: how many tries at once.
    """
    parameters = {
        "id": new_id(),
        "policy": policy.name,
        "subject": subject,
        "now": now,
        "count": count,
        "begin": now - policy.period,
        "ahead": now + policy.period,
    }
    with engine.connect() as connection:
        used, start = connection.exec_driver_sql(_TAKE, parameters).one()
    return usage_of(policy, used=used, start=start, now=now, factor=factor)


def usage_of(policy: Policy, *, used: int, start: datetime, now: datetime, factor: int) -> Usage:
    """Where a subject stands that has used so much of a window that began then."""
    left = start + policy.period - now
    return Usage(policy, policy.limit * factor, used, max(1, -(-left // timedelta(seconds=1))))


def subject_of(*parts: str | None) -> str:
    """A subject's name in the table: a hash, so that the table lists nobody's mail address."""
    return hashlib.sha256("\0".join(p or "" for p in parts).encode()).hexdigest()[:32]


def _words(seconds: int) -> str:
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = -(-seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if seconds > 1 else ''}"
