"""Walking the queue of applications: one page a person, one key a decision, nothing sent before it was shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.cli.applications_card import card, letter, title
from tourpad.cli.applications_desk import EXPLAINED, LEAVE, Desk
from tourpad.cli.context import me
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

HOLD = timedelta(minutes=2)
"""How long the mail of a decision made here waits: the time in which `u` takes it back unseen."""

LETTER_LINES = 6


@dataclass(slots=True)
class Tally:
    """What came of a walk."""

    approved: int = 0
    rejected: int = 0
    asked: int = 0
    skipped: int = 0

    @property
    def decided(self) -> int:
        """Decisions and questions."""
        return self.approved + self.rejected + self.asked

    def sentence(self) -> str:
        """In words, like `2 approved, 1 skipped`."""
        named = (
            ("approved", self.approved),
            ("rejected", self.rejected),
            ("asked", self.asked),
            ("skipped", self.skipped),
        )
        return ", ".join(f"{number} {what}" for what, number in named if number) or "nothing decided"


@dataclass(slots=True)
class Walk:
    """One reviewer's way through the queue."""

    platform: "Platform"
    desk: Desk
    queue: list[UUID]
    tally: Tally = field(default_factory=Tally)
    at: int = 0
    said: list[str] = field(default_factory=list[str])
    """What to show above the next page."""
    done: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Places in the queue that were decided, and what was decided, the last one last: for undo."""
    whole: bool = False

    def run(self) -> Tally:
        """Walk until the end of the queue or until the reviewer leaves."""
        while not self._is_over():
            try:
                pressed = self._page()
                if pressed == LEAVE:
                    break
                action = self._actions().get(pressed)
                if action is None:
                    self.said = [f"{pressed!r} is no key here. ? shows them."]
                    continue
                action(self.queue[self.at])
            except TourPadError as error:
                self.said = [error.message]
                if error.code in ("already_decided", "not_found"):
                    self.at += 1
        return self.tally

    def _is_over(self) -> bool:
        """Whether the queue is through; the last decision can still be undone then."""
        if self.at < len(self.queue):
            return False
        for line in self.said:
            self.desk.tell(f" {line}")
        self.said = []
        if self.done and self.desk.key(" That was the last one. u undo, any other key leaves") == "u":
            try:
                self._undo(self.queue[-1])
            except TourPadError as error:
                self.desk.tell(f" {error.message}")
        return self.at >= len(self.queue)

    def _actions(self) -> dict[str, Callable[[UUID], None]]:
        return {
            "a": self._approve,
            "r": self._reject,
            "q": self._ask,
            "n": self._note,
            "s": self._skip,
            "u": self._undo,
            "v": self._show_all,
            "?": self._explain,
        }

    def _page(self) -> str:
        """Show the present application and wait for a key."""
        from tourpad.core.applications import letters, queries

        with self.platform.work(me()) as work:
            detail = queries.detail(work, self.queue[self.at])
            late = sum(c.overdue for c in queries.counts(work))
            page = card(detail, work.now)
            subject = letters.preview(work, detail.view.application, letters.approved(detail.view.application)).subject
        heading = f"applications ▸ review   {self.at + 1} of {len(self.queue)}"
        heading += f" · {late} past their 48 h" if late else ""
        heading += f" · {self.tally.decided} decided" if self.tally.decided else ""
        self.desk.show(heading, page, said=self.said, whole=self.whole)
        self.desk.tell(f" a sends: {subject}")
        self.said, self.whole = [], False
        return self.desk.key()

    def _approve(self, application_id: UUID) -> None:
        from tourpad.core.applications import service

        with self.platform.work(me()) as work:
            application = service.approve(work, application_id=application_id, hold=HOLD)
            name = _name(work, application)
            work.commit()
        self.tally.approved += 1
        self._went_on("approved", f"{name} is in. u takes it back.")

    def _reject(self, application_id: UUID) -> None:
        from tourpad.core.applications import letters, rules, service

        reason = self.desk.line("Reason, told to the applicant (empty: back)")
        if not reason:
            self.said = ["Not rejected."]
            return
        clean = rules.check_text("reason", reason, longest=rules.LONGEST_REASON)
        if not self._sends(application_id, lambda a, w: letters.rejected(a, reason=clean, decided_at=w.now)):
            self.said = ["Not rejected."]
            return
        with self.platform.work(me()) as work:
            application = service.reject(work, application_id=application_id, reason=clean, hold=HOLD)
            name = _name(work, application)
            work.commit()
        self.tally.rejected += 1
        self._went_on("rejected", f"{name} is rejected. u takes it back.")

    def _ask(self, application_id: UUID) -> None:
        from tourpad.core.applications import letters, rules, service

        questions: list[str] = []
        while len(questions) < rules.MOST_QUESTIONS:
            question = self.desk.line("Question (empty: that is all)")
            if not question:
                break
            questions.append(question)
        if not questions:
            self.said = ["Nothing asked."]
            return
        clean = rules.check_questions(questions)
        if not self._sends(application_id, lambda a, _: letters.questions(a, clean)):
            self.said = ["Nothing asked."]
            return
        with self.platform.work(me()) as work:
            application = service.ask(work, application_id=application_id, questions=clean, hold=HOLD)
            name = _name(work, application)
            work.commit()
        self.tally.asked += 1
        self._went_on("asked", f"{name} is asked. u takes it back.")

    def _note(self, application_id: UUID) -> None:
        from tourpad.core.applications import service

        text = self.desk.line("Note for reviewers (empty: back)")
        if not text:
            self.said = ["No note written."]
            return
        with self.platform.work(me()) as work:
            service.note(work, application_id=application_id, text=text)
            work.commit()
        self.said = ["Noted."]

    def _skip(self, _: UUID) -> None:
        self.tally.skipped += 1
        self.at += 1

    def _undo(self, _: UUID) -> None:
        from tourpad.core.applications import service

        if not self.done:
            self.said = ["There is nothing to undo."]
            return
        place, what = self.done[-1]
        with self.platform.work(me()) as work:
            quietly = service.undo(work, application_id=self.queue[place], reason="undone while reviewing")
            if not quietly:
                self.desk.tell(" The mail has left: undoing tells them that we look again.")
                if self.desk.key(" Undo? y / n") != "y":
                    self.said = ["Not undone."]
                    return
            work.commit()
        self.done.pop()
        setattr(self.tally, what, getattr(self.tally, what) - 1)
        self.at = place
        self.said = ["Undone; the mail was taken back." if quietly else "Undone; they are told that we look again."]

    def _show_all(self, _: UUID) -> None:
        self.whole = True

    def _explain(self, _: UUID) -> None:
        self.desk.tell(EXPLAINED)
        self.desk.key(" Any key goes on")

    def _sends(self, application_id: UUID, of: "Callable[[Application, Work], Letter]") -> bool:
        """Show what will be sent, and ask."""
        from tourpad.core.applications import letters, queries

        with self.platform.work(me()) as work:
            application = queries.get(work, application_id)
            said = letters.preview(work, application, of(application, work))
        self.desk.tell(letter(said, lines=LETTER_LINES))
        return self.desk.key(" Send this? y / n") == "y"

    def _went_on(self, what: str, said: str) -> None:
        self.done.append((self.at, what))
        self.at += 1
        self.said = [said]


def last_words(walk: Walk) -> str:
    """What to say when the walk is over."""
    left = len(walk.queue) - walk.at
    rest = f"{left} still wait" if left else "the queue is through"
    return f"{walk.tally.sentence()}; {rest}."


def _name(work: "Work", application: "Application") -> str:
    from tourpad.core.identity import queries as people

    person = people.get_user(work, application.user_id)
    return title(application.kind.value, application.answers, person.name)
