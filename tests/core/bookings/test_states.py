from typing import Any

import pytest

from tourpad.core.bookings.states import MOVES, OFFER_MOVES, OPEN, BookingState, OfferState
from tourpad.core.concerts.states import CONCERT_MOVES, HOLDS_SEATS, RSVP_MOVES, ConcertState, RsvpState
from tourpad.core.concerts.states import OPEN as OPEN_SEATS
from tourpad.core.errors import IllegalMoveError
from tourpad.core.states import check_move

B, C, R = BookingState, ConcertState, RsvpState

BOOKING_MOVES = {
    "pending": "approved countered rejected expired cancelled",
    "countered": "approved pending countered rejected expired cancelled",
    "approved": "confirmed expired cancelled",
    "confirmed": "confirmed completed cancelled",
}
OFFER_MOVES_IN_WORDS = {"open": "accepted countered rejected expired withdrawn"}
CONCERT_MOVES_IN_WORDS = {"scheduled": "live completed cancelled", "live": "completed cancelled"}
SEAT_MOVES = {
    "pending": "approved declined waitlisted cancelled lapsed",
    "waitlisted": "offered declined cancelled lapsed",
    "offered": "approved declined lapsed cancelled",
    "approved": "cancelled checked_in no_show lapsed",
    "checked_in": "cancelled",
    "no_show": "checked_in",
}


@pytest.mark.parametrize(
    ("kind", "moves", "words"),
    [
        (B, MOVES, BOOKING_MOVES),
        (OfferState, OFFER_MOVES, OFFER_MOVES_IN_WORDS),
        (C, CONCERT_MOVES, CONCERT_MOVES_IN_WORDS),
        (R, RSVP_MOVES, SEAT_MOVES),
    ],
)
def test_the_tables_allow_exactly_these_moves(kind: Any, moves: Any, words: dict[str, str]) -> None:
    for now in kind:
        for to in kind:
            if to.value in words.get(now.value, "").split():
                check_move(moves, entity="thing", now=now, to=to)
            else:
                with pytest.raises(IllegalMoveError):
                    check_move(moves, entity="thing", now=now, to=to)


def test_what_is_open_can_still_move() -> None:
    assert all(MOVES[state] for state in OPEN)
    assert {s for s in R if RSVP_MOVES[s]} == OPEN_SEATS
    assert HOLDS_SEATS <= OPEN_SEATS
