from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.factories.bookings import in_days, make_pair
from tourpad.core.errors import InvalidInputError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _days(work: "Work", user_id: UUID) -> list[tuple[int, str]]:
    from tourpad.core.availability.queries import days as queries

    today = work.now.date()
    return [((d.day - today).days, d.kind.value) for d in queries.days(work, user_id, since=today - timedelta(days=99))]


def test_what_is_said_replaces_what_was_said_before(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.availability import service

    pair = make_pair(work)

    def say(free: list[int], blocked: list[int], user_id: UUID = pair.host_user) -> None:
        service.set_calendar(
            work,
            user_id=user_id,
            open_dates=[in_days(work, d) for d in free],
            blocked_dates=[in_days(work, d) for d in blocked],
        )

    say([4], [2], pair.artist_user)
    say([5, 5, 1], [2])
    assert _days(work, pair.host_user) == [(1, "open"), (2, "blocked"), (5, "open")]
    say([2], [])
    assert _days(work, pair.host_user) == [(2, "open")]
    clock.advance(timedelta(days=10))
    say([], [7])
    assert _days(work, pair.host_user) == [(-8, "open"), (7, "blocked")]
    assert _days(work, pair.artist_user) == [(-8, "blocked"), (-6, "open")]


@pytest.mark.parametrize(
    ("free", "blocked", "fields"),
    [
        ([-2], [], ["open_dates"]),
        ([], [732], ["blocked_dates"]),
        ([3], [3], ["blocked_dates"]),
        ([-5], [3, 900], ["open_dates", "blocked_dates"]),
    ],
)
def test_days_that_can_t_be_are_named(work: "Work", free: list[int], blocked: list[int], fields: list[str]) -> None:
    from tourpad.core.availability import service

    with pytest.raises(InvalidInputError) as refusal:
        service.set_calendar(
            work,
            user_id=make_pair(work).host_user,
            open_dates=[in_days(work, d) for d in free],
            blocked_dates=[in_days(work, d) for d in blocked],
        )
    assert [e.field for e in refusal.value.errors] == fields
