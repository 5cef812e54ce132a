"""What people say of their days, and how their days stand."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.availability import rules
from tourpad.core.availability.models import AvailabilityDay, AvailabilityPattern
from tourpad.core.availability.queries import days as queries
from tourpad.core.availability.rules import Standing
from tourpad.core.availability.states import AvailabilityKind
from tourpad.core.errors import invalid
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.values import replace
from tourpad.core.work import Work


def set_calendar(
    work: Work,
    *,
    user_id: UUID,
    open_dates: Collection[date],
    blocked_dates: Collection[date],
    patterns: Collection[Mapping[str, Any]] | None = None,
) -> None:
    """Replace what a person says of their days from yesterday on. What they said of earlier days stays.

    Blocked days can't be asked for any more; what is agreed on them stays agreed.

    Args:
        work: the unit of work.
        user_id: whose days.
        open_dates: days on which they would like to, whatever their patterns and feeds say.
        blocked_dates: days on which they can't.
        patterns: what comes again, each by the names of `rules.PATTERN_FIELDS`; nothing given leaves them as they are.

    Raises:
        InvalidInputError: days in the past, far away, given twice, or too many; patterns that mean nothing.
    """
    first = since(work)
    last = first + timedelta(days=rules.MOST_DAYS_AHEAD + 1)
    found = Fields()
    rules.check_days(found, open_dates=open_dates, blocked_dates=blocked_dates, first=first, last=last)
    clean = None if patterns is None else rules.check_patterns(found, patterns, first=first, last=last)
    found.done()
    _replace_days(work, user_id, open_dates, blocked_dates, first)
    if clean is None:
        return
    work.session.execute(delete(AvailabilityPattern).where(AvailabilityPattern.user_id == user_id))
    work.add(
        *(
            AvailabilityPattern(
                id=new_id(),
                user_id=user_id,
                position=position,
                kind=pattern.kind,
                repeats=pattern.repeats,
                weekdays=list(pattern.weekdays),
                month_days=list(pattern.month_days),
                weeks=list(pattern.weeks),
                every=pattern.every,
                starts_on=pattern.starts_on,
                ends_on=pattern.ends_on,
                note=pattern.note,
                created_at=work.now,
            )
            for position, pattern in enumerate(clean)
        )
    )


def standings(
    work: Work, *, user_id: UUID, first: date, last: date, booked: Collection[date] = frozenset()
) -> list[Standing]:
    """How each day from `first` to `last` stands.

    Args:
        work: the unit of work.
        user_id: whose days.
        first: local to the person.
        last: included.
        booked: days that confirmed shows hold: whoever knows of shows comes later in the order of features.

    Raises:
        InvalidInputError: the window is no window, or wider than `rules.LONGEST_WINDOW` days.
    """
    if last < first:
        raise invalid("end", "lies before the first day")
    if (last - first).days >= rules.LONGEST_WINDOW:
        raise invalid("end", f"must be within {rules.LONGEST_WINDOW} days of the first")
    known = queries.calendars(work, [user_id], first=first, last=last)[user_id]
    return replace(known, booked=frozenset(booked)).between(first, last)


def who_cannot(work: Work, *, day: date, user_ids: Collection[UUID]) -> set[UUID]:
    """Of these people, those who have blocked a day: by a word on it, a calendar elsewhere, or a pattern."""
    known = queries.calendars(work, user_ids, first=day, last=day)
    return {user_id for user_id, calendar in known.items() if not calendar.may_be_asked(day)}


def since(work: Work) -> date:
    """The first day that matters: yesterday in UTC, which is today somewhere."""
    return work.now.date() - timedelta(days=1)


def _replace_days(
    work: Work, user_id: UUID, open_dates: Collection[date], blocked_dates: Collection[date], first: date
) -> None:
    work.session.execute(
        delete(AvailabilityDay).where(AvailabilityDay.user_id == user_id, AvailabilityDay.day >= first)
    )
    kinds = dict.fromkeys(open_dates, AvailabilityKind.OPEN) | dict.fromkeys(blocked_dates, AvailabilityKind.BLOCKED)
    if not kinds:
        return
    rows = [
        {"id": new_id(), "user_id": user_id, "day": day, "kind": kind, "created_at": work.now}
        for day, kind in sorted(kinds.items())
    ]
    # Two at once: the later one's word on a day counts.
    new = insert(AvailabilityDay).values(rows)
    work.session.execute(new.on_conflict_do_update(index_elements=["user_id", "day"], set_={"kind": new.excluded.kind}))
