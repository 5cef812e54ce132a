"""What is known about a disputed charge, gathered in one place. Nothing here reads or decides (pure)."""

from datetime import datetime

from tourpad.core.money import Money
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import Value


class Moment(Value):
    """Something that happened, in words for a bank."""

    at: datetime
    what: str


class Buyer(Value, kw_only=True):
    """Who paid. Of a walk-up at the door only the name is known."""

    name: str
    email: str | None
    since: datetime | None
    """When the account was made."""
    email_verified_at: datetime | None
    terms: str | None
    """The version of the terms that was accepted."""
    terms_accepted_at: datetime | None
    purchase_ip: str | None
    """Of the sign-in from which they paid."""


class Show(Value, kw_only=True):
    """What was bought: a show. Its place is a town, never an address."""

    title: str
    artist: str
    place: str
    """`Columbus, OH`."""
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    was_held: bool
    called_off: bool
    checked_in: int
    """Parties that were checked in at the door, of all guests."""


class Seats(Value, kw_only=True):
    """A party's seats."""

    guests: int
    """People, the payer included."""
    checked_in_at: datetime | None
    given_back_at: datetime | None
    knew_address: bool
    """Whether the payer was shown where to go."""


class Period(Value, kw_only=True):
    """A membership, as it stands, and what it was used for after the charge."""

    plan: str
    """`Fan, by the month`."""
    interval: str
    started_at: datetime | None
    cancelled_at: datetime | None
    """When it ended, or will."""
    uses: int
    """Requests for seats and dates since the charge."""
    renewals: int
    """Earlier charges of the same membership."""


class GivenBack(Value, kw_only=True):
    """A refund of the charge."""

    at: datetime
    amount: Money
    reason: str
    arrived: bool


class OtherCharge(Value, kw_only=True):
    """Another charge of the same person, for a bank that believes in a duplicate."""

    charge_id: str
    at: datetime
    amount: Money
    description: str


class Facts(Value, kw_only=True):
    """All of it."""

    kind: PaymentKind
    reason: str
    """The bank's, in Stripe's word (`fraudulent`, `product_not_received`)."""
    disputed: Money
    paid: Money
    paid_at: datetime | None
    description: str
    receipt: str | None
    card: str | None
    """`visa ending in 4242`."""
    buyer: Buyer
    show: Show | None = None
    seats: Seats | None = None
    period: Period | None = None
    policy: str | None = None
    """The cancellation policy that was shown before paying, in a sentence."""
    history: tuple[Moment, ...] = ()
    """What happened, oldest first."""
    activity: tuple[Moment, ...] = ()
    """What the payer did signed in, oldest first."""
    refunds: tuple[GivenBack, ...] = ()
    others: tuple[OtherCharge, ...] = ()
