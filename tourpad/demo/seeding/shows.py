"""The shows and bookings of a seeded database: each a line of a table. Days are counted from today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any


class Course(StrEnum):
    """What becomes of a date that an artist asks for."""

    SHOW = auto()
    """Agreed, confirmed, announced; played where it lies in the past."""
    CALLED_OFF = auto()
    """As a show, and then the artist falls ill."""
    REJECTED = auto()
    IGNORED = auto()
    """Nobody answers, and it expires."""
    UNPAID = auto()
    """The host agrees and does not pay, and it expires."""
    WITHDRAWN = auto()
    TRIP = auto()
    """An artist tells of a trip around that day; nobody has invited them yet."""
    INVITED = auto()
    """As a trip, and a host on the way invites: it is the artist's turn."""
    ASKED = auto()
    """It is the host's turn."""
    COUNTERED = auto()
    """It is the artist's turn."""
    AGREED = auto()
    """It waits for the fee, or where there is none for anybody to confirm it."""


class Fate(StrEnum):
    """What becomes of a party that asks for seats."""

    ASKS = auto()
    """And is left waiting for an answer, or on the waitlist."""
    DECLINED = auto()
    OWES = auto()
    """Approved; the door fee is not paid yet."""
    PAYS = auto()
    GIVES_BACK = auto()
    """Pays, and gives the seats back."""
    LEAVES = auto()
    """Gives the seats back before anything is paid."""
    COMES = auto()
    """Pays, and is ticked off at the door."""
    STAYS = auto()
    """Pays, and says yes to the new date of a show that has moved; who merely pays has not answered yet."""
    DROPS_OUT = auto()
    """Pays, and says no to the new date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """One date that an artist asks a host for."""

    day: int
    course: Course = Course.SHOW
    fee: int = 0
    """The artist's guarantee, in cents."""
    door: int = 0
    """A seat, in cents."""
    parties: tuple[tuple[int, Fate], ...] = ()
    """In the order in which they ask: how many, and what becomes of them."""
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the host changes once the concert is announced."""
    minimum: int = 0
    """With fewer people there is no show, and nobody pays before there are so many."""
    moves_to: int | None = None
    """The day on which it is to be after all, once guests have paid."""
    at_door: bool = False
    """Parties ask two days ago, so that who has not paid has just lost the seats."""


C, F = Course, Fate

PAST: tuple[Date, ...] = (
    Date(day=-20, fee=15_000, door=1_500, parties=((2, F.COMES), (1, F.COMES), (2, F.PAYS))),
    Date(day=-9, fee=20_000, door=2_000, parties=((3, F.COMES), (2, F.COMES), (2, F.PAYS), (4, F.COMES))),
    Date(day=-8, changes={"requires_approval": False}, parties=((2, F.OWES), (4, F.OWES), (1, F.LEAVES))),
    Date(day=-1, fee=10_000, door=1_000, parties=((2, F.COMES), (2, F.COMES), (1, F.COMES))),
    Date(day=22, course=C.CALLED_OFF, fee=18_000, door=1_500, parties=((2, F.PAYS), (2, F.PAYS), (1, F.ASKS))),
    Date(day=12, course=C.REJECTED, fee=12_000, door=1_000),
    Date(day=26, course=C.IGNORED, fee=12_000, door=1_000),
    Date(day=27, course=C.UNPAID, fee=16_000, door=1_000),
    Date(day=29, course=C.WITHDRAWN, fee=14_000),
)
"""What is over, or was called off."""

OPEN: tuple[Date, ...] = (
    # Tomorrow: guests know the address by now.
    Date(day=1, fee=12_000, door=1_200, parties=((2, F.PAYS), (1, F.PAYS), (2, F.ASKS), (1, F.OWES))),
    # Every answer a host can give.
    Date(
        day=10,
        fee=15_000,
        door=1_500,
        parties=((2, F.ASKS), (2, F.PAYS), (1, F.DECLINED), (3, F.OWES), (2, F.GIVES_BACK), (1, F.LEAVES)),
    ),
    # Nearly full, with a waitlist.
    Date(day=14, fee=20_000, door=2_000, changes={"max_capacity": 4}, parties=((2, F.PAYS), (1, F.OWES), (2, F.ASKS))),
    # Free, and nobody has to approve.
    Date(day=17, changes={"requires_approval": False}, parties=((2, F.OWES), (1, F.LEAVES), (4, F.OWES))),
    # By invitation.
    Date(day=21, fee=10_000, door=1_000, changes={"is_private": True}, parties=((2, F.PAYS), (1, F.ASKS))),
    # Seats that nobody paid were just offered to the next who fits.
    Date(
        day=28,
        door=1_500,
        changes={"requires_approval": False, "max_capacity": 2},
        parties=((2, F.OWES), (1, F.ASKS), (2, F.ASKS)),
        at_door=True,
    ),
    # Wide open, at the door's price and for nothing.
    Date(day=35, door=1_000, changes={"requires_approval": False}),
    Date(day=37),
    Date(day=40, course=C.ASKED, fee=15_000, door=1_000),
    Date(day=45, course=C.ASKED),
    Date(day=51, course=C.COUNTERED, fee=22_000, door=1_500),
    Date(day=30, course=C.AGREED, fee=17_500, door=1_500),
    Date(day=33, course=C.AGREED, door=500),
    # So many must come, and do not yet.
    Date(day=24, fee=10_000, door=1_500, minimum=8, parties=((2, F.OWES), (1, F.OWES), (2, F.ASKS))),
    # To another date: one party has said yes, one no, one nothing yet.
    Date(day=23, fee=12_000, door=1_200, moves_to=25, parties=((2, F.STAYS), (1, F.DROPS_OUT), (2, F.PAYS))),
    Date(day=56, course=C.INVITED, fee=16_000, door=1_500, minimum=6),
    Date(day=48, course=C.TRIP),
)
"""What lies ahead, or is not decided."""


def more_open(people: int) -> list[Date]:
    """Further concerts ahead, for seeds that are larger than the usual one: one for each fifty people."""
    return [
        Date(
            day=60 + number,
            door=(0, 1_000, 1_500)[number % 3],
            changes={"requires_approval": False} if number % 2 else {},
            parties=((2, F.ASKS), (1 + number % 4, F.ASKS)),
        )
        for number in range(max(0, people - 60) // 50)
    ]
