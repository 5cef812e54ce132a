"""Who may do what: one table of permissions by role and state. Routes and commands declare what they need from it."""

from enum import StrEnum
from uuid import UUID

from tourpad.core.actors import Actor, person
from tourpad.core.identity.agreements import Agreement
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.values import Value


class Permission(StrEnum):
    """One thing that a signed-in person may be allowed to do."""

    ACCOUNT = "account"
    """Read and change one's own account, sessions, preferences and notifications."""
    APPLY = "apply"
    """Submit an application and answer questions on it."""
    MEMBERSHIP = "membership"
    """Take, see and end a membership."""
    PROFILE = "profile"
    """Edit one's public profile and media."""
    AVAILABILITY = "availability"
    """Keep a calendar of one's days, and have those read that one keeps elsewhere."""
    BROWSE_ARTISTS = "browse_artists"
    BROWSE_HOSTS = "browse_hosts"
    BROWSE_CONCERTS = "browse_concerts"
    BROWSE_TRIPS = "browse_trips"
    """See which artists plan to come near, and their free days."""
    PLAN_TRIPS = "plan_trips"
    """Tell hosts where one will be."""
    REQUEST_BOOKING = "request_booking"
    """Ask a host for a date, or invite an artist."""
    ANSWER_BOOKING = "answer_booking"
    """See and act on one's own bookings and concerts, as the artist or the host of them."""
    RSVP = "rsvp"
    PAY = "pay"
    """Pay what one owes, and see one's own payments."""
    RECEIVE = "receive"
    """Be paid: connect a bank account, see one's own payouts."""
    REVIEW = "review"
    MESSAGE = "message"
    ADMIN_APPLICATIONS = "admin_applications"
    ADMIN_USERS = "admin_users"
    ADMIN_MONEY = "admin_money"
    ADMIN_AUDIT = "admin_audit"
    ADMIN_ANALYTICS = "admin_analytics"
    """Business metrics: counts and sums, nobody's name."""


P = Permission
_EVERYONE = frozenset({P.ACCOUNT})
_WAY_IN = frozenset({P.APPLY, P.PROFILE, P.AVAILABILITY})
_SIDES = frozenset({P.PROFILE, P.AVAILABILITY, P.ANSWER_BOOKING, P.PAY, P.RECEIVE, P.REVIEW, P.MESSAGE})

PERMISSIONS: dict[tuple[UserType, UserState], frozenset[Permission]] = {
    (UserType.ARTIST, UserState.PENDING): _EVERYONE | _WAY_IN,
    (UserType.ARTIST, UserState.REJECTED): _EVERYONE | _WAY_IN,
    (UserType.ARTIST, UserState.APPROVED): _EVERYONE | _SIDES | {P.MEMBERSHIP, P.APPLY},
    (UserType.ARTIST, UserState.ACTIVE): _EVERYONE
    | _SIDES
    | {
        P.MEMBERSHIP,
        P.APPLY,
        P.BROWSE_ARTISTS,
        P.BROWSE_HOSTS,
        P.BROWSE_CONCERTS,
        P.PLAN_TRIPS,
        P.REQUEST_BOOKING,
    },
    (UserType.HOST, UserState.PENDING): _EVERYONE | _WAY_IN,
    (UserType.HOST, UserState.REJECTED): _EVERYONE | _WAY_IN,
    (UserType.HOST, UserState.APPROVED): _EVERYONE | _SIDES | {P.APPLY},
    (UserType.HOST, UserState.ACTIVE): _EVERYONE
    | _SIDES
    | {P.APPLY, P.BROWSE_ARTISTS, P.BROWSE_CONCERTS, P.BROWSE_TRIPS, P.REQUEST_BOOKING},
    (UserType.FAN, UserState.PENDING): _EVERYONE,
    (UserType.FAN, UserState.APPROVED): _EVERYONE | {P.PROFILE, P.MEMBERSHIP, P.PAY},
    (UserType.FAN, UserState.ACTIVE): _EVERYONE
    | {P.PROFILE, P.MEMBERSHIP, P.PAY, P.BROWSE_ARTISTS, P.BROWSE_CONCERTS, P.RSVP, P.MESSAGE},
    (UserType.ADMIN, UserState.ACTIVE): _EVERYONE
    | {
        P.BROWSE_ARTISTS,
        P.BROWSE_HOSTS,
        P.BROWSE_CONCERTS,
        P.ADMIN_APPLICATIONS,
        P.ADMIN_USERS,
        P.ADMIN_MONEY,
        P.ADMIN_AUDIT,
        P.ADMIN_ANALYTICS,
    },
}
"""Whoever is not listed (suspended, erased) may do nothing. Hosts do not browse hosts: homes are shown to artists.
An artist whose membership has lapsed (approved) still settles what was agreed, but asks for nothing new."""


def permissions_of(user_type: UserType, state: UserState) -> frozenset[Permission]:
    """What a person of that role in that state may do."""
    return PERMISSIONS.get((user_type, state), frozenset())


def roles_with(wanted: frozenset[str]) -> list[UserType]:
    """Who may do one of these in some state, and so at least later."""
    return [role for role in UserType if any(wanted & permissions_of(role, state) for state in UserState)]


def permissions_now(
    user_type: UserType, state: UserState, *, lacks_second_factor: bool, has_to_agree: bool
) -> frozenset[Permission]:
    """What they may do as things stand: without a second factor, or what is new agreed to, one's own account alone."""
    allowed = permissions_of(user_type, state)
    return allowed & _EVERYONE if lacks_second_factor or has_to_agree else allowed


class Principal(Value):
    """Somebody signed in, as one request sees them."""

    user_id: UUID
    session_id: UUID
    user_type: UserType
    state: UserState
    name: str
    lacks_second_factor: bool = False
    """An admin in production who has none yet: all they may do is set one up."""
    has_to_agree: tuple[Agreement, ...] = ()
    """What is new in the terms, say: until it is accepted one may only look after one's account."""

    @property
    def permissions(self) -> frozenset[Permission]:
        """What they may do now."""
        return permissions_now(
            self.user_type,
            self.state,
            lacks_second_factor=self.lacks_second_factor,
            has_to_agree=bool(self.has_to_agree),
        )

    @property
    def actor(self) -> Actor:
        """The same person for a unit of work."""
        return person(self.user_id, self.user_type.value)
