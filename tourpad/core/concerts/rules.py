"""Who sits where, for how long an offer stands, and what a seat costs (pure)."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.states import OPEN, ConcertState, RsvpState
from tourpad.core.errors import invalid
from tourpad.core.fields import Fields
from tourpad.core.money import Money
from tourpad.core.payments.errors import BelowMinimumError
from tourpad.core.values import Value

PAY_WITHIN = timedelta(hours=48)
"""An approved party pays its door fee in that time, and before the show, or the seats go on."""

OFFER_STANDS = timedelta(hours=24)
"""So long a freed seat is kept for the party that it is offered to."""

WALK_UP_PAYS_WITHIN = timedelta(minutes=30)
"""A party that is let in at the door pays by its link in that time, or its seats go on."""

MOST_NAMED = Money(10_000_00)
"""Where guests name what they pay: more is a slip of the fingers, and is asked again."""

LINK_LASTS = timedelta(hours=12)
"""So long a link to pay by is good; at most until the show is over."""

ADDRESS_BEFORE = timedelta(hours=48)
"""Guests learn the address so long before the show (DESIGN: privacy of a place)."""

ADDRESS_AFTER_GUEST = timedelta(days=1)
ADDRESS_AFTER_ARTIST = timedelta(days=7)
"""So long after the show the address is still shown: for what was left behind."""

DOOR_OPENS = timedelta(hours=6)
DOOR_CLOSES = timedelta(hours=24)
"""Guests are checked in from so long before the show until so long after it (lists are corrected afterwards)."""

LONGEST_DEVICE = 60
MOST_SCANS = 500
"""Scans that a device tells of at once."""

ANSWER_WITHIN = timedelta(days=7)
"""A party says in that time whether it comes on another date, and before guests learn the address."""

LARGEST_PARTY = 20
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 5_000
LONGEST_REQUEST = 1_000
LONGEST_NAME = 100
MOST_LINKS = 200
"""Links that one concert has at most."""
MOST_USES = 1_000
MOST_INVITED = 200
"""Addresses in one request."""


def standing(rsvp: RsvpState, concert: ConcertState) -> RsvpState:
    """How a party is shown to stand: of a show that was called off nobody has seats, from that very moment on.

    Its parties are told and closed one by one afterwards, so what is stored may be behind for a minute.
    """
    return RsvpState.CANCELLED if concert is ConcertState.CANCELLED and rsvp in OPEN else rsvp


def seats_taken(taken: int, concert: ConcertState) -> int:
    """How many seats of a show are shown as taken: likewise none of one that was called off, whatever is stored yet."""
    return 0 if concert == ConcertState.CANCELLED else taken  # plain text where a hot statement has read it


def stored_as(shown: Collection[RsvpState], concert: ConcertState) -> frozenset[RsvpState]:
    """The stored states of those parties of a show that are shown in one of these."""
    return frozenset(state for state in RsvpState if standing(state, concert) in shown)


def first_state(*, fits: bool, requires_approval: bool) -> RsvpState:
    """What a new request becomes."""
    if not fits:
        return RsvpState.WAITLISTED
    return RsvpState.PENDING if requires_approval else RsvpState.APPROVED


def pay_by(now: datetime, starts_at: datetime) -> datetime:
    """Until when a door fee must be paid."""
    return min(now + PAY_WITHIN, starts_at)


def keep_by(now: datetime, starts_at: datetime) -> datetime:
    """Until when a party says whether it comes on another date."""
    return min(now + ANSWER_WITHIN, address_from(starts_at))


def offer_until(now: datetime, starts_at: datetime) -> datetime:
    """Until when an offered seat can be taken."""
    return min(now + OFFER_STANDS, starts_at)


def price_of(*, guests: int, mode: DoorMode, fee: Money, minimum: Money) -> Money:
    """What a party pays: its seats' price, or the least where it pays what it can."""
    return (fee if mode is DoorMode.FIXED else minimum) * guests


def check_named(named: Money | None, *, least: Money, suggested: Money, smallest: Money) -> Money:
    """Refuse an amount that a party that pays what it can may not pay.

    Args:
        named: what the payer says; None where nothing was said.
        least: of the whole party.
        suggested: for the whole party; zero for no suggestion.
        smallest: what a card can be charged at all.

    Raises:
        InvalidInputError: nothing was named, or more than anybody can mean.
        BelowMinimumError: it is less than the least, or than what a card can be charged.
    """
    floor = max(least, smallest)
    if named is None:
        hint = f"{suggested} is suggested." if suggested else "It is for you to say."
        raise invalid("amount_cents", f"name what you pay: {floor} or more", hint=hint)
    if named > MOST_NAMED:
        raise invalid("amount_cents", f"name {MOST_NAMED} at most")
    if named < floor:
        whose = "the least for this party" if least >= smallest else "the least that a card can be charged"
        raise BelowMinimumError(f"{named} is less than {floor}, {whose}.", minimum_cents=floor.cents)
    return named


def part_of(paid: Money, *, guests: int, of: int) -> Money:
    """What some guests of a party have paid of it; the first ones to go take the odd cents."""
    return paid if guests == of else paid.split([guests, of - guests])[0]


def address_from(starts_at: datetime) -> datetime:
    """When guests learn the address."""
    return starts_at - ADDRESS_BEFORE


def guest_may_look(
    *,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime,
    concert: ConcertState,
    rsvp: RsvpState | None,
    is_paid: bool,
) -> bool:
    """Whether a guest may be shown the exact address now."""
    return (
        concert is not ConcertState.CANCELLED
        and rsvp in (RsvpState.APPROVED, RsvpState.CHECKED_IN)
        and is_paid
        and address_from(starts_at) <= now < ends_at + ADDRESS_AFTER_GUEST
    )


def artist_may_look(*, now: datetime, ends_at: datetime, concert: ConcertState) -> bool:
    """Whether the artist may be shown the exact address now: from the confirmation, which made the concert, on."""
    return concert is not ConcertState.CANCELLED and now < ends_at + ADDRESS_AFTER_ARTIST


def door_is_open(*, now: datetime, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether guests can be checked in."""
    return starts_at - DOOR_OPENS <= now < ends_at + DOOR_CLOSES


class Came(Value):
    """One scan of a party's ticket."""

    id: UUID
    at: datetime
    guests: int | None
    """How many came with it; None for everybody who was missing."""


def who_came(scans: Iterable[Came], *, party: int) -> dict[UUID, int]:
    """How many of a party each of its scans lets in.

    The earliest comes first, whoever told us first: two doors without a network end up with the same list, in
    whatever order they are heard.
    """
    left = party
    let_in: dict[UUID, int] = {}
    for scan in sorted(scans, key=lambda scan: (scan.at, scan.id)):
        let_in[scan.id] = min(left, left if scan.guests is None else scan.guests)
        left -= let_in[scan.id]
    return let_in


def is_address(email: str) -> bool:
    """Whether a text looks like a mail address: whoever is invited by a slip of the fingers would never hear of it."""
    return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()) is not None


def check_party(found: Fields, *, guests: int, capacity: int, largest: int = LARGEST_PARTY) -> None:
    """Remember a fault where a party is empty, or larger than the place or than the host wants."""
    most = min(largest, capacity)
    if not 1 <= guests <= most:
        found.wrong("guests_count", f"must be between 1 and {most}")


def checked_companions(found: Fields, names: Sequence[str], *, guests: int, wants_all: bool) -> list[str]:
    """The names of those whom a fan brings, trimmed; remember a fault where there are too many, or some are missing."""
    clean = [found.text("companions", name, longest=LONGEST_NAME) or "" for name in names]
    if len(clean) > guests - 1 or (wants_all and len(clean) < guests - 1):
        found.wrong("companions", f"must name the {guests - 1} whom you bring" if guests > 1 else "nobody else comes")
    return clean


def checked_request(found: Fields, text: str | None) -> str | None:
    """What a fan writes to the host, trimmed; nothing where nothing is said. Remember a fault where it is too long."""
    if not text or not text.strip():
        return None
    return found.text("special_requests", text, longest=LONGEST_REQUEST, lines=True)
