"""`tourpad applications`: who wants in, and deciding about them."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from tourpad.cli import applications_card as cards
from tourpad.cli import options
from tourpad.cli.applications_bulk import decide_many, find
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, human, is_terminal, print_json, say, show_list, show_one
from tourpad.core.applications.states import UNDECIDED, ApplicationKind, ApplicationState

if TYPE_CHECKING:
    from tourpad.core.applications.letters import Letter
    from tourpad.core.applications.models import Application
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Applications: who wants in, and deciding about them.")


class Which(StrEnum):
    """States that a list can be narrowed to."""

    PENDING = "pending"
    """Not decided."""
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    QUESTIONS_ASKED = "questions_asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    ALL = "all"


class Order(StrEnum):
    """Orders of the list."""

    OLDEST = "oldest"
    NEWEST = "newest"
    NAME = "name"


Ids = Annotated[
    list[str],
    typer.Argument(metavar="ID", help="Any unique part of an id; several, or - to read them from standard input."),
]
OneId = Annotated[str, typer.Argument(metavar="ID", help="Any unique part of its id.")]
Kind = Annotated[ApplicationKind | None, typer.Option("--kind", help="Only artists, or only hosts.")]


@app.command("list")
def list_applications(
    *,
    state: Annotated[
        Which, typer.Option("--state", help="Only those in this state; pending: not decided.")
    ] = Which.PENDING,
    kind: Kind = None,
    sort: Annotated[Order, typer.Option("--sort", help="Which come first.")] = Order.OLDEST,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show applications, those that wait longest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import queries

        states = {"pending": UNDECIDED, "all": frozenset[ApplicationState]()}.get(state.value)
        wanted = queries.ApplicationFilter(
            states=states if states is not None else frozenset({ApplicationState(state.value)}),
            kind=kind,
            sort=queries.Sort(sort.value),
        )
        views, counted = queries.search(work, wanted, offset=0, limit=limit)
        total = queries.total(counted, wanted)
        rows = [cards.row(v, work.now) for v in views]
        late = sum(c.overdue for c in counted)
        empty = _nothing(work, narrowed=kind is not None or state is not Which.PENDING)
    columns = [
        Column("id"),
        Column("name"),
        Column("kind"),
        Column("town"),
        Column("state", style=lambda row: cards.STATE_COLOURS.get(row["state"], "")),
        Column("age", right=True, style=lambda row: "red" if row["overdue"] else ""),
    ]
    if not is_terminal():
        columns += [Column("submitted_at"), Column("overdue"), Column("email")]
    past = f", {late} past their 48 h" if late else ""
    shown = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="applications",
        extra={"total": total, "overdue": late, "by_state": _by_state(counted)},
        empty=empty,
        closing=f"{shown} application{'' if total == 1 else 's'}{past}.  Decide:  tourpad applications review",
    )


@app.command("show")
def show(which: OneId, *, as_json: options.Json = False) -> None:
    """Show one application: the form, the questions, the notes."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import queries

        detail = queries.detail(work, find(work, which))
        document = cards.document(detail, work.now)
        page = cards.card(detail, work.now)
    if as_json:
        print_json(document)
    elif is_terminal():
        print(cards.plain(page))
        say(f"\nDecide:  tourpad applications review {human(document['id'])}")
    else:
        flat = {k: v for k, v in document.items() if k not in ("answers", "questions", "notes")}
        show_one({**flat, **{f"answers.{k}": v for k, v in document["answers"].items()}}, as_json=False)


@app.command("review")
def review(
    which: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Only this one; the whole queue if not given.")
    ] = None,
    *,
    kind: Kind = None,
    no_tui: Annotated[bool, typer.Option("--no-tui", help="Plain questions instead of single keys.")] = False,
) -> None:
    """Walk the queue, one keypress a decision: those that wait longest first."""
    from tourpad.cli.applications_desk import Lines, Screen
    from tourpad.cli.applications_walk import Walk, last_words
    from tourpad.cli.keys import can_read_keys

    with platform() as p:
        with p.work(me()) as work:
            from tourpad.core.applications import queries

            queue = [find(work, which)] if which else queries.waiting(work, kind=kind)
            empty = _nothing(work, narrowed=kind is not None)
        if not queue:
            say(empty)
            return
        desk = Lines() if no_tui or not can_read_keys() else Screen()
        walk = Walk(p, desk, queue)
        try:
            walk.run()
        finally:
            desk.close()
    say(f"{last_words(walk)[0].upper()}{last_words(walk)[1:]}  See them:  tourpad applications list --state all")


@app.command("approve")
def approve(
    ids: Ids, *, yes: options.Yes = False, dry_run: options.DryRun = False, as_json: options.Json = False
) -> None:
    """Let people in. Hosts are listed at once, artists when their membership is paid. They are told by mail."""

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.approve(work, application_id=application_id)

    def told(work: "Work", application: "Application") -> "Letter":  # noqa: ARG001 - the others need the time
        from tourpad.core.applications import letters

        return letters.approved(application)

    decide_many(ids, "approve", decide, told, yes=yes, dry_run=dry_run, as_json=as_json)


@app.command("reject")
def reject(
    ids: Ids,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; the applicant is told.")] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Turn people down. They are told why by mail, and may apply again after 30 days."""
    if reason is None and sys.stdin.isatty() and not yes:
        reason = str(typer.prompt("Reason, told to the applicant", default="", show_default=False)) or None

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.reject(work, application_id=application_id, reason=reason)

    def told(work: "Work", application: "Application") -> "Letter":
        from tourpad.core.applications import letters, rules

        clean = rules.check_text("reason", reason, longest=rules.LONGEST_REASON)
        return letters.rejected(application, reason=clean, decided_at=work.now)

    decide_many(ids, "reject", decide, told, yes=yes, dry_run=dry_run, as_json=as_json)


@app.command("ask")
def ask(
    ids: Ids,
    *,
    questions: Annotated[list[str], typer.Option("--question", "-q", help="What to ask; may be repeated.")],
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Ask before deciding. The applicant is told by mail, and answers in the app."""

    def decide(work: "Work", application_id: UUID) -> "Application":
        from tourpad.core.applications import service

        return service.ask(work, application_id=application_id, questions=questions)

    def told(work: "Work", application: "Application") -> "Letter":  # noqa: ARG001 - as above
        from tourpad.core.applications import letters, rules

        return letters.questions(application, rules.check_questions(questions))

    decide_many(ids, "ask", decide, told, yes=yes, dry_run=dry_run, as_json=as_json)


@app.command("undo")
def undo(
    which: OneId,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="Why; for the audit log.")] = None,
    dry_run: options.DryRun = False,
) -> None:
    """Take the last decision or the last questions back: the application is in review again."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import service

        quietly = service.undo(work, application_id=find(work, which), reason=reason)
        heard = "the mail had not left and was taken back" if quietly else "they are told that we look again"
        if dry_run:
            say(f"Would undo: {heard}. Nothing was changed (--dry-run).")
            return
        work.commit()
    say(f"Undone: {heard}.")


@app.command("note")
def note(which: OneId, text: Annotated[str, typer.Argument(help="What other reviewers should know.")]) -> None:
    """Leave a word for other reviewers. The applicant never sees it."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import service

        service.note(work, application_id=find(work, which), text=text)
        work.commit()
    say("Noted.")


def _nothing(work: "Work", *, narrowed: bool) -> str:
    """The sentence for an empty list."""
    from tourpad.core.applications import queries

    if narrowed:
        return "No application matches."
    last = queries.last_decision(work)
    if last is None:
        return "No applications wait, and none was ever decided."
    return f"No applications wait. The last one was decided {cards.age(work.now - last)} ago."


def _by_state(counted: list[Any]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for count in counted:
        totals[count.state.value] = totals.get(count.state.value, 0) + count.number
    return totals
