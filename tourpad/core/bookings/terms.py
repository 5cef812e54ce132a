"""What an offer says, what differs between two of them, and what a signature stands for (pure)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.values import replace

DEFAULT_ARTIST_DOOR_BPS = 8_000
"""The artist's share of the door unless the offer says otherwise."""

DEFAULT_MINIMUM_NOTICE_DAYS = 7
"""So many days before the show a minimum must be reached unless the offer says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an offer says. Amounts are cents, the duration is minutes, date and time are local to the host."""

    date: date
    time: time
    duration: int
    artist_fee_cents: int
    """The guarantee: a floor under the artist's share of the door."""
    door_fee_cents: int = 0
    door_mode: DoorMode = DoorMode.FIXED
    door_minimum_cents: int = 0
    """What each guest pays at least, where they pay what they can."""
    door_suggested_cents: int = 0
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS
    fee_policy: Policy = Policy.MODERATE
    door_policy: Policy = Policy.MODERATE
    expected_attendance: int
    """People."""
    minimum_attendance: int = 0
    """With fewer there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_notice_days: int = DEFAULT_MINIMUM_NOTICE_DAYS
    """So many days before the show the minimum must be reached."""
    maximum_attendance: int = 0
    """In a request 0 stands for as many as fit."""
    lodging_requested: bool = False
    lodging_details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For how many, how long, what matters."""
    house_rules: str | None = None
    """In a request None stands for those on the host's profile."""


MOVABLE = frozenset({"date", "time", "duration", "lodging_requested", "lodging_details", "house_rules"})
"""What may still change once the show is confirmed. Prices may not: people have paid them."""

SAME_NAMES = tuple(f.name for f in fields(Terms) if f.name not in {"date", "time", "duration"})
"""Terms that bookings, offers and requests call by the same names."""


def terms_of_offer(offer: Any) -> Terms:
    """What one version says (`models.Offer`)."""
    return Terms(
        date=offer.date, time=offer.time, duration=offer.duration, **{name: getattr(offer, name) for name in SAME_NAMES}
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One term that differs between two versions."""

    field: str
    before: Any
    after: Any


def changed(present: Terms, changes: Mapping[str, Any]) -> Terms:
    """Other terms: those of `present`, with what differs. A door of another mode begins without the amounts of the old.

    Args:
        present: the terms in force.
        changes: what differs, by the names of `Terms`.
    """
    if changes.get("door_mode", present.door_mode) is not present.door_mode:
        present = replace(present, door_fee_cents=0, door_minimum_cents=0, door_suggested_cents=0)
    return replace(present, **changes)


def differences(before: Terms, after: Terms) -> tuple[Change, ...]:
    """What one version changed of the version before it, in the order of `Terms`."""
    return tuple(
        Change(f.name, old, new)
        for f in fields(Terms)
        if (old := getattr(before, f.name)) != (new := getattr(after, f.name))
    )


def fingerprint(terms: Terms, *, booking_id: UUID, number: int) -> str:
    """What a signature stands for: SHA-256 of every term of one version of one booking, in hexadecimal."""
    said = {f.name: _plain(getattr(terms, f.name)) for f in fields(Terms)}
    text = json.dumps([str(booking_id), number, said], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value
