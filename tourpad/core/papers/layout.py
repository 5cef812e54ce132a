"""A paper as it is laid out: what PDF and terminal have in common. Amounts stay `Money`, days stay dates."""

from datetime import date, datetime

from tourpad.core.money import Money, format_money
from tourpad.core.papers.sheets import Merchant
from tourpad.core.values import Value

Cell = str | Money | date | None


class Column(Value):
    """One column of a table: its heading, and its part of the width. Amounts and counts stand on the right."""

    heading: str
    width: int
    right: bool = False


class Row(Value):
    """One row; a strong one is a sum."""

    cells: tuple[Cell, ...]
    strong: bool = False


class Table(Value):
    """Rows under their headings."""

    title: str | None
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str | None = None
    """In small print below it."""


class Layout(Value, kw_only=True):
    """A whole paper."""

    title: str
    subtitle: str
    merchant: Merchant
    facts: tuple[tuple[str, str], ...]
    """Label and value, in the order in which they are read."""
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    as_of: datetime
    file_name: str
    """Without its ending."""
    qr: str | None = None
    """A text that stands on it as a QR code, in print only."""


def day(value: date) -> str:
    """`21 Nov 2026`."""
    return f"{value.day} {value:%b %Y}"


def text(cell: Cell) -> str:
    """A cell as people read it; an amount of nothing is a dash."""
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return format_money(cell)
    return cell if isinstance(cell, str) else day(cell)


def facts(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Those that say something."""
    return tuple((label, value) for label, value in pairs if value)
