"""An agreement as people read it: the terms, the names under them, what it may come to."""

from tourpad.core.bookings.states import Side
from tourpad.core.papers.layout import Column, Layout, Row, Table, day, facts
from tourpad.core.papers.sheets import Agreement, AgreementSheet, Outlook, Signature

STANDING = {
    Agreement.OFFERED: "offered; the other side has not agreed",
    Agreement.SIGNED: "signed by both, and in force",
    Agreement.REPLACED: "signed by both; replaced by a later version",
}
HOUSES = {"low": "Low house", "expected": "Expected", "full": "Full house"}


def agreement_page(sheet: AgreementSheet) -> Layout:
    """One version of the terms."""
    show = sheet.show
    return Layout(
        title="Agreement" if sheet.stage is not Agreement.OFFERED else "Offer",
        subtitle=f"{show.artist} at {sheet.host}, {show.place}",
        merchant=sheet.merchant,
        facts=facts(
            ("Artist", show.artist),
            ("Host", f"{sheet.host}, {show.place}"),
            ("Version", f"offer {sheet.number}"),
            ("Standing", STANDING[sheet.stage]),
            ("Agreed on", day(sheet.accepted_on) if sheet.accepted_on else None),
            ("Time zone", sheet.time_zone),
        ),
        tables=(_terms(sheet), _signatures(sheet), _outlook(sheet)),
        notes=(
            f"What was signed has the fingerprint (SHA-256) {sheet.terms_hash}.",
            "The guarantee is a floor under the artist’s share of the door; what that covers goes back to the host.",
            f"All amounts are in {sheet.currency}. Times of signatures are in UTC.",
        ),
        as_of=sheet.as_of,
        file_name=f"agreement-{show.date.isoformat()}-{str(sheet.booking_id)[-8:]}-{sheet.number}",
    )


def _terms(sheet: AgreementSheet) -> Table:
    rows = tuple(Row((line.label[:1].upper() + line.label[1:], line.text)) for line in sheet.terms)
    return Table("Terms", (Column("", 26), Column("", 74)), rows)


def _signatures(sheet: AgreementSheet) -> Table:
    columns = (Column("Side", 12), Column("Name", 30), Column("Signed", 26), Column("How", 32))
    return Table("Signed", columns, tuple(_signature(row) for row in sheet.signatures))


def _signature(row: Signature) -> Row:
    how = "name typed" if row.is_typed else "by the name of the account"
    if row.address:
        how += f", from {row.address}"
    if row.is_intact is False:
        how = "the terms are not those that were signed"
    at = row.signed_at
    who = "Artist" if row.side is Side.ARTIST else "Host"
    return Row((who, row.name or "erased", f"{at.day} {at:%b %Y %H:%M:%S}", how))


def _outlook(sheet: AgreementSheet) -> Table:
    columns = (
        Column("", 16),
        Column("Guests", 10, right=True),
        Column("Door", 16, right=True),
        Column("Artist", 16, right=True),
        Column("Host", 16, right=True),
        Column("Host, less guarantee", 26, right=True),
    )
    return Table(
        "What it may come to",
        columns,
        tuple(_house(row) for row in sheet.outlook),
        note="An estimate: card fees are counted at Stripe’s standard 2.9 % and 30 cents a guest.",
    )


def _house(row: Outlook) -> Row:
    return Row((HOUSES[row.name], str(row.guests), row.door, row.artist, row.host, row.host_net))
