"""Deciding about several applications with one command: all are found first, each is decided by itself."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from tourpad.cli import applications_card as cards
from tourpad.cli.context import me, platform
from tourpad.cli.output import confirm, console, folded, human, is_terminal, print_json, say

if TYPE_CHECKING:
    from tourpad.core.actors import Actor
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

MOST_LETTERS = 3
"""Letters that differ in more than the name are shown each, up to so many."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with each, and what each is told."""

    verb: str
    """`approve`, `reject`: the question, and the first word of what is said."""
    decide: "Callable[[Work, UUID], Application]"
    told: "Callable[[Work, Application], Letter | None]"
    """The letter that leaves; nothing where nobody is told yet."""
    says: str = "and send"
    """What follows the verb in the question."""


@dataclass(frozen=True, slots=True)
class How:
    """How the command was called."""

    yes: bool
    dry_run: bool
    as_json: bool


def decide_many(
    ids: list[str], decision: Decision, how: How, *, actor: "Callable[[Platform], Actor]", every: bool = False
) -> None:
    """Show what will be sent, ask where somebody is there to ask, and decide each one by itself.

    Nothing here moves money or deletes, so a script need not say `--yes`; a person sees the mails first.

    Args:
        ids: as typed; `-` stands for standard input.
        decision: what to do.
        how: how the command was called.
        actor: who decides, found once the platform is there.
        every: with nothing in `ids`: all whose decision is held.

    Raises:
        NotFoundError: one of the ids names nothing; none is decided then.
        InvalidInputError: the reason or a question is no good; none is decided then.
    """
    with platform() as p:
        who = actor(p)
        wanted = _every_held(p, who) if every else _named(p, who, from_input(ids))
        if not wanted:
            say("No decision is held.")
            return
        letters = _letters(p, who, wanted, decision)
        if is_terminal() and not how.as_json:
            _show(letters, wanted)
        asked = sys.stdin.isatty() and is_terminal() and not (how.yes or how.dry_run or how.as_json)
        if asked and not confirm(f"{decision.verb.capitalize()} {decision.says}?", yes=False):
            say("Nothing was changed.")
            return
        done = [_one(p, who, (application_id, name), decision, how) for application_id, name in wanted.items()]
    _show_done(done, how)


def _one(p: "Platform", who: "Actor", whose: tuple[UUID, str], decision: Decision, how: How) -> dict[str, Any]:
    from tourpad.core.errors import TourPadError

    application_id, name = whose
    row: dict[str, Any] = dict.fromkeys(("id", "name", "state", "error", "code", "hint"))
    row |= {"id": application_id, "name": name}
    with p.work(who) as work:
        try:
            application = decision.decide(work, application_id)
            row["state"] = cards.standing(work, application)
            if not how.dry_run:
                work.commit()
        except TourPadError as error:
            row |= {"state": None, "error": error.message, "code": error.code, "hint": error.hint}
    return row


def _show(letters: dict[str, list[str]], wanted: dict[UUID, str]) -> None:
    """Whom it concerns, and every mail that differs in more than the name."""
    if not letters:
        say(f"Of {', '.join(wanted.values())} nobody is told anything yet.\n")
    for number, (said, names) in enumerate(letters.items()):
        if number == MOST_LETTERS:
            say(f"… and {len(letters) - number} more letters like these.\n")
            break
        say(f"To {', '.join(names)}:\n")
        print("\n".join(folded(said, console().width)), end="\n\n")


def _show_done(done: list[dict[str, Any]], how: How) -> None:
    """One line each; those that were refused on standard error."""
    if how.as_json:
        print_json({"applications": done, "dry_run": how.dry_run})
    for row in done:
        if row["error"]:
            print(f"{row['id']} {row['name']}: {row['error']}", file=sys.stderr)
        elif how.as_json:
            continue
        elif is_terminal():
            print(f"{human(row['id'])}  {row['name']}: {'would be ' if how.dry_run else ''}{row['state']}")
        else:
            print(f"{row['id']}\t{row['state']}\t{row['name']}")
    if how.dry_run and not how.as_json and is_terminal():
        say("Nothing was changed (--dry-run).")
    for hint in dict.fromkeys(row["hint"] for row in done if row["hint"]):
        print(hint, file=sys.stderr)
    failed = sum(1 for row in done if row["error"])
    if failed:
        if len(done) > 1:
            print(f"{len(done) - failed} done, {failed} refused.", file=sys.stderr)
        raise typer.Exit(4)
    if is_terminal() and not how.as_json and not how.dry_run:
        say("\nTake one back:  tourpad applications undo ID --reason …")


def _letters(p: "Platform", who: "Actor", wanted: dict[UUID, str], decision: Decision) -> dict[str, list[str]]:
    """The mails as they would be sent, by what they say: to whom. The name in the greeting is the first one's."""
    from tourpad.core.applications import letters, queries

    said: dict[tuple[str, str], tuple[str, list[str]]] = {}
    with p.work(who) as work:
        for application_id, name in wanted.items():
            application = queries.get(work, application_id)
            letter = decision.told(work, application)
            if letter is None:
                continue
            # Equal templates with equal blanks are one letter.
            known = said.get((letter.template, str(letter.context)))
            if known is None:
                shown = cards.letter(letters.preview(work, application, letter))
                said[letter.template, str(letter.context)] = (shown, [name])
            else:
                known[1].append(name)
    return dict(said.values())


def from_input(ids: list[str]) -> list[str]:
    """Ids as given; `-` stands for the first word of each line of standard input (a list's output fits)."""
    from tourpad.core.errors import invalid

    named: list[str] = []
    for text in ids:
        if text != "-":
            named.append(text)
            continue
        words = [line.split(maxsplit=1)[0] for line in sys.stdin if line.strip()]
        named += [word for word in words if word != "id"]
    if not named:
        raise invalid("ID", "was not given: standard input is empty")
    return list(dict.fromkeys(named))


def _named(p: "Platform", who: "Actor", texts: list[str]) -> dict[UUID, str]:
    """Every one is found before any is decided, so that a slip changes nothing."""
    with p.work(who) as work:
        return _titled(work, [find(work, text) for text in texts])


def _every_held(p: "Platform", who: "Actor") -> dict[UUID, str]:
    from tourpad.core.applications import queries

    with p.work(who) as work:
        return _titled(work, queries.held(work))


def _titled(work: "Work", ids: list[UUID]) -> dict[UUID, str]:
    from tourpad.core.applications import queries
    from tourpad.core.identity import queries as people

    found = [queries.get(work, application_id) for application_id in ids]
    return {a.id: cards.title(a.kind.value, a.answers, people.get_user(work, a.user_id).name) for a in found}


def find(work: "Work", text: str) -> UUID:
    """The application that an id, or a unique part of it, names."""
    from tourpad.core.applications.models import Application
    from tourpad.core.database.lookup import by_id_part

    return by_id_part(work, Application, text, noun="application")


def check_there(ids: Sequence[str]) -> None:
    """Refuse ids that name nothing, or several, before a person is asked for anything else.

    Raises:
        NotFoundError, RefusedError: see `find`.
    """
    with platform() as p, p.work(me()) as work:
        for text in ids:
            find(work, text)
