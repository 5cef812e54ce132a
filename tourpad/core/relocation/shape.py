"""What a folder of this format holds: the manifest, one file of lines a kind, and what a line may say (pure).

The page for people is `docs/how-to/bring-people-from-another-system.md`; a test reads its example.
"""

import difflib
from collections.abc import Collection, Mapping
from typing import Any, Final

from tourpad.core.artists import rules as artists
from tourpad.core.errors import FieldError
from tourpad.core.fans import rules as fans
from tourpad.core.fields import Fields
from tourpad.core.hosts import rules as hosts
from tourpad.core.identity.rules import COMMON_PROFILE
from tourpad.core.identity.states import UserType
from tourpad.core.relocation.states import Kind
from tourpad.core.values import Value

FORMAT: Final = "tourpad-relocation"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MEDIA: Final = "media"
"""The folder of the files."""
OURS: Final = "tourpad"
"""The source that an export of everything names."""
LONGEST_ID: Final = 200
LONGEST_SOURCE: Final = 60


class Line(Value):
    """One line of one file, as it was read."""

    kind: Kind
    number: int
    """From 1."""
    said: dict[str, Any]
    """Without what is null."""

    @property
    def id(self) -> str:
        """Its id in the other system."""
        return str(self.said.get("id", ""))

    @property
    def place(self) -> str:
        """Where it stands, as editors and compilers say it: `hosts.jsonl:12`."""
        return f"{self.kind}.jsonl:{self.number}"


class Fault(Value):
    """Something that keeps a line, or a file, from coming in."""

    file: str
    line: int | None
    field: str | None
    message: str
    follows: bool = False
    """Whether it is mended by mending another one: what it names is at fault."""

    @property
    def place(self) -> str:
        """`hosts.jsonl:12`."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


class Manifest(Value):
    """What a folder says of itself."""

    source: str
    """What the system is called that it comes from: ids are known by it."""
    exported_at: str | None = None


FIELDS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.USERS: frozenset(
        {
            *("id", "email", "name", "user_type", "state", "created_at", "email_verified_at", "referral_source"),
            *("membership", "suspension"),
        }
    )
    | COMMON_PROFILE,
    Kind.ARTISTS: frozenset({"id", "user_id", "approved_at"}) | artists.FIELDS,
    Kind.HOSTS: frozenset({"id", "user_id", "approved_at"}) | hosts.FIELDS,
    Kind.FANS: frozenset({"id", "user_id"}) | fans.FIELDS,
    Kind.MEDIA: frozenset(
        {"id", "user_id", "file", "category", "title", "description", "alt_text", "is_private", "sort_order"}
    ),
    Kind.BOOKINGS: frozenset(
        {
            *("id", "artist_id", "host_id", "state", "requested_date", "requested_time", "estimated_duration"),
            *("expected_attendance", "artist_fee_cents", "door_fee_cents", "lodging_requested"),
            *("message", "artist_response", "host_response", "cancelled_by", "cancel_reason"),
            *("requested_at", "responded_at", "confirmed_at", "completed_at", "cancelled_at"),
        }
    ),
    Kind.CONCERTS: frozenset({"id", "booking_id", "title", "description", "max_capacity", "seats_taken", "is_private"}),
    Kind.REVIEWS: frozenset(
        {
            *("id", "booking_id", "reviewer_id", "rating", "review_text", "is_public", "created_at"),
            *("response_text", "responded_at"),
        }
    ),
}
"""What a line of each kind may say."""

NEEDED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.USERS: ("id", "email", "name", "user_type"),
    Kind.ARTISTS: ("id", "user_id"),
    Kind.HOSTS: ("id", "user_id", "city", "state"),
    Kind.FANS: ("id", "user_id"),
    Kind.MEDIA: ("id", "user_id", "file", "category"),
    Kind.BOOKINGS: ("id", "artist_id", "host_id", "state", "requested_date", "requested_time"),
    Kind.CONCERTS: ("id", "booking_id"),
    Kind.REVIEWS: ("id", "booking_id", "reviewer_id", "rating", "created_at"),
}
"""What it has to say."""

PROFILES: Final[Mapping[UserType, Kind]] = {
    UserType.ARTIST: Kind.ARTISTS,
    UserType.HOST: Kind.HOSTS,
    UserType.FAN: Kind.FANS,
}
"""Where the profile of each role stands."""

_NOT_BROUGHT: Final[Mapping[str, str]] = {
    "password": "is never brought along: people set a new one by a link",
    "password_hash": "is never brought along: people set a new one by a link",
    "status": "is called state here",
}


def check_names(kind: Kind, said: Mapping[str, Any]) -> list[FieldError]:
    """Fields that this kind does not have, each with the nearest that it has, and fields that are missing."""
    faults = [FieldError(name, _unknown(name, FIELDS[kind])) for name in said if name not in FIELDS[kind]]
    return faults + [FieldError(name, "is needed") for name in NEEDED[kind] if name not in said]


def check_manifest(said: Any) -> tuple[Manifest | None, list[Fault]]:
    """What the manifest says, and what is wrong with it."""
    if not isinstance(said, dict):
        return None, [Fault(MANIFEST, None, None, "must be an object with format, version and source")]
    found = Fields()
    found.known(said, ("format", "version", "source", "exported_at"))
    if said.get("format") != FORMAT:
        found.wrong("format", f"must be {FORMAT}")
    if said.get("version") != VERSION or isinstance(said.get("version"), bool):
        found.wrong("version", f"must be {VERSION}: this TourPad reads no other")
    source = found.text("source", said.get("source"), longest=LONGEST_SOURCE)
    exported_at = said.get("exported_at")
    if exported_at is not None:
        found.text("exported_at", exported_at, longest=40)
    faults = [Fault(MANIFEST, None, e.field, e.message) for e in found.errors]
    return (None if faults else Manifest(source, exported_at)), faults


def nearest(name: str, names: Collection[str]) -> str | None:
    """The name that somebody may have meant."""
    return next(iter(difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.6)), None)


def _unknown(name: str, names: Collection[str]) -> str:
    if name in _NOT_BROUGHT:
        return _NOT_BROUGHT[name]
    meant = nearest(name, names)
    return f"is no field here; the nearest is {meant}" if meant else "is no field here"
