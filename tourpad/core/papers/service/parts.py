"""What the expected and the final sheet have in common."""

from uuid import UUID

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.models import Concert
from tourpad.core.money import Money
from tourpad.core.papers import queries
from tourpad.core.papers.sheets import Division, DoorFacts, Scenario
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts.queries import PotPayment
from tourpad.core.payouts.rules import SettlementTerms
from tourpad.core.payouts.rules.settlement import WHOLE, percent
from tourpad.core.values import Value
from tourpad.core.work import Work


class Parts(Value, kw_only=True):
    """The half of a sheet that differs by stage."""

    terms: SettlementTerms
    door: DoorFacts
    lines: tuple[Division, ...]
    adjustments: tuple[Division, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    notes: tuple[str, ...] = ()


def door_facts(
    work: Work, concert: Concert, pot: list[PotPayment], *, paid: Money, refunded: Money, lost: Money
) -> DoorFacts:
    """What guests paid, and how many they are as far as that can be known."""
    price = concert.door_fee_cents if concert.door_mode is DoorMode.FIXED else 0
    return DoorFacts(
        parties=len(pot),
        guests=_guests(work, price, pot, paid),
        price=Money(price, concert.currency) if price else None,
        is_pay_what_you_can=concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN,
        paid=paid,
        refunded=refunded,
        lost=lost,
    )


def standing_guests(work: Work, pot: list[PotPayment], door: DoorFacts) -> int | None:
    """How many guests have paid and have not had all of it back: those who may come."""
    price = door.price.cents if door.price else 0
    return _guests(work, price, [payment for payment in pot if payment.left_cents > 0], door.kept)


def _guests(work: Work, price: int, pot: list[PotPayment], amount: Money) -> int | None:
    if price and amount.cents % price == 0:
        return amount.cents // price
    return _seats(work, [payment.payment_id for payment in pot])


def _seats(work: Work, payment_ids: list[UUID]) -> int | None:
    """How many guests some payments were made for; None where nobody wrote it down."""
    return queries.seats_of_payments(work, payment_ids) or None


def at_door(pot: list[PotPayment]) -> list[PotPayment]:
    """Of a pot, what guests paid."""
    return [payment for payment in pot if payment.kind is PaymentKind.DOOR_FEE]


def shares_text(terms: SettlementTerms) -> str:
    """`The door of $420.00: artist 80 %, host 10 %, TourPad 10 %`."""
    ours = min(terms.platform_fee_bps, WHOLE)
    artist = min(terms.artist_door_bps, WHOLE - ours)
    return (
        f"The door of {terms.door}: artist {percent(artist)}, host {percent(WHOLE - ours - artist)}, "
        f"TourPad {percent(ours)}"
    )
