import gzip
from zoneinfo import ZoneInfo

import pytest

from tools.towns import TARGET, rows
from tourpad.core import places
from tourpad.core.errors import InvalidInputError
from tourpad.core.places.towns import STATES, comparable


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Columbus OH", "Columbus OH"),
        ("  columbus,   ohio ", "Columbus OH"),
        ("COLUMBUS, oh", "Columbus OH"),
        ("Charleston West Virginia", "Charleston WV"),
        ("Washington DC", "Washington DC"),
        ("Washington, D.C.", "Washington DC"),
        ("Saint Louis MO", "St. Louis MO"),
        ("st louis, missouri", "St. Louis MO"),
        ("New York", "New York City NY"),
        ("New York, NY", "New York City NY"),
        ("Canon City CO", "Cañon City CO"),
        ("Chicago", "Chicago IL"),
        ("O'Fallon IL", "O'Fallon IL"),
        ("ofallon il", "O'Fallon IL"),
    ],
)
def test_a_town_is_found_as_people_write_it(text: str, label: str) -> None:
    found = places.find_town(text)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize(
    "text",
    ["", "   ", ",", "OH", "Columbus", "Springfield", "Nowhereville OH", "Columbus ZZ", "x" * 5000, "\0"],
)
def test_what_is_no_town_or_several_finds_none(text: str) -> None:
    assert places.find_town(text) is None


def test_name_and_state_given_apart() -> None:
    found = places.find_town("Dayton", "Ohio")
    assert found is not None
    assert (found.label, places.zone_of(found)) == ("Dayton OH", "America/New_York")
    assert places.find_town("Dayton", "Atlantis") is None


def test_the_error_names_the_field_and_what_may_have_been_meant() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        places.town_or_refuse("Springfield", field="location")
    assert [e.field for e in refusal.value.errors] == ["location"]
    assert refusal.value.hint == "Did you mean Springfield MO or Springfield MA or Springfield IL?"
    with pytest.raises(InvalidInputError) as refusal:
        places.town_or_refuse("Colunbus OH")
    assert refusal.value.hint == "Did you mean Columbus OH?"


def test_every_town_is_whole() -> None:
    everywhere = places.towns()
    assert len(everywhere) > 10_000
    assert {t.state for t in everywhere} == set(STATES)
    assert len({(t.name, t.state) for t in everywhere}) == len(everywhere)
    for zone in {t.time_zone for t in everywhere}:
        assert ZoneInfo(zone).key == zone
    # Alaska's islands reach to 172 degrees west; Hawaii is the southernmost.
    assert all(18.5 < t.latitude < 72 and -180 < t.longitude < -66 and t.population >= 1000 for t in everywhere)


def test_every_town_is_found_by_its_own_label() -> None:
    lost = [t.label for t in places.towns() if (f := places.find_town(t.label)) is None or f.state != t.state]
    assert lost == []


def test_the_shipped_table_is_small_and_sorted() -> None:
    assert TARGET.stat().st_size < 400_000
    lines = [line.split("\t") for line in gzip.decompress(TARGET.read_bytes()).decode().splitlines()]
    assert [key for key, *_ in lines] == [comparable(name) for _, name, *_ in lines]
    order = [(key, -int(people)) for key, *_, people in lines]
    assert order == sorted(order)


def test_the_tool_keeps_the_larger_of_namesakes_and_drops_what_is_no_town() -> None:
    def city(name: str, people: int, country: str = "US") -> dict[str, object]:
        return {
            "name": name, "population": people, "countrycode": country, "admin1code": "OH",
            "latitude": 40.12345, "longitude": -83.0, "timezone": "America/New_York",
        }  # fmt: skip

    kept = rows(
        [
            city("Salem", 2000),
            city("Salem", 9000),
            city("Hamlet", 12),
            city("Oldtown (historical)", 5000),
            city("City of Akron", 1500),
            city("Berlin", 3_000_000, "DE"),
        ]
    )
    assert kept == [
        "akron\tAkron\tOH\t40.123\t-83.000\tAmerica/New_York\t1500\n",
        "salem\tSalem\tOH\t40.123\t-83.000\tAmerica/New_York\t9000\n",
    ]
