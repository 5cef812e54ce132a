"""Sheets as CSV (RFC 4180, UTF-8): one heading, then rows that a spreadsheet can add up.

Amounts are plain decimal numbers, days and instants ISO 8601, in UTC. Text that a spreadsheet would take for a
formula begins with an apostrophe, so that no name can compute anything on an accountant's machine.
"""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tourpad.core.money import Money
from tourpad.core.papers.door_sheets import GuestListSheet
from tourpad.core.papers.sheets import (
    AgreementSheet,
    EarningsList,
    EarningsSheet,
    EarningsTotals,
    ReceiptSheet,
    SettlementSheet,
    ShowRef,
)

Sheet = AgreementSheet | ReceiptSheet | SettlementSheet | EarningsSheet | EarningsList | GuestListSheet
Rows = list[Sequence[Any]]

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute, as the first character of a cell
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def write(sheet: Sheet) -> str:
    """One sheet as CSV, its heading included."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(cells(sheet))
    return out.getvalue()


def cells(sheet: Sheet) -> list[list[str]]:
    """Heading and rows as text."""
    return [[_cell(value) for value in row] for row in rows(sheet)]


def rows(sheet: Sheet) -> Rows:
    """Heading and rows, each value still of its own type."""
    match sheet:
        case AgreementSheet():
            return _agreement(sheet)
        case ReceiptSheet():
            return _receipt(sheet)
        case SettlementSheet():
            return _settlement(sheet)
        case EarningsSheet():
            return _earnings(sheet)
        case EarningsList():
            return _everybody(sheet)
        case GuestListSheet():
            return _guests(sheet)


def _agreement(sheet: AgreementSheet) -> Rows:
    heading = ("section", "label", "text", "guests", "door", "artist", "host", "tourpad", "currency")
    same_names = ("booking_id", "offer", "stage", "show_date", "artist_name", "place", "host_name", "terms_hash")
    same = (str(sheet.booking_id), sheet.number, sheet.stage.value, *_show(sheet.show), sheet.host, sheet.terms_hash)
    blank = (None, None, None, None, None, None)
    body: Rows = [("term", line.label, line.text, *blank) for line in sheet.terms]
    body += [
        ("signature", row.side.value, f"{row.name or 'erased'}, {row.signed_at:%Y-%m-%dT%H:%M:%SZ}", *blank)
        for row in sheet.signatures
    ]
    body += [
        ("outlook", row.name, None, row.guests, row.door, row.artist, row.host, row.platform, sheet.currency)
        for row in sheet.outlook
    ]
    return [(*heading, *same_names), *((*row, *same) for row in body)]


def _receipt(sheet: ReceiptSheet) -> Rows:
    heading = ("receipt_number", "at", "description", "amount", "currency", "payment_type", "payer_name")
    more = ("payer_email", "show_date", "artist", "place", "card_brand", "card_last4", "merchant", "payment_id")
    same = (
        sheet.payment_type.value,
        sheet.payer_name,
        sheet.payer_email,
        *_show(sheet.show),
        sheet.card_brand,
        sheet.card_last4,
        sheet.merchant.name,
        str(sheet.payment_id),
    )
    return [
        (*heading, *more),
        *(
            (sheet.receipt_number, line.at, line.description, line.amount, line.amount.currency, *same)
            for line in sheet.lines
        ),
    ]


def _settlement(sheet: SettlementSheet) -> Rows:
    heading = ("section", "on", "description", "artist", "host", "tourpad", "total", "currency")
    same_names = ("stage", "show_date", "artist_name", "place", "host_name", "concert_id")
    same = (sheet.stage.value, *_show(sheet.show), sheet.host, str(sheet.show.concert_id))
    door, code = sheet.door, sheet.currency
    body: Rows = [
        ("came_in", None, "door fees paid", None, None, None, door.paid, code),
        ("came_in", None, "door fees refunded", None, None, None, -door.refunded, code),
        ("came_in", None, "door fees lost to disputes", None, None, None, -door.lost, code),
        ("came_in", None, "door fees expected", None, None, None, sheet.door_expected, code),
        ("came_in", None, "guarantee paid", None, None, None, sheet.guarantee_paid, code),
        ("came_in", None, "guarantee given back", None, None, None, sheet.guarantee_kept - sheet.guarantee_paid, code),
    ]
    for section, lines in (
        ("division", sheet.lines),
        ("adjustment", sheet.adjustments),
        ("result", (sheet.result,)),
    ):
        body += [
            (section, line.on, line.description, line.artist, line.host, line.platform, line.total, code)
            for line in lines
        ]
    body += [
        ("scenario", None, row.name, row.artist, row.host, row.platform, row.door, code) for row in sheet.scenarios
    ]
    for payout in sheet.payouts:
        amounts = (payout.amount, None) if payout.side.value == "artist" else (None, payout.amount)
        text = ": ".join(part for part in (payout.state.value, payout.transfer_id, payout.note) if part)
        on = payout.sent_at or payout.due_at
        body.append(("payout", on.date(), text, *amounts, None, None, code))
    return [(*heading, *same_names), *((*row, *same) for row in body)]


def _earnings(sheet: EarningsSheet) -> Rows:
    totals = sheet.totals
    heading = ("section", "on", "description", "show_date", "artist", "place", "partner", "transfer_id")
    amounts = ("door_share", "guarantee", "guarantee_returned", "fees", "amount", "currency")
    same_names, same = ("payee", "email", "year"), (totals.payee, totals.email, totals.year)
    code, blank = totals.opening.currency, (None, None, None, None)
    nowhere = (None, None, None, None, None)

    def balance(text: str, amount: Money) -> Sequence[Any]:
        return ("balance", None, text, *nowhere, *blank, amount, code)

    body: Rows = [balance("owed at the beginning", totals.opening)]
    for row in sheet.shows:
        parts = (row.door_share, row.guarantee, row.guarantee_returned, -row.fees, row.earned, code)
        body.append(("show", row.settled_on, f"as {row.side.value}", *_show(row.show), row.partner, None, *parts))
    for row in sheet.adjustments:
        body.append(("adjustment", row.on, row.description, *_show(row.show), None, None, *blank, row.amount, code))
    for row in sheet.transfers:
        text = "transfer" if row.amount.cents >= 0 else "transfer taken back"
        body.append(("transfer", row.on, text, *_show(row.show), None, row.transfer_id, *blank, -row.amount, code))
    body.append(balance("owed at the end", totals.closing))
    return [(*heading, *amounts, *same_names), *((*row, *same) for row in body)]


def _guests(sheet: GuestListSheet) -> Rows:
    heading = ("name", "companions", "guests", "arrived", "arrived_at", "stands", "paid", "owing", "currency")
    show = (*_show(sheet.show), sheet.show.concert_id)
    return [
        (*heading, "special_requests", "walk_up", "rsvp_id", "show_date", "artist", "place", "concert_id"),
        *(
            (
                row.name,
                "; ".join(row.companions),
                row.guests,
                row.arrived,
                row.arrived_at,
                row.stands.value,
                row.paid,
                row.owing,
                sheet.currency if sheet.shows_money else None,
                row.special_requests,
                "yes" if row.is_walk_up else "",
                row.rsvp_id,
                *show,
            )
            for row in sheet.rows
        ),
    ]


def _everybody(sheet: EarningsList) -> Rows:
    names = ("payee", "email", "year", "opening", "gross", "guarantee_returned", "fees", "earned", "adjusted")
    return [
        (*names, "paid", "closing", "on_its_way", "currency", "user_id"),
        *(_one(row) for row in sheet.payees),
    ]


def _one(row: EarningsTotals) -> Sequence[Any]:
    return (
        row.payee,
        row.email,
        row.year,
        row.opening,
        row.gross,
        row.guarantee_returned,
        -row.fees,
        row.earned,
        row.adjusted,
        -row.paid,
        row.closing,
        row.on_its_way,
        row.opening.currency,
        str(row.user_id),
    )


def _show(show: ShowRef | None) -> tuple[date | None, str | None, str | None]:
    return (show.date, show.artist, show.place) if show else (None, None, None)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return _decimal(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _decimal(money: Money) -> str:
    """`412.50`, `-12.30`: with as many decimals as the currency has."""
    from babel.numbers import get_currency_precision  # noqa: PLC0415 - Babel loads locale data

    return format(Decimal(money.cents).scaleb(-get_currency_precision(money.currency)), "f")
