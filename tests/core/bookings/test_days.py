from datetime import timedelta
from typing import TYPE_CHECKING

from tests.factories.bookings import make_booking, make_pair

if TYPE_CHECKING:
    from tourpad.core.work import Work


def test_confirmed_shows_are_booked_days_of_both(work: "Work") -> None:
    from tourpad.core.bookings import queries

    pair = make_pair(work)
    day = make_booking(work, pair).requested_date
    make_booking(work, pair, state="approved", day=day + timedelta(days=1))
    for user_id in (pair.artist_user, pair.host_user):
        assert queries.booked_days(work, user_id, since=work.now.date()) == [day]
