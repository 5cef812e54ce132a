"""Homes attacked through the live API: whatever is asked, and however often, what comes out is the public point.

The whole attack, on five hundred homes, is `make attack` (ATTACK="HOMES QUERIES"); here is a small one.
"""

import math
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import Pair
from tests.factories.concerts import announce, make_fan
from tests.factories.profiles import make_artist, make_host
from tests.web.api import Api, opened
from tourpad.core.availability.procedures import tell_trips
from tourpad.core.hosts import queries as hosts
from tourpad.core.hosts import service
from tourpad.core.hosts.privacy import RING_METRES
from tourpad.core.places import METRES_PER_MILE, Point, destination, distance_metres, find_town

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

HOMES, QUERIES = (int(word) for word in os.environ.get("ATTACK", "6 132").split())
TOWNS = ("Columbus OH", "Delaware OH", "Newark OH", "Lancaster OH", "Marysville OH")
"""From whose middles distances are asked; the homes lie around the first."""
SPREAD_METRES = 9_000
PAGE = 100

Ask = Callable[[str, float], set[str]]
"""From a town and miles to the names of what is found."""


@dataclass
class Ranges:
    """What is known of distances from one town: at least and at most, in miles, by name."""

    town: Point
    low: dict[str, float]
    high: dict[str, float]

    def learn(self, miles: float, found: set[str]) -> None:
        """One more circle was asked for."""
        for name in self.low:
            if name in found:
                self.high[name] = min(self.high[name], miles)
            else:
                self.low[name] = max(self.low[name], miles)

    def widest(self) -> float:
        """Where to cut next: the middle of what is known worst."""
        name = max(self.low, key=lambda n: self.high[n] - self.low[n])
        return (self.low[name] + self.high[name]) / 2


def locate(ask: Ask, names: list[str], *, circles: int) -> tuple[dict[str, Point], dict[str, float]]:
    """Everybody's place by circles alone, each asked for all at once, and how far off it may be in metres."""
    known: list[Ranges] = []
    for town in TOWNS[1:]:
        middle = place(town)
        ranges = Ranges(middle, dict.fromkeys(names, 0.0), dict.fromkeys(names, 80.0))
        for _ in range(circles // (len(TOWNS) - 1)):
            miles = ranges.widest()
            ranges.learn(miles, ask(town, miles))
        known.append(ranges)
    places = {name: meet([(r.town, (r.low[name] + r.high[name]) / 2) for r in known]) for name in names}
    off = {name: max(r.high[name] - r.low[name] for r in known) * METRES_PER_MILE for name in names}
    return places, off


def meet(circles: list[tuple[Point, float]]) -> Point:
    """Where circles around towns come nearest to meeting (Gauss and Newton, on the plane)."""
    guess = place(TOWNS[0])
    per_degree = 111_195.0
    for _ in range(30):
        east = per_degree * math.cos(math.radians(guess.latitude))
        rows: list[tuple[float, float, float]] = []
        for town, miles in circles:
            distance = distance_metres(guess, town)
            rows.append(
                (
                    (guess.latitude - town.latitude) * per_degree / distance,
                    (guess.longitude - town.longitude) * east / distance,
                    miles * METRES_PER_MILE - distance,
                )
            )
        a, b, d = (sum(r[i] * r[j] for r in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
        e, f = (sum(r[i] * r[2] for r in rows) for i in (0, 1))
        determinant = a * d - b * b
        north_by, east_by = (d * e - b * f) / determinant, (a * f - b * e) / determinant
        guess = Point(guess.latitude + north_by / per_degree, guess.longitude + east_by / east)
    return guess


def place(town: str) -> Point:
    found = find_town(town)
    assert found is not None
    return found.point


@dataclass
class Town:
    """Homes around one town, and somebody who wants to know where they are, by one of the lists that find them."""

    api: Api
    path: str
    headers: dict[str, str]
    home_of: dict[str, str]
    """By what the list's entries are called."""
    homes: dict[str, Point] = field(default_factory=dict[str, Point])
    users: dict[str, UUID] = field(default_factory=dict[str, UUID])
    order: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    asked: int = 0

    def get(self, path: str, **params: Any) -> Any:
        self.asked += 1
        answer = self.api.client.get(path, headers=self.headers, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def circle(self, town: str, miles: float) -> set[str]:
        """Whom the list has within so many miles: as many of the order as it counts."""
        if town not in self.order:
            self.order[town] = self.walk(location=town, radius=200, sort="distance")
        answer = self.get(self.path, location=town, radius=miles, limit=1)
        return set(self.order[town][: answer["pagination"]["total"]])

    def walk(self, **params: Any) -> list[str]:
        """A whole list, page by page."""
        listed: list[str] = []
        for page in range(1, 1_000):
            answer = self.get(self.path, limit=PAGE, page=page, **params)
            listed += self.homes_in(answer)
            if page >= answer["pagination"]["pages"]:
                break
        return listed

    def homes_in(self, answer: Any) -> list[str]:
        """Whose homes a page of the list names."""
        return [self.home_of[entry["id"]] for entry in answer[self.path.rpartition("/")[2]]]

    def shown(self) -> dict[str, Point]:
        """The public points; the list of hosts names them, to four decimals."""
        with self.api.setting() as work:
            rows = {name: hosts.get(work, UUID(name)) for name in self.homes}
            return {
                name: Point(round(host.public_latitude or 0, 4), round(host.public_longitude or 0, 4))
                for name, host in rows.items()
            }


@pytest.fixture(params=["/api/hosts", "/api/concerts"])
def town(platform: "Platform", request: pytest.FixtureRequest) -> Iterator[Town]:
    rng = random.Random(7)
    middle = place(TOWNS[0])
    with opened(platform) as api:
        with api.setting() as work:
            artist = make_artist(work)
            fan = make_fan(work)
            home_of: dict[str, str] = {}
            made: dict[str, tuple[Point, UUID]] = {}
            for number in range(HOMES):
                home = destination(
                    middle, metres=SPREAD_METRES * math.sqrt(rng.random()), bearing=rng.random() * 2 * math.pi
                )
                street = {"street": f"{number} Elm Street", "postcode": "43215", **_coordinates(home)}
                host = make_host(work)
                service.edit(work, user_id=host.user_id, changes={"address": street})
                made[str(host.id)] = home, host.user_id
                pair = Pair(artist.id, artist.user_id, host.id, host.user_id)
                # A year of evenings, all of them at public points: artists may look at hosts, and fans at these.
                concert = announce(work, pair, day=work.now.date() + timedelta(days=30 + number))
                home_of |= {str(host.id): str(host.id), str(concert.id): str(host.id)}
        who = artist.user_id if request.param == "/api/hosts" else fan
        yield Town(
            api,
            request.param,
            api.sign_in(who),
            home_of,
            {k: home for k, (home, _) in made.items()},
            {k: u for k, (_, u) in made.items()},
        )


def _coordinates(point: Point) -> dict[str, float]:
    return {"latitude": point.latitude, "longitude": point.longitude}


def nearest(estimates: Mapping[str, Point], homes: Mapping[str, Point]) -> float:
    """Metres from the best estimate to its home."""
    return min(distance_metres(estimates[name], home) for name, home in homes.items())


def test_circles_find_the_public_point_and_never_the_home(town: Town) -> None:
    shown = town.shown()
    town.asked = 0
    estimates, off = locate(town.circle, list(town.homes), circles=QUERIES - len(TOWNS) * -(-HOMES // PAGE))
    assert town.asked <= QUERIES
    for name, estimate in estimates.items():
        # None of its circles is narrower than this: the crossing is not farther off than twice that.
        assert distance_metres(estimate, shown[name]) <= 2 * off[name] + 10
    nearer = [n for n in town.homes if distance_metres(estimates[n], town.homes[n]) < RING_METRES[0] - 2 * off[n] - 10]
    near = sum(distance_metres(estimates[n], home) < RING_METRES[0] for n, home in town.homes.items())
    sys.stdout.write(
        f"{town.path}: {HOMES} homes, {town.asked} requests."
        f" Best estimate by circles: {nearest(estimates, town.homes):.0f} m off"
        f" ({near} nearer than 300 m; circles are {max(off.values()):.0f} m wide at most);"
        f" the nearest point that is shown is {nearest(shown, town.homes):.0f} m off.\n"
    )
    assert nearer == []
    assert nearest(shown, town.homes) >= RING_METRES[0] - 10  # four decimals are 11 m


def test_the_same_circles_would_find_homes_if_they_were_drawn_around_them() -> None:
    """That the attack works: asked of the exact places, it comes within a few metres."""
    rng = random.Random(3)
    homes = {
        str(n): destination(place(TOWNS[0]), metres=9_000 * rng.random(), bearing=rng.random() * 2 * math.pi)
        for n in range(6)
    }

    def leaky(town: str, miles: float) -> set[str]:
        return {n for n, home in homes.items() if distance_metres(place(town), home) / METRES_PER_MILE <= miles}

    estimates, _ = locate(leaky, list(homes), circles=600)
    assert max(distance_metres(estimates[name], home) for name, home in homes.items()) < 30


def test_order_and_pages_tell_no_more_than_the_public_points_do(town: Town) -> None:
    """The order from each town, page by page, is the order of the public points: ties and cursors know nothing else."""
    with town.api.setting() as work:
        points = {
            name: Point(host.public_latitude or 0, host.public_longitude or 0)
            for name in town.homes
            for host in [hosts.get(work, UUID(name))]
        }
    for anchor in TOWNS:
        expected = sorted(points, key=lambda name: distance_metres(place(anchor), points[name]))
        for limit in (3, PAGE):
            listed: list[str] = []
            for page in range(1, -(-min(HOMES, 60) // limit) + 1):
                found = town.get(town.path, location=anchor, radius=200, limit=limit, page=page, sort="distance")
                listed += town.homes_in(found)
            assert listed == expected[: len(listed)]


def test_other_orders_know_nothing_of_places(town: Town) -> None:
    """By day, by rating, newest: the same from every town and within every circle that has them all."""
    sorts = ("rating", "newest") if town.path == "/api/hosts" else ("rating", "date")
    for sort in sorts:
        lists = [town.walk(location=anchor, radius=radius, sort=sort) for anchor in TOWNS[:3] for radius in (120, 200)]
        assert len(lists[0]) == HOMES
        assert all(listed == lists[0] for listed in lists)


def test_counts_and_the_order_by_stars_know_the_public_points_alone(town: Town) -> None:
    """Kinds with their numbers inside circles, and the order by stars with its cursors inside them.

    Circles are drawn between two homes that lie next to each other, where a list that looked at the homes would differ.
    """
    shown = town.shown()
    names = list(town.homes)
    if town.path == "/api/concerts":
        # Stars of their own, in the column that the order reads: they go round among the homes, a show a day.
        with town.api.platform.engine.begin() as connection:
            for name, entry in {home: concert for concert, home in town.home_of.items()}.items():
                connection.exec_driver_sql(
                    "UPDATE concert_search SET standing = %s WHERE id = %s", (names.index(name) % 3, entry)
                )
    for anchor in TOWNS[1:3]:
        middle = place(anchor)
        by_shown = sorted(names, key=lambda n: distance_metres(middle, shown[n]))
        for inside, outside in list(pairwise(by_shown))[:12]:
            edges = [distance_metres(middle, shown[name]) for name in (inside, outside)]
            if edges[1] - edges[0] < 30:
                continue
            found = set(by_shown[: by_shown.index(outside)])
            circle = {"location": anchor, "radius": sum(edges) / 2 / METRES_PER_MILE}
            counted = town.get(town.path, **circle, limit=1, facets=True) if town.path == "/api/concerts" else None
            counted = counted or town.get(town.path, **circle, limit=1)
            assert counted["pagination"]["total"] == len(found)
            for kind in ("states", "venueTypes"):
                assert sum(value["count"] for value in counted["filters"][kind]) == len(found)
            listed, after = list[str](), dict[str, str]()
            while len(listed) < len(found):
                page = town.get(town.path, **circle, sort="rating", limit=4, **after)
                listed += town.homes_in(page)
                after = {"after": page["pagination"]["next"]}
                if after["after"] is None:
                    break
            assert set(listed) == found
            if town.path == "/api/concerts":
                assert listed == sorted(found, key=lambda name: (-(names.index(name) % 3), names.index(name)))


def test_distances_that_are_shown_are_bands_and_no_narrower_than_the_ring(town: Town) -> None:
    with town.api.setting() as work:
        rows = {name: hosts.get(work, UUID(name)) for name in town.homes}
        points = {n: Point(h.public_latitude or 0, h.public_longitude or 0) for n, h in rows.items()}
    key = town.path.rpartition("/")[2]
    bands: dict[str, list[float]] = {}
    for anchor in TOWNS:
        for entry in town.get(town.path, location=anchor, radius=200, limit=PAGE)[key]:
            miles = distance_metres(place(anchor), points[town.home_of[entry["id"]]]) / METRES_PER_MILE
            bands.setdefault(entry["distance"], []).append(miles)
    ranges = sorted((min(miles), max(miles)) for miles in bands.values())
    assert len(ranges) <= 10
    assert all(high <= low for (_, high), (low, _) in pairwise(ranges))  # a band tells its miles and nothing else


@pytest.mark.parametrize("town", ["/api/hosts"], indirect=True)
def test_a_trip_tells_its_artist_nothing_of_whose_homes_it_comes_by(town: Town) -> None:
    """Hosts see the trip; whoever makes hundreds of small ones learns from none whether somebody lives there."""
    answers: list[Any] = []
    for city in ("Columbus", "Lima"):
        trip = {"city": city, "state": "OH", "radiusMiles": 10, "startsOn": "2026-05-03", "endsOn": "2026-05-09"}
        made = town.api.client.post("/api/trips", headers=town.headers, json=trip)
        assert made.status_code == 201, made.text
        with town.api.setting() as work:
            tell_trips(town.api.platform, work.actor)
        own = {t["id"]: t for t in town.get("/api/trips/me")["trips"]}
        of_one = own[made.json()["trip"]["id"]]
        answers.append({k: v for k, v in of_one.items() if k not in {"id", "city", "place", "createdAt"}})
    assert answers[0] == answers[1]


@pytest.mark.parametrize("town", ["/api/hosts"], indirect=True)
def test_listing_again_and_again_draws_no_second_point(town: Town) -> None:
    """Hidden and shown, spelled otherwise, corrected a little each time, by another account: one point, not a cloud.

    The mean of many draws around a home is the home.
    """
    rng = random.Random(11)
    spellings = ("{} Elm Street", "{}  elm st.", "{} ELM STREET")
    names = list(town.homes)[: max(3, HOMES // 50)]
    for number, name in enumerate(names):
        seen: list[Point] = []
        for turn in range(6):
            near = destination(town.homes[name], metres=120 * rng.random(), bearing=rng.random() * 2 * math.pi)
            street = {
                "street": spellings[turn % 3].format(number),
                "postcode": ("43215", "43215-1234")[turn % 2],
                **_coordinates(near),
            }
            with town.api.setting() as work:
                service.hide(work, user_id=town.users[name])
                service.edit(work, user_id=town.users[name], changes={"address": street})
                service.show(work, user_id=town.users[name])
            answer = town.get(f"/api/hosts/{name}")["host"]["place"]
            seen.append(Point(answer["latitude"], answer["longitude"]))
        assert len(set(seen)) == 1
        # Another account lists the same home, with another fix of it each time: the way from it is the same one.
        others: list[Point] = []
        for _ in range(8):
            near = destination(town.homes[name], metres=150 * rng.random(), bearing=rng.random() * 2 * math.pi)
            with town.api.setting() as work:
                other = make_host(work)
                street = {"street": f"{number} Elm St", "postcode": "43215", **_coordinates(near)}
                service.edit(work, user_id=other.user_id, changes={"address": street})
                others.append(Point(other.public_latitude or 0, other.public_longitude or 0))
        middle = Point(
            sum(p.latitude for p in [seen[0], *others]) / (1 + len(others)),
            sum(p.longitude for p in [seen[0], *others]) / (1 + len(others)),
        )
        assert distance_metres(middle, seen[0]) < 160
        assert distance_metres(middle, town.homes[name]) > RING_METRES[0] - 160
