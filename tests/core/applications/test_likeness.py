"""Applications that are likely of the same people, and hosts that live near."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.applications import make_application
from tests.factories.profiles import SECRET_POINT, SECRET_POSTCODE, SECRET_STREET, make_host
from tourpad.core.applications import queries, rules, service

if TYPE_CHECKING:
    from tourpad.core.applications.models import Application
    from tourpad.core.work import Work

HOME = {
    "street": SECRET_STREET,
    "postcode": SECRET_POSTCODE,
    "latitude": SECRET_POINT[0],
    "longitude": SECRET_POINT[1],
}


def alike(work: "Work", application: "Application") -> list[tuple[str, list[str]]]:
    return [(a.title, a.why) for a in queries.surroundings(work, application).alike]


def other(work: "Work", kind: str = "artist", **changes: Any) -> "Application":
    """An application that has nothing in common with the factory's usual one."""
    apart: dict[str, Any] = {
        "performance_video_url": "https://video.example/quite-another",
        "music_profile_url": "https://music.example/quite-another",
        "social_links": {},
        "press_photo_url": None,
        "stage_name": "Copper Kettle Drums",
    }
    if kind == "host":
        apart = {"venue_name": "Copper Kettle Barn", "venue_photo_urls": []}
    return make_application(work, kind, name=changes.pop("name", "Zoltan Quist"), **{**apart, **changes})


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("https://www.video.example/juniper/", "http://video.example/juniper?from=mail#top"),
        ("https://youtu.be/aB3_x?t=5", "https://m.youtube.com/watch?list=1&v=aB3_x"),
        ("https://www.instagram.com/Juniper", "https://instagram.com/juniper/"),
    ],
)
def test_two_spellings_of_an_address_are_one(one: str, another: str) -> None:
    assert rules.link_mark(one) == rules.link_mark(another)
    assert rules.link_mark(one) is not None


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("https://youtu.be/aB3_x", "https://youtu.be/ab3_x"),  # videos' names have a case
        ("https://music.example/juniper", "https://music.example/juniper-vale"),
        ("https://instagram.com/juniper", "https://facebook.com/juniper"),
    ],
)
def test_two_addresses_are_two(one: str, another: str) -> None:
    assert rules.link_mark(one) != rules.link_mark(another)


def test_the_front_page_of_a_place_where_everybody_is_says_nothing() -> None:
    assert rules.link_mark("https://instagram.com/") is None


def test_the_same_link_finds_the_earlier_one_with_what_it_was_told(work: "Work") -> None:
    before = other(work, music_profile_url="https://music.example/juniper/")
    service.reject(work, application_id=before.id, reasons=["no_live_video"])
    application = make_application(work)
    found = queries.surroundings(work, application).alike
    assert [(f.application_id, f.state, f.why) for f in found] == [
        (before.id, "rejected", ["same music.example/juniper"])
    ]
    assert found[0].told == "We could not find a live recording of a whole song."


def test_the_same_phone_however_it_is_written(work: "Work") -> None:
    from tourpad.core.identity import queries as people

    application, second = make_application(work, name="Ada Ames"), other(work, "host")
    for who, phone in ((application, "+1 (614) 555-0199"), (second, "614.555.0199")):
        profile = people.get_profile(work, who.user_id)
        assert profile is not None
        profile.phone = phone
    work.session.flush()
    assert alike(work, application) == [("Copper Kettle Barn", ["same phone"])]


def test_a_similar_name(work: "Work") -> None:
    application = make_application(work, name="Ada Ames", stage_name="The Juniper Vales")
    other(work, name="Zed", stage_name="Juniper Vale")
    other(work, name="Quentin", stage_name="Juno Valley")
    assert [title for title, _ in alike(work, application)] == ["Juniper Vale"]
    assert alike(work, application)[0][1][0].startswith("name ")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (HOME, "same address"),
        ({"street": SECRET_STREET.upper(), "postcode": f"{SECRET_POSTCODE}-1234"}, "same address"),
        ({**HOME, "street": "1 Other Street", "latitude": SECRET_POINT[0] + 0.0009}, "a home next to it"),
        ({**HOME, "street": "1 Other Street", "latitude": SECRET_POINT[0] + 0.002}, None),
    ],
)
def test_the_same_home(work: "Work", address: dict[str, Any], why: str | None) -> None:
    application = make_application(work, "host", name="Ada Ames", address=HOME)
    other(work, "host", address=address)
    assert alike(work, application) == ([("Copper Kettle Barn", [why])] if why else [])


def test_likenesses_never_say_where_a_home_is(work: "Work") -> None:
    application = make_application(work, "host", name="Ada Ames", address=HOME)
    other(work, "host", address=HOME)
    make_host(work, name="Cleo", venue_name="Next Door", address=True)
    around = queries.surroundings(work, application)
    assert not any(word in str(around) for word in (SECRET_STREET, SECRET_POSTCODE, str(SECRET_POINT[0])[:7]))


def test_hosts_near_are_the_listed_ones_by_public_points(work: "Work") -> None:
    from tourpad.core.hosts.models import Host
    from tourpad.core.places import Point, distance_band, distance_miles

    application = make_application(work, "host", name="Ada Ames", address=HOME)
    near = make_host(work, name="Cleo", venue_name="Next Door", address=True)
    make_host(work, name="Dot", venue_name="Far Away", city="Asheville", state="NC")
    make_host(work, name="Eve", venue_name="Not listed", listed=False)
    found = queries.surroundings(work, application).near
    assert [n.venue_name for n in found] == ["Next Door", "Far Away"]
    own = work.session.query(Host).filter(Host.user_id == application.user_id).one()
    assert own.public_latitude is not None
    assert own.public_longitude is not None
    assert near.public_latitude is not None
    assert near.public_longitude is not None
    public = distance_miles(
        Point(own.public_latitude, own.public_longitude), Point(near.public_latitude, near.public_longitude)
    )
    assert distance_band(found[0].miles) == distance_band(public)
    assert found[0].miles == pytest.approx(public, rel=1e-6)
    assert queries.surroundings(work, make_application(work)).near == []
