"""Who is in a seeded database: the same for the same seed, and of every standing from the smallest seed on."""

import pytest

from tourpad.demo.seeding.people import FEWEST, MOST, Standing, people_for


def told(seed: int, people: int) -> list[tuple[str, str, str]]:
    return [(who.role, who.character.email, who.standing) for who in people_for(seed=seed, people=people)]


def test_the_same_seed_gives_the_same_people_and_another_seed_others() -> None:
    assert told(7, 60) == told(7, 60)
    assert told(7, 60) != told(8, 60)


@pytest.mark.parametrize("people", [FEWEST, 21, 33, 60, 61, 150, 999, MOST])
def test_with_the_admin_there_are_as_many_as_asked_for(people: int) -> None:
    cast = people_for(seed=1, people=people)
    assert len(cast) + 1 == people
    assert len({who.character.email for who in cast}) == len(cast)
    homes = [who.facts["address"]["postcode"] for who in cast if who.role == "host"]
    assert len(set(homes)) == len(homes)


@pytest.mark.parametrize("people", [60, MOST])
def test_artists_and_hosts_are_of_every_standing(people: int) -> None:
    cast = people_for(seed=1, people=people)
    standings = {role: {who.standing for who in cast if who.role == role} for role in ("artist", "host", "fan")}
    assert standings["artist"] == set(Standing)
    assert standings["host"] == set(Standing) - {Standing.APPROVED}  # a host who is let in is active
    assert standings["fan"] == {Standing.UNVERIFIED, Standing.APPROVED, Standing.ACTIVE, Standing.SUSPENDED}
