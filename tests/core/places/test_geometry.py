from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.places import (
    Point,
    box_around,
    destination,
    distance_band,
    distance_metres,
    distance_miles,
    find_town,
)

POINTS = st.builds(Point, st.floats(-85, 85), st.floats(-179.9, 179.9))


def test_columbus_to_dayton_is_what_the_map_says() -> None:
    columbus, dayton = find_town("Columbus OH"), find_town("Dayton OH")
    assert columbus is not None
    assert dayton is not None
    assert distance_miles(columbus, dayton) == pytest.approx(65, abs=2)
    assert distance_miles(columbus, columbus) == 0


@given(POINTS, st.floats(1, 2_000_000), st.floats(0, 2 * pi))
def test_one_arrives_as_far_away_as_one_set_out_to(start: Point, metres: float, bearing: float) -> None:
    assert distance_metres(start, destination(start, metres=metres, bearing=bearing)) == pytest.approx(
        metres, rel=1e-6, abs=0.01
    )


@given(POINTS, st.floats(1, 500), st.floats(0, 2 * pi), st.floats(0, 0.999))
def test_the_box_holds_the_whole_circle(centre: Point, miles: float, bearing: float, share: float) -> None:
    inside = destination(centre, metres=miles * share * 1609.344, bearing=bearing)
    low, high = box_around(centre, miles=miles)
    assert low.latitude <= inside.latitude <= high.latitude
    assert low.longitude <= inside.longitude <= high.longitude


@pytest.mark.parametrize(
    ("miles", "words"),
    [
        (0, "under 5 miles"),
        (4.99, "under 5 miles"),
        (5, "5 to 10 miles"),
        (24.9, "10 to 25 miles"),
        (9000, "over 500 miles"),
    ],
)
def test_bands(miles: float, words: str) -> None:
    assert distance_band(miles) == words
