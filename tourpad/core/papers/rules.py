"""Sums and estimates of papers, all pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tourpad.core.bookings.states import DoorMode, Side
from tourpad.core.bookings.terms import Terms
from tourpad.core.errors import invalid
from tourpad.core.money import Money, total
from tourpad.core.papers.sheets import Division, Outlook, Scenario
from tourpad.core.payouts.rules import Line, SettlementResult, SettlementTerms, settle
from tourpad.core.payouts.states import LineKind
from tourpad.core.values import Value, replace

CARD_FEE_BPS = 290
CARD_FEE_FIXED = 30
"""Stripe's standard fee on a card charge in the United States (https://stripe.com/pricing): 2.9 % and 30 cents.
An estimate for charges that are still to come; what was paid has its true fee."""

FIRST_YEAR = 2020


class Booked(Value, kw_only=True):
    """What is still to be paid at a door."""

    unpaid: Money
    """By parties that have seats and have not paid."""
    unpaid_parties: int
    unpaid_guests: int
    free_seats: int
    seat_price: Money
    """What one more guest would pay; what is suggested, where they pay what they can."""


def card_fee(amount: Money) -> Money:
    """What Stripe will probably keep of one charge."""
    return amount.share(CARD_FEE_BPS) + Money(CARD_FEE_FIXED, amount.currency) if amount else amount


def expected_terms(paid: SettlementTerms, booked: Booked, *, full: bool = False) -> SettlementTerms:
    """The terms of a settlement once those with seats have paid, or everybody who fits.

    An unpaid party is one charge; each free seat is counted as a charge of its own, so that fees are rather
    over- than underestimated.
    """
    more, fees = booked.unpaid, paid.processing_fees
    if booked.unpaid_parties:
        fees += booked.unpaid.share(CARD_FEE_BPS)
        fees += Money(CARD_FEE_FIXED * booked.unpaid_parties, more.currency) if more else more
    if full:
        more += booked.seat_price * booked.free_seats
        fees += card_fee(booked.seat_price) * booked.free_seats
    return replace(paid, door_paid=paid.door_paid + more, processing_fees=fees)


def scenarios(paid: SettlementTerms, booked: Booked, *, paid_guests: int | None) -> tuple[Scenario, ...]:
    """Three ways in which a show to come may turn out: what is paid already, what is booked, a full house."""

    def guests(more: int) -> int | None:
        return None if paid_guests is None else paid_guests + more

    seats = booked.unpaid_guests
    return (
        _scenario("paid so far", paid, guests(0)),
        _scenario("all booked seats", expected_terms(paid, booked), guests(seats)),
        _scenario("full house", expected_terms(paid, booked, full=True), guests(seats + booked.free_seats)),
    )


def _scenario(name: str, terms: SettlementTerms, guests: int | None) -> Scenario:
    result = settle(terms)
    return Scenario(name, guests, terms.door, result.total(Side.ARTIST), result.total(Side.HOST), result.platform)


def outlook(terms: Terms, *, currency: str, platform_fee_bps: int) -> tuple[Outlook, ...]:
    """What each side would earn by an offer with a low, the expected and a full house.

    Each guest is counted as a charge of their own, so that card fees are rather over- than underestimated. Where guests
    pay what they can, it is what is suggested, or the least.

    Args:
        terms: what is offered.
        currency: of its amounts.
        platform_fee_bps: our share of the door.
    """
    low = terms.minimum_attendance or max(1, terms.expected_attendance // 2)
    houses = (("low", low), ("expected", terms.expected_attendance), ("full", terms.maximum_attendance))
    return tuple(
        _outlook(name, guests, terms, currency=currency, platform_fee_bps=platform_fee_bps) for name, guests in houses
    )


def _outlook(name: str, guests: int, terms: Terms, *, currency: str, platform_fee_bps: int) -> Outlook:
    fixed = terms.door_mode is DoorMode.FIXED
    price = Money(
        terms.door_fee_cents if fixed else max(terms.door_minimum_cents, terms.door_suggested_cents), currency
    )
    guarantee = Money(terms.artist_fee_cents, currency)
    fees = card_fee(price) * guests + card_fee(guarantee)
    result = settle(
        SettlementTerms(
            door_paid=price * guests,
            door_returned=Money(0, currency),
            door_price=price,
            guarantee=guarantee,
            processing_fees=fees,
            platform_fee_bps=platform_fee_bps,
            artist_door_bps=terms.artist_door_bps,
            offer_number=0,
            offer_accepted_on=None,
        )
    )
    return Outlook(
        name=name,
        guests=guests,
        door=price * guests,
        guarantee=guarantee,
        fees=fees,
        artist=result.total(Side.ARTIST),
        host=result.total(Side.HOST),
        platform=result.platform,
    )


def divided(result: SettlementResult, *, shares: str) -> tuple[Division, ...]:
    """A settlement as lines of a table: the door, the guarantee where there is one, the processing fees.

    Args:
        result: who gets what.
        shares: how the door is shared, in words.
    """
    nothing = Money(0, result.platform.currency)
    artist_fees = -_of(result.artist, LineKind.PROCESSING_FEES, nothing)
    host_fees = -_of(result.host, LineKind.PROCESSING_FEES, nothing)
    passed_on = artist_fees + host_fees
    lines = [
        Division(
            shares,
            _of(result.artist, LineKind.DOOR_SHARE, nothing),
            _of(result.host, LineKind.DOOR_SHARE, nothing),
            result.platform - passed_on,
        )
    ]
    said = next((line.description for line in result.artist if line.kind is LineKind.GUARANTEE), None)
    if said is not None:
        lines.append(
            Division(
                said[:1].upper() + said[1:],
                _of(result.artist, LineKind.GUARANTEE, nothing),
                _of(result.host, LineKind.GUARANTEE_RETURNED, nothing),
                nothing,
            )
        )
    if passed_on:
        text = "Processing fees, shared by split of the door"
        lines.append(Division(text, -artist_fees, -host_fees, passed_on))
    return tuple(lines)


def _of(lines: Sequence[Line], kind: LineKind, nothing: Money) -> Money:
    return total([line.amount for line in lines if line.kind is kind], nothing.currency)


def span(year: int, *, now: datetime) -> tuple[datetime, datetime]:
    """The first instant of a calendar year, and the first after it, in UTC.

    Raises:
        InvalidInputError: it lies before there was anything, or has not begun.
    """
    if not FIRST_YEAR <= year <= now.year:
        raise invalid("year", f"must be between {FIRST_YEAR} and {now.year}")
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
