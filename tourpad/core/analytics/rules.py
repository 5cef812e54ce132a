"""Which days a report is about, and how shares are told (pure)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tourpad.core.errors import invalid
from tourpad.core.values import Value

DAYS = 90
"""A report is about so many days unless it is told otherwise."""
MOST_DAYS = 3_660
MOST_STEPS = 120
"""More bars than that nobody reads."""


class Step(StrEnum):
    """What one bar stands for. Weeks begin on Mondays."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Span(Value):
    """Days in UTC, both ends included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """Its first instant."""
        return datetime.combine(self.first, time.min, UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, UTC)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Span":
        """As many days right before it."""
        return Span(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def steps(self, step: Step) -> list[date]:
        """The first day of every day, week or month that it touches."""
        return list(_steps(self, step))


def span_of(first: date | None, last: date | None, *, today: date) -> Span:
    """The days that were asked for: the last ninety where nothing is said.

    Raises:
        InvalidInputError: they end before they begin, or are too many.
    """
    last = last or today
    found = Span(first or last - timedelta(days=DAYS - 1), last)
    if found.days < 1:
        raise invalid("since", "must not be after until")
    if found.days > MOST_DAYS:
        raise invalid("since", f"at most {MOST_DAYS} days before until")
    return found


def check_steps(span: Span, step: Step) -> None:
    """Refuse more bars than anybody reads.

    Raises:
        InvalidInputError: there would be.
    """
    if len(span.steps(step)) > MOST_STEPS:
        raise invalid("by", f"would be more than {MOST_STEPS} of them; take longer steps or fewer days")


def step_named(text: str) -> Step:
    """The step of that name.

    Raises:
        InvalidInputError: there is none.
    """
    try:
        return Step(text)
    except ValueError:
        raise invalid("by", f"must be one of {', '.join(Step)}") from None


def step_for(span: Span) -> Step:
    """Bars that are few enough to be seen at once."""
    if span.days <= 31:  # noqa: PLR2004 - a month
        return Step.DAY
    return Step.WEEK if span.days <= 26 * 7 else Step.MONTH


def percent(part: int, whole: int) -> int | None:
    """A share in whole per cent, half rounded up; nothing of nothing."""
    return None if whole == 0 else (200 * part + whole) // (2 * whole)


def _steps(span: Span, step: Step) -> Iterator[date]:
    match step:
        case Step.DAY:
            day = span.first
        case Step.WEEK:
            day = span.first - timedelta(days=span.first.weekday())
        case Step.MONTH:
            day = span.first.replace(day=1)
    while day <= span.last:
        yield day
        match step:
            case Step.DAY:
                day += timedelta(days=1)
            case Step.WEEK:
                day += timedelta(days=7)
            case Step.MONTH:
                day = (day + timedelta(days=31)).replace(day=1)
