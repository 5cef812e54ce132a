"""A host is told who has looked at their address: once of each person and show, however often they look."""

from uuid import UUID
from zoneinfo import ZoneInfo

from tourpad.core.hosts import queries
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.work import Work

NOBODY = "TourPad"
"""Who looked, where it was an operator, or somebody whose account is gone."""


def tell_of_looks(work: Work, *, host_id: UUID) -> int:
    """Tell a host of everybody who looked for the first time, in one piece of news. Answers how many they were.

    Raises:
        NotFoundError: no such host.
    """
    host = queries.get(work, host_id)
    zone = ZoneInfo(host.time_zone)
    people: list[dict[str, str]] = []
    seen: set[tuple[UUID | None, UUID | None]] = set()
    for look, name, is_known in queries.untold_looks(work, host_id):
        look.told_at = work.now
        who = (look.user_id, look.concert_id)
        if not is_known and who not in seen:
            seen.add(who)
            day = look.at.astimezone(zone).date()
            people.append({"who": name or NOBODY, "reason": look.reason, "day": day.isoformat()})
    work.session.flush()
    if people:
        tell(
            work,
            user_id=host.user_id,
            template="address_looked_at",
            category=Category.CONCERT,
            related=("host", host_id),
            people=people,
        )
    return len(people)
