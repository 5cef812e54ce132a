"""What may need two admins, and a request's life."""

from enum import StrEnum


class ApprovalKind(StrEnum):
    """What is asked for."""

    PAYOUTS = "payouts"
    """Payouts, each with its exact amount, that leave above the limit for one admin."""
    WRITE_OFF = "write_off"
    """A payee's debt that we give up."""


class ApprovalState(StrEnum):
    """How a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    EXPIRED = "expired"


MOVES: dict[ApprovalState, frozenset[ApprovalState]] = {
    ApprovalState.ASKED: frozenset({ApprovalState.APPROVED, ApprovalState.REFUSED, ApprovalState.EXPIRED}),
    ApprovalState.APPROVED: frozenset({ApprovalState.USED, ApprovalState.REFUSED, ApprovalState.EXPIRED}),
    ApprovalState.REFUSED: frozenset(),
    ApprovalState.USED: frozenset(),
    ApprovalState.EXPIRED: frozenset(),
}
"""`used`: all that was approved has been done. `expired` is written down when the same is asked for again; before
that a request past its end counts as expired wherever it is looked at."""

LIVE = (ApprovalState.ASKED, ApprovalState.APPROVED)
"""Not done with, unless its time is over."""
