"""Papers on the wire: the same sheet as JSON, PDF or CSV."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from tourpad.core.bookings.states import Side
from tourpad.core.papers import pdf, spreadsheet
from tourpad.core.papers.door_sheets import Stands
from tourpad.core.papers.layout import Layout
from tourpad.core.papers.pages import page
from tourpad.core.papers.record import record
from tourpad.core.papers.sheets import Agreement, Outlook, Signature, Stage
from tourpad.core.papers.spreadsheet import Sheet
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.web.openapi import ALSO
from tourpad.web.shapes import Output

T = TypeVar("T", bound=Output)

PAPER = {ALSO: ("application/pdf", "text/csv")}
"""For a route's options: it answers with these, too."""


class PaperForm(StrEnum):
    """In which form a paper is wanted."""

    JSON = "json"
    PDF = "pdf"
    CSV = "csv"


FormParam = Annotated[PaperForm, QueryParameter(name="format", description="`json`, `pdf` or `csv`.")]
"""`format: FormParam = PaperForm.JSON`."""


class MerchantOut(Output):
    """Who sells."""

    name: str
    address: list[str]
    tax_id: str | None
    email: str


class ShowRefOut(Output):
    """A show as papers name it: never where exactly."""

    concert_id: UUID
    date: date
    artist: str
    place: str


class ReceiptLineOut(Output):
    """One amount; below zero it went back."""

    description: str
    amount_cents: int
    at: datetime


class ReceiptOut(Output):
    """A receipt. Its lines add up to `totalCents`, what remains paid."""

    receipt_number: str
    payment_id: UUID
    payment_type: PaymentKind
    issued_at: datetime
    as_of: datetime
    merchant: MerchantOut
    payer_name: str
    payer_email: str
    description: str
    show: ShowRefOut | None
    card_brand: str | None
    card_last4: str | None
    lines: list[ReceiptLineOut]
    total_cents: int
    currency: str


class DivisionOut(Output):
    """One line of the division, each part in its owner's favour above zero."""

    description: str
    artist_cents: int
    host_cents: int
    platform_cents: int
    total_cents: int
    on: date | None


class OutlookOut(Output):
    """What an offer would come to with so many guests, by the rules of the settlement. Card fees are estimated."""

    name: Literal["low", "expected", "full"]
    guests: int
    door_cents: int
    guarantee_cents: int
    """What the host pays before the show."""
    fees_cents: int
    """Stripe's, out of the platform's part."""
    artist_cents: int
    host_cents: int
    """What comes to the host after the show, a returned guarantee included."""
    host_net_cents: int
    """Less the guarantee; below zero the evening costs the host something."""
    platform_cents: int


class SignatureOut(Output):
    """A name under one version of the terms."""

    side: Side
    name: str | None
    """Null once the person was erased."""
    is_typed: bool
    signed_at: datetime
    terms_hash: str
    is_intact: bool | None
    """Whether the terms are still those that were signed; null where the words of somebody erased are gone."""
    address: str | None
    """Where the request came from; shown to whoever signed, and to admins."""


class TermLineOut(Output):
    """One term in words."""

    label: str
    text: str


class AgreementOut(Output):
    """One version of the terms of a booking, and who stands by it."""

    stage: Agreement
    booking_id: UUID
    number: int
    as_of: datetime
    accepted_on: date | None
    merchant: MerchantOut
    show: ShowRefOut
    host: str
    time_zone: str
    terms: list[TermLineOut]
    terms_hash: str
    signatures: list[SignatureOut]
    outlook: list[OutlookOut]
    currency: str


class ScenarioOut(Output):
    """What a show comes to if so many guests pay."""

    name: str
    guests: int | None
    door_cents: int
    artist_cents: int
    host_cents: int
    platform_cents: int


class DoorOut(Output):
    """What guests paid: `paid − refunded − lost = kept`."""

    parties: int
    guests: int | None
    price_cents: int | None
    """Of one guest; null where there is none, or they pay what they can."""
    is_pay_what_you_can: bool
    paid_cents: int
    refunded_cents: int
    lost_cents: int
    kept_cents: int


class SheetPayoutOut(Output):
    """One of one's own payouts of the show."""

    payout_id: UUID
    side: Side
    amount_cents: int
    state: PayoutState
    due_at: datetime
    sent_at: datetime | None
    transfer_id: str | None
    hold_reason: HoldReason | None
    note: str | None


class SettlementOut(Output):
    """How a concert's money is divided: `lines` and `adjustments` add up to `result`."""

    stage: Stage
    as_of: datetime
    settled_at: datetime | None
    merchant: MerchantOut
    show: ShowRefOut
    title: str
    host: str
    offer_number: int
    accepted_on: date | None
    artist_door_bps: int
    platform_fee_bps: int
    door: DoorOut
    door_expected_cents: int
    """Booked and not paid yet; below zero: still to go back to guests."""
    guarantee_agreed_cents: int
    guarantee_paid_cents: int
    """By the host, before any of it went back."""
    guarantee_kept_cents: int
    processing_fees_cents: int
    """Stripe's, out of the platform's part; estimated while the show is to come."""
    lines: list[DivisionOut]
    adjustments: list[DivisionOut]
    """Refunds and disputes after the settlement."""
    result: DivisionOut
    scenarios: list[ScenarioOut]
    payouts: list[SheetPayoutOut]
    notes: list[str]
    currency: str


class EarningsShowOut(Output):
    """One show: `gross + guaranteeReturned − fees = earned`."""

    show: ShowRefOut
    side: Side
    partner: str
    settled_on: date
    door_share_cents: int
    guarantee_cents: int
    guarantee_returned_cents: int
    """A host's own money that came back."""
    gross_cents: int
    fees_cents: int
    earned_cents: int


class EarningsAdjustmentOut(Output):
    """A refund, a dispute or the like after a settlement."""

    on: date
    description: str
    show: ShowRefOut | None
    amount_cents: int


class EarningsTransferOut(Output):
    """Money sent; below zero it was taken back."""

    on: date
    transfer_id: str
    show: ShowRefOut | None
    amount_cents: int


class EarningsTotalsOut(Output):
    """`opening + earned + adjusted − paid = closing`."""

    user_id: UUID
    payee: str
    email: str
    year: int
    opening_cents: int
    gross_cents: int
    guarantee_returned_cents: int
    fees_cents: int
    earned_cents: int
    adjusted_cents: int
    paid_cents: int
    closing_cents: int
    on_its_way_cents: int


class EarningsOut(Output):
    """A payee's calendar year in UTC."""

    as_of: datetime
    is_over: bool
    merchant: MerchantOut
    totals: EarningsTotalsOut
    shows: list[EarningsShowOut]
    adjustments: list[EarningsAdjustmentOut]
    transfers: list[EarningsTransferOut]
    currency: str


class GuestRowOut(Output):
    """One party. `paidCents`, `owingCents` and what was asked for are the host's to know."""

    rsvp_id: UUID
    name: str
    companions: list[str]
    guests: int
    arrived: int
    arrived_at: datetime | None
    stands: Stands
    paid_cents: int | None
    owing_cents: int | None
    special_requests: str | None
    is_walk_up: bool


class GuestListOut(Output):
    """An evening's parties, by name."""

    merchant: MerchantOut
    show: ShowRefOut
    title: str
    is_called_off: bool
    starts_at: datetime
    time_zone: str
    rows: list[GuestRowOut]
    expected: int
    arrived: int
    seats_left: int
    currency: str
    shows_money: bool
    """Whether it says what was paid and asked for."""
    as_of: datetime


def paper(sheet: Sheet, form: PaperForm, shape: type[T]) -> Response[T]:
    """Answer with a sheet in the form that was asked for."""
    if form is PaperForm.JSON:
        return Response(msgspec.convert(_camel(record(sheet)), shape))
    name = f"{page(sheet).file_name}.{form}"
    body: Any = pdf.render(page(sheet)) if form is PaperForm.PDF else spreadsheet.write(sheet).encode()
    media_type = "application/pdf" if form is PaperForm.PDF else "text/csv; header=present"
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="tourpad-{name}"'}
    )


def print_out(layout: Layout, *, cache: dict[str, str]) -> Response[Any]:
    """A paper that is no sheet of figures, as PDF."""
    name = {"Content-Disposition": f'inline; filename="tourpad-{layout.file_name}.pdf"'}
    return Response(pdf.render(layout), media_type="application/pdf", headers={**cache, **name})


def outlook_out(outlook: tuple[Outlook, ...]) -> list[OutlookOut]:
    """Shape what an offer would come to."""
    return msgspec.convert([_camel(record(row)) for row in outlook], list[OutlookOut])


def signatures_out(signatures: tuple[Signature, ...]) -> list[SignatureOut]:
    """Shape the names under a version of the terms."""
    return msgspec.convert([_camel(record(row)) for row in signatures], list[SignatureOut])


def _camel(value: Any) -> Any:
    """The same document with the names of the wire."""
    if isinstance(value, dict):
        return {_name(str(key)): _camel(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_camel(item) for item in value]
    return value


def _name(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(word.title() for word in rest)
