"""How applications look on the terminal: a row of the list, and the one page that a reviewer decides on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tourpad.core.money import format_money, usd

if TYPE_CHECKING:
    from tourpad.core.applications.queries import ApplicationView, Detail
    from tourpad.core.notifications.render import Rendered

STATE_COLOURS = {
    "submitted": "cyan",
    "in_review": "cyan",
    "questions_asked": "yellow",
    "approved": "green",
    "rejected": "red",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One person's page: what to show, in order. `long` may be cut where the screen is small; the rest is short."""

    kind: str
    head: str
    who: str
    long: str
    facts: list[str]
    talk: list[str]
    """Questions with answers, and notes."""


def age(waited: timedelta) -> str:
    """A time as people say it: `39 h`."""
    if waited < timedelta(hours=1):
        return f"{waited // timedelta(minutes=1)} min"
    if waited < timedelta(days=4):
        return f"{waited // timedelta(hours=1)} h"
    return f"{waited // timedelta(days=1)} d"


def row(view: "ApplicationView", now: datetime) -> dict[str, Any]:
    """One row of the list."""
    from tourpad.core.applications import rules

    application = view.application
    waited = now - application.submitted_at if application.submitted_at else timedelta(0)
    return {
        "id": application.id,
        "name": title(application.kind.value, application.answers, view.name),
        "kind": application.kind.value,
        "town": town(application.answers),
        "state": application.state.value,
        "age": age(waited),
        "age_hours": waited // timedelta(hours=1),
        "overdue": rules.is_overdue(application.state, submitted_at=application.submitted_at, now=now),
        "round": application.round,
        "user_id": application.user_id,
        "person": view.name,
        "email": view.email,
        "submitted_at": application.submitted_at,
        "decided_at": application.decided_at,
        "decision_reason": application.decision_reason,
    }


def document(detail: "Detail", now: datetime) -> dict[str, Any]:
    """Everything about one application, for `--json`."""
    return {
        **row(detail.view, now),
        "answers": detail.view.application.answers,
        "questions": [
            {
                "id": q.id,
                "question": q.question,
                "asked_at": q.asked_at,
                "answer": q.answer,
                "answered_at": q.answered_at,
            }
            for q in detail.questions
        ],
        "notes": [{"author": n.author, "note": n.note, "created_at": n.created_at} for n in detail.notes],
    }


def title(kind: str, answers: Mapping[str, Any], name: str) -> str:
    """How the applicant appears: the stage's name, or the venue's."""
    return str(answers.get("stage_name" if kind == "artist" else "venue_name") or name)


def town(answers: Mapping[str, Any]) -> str | None:
    """`Asheville NC`."""
    return f"{answers['city']} {answers['state']}" if answers.get("city") and answers.get("state") else None


def card(detail: "Detail", now: datetime) -> Card:
    """The page of one application."""
    view = detail.view
    answers, kind = view.application.answers, view.application.kind.value
    head = [
        title(kind, answers, view.name),
        ", ".join(answers.get("genres" if kind == "artist" else "preferred_genres") or []),
        town(answers),
        f"applied {age(now - view.application.submitted_at)} ago" if view.application.submitted_at else None,
    ]
    if view.application.round > 1:
        head.append(f"try\N{NO-BREAK SPACE}{view.application.round}")
    long, facts = _artist(answers) if kind == "artist" else _host(answers)
    talk = [f"asked  {q.question}\n       {q.answer or '(no answer yet)'}" for q in detail.questions]
    talk += [f"{n.author}: {n.note}" for n in detail.notes]
    if view.application.state.value in ("approved", "rejected"):
        reason = f": {view.application.decision_reason}" if view.application.decision_reason else ""
        talk.append(f"{view.application.state.value}{reason}")
    return Card(
        kind=kind.upper(),
        head="   ".join(part for part in head if part),
        who=f"{view.name} <{view.email}>",
        long=long,
        facts=[fact for fact in facts if fact],
        talk=talk,
    )


def plain(shown: Card) -> str:
    """The page as lines of text, for a pipe or a screen reader."""
    return "\n".join([f"{shown.kind}  {shown.head}", shown.who, "", shown.long, "", *shown.facts, *shown.talk])


def letter(said: "Rendered", *, lines: int | None = None) -> str:
    """A mail as it would be sent: its subject and its first lines."""
    body = [line for line in said.text.splitlines() if line.strip()]
    shown = body if lines is None else body[:lines]
    more = [] if len(shown) == len(body) else ["…"]
    return "\n".join([f"Subject: {said.subject}", *(f"  {line}" for line in [*shown, *more])])


def _artist(answers: Mapping[str, Any]) -> tuple[str, list[str]]:
    links = answers.get("social_links") or {}
    terms = [
        f"set {answers['typical_set_length']} min" if answers.get("typical_set_length") else "",
        f"travels {answers['travel_radius']} mi" if answers.get("travel_radius") else "",
        f"guarantee from {format_money(usd(answers['min_guarantee_cents']))}"
        if answers.get("min_guarantee_cents")
        else "",
        f"books {answers['preferred_booking_advance']} days ahead" if answers.get("preferred_booking_advance") else "",
    ]
    return str(answers.get("bio") or ""), [
        f"video  {answers.get('performance_video_url')}",
        f"music  {answers.get('music_profile_url')}",
        f"photo  {answers['press_photo_url']}" if answers.get("press_photo_url") else "",
        "links  " + ", ".join(str(v) for v in links.values()) if links else "",
        " · ".join(term for term in terms if term),
    ]


def _host(answers: Mapping[str, Any]) -> tuple[str, list[str]]:
    beds = (answers.get("lodging_details") or {}).get("beds")
    years = answers.get("hosting_experience") or 0
    terms = [
        str(answers.get("venue_type") or ""),
        f"{answers.get('indoor_capacity') or 0} inside, {answers.get('outdoor_capacity') or 0} outside",
        f"{years} year{'' if years == 1 else 's'} of hosting",
        "lodging" + (f" ({beds} beds)" if beds else "") if answers.get("offers_lodging") else "no lodging",
    ]
    photos = answers.get("venue_photo_urls") or []
    return str(answers.get("hosting_motivation") or ""), [
        " · ".join(term for term in terms if term),
        f"photos {', '.join(photos)}" if photos else "no photos",
        f"about  {answers['bio']}" if answers.get("bio") else "",
        f"rules  {answers['house_rules']}" if answers.get("house_rules") else "",
    ]
