from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import in_days, make_booking, make_pair, make_request, told
from tests.factories.profiles import make_artist, make_host
from tourpad.core.errors import TourPadError
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def _code(work: "Work", pair: Any = None, **terms: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        make_request(work, pair, **terms)
    return refusal.value.code


def test_a_request_is_the_first_offer_and_the_host_s_turn(work: "Work") -> None:
    from tourpad.core.bookings import queries

    pair = make_pair(work)
    booking = make_request(work, pair, fee=25_000, door=1_000)
    assert (booking.state, booking.turn, booking.offer_number) == ("pending", "host", 1)
    assert booking.respond_by == work.now + timedelta(hours=48)
    [offer] = queries.offers(work, booking.id)
    assert (
        offer.number,
        offer.made_by,
        offer.date,
        offer.artist_fee_cents,
        offer.door_fee_cents,
        offer.artist_door_bps,
    ) == (
        1,
        "artist",
        booking.requested_date,
        25_000,
        1_000,
        8_000,
    )
    assert (told(work, pair.host_user), told(work, pair.artist_user)) == (["booking_requested"], [])


def test_who_can_t_be_asked_is_not_there(work: "Work") -> None:
    pair = make_pair(work)
    waiting = make_host(work, listed=False, standing="pending")
    suspended = make_host(work, standing="suspended")
    assert _code(work, replace(pair, host_id=waiting.id)) == "not_found"
    assert _code(work, replace(pair, host_id=suspended.id)) == "not_found"
    assert _code(work, replace(pair, host_id=pair.artist_id)) == "not_found"
    assert _code(work, replace(pair, artist_user=pair.host_user)) == "not_found"


def test_an_artist_whose_membership_lapsed_asks_for_nothing_new(work: "Work") -> None:
    pair = make_pair(work)
    lapsed = make_artist(work, standing="approved")
    assert _code(work, replace(pair, artist_user=lapsed.user_id)) == "not_listed"


def test_today_at_the_host_s_is_too_late_and_tomorrow_is_not(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work, city="Honolulu", state="HI")
    clock.advance(timedelta(hours=17))  # 05:00 UTC on the 2nd, 19:00 on the 1st in Honolulu
    assert work.now.day == 2
    assert make_request(work, pair, day=work.now.date()).requested_date == work.now.date()
    assert _code(work, pair, day=work.now.date() - timedelta(days=1)) == "invalid_input"


def test_every_wrong_field_is_named_at_once(work: "Work") -> None:
    with pytest.raises(TourPadError) as refusal:
        make_request(work, day=in_days(work, -1), attendance=31, door=7, duration=1)
    assert [e.field for e in refusal.value.errors] == [  # type: ignore[attr-defined]
        "requested_date",
        "estimated_duration",
        "door_fee_cents",
        "expected_attendance",
    ]


def test_as_many_may_come_as_fit_where_more_fit(work: "Work") -> None:
    pair = make_pair(work, indoor_capacity=12, outdoor_capacity=40)
    assert make_request(work, pair, attendance=40).expected_attendance == 40


@pytest.mark.parametrize("blocks", ["artist", "host"])
def test_a_blocked_date_can_t_be_asked_for(work: "Work", blocks: str) -> None:
    from tourpad.core.availability import service

    pair = make_pair(work)
    day = in_days(work, 40)
    user_id = pair.artist_user if blocks == "artist" else pair.host_user
    service.set_calendar(work, user_id=user_id, open_dates=[], blocked_dates=[day])
    assert _code(work, pair, day=day) == "date_blocked"
    assert make_request(work, pair, day=day + timedelta(days=1)).state == "pending"


def test_a_date_with_a_confirmed_show_can_t_be_asked_for(work: "Work") -> None:
    pair, other = make_pair(work), make_pair(work)
    day = make_booking(work, pair).requested_date
    assert _code(work, replace(other, host_id=pair.host_id), day=day) == "date_taken"
    assert _code(work, replace(other, artist_user=pair.artist_user), day=day) == "date_taken"
    assert make_request(work, other, day=day).state == "pending"


@pytest.mark.parametrize("state", ["pending", "countered", "approved"])
def test_nobody_asks_twice_while_it_is_undecided(work: "Work", state: str) -> None:
    pair = make_pair(work)
    make_booking(work, pair, state=state)
    assert _code(work, pair) == "already_requested"


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_one_may_ask_again_afterwards(work: "Work", state: str) -> None:
    pair = make_pair(work)
    make_booking(work, pair, state=state)
    assert make_request(work, pair).state == "pending"


def test_several_artists_may_ask_for_one_date(work: "Work") -> None:
    pair, other = make_pair(work), make_pair(work)
    make_request(work, pair)
    assert make_request(work, replace(other, host_id=pair.host_id)).state == "pending"
