"""How reliable somebody is: counted from what happened, forgotten after a year, unsaid where there is little."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.bookings import in_days, make_booking, make_pair, make_request
from tourpad.core.bookings.queries import Record
from tourpad.core.bookings.service import Reliability, judged
from tourpad.core.bookings.states import Side
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tests.factories.bookings import Pair
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

NOTHING = Reliability(None, None, None, None)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(4, 4, 60.0, 2, 0), NOTHING),
        (Record(5, 5, 5_400.0, 2, 2), Reliability(100, 90, None, None)),
        (Record(5, 0, None, 3, 1), Reliability(0, None, 3, 1)),
        (Record(300, 299, 29.0, 0, 0), Reliability(99, 0, None, None)),
    ],
)
def test_little_is_not_said_and_nearly_always_is_not_always(record: Record, said: Reliability) -> None:
    assert judged(record) == said


def _host(work: "Work", pair: "Pair") -> Reliability:
    from tourpad.core.bookings import service

    return service.reliability(work, side=Side.HOST, profile_id=pair.host_id)


def test_answers_and_silence_are_counted_and_what_was_withdrawn_is_not(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    pair = make_pair(work)
    asked = [make_request(work, pair, day=in_days(work, 40 + n)) for n in range(7)]
    clock.advance(timedelta(hours=2))
    service.respond(work, booking_id=asked[0].id, user_id=pair.host_user, status=Answer.APPROVED, response=None)
    service.respond(work, booking_id=asked[1].id, user_id=pair.host_user, status=Answer.REJECTED, response=None)
    clock.advance(timedelta(hours=8))
    counter = {"duration": 60}
    service.respond(work, booking_id=asked[2].id, user_id=pair.host_user, status=None, response=None, counter=counter)
    service.cancel(work, booking_id=asked[3].id, user_id=pair.artist_user)
    clock.advance(timedelta(days=7))
    for booking in asked[4:]:
        assert service.expire(work, booking_id=booking.id)
    # Three of six were answered, after 2, 2 and 10 hours.
    assert _host(work, pair) == Reliability(50, 120, None, None)
    artist = service.reliability(work, side=Side.ARTIST, profile_id=pair.artist_id)
    assert artist == NOTHING
    clock.advance(timedelta(days=365))
    assert _host(work, pair) == NOTHING


def test_shows_called_off_after_they_were_certain_are_counted_for_whoever_did_it(work: "Work") -> None:
    from tourpad.core.bookings import service

    pair = make_pair(work)
    shows = [make_booking(work, pair, day=in_days(work, 40 + n)) for n in range(3)]
    service.cancel(work, booking_id=shows[0].id, user_id=pair.host_user)
    service.cancel(work, booking_id=shows[1].id, user_id=pair.artist_user)
    other = make_booking(work, pair, state="approved", day=in_days(work, 60))
    service.cancel(work, booking_id=other.id, user_id=pair.host_user)
    host = _host(work, pair)
    assert (host.confirmed_shows, host.cancelled_shows) == (3, 1)
    elsewhere = replace(make_pair(work), host_id=make_pair(work).host_id)
    assert _host(work, elsewhere) == NOTHING


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (NOTHING, ["too little has happened to say anything"]),
        (
            Reliability(80, 1560, 3, 0),
            [
                "answered 80 % of what was asked of them, in 26 h (the median)",
                "3 shows were certain, none of them called off by this side",
            ],
        ),
        (
            Reliability(0, None, 4, 2),
            ["answered 0 % of what was asked of them", "4 shows were certain, 2 of them called off by this side"],
        ),
        (Reliability(100, 45, None, None), ["answered 100 % of what was asked of them, in 45 min (the median)"]),
    ],
)
def test_whoever_runs_the_place_reads_it_in_words(seen: Reliability, said: list[str]) -> None:
    from tourpad.cli.reliability import in_words

    assert in_words(seen) == said
