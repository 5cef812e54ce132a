"""How one concert's money is divided. Everything adds up to what was paid, to the cent.

The door (all door fees paid and not given back) is shared between artist, host and platform by the accepted
offer. The guarantee that the host secured is a floor for the artist: what the artist's share of the door does
not reach is topped up from it, and the rest goes back to the host. Stripe's processing fees are borne in
proportion to the shares of the door; what artist and host bear goes to the platform, whose books already
carry the expense.
"""

from datetime import date

from tourpad.core.bookings.states import Side
from tourpad.core.money import Money, format_money
from tourpad.core.payouts.states import LineKind
from tourpad.core.values import Value

WHOLE = 10_000
"""Basis points of the whole door."""

FORFEITED = "what stays of the guarantee: the host called the show off late"
FEES_TEXT = "{}'s share of {} in card fees (shared as the door is)"


class SettlementTerms(Value, kw_only=True):
    """All that a settlement is computed from."""

    door_paid: Money
    """Door fees paid, before anything was given back."""
    door_returned: Money
    """Of them, what was refunded or lost to a dispute."""
    door_lost: Money | None = None
    """Of that, what was lost to disputes, where it is known apart."""
    door_price: Money
    """What one guest paid."""
    guarantee: Money
    """Paid by the host and not refunded."""
    processing_fees: Money
    """Stripe's fees on the charges of which anything is left."""
    platform_fee_bps: int
    artist_door_bps: int
    offer_number: int
    offer_accepted_on: date | None
    is_forfeited: bool = False
    """There was no show: the guarantee is what a host forfeits who called it off late."""

    @property
    def door(self) -> Money:
        """What is left of the door fees."""
        return self.door_paid - self.door_returned


class Line(Value):
    """One amount of one side, with its reason in words."""

    kind: LineKind
    amount: Money
    description: str


class SettlementResult(Value):
    """Who gets what. `artist` + `host` + `platform` is the door and the guarantee exactly."""

    artist: tuple[Line, ...]
    host: tuple[Line, ...]
    platform: Money
    """Our share of the door, and the processing fees that artist and host bear."""

    def lines(self, side: Side) -> tuple[Line, ...]:
        """The lines of one side, in the order in which they are read."""
        return self.artist if side is Side.ARTIST else self.host

    def total(self, side: Side) -> Money:
        """What one side earned. Below zero only by processing fees."""
        result = Money(0, self.platform.currency)
        for line in self.lines(side):
            result += line.amount
        return result


def settle(terms: SettlementTerms) -> SettlementResult:
    """Divide the door and the guarantee of one concert.

    Raises:
        ValueError: if an amount is below zero, or more was given back than paid.
    """
    door, guarantee, fees = terms.door, terms.guarantee, terms.processing_fees
    nothing = Money(0, door.currency)
    if min(a.cents for a in (door, terms.door_returned, guarantee, fees)) < 0:
        msg = "amounts of a settlement are zero or more"
        raise ValueError(msg)
    ours = door.share(min(terms.platform_fee_bps, WHOLE))
    artist_door = min(door.share(terms.artist_door_bps), door - ours)
    host_door = door - ours - artist_door
    top_up = max(nothing, guarantee - artist_door)
    returned = guarantee - top_up
    if door:
        artist_fees, host_fees, _ = fees.split([artist_door.cents, host_door.cents, ours.cents])
    else:
        artist_fees = host_fees = nothing
    return SettlementResult(
        artist=_lines(
            (LineKind.DOOR_SHARE, artist_door, _share_text("artist", terms.artist_door_bps, terms)),
            (LineKind.GUARANTEE, top_up, _floor_text(terms, top_up)) if guarantee else None,
            (
                LineKind.PROCESSING_FEES,
                -artist_fees,
                FEES_TEXT.format("artist", format_money(fees)),
            ),
        ),
        host=_lines(
            (LineKind.DOOR_SHARE, host_door, _share_text("host", _host_bps(terms), terms)),
            (LineKind.GUARANTEE_RETURNED, returned, _back_text(guarantee, returned)) if guarantee else None,
            (
                LineKind.PROCESSING_FEES,
                -host_fees,
                FEES_TEXT.format("host", format_money(fees)),
            ),
        ),
        platform=ours + artist_fees + host_fees,
    )


def door_text(terms: SettlementTerms) -> str:
    """`30 door fees of $15.00, 2 refunded, 1 lost to disputes`."""
    price, paid = terms.door_price.cents, terms.door_paid.cents
    lost = terms.door_lost or Money(0, terms.door_paid.currency)
    if not paid:
        return "no door fees were paid"
    if price and paid % price == 0:
        count = paid // price
        text = f"{count} door fee{'' if count == 1 else 's'} of {format_money(terms.door_price)}"
    else:
        text = f"door fees of {format_money(terms.door_paid)}"
    for gone, how in ((terms.door_returned - lost, "refunded"), (lost, "lost to disputes")):
        if gone:
            whole = price and gone.cents % price == 0
            text += f", {gone.cents // price if whole else format_money(gone)} {how}"
    return text


def _lines(*given: tuple[LineKind, Money, str] | None) -> tuple[Line, ...]:
    """Lines that say something: a zero is kept only where it is the answer to a question (the guarantee)."""
    telling = (LineKind.GUARANTEE, LineKind.GUARANTEE_RETURNED)
    return tuple(Line(*line) for line in given if line and (line[1] or line[0] in telling))


def _host_bps(terms: SettlementTerms) -> int:
    ours = min(terms.platform_fee_bps, WHOLE)
    return WHOLE - ours - min(terms.artist_door_bps, WHOLE - ours)


def percent(basis_points: int) -> str:
    """`80 %`, `12.5 %`."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"


def _share_text(side: str, basis_points: int, terms: SettlementTerms) -> str:
    accepted = terms.offer_accepted_on
    signed = f", accepted {accepted.day} {accepted:%b %Y}" if accepted else ""
    return (
        f"{side}'s share of the door, {percent(basis_points)} of {format_money(terms.door)}"
        f" (offer {terms.offer_number}{signed})"
    )


def guarantee_text(terms: SettlementTerms) -> str:
    """What of the guarantee there is to divide."""
    return FORFEITED if terms.is_forfeited else "guarantee secured by the host"


def _floor_text(terms: SettlementTerms, top_up: Money) -> str:
    guarantee = terms.guarantee
    if terms.is_forfeited:
        return FORFEITED
    if not top_up:
        return f"guarantee of {format_money(guarantee)} is a floor: the door share reaches it"
    if top_up == guarantee:
        return f"guarantee of {format_money(guarantee)}, all of it: nothing came from the door"
    return f"guarantee of {format_money(guarantee)} is a floor: this much tops up the door share"


def _back_text(guarantee: Money, returned: Money) -> str:
    if not returned:
        return f"guarantee of {format_money(guarantee)}: all of it went to the artist, nothing is returned"
    if returned == guarantee:
        return f"guarantee of {format_money(guarantee)} returned: the door reached it"
    return f"guarantee of {format_money(guarantee)}: the part that the door covered is returned"
