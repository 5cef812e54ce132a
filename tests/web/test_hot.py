"""Hot reads answer what the ordinary ones answer, to the byte, and to nobody whose session has ended."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
import pytest

from tests.factories.bookings import in_days, make_pair
from tests.factories.concerts import ask, fan_of, make_concert
from tests.web.api import Api
from tourpad.core.artists import service as artists
from tourpad.core.concerts.queries import hot, searching
from tourpad.core.concerts.queries.wanted import Search
from tourpad.core.concerts.states import ConcertSort
from tourpad.core.identity.service import users
from tourpad.core.places import find_town
from tourpad.web.concerts import concert_out
from tourpad.web.facets import list_pagination
from tourpad.web.routes.concert_lists import ConcertsAnswer

if TYPE_CHECKING:
    from tests.postgres import Rows, TestServer
    from tourpad.core.clock import VirtualClock

TOWNS = ("Columbus OH", "Akron OH", "Portland OR")
SEARCHES: list[dict[str, Any]] = [
    {},
    {"page": 2, "limit": 3},
    {"page": 99},
    {"genres": "jazz"},
    {"genres": "jazz,folk", "limit": 1},
    {"genres": "nose flute"},  # no bit of its own: the ordinary way
    {"location": "Columbus OH"},
    {"location": "Columbus OH", "radius": 150},
    {"location": "Columbus OH", "radius": 3000, "sort": "date"},
    {"location": "Columbus OH", "radius": 3000, "sort": "distance"},
    {"location": "Portland OR", "radius": 5, "genres": "jazz"},
    {"location": "Akron OH", "radius": 200, "start": 41, "end": 42},
    {"start": 42},
    {"end": 41},
    {"seats": 2},
    {"q": "folk"},
]


@dataclass
class Towns:
    """The shows as they were first made: each other test has their rows in a database of its own."""

    rows: "Rows | None" = None
    shows: list[UUID] = field(default_factory=list[UUID])


@pytest.fixture(scope="module")
def towns() -> Towns:
    return Towns()


@pytest.fixture
def shows(api: Api, server: "TestServer", towns: Towns) -> list[UUID]:
    """Nine shows in three towns on three days, one more that is private."""
    if towns.rows is None:
        towns.shows = make_shows(api)
        towns.rows = server.rows(api.platform.database_url)
    else:
        server.write(towns.rows, api.platform.database_url)
    return towns.shows


def make_shows(api: Api) -> list[UUID]:
    with api.setting() as work:
        made: list[UUID] = []
        for number in range(10):
            town = find_town(TOWNS[number % 3])
            assert town is not None
            pair = make_pair(work, venue_name=f"Venue {number}", city=town.name, state=town.state)
            genres = [["folk"], ["jazz", "folk"], ["nose flute"]][number // 3 % 3]
            artists.edit(work, user_id=pair.artist_user, changes={"genres": genres})
            made.append(make_concert(work, pair, day=in_days(work, 40 + number % 4), private=number == 9).id)
    return made


@pytest.mark.parametrize("asked", SEARCHES, ids=str)
def test_a_page_is_the_same_to_the_byte(api: Api, shows: list[UUID], asked: dict[str, Any]) -> None:
    with api.setting() as work:
        params: dict[str, Any] = {k: in_days(work, v) if k in ("start", "end") else v for k, v in asked.items()}
        town = find_town(params["location"]) if "location" in params else None
        wanted = Search(
            centre=town.point if town else None,
            radius_miles=params.get("radius", 50.0) if town else 0,
            start=params.get("start"),
            end=params.get("end"),
            genres=tuple(params["genres"].split(",")) if "genres" in params else (),
            text=params.get("q"),
            seats=params.get("seats"),
            sort=ConcertSort(params["sort"]) if "sort" in params else None,
        )
        page, limit = params.get("page", 1), params.get("limit", 20)
        views, total = searching.search(work, wanted, page=page, limit=limit)
        truth = ConcertsAnswer(
            concerts=[concert_out(view) for view in views],
            pagination=list_pagination(page=page, limit=limit, total=total, ids=[view.concert.id for view in views]),
            filters=None,
        )
        plain = hot.page_of(wanted, page=page, limit=limit)
    assert (plain is None) == (
        asked.get("genres") == "nose flute" or bool({"seats", "q"} & asked.keys()) or asked.get("sort") == "distance"
    )
    answer = api.client.get("/api/concerts", params=params, headers=api.person("fan"))
    assert answer.content == msgspec.json.encode(truth)


def test_a_page_is_one_statement_outside_of_any_transaction(api: Api, shows: list[UUID]) -> None:
    me = api.person("fan")
    with api.counting() as seen:
        assert len(api.client.get("/api/concerts", headers=me).json()["concerts"]) == 9
        assert api.client.get(f"/api/concerts/{shows[0]}", headers=me).status_code == 200
    assert seen == []  # the pool of the ordinary way was not asked


def test_one_concert_is_what_an_onlooker_sees_and_more_for_those_concerned(api: Api, shows: list[UUID]) -> None:
    from tourpad.core.concerts.models import Concert
    from tourpad.core.concerts.queries import shows as queries

    with api.setting() as work:
        concert = work.session.get_one(Concert, shows[0])
        guest = fan_of(work, ask(work, concert))
        sides = queries.sides_of(work, concert)
    onlooker = api.client.get(f"/api/concerts/{shows[0]}", headers=api.person("fan")).json()["concert"]
    assert (onlooker["role"], onlooker["myRsvpId"], onlooker["address"]) == (None, None, None)
    as_guest = api.client.get(f"/api/concerts/{shows[0]}", headers=api.sign_in(guest)).json()["concert"]
    assert as_guest["myRsvpId"] is not None
    as_host = api.client.get(f"/api/concerts/{shows[0]}", headers=api.sign_in(sides.host_user_id)).json()["concert"]
    assert (as_host["role"], as_host["bookingId"]) == ("host", str(concert.booking_id))
    mine = {"role", "myRsvpId", "bookingId", "hostProfile", "address"}
    assert {k: v for k, v in as_guest.items() if k not in mine} == {k: v for k, v in onlooker.items() if k not in mine}
    assert {k: v for k, v in as_host.items() if k not in mine} == {k: v for k, v in onlooker.items() if k not in mine}
    for unseen in (shows[9], uuid4()):
        assert api.client.get(f"/api/concerts/{unseen}", headers=api.person("fan")).status_code == 404


@pytest.mark.parametrize("path", ["/api/concerts", "/api/concerts/{id}"])
def test_the_next_request_after_the_session_has_ended_is_nobodys(api: Api, shows: list[UUID], path: str) -> None:
    path = path.format(id=shows[0])
    me, suspended = api.person("fan"), api.person("fan")
    assert api.client.get(path, headers=me).status_code == 200
    assert api.client.post("/api/auth/logout", headers=me).is_success
    assert api.client.get(path, headers=suspended).status_code == 200
    user = UUID(api.client.get("/api/users/me", headers=suspended).json()["user"]["id"])
    with api.setting() as work:
        users.suspend(work, user_id=user, reason="test")
    for head in (me, suspended):
        answer = api.client.get(path, headers=head)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert api.client.get(path).json()["code"] == "unauthenticated"
    assert api.client.get(path, headers={"Authorization": "Bearer nonsense"}).json()["code"] == "invalid_token"
    assert api.client.get(path, headers=api.person("fan", state="approved")).status_code == (
        403 if path == "/api/concerts" else 404
    )


def test_a_token_that_is_too_old_opens_nothing(api: Api, shows: list[UUID], clock: "VirtualClock") -> None:
    me = api.person("fan")
    clock.advance(timedelta(minutes=16))
    assert api.client.get("/api/concerts", headers=me).status_code == 401


def test_a_connection_that_was_cut_is_not_used_again(api: Api, shows: list[UUID]) -> None:
    me = api.person("fan")
    assert api.client.get("/api/concerts", headers=me).status_code == 200
    with api.platform.autocommit.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert [api.client.get("/api/concerts", headers=me).status_code for _ in range(2)] == [503, 200]
