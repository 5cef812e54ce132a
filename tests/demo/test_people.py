"""The cast: the same for the same seed, and everybody whom the story needs."""

from collections import Counter

import pytest

from tourpad.core.places import towns
from tourpad.demo.names import STREETS, VENUE_WORDS, VENUES
from tourpad.demo.people import Fate, make_cast


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert make_cast(seed=7, people=200) == make_cast(seed=7, people=200)
    assert make_cast(seed=7, people=200) != make_cast(seed=8, people=200)


@pytest.mark.parametrize(("people", "artists", "hosts", "fans"), [(500, 40, 60, 400), (20, 4, 6, 10), (100, 8, 12, 80)])
def test_the_cast_scales(people: int, artists: int, hosts: int, fans: int) -> None:
    cast = make_cast(seed=1, people=people)
    assert (len(cast.artists), len(cast.hosts), len(cast.fans)) == (artists, hosts, fans)


def test_everybody_lives_in_a_real_town_and_has_an_address_of_their_own() -> None:
    cast = make_cast(seed=2026, people=500)
    assert {who.town for who in cast.everyone} <= set(towns())
    assert len({who.email for who in cast.everyone}) == 500


def test_everything_that_is_to_happen_has_somebody_to_whom_it_happens() -> None:
    fates = Counter(who.fate for who in make_cast(seed=2026, people=500).everyone)
    assert set(Fate) <= set(fates)


def test_what_a_venue_is_called_does_not_say_where_it_is_or_whose() -> None:
    for host in make_cast(seed=2026, people=2_000).hosts:
        street = host.facts["address"]["street"].split()[1]
        words = set(host.facts["venueName"].replace("’s", "").split())
        assert words & {street, host.name.split()[-1]} == set(), host.facts["venueName"]
    assert set(STREETS) & set(" ".join((*VENUES, *VENUE_WORDS)).split()) == set()
