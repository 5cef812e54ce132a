"""Days that a host or an artist has marked open or blocked."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.bookings import rules
from tourpad.core.bookings.models import AvailabilityDay
from tourpad.core.bookings.states import AvailabilityKind
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.work import Work


def set_availability(
    work: Work, *, user_id: UUID, open_dates: Collection[date], blocked_dates: Collection[date]
) -> None:
    """Replace what a person says of their days from yesterday on. What they said of earlier days stays.

    Blocked days can't be asked for any more; what is agreed on them stays agreed.

    Args:
        work: the unit of work.
        user_id: whose days.
        open_dates: days on which they would like to.
        blocked_dates: days on which they can't.

    Raises:
        InvalidInputError: days in the past, far away, given twice, or too many.
    """
    first = since(work)
    last = first + timedelta(days=rules.MOST_DAYS_AHEAD + 1)
    found = Fields()
    for name, days in (("open_dates", open_dates), ("blocked_dates", blocked_dates)):
        if len(days) > rules.MOST_AVAILABILITY_DAYS:
            found.wrong(name, f"has more than {rules.MOST_AVAILABILITY_DAYS:,} entries")
        if any(not first <= day <= last for day in days):
            found.wrong(name, f"must lie between {first} and {last}")
    both = set(open_dates) & set(blocked_dates)
    if both:
        found.wrong("blocked_dates", f"{min(both)} is also among the open dates")
    found.done()
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


def since(work: Work) -> date:
    """The first day that matters: yesterday in UTC, which is today somewhere."""
    return work.now.date() - timedelta(days=1)
