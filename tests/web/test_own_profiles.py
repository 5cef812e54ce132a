"""One's own profile through the API: edited by whoever it is of, begun by registering."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.factories.profiles import (
    SECRET_STREET,
    make_artist,
    make_person,
)
from tests.web.api import Api

if TYPE_CHECKING:
    from tourpad.core.work import Work


def test_an_artist_edits_the_profile(api: Api) -> None:
    with api.setting() as work:
        user_id = make_artist(work, listed=False, standing="pending", bio="Old words.").user_id
    headers = api.sign_in(user_id)
    changed = api.client.patch(
        "/api/artists/me",
        headers=headers,
        json={
            "stageName": "Cleo & the Jar",
            "bio": None,
            "city": "athens",
            "state": "Georgia",
            "minGuaranteeCents": 22_000,
            "musicSamples": [{"title": "One", "url": "https://music.example/1"}],
        },
    )
    assert changed.status_code == 200, changed.text
    artist = changed.json()["artist"]
    assert (artist["stageName"], artist["bio"], artist["city"], artist["state"]) == (
        "Cleo & the Jar",
        None,
        "Athens",
        "GA",
    )
    assert (artist["minGuaranteeCents"], artist["genres"]) == (22_000, ["folk"])
    assert artist["musicSamples"] == [{"title": "One", "url": "https://music.example/1", "platform": None}]
    assert api.client.get("/api/artists/me", headers=headers).json() == changed.json()


WRONG_PROFILES: list[tuple[dict[str, Any], list[str]]] = [
    ({"stageName": "", "travelRadius": -5}, ["stageName", "travelRadius"]),
    ({"stageName": None}, ["stageName"]),
    ({"genres": ["a<b"]}, ["genres.0"]),
    ({"city": "Athens"}, ["city"]),
    ({"minGuaranteeCents": "many"}, ["minGuaranteeCents"]),
    ({"bio": "a\u0000b"}, ["bio"]),
]


def test_a_wrong_profile_is_refused_by_field(api: Api) -> None:
    with api.setting() as work:
        user_id = make_artist(work).user_id
    headers = api.sign_in(user_id)
    before = api.client.get("/api/artists/me", headers=headers).json()
    for body, fields in WRONG_PROFILES:
        answer = api.client.patch("/api/artists/me", headers=headers, json={"bio": "New.", **body})
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, fields)
    assert api.client.get("/api/artists/me", headers=headers).json() == before


def test_an_unknown_field_is_refused(api: Api) -> None:
    with api.setting() as work:
        user_id = make_artist(work, listed=False, standing="pending").user_id
    answer = api.client.patch(
        "/api/artists/me", headers=api.sign_in(user_id), json={"approvedAt": "2026-01-01T00:00:00Z"}
    )
    assert answer.status_code == 422
    assert "approvedAt" in answer.text


def test_people_have_only_the_profile_of_their_role(api: Api) -> None:
    artist, host, fan = (api.person(role) for role in ("artist", "host", "fan"))
    assert (
        api.client.patch("/api/hosts/me", headers=artist, json={"bio": "x", "city": "Troy", "state": "NY"}).status_code
        == 404
    )
    assert api.client.patch("/api/artists/me", headers=fan, json={"bio": "x"}).status_code == 404
    assert api.client.patch("/api/fans/me", headers=host, json={"travelRadius": 5}).status_code == 404
    assert api.client.get("/api/hosts/me", headers=artist).status_code == 404


def test_a_host_makes_the_profile_by_naming_the_town(api: Api) -> None:
    host = api.person("host", state="pending")
    assert api.client.get("/api/hosts/me", headers=host).status_code == 404
    first = api.client.patch("/api/hosts/me", headers=host, json={"bio": "Big porch."})
    assert (first.status_code, first.json()["errors"][0]["field"]) == (422, "city")
    made = api.client.patch("/api/hosts/me", headers=host, json={"bio": "Big porch.", "city": "Troy", "state": "NY"})
    assert made.status_code == 200, made.text
    assert (made.json()["host"]["venueName"], made.json()["host"]["timeZone"]) == ("Mara’s place", "America/New_York")
    address = {"street": "1 River Street", "postcode": "12180"}
    told = api.client.patch("/api/hosts/me", headers=host, json={"address": address}).json()["address"]
    assert (told["isApproximate"], told["note"]) == (
        True,
        "The address has no coordinates, so the middle of its postcode or town stands for it.",
    )


def test_a_fan_says_what_they_like(api: Api) -> None:
    fan = api.person("fan")
    empty = {"fan": {"favoriteGenres": [], "city": None, "state": None, "travelRadius": None}}
    assert api.client.get("/api/fans/me", headers=fan).json() == empty
    changed = api.client.patch(
        "/api/fans/me", headers=fan, json={"favoriteGenres": ["Folk", "folk "], "city": "Troy, NY", "travelRadius": 80}
    )
    liked = {"fan": {"favoriteGenres": ["folk"], "city": "Troy", "state": "NY", "travelRadius": 80}}
    assert (changed.status_code, changed.json()) == (200, liked)
    wrong = api.client.patch("/api/fans/me", headers=fan, json={"travelRadius": -1})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "travelRadius")
    assert api.client.get("/api/fans/me", headers=fan).json() == liked


def _register(work: "Work", role: str, profile: dict[str, Any]) -> UUID:
    from tourpad.core.identity.service import registration
    from tourpad.core.identity.states import UserType

    registered = registration.register(
        work,
        email=f"{role}@people.example",
        password="a porch, a piano, a moon",
        name="Mara Lovelock",
        user_type=UserType(role),
        profile=profile,
    )
    return registered.user.id


def test_registration_begins_the_profile(api: Api) -> None:
    with api.setting() as work:
        said = {"stage_name": "The Jar", "genres": ["Folk"], "location": "Troy NY"}
        artist_id = _register(work, "artist", said)
        host_id = _register(work, "host", {"city": "Columbus", "state": "OH", "bio": "Porch."})
        fan_id = _register(work, "fan", {"favorite_genres": ["jazz"], "city": "Nowhere", "state": "OH"})
    artist = api.client.get("/api/artists/me", headers=api.sign_in(artist_id)).json()["artist"]
    assert (artist["stageName"], artist["genres"], artist["city"]) == ("The Jar", ["folk"], "Troy")
    host = api.client.get("/api/hosts/me", headers=api.sign_in(host_id)).json()["host"]
    assert (host["venueName"], host["city"], host["bio"]) == ("Mara’s place", "Columbus", "Porch.")
    assert (artist["approvedAt"], host["approvedAt"]) == (None, None)
    with api.setting() as work:
        from tourpad.core.fans import queries

        fan = queries.get_by_user(work, fan_id)
        assert fan is not None
        assert (fan.favorite_genres, fan.city) == (["jazz"], None)


def test_the_address_stays_out_of_the_form_sent_to_reviewers(api: Api) -> None:
    with api.setting() as work:
        user_id = make_person(work, "host", state="pending").id
    body = {
        "venueName": "Mill Lane House",
        "venueType": "home",
        "city": "Columbus",
        "state": "OH",
        "indoorCapacity": 30,
        "hostingExperience": 2,
        "hostingMotivation": "Music.",
        "address": {"street": SECRET_STREET, "postcode": "43215"},
    }
    sent = api.client.post("/api/hosts/application", headers=api.sign_in(user_id), json=body)
    assert sent.status_code == 201, sent.text
    assert "address" not in sent.json()["application"]["answers"]
    assert SECRET_STREET not in sent.text
