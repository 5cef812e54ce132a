"""Setting a host's address, and the public point that follows it."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.profiles import SECRET_POINT, SECRET_STREET, make_host, make_person
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.hosts.errors import AddressNotReleased, NoAddress
from tourpad.core.hosts.states import LookReason
from tourpad.core.ids import new_id
from tourpad.core.places import Point, destination, distance_metres, find_town

if TYPE_CHECKING:
    from tourpad.core.hosts.models import Host
    from tourpad.core.work import Work

HOME = Point(*SECRET_POINT)


def public(host: "Host") -> Point:
    assert host.public_latitude is not None
    assert host.public_longitude is not None
    return Point(host.public_latitude, host.public_longitude)


def give(work: "Work", host: "Host", point: Point | None, **more: Any) -> None:
    from tourpad.core.hosts import service

    address: dict[str, Any] = {"street": SECRET_STREET, "postcode": "43299", **more.pop("address", {})}
    if point is not None:
        address |= {"latitude": point.latitude, "longitude": point.longitude}
    service.edit(work, user_id=host.user_id, changes={"address": address, **more})


def test_a_host_with_a_town_alone_is_somewhere_around_its_middle(work: "Work") -> None:
    host = make_host(work)
    town = find_town("Columbus OH")
    assert town is not None
    assert (host.city, host.state, host.time_zone) == ("Columbus", "OH", "America/New_York")
    assert 299 < distance_metres(town, public(host)) < 1001


def test_an_address_draws_a_point_around_the_home(work: "Work") -> None:
    host = make_host(work, address=True)
    assert 299 < distance_metres(HOME, public(host)) < 1001
    assert [type(e).__name__ for e in work.events].count("HostMoved") == 1


def test_an_address_without_coordinates_is_the_towns_middle_and_says_so(work: "Work") -> None:
    from tourpad.core.hosts import service

    host = make_host(work)
    before = public(host)
    give(work, host, None)
    own = service.own_address(work, user_id=host.user_id)
    assert own is not None
    assert (own.is_approximate, own.street, own.line) == (True, SECRET_STREET, "417 Canary Lane, Columbus OH 43299")
    assert public(host) == before


def test_small_corrections_keep_the_point_but_do_not_add_up(work: "Work") -> None:
    host = make_host(work, address=True)
    drawn = public(host)
    give(work, host, destination(HOME, metres=200, bearing=0))
    assert public(host) == drawn
    give(work, host, destination(HOME, metres=400, bearing=0))
    moved = public(host)
    assert moved != drawn
    assert 299 < distance_metres(destination(HOME, metres=400, bearing=0), moved) < 1001


def test_listing_again_draws_the_same_point(work: "Work") -> None:
    first = make_host(work, address=True)
    second = make_host(work, address=True)
    assert public(first) == public(second)


def test_a_newer_secret_before_the_old_one_keeps_the_draw(work: "Work") -> None:
    from dataclasses import replace

    first = make_host(work, address=True)
    work.settings = replace(work.settings, secret=("a newer secret", *work.settings.secret))
    assert public(make_host(work, address=True)) == public(first)


def test_the_same_address_again_without_coordinates_keeps_them(work: "Work") -> None:
    from tourpad.core.hosts import service

    host = make_host(work, address=True)
    drawn = public(host)
    give(work, host, None, address={"arrival_notes": "Second door on the left."})
    own = service.own_address(work, user_id=host.user_id)
    assert own is not None
    assert (own.is_approximate, own.latitude, own.arrival_notes) == (False, HOME.latitude, "Second door on the left.")
    assert public(host) == drawn


def test_moving_to_another_town(work: "Work") -> None:
    host = make_host(work)
    give(work, host, None, city="Boise", state="ID")
    boise = find_town("Boise ID")
    assert boise is not None
    assert (host.city, host.time_zone) == ("Boise", "America/Boise")
    assert 299 < distance_metres(boise, public(host)) < 1001


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"city": "Boise", "state": "ID"}, "city"),
        (
            {"address": {"street": "1 Main Street", "postcode": "43215", "latitude": 43.6, "longitude": -116.2}},
            "address.latitude",
        ),
        ({"address": {"street": "1 Main Street", "postcode": "43215", "latitude": 39.9}}, "address.longitude"),
        ({"address": {"street": "1 Main Street", "postcode": "EH1 1AA"}}, "address.postcode"),
        ({"address": {"postcode": "43215"}}, "address.street"),
        ({"address": {"street": "1 Main", "postcode": "43215", "gate": "7"}}, "address.gate"),
        ({"address": {"street": "1 Main", "postcode": "43215", "latitude": 99, "longitude": 0}}, "address.latitude"),
        (
            {"address": {"street": "1 Main", "postcode": "43215", "latitude": float("nan"), "longitude": 0}},
            "address.latitude",
        ),
        ({"address": None}, "address"),
        ({"state": "OH"}, "city"),
        ({"venue_type": "castle"}, "venue_type"),
        ({"venue_name": " "}, "venue_name"),
        ({"venue_name": None}, "venue_name"),
        ({"indoor_capacity": -1}, "indoor_capacity"),
        ({"indoor_capacity": True}, "indoor_capacity"),
        ({"bio": "a\x00b"}, "bio"),
        ({"lodging_details": {"beds": "two"}}, "lodging_details.beds"),
        ({"lodging_details": {"key_under": "mat"}}, "lodging_details.key_under"),
        ({"offers_lodging": "yes"}, "offers_lodging"),
        ({"approved_at": "2026-01-01"}, "approved_at"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(work: "Work", changes: dict[str, Any], field: str) -> None:
    from tourpad.core.hosts import queries, service

    host = make_host(work, address=True)
    drawn, updated = public(host), host.updated_at
    with pytest.raises(InvalidInputError) as refusal, work.session.begin_nested():
        service.edit(work, user_id=host.user_id, changes={"bio": "New words.", **changes})
    assert field in [e.field for e in refusal.value.errors]
    assert "417" not in str(refusal.value)
    again = queries.get_for_update(work, host.user_id)
    assert again is not None
    assert (public(again), again.bio, again.updated_at) == (drawn, None, updated)


def test_a_look_is_shown_and_goes_on_record(work: "Work") -> None:
    from tourpad.core.hosts import queries, service

    host = make_host(work, address=True)
    artist, concert_id = make_person(work, "artist"), new_id()
    seen = service.look_at_address(
        work, host_id=host.id, user_id=artist.id, reason=LookReason.ARTIST, concert_id=concert_id
    )
    assert (seen.street, seen.latitude, seen.is_approximate) == (SECRET_STREET, HOME.latitude, False)
    looks, total = queries.looks(work, host_id=host.id, page=1, limit=20)
    assert [(k.who, k.reason, k.concert_id, k.at) for k in looks] == [
        ("Juniper Vale", "artist of a confirmed booking", concert_id, work.now)
    ]
    assert total == 1


def test_a_refused_look_leaves_nothing(work: "Work") -> None:
    from tourpad.core.hosts import queries, service

    host = make_host(work, address=True)
    with pytest.raises(AddressNotReleased):
        service.look_at_address(work, host_id=host.id, user_id=host.user_id, reason=LookReason.GUEST)
    assert queries.looks(work, host_id=host.id, page=1, limit=20) == ([], 0)


def test_there_is_nothing_to_look_at_without_an_address_or_a_host(work: "Work") -> None:
    from tourpad.core.hosts import service

    host = make_host(work)
    with pytest.raises(NoAddress):
        service.look_at_address(work, host_id=host.id, user_id=None, reason=LookReason.ADMIN)
    with pytest.raises(NotFoundError):
        service.look_at_address(work, host_id=new_id(), user_id=None, reason=LookReason.ADMIN)


def test_the_audit_log_names_fields_and_no_place(work: "Work") -> None:
    from sqlalchemy import text

    make_host(work, address=True)
    work.session.flush()
    lines = work.session.execute(text("SELECT action, details::text FROM audit_log")).all()
    assert {action for action, _ in lines} >= {"host.edit", "host.set_address"}
    everything = " ".join(details for _, details in lines)
    assert "Canary" not in everything
    assert "39.97" not in everything


def test_an_erased_host_leaves_no_place(work: "Work") -> None:
    from sqlalchemy import text

    from tourpad.core.hosts import service

    host = make_host(work, address=True)
    service.forget(work, user_id=host.user_id)
    work.session.flush()
    assert work.session.execute(text("SELECT count(*) FROM host_addresses")).scalar() == 0
    assert (host.venue_name, host.public_latitude, host.approved_at) == ("erased", None, None)


def test_a_postcode_stands_for_a_home_without_coordinates(work: "Work") -> None:
    from tourpad.core.hosts import service
    from tourpad.core.places import find_postcode

    host, middle = make_host(work), find_postcode("43230")
    assert middle is not None
    give(work, host, None, address={"postcode": "43230-1111"})
    own = service.own_address(work, user_id=host.user_id)
    assert own is not None
    assert (own.is_approximate, own.latitude, own.longitude) == (True, *middle.point)
    assert 299 < distance_metres(middle, public(host)) < 1001


def test_a_postcode_of_another_part_of_the_country_is_a_slip(work: "Work") -> None:
    with pytest.raises(InvalidInputError) as refusal:
        give(work, make_host(work), None, address={"postcode": "97201"})
    assert [e.field for e in refusal.value.errors] == ["address.postcode"]


@pytest.mark.parametrize(
    ("city", "state", "point", "zone"),
    [
        ("Columbus", "OH", HOME, "America/New_York"),
        ("Chattanooga", "TN", Point(35.0156, -85.7), "America/Chicago"),  # over the hills, where another zone begins
        ("Phoenix", "AZ", Point(33.4484, -112.0740), "America/Phoenix"),
    ],
)
def test_a_concerts_clock_is_that_of_the_home(work: "Work", city: str, state: str, point: Point, zone: str) -> None:
    host = make_host(work, city=city, state=state)
    give(work, host, point)
    assert host.time_zone == zone
