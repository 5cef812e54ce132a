"""`tourpad applications templates`: texts that reviewers write once and use again."""

import sys
from typing import Annotated, Any

import typer

from tourpad.cli import options
from tourpad.cli.admins import As, PasswordStdin
from tourpad.cli.applications_deciding import acting
from tourpad.cli.context import platform
from tourpad.cli.output import Column, say, show_list
from tourpad.core.applications.states import TemplatePurpose

app = typer.Typer(no_args_is_help=True, help="Templates: questions, feedback and notes that are used again.")

Purpose = Annotated[TemplatePurpose, typer.Argument(help="Where it is used.")]
Name = Annotated[str, typer.Argument(help="How it is called; short.")]
Words = Annotated[
    str, typer.Argument(metavar="TEXT", help="May ask for {name}, {title} and {town}; - reads standard input.")
]


@app.command("list")
def list_templates(
    *,
    purpose: Annotated[TemplatePurpose | None, typer.Option("--purpose", help="Only these.")] = None,
    who: As = None,
    password_stdin: PasswordStdin = False,
    as_json: options.Json = False,
) -> None:
    """Show your own texts and everybody's."""
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications import queries
        from tourpad.core.applications.reviewers import reviewer_of

        found = queries.templates(work, reviewer_of(work.actor), purposes=(purpose,) if purpose else ())
        rows: list[dict[str, Any]] = [
            {"purpose": t.purpose.value, "name": t.name, "whose": "own" if t.owner else "shared", "text": t.text}
            for t in found
        ]
    show_list(
        rows,
        [Column("purpose"), Column("name"), Column("whose"), Column("text")],
        as_json=as_json,
        key="templates",
        empty="There are no templates yet.  Write one:  tourpad applications templates add question video …",
        closing=f"{len(rows)} template{'' if len(rows) == 1 else 's'}. In the review, Tab goes through them.",
    )


@app.command("add")
def add(
    purpose: Purpose,
    name: Name,
    text: Words,
    *,
    shared: Annotated[bool, typer.Option("--shared", help="For every reviewer.")] = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Keep a text to use again."""
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications.service import templates

        made = templates.add(work, purpose=purpose, name=name, text=_words(text), shared=shared)
        said = made.name
        work.commit()
    say(f"Kept: {purpose.value} {said}.")


@app.command("edit")
def edit(purpose: Purpose, name: Name, text: Words, *, who: As = None, password_stdin: PasswordStdin = False) -> None:
    """Write a text anew, your own before a shared one."""
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications.service import templates

        templates.edit(work, purpose=purpose, name=name, text=_words(text))
        work.commit()
    say("Changed.")


@app.command("remove")
def remove(purpose: Purpose, name: Name, *, who: As = None, password_stdin: PasswordStdin = False) -> None:
    """Forget a text, your own before a shared one."""
    with platform() as p, p.work(acting(who, password_stdin=password_stdin)(p)) as work:
        from tourpad.core.applications.service import templates

        templates.remove(work, purpose=purpose, name=name)
        work.commit()
    say("Forgotten.")


def _words(text: str) -> str:
    return sys.stdin.read() if text == "-" else text
