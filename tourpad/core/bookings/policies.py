"""What goes back when something that was paid for is called off: one table, and the rule that reads it (pure).

Whoever calls off what they themselves have paid for (a host the artist's fee, a fan the door fee) gets back what the
policy says, by how long before the show it is. Whenever anybody else calls it off, the payer gets everything back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from tourpad.core.bookings.states import CancelledBy, Policy
from tourpad.core.money import BASIS, Money
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import Value

ALL: Final = BASIS
HALF: Final = BASIS // 2

_DAY: Final = timedelta(days=1)


class Window(Value):
    """With at least so much notice, so much goes back."""

    notice: timedelta
    bps: int
    """Of what was paid, in basis points."""


SHARES: Final[Mapping[tuple[PaymentKind, Policy], tuple[Window, ...]]] = {
    (PaymentKind.BOOKING, Policy.FLEXIBLE): (Window(14 * _DAY, ALL), Window(3 * _DAY, HALF)),
    (PaymentKind.BOOKING, Policy.MODERATE): (Window(30 * _DAY, ALL), Window(7 * _DAY, HALF)),
    (PaymentKind.BOOKING, Policy.STRICT): (Window(60 * _DAY, ALL), Window(30 * _DAY, HALF)),
    (PaymentKind.DOOR_FEE, Policy.FLEXIBLE): (Window(1 * _DAY, ALL),),
    (PaymentKind.DOOR_FEE, Policy.MODERATE): (Window(7 * _DAY, ALL), Window(2 * _DAY, HALF)),
    (PaymentKind.DOOR_FEE, Policy.STRICT): (Window(14 * _DAY, ALL), Window(7 * _DAY, HALF)),
}
"""The longest notice first. With less than the last one nothing goes back."""

PAYER: Final[Mapping[PaymentKind, CancelledBy]] = {
    PaymentKind.BOOKING: CancelledBy.HOST,
    PaymentKind.DOOR_FEE: CancelledBy.FAN,
}
"""Whom the windows bind."""


def share(*, kind: PaymentKind, policy: Policy, by: CancelledBy, notice: timedelta) -> int:
    """What share goes back, in basis points.

    Args:
        kind: what was paid: an artist's fee or a door fee.
        policy: the one that was agreed on, or promised with the seats.
        by: who calls it off.
        notice: how long before the show.
    """
    if by is not PAYER[kind]:
        return ALL
    return next((window.bps for window in SHARES[kind, policy] if notice >= window.notice), 0)


def goes_back(*, kind: PaymentKind, policy: Policy, by: CancelledBy, paid: Money, notice: timedelta) -> Money:
    """What goes back of what was paid; of an odd cent the payer gets the half. Arguments are those of `share`."""
    return paid.share(share(kind=kind, policy=policy, by=by, notice=notice))


def less_from(*, kind: PaymentKind, policy: Policy, by: CancelledBy, starts_at: datetime, now: datetime) -> datetime:
    """The instant after which less goes back than now: the end of the present window, at the latest the show."""
    if by is not PAYER[kind]:
        return starts_at
    ends = (starts_at - window.notice for window in SHARES[kind, policy])
    return next((end for end in ends if now <= end), starts_at)


def in_words(kind: PaymentKind, policy: Policy) -> str:
    """A policy in a sentence: `all until 7 days before the show, half until 2 days before, nothing later`."""
    parts = [
        f"{'all' if window.bps == ALL else 'half'} until {_days(window.notice)} before{'' if number else ' the show'}"
        for number, window in enumerate(SHARES[kind, policy])
    ]
    return ", ".join([*parts, "nothing later"])


def _days(notice: timedelta) -> str:
    return "a day" if notice == _DAY else f"{notice.days} days"
