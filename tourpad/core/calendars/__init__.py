"""Calendars as others read them: RFC 5545 (pure).

One writer for all: invitations in mails, one show's file, a person's feed. An entry says when it is by the clock of its
place, and the file brings along what that place's clocks do around it, so that a program that knows no zones is right.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from tourpad.core.values import Value

MIME_TYPE: Final = "text/calendar"
SUFFIX: Final = "ics"

_SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)


class Method(StrEnum):
    """What a file that comes by mail is for (RFC 5546). A feed has none: it is what it is."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


class Standing(StrEnum):
    """How certain an entry is."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Entry(Value, kw_only=True):
    """Something at an instant. No entry ever carries a street: a town, and a link for those who may know more."""

    uid: str
    """The same for the same thing for ever (`uid_of`)."""
    sequence: int
    """Rises with each change that concerns people who come: a calendar takes the highest that it has seen."""
    changed_at: datetime
    """Of two entries with one sequence the later holds."""
    starts_at: datetime
    ends_at: datetime
    zone: str
    """IANA name of the place's zone."""
    summary: str
    description: str | None = None
    location: str | None = None
    url: str | None = None
    standing: Standing = Standing.CONFIRMED
    is_busy: bool = True
    """Whether it takes the time that it lasts."""


class Days(Value, kw_only=True):
    """Something that takes whole days, whatever the zone: a blocked week, a trip."""

    uid: str
    sequence: int
    changed_at: datetime
    first: date
    last: date
    """The last of the days; RFC 5545 writes the day after it."""
    summary: str
    description: str | None = None
    location: str | None = None
    url: str | None = None
    standing: Standing = Standing.CONFIRMED
    is_busy: bool = True


class Sender(Value, kw_only=True):
    """Who sends a calendar by mail: RFC 5546 wants to know."""

    name: str
    address: str


def uid_of(kind: str, id: UUID) -> str:
    """The name of a thing in every calendar, whatever our address is today: `concert-0197…@tourpad`."""
    return f"{kind}-{id}@tourpad"


def sequence_of(changed_at: datetime) -> int:
    """The sequence of a thing that was changed last at an instant: the seconds since the year 2020.

    It rises with each change by itself, and two files made of the same thing agree on it.
    """
    return int((changed_at - _SINCE).total_seconds())


def write(
    entries: Iterable[Entry | Days],
    *,
    name: str | None = None,
    method: Method | None = None,
    sender: Sender | None = None,
    refresh: timedelta | None = None,
) -> bytes:
    """A calendar's file. The same entries give the same bytes.

    Args:
        entries: what is in it, in this order.
        name: of the calendar, where it is one to subscribe to.
        method: for a file that comes by mail; every entry then names the sender.
        sender: who sends it; needed with a method.
        refresh: how often programs that subscribe should look again.
    """
    from tourpad.core.calendars.writing import text_of  # noqa: PLC0415 - icalendar costs a fifth of a second

    return text_of(list(entries), name=name, method=method, sender=sender, refresh=refresh)
