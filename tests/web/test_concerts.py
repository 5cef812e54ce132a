"""Concerts and seats through the API, as each role sees them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.factories.bookings import in_days, make_pair
from tests.factories.concerts import announce, make_concert, make_fan, pay_door, seat
from tests.factories.profiles import SECRET_POINT, SECRET_POSTCODE, SECRET_STREET
from tests.web.api import Api
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock


class Scene:
    """One concert, its sides, and fans, signed in."""

    def __init__(self, api: Api, **concert: Any) -> None:
        self.api = api
        with api.setting() as work:
            self.pair = make_pair(work, address=True)
            made = make_concert(work, self.pair, **concert)
            self.id, self.starts_at = made.id, made.starts_at
        self.sign_in()

    def sign_in(self) -> None:
        """Anew: tokens live for fifteen minutes."""
        self.artist = self.api.sign_in(self.pair.artist_user)
        self.host = self.api.sign_in(self.pair.host_user)

    def fan(self, **more: Any) -> dict[str, str]:
        with self.api.setting() as work:
            user_id = make_fan(work, **more)
        return self.api.sign_in(user_id)

    def call(self, method: str, path: str, who: dict[str, str], body: Any = None) -> Any:
        return self.api.client.request(method, f"/api/concerts/{self.id}{path}", headers=who, json=body)

    def ask(self, who: dict[str, str], guests: int = 1) -> Any:
        return self.call("POST", "/rsvp", who, {"guestsCount": guests})

    def paid(self, rsvp_id: str) -> None:
        from tourpad.core.concerts.queries import seats

        with self.api.setting() as work:
            pay_door(work, seats.get(work, rsvp_id)[0])  # type: ignore[arg-type]


def test_members_see_what_they_may(api: Api) -> None:
    scene = Scene(api)
    shown = scene.call("GET", "", scene.fan()).json()["concert"]
    assert {
        k: shown[k]
        for k in ("title", "status", "maxCapacity", "seatsLeft", "doorFeeCents", "role", "address", "bookingId")
    } == {
        "title": "Juniper Vale at Mill Lane House, Columbus",
        "status": "scheduled",
        "maxCapacity": 10,
        "seatsLeft": 10,
        "doorFeeCents": 1_500,
        "role": None,
        "address": None,
        "bookingId": None,
    }
    assert (shown["startsAt"], shown["startTime"], shown["timeZone"], shown["addressFrom"]) == (
        "2026-04-10T23:30:00Z",
        "19:30",
        "America/New_York",
        "2026-04-08T23:30:00Z",
    )
    assert scene.call("GET", "", scene.artist).json()["concert"]["role"] == "artist"
    assert scene.call("GET", "", scene.host).json()["concert"]["role"] == "host"


@pytest.mark.parametrize(
    ("role", "state", "listed", "shown"),
    [
        ("fan", "active", 200, 200),
        ("fan", "approved", 403, 404),
        ("fan", "pending", 403, 403),
        ("artist", "active", 200, 200),
        ("artist", "approved", 403, 404),
        ("host", "active", 200, 200),
        ("host", "pending", 403, 403),
        ("admin", "active", 200, 200),
    ],
)
def test_who_browses(api: Api, role: str, state: str, listed: int, shown: int) -> None:
    scene = Scene(api)
    who = api.person(role, state=state)
    assert api.client.get("/api/concerts", headers=who).status_code == listed
    assert scene.call("GET", "", who).status_code == shown


def test_concerts_are_found_by_place_day_and_music(api: Api) -> None:
    from tourpad.core.artists import service

    with api.setting() as work:
        for n, (venue, town, genre) in enumerate(
            [("Near", ("Dublin", "OH"), "folk"), ("Here", ("Columbus", "OH"), "jazz"), ("Far", ("Boise", "ID"), "jazz")]
        ):
            pair = make_pair(work, venue_name=venue, city=town[0], state=town[1])
            service.edit(work, user_id=pair.artist_user, changes={"genres": [genre]})
            make_concert(work, pair, day=in_days(work, 40 + n))
    fan = api.person("fan")

    def found(query: str) -> list[tuple[str, str | None]]:
        answer = api.client.get(f"/api/concerts?{query}", headers=fan)
        assert answer.status_code == 200, answer.text
        return [(c["host"]["venueName"], c["distance"]) for c in answer.json()["concerts"]]

    assert [v for v, _ in found("")] == ["Near", "Here", "Far"]
    assert found("location=Columbus OH&radius=30") == [("Near", "10 to 25 miles"), ("Here", "under 5 miles")]
    assert found("location=Columbus OH&radius=5") == [("Here", "under 5 miles")]
    assert [v for v, _ in found("genres=Jazz")] == ["Here", "Far"]
    assert [v for v, _ in found("genres=folk,jazz&end=2026-04-11")] == ["Near", "Here"]
    assert [v for v, _ in found("start=2026-04-11&end=2026-04-11")] == ["Here"]
    turned = api.client.get("/api/concerts?start=2026-04-12&end=2026-04-11", headers=fan)
    assert (turned.status_code, turned.json()["errors"][0]["field"]) == (422, "end")
    assert [v for v, _ in found("limit=1&page=2")] == ["Here"]
    assert [v for v, _ in found("q=colombus")] == ["Here"]
    assert [v for v, _ in found("q=jaz%20boise&state=id,oh")] == ["Far"]
    assert [v for v, _ in found("location=Columbus OH&radius=3000&sort=distance")] == ["Here", "Near", "Far"]
    with api.counting() as seen:
        found("location=Columbus OH&radius=30&limit=100")
    assert seen == []  # one statement, with the sign-in in it: see test_hot.py
    with api.counting() as seen:
        found("q=jazz&limit=100&facets=true")
    assert len([statement for statement in seen if "set_config" not in statement]) == 3
    wrong = {
        "location=Springfield": "location",
        "radius=4": "radius",
        "start=soon": "start",
        "sort=distance": "sort",
        "sort=relevance": "sort",
        "sort=price": "sort",
        "q=!!": "q",
        "state=OH,XX": "state",
        "seats=0": "seats",
        f"after={uuid4()}": "after",
    }
    for query, field in wrong.items():
        answer = api.client.get(f"/api/concerts?{query}", headers=fan)
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field])


def test_a_list_is_counted_by_kind_and_gone_on_with(api: Api) -> None:
    with api.setting() as work:
        for n in range(3):
            announce(work, make_pair(work, venue_name=f"Home {n}"), day=in_days(work, 40 + n))
    fan = api.person("fan")
    first = api.client.get("/api/concerts?limit=2&facets=true&genres=folk", headers=fan).json()
    assert first["filters"] == {
        "genres": [{"value": "folk", "count": 3}],
        "venueTypes": [{"value": "home", "count": 3}],
        "states": [{"value": "OH", "count": 3}],
        "prices": [{"value": "15_to_30", "count": 3}],
        "doorModes": [{"value": "fixed", "count": 3}],
        "months": [{"value": "2026-04", "count": 3}],
    }
    assert first["pagination"] == {
        "page": 1,
        "limit": 2,
        "total": 3,
        "pages": 2,
        "next": first["concerts"][1]["id"],
    }
    second = api.client.get(f"/api/concerts?limit=2&after={first['pagination']['next']}", headers=fan).json()
    assert [c["host"]["venueName"] for c in first["concerts"] + second["concerts"]] == ["Home 0", "Home 1", "Home 2"]
    assert (second["pagination"]["next"], second["filters"]) == (None, None)


def test_a_private_concert_is_nowhere_for_others(api: Api) -> None:
    from tourpad.core.identity import queries as people

    scene = Scene(api, private=True)
    with api.setting() as work:
        guest_id = make_fan(work)
        email = people.get_user(work, guest_id).email
    guest, stranger = api.sign_in(guest_id), scene.fan()
    assert [scene.call("GET", "", who).status_code for who in (stranger, guest, scene.artist)] == [404, 404, 200]
    assert scene.ask(guest).status_code == 404
    slip = scene.call("POST", "/invitations", scene.host, {"emails": [email, "ada.example"]}).json()
    assert slip["errors"] == [{"field": "emails", "message": "must hold mail addresses; 'ada.example' is none"}]
    invited = scene.call("POST", "/invitations", scene.host, {"emails": [email, "nobody@people.example"]})
    assert (invited.status_code, invited.json()) == (202, {"accepted": 2})
    assert [scene.call("GET", "", who).status_code for who in (stranger, guest)] == [404, 200]
    assert scene.ask(guest).status_code == 201
    assert api.client.get("/api/concerts", headers=guest).json()["concerts"] == []
    mine = api.client.get("/api/concerts/mine", headers=guest).json()["concerts"]
    assert [c["id"] for c in mine] == [str(scene.id)]
    assert api.client.get("/api/concerts/mine", headers=stranger).json()["concerts"] == []
    assert scene.call("POST", "/invitations", stranger, {"emails": [email]}).status_code == 403


def test_its_sides_change_it_and_nobody_else(api: Api) -> None:
    scene = Scene(api)
    changes = {
        "title": "An evening of songs",
        "description": "Bring a cushion.",
        "maxCapacity": 12,
        "requiresApproval": True,
    }
    answer = scene.call("PATCH", "", scene.artist, changes)
    shown = answer.json()["concert"]
    assert (answer.status_code, {k: shown[k] for k in changes}) == (200, changes)
    for wrong, field in (
        ({"maxCapacity": 31}, "maxCapacity"),
        ({"title": " "}, "title"),
        ({"doorFeeCents": 1}, "doorFeeCents"),
    ):
        refused = scene.call("PATCH", "", scene.host, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    with api.setting() as work:
        other = make_pair(work)
    stranger = api.sign_in(other.host_user)
    for method, path, body in (
        ("PATCH", "", changes),
        ("POST", "/cancel", {"reason": "x"}),
        ("GET", "/rsvps", None),
        ("POST", "/check-in", {"rsvpId": str(new_id())}),
        ("POST", "/invitations", {"emails": ["x@y.example"]}),
    ):
        assert scene.call(method, path, stranger, body).status_code == 404, path
        assert scene.call(method, path, scene.fan(), body).status_code == 403, path


def test_a_fan_asks_and_the_host_answers(api: Api) -> None:
    scene = Scene(api, approval=True)
    fan = scene.fan(name="Cleo Okafor")
    answer = scene.call("POST", "/rsvp", fan, {"guestsCount": 2, "specialRequests": "A step is fine."})
    made = answer.json()
    assert (answer.status_code, made["status"], made["rsvp"]["status"], made["rsvp"]["feeCents"]) == (
        201,
        "pending_approval",
        "pending",
        3_000,
    )
    again = scene.ask(fan)
    assert (again.status_code, again.json()["code"]) == (409, "already_requested")
    guests = scene.call("GET", "/rsvps", scene.host).json()
    assert [(g["name"], g["guestsCount"], g["specialRequests"]) for g in guests["rsvps"]] == [
        ("Cleo Okafor", 2, "A step is fine.")
    ]
    assert (guests["seats"]["pending"], guests["maxCapacity"]) == (2, 10)
    path = f"/api/rsvps/{made['rsvp']['id']}"
    assert api.client.patch(path, headers=fan, json={"status": "approved"}).status_code == 404
    approved = api.client.patch(path, headers=scene.artist, json={"status": "approved"})
    assert (approved.status_code, approved.json()["status"]) == (200, "confirmed")
    own = scene.call("GET", "/rsvp", fan).json()
    assert (own["status"], own["rsvp"]["expiresAt"], own["addressFrom"]) == (
        "confirmed",
        "2026-03-03T12:00:00Z",
        "2026-04-08T23:30:00Z",
    )
    smaller = api.client.patch(path, headers=fan, json={"guestsCount": 1})
    assert (smaller.status_code, smaller.json()["rsvp"]["feeCents"]) == (200, 1_500)
    for body in ({}, {"status": "approved", "guestsCount": 1}, {"status": "pending"}, {"guestsCount": 0}):
        assert api.client.patch(path, headers=fan, json=body).status_code == 422
    assert api.client.patch(path, headers=scene.fan(), json={"guestsCount": 1}).status_code == 404
    left = scene.call("DELETE", "/rsvp", fan)
    assert (left.status_code, left.json()["status"], left.json()["refundCents"]) == (200, "cancelled", 0)
    assert scene.call("DELETE", "/rsvp", fan).status_code == 404
    assert scene.call("GET", "/rsvp", fan).json()["status"] == "cancelled"


def test_who_does_not_fit_waits_and_takes_what_comes_free(api: Api) -> None:
    scene = Scene(api, capacity=2)
    first, second = scene.fan(), scene.fan()
    assert scene.ask(first, 2).json()["status"] == "confirmed"
    assert scene.ask(second, 2).json()["status"] == "waitlisted"
    scene.call("DELETE", "/rsvp", first)
    assert scene.call("GET", "/rsvp", second).json()["rsvp"]["status"] == "offered"
    taken = scene.ask(second, 2)
    assert (taken.status_code, taken.json()["status"]) == (201, "confirmed")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"guestsCount": 0}, "guestsCount"), ({"guestsCount": 11}, "guestsCount"), ({"guestsCount": "2"}, "guestsCount")],
)
def test_a_wrong_party_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    scene = Scene(api)
    answer = scene.call("POST", "/rsvp", scene.fan(), body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_who_may_not_ask(api: Api) -> None:
    scene = Scene(api)
    for role, state in (("fan", "approved"), ("artist", "active"), ("host", "active"), ("admin", "active")):
        assert scene.ask(api.person(role, state=state)).status_code == 403
    assert api.client.post(f"/api/concerts/{scene.id}/rsvp", json={"guestsCount": 1}).status_code == 401
    assert (
        api.client.post(f"/api/concerts/{new_id()}/rsvp", headers=scene.fan(), json={"guestsCount": 1}).status_code
        == 404
    )


def test_the_address_is_shown_to_paid_guests_two_days_before_and_to_nobody_else(
    api: Api, clock: "VirtualClock"
) -> None:
    scene = Scene(api)
    with api.setting() as work:
        ids = [make_fan(work) for _ in range(3)]
    for user_id, pays in zip(ids, (True, False, None), strict=True):
        if pays is not None:
            rsvp = scene.ask(api.sign_in(user_id)).json()["rsvp"]
            if pays:
                scene.paid(rsvp["id"])

    def who_sees() -> list[bool]:
        seen = []
        for user_id in ids:
            who = api.sign_in(user_id)
            for path in ("", "/rsvp"):
                text = scene.call("GET", path, who).text + api.client.get("/api/concerts", headers=who).text
                found = SECRET_STREET in text
                assert found == (SECRET_POSTCODE in text) == (str(SECRET_POINT[0]) in text)
                if path == "":
                    seen.append(found)
                else:
                    assert not found
        return seen

    assert who_sees() == [False, False, False]
    clock.set(scene.starts_at - timedelta(hours=48, seconds=1))
    assert who_sees() == [False, False, False]
    clock.set(scene.starts_at - timedelta(hours=48))
    assert who_sees() == [True, False, False]
    scene.sign_in()
    looks = api.client.get("/api/hosts/me/address-looks", headers=scene.host).json()["looks"]
    assert [k["reason"] for k in looks] == ["approved guest"]


def test_the_host_ticks_guests_off(api: Api, clock: "VirtualClock") -> None:
    scene = Scene(api)
    with api.setting() as work:
        from tourpad.core.concerts.queries import shows

        rsvp_id = str(seat(work, shows.get_view(work, scene.id).concert, 2).id)
    early = scene.call("POST", "/check-in", scene.host, {"rsvpId": rsvp_id})
    assert (early.status_code, early.json()["code"]) == (409, "door_closed")
    clock.set(scene.starts_at)
    scene.sign_in()
    done = scene.call("POST", "/check-in", scene.host, {"rsvpId": rsvp_id})
    assert (done.status_code, done.json()["status"]) == (200, "checked_in")
    again = scene.call("POST", "/check-in", scene.host, {"rsvpId": rsvp_id})
    assert (again.status_code, again.json()["code"]) == (409, "already_checked_in")
    assert scene.call("POST", "/check-in", scene.artist, {"rsvpId": rsvp_id}).status_code == 403
    assert scene.call("POST", "/check-in", scene.host, {"rsvpId": "none"}).status_code == 422


def test_calling_a_concert_off(api: Api) -> None:
    scene = Scene(api, fee=20_000)
    answer = scene.call("POST", "/cancel", scene.artist, {"reason": "The singer has lost her voice."})
    made = answer.json()
    assert (answer.status_code, made["concert"]["status"], made["refundCents"], made["concert"]["cancelReason"]) == (
        200,
        "cancelled",
        20_000,
        "The singer has lost her voice.",
    )
    assert api.client.get("/api/concerts", headers=scene.fan()).json()["concerts"] == []
    assert scene.ask(scene.fan()).json()["code"] == "concert_closed"
    booking = api.client.get(f"/api/bookings/{made['concert']['bookingId']}", headers=scene.host).json()["booking"]
    assert (booking["status"], booking["address"]) == ("cancelled", None)


def test_the_guest_list_is_narrowed_and_costs_four_queries(api: Api) -> None:
    scene = Scene(api, capacity=3)
    for guests in (2, 2, 1, 3):
        scene.ask(scene.fan(), guests)

    def listed(query: str) -> list[int]:
        answer = api.client.get(f"/api/concerts/{scene.id}/rsvps?{query}", headers=scene.host)
        return [g["guestsCount"] for g in answer.json()["rsvps"]]

    assert listed("") == [2, 2, 1, 3]
    assert listed("status=waitlisted") == [2, 3]
    assert listed("limit=3&page=2") == [3]
    with api.counting() as seen:
        listed("limit=100")
    assert len(seen) == 4
