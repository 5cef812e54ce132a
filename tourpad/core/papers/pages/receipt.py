"""A receipt as people read it."""

from tourpad.core.papers.layout import Column, Layout, Row, Table, day, facts
from tourpad.core.papers.sheets import ReceiptSheet
from tourpad.core.payments.states import PaymentKind

WHAT = {
    PaymentKind.MEMBERSHIP: "Membership",
    PaymentKind.BOOKING: "Artist’s fee",
    PaymentKind.DOOR_FEE: "Door fee",
}

CARDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "discover": "Discover",
    "diners": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}
"""Stripe's words for brands (https://docs.stripe.com/api/charges/object) as they are printed on the cards."""


def receipt_page(sheet: ReceiptSheet) -> Layout:
    """One payment, everything that went back since, and what remains."""
    show = sheet.show
    went_back = len(sheet.lines) > 1
    rows = [Row((line.at.date(), line.description, line.amount)) for line in sheet.lines]
    rows.append(Row((None, "Remains paid" if went_back else "Paid", sheet.total), strong=True))
    return Layout(
        title="Receipt",
        subtitle=sheet.receipt_number,
        merchant=sheet.merchant,
        facts=facts(
            ("Receipt", sheet.receipt_number),
            ("Paid on", day(sheet.issued_at.date())),
            ("Paid by", sheet.payer_name),
            ("Mail", sheet.payer_email),
            ("For", WHAT[sheet.payment_type]),
            ("Show", f"{show.artist}, {day(show.date)}, {show.place}" if show else None),
            ("Card", _card(sheet)),
        ),
        tables=(
            Table(
                None,
                (Column("Date", 16), Column("Description", 64), Column("Amount", 20, right=True)),
                tuple(rows),
            ),
        ),
        notes=(f"All amounts are in {sheet.currency}. Days are in UTC.",),
        as_of=sheet.as_of,
        file_name=f"receipt-{sheet.receipt_number}",
    )


def _card(sheet: ReceiptSheet) -> str | None:
    if not sheet.card_last4:
        return None
    brand = CARDS.get(sheet.card_brand or "", (sheet.card_brand or "card").replace("_", " ").title())
    return f"{brand} ending in {sheet.card_last4}"
