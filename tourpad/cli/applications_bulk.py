"""Deciding about several applications with one command: all are found first, each is decided by itself."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from tourpad.cli import applications_card as cards
from tourpad.cli.context import me, platform
from tourpad.cli.output import confirm, human, is_terminal, print_json, say

if TYPE_CHECKING:
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work


def decide_many(
    ids: list[str],
    verb: str,
    decide: "Callable[[Work, UUID], Application]",
    told: "Callable[[Work, Application], Letter]",
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show what will be sent, ask where somebody is there to ask, and decide each one by itself.

    Nothing here moves money or deletes, so a script need not say `--yes`; a person sees the mail first.

    Raises:
        NotFoundError: one of the ids names nothing; none is decided then.
        InvalidInputError: the reason or a question is no good; none is decided then.
    """
    from tourpad.core.errors import TourPadError

    with platform() as p:
        wanted = _named(p, _from_input(ids))
        said = _letter(p, next(iter(wanted)), told)
        if is_terminal() and not as_json:
            say(f"To {', '.join(wanted.values())}:\n")
            print(f"{said}\n")
        asked = sys.stdin.isatty() and is_terminal() and not (yes or dry_run or as_json)
        if asked and not confirm(f"{verb.capitalize()} and send?", yes=False):
            say("Nothing was changed.")
            return
        done: list[dict[str, Any]] = []
        for application_id, name in wanted.items():
            with p.work(me()) as work:
                row: dict[str, Any] = {"id": application_id, "name": name, "state": None, "error": None}
                try:
                    row["state"] = decide(work, application_id).state.value
                    if not dry_run:
                        work.commit()
                except TourPadError as error:
                    row |= {"state": None, "error": error.message}
                done.append(row)
    _show_done(done, dry_run=dry_run, as_json=as_json)


def _show_done(done: list[dict[str, Any]], *, dry_run: bool, as_json: bool) -> None:
    """One line each; those that were refused on standard error."""
    if as_json:
        print_json({"applications": done, "dry_run": dry_run})
    for row in done:
        if row["error"]:
            print(f"{row['id']} {row['name']}: {row['error']}", file=sys.stderr)
        elif as_json:
            continue
        elif is_terminal():
            print(f"{human(row['id'])}  {row['name']}: {'would be ' if dry_run else ''}{row['state']}")
        else:
            print(f"{row['id']}\t{row['state']}\t{row['name']}")
    if dry_run and not as_json and is_terminal():
        say("Nothing was changed (--dry-run).")
    if any(row["error"] for row in done):
        raise typer.Exit(4)
    if is_terminal() and not as_json and not dry_run:
        say("\nTake one back:  tourpad applications undo ID")


def _letter(p: "Platform", application_id: UUID, told: "Callable[[Work, Application], Letter]") -> str:
    """The mail as it would be sent; it is the same for all but for the name."""
    from tourpad.core.applications import letters, queries

    with p.work(me()) as work:
        first = queries.get(work, application_id)
        return cards.letter(letters.preview(work, first, told(work, first)))


def _from_input(ids: list[str]) -> list[str]:
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


def _named(p: "Platform", texts: list[str]) -> dict[UUID, str]:
    """Every one is found before any is decided, so that a slip changes nothing."""
    from tourpad.core.applications import queries
    from tourpad.core.identity import queries as people

    with p.work(me()) as work:
        found = [queries.get(work, find(work, text)) for text in texts]
        return {a.id: cards.title(a.kind.value, a.answers, people.get_user(work, a.user_id).name) for a in found}


def find(work: "Work", text: str) -> UUID:
    """The application that an id, or a unique part of it, names."""
    from tourpad.core.applications.models import Application
    from tourpad.core.database.lookup import by_id_part

    return by_id_part(work, Application, text, noun="application")
