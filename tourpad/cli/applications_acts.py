"""What a reviewer's keys do with the application on the desk. Each shows what will be sent before it is."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from tourpad.cli.applications_card import letter, title, town
from tourpad.core.applications.states import TemplatePurpose

if TYPE_CHECKING:
    from tourpad.cli.applications_walk import Walk
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.work import Work

DELAY = timedelta(minutes=2)
"""How long the mail of a decision made here waits: the time in which `u` takes it back unseen."""

SEND, HOLD, SECOND = "y", "h", "w"


def approve(walk: "Walk") -> None:
    """Let them in; the mail leaves in two minutes."""
    _approve(walk, "approved", "is in")


def approve_and_hold(walk: "Walk") -> None:
    """Let them in, and tell nobody until it is released."""
    _approve(walk, "held", "is held, approved", held=True)


def approve_with_second_opinion(walk: "Walk") -> None:
    """Let them in if another admin agrees."""
    _approve(walk, "proposed", "waits for a second opinion", second_opinion=True)


def _approve(walk: "Walk", what: str, said: str, *, held: bool = False, second_opinion: bool = False) -> None:
    from tourpad.core.applications import service

    with walk.platform.work(walk.actor) as work:
        application = service.approve(
            work, application_id=walk.here, held=held, second_opinion=second_opinion, delay=DELAY
        )
        name = _name(work, application)
        work.commit()
    walk.went_on(what, f"{name} {said}. u takes it back.")


def reject(walk: "Walk") -> None:
    """Say why, see the mail, then send, hold, or want a second opinion."""
    from tourpad.core.applications import letters, queries, rules, service

    with walk.platform.work(walk.actor) as work:
        able = rules.reasons_for(queries.get(work, walk.here).kind)
        texts = _templates(work, walk, TemplatePurpose.REJECTION)
    listed = [f"{number}  {rules.REASONS[code].label}" for number, code in enumerate(able, 1)]
    walk.desk.block([*_columns(listed), *_template_names(texts)])
    said = walk.desk.line("Why: numbers, words to them, or both (empty: back)", choices=list(texts.values()))
    codes, words = reasons_in(said, able)
    feedback = rules.check_text("feedback", _expanded(words, texts) or None, longest=rules.LONGEST_FEEDBACK)
    if not codes and not feedback:
        walk.said = ["Not rejected."]
        return
    answer = _sends(
        walk,
        lambda a, w: letters.rejected(a, reasons=codes, feedback=feedback, decided_at=w.now),
        "y send  h hold  w second opinion  any other key: back",
    )
    if answer not in (SEND, HOLD, SECOND):
        walk.said = ["Not rejected."]
        return
    with walk.platform.work(walk.actor) as work:
        application = service.reject(
            work,
            application_id=walk.here,
            reasons=codes,
            feedback=feedback,
            held=answer == HOLD,
            second_opinion=answer == SECOND,
            delay=DELAY,
        )
        name = _name(work, application)
        work.commit()
    what, said = {
        SEND: ("rejected", "is rejected"),
        HOLD: ("held", "is held, rejected"),
        SECOND: ("proposed", "waits for a second opinion"),
    }[answer]
    walk.went_on(what, f"{name} {said}. u takes it back.")


def ask(walk: "Walk") -> None:
    """Ask, see the mail, then send."""
    from tourpad.core.applications import letters, rules, service

    with walk.platform.work(walk.actor) as work:
        texts = _templates(work, walk, TemplatePurpose.QUESTION)
    questions: list[str] = []
    while len(questions) < rules.MOST_QUESTIONS:
        walk.desk.block([*(f"- {q}" for q in questions), *_template_names(texts)])
        question = walk.desk.line("Question (empty: that is all)", choices=list(texts.values()))
        if not question:
            break
        questions.append(_expanded(question, texts))
    if not questions:
        walk.said = ["Nothing asked."]
        return
    clean = rules.check_questions(questions)
    if _sends(walk, lambda a, _: letters.questions(a, clean), "Send this? y / n") != SEND:
        walk.said = ["Nothing asked."]
        return
    with walk.platform.work(walk.actor) as work:
        application = service.ask(work, application_id=walk.here, questions=clean, delay=DELAY)
        name = _name(work, application)
        work.commit()
    walk.went_on("asked", f"{name} is asked. u takes it back.")


def agree(walk: "Walk") -> None:
    """The second opinion: yes. The mail is shown first."""
    from tourpad.core.applications import letters, queries, service

    def what(application: "Application", work: "Work") -> "Letter":
        made = queries.open_decision(work, application.id)
        if made is None:
            return letters.approved(application)
        return letters.of_decision(application, made, now=work.now)

    if not _pending(walk):
        return
    if _sends(walk, what, "Agree, and send this? y / n") != SEND:
        walk.said = ["Not agreed."]
        return
    with walk.platform.work(walk.actor) as work:
        application = service.confirm(work, application_id=walk.here, delay=DELAY)
        name, how = _name(work, application), application.state.value.replace("_", " ")
        work.commit()
    walk.went_on("agreed", f"{name} is {how}. u takes it back.")


def disagree(walk: "Walk") -> None:
    """The second opinion: no. Whoever decided is told why."""
    from tourpad.core.applications import service

    if not _pending(walk):
        return
    reason = walk.desk.line("Why you see it otherwise, told to whoever decided (empty: back)")
    if not reason:
        walk.said = ["Not disagreed."]
        return
    with walk.platform.work(walk.actor) as work:
        service.disagree(work, application_id=walk.here, reason=reason)
        work.commit()
    walk.tally.disagreed += 1
    walk.said = ["The decision is taken back; it is yours to decide now."]


def note(walk: "Walk") -> None:
    """A word to other reviewers."""
    from tourpad.core.applications import service

    with walk.platform.work(walk.actor) as work:
        texts = _templates(work, walk, TemplatePurpose.NOTE)
    walk.desk.block(_template_names(texts))
    text = walk.desk.line("Note for reviewers (empty: back)", choices=list(texts.values()))
    if not text:
        walk.said = ["No note written."]
        return
    with walk.platform.work(walk.actor) as work:
        service.note(work, application_id=walk.here, text=_expanded(text, texts))
        work.commit()
    walk.said = ["Noted."]


def score(walk: "Walk", value: int) -> None:
    """Score the criterion that is marked, and go to the next; 0 takes the score back."""
    from tourpad.core.applications import queries, rules, service

    with walk.platform.work(walk.actor) as work:
        rubric = rules.RUBRICS[queries.get(work, walk.here).kind]
        code = rubric[walk.criterion].code
        service.score(work, application_id=walk.here, criterion=code, score=value or None)
        work.commit()
    if value:
        walk.criterion = (walk.criterion + 1) % len(rubric)


def undo(walk: "Walk") -> None:
    """Take the last decision of this walk back."""
    from tourpad.core.applications import service

    if not walk.done:
        walk.said = ["There is nothing to undo."]
        return
    place, what = walk.done[-1]
    with walk.platform.work(walk.actor) as work:
        quietly = service.undo(work, application_id=walk.queue[place], reason="undone while reviewing")
        if not quietly:
            walk.desk.block(["The mail has left: undoing tells them that we look again."])
            if walk.desk.key("Undo? y / n") != "y":
                walk.said = ["Not undone."]
                return
        work.commit()
    walk.done.pop()
    setattr(walk.tally, what, getattr(walk.tally, what) - 1)
    walk.at, walk.criterion = place, 0
    walk.said = ["Undone; the mail was taken back." if quietly else "Undone; they are told that we look again."]


def open_links(walk: "Walk") -> None:
    """Open them in a browser where there is one; over ssh show them whole, so that the terminal can."""
    from tourpad.cli.applications_card import card
    from tourpad.core.applications import queries

    with walk.platform.work(walk.actor) as work:
        detail = queries.detail(work, walk.here)
        links = card(walk.platform, detail, queries.Surroundings([], []), work.now).links
    if not links:
        walk.said = ["There are no links."]
        return
    if _has_browser(os.environ):
        import webbrowser

        for _, url in links:
            webbrowser.open_new_tab(url)
        walk.said = [f"{len(links)} opened."]
        return
    walk.desk.block([url for _, url in links])
    walk.desk.key("Any key goes on")


def look_at_place(walk: "Walk") -> None:
    """Show where a host lives, once it was asked whether that shall be on record."""
    from tourpad.core.applications import service

    if walk.desk.key("Show the address? The look is on record, and the host can see it. y / n") != "y":
        walk.said = ["Not shown."]
        return
    with walk.platform.work(walk.actor) as work:
        found = service.look_at_address(work, application_id=walk.here)
        work.commit()
    about = " (no coordinates were given: the middle of its postcode or town)" if found.is_approximate else ""
    walk.desk.block([f"{found.line}{about}", *([found.arrival_notes] if found.arrival_notes else [])])
    walk.desk.key("Any key goes on")


def reasons_in(said: str, able: "tuple[str, ...]") -> tuple[list[str], str]:
    """Numbers at the beginning are reasons of the list; what follows are words."""
    codes: list[str] = []
    rest = said.strip()
    while rest:
        first, _, after = rest.partition(" ")
        number = first.strip(",")
        if not number.isdecimal() or not 1 <= int(number) <= len(able):
            break
        codes.append(able[int(number) - 1])
        rest = after.strip()
    return codes, rest


def _has_browser(environment: Mapping[str, str]) -> bool:
    if any(environment.get(name) for name in ("SSH_CONNECTION", "SSH_TTY")):
        return False
    return sys.platform == "darwin" or any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _pending(walk: "Walk") -> bool:
    from tourpad.core.applications import queries

    with walk.platform.work(walk.actor) as work:
        if queries.open_decision(work, walk.here) is not None:
            return True
    walk.said = ["No decision of another admin waits here. a approves, r rejects."]
    return False


def _sends(walk: "Walk", of: "Callable[[Application, Work], Letter]", question: str) -> str:
    """Show what will be sent, and ask."""
    from tourpad.core.applications import letters, queries

    with walk.platform.work(walk.actor) as work:
        application = queries.get(work, walk.here)
        said = letters.preview(work, application, of(application, work))
    walk.desk.block(letter(said).splitlines())
    return walk.desk.key(question)


def _templates(work: "Work", walk: "Walk", purpose: TemplatePurpose) -> dict[str, str]:
    """The texts that fit here, by name, with their blanks filled in."""
    from tourpad.core.applications import queries, rules
    from tourpad.core.applications.reviewers import reviewer_of
    from tourpad.core.identity import queries as people

    application = queries.get(work, walk.here)
    person = people.get_user(work, application.user_id).name
    facts = {
        "name": person.split()[0],
        "title": title(application.kind.value, application.answers, person),
        "town": town(application.answers) or "",
    }
    found = queries.templates(work, reviewer_of(walk.actor), purposes=(purpose,))
    return {t.name: rules.fill(t.text, facts) for t in reversed(found)}  # one's own wins over a shared one


def _template_names(texts: Mapping[str, str]) -> list[str]:
    return [f"Templates (Tab, or =name): {', '.join(sorted(texts))}"] if texts else []


def _expanded(said: str, texts: Mapping[str, str]) -> str:
    """`=name` is the template of that name; anything else is itself."""
    return texts.get(said.removeprefix("=").strip().lower(), said) if said.startswith("=") else said


def _columns(items: list[str]) -> list[str]:
    """Two by two, so that a list of reasons leaves room for the page."""
    half = -(-len(items) // 2)
    return [
        f"{items[place]:36}{items[place + half] if place + half < len(items) else ''}".rstrip() for place in range(half)
    ]


def _name(work: "Work", application: "Application") -> str:
    from tourpad.core.identity import queries as people

    person = people.get_user(work, application.user_id)
    return title(application.kind.value, application.answers, person.name)
