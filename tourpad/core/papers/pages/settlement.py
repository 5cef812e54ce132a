"""A settlement sheet as people read it."""

from tourpad.core.bookings.states import Side
from tourpad.core.money import Money
from tourpad.core.papers.layout import Column, Layout, Row, Table, day, facts
from tourpad.core.papers.sheets import Division, SettlementSheet, SheetPayout, Stage
from tourpad.core.payouts.rules.settlement import percent
from tourpad.core.payouts.states import PayoutState

TITLES = {
    Stage.EXPECTED: "Expected settlement",
    Stage.FINAL: "Settlement",
    Stage.CANCELLED: "Settlement of a show called off",
}


def settlement_page(sheet: SettlementSheet) -> Layout:
    """What came in, who gets what of it and why, and what was sent."""
    show = sheet.show
    settled = sheet.settled_at
    accepted = f", accepted {day(sheet.accepted_on)}" if sheet.accepted_on else ""
    return Layout(
        title=TITLES[sheet.stage],
        subtitle=f"{show.artist}, {day(show.date)}, {show.place}",
        merchant=sheet.merchant,
        facts=facts(
            ("Show", sheet.title),
            ("Date", f"{show.date:%A} {day(show.date)}"),
            ("Artist", show.artist),
            ("Host", f"{sheet.host}, {show.place}"),
            ("Terms", f"offer {sheet.offer_number}{accepted}"),
            ("Door", _price(sheet)),
            ("Artist’s share", f"{percent(sheet.artist_door_bps)} of the door"),
            ("Guarantee", str(sheet.guarantee_agreed) if sheet.guarantee_agreed else "none"),
            ("Settled", day(settled.date()) if settled else "not yet"),
        ),
        tables=tuple(t for t in (_came_in(sheet), _division(sheet), _scenarios(sheet), _payouts(sheet)) if t),
        notes=(*sheet.notes, f"All amounts are in {sheet.currency}. Days of money are in UTC."),
        as_of=sheet.as_of,
        file_name=f"settlement-{show.date.isoformat()}-{str(show.concert_id)[-8:]}",
    )


def _price(sheet: SettlementSheet) -> str:
    if sheet.door.is_pay_what_you_can:
        return "guests pay what they can"
    return f"{sheet.door.price} a guest" if sheet.door.price else "free"


def _came_in(sheet: SettlementSheet) -> Table:
    door = sheet.door
    rows = [Row((_door_text(sheet), door.paid))]
    if door.refunded:
        rows.append(Row(("Refunded to guests", -door.refunded)))
    if door.lost:
        rows.append(Row(("Lost to disputes", -door.lost)))
    if sheet.door_expected:
        text = "Booked and not paid yet" if sheet.door_expected.cents > 0 else "Still to go back to guests"
        rows.append(Row((text, sheet.door_expected)))
    if sheet.guarantee_agreed or sheet.guarantee_paid:
        rows.append(Row(("Guarantee, paid by the host", sheet.guarantee_paid)))
    if sheet.guarantee_paid != sheet.guarantee_kept:
        rows.append(Row(("Guarantee, back to the host", sheet.guarantee_kept - sheet.guarantee_paid)))
    rows.append(Row(("To divide", door.kept + sheet.door_expected + sheet.guarantee_kept), strong=True))
    title = "What came in" if sheet.stage is not Stage.EXPECTED else "What came in, and what is booked"
    return Table(title, (Column("", 80), Column("", 20, right=True)), tuple(rows))


def _door_text(sheet: SettlementSheet) -> str:
    door = sheet.door
    if not door.paid:
        return "Door fees: none paid" + (" yet" if sheet.stage is Stage.EXPECTED else "")
    parties = f"{door.parties} part{'y' if door.parties == 1 else 'ies'}"
    if door.guests is None:
        return f"Door fees of {parties}"
    guests = f"{door.guests} guest{'' if door.guests == 1 else 's'}"
    return f"Door fees: {guests} × {door.price}, in {parties}" if door.price else f"Door fees of {guests}, in {parties}"


def _division(sheet: SettlementSheet) -> Table:
    columns = (
        Column("", 44),
        Column("Artist", 14, right=True),
        Column("Host", 14, right=True),
        Column("TourPad", 14, right=True),
        Column("Total", 14, right=True),
    )
    rows = [_row(line) for line in sheet.lines]
    if sheet.adjustments:
        settled = [
            Money(sum(cents), sheet.currency)
            for cents in zip(
                *((r.artist.cents, r.host.cents, r.platform.cents, r.total.cents) for r in sheet.lines), strict=True
            )
        ]
        rows.append(Row(("At settlement", *settled), strong=True))
        rows += [_row(line) for line in sheet.adjustments]
    rows.append(_row(sheet.result, strong=True))
    fees = sheet.processing_fees
    about = "about " if sheet.stage is Stage.EXPECTED else ""
    note = (
        f"Stripe’s processing fees on these charges: {about}{fees}. TourPad pays them out of its part."
        if fees
        else None
    )
    return Table("Who gets what", columns, tuple(rows), note=note)


def _row(line: Division, *, strong: bool = False) -> Row:
    text = f"{day(line.on)}: {line.description}" if line.on else line.description
    return Row((text, line.artist, line.host, line.platform, line.total), strong=strong)


def _scenarios(sheet: SettlementSheet) -> Table | None:
    if not any(row.door for row in sheet.scenarios):
        return None
    columns = (
        Column("If it stays at", 30),
        Column("Guests", 10, right=True),
        Column("Door", 15, right=True),
        Column("Artist", 15, right=True),
        Column("Host", 15, right=True),
        Column("TourPad", 15, right=True),
    )
    rows = tuple(
        Row((row.name, "" if row.guests is None else str(row.guests), row.door, row.artist, row.host, row.platform))
        for row in sheet.scenarios
    )
    return Table(
        "What it may come to", columns, rows, note="Artist and host after processing fees; the guarantee is in."
    )


def _payouts(sheet: SettlementSheet) -> Table | None:
    if not sheet.payouts:
        return None
    columns = (Column("To", 10), Column("How it stands", 54), Column("Day", 20), Column("Amount", 16, right=True))
    return Table("Payouts", columns, tuple(_payout(row) for row in sheet.payouts))


def _payout(row: SheetPayout) -> Row:
    who = "Artist" if row.side is Side.ARTIST else "Host"
    if row.transfer_id and row.state is not PayoutState.REVERSED:
        said = f"sent, transfer {row.transfer_id}"
    elif row.note:
        said = f"{row.state.value}: {row.note}" if row.hold_reason else row.note
    else:
        said = f"{row.state.value}: leaves with the first run after it is due"
    on = day(row.sent_at.date()) if row.sent_at else f"due {day(row.due_at.date())}"
    return Row((who, said, on, row.amount))
