"""Artists, hosts and fans through the API: who sees whom, and what nobody sees."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.factories.applications import make_application
from tests.factories.bookings import make_pair
from tests.factories.media import make_published
from tests.factories.profiles import (
    SECRET_POINT,
    SECRET_POSTCODE,
    SECRET_STREET,
    make_artist,
    make_host,
)
from tests.web.api import Api
from tourpad.core.ids import new_id
from tourpad.core.places import Point, destination, distance_miles, find_town


def names(answer: Any, key: str = "stageName") -> list[str]:
    assert answer.status_code == 200, answer.text
    return [row[key] for row in answer.json()[next(k for k in ("artists", "hosts") if k in answer.json())]]


def test_only_listed_artists_appear_and_members_see_them(api: Api) -> None:
    with api.setting() as work:
        shown = make_artist(work, stage_name="Shown", genres=["Folk", "jazz"])
        make_artist(work, stage_name="Not let in", listed=False, standing="pending")
        lapsed = make_artist(work, stage_name="Lapsed", standing="approved")
        make_artist(work, stage_name="Suspended", standing="suspended", genres=["polka"])
        ids = shown.id, lapsed.id
    fan = api.person("fan")
    answer = api.client.get("/api/artists", headers=fan)
    assert names(answer) == ["Shown"]
    assert answer.json()["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1, "next": None}
    assert answer.json()["filters"] == {
        "genres": [{"value": "folk", "count": 1}, {"value": "jazz", "count": 1}],
        "states": [{"value": "NC", "count": 1}],
        "ratings": [],
    }
    one = api.client.get(f"/api/artists/{ids[0]}", headers=fan).json()["artist"]
    assert (one["stageName"], one["genres"], one["city"], one["currency"]) == (
        "Shown",
        ["folk", "jazz"],
        "Asheville",
        "USD",
    )
    assert api.client.get(f"/api/artists/{ids[1]}", headers=fan).status_code == 404
    assert api.client.get(f"/api/artists/{new_id()}", headers=fan).status_code == 404


def test_artists_are_found_by_music_and_by_place(api: Api) -> None:
    with api.setting() as work:
        make_artist(work, stage_name="Near", city="Black Mountain", state="NC", genres=["folk"])
        make_artist(work, stage_name="Here", city="Asheville", state="NC", genres=["jazz"])
        make_artist(work, stage_name="Far", city="Boise", state="ID", genres=["folk", "jazz"])
        make_artist(work, stage_name="Nowhere", city=None, state=None, genres=["rock"])
    fan = api.person("fan")

    def found(query: str) -> list[str]:
        return names(api.client.get(f"/api/artists?{query}", headers=fan))

    assert sorted(found("genres=folk")) == ["Far", "Near"]
    assert sorted(found("genres=Folk,rock")) == ["Far", "Near", "Nowhere"]
    assert sorted(found("genres=jazz&genres=rock")) == ["Far", "Here", "Nowhere"]
    assert found("genres=opera") == []
    assert found("location=Asheville NC") == ["Here", "Near"]
    assert found("location=Asheville, North Carolina&radius=3000") == ["Here", "Near", "Far"]
    assert found("location=Asheville NC&genres=folk&radius=3000&limit=1&page=2") == ["Far"]
    near = api.client.get("/api/artists?location=Asheville NC", headers=fan).json()["artists"]
    assert [a["distanceMiles"] for a in near] == [0, 13]


WRONG_FILTERS = [
    ("/api/artists?location=Springfield", "location"),
    ("/api/artists?radius=10", "radius"),
    ("/api/artists?location=Asheville NC&radius=0", "radius"),
    ("/api/artists?location=Asheville NC&radius=far", "radius"),
    ("/api/artists?limit=101", "limit"),
    ("/api/artists?page=0", "page"),
    ("/api/hosts?venueType=castle", "venueType"),
    ("/api/hosts?capacityMin=-1", "capacityMin"),
    ("/api/hosts?capacityMin=30&capacityMax=20", "capacityMax"),
    ("/api/hosts?offersLodging=perhaps", "offersLodging"),
    ("/api/hosts?sort=distance", "sort"),
    ("/api/hosts?state=Ohyo", "state"),
    ("/api/hosts?q=%20.%20", "q"),
    ("/api/artists?ratingMin=6", "ratingMin"),
    ("/api/artists?sort=relevance", "sort"),
    ("/api/artists?guaranteeMaxCents=-1", "guaranteeMaxCents"),
    ("/api/artists?after=01a226f4-9721-7111-81bc-8a0647f0b23f", "after"),
]


def test_a_wrong_filter_is_named(api: Api) -> None:
    artist = api.person("artist")
    for path, field in WRONG_FILTERS:
        answer = api.client.get(path, headers=artist)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), path
        assert [e["field"] for e in answer.json()["errors"]] == [field], path


WRONG_VALUES = {
    "/api/hosts?venueType=castle": "must be one of home, loft, warehouse, other, not 'castle'",
    "/api/artists?sort=bogus": "must be one of newest, distance, rating, relevance, not 'bogus'",
    "/api/hosts?freeOn=tomorrow": "must be a date (YYYY-MM-DD)",
    "/api/hosts?location=Columbus OH&radius=9999": "must be at most 5000",
}


def test_a_wrong_filter_says_what_it_may_be(api: Api) -> None:
    artist = api.person("artist")
    for path, message in WRONG_VALUES.items():
        assert [e["message"] for e in api.client.get(path, headers=artist).json()["errors"]] == [message]


WHO_BROWSES = [
    # role, state, and what GET of artists and of hosts answers
    ("artist", "active", 200, 200),
    ("artist", "approved", 403, 403),
    ("host", "active", 200, 403),
    ("host", "pending", 403, 403),
    ("fan", "active", 200, 403),
    ("fan", "approved", 403, 403),
    ("admin", "active", 200, 200),
]


def test_who_may_browse(api: Api) -> None:
    seen = [
        (role, state, *(api.client.get(path, headers=headers).status_code for path in ("/api/artists", "/api/hosts")))
        for role, state, *_ in WHO_BROWSES
        for headers in [api.person(role, state=state)]
    ]
    assert seen == WHO_BROWSES


def test_nobody_browses_without_a_sign_in(api: Api) -> None:
    assert [api.client.get(p).status_code for p in ("/api/artists", "/api/hosts", "/api/fans/me")] == [401, 401, 401]


def test_hosts_are_found_by_what_they_offer(api: Api) -> None:
    with api.setting() as work:
        make_host(work, venue_name="Loft", venue_type="loft", indoor_capacity=60, offers_lodging=True)
        make_host(work, venue_name="Home", indoor_capacity=20, outdoor_capacity=45)
        make_host(work, venue_name="Hall", venue_type="warehouse", city="Boise", state="ID", indoor_capacity=200)
        make_host(work, venue_name="Waiting", listed=False, standing="pending", indoor_capacity=5)
    artist = api.person("artist")

    def found(query: str) -> list[str]:
        return sorted(names(api.client.get(f"/api/hosts?{query}", headers=artist), "venueName"))

    assert found("") == ["Hall", "Home", "Loft"]
    assert found("venueType=loft&venueType=warehouse") == ["Hall", "Loft"]
    assert found("capacityMin=45") == ["Hall", "Home", "Loft"]
    assert found("capacityMin=46&capacityMax=100") == ["Loft"]
    assert found("offersLodging=true") == ["Loft"]
    assert found("offersLodging=false") == ["Hall", "Home"]
    assert found("location=Columbus OH&radius=20") == ["Home", "Loft"]
    filters = api.client.get("/api/hosts?venueType=home,loft", headers=artist).json()["errors"]
    assert [e["field"] for e in filters] == ["venueType"]
    filters = api.client.get("/api/hosts?venueType=home&venueType=loft", headers=artist).json()["filters"]
    assert {k: {f["value"]: f["count"] for f in v} for k, v in filters.items() if k != "capacity"} == {
        "venueTypes": {"home": 1, "loft": 1, "warehouse": 1},
        "states": {"OH": 2},
        "genres": {},
        "capacities": {"41_to_80": 2},
        "lodging": {"true": 1, "false": 1},
        "ratings": {},
    }
    assert filters["capacity"] == {"min": 45, "max": 60}


def test_a_host_in_a_small_town_goes_by_the_first_name(api: Api) -> None:
    with api.setting() as work:
        make_host(work, city="Yellow Springs", state="OH", name="Mara Lovelock")
        make_host(work, city="Columbus", state="OH", name="Ben Okafor")
    listed = api.client.get("/api/hosts", headers=api.person("artist")).json()["hosts"]
    assert {h["city"]: h["hostName"] for h in listed} == {"Yellow Springs": "Mara", "Columbus": "Ben Okafor"}


def test_the_radius_is_measured_from_the_public_point_only(api: Api) -> None:
    """The distance at which a host drops out of the search is the public point's, for any centre."""
    town = find_town("Columbus OH")
    assert town is not None
    home = destination(town, metres=6_000, bearing=0.3)
    with api.setting() as work:
        host = make_host(work, address=home)
        assert host.public_latitude is not None
        assert host.public_longitude is not None
        public = Point(host.public_latitude, host.public_longitude)
    artist = api.person("artist")

    def edge(centre: str) -> float:
        low, high = 0.0, 200.0
        for _ in range(24):
            middle = (low + high) / 2
            hit = names(api.client.get(f"/api/hosts?location={centre}&radius={middle}", headers=artist), "venueName")
            low, high = (low, middle) if hit else (middle, high)
        return high

    off_the_home: list[float] = []
    for label in ("Columbus OH", "Dayton OH"):
        centre = find_town(label)
        assert centre is not None
        found = edge(label)
        assert found == pytest.approx(distance_miles(centre, public), abs=0.001)
        off_the_home.append(abs(found - distance_miles(centre, home)))
    assert max(off_the_home) > 0.1


def test_an_address_is_seen_by_its_host_and_nobody_else(api: Api) -> None:
    with api.setting() as work:
        host = make_host(work, address=True)
        host_id, host_user = host.id, host.user_id
        north, east = SECRET_POINT
        address = {"street": SECRET_STREET, "postcode": SECRET_POSTCODE, "latitude": north, "longitude": east}
        application = make_application(work, "host", state="questions_asked", address=address)
        application_id, applicant = application.id, application.user_id
    paths = [
        "/api/hosts",
        "/api/hosts?location=Columbus OH&radius=100",
        f"/api/hosts/{host_id}",
        "/api/hosts/me",
        "/api/hosts/me/address-looks",
        "/api/hosts/application",
        "/api/artists",
        "/api/artists/me",
        "/api/admin/applications",
        f"/api/admin/applications/{application_id}",
        "/api/users/me",
    ]
    secrets = ("Canary", SECRET_POSTCODE, *(str(round(x, 3)) for x in SECRET_POINT))
    people = {role: api.person(role) for role in ("artist", "fan", "admin", "host")}
    for role, headers in people.items():
        for path in paths:
            body = api.client.get(path, headers=headers).text
            assert not [s for s in secrets if s in body], (role, path, body)
    review = api.client.post(
        f"/api/admin/applications/{application_id}/review", headers=people["admin"], json={"notes": "Nice."}
    )
    assert not [s for s in secrets if s in review.text]
    own = api.client.get("/api/hosts/me", headers=api.sign_in(host_user)).json()["address"]
    assert (own["street"], own["latitude"], own["note"]) == (SECRET_STREET, SECRET_POINT[0], None)
    applying = api.sign_in(applicant)
    assert not [s for s in secrets if s in api.client.get("/api/hosts/application", headers=applying).text]
    assert SECRET_STREET in api.client.get("/api/hosts/me", headers=applying).text


def test_errors_about_an_address_do_not_repeat_it(api: Api) -> None:
    with api.setting() as work:
        host_user = make_host(work, address=True).user_id
    answer = api.client.patch(
        "/api/hosts/me",
        headers=api.sign_in(host_user),
        json={"address": {"street": SECRET_STREET, "postcode": "43215", "latitude": 12.34567, "longitude": -83.0}},
    )
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "address.latitude")
    assert "Canary" not in answer.text
    assert "12.34567" not in answer.text


def test_distances_come_in_bands(api: Api) -> None:
    with api.setting() as work:
        make_host(work, address=True)
    listed = api.client.get("/api/hosts?location=Dayton OH&radius=100", headers=api.person("artist")).json()["hosts"]
    assert [h["distance"] for h in listed] == ["50 to 100 miles"]
    assert listed[0]["place"]["withinMetres"] == 1000
    assert "miles" not in json.dumps({k: v for k, v in listed[0].items() if k != "distance"})


def test_lists_take_few_queries_however_long_they_are(api: Api) -> None:
    with api.setting() as work:
        for n in range(7):
            make_published(work, make_artist(work, stage_name=f"Artist {n}").user_id)
            make_published(
                work, make_host(work, venue_name=f"Host {n}", address=n % 2 == 0).user_id, category="exterior"
            )
    artist, admin = api.person("artist"), api.person("admin")
    for path, headers, queries in (
        ("/api/artists?location=Asheville NC", artist, 4),
        ("/api/hosts?location=Columbus OH", artist, 4),
        ("/api/admin/applications", admin, 3),
    ):
        with api.counting() as seen:
            assert api.client.get(path, headers=headers).status_code == 200
        assert len(seen) == queries, (path, seen)


def test_pages_tile_the_whole_list(api: Api) -> None:
    with api.setting() as work:
        for n in range(5):
            make_host(work, venue_name=f"Host {n}")
    artist = api.person("artist")
    pages = [names(api.client.get(f"/api/hosts?limit=2&page={n}", headers=artist), "venueName") for n in (1, 2, 3, 4)]
    assert [len(p) for p in pages] == [2, 2, 1, 0]
    assert sorted(name for page in pages for name in page) == [f"Host {n}" for n in range(5)]
    beyond = api.client.get("/api/hosts?limit=2&page=4", headers=artist).json()
    assert beyond["pagination"] == {"page": 4, "limit": 2, "total": 5, "pages": 3, "next": None}


def test_whoever_is_free_on_a_day_is_found_by_those_who_may_know(api: Api) -> None:
    from tourpad.core.availability import service

    with api.setting() as work:
        pair, other = make_pair(work), make_pair(work)
        day = work.now.date() + timedelta(days=20)
        for user_id in (pair.artist_user, pair.host_user):
            service.set_calendar(work, user_id=user_id, open_dates=[], blocked_dates=[day])
    artist, host, fan = api.sign_in(other.artist_user), api.sign_in(other.host_user), api.person("fan")

    def found(who: dict[str, str], what: str, query: str) -> set[str]:
        answer = api.client.get(f"/api/{what}?{query}", headers=who).json()
        assert answer["pagination"]["total"] == len(answer[what])
        assert sum(state["count"] for state in answer["filters"]["states"]) == len(answer[what])
        return {one["id"] for one in answer[what]}

    hosts, artists = {str(pair.host_id), str(other.host_id)}, {str(pair.artist_id), str(other.artist_id)}
    assert found(artist, "hosts", "") == hosts
    assert found(artist, "hosts", f"freeOn={day}") == {str(other.host_id)}
    assert found(artist, "hosts", f"freeOn={day}&freeUntil={day + timedelta(days=1)}") == hosts
    assert found(host, "artists", f"freeOn={day}") == {str(other.artist_id)}
    assert found(host, "artists", f"freeOn={day - timedelta(days=1)}") == artists
    for who in (artist, fan):
        refused = api.client.get(f"/api/artists?freeOn={day}", headers=who)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    for query, field in (
        ("freeOn=2026-02-01", "freeOn"),
        (f"freeUntil={day}", "freeUntil"),
        (f"freeOn={day}&freeUntil={day - timedelta(days=1)}", "freeUntil"),
        (f"freeOn={day}&freeUntil={day + timedelta(days=62)}", "freeUntil"),
        ("freeOn=2029-01-01", "freeOn"),
        ("freeOn=tomorrow", "freeOn"),
    ):
        wrong = api.client.get(f"/api/hosts?{query}", headers=artist)
        assert (wrong.status_code, [e["field"] for e in wrong.json()["errors"]]) == (422, [field])


def test_a_state_is_named_by_its_letters_or_in_full(api: Api) -> None:
    with api.setting() as work:
        make_artist(work, stage_name="There", city="Columbus", state="OH")
        make_artist(work, stage_name="Elsewhere", city="Boise", state="ID")
    fan = api.person("fan")
    for named in ("OH", "oh", "Ohio", "o.h.", "ohio,New York"):
        assert names(api.client.get(f"/api/artists?state={named}", headers=fan)) == ["There"], named
