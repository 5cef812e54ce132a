"""What is shown of an application: a row of the list, a document, and the one page that a reviewer decides on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tourpad.cli import applications_sections as sections
from tourpad.cli.applications_sections import HOUR, Section, age

if TYPE_CHECKING:
    from tourpad.core.applications.models import Application
    from tourpad.core.applications.queries import ApplicationView, Detail, Surroundings
    from tourpad.core.notifications.render import Rendered
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

STATE_COLOURS = {
    "submitted": "cyan",
    "in_review": "cyan",
    "questions_asked": "yellow",
    "approved": "green",
    "rejected": "red",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One criterion of the rubric, and what this reviewer gave."""

    code: str
    title: str
    question: str
    score: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """One person's page."""

    kind: str
    title: str
    about: str
    place: str
    age: str
    """`39 h`, `51 h, late by 3 h`."""
    is_late: bool
    who: str
    main: list[Section]
    """What they say."""
    side: list[Section]
    """What else is known, and what reviewers said."""
    rubric: list[Mark] = field(default_factory=list[Mark])
    weighted: str | None = None
    """All reviewers' scores together."""
    links: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def row(view: "ApplicationView", now: datetime) -> dict[str, Any]:
    """One row of the list."""
    from tourpad.core.applications import rules

    application = view.application
    waited = now - application.submitted_at if application.submitted_at else timedelta(0)
    pending = view.pending
    return {
        "id": application.id,
        "name": title(application.kind.value, application.answers, view.name),
        "kind": application.kind.value,
        "town": town(application.answers),
        "state": application.state.value,
        "decision": None if pending is None else f"{pending.verdict.value}, {pending.state.value.replace('_', ' ')}",
        "score": rules.one_place(view.score),
        "claimed_by": view.claimed_by,
        "age": age(waited),
        "age_hours": waited // HOUR,
        "overdue": rules.is_overdue(application.state, due_at=application.due_at, now=now),
        "round": application.round,
        "user_id": application.user_id,
        "person": view.name,
        "email": view.email,
        "submitted_at": application.submitted_at,
        "due_at": rules.answer_by(application.state, due_at=application.due_at),
        "decided_at": application.decided_at,
        "decision_reason": rules.told(application.decision_reasons, application.decision_feedback),
        "decision_reasons": application.decision_reasons,
    }


def standing(work: "Work", application: "Application") -> str:
    """How it stands in a word: its state, or a decision that is kept back."""
    from tourpad.core.applications import queries

    pending = queries.open_decision(work, application.id)
    if pending is None:
        return application.state.value
    return f"{pending.verdict.value}, {pending.state.value.replace('_', ' ')}"


def document(p: "Platform", detail: "Detail", around: "Surroundings", now: datetime) -> dict[str, Any]:
    """Everything about one application, for `--json`."""
    from tourpad.core.places import distance_band

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
        "decisions": [
            {
                "verdict": d.decision.verdict.value,
                "state": d.decision.state.value,
                "round": d.decision.round,
                "by": d.who,
                "agreed": d.agreed,
                "reasons": d.decision.reasons,
                "feedback": d.decision.feedback,
                "decided_at": d.decision.decided_at,
                "end_reason": d.decision.end_reason,
            }
            for d in detail.decisions
        ],
        "submissions": [
            {"round": s.round, "submitted_at": s.submitted_at, "answers": s.answers} for s in detail.submissions
        ],
        "scores": [{"reviewer": s.who, **s.scores} for s in detail.scores],
        "photos": [
            {"id": photo.media.id, "facts": sections.photo_facts(photo), "url": sections.photo_url(p, photo)}
            for photo in detail.photos
        ],
        "alike": [
            {
                "id": like.application_id,
                "name": like.title,
                "kind": like.kind.value,
                "state": like.state.value,
                "why": like.why,
            }
            for like in around.alike
        ],
        "near": [
            {"venue_name": n.venue_name, "town": f"{n.city} {n.state}", "distance": distance_band(n.miles)}
            for n in around.near
        ],
    }


def title(kind: str, answers: Mapping[str, Any], name: str) -> str:
    """How the applicant appears: the stage's name, or the venue's."""
    return str(answers.get("stage_name" if kind == "artist" else "venue_name") or name)


def town(answers: Mapping[str, Any]) -> str | None:
    """`Asheville NC`."""
    return f"{answers['city']} {answers['state']}" if answers.get("city") and answers.get("state") else None


def card(p: "Platform", detail: "Detail", around: "Surroundings", now: datetime, *, reviewer: str = "") -> Card:
    """The page of one application.

    Args:
        p: for links to uploads.
        detail: the application.
        around: what else is known.
        now: the present instant.
        reviewer: the key of whoever looks; their own scores are the marks.
    """
    from tourpad.core.applications import rules

    view = detail.view
    application = view.application
    answers, kind = application.answers, application.kind.value
    waited, late = age(now - application.submitted_at) if application.submitted_at else "", False
    if rules.is_overdue(application.state, due_at=application.due_at, now=now) and application.due_at:
        waited, late = f"{waited}, late by {age(now - application.due_at)}", True
    links = [*sections.links(answers), *((f"photo {n}", url) for n, url in sections.photo_links(p, detail))]
    main = [*(sections.artist(answers) if kind == "artist" else sections.host(answers)), sections.photos(p, detail)]
    own = next((s.scores for s in detail.scores if s.reviewer == reviewer), {})
    return Card(
        kind=kind.upper(),
        title=title(kind, answers, view.name),
        about=", ".join(answers.get("genres" if kind == "artist" else "preferred_genres") or []),
        place=town(answers) or "",
        age=waited,
        is_late=late,
        who=f"{view.name} <{view.email}>" + (f" · try {application.round}" if application.round > 1 else ""),
        main=[section for section in main if section.lines],
        side=[s for s in sections.side(detail, around, now, reviewer) if s.lines],
        rubric=[Mark(c.code, c.title, c.question, own.get(c.code)) for c in rules.RUBRICS[application.kind]],
        weighted=rules.one_place(rules.together(application.kind, [s.scores for s in detail.scores])),
        links=links,
    )


def plain(shown: Card) -> str:
    """The page as lines of text, for a pipe or a screen reader."""
    waited, comma, rest = shown.age.partition(", ")
    late = f"{comma}{rest}"
    head = "   ".join(part for part in (shown.title, shown.about, shown.place, f"applied {waited} ago{late}") if part)
    lines = [f"{shown.kind}  {head}", shown.who]
    for section in (*shown.main, *shown.side):
        lines += ["", *([f"-- {section.title}"] if section.title else []), *section.lines]
    scores = [f"{m.title} {m.score or '-'}" for m in shown.rubric]
    return "\n".join([*lines, "", f"-- rubric: {', '.join(scores)}; weighted {shown.weighted or '-'}"])


def letter(said: "Rendered", *, lines: int | None = None) -> str:
    """A mail as it would be sent: its subject and its first lines."""
    body = [line for line in said.text.splitlines() if line.strip()]
    shown = body if lines is None else body[:lines]
    more = [] if len(shown) == len(body) else ["…"]
    return "\n".join([f"Subject: {said.subject}", *(f"  {line}" for line in [*shown, *more])])
