"""What the forms ask. A draft is held to as much of it as is filled in. Pure."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from tourpad.core.applications.rules.words import LONGEST_ANSWER
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.artists import rules as artists
from tourpad.core.fields import Fields
from tourpad.core.hosts import rules as hosts
from tourpad.core.hosts.rules import GivenAddress
from tourpad.core.places import Town
from tourpad.core.values import Value

MOST_PHOTOS = 20

ARTIST_NEEDS = ("bio", "genres", "performance_video_url", "music_profile_url")
HOST_NEEDS = ("venue_name", "venue_type", "city", "indoor_capacity", "hosting_experience", "hosting_motivation")
NEEDS: dict[ApplicationKind, tuple[str, ...]] = {
    ApplicationKind.ARTIST: ARTIST_NEEDS,
    ApplicationKind.HOST: HOST_NEEDS,
}
_ARTIST_EXTRA = frozenset({"social_links", "press_photo_url", "press_photo_id"})
_HOST_EXTRA = frozenset({"hosting_motivation", "venue_photo_urls", "venue_photo_ids"})

FORM_FIELDS: dict[ApplicationKind, frozenset[str]] = {
    ApplicationKind.ARTIST: artists.FIELDS | _ARTIST_EXTRA,
    ApplicationKind.HOST: hosts.FIELDS | _HOST_EXTRA,
}


class Form(Value):
    """A form that was filled in rightly."""

    answers: dict[str, Any]
    """As it is kept and shown to reviewers. A host's address is not in it."""
    artist: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    """Columns of the artist's profile."""
    host: hosts.ProfileChanges | None = None
    social_links: dict[str, str] | None = None


class Draft(Value):
    """Part of a form, as far as it was filled in."""

    answers: dict[str, Any]
    """What is kept; a host's address is not in it."""
    emptied: frozenset[str]
    """Fields that were filled in before and are not any more."""
    town: Town | None = None
    address: GivenAddress | None = None
    """Goes to its own table, as everywhere."""


def check_form(kind: ApplicationKind, answers: Mapping[str, Any]) -> Form:
    """Check a form.

    Raises:
        InvalidInputError: naming every field that is missing or wrong.
    """
    given = {name: value for name, value in answers.items() if value is not None}
    found = Fields()
    found.known(given, FORM_FIELDS[kind])
    return _artist_form(found, given) if kind is ApplicationKind.ARTIST else _host_form(found, given)


def check_draft(kind: ApplicationKind, answers: Mapping[str, Any]) -> Draft:
    """Check what is filled in so far. Nothing is needed, and blanks count as not filled in.

    Raises:
        InvalidInputError: naming every field that is wrong as it stands.
    """
    found = Fields()
    found.known(answers, FORM_FIELDS[kind])
    blank = {name for name, value in answers.items() if value is None or value == "" or value in ([], {})}
    given = {name: value for name, value in answers.items() if name in FORM_FIELDS[kind] - blank}
    clean: dict[str, Any] = {}
    # Half a place is no fault yet: the other half may come with the next keystroke.
    half = {} if {"city", "state"} <= set(given) else {n: given.pop(n) for n in ("city", "state") if n in given}
    clean |= {name: found.text(name, value, longest=80) for name, value in half.items()}
    town, address = None, None
    if kind is ApplicationKind.ARTIST:
        columns = artists.check_profile(_only(given, artists.FIELDS), fields=found)
        clean |= {name: value for name, value in columns.items() if name not in ("latitude", "longitude")}
    else:
        changes = hosts.check_profile(_only(given, hosts.FIELDS), fields=found)
        clean |= changes.columns
        town, address = changes.town, changes.address
        if town is not None:
            clean |= {"city": town.name, "state": town.state}
    clean |= _extras(found, given)
    found.done()
    return Draft(answers=clean, emptied=frozenset(blank), town=town, address=address)


def missing(kind: ApplicationKind, answers: Mapping[str, Any]) -> list[str]:
    """What a draft still needs before it can be submitted."""
    return [name for name in NEEDS[kind] if answers.get(name) in (None, "", [])]


def photo_ids(answers: Mapping[str, Any]) -> list[UUID]:
    """The uploads that a form names."""
    named = [answers.get("press_photo_id"), *(answers.get("venue_photo_ids") or [])]
    return [UUID(str(one)) for one in named if one]


def _artist_form(found: Fields, given: Mapping[str, Any]) -> Form:
    found.require(given, ARTIST_NEEDS)
    columns = artists.check_profile(_only(given, artists.FIELDS), fields=found)
    if "genres" in given and not columns.get("genres"):
        found.wrong("genres", "needs at least one")
    extras = _extras(found, given)
    found.done()
    answers = {name: value for name, value in columns.items() if name not in ("latitude", "longitude")}
    return Form(answers=answers | extras, artist=columns, social_links=extras.get("social_links"))


def _host_form(found: Fields, given: Mapping[str, Any]) -> Form:
    found.require(given, HOST_NEEDS)
    changes = hosts.check_profile(_only(given, hosts.FIELDS), fields=found)
    answers: dict[str, Any] = {**changes.columns, "venue_photo_urls": [], **_extras(found, given)}
    if hosts.capacity(answers.get("indoor_capacity") or 0, answers.get("outdoor_capacity") or 0) < 1:
        found.wrong("indoor_capacity", "must leave room for at least one guest, inside or outside")
    found.done()
    if changes.town is not None:
        answers["city"], answers["state"] = changes.town.name, changes.town.state
    return Form(answers=answers, host=changes)


def _extras(found: Fields, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are the form's own, and no profile's."""
    clean: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "social_links":
                clean[name] = found.links(name, value)
            case "press_photo_url":
                clean[name] = found.url(name, value)
            case "press_photo_id":
                clean[name] = _upload(found, name, value)
            case "venue_photo_urls":
                clean[name] = found.items(name, value, found.url, most=MOST_PHOTOS)
            case "venue_photo_ids":
                ids = found.items(name, value, lambda place, one: _upload(found, place, one), most=MOST_PHOTOS)
                clean[name] = list(dict.fromkeys(ids))
            case "hosting_motivation":
                clean[name] = found.text(name, value, longest=LONGEST_ANSWER, lines=True)
            case _:
                pass
    return clean


def _upload(found: Fields, place: str, value: object) -> str:
    """The id of an upload; whose it is, and whether it has arrived, the service looks up."""
    try:
        return str(UUID(str(value)))
    except ValueError:
        found.wrong(place, "must be the id of an upload (POST /api/media/uploads)")
        return ""


def _only(given: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in names}
