"""Walking the queue of applications: one page a person, one key a decision, nothing sent before it was shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.cli import applications_acts as acts
from tourpad.cli.applications_bulk import find
from tourpad.cli.applications_card import card, title
from tourpad.cli.applications_desk import EXPLAINED, LEAVE, Desk, Lines, Screen
from tourpad.cli.applications_screen import Page
from tourpad.cli.applications_sections import age
from tourpad.cli.keys import TAB, can_read_keys
from tourpad.cli.output import say
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.actors import Actor
    from tourpad.core.applications.queries import Detail
    from tourpad.core.applications.states import ApplicationKind
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

KEYS = (
    "a approve",
    "r reject…",
    "q ask…",
    "1-5 score",
    "n note",
    "o links",
    "s skip",
    "h hold",
    "u undo",
    "? keys",
    "Esc leave",
)
SECOND_KEYS = ("y agree", "d disagree…", "n note", "o links", "s skip", "u undo", "? keys", "Esc leave")

GONE = ("already_decided", "not_found", "application_claimed", "nothing_held")
"""Refusals after which there is nothing left to do with the page."""


@dataclass(slots=True)
class Tally:
    """What came of a walk."""

    approved: int = 0
    rejected: int = 0
    asked: int = 0
    held: int = 0
    proposed: int = 0
    agreed: int = 0
    disagreed: int = 0
    skipped: int = 0

    def sentence(self) -> str:
        """In words, like `2 approved, 1 skipped`."""
        named = (
            ("approved", self.approved),
            ("rejected", self.rejected),
            ("asked", self.asked),
            ("held", self.held),
            ("waiting for a second opinion", self.proposed),
            ("agreed to", self.agreed),
            ("disagreed with", self.disagreed),
            ("skipped", self.skipped),
        )
        return ", ".join(f"{number} {what}" for what, number in named if number) or "nothing decided"


@dataclass(slots=True)
class Walk:
    """One reviewer's way through the queue."""

    platform: "Platform"
    desk: Desk
    actor: "Actor"
    queue: list[UUID]
    begun_at: datetime
    only: bool = False
    """One application was asked for, and not the queue."""
    kind: "ApplicationKind | None" = None
    tally: Tally = field(default_factory=Tally)
    at: int = 0
    criterion: int = 0
    skipped: list[UUID] = field(default_factory=list[UUID])
    said: list[str] = field(default_factory=list[str])
    """What to show on the next page."""
    done: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Places in the queue that were decided, and what was decided, the last one last: for undo."""
    take_over: bool = False

    def run(self) -> Tally:
        """Walk until the end of the queue or until the reviewer leaves."""
        while not self._is_over():
            try:
                pressed = self._page()
                if pressed is None:
                    continue
                if pressed == LEAVE:
                    self._let_go()
                    break
                self._do(pressed)
            except TourPadError as error:
                self.said = [error.message]
                if error.code in GONE:
                    self._next()
        return self.tally

    @property
    def here(self) -> UUID:
        """The application on the desk."""
        return self.queue[self.at]

    def _do(self, pressed: str) -> None:
        if len(pressed) == 1 and pressed in "012345":
            acts.score(self, int(pressed))
            return
        action = _ACTIONS.get(pressed)
        if action is None:
            self.said = [f"{pressed!r} is no key here. ? shows them."]
            return
        action(self)

    def _is_over(self) -> bool:
        """Whether the queue is through; the last decision can still be undone then, and newcomers be seen."""
        if self.at < len(self.queue):
            return False
        more = [] if self.only else [i for i in self._waiting() if i not in self.queue]
        if more:
            self.queue += more
            self.said.append(f"{len(more)} more came in meanwhile.")
            return False
        self.desk.block(self.said)
        self.said = []
        if self.done and self.desk.key("That was the last one. u undo, any other key leaves") == "u":
            try:
                acts.undo(self)
            except TourPadError as error:
                self.desk.block([error.message])
        if self.at < len(self.queue):
            return False
        if not self.only and not self.skipped:
            with self.platform.work(self.actor) as work:
                from tourpad.core.applications.service import walking

                walking.end(work)
                work.commit()
        return True

    def _waiting(self) -> list[UUID]:
        from tourpad.core.applications import queries
        from tourpad.core.applications.reviewers import reviewer_of

        with self.platform.work(self.actor) as work:
            return queries.queue(work, reviewer_of(self.actor), kind=self.kind)

    def _page(self) -> str | None:
        """Claim the present application, show it, and wait for a key. Nothing: another reviewer has it."""
        from tourpad.core.applications import letters, queries, service
        from tourpad.core.applications.errors import ApplicationClaimed
        from tourpad.core.applications.reviewers import reviewer_of
        from tourpad.core.applications.service import walking

        reviewer = reviewer_of(self.actor)
        mine = ""
        with self.platform.work(self.actor) as work:
            detail = queries.detail(work, self.here)
            application = detail.view.application
            if application.state.value in ("submitted", "in_review"):
                try:
                    claimed = service.claim(work, application_id=self.here, take_over=self.take_over)
                    mine = f"yours until {claimed.claimed_until:%H:%M}"
                except ApplicationClaimed as claimed:
                    if not self.only:
                        self.said = [f"{claimed.message} Passed by."]
                        self._next()
                        return None
                    mine = f"{claimed.details['reviewer']} has it · t takes over"
            self.take_over = False
            if not self.only:
                walking.remember(work, at_id=self.here, skipped=self.skipped, begun_at=self.begun_at)
            waiting = queries.waiting(work, reviewer)
            decided = queries.decided_lately(work, reviewer, within=timedelta(hours=12))
            others = queries.elsewhere(work, reviewer)
            around = queries.surroundings(work, application)
            shown = card(self.platform, detail, around, work.now, reviewer=reviewer.key)
            subject = letters.preview(work, application, letters.approved(application)).subject
            work.commit()
        progress = [f"{self.at + 1} of {len(self.queue)}"]
        progress += [f"{waiting.late} past their 48 h"] if waiting.late else []
        progress += [f"{decided} decided tonight"] if decided else []
        progress += [f"{others} with others"] if others else []
        second = detail.pending is not None
        page = Page(
            heading="applications ▸ review",
            progress=" · ".join(progress),
            card=shown,
            said=self.said,
            sends="" if second else f"a sends: {subject}",
            mine=mine,
            keys=_keys(detail),
            at=self.criterion,
        )
        self.said = []
        return self.desk.page(page)

    def _next(self) -> None:
        self.at += 1
        self.criterion = 0

    def _let_go(self) -> None:
        """Off the desk, so that others need not wait for the lease to end."""
        from tourpad.core.applications import service

        with self.platform.work(self.actor) as work:
            service.let_go(work, application_id=self.here)
            work.commit()

    def went_on(self, what: str, said: str) -> None:
        """Something was decided: count it, and go on."""
        setattr(self.tally, what, getattr(self.tally, what) + 1)
        self.done.append((self.at, what))
        self._next()
        self.said = [said]

    def skip(self) -> None:
        """It stays in the queue, and comes last the next time."""
        self._let_go()
        self.skipped = [*(i for i in self.skipped if i != self.here), self.here]
        self.tally.skipped += 1
        self._next()

    def explain(self) -> None:
        """The keys."""
        self.desk.block(EXPLAINED.splitlines())
        self.desk.key("Any key goes on")

    def next_criterion(self) -> None:
        """The next number scores another one."""
        from tourpad.core.applications import queries, rules

        with self.platform.work(self.actor) as work:
            count = len(rules.RUBRICS[queries.get(work, self.here).kind])
        self.criterion = (self.criterion + 1) % count

    def from_another(self) -> None:
        """Take it over with the next page."""
        self.take_over = True


_ACTIONS: dict[str, Callable[[Walk], None]] = {
    "a": acts.approve,
    "r": acts.reject,
    "q": acts.ask,
    "h": acts.approve_and_hold,
    "w": acts.approve_with_second_opinion,
    "y": acts.agree,
    "d": acts.disagree,
    "n": acts.note,
    "o": acts.open_links,
    "p": acts.look_at_place,
    "s": Walk.skip,
    "u": acts.undo,
    "t": Walk.from_another,
    "?": Walk.explain,
    TAB: Walk.next_criterion,
    "c": Walk.next_criterion,
}


def review_queue(
    which: str | None,
    *,
    kind: "ApplicationKind | None",
    anew: bool,
    plain: bool,
    actor: "Callable[[Platform], Actor]",
    nothing: "Callable[[Work], str]",
) -> None:
    """The command `tourpad applications review`.

    Args:
        which: one application, by a part of its id; the queue if not given.
        kind: only artists, or only hosts.
        anew: from the front, and not where one stopped.
        plain: lines instead of a screen.
        actor: who reviews, found once the platform is there.
        nothing: what to say where nothing waits.
    """
    from tourpad.cli.context import platform
    from tourpad.core.applications.service import walking

    with platform() as p:
        who = actor(p)
        with p.work(who) as work:
            way = walking.Way([find(work, which)], [], None) if which else walking.way(work, kind=kind, anew=anew)
            empty = nothing(work)
            now = work.now
        if not way.ids:
            say(empty)
            return
        desk = Lines() if plain or not can_read_keys() else Screen()
        with desk:
            walk = Walk(p, desk, who, way.ids, now, only=which is not None, kind=kind, skipped=way.skipped)
            if way.stopped_at is not None:
                put_off = f"; {len(way.skipped)} that you skipped come last" if way.skipped else ""
                walk.said = [f"Going on where you stopped {age(now - way.stopped_at)} ago{put_off}."]
            walk.run()
    say(last_words(walk))


def last_words(walk: Walk) -> str:
    """What to say when the walk is over."""
    left = len(walk.queue) - walk.at
    rest = f"{left} still wait" if left else "the queue is through"
    said = f"{walk.tally.sentence()}; {rest}."
    more = "  Let them go:  tourpad applications release --all" if walk.tally.held else ""
    return f"{said[0].upper()}{said[1:]}{more or '  See them:  tourpad applications list --state all'}"


def _keys(detail: "Detail") -> tuple[str, ...]:
    if detail.pending is not None:
        return SECOND_KEYS
    return KEYS if detail.view.application.kind.value == "artist" else (*KEYS[:6], "p place", *KEYS[6:])


def name_of(work: "Work", application_id: UUID) -> str:
    """How an applicant is called on the screen."""
    from tourpad.core.applications import queries
    from tourpad.core.identity import queries as people

    application = queries.get(work, application_id)
    return title(application.kind.value, application.answers, people.get_user(work, application.user_id).name)
