"""A payee's year as people read it, and everybody's in one list."""

from tourpad.core.money import Money, total
from tourpad.core.papers.layout import Column, Layout, Row, Table, day, facts
from tourpad.core.papers.sheets import EarningsList, EarningsSheet, EarningsShow, EarningsTotals

BASIS = (
    "Shows count in the year in which they were settled, transfers in the year in which they were sent, both in UTC.",
    "This is a statement of what TourPad owed and paid. It is not a tax form.",
)


def earnings_page(sheet: EarningsSheet) -> Layout:
    """A year: its sums first, then every show, adjustment and transfer behind them."""
    totals = sheet.totals
    return Layout(
        title=f"Earnings {totals.year}",
        subtitle=totals.payee,
        merchant=sheet.merchant,
        facts=facts(
            ("Payee", totals.payee),
            ("Mail", totals.email),
            ("Year", f"1 Jan to 31 Dec {totals.year}, UTC"),
            ("State", "the year is over" if sheet.is_over else f"as of {day(sheet.as_of.date())}"),
        ),
        tables=tuple(
            table
            for table in (_year(sheet), _shows(sheet), _adjustments(sheet), _transfers(sheet))
            if table is not None
        ),
        notes=(*BASIS, f"All amounts are in {totals.opening.currency}."),
        as_of=sheet.as_of,
        file_name=f"earnings-{totals.year}-{str(totals.user_id)[-8:]}",
    )


def _year(sheet: EarningsSheet) -> Table:
    totals = sheet.totals
    rows = [
        Row((f"Owed to you on 1 Jan {totals.year}", totals.opening)),
        Row(("Income from shows: share of the door, and guarantees", totals.gross)),
    ]
    if totals.guarantee_returned:
        rows.append(Row(("Guarantees returned: your own money, no income", totals.guarantee_returned)))
    rows += [
        Row(("Processing fees that you bear", -totals.fees)),
        Row(("Earned", totals.earned), strong=True),
    ]
    if totals.adjusted:
        rows.append(Row(("Refunds, disputes and other adjustments", totals.adjusted)))
    rows.append(Row(("Paid to you by transfer", -totals.paid)))
    until = f"on 31 Dec {totals.year}" if sheet.is_over else "now"
    rows.append(Row((f"Owed to you {until}", totals.closing), strong=True))
    note = f"Of that {totals.on_its_way} is being sent." if totals.on_its_way else None
    return Table("The year", (Column("", 78), Column("", 22, right=True)), tuple(rows), note=note)


def _shows(sheet: EarningsSheet) -> Table | None:
    if not sheet.shows:
        return None
    returned = any(row.guarantee_returned for row in sheet.shows)
    columns = [Column("Show", 13), Column("Where, with whom", 27 if returned else 35)]
    columns += [Column("Door share", 12, right=True), Column("Guarantee", 12, right=True)]
    if returned:
        columns.append(Column("Returned", 12, right=True))
    columns += [Column("Fees", 12, right=True), Column("Earned", 14, right=True)]
    rows = [Row((row.show.date, _where(row), *_amounts(row, returned=returned))) for row in sheet.shows]
    sums = [
        total([amount for amount in column if isinstance(amount, Money)], sheet.totals.opening.currency)
        for column in zip(*(_amounts(row, returned=returned) for row in sheet.shows), strict=True)
    ]
    count = len(sheet.shows)
    rows.append(Row((None, f"{count} show{'' if count == 1 else 's'}", *sums), strong=True))
    return Table("Shows", tuple(columns), tuple(rows))


def _where(row: EarningsShow) -> str:
    return f"{row.show.place}, {row.partner}"


def _amounts(row: EarningsShow, *, returned: bool) -> tuple[Money, ...]:
    middle = (row.guarantee_returned,) if returned else ()
    return (row.door_share, row.guarantee, *middle, -row.fees, row.earned)


def _adjustments(sheet: EarningsSheet) -> Table | None:
    if not sheet.adjustments:
        return None
    rows = [
        Row(
            (
                row.on,
                row.description[:1].upper() + row.description[1:],
                f"{day(row.show.date)}, {row.show.place}" if row.show else "",
                row.amount,
            )
        )
        for row in sheet.adjustments
    ]
    rows.append(Row((None, "In all", "", sheet.totals.adjusted), strong=True))
    columns = (Column("Day", 14), Column("What", 42), Column("Show", 26), Column("Amount", 18, right=True))
    return Table("Refunds, disputes and other adjustments", columns, tuple(rows))


def _transfers(sheet: EarningsSheet) -> Table | None:
    if not sheet.transfers:
        return None
    rows = [
        Row(
            (
                row.on,
                row.transfer_id + (", taken back" if row.amount.cents < 0 else ""),
                f"{day(row.show.date)}, {row.show.place}" if row.show else "",
                row.amount,
            )
        )
        for row in sheet.transfers
    ]
    rows.append(Row((None, "Paid", "", sheet.totals.paid), strong=True))
    columns = (Column("Day", 14), Column("Transfer", 42), Column("Show", 26), Column("Amount", 18, right=True))
    return Table("Transfers", columns, tuple(rows))


def earnings_list_page(sheet: EarningsList) -> Layout:
    """Everybody's year, one row each."""
    columns = (
        Column("Payee", 22),
        Column("Gross", 11, right=True),
        Column("Returned", 11, right=True),
        Column("Fees", 11, right=True),
        Column("Adjusted", 11, right=True),
        Column("Paid", 12, right=True),
        Column("Owed before", 11, right=True),
        Column("Owed after", 11, right=True),
    )
    rows = [Row((f"{row.payee} ({row.email})", *_sums(row))) for row in sheet.payees]
    if sheet.payees:
        currency = sheet.payees[0].opening.currency
        sums = [total(list(column), currency) for column in zip(*(_sums(row) for row in sheet.payees), strict=True)]
        count = len(sheet.payees)
        rows.append(Row((f"{count} payee{'' if count == 1 else 's'}", *sums), strong=True))
    return Layout(
        title=f"Earnings {sheet.year}",
        subtitle="all payees",
        merchant=sheet.merchant,
        facts=(("Year", f"1 Jan to 31 Dec {sheet.year}, UTC"), ("State", f"as of {day(sheet.as_of.date())}")),
        tables=(Table(None, columns, tuple(rows)),),
        notes=BASIS,
        as_of=sheet.as_of,
        file_name=f"earnings-{sheet.year}-all",
    )


def _sums(row: EarningsTotals) -> tuple[Money, ...]:
    return (row.gross, row.guarantee_returned, -row.fees, row.adjusted, -row.paid, row.opening, row.closing)
