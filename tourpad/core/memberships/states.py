"""A membership's life."""

from enum import StrEnum


class MembershipState(StrEnum):
    """How a membership stands."""

    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLING = "cancelling"
    EXPIRED = "expired"


_S = MembershipState

MOVES: dict[MembershipState, frozenset[MembershipState]] = {
    _S.INCOMPLETE: frozenset({_S.ACTIVE, _S.EXPIRED}),
    _S.ACTIVE: frozenset({_S.PAST_DUE, _S.CANCELLING, _S.EXPIRED}),
    _S.PAST_DUE: frozenset({_S.ACTIVE, _S.CANCELLING, _S.EXPIRED}),
    _S.CANCELLING: frozenset({_S.ACTIVE, _S.PAST_DUE, _S.EXPIRED}),
    _S.EXPIRED: frozenset({_S.ACTIVE, _S.INCOMPLETE}),
}


class CheckoutState(StrEnum):
    """How a page on which somebody may pay for a membership stands."""

    PLANNED = "planned"
    """Stripe is being asked for it, or the answer got lost."""
    OPEN = "open"
    COMPLETED = "completed"
    EXPIRED = "expired"


CHECKOUT_MOVES: dict[CheckoutState, frozenset[CheckoutState]] = {
    CheckoutState.PLANNED: frozenset({CheckoutState.OPEN, CheckoutState.COMPLETED, CheckoutState.EXPIRED}),
    CheckoutState.OPEN: frozenset({CheckoutState.COMPLETED, CheckoutState.EXPIRED}),
    CheckoutState.COMPLETED: frozenset(),
    CheckoutState.EXPIRED: frozenset({CheckoutState.COMPLETED}),
}
"""A page may be paid in the moment in which it runs out."""


class GiftState(StrEnum):
    """How a gift stands."""

    PENDING = "pending"
    """Not paid yet."""
    PAID = "paid"
    """Its code waits to be redeemed."""
    CREDITING = "crediting"
    """Redeemed by somebody who pays: Stripe is being asked to credit it."""
    REDEEMED = "redeemed"
    LAPSED = "lapsed"
    """Not redeemed within a year; an admin may refund it."""
    REFUNDED = "refunded"


_G = GiftState

GIFT_MOVES: dict[GiftState, frozenset[GiftState]] = {
    _G.PENDING: frozenset({_G.PAID}),
    _G.PAID: frozenset({_G.CREDITING, _G.REDEEMED, _G.LAPSED, _G.REFUNDED}),
    _G.CREDITING: frozenset({_G.REDEEMED, _G.PAID}),
    _G.REDEEMED: frozenset(),
    _G.LAPSED: frozenset({_G.REFUNDED}),
    _G.REFUNDED: frozenset(),
}
"""Back to `paid`: Stripe refused the credit for good."""
