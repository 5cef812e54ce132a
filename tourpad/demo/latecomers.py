"""The last days: people apply who still wait when the season ends, so that there is an evening's work to look at."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain, cycle, zip_longest
from typing import Any
from uuid import UUID

from tourpad.core.actors import operator
from tourpad.core.applications import service as applications
from tourpad.core.applications.states import TemplatePurpose
from tourpad.core.work import Work
from tourpad.demo.arrivals import QUESTION, REVIEWER, answer, apply
from tourpad.demo.people import Character, Fate
from tourpad.demo.season import Season

INES = operator("ines")
"""Another reviewer."""

HOURS_AHEAD = (55, 44, 31, 22, 9, 3)
"""How long before the season's end they apply: some are past their 48 hours, some are fresh."""

TEMPLATES = (
    (TemplatePurpose.QUESTION, "whole show", "{name}, is there a recording of a whole show of {title}?"),
    (TemplatePurpose.QUESTION, "neighbours", "Have you talked with your neighbours about music in the evening?"),
    (TemplatePurpose.REJECTION, "come back", "Do come back when there is a recording of a whole song, {name}."),
    (TemplatePurpose.NOTE, "second listen", "Somebody else should listen to this, too."),
)

Step = tuple[datetime, Callable[[], None]]


def come_late(season: Season, *, ends: datetime) -> None:
    """The last ones apply; the reviewers have begun with some of them."""
    artists = [who for who in season.cast.artists if who.fate is Fate.LATE]
    hosts = [who for who in season.cast.hosts if who.fate is Fate.LATE]
    season.display.chapter("The last ones apply, and wait")
    with season.stage.platform.work(REVIEWER) as work:
        for purpose, name, text in TEMPLATES:
            applications.templates.add(work, purpose=purpose, name=name, text=text, shared=True)
        work.commit()
    rejected = next((who for who in season.cast.artists if who.fate is Fate.REJECTED), None)
    if artists and rejected is not None:
        # Somebody who was rejected in spring tries again under another name.
        artists[0].facts["musicProfileUrl"] = rejected.facts["musicProfileUrl"]
    in_turn = [who for who in chain.from_iterable(zip_longest(hosts, artists)) if who is not None]
    agenda = [*_applying(season, in_turn, ends), *_reviewing(season, artists, hosts, ends)]
    for when, do in sorted(agenda, key=lambda step: step[0]):
        season.move_clock(when)
        do()
    season.display.count("waiting", len(in_turn))


def _applying(season: Season, late: list[Character], ends: datetime) -> list[Step]:
    return [
        (ends - timedelta(hours=hours), lambda who=who: apply(season, who))
        for who, hours in zip(late, cycle(HOURS_AHEAD), strict=False)
    ]


def _reviewing(season: Season, artists: list[Character], hosts: list[Character], ends: datetime) -> list[Step]:
    """One was asked and has answered, one has another reviewer's scores and a note, one is on her desk."""
    steps: list[Step] = []
    if hosts:
        steps.append((ends - timedelta(hours=54), lambda: _ask(season, hosts[0])))
        steps.append((ends - timedelta(hours=50), lambda: answer(season, hosts[0])))
    if artists:
        steps.append((ends - timedelta(hours=2), lambda: _look_at(season, artists[0])))
    if len(hosts) > 1:
        steps.append((ends - timedelta(minutes=10), lambda: _claim(season, hosts[1])))
    return steps


def _ask(season: Season, who: Character) -> None:
    _review(season, lambda work, i: applications.ask(work, application_id=i, questions=[QUESTION]), who)


def _look_at(season: Season, who: Character) -> None:
    def look(work: Work, application_id: UUID) -> None:
        for criterion, score in {"live_video": 3, "music": 5, "fit": 4}.items():
            applications.score(work, application_id=application_id, criterion=criterion, score=score)
        applications.note(work, application_id=application_id, text="Heard them in Ames last year. The room was still.")

    _review(season, look, who)


def _claim(season: Season, who: Character) -> None:
    _review(season, lambda work, i: applications.claim(work, application_id=i), who)


def _review(season: Season, do: Callable[[Work, UUID], Any], who: Character) -> None:
    with season.stage.platform.work(INES) as work:
        do(work, UUID(who.facts["application_id"]))
        work.commit()
