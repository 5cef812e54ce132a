"""Homes attacked through the live API: whatever is asked, and however often, what comes out is the public point.

The whole attack, on five hundred homes, is `make attack` (ATTACK="HOMES QUERIES"); here is a small one.
"""

import math
import os
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.profiles import make_artist, make_host
from tests.web.api import Api, opened
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
    """Homes around one town, and an artist who wants to know where they are."""

    api: Api
    artist: dict[str, str]
    homes: dict[str, Point] = field(default_factory=dict[str, Point])
    users: dict[str, UUID] = field(default_factory=dict[str, UUID])
    order: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    asked: int = 0

    def get(self, path: str, **params: Any) -> Any:
        self.asked += 1
        answer = self.api.client.get(path, headers=self.artist, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def circle(self, town: str, miles: float) -> set[str]:
        """Whom the list of hosts has within so many miles: as many of the order as it counts."""
        if town not in self.order:
            self.order[town] = self.walk(location=town, radius=200)
        answer = self.get("/api/hosts", location=town, radius=miles, limit=1)
        return set(self.order[town][: answer["pagination"]["total"]])

    def walk(self, **params: Any) -> list[str]:
        """A whole list, page by page."""
        listed: list[str] = []
        for page in range(1, 1_000):
            answer = self.get("/api/hosts", limit=PAGE, page=page, **params)
            listed += [host["id"] for host in answer["hosts"]]
            if page >= answer["pagination"]["pages"]:
                break
        return listed

    def shown(self) -> dict[str, Point]:
        """The places that the API itself names."""
        places: dict[str, Point] = {}
        for page in range(1, 1_000):
            answer = self.get("/api/hosts", limit=PAGE, page=page)
            places |= {h["id"]: Point(h["place"]["latitude"], h["place"]["longitude"]) for h in answer["hosts"]}
            if page >= answer["pagination"]["pages"]:
                break
        return places


@pytest.fixture
def town(platform: "Platform") -> Iterator[Town]:
    rng = random.Random(7)
    middle = place(TOWNS[0])
    with opened(platform) as api:
        with api.setting() as work:
            artist = make_artist(work).user_id
            made: dict[str, tuple[Point, UUID]] = {}
            for number in range(HOMES):
                home = destination(
                    middle, metres=SPREAD_METRES * math.sqrt(rng.random()), bearing=rng.random() * 2 * math.pi
                )
                street = {"street": f"{number} Elm Street", "postcode": "43215", **_coordinates(home)}
                host = make_host(work)
                service.edit(work, user_id=host.user_id, changes={"address": street})
                made[str(host.id)] = home, host.user_id
        yield Town(
            api, api.sign_in(artist), {k: home for k, (home, _) in made.items()}, {k: u for k, (_, u) in made.items()}
        )


def _coordinates(point: Point) -> dict[str, float]:
    return {"latitude": point.latitude, "longitude": point.longitude}


def nearest(estimates: Mapping[str, Point], homes: Mapping[str, Point]) -> float:
    """Metres from the best estimate to its home."""
    return min(distance_metres(estimates[name], home) for name, home in homes.items())


def test_circles_find_the_public_point_and_never_the_home(town: Town) -> None:
    shown = town.shown()
    estimates, off = locate(town.circle, list(town.homes), circles=QUERIES - len(TOWNS) * -(-HOMES // PAGE))
    assert town.asked <= QUERIES
    for name, estimate in estimates.items():
        # None of its circles is narrower than this: the crossing is not farther off than twice that.
        assert distance_metres(estimate, shown[name]) <= 2 * off[name] + 10
    nearer = [n for n in town.homes if distance_metres(estimates[n], town.homes[n]) < RING_METRES[0] - 2 * off[n] - 10]
    near = sum(distance_metres(estimates[n], home) < RING_METRES[0] for n, home in town.homes.items())
    sys.stdout.write(
        f"{HOMES} homes, {town.asked} requests. Best estimate by circles: {nearest(estimates, town.homes):.0f} m"
        f" off ({near} nearer than 300 m; circles are {max(off.values()):.0f} m wide at most);"
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
        expected = sorted(points, key=lambda name: (distance_metres(place(anchor), points[name]), name))
        for limit in (3, PAGE):
            listed: list[str] = []
            for page in range(1, -(-min(HOMES, 60) // limit) + 1):
                answer = town.get("/api/hosts", location=anchor, radius=200, limit=limit, page=page)
                listed += [host["id"] for host in answer["hosts"]]
            assert listed == expected[: len(listed)]


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
