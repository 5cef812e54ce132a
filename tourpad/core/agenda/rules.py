"""The secret address of a calendar, and what stands in the calendar (pure)."""

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tourpad.core.calendars import Entry, Standing, sequence_of, uid_of
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.identity import tokens
from tourpad.core.values import Value

PAST: Final = timedelta(days=90)
"""Shows that are over stay in it for so long."""
CALLED_OFF: Final = timedelta(days=30)
"""A show that was called off, or seats that were given back, stay marked so: a calendar takes them out by that."""
REFRESH: Final = timedelta(hours=1)
"""How often programs should look again."""
READ_STEP: Final = timedelta(hours=1)
"""When it was read is kept no finer."""

_SECRET: Final = 32
_RAW: Final = 16 + _SECRET

GONE: Final = frozenset({RsvpState.CANCELLED, RsvpState.DECLINED, RsvpState.LAPSED})
CERTAIN: Final = frozenset({RsvpState.APPROVED, RsvpState.CHECKED_IN, RsvpState.NO_SHOW})


class Show(Value, kw_only=True):
    """A show as far as the owner of a calendar has to do with it."""

    concert_id: UUID
    state: ConcertState
    title: str
    city: str
    region: str
    """Two letters."""
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    """When the show, or one's seats at it, last changed."""
    seats: RsvpState | None
    """How one's own seats stand; null for its artist and its host."""


def token_of(link_id: UUID, secret: bytes) -> str:
    """What stands in the address: whose it is, and 256 random bits."""
    return base64.urlsafe_b64encode(link_id.bytes + secret).rstrip(b"=").decode()


def read_token(token: str) -> tuple[UUID, str] | None:
    """Which link a token names, and the digest of its random half; nothing where it can't be one of ours."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return (UUID(bytes=raw[:16]), digest(raw[16:])) if len(raw) == _RAW else None


def digest(secret: bytes) -> str:
    """What is kept of the random half."""
    return tokens.digest(secret.hex())


def is_same(kept: str, shown: str) -> bool:
    """Whether two digests are the same, in a time that tells nothing of where they differ."""
    return hmac.compare_digest(kept, shown)


def entries(shows: Iterable[Show], *, base_url: str) -> list[Entry]:
    """What stands in the calendar: the town and a link, and never a street.

    A program reads it, often somebody else's and far away; an address given to it would be given to nobody on record.
    """
    return [_entry(show, base_url) for show in shows]


def _entry(show: Show, base_url: str) -> Entry:
    url = f"{base_url}/concerts/{show.concert_id}"
    standing = _standing(show)
    says = {
        Standing.CANCELLED: "This is called off.",
        Standing.TENTATIVE: "Your seats are not certain yet.",
        Standing.CONFIRMED: "The way there is on the concert’s page, for whoever comes, when the time has come.",
    }[standing]
    return Entry(
        uid=uid_of("concert", show.concert_id),
        sequence=sequence_of(show.changed_at),
        changed_at=show.changed_at,
        starts_at=show.starts_at,
        ends_at=show.ends_at,
        zone=show.time_zone,
        summary=show.title,
        description=f"{says}\n{url}",
        location=f"{show.city}, {show.region}",
        url=url,
        standing=standing,
    )


def _standing(show: Show) -> Standing:
    if show.state is ConcertState.CANCELLED or show.seats in GONE:
        return Standing.CANCELLED
    return Standing.CONFIRMED if show.seats is None or show.seats in CERTAIN else Standing.TENTATIVE
