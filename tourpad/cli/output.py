"""Everything that is printed: tables for people, tab-separated values for pipes, JSON for programs, and questions.

On a terminal a list is aligned, dates are as people say them, ids are short, and one line closes it. Piped it is
tab-separated with full ids and ISO times and no closing line. Empty is a sentence.
"""

import json
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import typer

from tourpad.core.errors import RefusedError
from tourpad.core.money import Money

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Row = Mapping[str, Any]
SHORT_ID = 8
"""Characters of a short id: the last ones, which are random (the first ones are the time)."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in the row, its heading, and how a person sees its value."""

    key: str
    heading: str | None = None
    right: bool = False
    style: Callable[[Row], str] | str | None = None
    show: Callable[[Any], str] | None = None
    optional: bool = False
    """Left out where the terminal is too narrow for all of them."""

    @property
    def title(self) -> str:
        """The heading."""
        return self.heading if self.heading is not None else self.key.replace("_", " ")


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def console(*, stderr: bool = False) -> "Console":
    """A rich console; without colour where `NO_COLOR` is set or nobody looks."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def show_list(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    as_json: bool,
    empty: str,
    closing: str | None = None,
    key: str = "items",
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Print a list in the form that its reader needs.

    Args:
        rows: what to show; JSON prints every key of them, tables only the columns.
        columns: the table's columns.
        as_json: one document `{key: [...], **extra}`.
        empty: the sentence for no rows.
        closing: the last line on a terminal: what was counted, and what one can do next.
        key: the JSON document's name for the rows.
        extra: more keys of the JSON document.
    """
    if as_json:
        print_json({key: [dict(row) for row in rows], **(extra or {})})
        return
    if not is_terminal():
        print("\t".join(c.key for c in columns))
        for row in rows:
            print("\t".join(_plain(row.get(c.key)) for c in columns))
        return
    if not rows:
        console().print(empty)
        return
    console().print(_table(rows, columns, console().width))
    if closing:
        console().print(f"\n{closing}")


def show_one(facts: Row, *, as_json: bool, title: str | None = None) -> None:
    """Print one thing: its facts, one a line; a list of rows inside is indented below its name."""
    if as_json:
        print_json(facts)
        return
    if title and is_terminal():
        console().print(f"[bold]{title}[/bold]\n")
    width = max((len(_label(k)) for k in facts), default=0)
    for key, value in facts.items():
        if is_terminal():
            sentences = isinstance(value, list) and any(" " in str(one) for one in value)
            text = "\n".join(map(str, value)) if sentences else human(_amount(key, value, facts), short=False)
            print(_beside(_label(key).ljust(width), text, console().width))
        else:
            print(f"{key}\t{_plain(value)}")


def _label(key: str) -> str:
    """What a fact is called on a terminal: an amount is shown in dollars there, so its unit goes."""
    return key.removesuffix("_cents").replace("_", " ")


def _amount(key: str, value: Any, facts: Row) -> Any:
    """Cents as money; anything else as it is."""
    if key.endswith("_cents") and isinstance(value, int):
        return Money(value, str(facts.get("currency") or "USD"))
    return value


def _beside(label: str, text: str, width: int) -> str:
    """A fact: its lines are folded between words, and stand below each other beside the label."""
    room = width - len(label) - _GAP
    if room < _LEAST_ROOM:
        return f"{label}  {text}"
    return "\n".join(
        f"{label if not at else ' ' * len(label)}  {line}".rstrip() for at, line in enumerate(folded(text, room))
    )


def folded(text: str, width: int) -> list[str]:
    """Lines that fit, folded between words; a word that is longer (an address) stays whole."""
    return [
        line
        for paragraph in text.splitlines() or [""]
        for line in textwrap.wrap(
            paragraph,
            width,
            subsequent_indent=" " * (len(paragraph) - len(paragraph.lstrip())),
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    ]


_LEAST_ROOM = 20


def print_json(value: Any) -> None:
    """One document on standard output: snake_case keys, ISO times, money as cents."""
    print(json.dumps(jsonable(value), indent=2 if is_terminal() else None, ensure_ascii=False))


def jsonable(value: Any) -> Any:
    """What `json` can write, without losing anything: money becomes integer cents."""
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(v) for v in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _table(rows: Sequence[Row], columns: Sequence[Column], width: int) -> "Table":
    """The rows as a table that fits.

    Where it is narrow times are short, what is optional goes, and what is left is folded between words if that will do.
    """
    from rich.table import Table
    from rich.text import Text

    left, brief = list(columns), False
    cells = _cells(rows, left, brief=brief)
    if _needed(left, cells) > width:
        brief = True
        left = [c for c in left if not c.optional or any(human(row.get(c.key)) != _NOTHING for row in rows)]
        cells = _cells(rows, left, brief=brief)
    while _needed(left, cells) > width and (optional := [c for c in left if c.optional]):
        left.remove(optional[-1])
        cells = _cells(rows, left, brief=brief)
    table = Table(
        box=None, padding=(0, _GAP, 0, 0), header_style="dim", pad_edge=False, show_header=any(c.title for c in left)
    )
    for column, wide in zip(left, _widths(left, cells, width), strict=True):
        numeric = column.right or isinstance(rows[0].get(column.key), Money | int)
        table.add_column(column.title, justify="right" if numeric else "left", overflow="fold", width=wide)
    for number, row in enumerate(rows):
        styles = [c.style(row) if callable(c.style) else c.style for c in left]
        table.add_row(*(Text(cells[at][number], style=style or "") for at, style in enumerate(styles)))
    return table


def _cells(rows: Sequence[Row], columns: Sequence[Column], *, brief: bool) -> list[list[str]]:
    """The texts of each column."""
    return [
        [column.show(row.get(column.key)) if column.show else human(row.get(column.key), brief=brief) for row in rows]
        for column in columns
    ]


def _widths(columns: Sequence[Column], cells: list[list[str]], width: int) -> list[int]:
    """How wide each column is: headings give way first, then the widest; words are broken only where nothing helps."""
    texts = [[c.title, *column] for c, column in zip(columns, cells, strict=True)]
    widths = [max(map(len, column)) for column in texts]
    words = [max(map(len, " ".join(column).split()), default=1) for column in texts]
    inside = [max(map(len, column), default=1) for column in cells]
    while sum(widths) + _GAP * (len(widths) - 1) > width and max(widths) > 1:
        folds = [at for at, wide in enumerate(widths) if wide > words[at]]
        slack = [at for at in folds if widths[at] > inside[at]] or folds or range(len(widths))
        widths[max(slack, key=widths.__getitem__)] -= 1
    return widths


def _needed(columns: Sequence[Column], cells: list[list[str]]) -> int:
    """How wide the table would be with nothing folded."""
    widths = [max(map(len, (column.title, *texts))) for column, texts in zip(columns, cells, strict=True)]
    return sum(widths) + _GAP * (len(widths) - 1)


_GAP = 2
_NOTHING = "–"


def human(value: Any, *, short: bool = True, brief: bool = False) -> str:
    """A value as a person reads it: `short` ids, and `brief` times where it is narrow (`29 Nov 14:13`).

    Where there is room (not `short`) an instant names its clock: `Sun 29 Nov 2026 14:13 UTC`.
    """
    if value is None or value in ("", [], ()):
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, UUID):
        return str(value)[-SHORT_ID:] if short else str(value)
    if isinstance(value, datetime):
        whole = f"{value:%a} {value.day} {value:%b %Y %H:%M}" + ("" if short else f" {value:%Z}")
        return f"{value.day} {value:%b %H:%M}" if brief else whole
    if isinstance(value, date):
        return f"{value:%a} {value.day} {value:%b %Y}"
    if isinstance(value, Mapping):
        return " · ".join(f"{k}: {human(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(human(v) for v in value)
    return str(value)


def _plain(value: Any) -> str:
    """A cell of tab-separated output: one line, no tabs."""
    value = jsonable(value)
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


def say(text: str) -> None:
    """A sentence for a person at a terminal (rich markup), a plain line in a pipe."""
    if is_terminal():
        console().print(text)
        return
    if "[" in text:
        from rich.text import Text

        text = Text.from_markup(text).plain
    print(text, flush=True)  # a server's address must not wait for more lines


def confirm(question: str, *, yes: bool, dry_run: bool = False) -> bool:
    """Ask before something that can't be taken back. Answers whether to go on.

    Raises:
        RefusedError: when nobody is there to answer and `--yes` was not given.
    """
    if dry_run:
        say("Nothing was changed (--dry-run).")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        msg = "This needs a yes, and nobody is at the terminal."
        raise RefusedError(msg, hint="Add --yes to go ahead, or --dry-run to only look.")
    return typer.confirm(question)
