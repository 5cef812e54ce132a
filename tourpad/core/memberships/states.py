"""A membership's life."""

from enum import StrEnum


class MembershipState(StrEnum):
    """How a membership stands."""

    INCOMPLETE = "incomplete"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLING = "cancelling"
    EXPIRED = "expired"


MOVES: dict[MembershipState, frozenset[MembershipState]] = {
    MembershipState.INCOMPLETE: frozenset({MembershipState.ACTIVE, MembershipState.EXPIRED}),
    MembershipState.ACTIVE: frozenset(
        {MembershipState.PAST_DUE, MembershipState.CANCELLING, MembershipState.EXPIRED}
    ),
    MembershipState.PAST_DUE: frozenset(
        {MembershipState.ACTIVE, MembershipState.CANCELLING, MembershipState.EXPIRED}
    ),
    MembershipState.CANCELLING: frozenset(
        {MembershipState.ACTIVE, MembershipState.PAST_DUE, MembershipState.EXPIRED}
    ),
    MembershipState.EXPIRED: frozenset({MembershipState.ACTIVE, MembershipState.INCOMPLETE}),
}
