import pytest

from tourpad.core.places import distance_miles, find_postcode, find_town, towns
from tourpad.core.places.geometry import METRES_PER_MILE


@pytest.mark.parametrize(
    ("text", "label", "zone"),
    [
        ("43215", "Columbus OH 43215", "America/New_York"),
        (" 97201-1234 ", "Portland OR 97201", "America/Los_Angeles"),
        ("00501", "Holtsville NY 00501", "America/New_York"),
        ("99950", "Ketchikan AK 99950", "America/Sitka"),
        ("96813", "Honolulu HI 96813", "Pacific/Honolulu"),
    ],
)
def test_postcodes_as_people_write_them(text: str, label: str, zone: str) -> None:
    found = find_postcode(text)
    assert found is not None
    assert (found.label, found.time_zone) == (label, zone)


@pytest.mark.parametrize("text", ["", "4321", "432155", "00000", "43215-12", "K1A 0B1", "Columbus OH", "٤٣٢١٥"])
def test_what_is_no_postcode(text: str) -> None:
    assert find_postcode(text) is None


@pytest.mark.parametrize(
    ("code", "town"), [("43215", "Columbus OH"), ("60601", "Chicago IL"), ("02139", "Cambridge MA")]
)
def test_a_postcode_lies_in_its_town(code: str, town: str) -> None:
    postcode, middle = find_postcode(code), find_town(town)
    assert postcode is not None
    assert middle is not None
    assert distance_miles(postcode, middle) < 5 * 1609.344 / METRES_PER_MILE


def test_zones_of_postcodes_are_among_those_of_towns() -> None:
    known = {town.time_zone for town in towns()}
    assert {find_postcode(code).time_zone for code in ("43215", "59718", "85001")} <= known  # type: ignore[union-attr]
