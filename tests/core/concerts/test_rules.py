from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.concerts import rules
from tourpad.core.concerts.cells import cell_of, cells_around
from tourpad.core.concerts.genres import KNOWN, OTHER, genre_mask, is_exact
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.errors import TourPadError
from tourpad.core.fields import Fields
from tourpad.core.money import usd
from tourpad.core.places import Point, distance_miles

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("named", "least", "code"),
    [
        (None, 1_000, "invalid_input"),
        (999, 1_000, "amount_below_minimum"),
        (1_000, 1_000, None),
        (5_000, 1_000, None),
        (1_000_000, 0, None),
        (1_000_001, 0, "invalid_input"),
        (49, 0, "amount_below_minimum"),
        (0, 0, "amount_below_minimum"),
        (-500, 0, "amount_below_minimum"),
        (50, 0, None),
    ],
)
def test_what_a_party_that_pays_what_it_can_may_name(named: int | None, least: int, code: str | None) -> None:
    wanted = None if named is None else usd(named)
    said = None
    try:
        rules.check_named(wanted, least=usd(least), suggested=usd(0), smallest=usd(50))
    except TourPadError as refusal:
        said = refusal.code
    assert said == code


@given(cents=st.integers(0, 100_000), of=st.integers(1, 20), data=st.data())
def test_no_cent_is_lost_when_a_party_shrinks_step_by_step(cents: int, of: int, data: st.DataObject) -> None:
    paid, guests, back = cents, of, 0
    while guests:
        gone = data.draw(st.integers(1, guests))
        part = rules.part_of(usd(paid), guests=gone, of=guests).cents
        assert 0 <= part <= paid
        paid, guests, back = paid - part, guests - gone, back + part
    assert (paid, back) == (0, cents)


@pytest.mark.parametrize(
    ("fits", "approval", "state"),
    [(True, True, "pending"), (True, False, "approved"), (False, True, "waitlisted"), (False, False, "waitlisted")],
)
def test_what_a_request_becomes(fits: bool, approval: bool, state: str) -> None:
    assert rules.first_state(fits=fits, requires_approval=approval) == state


def test_of_a_show_that_is_off_nobody_is_shown_a_seat() -> None:
    for state in RsvpState:
        for concert in (ConcertState.SCHEDULED, ConcertState.LIVE, ConcertState.COMPLETED):
            assert rules.standing(state, concert) is state
            assert rules.stored_as([state], concert) == {state}
    off = {state: rules.standing(state, ConcertState.CANCELLED) for state in RsvpState}
    ended = {RsvpState.DECLINED, RsvpState.LAPSED}
    assert off == {state: state if state in ended else RsvpState.CANCELLED for state in RsvpState}
    assert rules.stored_as([RsvpState.APPROVED], ConcertState.CANCELLED) == set()
    assert rules.stored_as([RsvpState.CANCELLED], ConcertState.CANCELLED) == set(RsvpState) - ended


def test_nothing_is_due_after_the_show_begins() -> None:
    soon, far = NOW + HOUR, NOW + 40 * DAY
    assert (rules.pay_by(NOW, soon), rules.offer_until(NOW, soon)) == (soon, soon)
    assert (rules.pay_by(NOW, far), rules.offer_until(NOW, far)) == (NOW + 48 * HOUR, NOW + 24 * HOUR)


@pytest.mark.parametrize(
    ("guests", "capacity", "good"), [(1, 1, True), (0, 9, False), (10, 9, False), (21, 50, False), (20, 50, True)]
)
def test_a_party_is_neither_empty_nor_too_large(guests: int, capacity: int, good: bool) -> None:
    found = Fields()
    rules.check_party(found, guests=guests, capacity=capacity)
    assert (found.errors == []) is good


STARTS = NOW + 10 * DAY
ENDS = STARTS + 2 * HOUR


@pytest.mark.parametrize(
    ("now", "concert", "rsvp", "paid", "may"),
    [
        (STARTS - 48 * HOUR, "scheduled", "approved", True, True),
        (STARTS - 48 * HOUR - timedelta(seconds=1), "scheduled", "approved", True, False),
        (STARTS - HOUR, "scheduled", "approved", False, False),
        (STARTS - HOUR, "scheduled", "pending", True, False),
        (STARTS - HOUR, "scheduled", "waitlisted", True, False),
        (STARTS - HOUR, "scheduled", "offered", True, False),
        (STARTS - HOUR, "scheduled", "cancelled", True, False),
        (STARTS - HOUR, "scheduled", None, True, False),
        (STARTS - HOUR, "cancelled", "approved", True, False),
        (STARTS + HOUR, "live", "checked_in", True, True),
        (ENDS + 23 * HOUR, "completed", "checked_in", True, True),
        (ENDS + 24 * HOUR, "completed", "checked_in", True, False),
        (ENDS + HOUR, "completed", "no_show", True, False),
    ],
)
def test_when_a_guest_learns_the_address(now: datetime, concert: str, rsvp: Any, paid: bool, may: bool) -> None:
    assert (
        rules.guest_may_look(
            now=now,
            starts_at=STARTS,
            ends_at=ENDS,
            concert=ConcertState(concert),
            rsvp=RsvpState(rsvp) if rsvp else None,
            is_paid=paid,
        )
        is may
    )


@pytest.mark.parametrize(
    ("now", "concert", "may"),
    [
        (NOW, "scheduled", True),
        (ENDS + 7 * DAY - HOUR, "completed", True),
        (ENDS + 7 * DAY, "completed", False),
        (NOW, "cancelled", False),
    ],
)
def test_when_the_artist_learns_the_address(now: datetime, concert: str, may: bool) -> None:
    assert rules.artist_may_look(now=now, ends_at=ENDS, concert=ConcertState(concert)) is may


@pytest.mark.parametrize(
    ("now", "is_open"),
    [(STARTS - 7 * HOUR, False), (STARTS - 6 * HOUR, True), (ENDS + 23 * HOUR, True), (ENDS + 24 * HOUR, False)],
)
def test_when_the_door_is_open(now: datetime, is_open: bool) -> None:
    assert rules.door_is_open(now=now, starts_at=STARTS, ends_at=ENDS) is is_open


def test_every_known_genre_has_a_bit_of_its_own_and_the_others_share_one() -> None:
    masks = [genre_mask([genre]) for genre in KNOWN]
    assert len(set(masks)) == len(KNOWN)
    assert all(mask.bit_count() == 1 and 0 < mask < OTHER for mask in masks)
    assert genre_mask(["space polka"]) == genre_mask(["nose flute"]) == OTHER < 2**63
    assert genre_mask([]) == 0
    assert genre_mask(["Folk", "jazz"]) == genre_mask(["folk"]) | genre_mask(["jazz"])
    assert is_exact(genre_mask(KNOWN))
    assert not is_exact(genre_mask(["folk", "space polka"]))


places = st.builds(Point, st.floats(-89.9, 89.9), st.floats(-180, 180))


@given(centre=places, other=places, miles=st.floats(1, 500))
def test_no_place_within_the_circle_lies_outside_its_cells(centre: Point, other: Point, miles: float) -> None:
    if distance_miles(centre, other) <= miles:
        assert cell_of(other) in cells_around(centre, miles=miles)


@given(centre=places, miles=st.floats(1, 500), bearing=st.floats(0, 6.28), share=st.floats(0, 0.999))
def test_near_places_too(centre: Point, miles: float, bearing: float, share: float) -> None:
    from tourpad.core.places import destination

    near = destination(centre, metres=miles * 1609 * share, bearing=bearing)
    assert cell_of(near) in cells_around(centre, miles=miles)


def test_half_a_degree_is_one_cell() -> None:
    assert cell_of(Point(40.0, -83.0)) == cell_of(Point(40.49, -82.51))
    assert len({cell_of(Point(lat, lon)) for lat in (39.99, 40.0) for lon in (-83.01, -83.0)}) == 4
