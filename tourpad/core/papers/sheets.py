"""What stands on a paper, before it has a form. Every amount that is printed, written to CSV or answered is in here.

Nothing here names a fan, a street, or anybody's bank.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.money import Money, total
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.values import Value


class Stage(StrEnum):
    """How far a concert's money is."""

    EXPECTED = "expected"
    FINAL = "final"
    CANCELLED = "cancelled"


class Agreement(StrEnum):
    """How a version of the terms stands."""

    OFFERED = "offered"
    """By one side; the other has not agreed (yet)."""
    SIGNED = "signed"
    """By both, and in force."""
    REPLACED = "replaced"
    """By both; they have agreed on another version since."""


class Merchant(Value):
    """Who sells: the head of every paper."""

    name: str
    address: tuple[str, ...]
    """Line by line; empty where none is set."""
    tax_id: str | None
    email: str


class ShowRef(Value):
    """A show as it may be named on paper: never where exactly."""

    concert_id: UUID
    date: date
    artist: str
    place: str
    """Town and state."""


class ReceiptLine(Value):
    """One amount, below zero where it went back."""

    description: str
    amount: Money
    at: datetime


class ReceiptSheet(Value, kw_only=True):
    """One payment on paper. Its lines add up to `total`, what remains of it."""

    merchant: Merchant
    receipt_number: str
    payment_id: UUID
    payment_type: PaymentKind
    issued_at: datetime
    """When it was paid."""
    as_of: datetime
    payer_name: str
    payer_email: str
    description: str
    show: ShowRef | None
    card_brand: str | None
    card_last4: str | None
    lines: tuple[ReceiptLine, ...]
    total: Money

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.total.currency


class Division(Value):
    """One line of the division among artist, host and platform, each in its favour above zero."""

    description: str
    artist: Money
    host: Money
    platform: Money
    on: date | None = None
    """The day, where the line has one."""

    @property
    def total(self) -> Money:
        """All three together."""
        return self.artist + self.host + self.platform


def summed(lines: tuple[Division, ...], description: str, currency: str) -> Division:
    """The sum of several lines."""
    return Division(
        description,
        total([line.artist for line in lines], currency),
        total([line.host for line in lines], currency),
        total([line.platform for line in lines], currency),
    )


class Scenario(Value):
    """What a show comes to if so many guests pay. The door is before the processing fees."""

    name: str
    guests: int | None
    door: Money
    artist: Money
    host: Money
    platform: Money


class TermLine(Value):
    """One term in words."""

    label: str
    text: str


class Outlook(Value, kw_only=True):
    """What an offer would come to with so many guests, by the rules of the settlement. Card fees are estimated."""

    name: str
    """`low`, `expected` or `full`."""
    guests: int
    door: Money
    guarantee: Money
    """What the host pays before the show."""
    fees: Money
    """Stripe's, out of the platform's part."""
    artist: Money
    host: Money
    """What comes to the host after the show, a returned guarantee included."""
    platform: Money

    @property
    def host_net(self) -> Money:
        """What the host has of it in the end; below zero the evening costs them something."""
        return self.host - self.guarantee


class Signature(Value, kw_only=True):
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


class AgreementSheet(Value, kw_only=True):
    """One version of the terms of a booking, and who stands by it."""

    merchant: Merchant
    stage: Agreement
    booking_id: UUID
    number: int
    """Of the offer."""
    as_of: datetime
    accepted_on: date | None
    show: ShowRef
    host: str
    time_zone: str
    terms: tuple[TermLine, ...]
    terms_hash: str
    signatures: tuple[Signature, ...]
    outlook: tuple[Outlook, ...]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.outlook[0].door.currency


class DoorFacts(Value, kw_only=True):
    """What guests paid. `paid − refunded − lost = kept`."""

    parties: int
    guests: int | None
    """None where the sum does not say how many."""
    price: Money | None
    """Of one guest; None where there is none, or they pay what they can."""
    is_pay_what_you_can: bool
    paid: Money
    refunded: Money
    lost: Money
    """To disputes."""

    @property
    def kept(self) -> Money:
        """What is divided."""
        return self.paid - self.refunded - self.lost


class SheetPayout(Value, kw_only=True):
    """One payout of the show, to somebody who reads this sheet."""

    payout_id: UUID
    side: Side
    amount: Money
    state: PayoutState
    due_at: datetime
    sent_at: datetime | None
    transfer_id: str | None
    hold_reason: HoldReason | None
    note: str | None
    """Why it stays, in words."""


class SettlementSheet(Value, kw_only=True):
    """How one concert's money is divided, or will be. `lines` and `adjustments` add up to `result`."""

    merchant: Merchant
    stage: Stage
    as_of: datetime
    settled_at: datetime | None
    show: ShowRef
    title: str
    host: str
    offer_number: int
    accepted_on: date | None
    artist_door_bps: int
    platform_fee_bps: int
    door: DoorFacts
    guarantee_agreed: Money
    guarantee_paid: Money
    """By the host, before any of it went back."""
    guarantee_kept: Money
    """Paid by the host and not refunded."""
    processing_fees: Money
    """Stripe's, on the charges that stand; estimated where they are not paid yet."""
    lines: tuple[Division, ...]
    """The division itself: at settlement, or as it is expected."""
    adjustments: tuple[Division, ...]
    """Refunds and disputes after the settlement, and the like."""
    result: Division
    """What each has of it now."""
    scenarios: tuple[Scenario, ...]
    payouts: tuple[SheetPayout, ...]
    notes: tuple[str, ...]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.result.artist.currency

    @property
    def door_expected(self) -> Money:
        """What is still to come to the door that is divided; below zero: what is still to go back."""
        return self.lines[0].total - self.door.kept


class EarningsShow(Value, kw_only=True):
    """What one show brought a payee. `gross + guarantee_returned − fees = earned`."""

    show: ShowRef
    side: Side
    partner: str
    """The other side."""
    settled_on: date
    door_share: Money
    guarantee: Money
    guarantee_returned: Money
    """A host's own money that came back: no income."""
    fees: Money
    """Processing fees borne."""
    earned: Money

    @property
    def gross(self) -> Money:
        """Income before fees."""
        return self.door_share + self.guarantee


class EarningsAdjustment(Value, kw_only=True):
    """A refund, a dispute or the like after a settlement; below zero it was taken off."""

    on: date
    description: str
    show: ShowRef | None
    amount: Money


class EarningsTransfer(Value, kw_only=True):
    """Money sent to a payee; below zero it was taken back."""

    on: date
    transfer_id: str
    show: ShowRef | None
    amount: Money


class EarningsTotals(Value, kw_only=True):
    """One payee's year. `opening + earned + adjusted − paid = closing`, and that is what the ledger owes.

    Shows count by the instant of their settlement, transfers by the instant at which they were made, in UTC.
    """

    user_id: UUID
    payee: str
    email: str
    year: int
    opening: Money
    """Owed at the year's beginning; below zero a debt."""
    gross: Money
    guarantee_returned: Money
    fees: Money
    earned: Money
    adjusted: Money
    paid: Money
    """Transfers less those taken back."""
    closing: Money
    on_its_way: Money
    """Of `closing`: being sent at the year's end."""


class EarningsSheet(Value, kw_only=True):
    """One payee's year with everything behind its sums."""

    merchant: Merchant
    as_of: datetime
    is_over: bool
    """Whether the year is; else this is as of now."""
    totals: EarningsTotals
    shows: tuple[EarningsShow, ...]
    adjustments: tuple[EarningsAdjustment, ...]
    transfers: tuple[EarningsTransfer, ...]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.totals.opening.currency


class EarningsList(Value, kw_only=True):
    """Every payee's year, one row each, by name."""

    merchant: Merchant
    year: int
    as_of: datetime
    payees: tuple[EarningsTotals, ...]
