"""Sheets made up without a database, and reading what a PDF says."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.money import usd
from tourpad.core.papers.sheets import (
    EarningsSheet,
    EarningsShow,
    EarningsTotals,
    EarningsTransfer,
    Merchant,
    ReceiptLine,
    ReceiptSheet,
    ShowRef,
)
from tourpad.core.payments.states import PaymentKind

if TYPE_CHECKING:
    from tourpad.core.work import Work

AT = datetime(2026, 12, 1, 9, 0, 4, tzinfo=UTC)
MERCHANT = Merchant("TourPad", ("TourPad LLC", "12 Market Street"), "EIN 12-3456789", "hello@tourpad.example")
HARD_NAME = "Łucja Ñandú <b>& Sons</b>"


def show_ref(number: int = 0) -> ShowRef:
    """One show of many, the later the higher the number."""
    return ShowRef(UUID(int=number + 1), date(2026, 1, 3) + timedelta(days=3 * number), "Juniper Vale", "Columbus OH")


def receipt_sheet(**changes: Any) -> ReceiptSheet:
    """Two seats, one given back."""
    facts: dict[str, Any] = {
        "merchant": MERCHANT,
        "receipt_number": "TP-5F2A9C0B11D3",
        "payment_id": UUID(int=9),
        "payment_type": PaymentKind.DOOR_FEE,
        "issued_at": AT,
        "as_of": AT + timedelta(days=3),
        "payer_name": HARD_NAME,
        "payer_email": "lucja@people.example",
        "description": "2 seats: A show",
        "show": show_ref(),
        "card_brand": "visa",
        "card_last4": "4242",
        "lines": (
            ReceiptLine("2 seats: A show", usd(3000), AT),
            ReceiptLine("Refund", usd(-1500), AT + timedelta(days=2)),
        ),
        "total": usd(1500),
    }
    return ReceiptSheet(**(facts | changes))


def earnings_sheet(shows: int, **changes: Any) -> EarningsSheet:
    """A year of so many shows, $315.71 each, all paid."""
    rows = tuple(
        EarningsShow(
            show=show_ref(number),
            side=Side.ARTIST,
            partner="The house at the very end of the very long lane by the river",
            settled_on=show_ref(number).date,
            door_share=usd(33_600),
            guarantee=usd(0),
            guarantee_returned=usd(0),
            fees=usd(2_029),
            earned=usd(31_571),
        )
        for number in range(shows)
    )
    totals = EarningsTotals(
        user_id=UUID(int=7),
        payee=HARD_NAME,
        email="lucja@people.example",
        year=2026,
        opening=usd(0),
        gross=usd(33_600 * shows),
        guarantee_returned=usd(0),
        fees=usd(2_029 * shows),
        earned=usd(31_571 * shows),
        adjusted=usd(0),
        paid=usd(31_571 * shows),
        closing=usd(0),
        on_its_way=usd(0),
    )
    facts: dict[str, Any] = {
        "merchant": MERCHANT,
        "as_of": AT,
        "is_over": False,
        "totals": totals,
        "shows": rows,
        "adjustments": (),
        "transfers": tuple(
            EarningsTransfer(
                on=row.settled_on, transfer_id=f"tr_{row.show.concert_id.hex}", show=row.show, amount=row.earned
            )
            for row in rows
        ),
    }
    return EarningsSheet(**(facts | changes))


def pages_of(body: bytes) -> list[str]:
    """The text of each page of a PDF, blanks as single spaces."""
    from pypdf import PdfReader

    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(body)).pages]


def send(work: "Work", user_id: UUID, *, transfer_id: str, at: datetime | None = None) -> int:
    """Pay a payee's next payout as Stripe would: claimed now, made `at` (now unless given). Answers its cents."""
    from tourpad.core.payouts import service
    from tourpad.core.payouts.rules import Budget

    claim = service.claim(work, user_id=user_id, available=None, budget=Budget())
    assert claim is not None
    cents = claim.amount.cents
    service.record(
        work, claim.intent, {"id": transfer_id, "balance_transaction": _entry(transfer_id, -cents, at or work.now)}
    )
    return cents


def take_back(work: "Work", transfer_id: str, cents: int) -> None:
    """Stripe tells that part of a transfer was taken back."""
    from tourpad.core.payouts import service

    reversal = {
        "id": f"trr_{transfer_id}",
        "amount": cents,
        "balance_transaction": _entry(f"r{transfer_id}", cents, work.now),
    }
    news = {"id": transfer_id, "reversed": False, "reversals": {"data": [reversal]}}
    service.take_transfer(work, type="transfer.reversed", transfer=news)


def _entry(name: str, cents: int, at: datetime) -> dict[str, Any]:
    """One of Stripe's balance transactions."""
    epoch = int(at.timestamp())
    return {
        "id": f"txn_{name}",
        "type": "transfer",
        "source": name,
        "amount": cents,
        "fee": 0,
        "net": cents,
        "currency": "usd",
        "created": epoch,
        "available_on": epoch,
    }
