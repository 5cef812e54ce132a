"""Business metrics: counts and sums of some days, beside those of as many days before."""

from datetime import date
from typing import Annotated, Any, TypeVar

from litestar import get
from litestar.params import QueryParameter

from tourpad.core.analytics import rules, service
from tourpad.core.analytics.figures import Figures
from tourpad.core.analytics.rules import Step
from tourpad.core.applications.states import ApplicationKind
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.payments.states import PaymentKind
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.shapes import Output


class JoiningOut(Output):
    """Of those of one role who registered in these days: how far they have come by now."""

    role: UserType
    registered: int
    verified: int
    applied: int | None
    let_in: int | None
    """Both null for fans, who don't apply."""
    members: int | None
    """They had a membership. Null for hosts, who need none."""
    conversion_percent: int | None


class DecidingOut(Output):
    """Applications that were decided in these days."""

    kind: ApplicationKind
    let_in: int
    turned_away: int
    median_hours: float | None
    """From the submission to the decision."""


class BookingMetricsOut(Output):
    """Bookings that were asked for in these days, by what became of them."""

    requested: int
    confirmed: int
    declined: int
    expired: int
    withdrawn: int
    undecided: int
    called_off: int
    """Of the confirmed ones."""
    success_percent: int | None
    """The confirmed ones, of those that are decided."""


class PlayingOut(Output):
    """Shows that begin in these days."""

    played: int
    called_off: int
    ahead: int
    seats: int
    """Of those played."""
    seats_taken: int
    fill_percent: int | None


class PayingOut(Output):
    """Payments that were begun in these days."""

    begun: int
    completed: int
    failed: int
    given_up: int
    waiting: int
    completion_percent: int | None
    """The completed ones, of those that do not wait any more."""


class PaidOut(Output):
    """What was paid in these days for one kind of thing."""

    kind: PaymentKind
    currency: str
    payments: int
    amount_cents: int
    refunded_cents: int
    """Of this amount, whenever."""
    lost_cents: int
    """To disputes."""


class BooksOut(Output):
    """What these days did to the books, in one currency."""

    currency: str
    revenue_cents: int
    costs_cents: int
    paid_out_cents: int


class EngagementOut(Output):
    """What members do."""

    members: int
    """Now, whatever the days."""
    active: dict[str, int]
    """People of each role who asked, confirmed, wrote, reviewed or paid in these days."""
    seat_requests: int
    messages: int
    reviews: int
    average_rating: float | None


class FiguresOut(Output):
    """All of it for some days in UTC, both ends included."""

    first: date
    last: date
    joining: list[JoiningOut]
    deciding: list[DecidingOut]
    booking: BookingMetricsOut
    playing: PlayingOut
    paying: PayingOut
    paid: list[PaidOut]
    books: list[BooksOut]
    engagement: EngagementOut


class BarOut(Output):
    """One day, week (from Monday) or month, from its first day on."""

    first: date
    registered: int
    bookings_requested: int
    shows_played: int
    seats_taken: int
    paid_cents: int


class AnalyticsAnswer(Output):
    """The days, as many days before them, and bars."""

    now: FiguresOut
    before: FiguresOut
    step: Step
    bars: list[BarOut]


T = TypeVar("T", bound=Output)


@get("/api/admin/analytics", **needs(Permission.ADMIN_ANALYTICS), tags=["admin"])
def show_analytics(
    platform: Platform,
    principal: Principal,
    *,
    since: Annotated[date | None, QueryParameter(name="since")] = None,
    until: Annotated[date | None, QueryParameter(name="until")] = None,
    by: Annotated[Step | None, QueryParameter(name="by")] = None,
) -> AnalyticsAnswer:
    """Business metrics from `since` to `until` (both included; else the last 90 days), with a bar for each step."""
    with platform.reading(principal.actor) as work:
        span = rules.span_of(since, until, today=work.now.date())
        found = service.report(work, span=span, step=by)
    return AnalyticsAnswer(
        now=_figures(found.now),
        before=_figures(found.before),
        step=found.step,
        bars=[_out(BarOut, bar) for bar in found.bars],
    )


def _figures(figures: Figures) -> FiguresOut:
    return FiguresOut(
        first=figures.first,
        last=figures.last,
        joining=[_out(JoiningOut, one) for one in figures.joining],
        deciding=[_out(DecidingOut, one) for one in figures.deciding],
        booking=_out(BookingMetricsOut, figures.booking),
        playing=_out(PlayingOut, figures.playing),
        paying=_out(PayingOut, figures.paying),
        paid=[_out(PaidOut, one) for one in figures.paid],
        books=[_out(BooksOut, one) for one in figures.books],
        engagement=_out(EngagementOut, figures.engagement),
    )


def _out(shape: type[T], value: Any) -> T:
    """The fields that the answer has, by their names."""
    return shape(**{name: getattr(value, name) for name in shape.__struct_fields__})


ROUTES = (show_analytics,)
