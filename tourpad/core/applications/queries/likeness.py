"""Which other applications are likely of the same people, and which hosts live near."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from tourpad.core.applications import rules
from tourpad.core.applications.models import Application, ApplicationMark
from tourpad.core.applications.states import ApplicationKind, ApplicationState, MarkKind
from tourpad.core.hosts import queries as hosts
from tourpad.core.hosts.queries import NearHost
from tourpad.core.identity.models import User, UserProfile
from tourpad.core.values import Value
from tourpad.core.work import Work

MOST = 5
"""More likenesses than these are no help."""


MOST_LINKS = 2
"""Links that are named; the others are counted."""


@dataclass(slots=True)
class Likeness:
    """Another application, and by what it is like this one."""

    application_id: UUID
    kind: ApplicationKind
    state: ApplicationState
    title: str
    submitted_at: datetime | None
    decided_at: datetime | None
    told: str | None
    """What they were told when it was decided."""
    why: list[str] = field(default_factory=list[str])
    """In words: `same music.example/juniper`, `same phone`, `name 72 % alike`. Never a number or an address."""


class Surroundings(Value):
    """What else a reviewer should know of."""

    alike: list[Likeness]
    near: list[NearHost]
    """Of a host's application: the nearest listed hosts, by public points."""


def surroundings(work: Work, application: Application) -> Surroundings:
    """Applications that are like this one, the likeliest first, and of a host the nearest others. Up to six queries."""
    why: dict[UUID, list[str]] = {}
    for user_id, reason in [
        *_same_links(work, application),
        *_same_phone(work, application),
        *_same_place(work, application),
        *_similar_names(work, application),
    ]:
        why.setdefault(user_id, []).append(reason)
    near: list[NearHost] = []
    if application.kind is ApplicationKind.HOST:
        near = hosts.nearest(work, user_id=application.user_id, limit=3)
    return Surroundings(alike=_described(work, why), near=near)


def _same_links(work: Work, application: Application) -> Iterable[tuple[UUID, str]]:
    mine, other = aliased(ApplicationMark), aliased(ApplicationMark)
    rows = work.session.execute(
        select(Application.user_id, other.value)
        .join(other, other.application_id == Application.id)
        .join(mine, (mine.kind == other.kind) & (mine.value == other.value))
        .where(mine.application_id == application.id, mine.kind == MarkKind.LINK, Application.id != application.id)
        .order_by(Application.submitted_at, other.value)
    )
    links: dict[UUID, list[str]] = {}
    for user_id, link in rows:
        links.setdefault(user_id, []).append(link)
    return [(user_id, _said(found)) for user_id, found in links.items()]


def _said(links: list[str]) -> str:
    more = len(links) - MOST_LINKS
    return f"same {', '.join(links[:MOST_LINKS])}{f' and {more} more' if more > 0 else ''}"


def _same_phone(work: Work, application: Application) -> Iterable[tuple[UUID, str]]:
    other = aliased(UserProfile)
    digits = func.right(func.regexp_replace(other.phone, r"\D", "", "g"), 10)
    own = func.right(func.regexp_replace(UserProfile.phone, r"\D", "", "g"), 10)
    rows = work.session.scalars(
        select(other.user_id)
        .join(UserProfile, UserProfile.user_id == application.user_id)
        .where(other.user_id != application.user_id, digits == own, func.length(own) >= 7)  # noqa: PLR2004 - a number without its area
    )
    return [(user_id, "same phone") for user_id in rows]


def _same_place(work: Work, application: Application) -> Iterable[tuple[UUID, str]]:
    if application.kind is not ApplicationKind.HOST:
        return []
    found = hosts.same_place(work, user_id=application.user_id, within_metres=rules.NEAR_METRES)
    return [(user_id, "same address" if same else "a home next to it") for user_id, same in found]


def _similar_names(work: Work, application: Application) -> Iterable[tuple[UUID, str]]:
    mine, other = aliased(ApplicationMark), aliased(ApplicationMark)
    alike = func.max(func.similarity(mine.value, other.value))
    rows = work.session.execute(
        select(Application.user_id, alike)
        .join(other, other.application_id == Application.id)
        .join(mine, mine.kind == other.kind)
        .where(mine.application_id == application.id, mine.kind == MarkKind.NAME, Application.id != application.id)
        .group_by(Application.user_id)
        .having(alike >= rules.ALIKE_NAMES)
        .order_by(alike.desc())
        .limit(MOST)
    )
    return [(user_id, "same name" if share >= 1 else f"name {round(share * 100)} % alike") for user_id, share in rows]


def _described(work: Work, why: dict[UUID, list[str]]) -> list[Likeness]:
    rows = work.session.execute(
        select(Application, User.name)
        .join(User, User.id == Application.user_id)
        .where(Application.user_id.in_(why), Application.state != ApplicationState.DRAFT)
    )
    found = [
        Likeness(
            application_id=a.id,
            kind=a.kind,
            state=a.state,
            title=str(a.answers.get("stage_name" if a.kind is ApplicationKind.ARTIST else "venue_name") or name),
            submitted_at=a.submitted_at,
            decided_at=a.decided_at,
            told=rules.told(a.decision_reasons, a.decision_feedback),
            why=why[a.user_id],
        )
        for a, name in rows
    ]
    # A likeness of names alone comes last; the more there is in common, the sooner one comes.
    return sorted(found, key=lambda like: (all("name" in w for w in like.why), -len(like.why)))[:MOST]
