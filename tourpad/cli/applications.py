"""`tourpad applications`: who wants in, and deciding about them."""

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import applications_card as cards
from tourpad.cli import applications_deciding as deciding
from tourpad.cli import applications_templates as templates
from tourpad.cli import options
from tourpad.cli.admins import As, PasswordStdin
from tourpad.cli.applications_bulk import find
from tourpad.cli.applications_sections import age
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, console, human, is_terminal, print_json, say, show_list, show_one
from tourpad.core.applications.states import UNDECIDED, ApplicationKind, ApplicationState, DecisionState

if TYPE_CHECKING:
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
    DUE = "due"
    NAME = "name"
    PLACE = "place"
    SCORE = "score"


Kind = Annotated[ApplicationKind | None, typer.Option("--kind", help="Only artists, or only hosts.")]


@app.command("list")
def list_applications(
    *,
    state: Annotated[
        Which, typer.Option("--state", help="Only those in this state; pending: not decided.")
    ] = Which.PENDING,
    kind: Kind = None,
    late: Annotated[bool, typer.Option("--late", help="Only those past their 48 h.")] = False,
    older: Annotated[
        str | None, typer.Option("--older-than", metavar="TIME", help="Only those that wait longer: 90m, 36h, 5d.")
    ] = None,
    place: Annotated[str | None, typer.Option("--place", help="Only from a state or a town: OH, 'Dayton OH'.")] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", help="Only what this reviewer has on their desk; any part of a name.")
    ] = None,
    text: Annotated[str | None, typer.Option("--text", help="Only where a name, address or answer has this.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Only those whose decision is held.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Only those whose decision waits for another admin.")
    ] = False,
    sort: Annotated[Order, typer.Option("--sort", help="Which come first.")] = Order.OLDEST,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show applications, those that wait longest first."""
    kept_back = {DecisionState.HELD: held, DecisionState.SECOND_OPINION: second_opinion}
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import queries

        states = {"pending": UNDECIDED, "all": frozenset[ApplicationState]()}.get(state.value)
        wanted = queries.ApplicationFilter(
            states=states if states is not None else frozenset({ApplicationState(state.value)}),
            kind=kind,
            decisions=frozenset(s for s, is_wanted in kept_back.items() if is_wanted),
            reviewer=reviewer,
            is_late=late,
            older_than=_span(older),
            place=place,
            text=text,
            sort=queries.Sort(sort.value),
        )
        views, total, counted = queries.search(work, wanted, offset=0, limit=limit)
        rows = [cards.row(v, work.now) for v in views]
        overdue = sum(c.overdue for c in counted)
        narrowed = wanted != queries.ApplicationFilter(states=UNDECIDED, sort=wanted.sort)
        empty = _nothing(work, narrowed=narrowed)
    late_here = sum(bool(row["overdue"]) for row in rows) if narrowed else overdue
    past = f", {late_here} past their 48 h" if late_here else ""
    shown = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        _columns(rows),
        as_json=as_json,
        key="applications",
        extra={"total": total, "overdue": overdue, "by_state": _by_state(counted)},
        empty=empty,
        closing=f"{shown} application{'' if total == 1 else 's'}{past}.  Decide:  tourpad applications review",
    )


@app.command("show")
def show(which: deciding.OneId, *, as_json: options.Json = False) -> None:
    """Show one application: the form, the questions, the notes, and what else is known."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.applications import queries

        detail = queries.detail(work, find(work, which))
        around = queries.surroundings(work, detail.view.application)
        document = cards.document(p, detail, around, work.now)
        page = cards.card(p, detail, around, work.now)
    if as_json:
        print_json(document)
    elif is_terminal():
        from tourpad.cli.applications_screen import wrap

        print("\n".join(wrap(cards.plain(page), console().width)))
        say(f"\nDecide:  tourpad applications review {human(document['id'])}")
    else:
        inside = ("answers", "questions", "notes", "decisions", "submissions", "scores", "photos", "alike", "near")
        flat = {k: v for k, v in document.items() if k not in inside}
        show_one({**flat, **{f"answers.{k}": v for k, v in document["answers"].items()}}, as_json=False)


@app.command("review")
def review(
    which: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Only this one; the whole queue if not given.")
    ] = None,
    *,
    kind: Kind = None,
    anew: Annotated[bool, typer.Option("--anew", help="From the front, and not where you stopped.")] = False,
    no_tui: Annotated[bool, typer.Option("--no-tui", help="Plain questions instead of single keys.")] = False,
    who: As = None,
    password_stdin: PasswordStdin = False,
) -> None:
    """Walk the queue, one keypress a decision: those past their time first. It goes on where you stopped."""
    from tourpad.cli.applications_walk import review_queue

    review_queue(
        which,
        kind=kind,
        anew=anew,
        plain=no_tui,
        actor=deciding.acting(who, password_stdin=password_stdin),
        nothing=lambda work: _nothing(work, narrowed=kind is not None),
    )


app.command("approve")(deciding.approve)
app.command("reject")(deciding.reject)
app.command("ask")(deciding.ask)
app.command("release")(deciding.release)
app.command("agree")(deciding.agree)
app.command("disagree")(deciding.disagree)
app.command("undo")(deciding.undo)
app.command("claim")(deciding.claim)
app.command("note")(deciding.note)
app.command("score")(deciding.score)
app.command("address")(deciding.address)


@app.command("reasons")
def reasons(*, kind: Kind = None, as_json: options.Json = False) -> None:
    """Show what applications can be rejected for, and what the applicant reads."""
    from tourpad.core.applications.rules import REASONS

    rows = [
        {"reason": code.value, "kinds": ", ".join(sorted(reason.kinds)), "told": reason.sentence}
        for code, reason in REASONS.items()
        if kind is None or kind in reason.kinds
    ]
    show_list(
        rows,
        [Column("reason"), Column("kinds", "for"), Column("told")],
        as_json=as_json,
        key="reasons",
        empty="There are none.",
    )


app.add_typer(templates.app, name="templates")


def _columns(rows: list[dict[str, Any]]) -> list[Column]:
    """On a terminal only what says something; in a pipe always the same."""
    columns = [
        Column("id"),
        Column("name"),
        Column("kind"),
        Column("town"),
        Column(
            "state",
            style=lambda row: cards.STATE_COLOURS.get(row["state"], ""),
            show=lambda state: str(state).replace("_", " "),
        ),
        Column("age", right=True, style=lambda row: "red" if row["overdue"] else ""),
    ]
    if not is_terminal():
        more = ("submitted_at", "overdue", "email", "decision", "score", "claimed_by", "due_at")
        return columns + [Column(name) for name in more]
    extra = (Column("decision"), Column("score", right=True), Column("claimed_by", "with"))
    return columns + [column for column in extra if any(row[column.key] for row in rows)]


def _span(text: str | None) -> timedelta | None:
    """A time as people type it.

    Raises:
        InvalidInputError: it is none.
    """
    import re

    from tourpad.core.errors import invalid

    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,5})\s*([mhd])", text.strip().lower())
    if found is None:
        raise invalid("older-than", f"{text!r} is not like 90m, 36h or 5d")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def _nothing(work: "Work", *, narrowed: bool) -> str:
    """The sentence for an empty list."""
    from tourpad.core.applications import queries

    if narrowed:
        return "No application matches."
    last = queries.last_decision(work)
    if last is None:
        return "No applications wait, and none was ever decided."
    return f"No applications wait. The last one was decided {age(work.now - last)} ago."


def _by_state(counted: list[Any]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for count in counted:
        totals[count.state.value] = totals.get(count.state.value, 0) + count.number
    return totals
