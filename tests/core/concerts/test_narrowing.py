"""Finding concerts by words and by all the rest, counting each kind, and paging while others write."""

import random
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import Pair, in_days, make_pair
from tests.factories.concerts import announce
from tourpad.core.bookings.states import DoorMode
from tourpad.core.concerts.states import ConcertSort
from tourpad.core.hosts.states import VenueType
from tourpad.core.places import find_town

if TYPE_CHECKING:
    from tourpad.core.concerts.queries.shows import ConcertView
    from tourpad.core.work import Work


def pair(
    work: "Work", venue: str, *, name: str = "Juniper Vale", genres: tuple[str, ...] = ("folk",), **host: Any
) -> Pair:
    from tourpad.core.artists import service

    made = make_pair(work, venue_name=venue, **host)
    service.edit(work, user_id=made.artist_user, changes={"stage_name": name, "genres": list(genres)})
    return made


def listed(
    work: "Work", *, limit: int = 100, page: int = 1, after: UUID | None = None, **wanted: Any
) -> "list[ConcertView]":
    from tourpad.core.concerts.queries import searching
    from tourpad.core.concerts.queries.wanted import Search

    return searching.search(work, Search(**wanted), page=page, limit=limit, after=after)[0]


def venues(work: "Work", **wanted: Any) -> list[str]:
    return [view.sides.venue_name for view in listed(work, **wanted)]


def counted(work: "Work", **wanted: Any) -> tuple[int, dict[str, dict[str, int]]]:
    from tourpad.core.concerts.queries import facts
    from tourpad.core.concerts.queries.wanted import Search

    counts = facts.count(work, Search(**wanted))
    return counts.total, {name: {c.value: c.count for c in values} for name, values in counts.facets.items()}


@pytest.fixture
def season(work: "Work") -> list[UUID]:
    """Ten shows of all kinds, and some that nobody may find."""
    from tourpad.core.concerts import service
    from tourpad.core.identity.service import users

    kinds: list[tuple[Any, ...]] = [
        ("The Mill", "Juniper Vale", ("folk", "indie"), "home", "Columbus", "OH", 0, 40),
        ("Loft on Third", "Señor Ortiz", ("latin",), "loft", "Columbus", "OH", 1_500, 41),
        ("Pier House", "Björk Lund", ("folk", "nose flute"), "home", "Dayton", "OH", 2_000, 70),
        ("Old Foundry", "Marigold Kin", ("rock",), "warehouse", "Asheville", "NC", 3_000, 70),
        ("The Porch", "Juniper Vale", ("folk",), "other", "Boise", "ID", 5_000, 71),
    ]
    made = []
    for venue, name, genres, kind, city, state, door, day in kinds:
        both = pair(work, venue, name=name, genres=genres, venue_type=kind, city=city, state=state)
        made.append(announce(work, both, day=in_days(work, day), door=door))
        made.append(announce(work, both, day=in_days(work, day + 1), minimum=500))
    for venue in ("Hidden Cellar", "Cancelled Cellar", "Suspended Cellar"):
        both = pair(work, venue, name="Secretive Sisters", genres=("secretcore",), city="Reno", state="NV")
        concert = announce(work, both, day=in_days(work, 50))
        if venue == "Hidden Cellar":
            service.edit(work, concert_id=concert.id, user_id=both.host_user, changes={"is_private": True})
        if venue == "Cancelled Cellar":
            service.cancel(work, concert_id=concert.id, user_id=None)
        if venue == "Suspended Cellar":
            users.suspend(work, user_id=both.host_user, reason="We look into it.")
    return [concert.id for concert in made]


TYPED: dict[str, set[str]] = {
    "juniper": {"The Mill", "The Porch"},
    "JUNIPER vale": {"The Mill", "The Porch"},
    "juniper boise": {"The Porch"},
    "junper": {"The Mill", "The Porch"},
    "junipper": {"The Mill", "The Porch"},
    "kuniper": {"The Mill", "The Porch"},
    "junpier": {"The Mill", "The Porch"},
    "juinper idaho": {"The Porch"},
    "senor": {"Loft on Third"},
    "señr": {"Loft on Third"},
    "bjork": {"Pier House"},
    "ohio folk": {"The Mill", "Pier House"},
    "ashville": {"Old Foundry"},
    "Old Foundry, Asheville NC": {"Old Foundry"},
    "nose flute": {"Pier House"},
    "oh": {"The Mill", "Loft on Third", "Pier House"},
    "secretive": set(),
    "secretcore": set(),
    "cellar": set(),
    "zither": set(),
    ".*": set(),
    "juniper' OR 1=1 --": set(),
}


@pytest.mark.usefixtures("season")
def test_typing_is_forgiven(work: "Work") -> None:
    assert {text: set(venues(work, text=text)) for text in TYPED} == TYPED


@pytest.mark.usefixtures("season")
def test_what_fits_best_comes_first(work: "Work") -> None:
    announce(work, pair(work, "The Barn", name="Junipero Vela", city="Reno", state="NV"), day=in_days(work, 30))
    assert venues(work, text="juniper") == ["The Mill", "The Mill", "The Porch", "The Porch", "The Barn"]
    assert venues(work, text="juniper", sort=ConcertSort.DATE)[0] == "The Barn"


@pytest.mark.usefixtures("season")
def test_each_filter_narrows(work: "Work") -> None:
    columbus = find_town("Columbus OH")
    assert columbus is not None
    near = {"centre": columbus.point, "radius_miles": 30}
    assert set(venues(work, venue_types=(VenueType.LOFT, VenueType.OTHER))) == {"Loft on Third", "The Porch"}
    assert set(venues(work, states=("NC", "ID"))) == {"Old Foundry", "The Porch"}
    assert venues(work, price_max_cents=499) == ["The Mill"]
    assert venues(work, price_max_cents=2_000, door_modes=(DoorMode.FIXED,)) == [
        "The Mill",
        "Loft on Third",
        "Pier House",
    ]
    assert set(venues(work, **near)) == {"The Mill", "Loft on Third"}
    assert venues(work, centre=columbus.point, radius_miles=5000, sort=ConcertSort.DISTANCE)[-2:] == ["The Porch"] * 2
    assert (len(venues(work, seats=20)), venues(work, seats=31)) == (10, [])
    assert venues(work, states=("NV",)) == []


def test_seats_that_are_taken_count(work: "Work") -> None:
    concert = announce(work, pair(work, "The Mill"), day=in_days(work, 40))
    concert.seats_taken = concert.max_capacity - 3
    work.session.flush()
    assert (venues(work, seats=3), venues(work, seats=4)) == (["The Mill"], [])


@pytest.mark.usefixtures("season")
def test_facets_count_with_the_filters_of_all_others(work: "Work") -> None:
    total, facets = counted(work)
    assert total == 10
    assert facets["genres"] == {"folk": 6, "indie": 2, "latin": 2, "nose flute": 2, "rock": 2}
    assert facets["venue_types"] == {"home": 4, "loft": 2, "warehouse": 2, "other": 2}
    assert facets["states"] == {"OH": 6, "NC": 2, "ID": 2}
    assert facets["prices"] == {"free": 1, "under_15": 5, "15_to_30": 2, "30_to_50": 1, "from_50": 1}
    assert facets["door_modes"] == {"fixed": 5, "pay_what_you_can": 5}
    assert facets["months"] == {"2026-04": 4, "2026-05": 6}
    total, facets = counted(work, genres=("folk",), states=("OH",))
    assert (total, facets["genres"]) == (4, {"folk": 4, "indie": 2, "latin": 2, "nose flute": 2})
    assert facets["states"] == {"OH": 4, "ID": 2}
    assert facets["venue_types"] == {"home": 4}
    assert counted(work, text="secretive")[0] == 0


@pytest.mark.usefixtures("season")
def test_totals_and_facets_are_what_one_can_list(work: "Work") -> None:
    rng = random.Random(11)
    columbus = find_town("Columbus OH")
    assert columbus is not None
    choices: dict[str, list[Any]] = {
        "genres": [(), ("folk",), ("nose flute", "rock"), ("secretcore",)],
        "venue_types": [(), (VenueType.HOME,), (VenueType.LOFT, VenueType.WAREHOUSE)],
        "states": [(), ("OH",), ("NC", "ID"), ("NV",)],
        "price_max_cents": [None, 0, 1_500, 4_999],
        "door_modes": [(), (DoorMode.FIXED,)],
        "text": [None, "junper", "folk", "the"],
        "start": [None, in_days(work, 60)],
        "seats": [None, 2],
    }
    for _ in range(15):
        wanted = {name: rng.choice(values) for name, values in choices.items()}
        if rng.random() < 0.4:
            wanted |= {"centre": columbus.point, "radius_miles": rng.choice([40, 90, 3000])}
        total, facets = counted(work, **wanted)
        assert total == len(listed(work, **wanted))
        without: dict[str, tuple[dict[str, Any], Any]] = {
            "states": ({"states": ()}, lambda v: [v.sides.region]),
            "door_modes": ({"door_modes": ()}, lambda v: [v.concert.door_mode.value]),
            "months": ({"start": None}, lambda v: [f"{v.concert.date:%Y-%m}"]),
            "genres": ({"genres": ()}, lambda v: v.genres),
        }
        for facet, (less, values_of) in without.items():
            shown = Counter(value for view in listed(work, **{**wanted, **less}) for value in values_of(view))
            assert facets[facet] == dict(shown)


@pytest.mark.parametrize("sort", ConcertSort)
def test_going_on_after_a_concert_skips_and_doubles_nothing_while_more_are_announced(
    work: "Work", sort: ConcertSort
) -> None:
    from tourpad.core.concerts.queries import searching
    from tourpad.core.concerts.queries.wanted import Search

    columbus = find_town("Columbus OH")
    assert columbus is not None
    both = [pair(work, f"Home {n}") for n in range(3)]
    later = [pair(work, f"Later {n}") for n in range(4)]
    first = {announce(work, both[n % 3], day=in_days(work, 40 + n // 3)).id for n in range(7)}
    wanted = Search(centre=columbus.point, radius_miles=100, text="juniper", sort=sort)
    seen: list[UUID] = []
    for number in range(20):
        page, _ = searching.search(work, wanted, page=1, limit=2, after=seen[-1] if seen else None)
        seen += [view.concert.id for view in page]
        if not page:
            break
        if number < 4:
            announce(work, later[number], day=in_days(work, 30 + 4 * number))
    assert len(seen) == len(set(seen))
    assert first <= set(seen)


def test_a_list_that_cannot_go_on_says_so(work: "Work") -> None:
    from tourpad.core.concerts import service
    from tourpad.core.errors import InvalidInputError

    both = pair(work, "The Mill")
    concerts = [announce(work, both, day=in_days(work, 40 + n)) for n in range(2)]
    assert listed(work, after=concerts[1].id) == []
    service.cancel(work, concert_id=concerts[0].id, user_id=None)
    with pytest.raises(InvalidInputError, match="not in this list any more"):
        listed(work, after=concerts[0].id)


def test_a_suspended_side_is_not_found_until_it_is_back(work: "Work") -> None:
    from tourpad.core.identity.service import users

    both = pair(work, "The Mill")
    announce(work, both, day=in_days(work, 40))
    for user_id in (both.artist_user, both.host_user):
        users.suspend(work, user_id=user_id, reason="We look into it.", until=work.now + timedelta(days=2))
        assert (venues(work), counted(work)[0]) == ([], 0)
        users.reinstate(work, user_id=user_id)
        assert (venues(work), counted(work)[0]) == (["The Mill"], 1)
