"""Finding concerts: by place, day and music; and the table behind it, which must stay true."""

import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import in_days, make_pair
from tests.factories.concerts import make_concert
from tourpad.core.places import Point, destination, distance_miles, find_town

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def true_tables(work: "Work") -> tuple[dict[Any, Any], dict[Any, Any]]:
    from tourpad.core.concerts.queries import facts, searching

    rows = ((concert, searching.truth_of(work, concert)) for concert in searching.every_concert(work))
    shown = {concert: row for concert, row in rows if row is not None}
    return {c.id: row for c, row in shown.items()}, {c.id: facts.truth_of(work, c) for c in shown}


def tables(work: "Work") -> tuple[dict[Any, Any], dict[Any, Any]]:
    from tourpad.core.concerts.models import ConcertFacts, ConcertSearchRow
    from tourpad.core.concerts.queries import searching

    return searching.table(work, ConcertSearchRow), searching.table(work, ConcertFacts)


def found(work: "Work", **wanted: Any) -> list[str]:
    from tourpad.core.concerts.queries import searching
    from tourpad.core.concerts.queries.wanted import Search

    town = wanted.pop("near", None)
    if town is not None:
        wanted["centre"] = town
    views, total = searching.search(work, Search(**wanted), page=1, limit=100)
    assert total == len(views)
    return [view.sides.venue_name for view in views]


def concert(work: "Work", venue: str, day: int = 40, *, genres: tuple[str, ...] = ("folk",), **host: Any) -> Any:
    from tourpad.core.artists import service

    pair = make_pair(work, venue_name=venue, **host)
    service.edit(work, user_id=pair.artist_user, changes={"genres": list(genres)})
    return make_concert(work, pair, day=in_days(work, day))


def test_only_public_concerts_that_are_open_are_found(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.concerts import service

    for venue in ("Open", "Cancelled", "Begun"):
        made = concert(work, venue, 20 if venue == "Begun" else 40)
        if venue == "Cancelled":
            service.cancel(work, concert_id=made.id, user_id=None)
        begun = made
    make_concert(work, make_pair(work, venue_name="Private"), private=True)
    assert sorted(found(work)) == ["Begun", "Open"]
    clock.set(begun.starts_at)
    service.advance(work, concert_id=begun.id)
    assert found(work) == ["Open"]


def test_days_and_genres_narrow_it(work: "Work") -> None:
    concert(work, "Folk", 40, genres=("folk", "space polka"))
    concert(work, "Jazz", 41, genres=("jazz",))
    concert(work, "Odd", 42, genres=("nose flute",))
    assert found(work) == ["Folk", "Jazz", "Odd"]
    assert found(work, start=in_days(work, 41)) == ["Jazz", "Odd"]
    assert found(work, end=in_days(work, 41)) == ["Folk", "Jazz"]
    assert found(work, start=in_days(work, 41), end=in_days(work, 41)) == ["Jazz"]
    assert found(work, genres=("jazz", "folk")) == ["Folk", "Jazz"]
    assert found(work, genres=("nose flute",)) == ["Odd"]
    assert found(work, genres=("space polka", "jazz")) == ["Folk", "Jazz"]
    assert found(work, genres=("opera",)) == []


def test_the_circle_is_drawn_around_the_public_point(work: "Work") -> None:
    from tourpad.core.hosts import queries as hosts

    made = concert(work, "Home", address=True)
    concert(work, "Boise", city="Boise", state="ID")
    host = hosts.get(work, made.host_id)
    assert host.public_latitude is not None
    assert host.public_longitude is not None
    public = Point(host.public_latitude, host.public_longitude)
    rng = random.Random(3)
    for _ in range(40):
        centre = destination(public, metres=rng.uniform(0, 300_000), bearing=rng.uniform(0, 6.28))
        miles = distance_miles(centre, public)
        assert found(work, near=centre, radius_miles=miles + 0.001) == ["Home"]
        assert found(work, near=centre, radius_miles=max(0.001, miles - 0.001)) == []


def test_wide_circles_find_the_same(work: "Work") -> None:
    concert(work, "Columbus")
    concert(work, "Boise", city="Boise", state="ID")
    town = find_town("Columbus OH")
    assert town is not None
    assert [found(work, near=town.point, radius_miles=m) for m in (50, 600, 601, 5_000)] == [
        ["Columbus"],
        ["Columbus"],
        ["Columbus"],
        ["Columbus", "Boise"],
    ]


def test_pages_hold_every_concert_once(work: "Work") -> None:
    from tourpad.core.concerts.queries import searching
    from tourpad.core.concerts.queries.wanted import Search

    for n in range(7):
        concert(work, f"Venue {n}", 40 + n // 3)
    seen = []
    for page in (1, 2, 3, 4):
        views, total = searching.search(work, Search(), page=page, limit=2)
        assert total == 7
        seen += [view.sides.venue_name for view in views]
    assert sorted(seen) == [f"Venue {n}" for n in range(7)]
    assert searching.search(work, Search(), page=9, limit=2) == ([], 7)


def test_a_move_and_other_music_are_followed(work: "Work") -> None:
    from tourpad.core.artists import service as artists
    from tourpad.core.hosts import service as hosts

    pair = make_pair(work, venue_name="Home", address=True)
    make_concert(work, pair)
    columbus, delaware = find_town("Columbus OH"), find_town("Delaware OH")
    assert columbus is not None
    assert delaware is not None
    artists.edit(work, user_id=pair.artist_user, changes={"genres": ["jazz"]})
    assert (found(work, genres=("folk",)), found(work, genres=("jazz",))) == ([], ["Home"])
    there = {"latitude": delaware.latitude, "longitude": delaware.longitude}
    address = {"street": "9 New Lane", "postcode": "43015", **there}
    hosts.edit(work, user_id=pair.host_user, changes={"city": "Delaware", "state": "OH", "address": address})
    assert found(work, near=columbus.point, radius_miles=10) == []
    assert found(work, near=delaware.point, radius_miles=10) == ["Home"]


@pytest.mark.parametrize("seed", range(3))
def test_the_table_is_the_truth_after_many_things_happened(work: "Work", clock: "VirtualClock", seed: int) -> None:
    from tourpad.core.artists import service as artists
    from tourpad.core.concerts import service
    from tourpad.core.concerts.service import search
    from tourpad.core.errors import TourPadError
    from tourpad.core.hosts import service as hosts
    from tourpad.core.identity.service import users

    rng = random.Random(seed)
    pairs = [make_pair(work, address=rng.random() < 0.7, venue_name=f"Venue {n}") for n in range(4)]
    made = [make_concert(work, rng.choice(pairs), day=in_days(work, 10 + n)) for n in range(6)]
    for _ in range(40):
        one, pair = rng.choice(made), rng.choice(pairs)
        try:
            match rng.randrange(9):
                case 0:
                    service.cancel(work, concert_id=one.id, user_id=None)
                case 1 | 2:
                    flag = {"is_private": rng.random() < 0.5}
                    service.edit(work, concert_id=one.id, user_id=pair.host_user, changes=flag)
                case 3:
                    clock.advance(timedelta(days=1))
                    for each in made:
                        service.advance(work, concert_id=each.id)
                case 4:
                    genres = rng.sample(["folk", "jazz", "nose flute", "blues"], 2)
                    artists.edit(work, user_id=pair.artist_user, changes={"genres": genres})
                case 5:
                    town = find_town(rng.choice(["Columbus OH", "Delaware OH", "Ames IA"]))
                    assert town is not None
                    address = {
                        "street": f"{rng.randrange(99)} Lane",
                        "postcode": "43000",
                        "latitude": town.latitude + rng.uniform(-0.02, 0.02),
                        "longitude": town.longitude,
                    }
                    changes = {"city": town.name, "state": town.state, "address": address}
                    hosts.edit(work, user_id=pair.host_user, changes=changes)
                case 6:
                    name = {"stage_name": f"Band {rng.randrange(9)}"}
                    artists.edit(work, user_id=pair.artist_user, changes=name)
                    home = {"venue_name": f"Home {rng.randrange(9)}", "venue_type": rng.choice(["loft", "home"])}
                    hosts.edit(work, user_id=pair.host_user, changes=home)
                case 7:
                    verb = rng.choice([users.reinstate, partial(users.suspend, reason="x")])
                    verb(work, user_id=rng.choice([pair.artist_user, pair.host_user]))
                case _:
                    day = work.now.date() + timedelta(days=rng.randrange(2, 30))
                    made.append(make_concert(work, pair, day=day))
        except TourPadError:
            continue
        assert tables(work) == true_tables(work)
    before = tables(work)
    assert search.rebuild(work) == len(before[0])
    assert tables(work) == before


def test_shows_of_the_best_rated_come_first_read_by_an_index(work: "Work") -> None:
    from sqlalchemy import event

    from tourpad.core.artists.models import Artist
    from tourpad.core.concerts.service import search
    from tourpad.core.concerts.states import ConcertSort

    for venue, day, standing in (("Good", 40, 4.5), ("Late", 60, 4.0), ("Best", 50, 4.9), ("Soon", 30, 4.0)):
        made = concert(work, venue, day)
        work.session.get_one(Artist, made.artist_id).standing = standing
        search.refresh(work, made)
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    connection = work.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    assert found(work, sort=ConcertSort.RATING) == ["Best", "Good", "Soon", "Late"]
    event.remove(connection, "before_cursor_execute", note)
    connection.exec_driver_sql("SET LOCAL enable_sort = off")  # so few rows would rather be sorted
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    statement, parameters = asked[-1]
    plan = [line for (line,) in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    assert any("using ix_concert_search_standing" in line for line in plan), plan
