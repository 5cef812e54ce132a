"""What the forms ask, and how long things take (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tourpad.core.applications.errors import TooLateToUndo, TooSoon
from tourpad.core.applications.states import WAITING, ApplicationKind, ApplicationState
from tourpad.core.artists import rules as artists
from tourpad.core.fields import Fields
from tourpad.core.hosts import rules as hosts
from tourpad.core.identity.states import UserState

PROMISE = timedelta(hours=48)
"""An applicant hears of us within this time."""

REAPPLY_AFTER = timedelta(days=30)
"""A rejected person may apply again after this."""

UNDO_APPROVAL_WITHIN = timedelta(days=7)
"""A host's approval can be undone so long; later their dates may be booked, and suspending is the way."""

MOST_QUESTIONS = 10
LONGEST_QUESTION = 500
LONGEST_ANSWER = 5000
LONGEST_REASON = 2000
LONGEST_NOTE = 5000
MOST_PHOTOS = 20

ARTIST_NEEDS = ("bio", "genres", "performance_video_url", "music_profile_url")
HOST_NEEDS = ("venue_name", "venue_type", "city", "indoor_capacity", "hosting_experience", "hosting_motivation")
_ARTIST_EXTRA = frozenset({"social_links", "press_photo_url"})
_HOST_EXTRA = frozenset({"hosting_motivation", "venue_photo_urls"})

FORM_FIELDS: dict[ApplicationKind, frozenset[str]] = {
    ApplicationKind.ARTIST: artists.FIELDS | _ARTIST_EXTRA,
    ApplicationKind.HOST: hosts.FIELDS | _HOST_EXTRA,
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was filled in rightly."""

    answers: dict[str, Any]
    """As it is kept and shown to reviewers. A host's address is not in it."""
    artist: dict[str, Any] = field(default_factory=dict[str, Any])
    """Columns of the artist's profile."""
    host: hosts.ProfileChanges | None = None
    social_links: dict[str, str] | None = None


def check_form(kind: ApplicationKind, answers: Mapping[str, Any]) -> Form:
    """Check a form.

    Raises:
        InvalidInputError: naming every field that is missing or wrong.
    """
    given = {name: value for name, value in answers.items() if value is not None}
    found = Fields()
    found.known(given, FORM_FIELDS[kind])
    return _artist_form(found, given) if kind is ApplicationKind.ARTIST else _host_form(found, given)


def check_questions(questions: Sequence[str]) -> list[str]:
    """Follow-up questions in clean form.

    Raises:
        InvalidInputError: none, too many, or an empty or overlong one.
    """
    found = Fields()
    clean = found.items(
        "follow_up_questions",
        list(questions),
        lambda place, q: found.text(place, q, longest=LONGEST_QUESTION, lines=True),
        most=MOST_QUESTIONS,
    )
    if not questions:
        found.wrong("follow_up_questions", "needs at least one")
    found.done()
    return clean


def check_text(name: str, value: str | None, *, longest: int) -> str | None:
    """A reason or a note in clean form; nothing stays nothing.

    Raises:
        InvalidInputError: empty, or too long.
    """
    if value is None:
        return None
    found = Fields()
    clean = found.text(name, value, longest=longest, lines=True)
    found.done()
    return clean


def check_may_reapply(*, decided_at: datetime, now: datetime) -> None:
    """Refuse a new try that comes too soon after a rejection.

    Raises:
        TooSoon: with the instant from which on it may come.
    """
    opens = reapply_from(decided_at)
    if now < opens:
        raise TooSoon(
            f"You may apply again from {opens.day} {opens:%B %Y} on.",
            hint="The reason of the decision is in your application.",
            **{"from": opens.isoformat().replace("+00:00", "Z")},
        )


def reapply_from(decided_at: datetime) -> datetime:
    """When a rejected person may apply again."""
    return decided_at + REAPPLY_AFTER


def check_may_undo(
    *,
    kind: ApplicationKind,
    state: ApplicationState,
    standing: UserState,
    decided_at: datetime | None,
    now: datetime,
) -> None:
    """Refuse to undo an approval that others rely on by now. A rejection can always be undone.

    Args:
        kind: of the application.
        state: of the application.
        standing: of the person, underneath a suspension.
        decided_at: when it was decided.
        now: the present instant.

    Raises:
        TooLateToUndo: the artist has paid for a membership; the host has been listed for a week.
    """
    if state is not ApplicationState.APPROVED:
        return
    hint = "tourpad users suspend closes the account instead."
    if kind is ApplicationKind.ARTIST and standing is UserState.ACTIVE:
        raise TooLateToUndo("The artist has paid for a membership since.", hint=hint)
    if kind is ApplicationKind.HOST and decided_at is not None and now > decided_at + UNDO_APPROVAL_WITHIN:
        raise TooLateToUndo(f"The host has been listed for more than {UNDO_APPROVAL_WITHIN.days} days.", hint=hint)


def answer_by(state: ApplicationState, *, submitted_at: datetime | None) -> datetime | None:
    """When we have promised an answer, while it is our turn."""
    return submitted_at + PROMISE if submitted_at is not None and state in WAITING else None


def is_overdue(state: ApplicationState, *, submitted_at: datetime | None, now: datetime) -> bool:
    """Whether the promised answer is late."""
    return state in WAITING and submitted_at is not None and now - submitted_at > PROMISE


def _artist_form(found: Fields, given: Mapping[str, Any]) -> Form:
    found.require(given, ARTIST_NEEDS)
    columns = artists.check_profile(_only(given, artists.FIELDS), fields=found)
    if "genres" in given and not columns.get("genres"):
        found.wrong("genres", "needs at least one")
    links = found.links("social_links", given["social_links"]) if "social_links" in given else None
    answers = {name: value for name, value in columns.items() if name not in ("latitude", "longitude")}
    if links is not None:
        answers["social_links"] = links
    if "press_photo_url" in given:
        answers["press_photo_url"] = found.url("press_photo_url", given["press_photo_url"])
    found.done()
    return Form(answers=answers, artist=columns, social_links=links)


def _host_form(found: Fields, given: Mapping[str, Any]) -> Form:
    found.require(given, HOST_NEEDS)
    changes = hosts.check_profile(_only(given, hosts.FIELDS), fields=found)
    answers = dict(changes.columns)
    if "hosting_motivation" in given:
        answers["hosting_motivation"] = found.text(
            "hosting_motivation", given["hosting_motivation"], longest=LONGEST_ANSWER, lines=True
        )
    answers["venue_photo_urls"] = found.items(
        "venue_photo_urls", given.get("venue_photo_urls", []), found.url, most=MOST_PHOTOS
    )
    if hosts.capacity(answers.get("indoor_capacity") or 0, answers.get("outdoor_capacity") or 0) < 1:
        found.wrong("indoor_capacity", "must leave room for at least one guest, inside or outside")
    found.done()
    if changes.town is not None:
        answers["city"], answers["state"] = changes.town.name, changes.town.state
    return Form(answers=answers, host=changes)


def _only(given: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in names}
