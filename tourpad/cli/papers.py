"""Receipts, agreements, settlements, a year's earnings: papers on the screen, as PDF, CSV or JSON."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import me, platform
from tourpad.cli.output import console, is_terminal, print_json, say

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.papers.layout import Layout, Table
    from tourpad.core.papers.spreadsheet import Sheet
    from tourpad.core.work import Work

Pdf = Annotated[
    Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF into this file; - for standard output.")
]
Csv = Annotated[bool, typer.Option("--csv", help="Print it as CSV, for a spreadsheet.")]


def receipt(
    payment: Annotated[
        str, typer.Argument(metavar="PAYMENT", help="Any unique part of its id, or Stripe's pi_… or ch_….")
    ],
    *,
    pdf: Pdf = None,
    csv: Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show the receipt of a payment: what was paid, what went back, what remains."""
    check_one_form(pdf, csv=csv, as_json=as_json)
    with platform() as p, p.work(me()) as work:
        from tourpad.cli.payments import find_payment
        from tourpad.core.papers import service

        sheet = service.receipt(work, payment_id=find_payment(work, payment), viewer=None)
    _hand_out(sheet, pdf, csv=csv, as_json=as_json)


def settlement(
    concert: Annotated[str, typer.Argument(metavar="CONCERT", help="Any unique part of its id.")],
    *,
    pdf: Pdf = None,
    csv: Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show how a concert's money is divided: expected before the show, final once it is settled."""
    check_one_form(pdf, csv=csv, as_json=as_json)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts.models import Concert
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.papers import service

        concert_id = by_id_part(work, Concert, concert, noun="concert")
        sheet = service.settlement(work, concert_id=concert_id, viewer=None)
    _hand_out(sheet, pdf, csv=csv, as_json=as_json)


def guest_list(concert_id: "UUID", *, pdf: Path | None, csv: bool, as_json: bool) -> None:
    """Show an evening's parties by name, with a box for each guest."""
    check_one_form(pdf, csv=csv, as_json=as_json)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.papers import service

        sheet = service.guest_list(work, concert_id=concert_id, viewer=None)
    _hand_out(sheet, pdf, csv=csv, as_json=as_json)


def agreement(
    booking: Annotated[str, typer.Argument(metavar="BOOKING", help="Any unique part of its id.")],
    *,
    offer: Annotated[int | None, typer.Option("--offer", help="This version; the one in force unless given.")] = None,
    pdf: Pdf = None,
    csv: Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show what artist and host agreed on: the terms, who signed them and when, what they may come to."""
    check_one_form(pdf, csv=csv, as_json=as_json)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.bookings.models import Booking
        from tourpad.core.database.lookup import by_id_part
        from tourpad.core.papers import service

        booking_id = by_id_part(work, Booking, booking, noun="booking")
        sheet = service.agreement(work, booking_id=booking_id, viewer=None, number=offer)
    _hand_out(sheet, pdf, csv=csv, as_json=as_json)


def earnings(
    payee: Annotated[
        str | None, typer.Argument(metavar="PAYEE", help="Their mail address, or any unique part of their id.")
    ] = None,
    *,
    year: Annotated[int | None, typer.Option("--year", help="A calendar year, in UTC; this one unless given.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every payee, one row each.")] = False,
    pdf: Pdf = None,
    csv: Csv = False,
    as_json: options.Json = False,
) -> None:
    """Show what a payee earned and was paid in a year, from what was owed before to what is owed after."""
    check_one_form(pdf, csv=csv, as_json=as_json)
    if (payee is None) is not every:
        msg = "Name a payee, or ask for --all."
        raise typer.BadParameter(msg)
    with platform() as p, p.work(me()) as work:
        from tourpad.core.papers import service

        wanted = p.clock.now().year if year is None else year
        sheet: Sheet
        if payee is None:
            sheet = service.earnings_of_all(work, year=wanted)
        else:
            sheet = service.earnings(work, user_id=_person(work, payee), year=wanted)
    _hand_out(sheet, pdf, csv=csv, as_json=as_json)


def check_one_form(pdf: Path | None, *, csv: bool, as_json: bool) -> None:
    """Refuse two forms at once."""
    if sum((pdf is not None, csv, as_json)) > 1:
        msg = "One form at a time: --pdf, --csv or --json."
        raise typer.BadParameter(msg)


def _person(work: "Work", text: str) -> "UUID":
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity import queries
    from tourpad.core.identity.models import User

    return queries.get_by_email(work, text).id if "@" in text else by_id_part(work, User, text, noun="user")


def _hand_out(sheet: "Sheet", pdf: Path | None, *, csv: bool, as_json: bool) -> None:
    """Give a sheet in the form that was asked for."""
    from tourpad.core.papers import spreadsheet
    from tourpad.core.papers.pages import page
    from tourpad.core.papers.record import record

    if pdf is not None:
        _write_pdf(page(sheet), pdf)
    elif as_json:
        print_json(record(sheet))
    elif csv:
        # Bytes, so that lines end as RFC 4180 says wherever this runs.
        _print_bytes(spreadsheet.write(sheet).encode())
    elif is_terminal():
        show(page(sheet))
    else:
        for row in spreadsheet.cells(sheet):
            print("\t".join(" ".join(cell.split()) for cell in row))


def _write_pdf(layout: "Layout", file: Path) -> None:
    from tourpad.core.errors import invalid
    from tourpad.core.papers import pdf

    body = pdf.render(layout)
    if str(file) == "-":
        _print_bytes(body)
        return
    try:
        file.write_bytes(body)
    except OSError as error:
        raise invalid("pdf", f"{file} can't be written: {error.strerror}") from error
    say(f"{layout.title}, {layout.subtitle}: written to {file}.")


def _print_bytes(body: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def show(layout: "Layout") -> None:
    """Print a paper for a person."""
    from rich.text import Text

    out = console()
    out.print(Text(layout.title, style="bold"), Text(layout.subtitle, style="dim"), sep="  ")
    out.print()
    width = max(len(label) for label, _ in layout.facts)
    for label, value in layout.facts:
        out.print(Text.assemble((label.ljust(width + 2), "dim"), value))
    for table in layout.tables:
        out.print()
        _show_table(table)
    out.print()
    for note in layout.notes:
        out.print(Text(note, style="dim"))
    out.print(Text("As a file:  --pdf FILE   or  --csv", style="dim"))


def _show_table(table: "Table") -> None:
    from rich.table import Table as Grid
    from rich.text import Text

    from tourpad.core.papers.layout import text

    if table.title:
        console().print(Text(table.title, style="bold"))
    headed = any(column.heading for column in table.columns)
    grid = Grid(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False, show_header=headed)
    for column in table.columns:
        grid.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(text(cell), style="bold" if row.strong else "") for cell in row.cells))
    console().print(grid)
    if table.note:
        console().print(Text(table.note, style="dim"))
