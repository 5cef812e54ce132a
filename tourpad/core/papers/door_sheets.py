"""What stands on papers for the door. They name guests: they are for whoever lets them in, and no street is on them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tourpad.core.money import Money
from tourpad.core.papers.sheets import Merchant, ShowRef
from tourpad.core.values import Value


class Stands(StrEnum):
    """How a party stands, as the door needs to know it."""

    EXPECTED = "expected"
    OWES = "owes"
    IN = "in"
    PARTLY_IN = "partly_in"
    DID_NOT_COME = "did_not_come"
    PAID_BACK = "paid_back"


class GuestRow(Value):
    """One party. What the reader need not know is left out."""

    rsvp_id: UUID
    name: str
    companions: tuple[str, ...]
    guests: int
    arrived: int
    arrived_at: datetime | None
    stands: Stands
    paid: Money | None
    """None where the reader need not know."""
    owing: Money | None
    special_requests: str | None
    is_walk_up: bool


class GuestListSheet(Value, kw_only=True):
    """An evening's parties, by name."""

    merchant: Merchant
    show: ShowRef
    title: str
    is_called_off: bool
    starts_at: datetime
    time_zone: str
    rows: tuple[GuestRow, ...]
    expected: int
    """Guests."""
    arrived: int
    seats_left: int
    currency: str
    shows_money: bool
    """Also what guests have asked for, and their whole names: for the host, who lets them in."""
    as_of: datetime
