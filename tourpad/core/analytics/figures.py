"""What a report is made of: counts, the shares that follow from them, and bars."""

from datetime import date

from tourpad.core.analytics.rules import Step, percent
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.identity.states import UserType
from tourpad.core.payments.states import PaymentKind
from tourpad.core.values import Value


class Joining(Value):
    """Of those of one role who registered in these days: how far they have come by now."""

    role: UserType
    registered: int
    verified: int
    """Their mail address is proved."""
    applied: int | None
    """Null for fans, who don't."""
    let_in: int | None
    members: int | None
    """They had a membership. Null for hosts, who need none."""

    @property
    def conversion_percent(self) -> int | None:
        """Those who reached the end of the way: a membership, or for hosts being let in."""
        return percent((self.let_in if self.members is None else self.members) or 0, self.registered)


class Deciding(Value):
    """Applications of one kind that were decided in these days."""

    kind: ApplicationKind
    let_in: int
    turned_away: int
    median_hours: float | None
    """From the submission to the decision."""


class Booking(Value):
    """Bookings that were asked for in these days, by what became of them."""

    requested: int
    confirmed: int
    """At some time, also where the show was called off later."""
    declined: int
    expired: int
    withdrawn: int
    undecided: int
    called_off: int
    """Of the confirmed ones."""

    @property
    def success_percent(self) -> int | None:
        """The confirmed ones, of those that are decided."""
        return percent(self.confirmed, self.requested - self.undecided)


class Playing(Value):
    """Shows that begin in these days."""

    played: int
    called_off: int
    ahead: int
    seats: int
    """Of those played."""
    seats_taken: int

    @property
    def fill_percent(self) -> int | None:
        """Seats taken, of the seats there were."""
        return percent(self.seats_taken, self.seats)


class Paying(Value):
    """Payments that were begun in these days."""

    begun: int
    completed: int
    failed: int
    given_up: int
    waiting: int

    @property
    def completion_percent(self) -> int | None:
        """The completed ones, of those that do not wait any more."""
        return percent(self.completed, self.begun - self.waiting)


class Paid(Value):
    """What was paid in these days for one kind of thing."""

    kind: PaymentKind
    currency: str
    payments: int
    amount_cents: int
    refunded_cents: int
    """Of this amount, whenever."""
    lost_cents: int
    """To disputes."""


class Books(Value):
    """What these days did to the books, in one currency."""

    currency: str
    revenue_cents: int
    """Our share of shows, and memberships."""
    costs_cents: int
    """Stripe's fees, and what disputes took."""
    paid_out_cents: int
    """Sent to artists and hosts."""


class Engagement(Value):
    """What members do."""

    members: int
    """Now, whatever the days."""
    active: dict[UserType, int]
    """People who asked, confirmed, wrote, reviewed or paid in these days."""
    seat_requests: int
    messages: int
    reviews: int
    average_rating: float | None


class Bar(Value):
    """One day, week or month."""

    first: date
    registered: int
    bookings_requested: int
    shows_played: int
    seats_taken: int
    paid_cents: int


class Figures(Value):
    """All of it for some days."""

    first: date
    last: date
    joining: tuple[Joining, ...]
    deciding: tuple[Deciding, ...]
    booking: Booking
    playing: Playing
    paying: Paying
    paid: tuple[Paid, ...]
    books: tuple[Books, ...]
    engagement: Engagement


class Report(Value):
    """The days, as many days before them, and bars."""

    now: Figures
    before: Figures
    step: Step
    bars: tuple[Bar, ...]
