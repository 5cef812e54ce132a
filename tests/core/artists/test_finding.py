"""Finding artists and hosts: words, stars, sizes; each kind counted; nobody who is not listed in any number."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.profiles import make_artist, make_host
from tourpad.core.database.facets import Counts
from tourpad.core.database.paging import ListSort
from tourpad.core.errors import InvalidInputError
from tourpad.core.hosts.states import VenueType
from tourpad.core.places import find_town
from tourpad.core.ratings import Rating

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

COLUMBUS = find_town("Columbus OH")
NEAR = {"centre": COLUMBUS.point if COLUMBUS else None, "radius_miles": 60}


def artists(work: "Work", *, limit: int = 100, after: UUID | None = None, **wanted: Any) -> tuple[list[Any], Counts]:
    from tourpad.core.artists import queries

    views, counts = queries.search(work, queries.ArtistFilter(**wanted), page=1, limit=limit, after=after)
    return [view.artist for view in views], counts


def hosts(work: "Work", *, limit: int = 100, after: UUID | None = None, **wanted: Any) -> tuple[list[Any], Counts]:
    from tourpad.core.hosts import queries

    views, counts = queries.search(work, queries.HostFilter(**wanted), page=1, limit=limit, after=after)
    return [view.host for view in views], counts


def names(found: tuple[list[Any], Counts]) -> list[str]:
    return [getattr(row, "stage_name", None) or row.venue_name for row in found[0]]


def values(counts: Counts) -> dict[str, dict[str, int]]:
    return {facet: {c.value: c.count for c in found} for facet, found in counts.facets.items()}


def without(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if key != name}


@pytest.fixture
def town(work: "Work", clock: "VirtualClock") -> None:
    """Artists and hosts of all kinds, let in one after the other, and some who are not listed."""
    from tourpad.core.artists import service as artist_service
    from tourpad.core.hosts import service as host_service

    for name, place, genres, stars, least in (
        ("Juniper Vale", "Columbus OH", ["folk", "indie"], (), 10_000),
        ("Señor Ortiz", "Dayton OH", ["latin"], (5,), 30_000),
        ("Björk Lund", "Asheville NC", ["folk"], (4, 4, 5, 5, 4, 5), None),
        ("The Quiet", None, ["ambient"], (2, 3), 50_000),
    ):
        where = find_town(place) if place else None
        artist = make_artist(
            work,
            stage_name=name,
            city=where.name if where else None,
            state=where.state if where else None,
            genres=genres,
            min_guarantee_cents=least,
        )
        artist_service.rate(work, artist, rating=Rating(total=sum(stars), count=len(stars)))
        clock.advance(timedelta(minutes=1))
    for venue, kind, inside, lodging, stars in (
        ("The Mill", "home", 20, True, (5, 4)),
        ("Loft on Third", "loft", 60, False, (3,)),
        ("Foundry", "warehouse", 200, True, ()),
    ):
        host = make_host(
            work, venue_name=venue, venue_type=kind, indoor_capacity=inside, offers_lodging=lodging,
            preferred_genres=["folk"] if inside < 100 else ["rock"],
        )  # fmt: skip
        host_service.rate(host, rating=Rating(total=sum(stars), count=len(stars)))
        clock.advance(timedelta(minutes=1))
    for standing, listed in (("suspended", True), ("pending", False), ("active", False)):
        make_artist(work, stage_name="Secretive Sisters", genres=["secretcore"], standing=standing, listed=listed)
        make_host(work, venue_name="Secret Cellar", city="Reno", state="NV", standing=standing, listed=listed)
    work.session.flush()


@pytest.mark.usefixtures("town")
def test_artists_are_found_by_words_stars_and_what_they_ask(work: "Work") -> None:
    def found(**wanted: Any) -> list[str]:
        return names(artists(work, **wanted))

    assert found() == ["The Quiet", "Björk Lund", "Señor Ortiz", "Juniper Vale"]
    assert [found(text=text) for text in ("junpier", "bjork", "senor ohio", "ohio", "secretive", "quite")] == [
        ["Juniper Vale"],
        ["Björk Lund"],
        ["Señor Ortiz"],
        ["Señor Ortiz", "Juniper Vale"],
        [],
        ["The Quiet"],
    ]
    assert found(rating_min=4) == ["Björk Lund", "Señor Ortiz"]
    assert found(rating_min=2.6) == ["Björk Lund", "Señor Ortiz"]
    assert found(guarantee_max_cents=10_000) == ["Björk Lund", "Juniper Vale"]
    assert found(states=("NC",)) == ["Björk Lund"]
    assert found(sort=ListSort.RATING) == ["Björk Lund", "Señor Ortiz", "Juniper Vale", "The Quiet"]
    assert found(**NEAR) == ["Juniper Vale"]
    assert found(centre=NEAR["centre"])[0] == "Juniper Vale"
    assert found(centre=NEAR["centre"])[-1] == "The Quiet"


@pytest.mark.usefixtures("town")
def test_each_kind_of_artist_is_counted_with_the_filters_of_all_others(work: "Work") -> None:
    _, counts = artists(work)
    assert (counts.total, values(counts)) == (
        4,
        {
            "genres": {"folk": 2, "ambient": 1, "indie": 1, "latin": 1},
            "states": {"OH": 2, "NC": 1},
            "ratings": {"from_4": 2, "below_3": 1},
        },
    )
    _, counts = artists(work, genres=("folk",), states=("OH",))
    assert (counts.total, values(counts)) == (
        1,
        {"genres": {"folk": 1, "indie": 1, "latin": 1}, "states": {"OH": 1, "NC": 1}, "ratings": {}},
    )


@pytest.mark.usefixtures("town")
def test_hosts_are_found_and_counted(work: "Work") -> None:
    # Of four letters one may be missing, none be wrong; who is not listed is found by no word.
    assert [names(hosts(work, text=text)) for text in ("laft", "third texas", "cellar", "home")] == [[]] * 4
    assert names(hosts(work, text="lofft on thrid, ohoi")) == ["Loft on Third"]
    assert names(hosts(work, sort=ListSort.RATING)) == ["The Mill", "Foundry", "Loft on Third"]
    assert names(hosts(work, genres=("rock",))) == ["Foundry"]
    _, counts = hosts(work, capacity_max=100, offers_lodging=True)
    assert (counts.total, values(counts)) == (
        1,
        {
            "venue_types": {"home": 1},
            "states": {"OH": 1},
            "genres": {"folk": 1},
            "capacities": {"up_to_20": 1, "over_80": 1},
            "capacity": {"min": 20, "max": 20},
            "lodging": {"true": 1, "false": 1},
            "ratings": {"from_4": 1},
        },
    )
    assert values(hosts(work, states=("NV",))[1])["capacity"] == {}


@pytest.mark.usefixtures("town")
def test_totals_and_facets_are_what_one_can_list(work: "Work") -> None:
    rng = random.Random(5)
    for _ in range(15):
        wanted: dict[str, Any] = {
            "genres": rng.choice([(), ("folk",), ("secretcore", "latin")]),
            "states": rng.choice([(), ("OH",), ("NV", "NC")]),
            "rating_min": rng.choice([None, 2.5, 4]),
            "text": rng.choice([None, "ohio", "the", "secret"]),
        }
        rows, counts = artists(work, **wanted)
        assert counts.total == len(rows)
        shown = Counter(genre for row in artists(work, **without(wanted, "genres"))[0] for genre in row.genres)
        assert values(counts)["genres"] == dict(shown)
        wanted |= {"venue_types": rng.choice([(), (VenueType.HOME,), (VenueType.LOFT, VenueType.WAREHOUSE)])}
        wanted |= {"offers_lodging": rng.choice([None, True])}
        rows, counts = hosts(work, **wanted)
        assert counts.total == len(rows)
        kinds = Counter(row.venue_type.value for row in hosts(work, **without(wanted, "venue_types"))[0])
        assert values(counts)["venue_types"] == dict(kinds)


@pytest.mark.parametrize("sort", ListSort)
@pytest.mark.parametrize("listing", [artists, hosts])
def test_going_on_skips_and_doubles_nobody_while_others_come_in(
    work: "Work", clock: "VirtualClock", listing: Callable[..., tuple[list[Any], Counts]], sort: ListSort
) -> None:
    def come(number: int) -> UUID:
        clock.advance(timedelta(minutes=number % 2))
        if listing is artists:
            return make_artist(work, stage_name=f"Folk {number}", city="Columbus", state="OH").id
        return make_host(work, venue_name=f"Folk {number}", address=number % 2 == 0).id

    first = {come(number) for number in range(5)}
    work.session.flush()
    seen: list[UUID] = []
    for number in range(12):
        rows, _ = listing(work, limit=2, after=seen[-1] if seen else None, text="folk", sort=sort, **NEAR)
        if not rows:
            break
        seen += [row.id for row in rows]
        if number < 2:
            come(10 + number)
            work.session.flush()
    assert len(seen) == len(set(seen))
    assert first <= set(seen)


def test_words_follow_whatever_changes(work: "Work") -> None:
    from tourpad.core.artists import rules, service
    from tourpad.core.hosts import rules as host_rules
    from tourpad.core.hosts import service as host_service

    artist, host = make_artist(work, stage_name="One"), make_host(work, venue_name="One")
    service.edit(work, user_id=artist.user_id, changes={"stage_name": "Zwei", "city": "Boise", "state": "ID"})
    host_service.edit(work, user_id=host.user_id, changes={"city": "Boise", "state": "ID", "preferred_genres": ["ska"]})
    assert artist.words == "zwei boise id idaho folk"
    assert host.words == "one boise id idaho ska"
    assert artist.words == rules.words_of(stage_name="Zwei", city="Boise", state="ID", genres=["folk"])
    assert host.words == host_rules.words_of(venue_name="One", city="Boise", state="ID", genres=["ska"])
    service.forget(work, user_id=artist.user_id)
    host_service.forget(work, user_id=host.user_id)
    assert (artist.words, host.words) == ("", "")


def test_one_cannot_go_on_after_somebody_who_is_not_listed(work: "Work") -> None:
    hidden = make_artist(work, standing="suspended"), make_host(work, listed=False)
    make_artist(work)
    work.session.flush()
    for listing, row in zip((artists, hosts), hidden, strict=True):
        with pytest.raises(InvalidInputError, match="not in this list any more"):
            listing(work, after=row.id)
