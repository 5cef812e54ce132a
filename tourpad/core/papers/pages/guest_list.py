"""The list for the door as people read it, with a box for each guest to tick."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tourpad.core.money import format_money
from tourpad.core.notifications.render import clock_face
from tourpad.core.papers.door_sheets import GuestListSheet, GuestRow, Stands
from tourpad.core.papers.layout import Column, Layout, Row, Table, day, facts

BOX = "□"
_NOT_CERTAIN = (Stands.OWES, Stands.PAID_BACK)


def guest_list_page(sheet: GuestListSheet) -> Layout:
    """Each party with its boxes; whoever is in already has none."""
    show = sheet.show
    open_rows = [row for row in sheet.rows if row.stands in _NOT_CERTAIN]
    columns = [Column("In", 13), Column("Name", 33), Column("Guests", 8, right=True), Column("", 19)]
    if sheet.shows_money:
        columns.append(Column("Asked for", 27))
    return Layout(
        title="Guest list",
        subtitle=sheet.title,
        merchant=sheet.merchant,
        facts=facts(
            ("Show", f"{show.artist}, {show.place}"),
            ("Begins", f"{day(show.date)}, {_clock(sheet.starts_at, sheet.time_zone)}"),
            (
                "Expected",
                None
                if sheet.is_called_off
                else _counted([row for row in sheet.rows if row.stands not in _NOT_CERTAIN]),
            ),
            ("Not certain", _counted(open_rows) if open_rows else None),
            ("In", _guests(sheet.arrived) if sheet.arrived else None),
            ("Seats free", None if sheet.is_called_off else str(sheet.seats_left)),
        ),
        tables=(Table(None, tuple(columns), tuple(_row(sheet, row) for row in sheet.rows)),) if sheet.rows else (),
        notes=(
            "The show was called off: nobody is let in."
            if sheet.is_called_off
            else "Nobody has certain seats yet."
            if not sheet.rows
            else f"A box for each guest. Times are of {sheet.time_zone}.",
            *(("Names are private: for the door of this evening, and thrown away after it.",) if sheet.rows else ()),
        ),
        as_of=sheet.as_of,
        file_name=f"guest-list-{show.date.isoformat()}",
    )


def _row(sheet: GuestListSheet, row: GuestRow) -> Row:
    name = row.name + (", walk-up" if row.is_walk_up else "")
    if row.companions:
        name += f" with {', '.join(row.companions)}"
    cells = (BOX * (row.guests - row.arrived) or "in", name, str(row.guests), _stands(sheet, row))
    return Row((*cells, row.special_requests or "") if sheet.shows_money else cells)


def _stands(sheet: GuestListSheet, row: GuestRow) -> str:
    match row.stands:
        case Stands.OWES:
            return f"owes {format_money(row.owing)}" if row.owing else "not certain"
        case Stands.IN | Stands.PARTLY_IN:
            at = f" at {_clock(row.arrived_at, sheet.time_zone)}" if row.arrived_at else ""
            return f"in{at}" if row.stands is Stands.IN else f"{row.arrived} in{at}"
        case Stands.DID_NOT_COME:
            return "did not come"
        case Stands.PAID_BACK:
            return "was paid back" if sheet.shows_money else "not certain"
        case Stands.EXPECTED:
            return f"paid {format_money(row.paid)}" if row.paid else ""


def _clock(at: datetime, zone: str) -> str:
    return clock_face(at.astimezone(ZoneInfo(zone)).time())


def _counted(rows: list[GuestRow]) -> str:
    """So that the two lines together are the list below them."""
    return f"{_guests(sum(row.guests for row in rows))} in {_parties(len(rows))}"


def _guests(count: int) -> str:
    return f"{count} guest{'' if count == 1 else 's'}"


def _parties(count: int) -> str:
    return f"{count} part{'y' if count == 1 else 'ies'}"
