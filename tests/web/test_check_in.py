"""Tickets and the door over HTTP: what a guest's telephone shows opens the host's door once."""

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from tests.core.bookings.test_races import at_once
from tests.factories.bookings import make_pair
from tests.factories.concerts import fan_of, make_concert, make_fan, seat
from tests.web.api import Api

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock


class Door:
    """A show tonight with a party of two and a party of one."""

    def __init__(self, api: Api, clock: "VirtualClock") -> None:
        self.api = api
        with api.setting() as work:
            pair = make_pair(work, address=True)
            concert = make_concert(work, pair)
            self.concert_id = concert.id
            parties = [seat(work, concert, 2, fan=make_fan(work, name="Cleo Okafor")), seat(work, concert)]
            self.parties = [rsvp.id for rsvp in parties]
            fans = [fan_of(work, rsvp) for rsvp in parties]
            starts_at = concert.starts_at
        clock.set(starts_at - timedelta(hours=1))
        self.now = starts_at - timedelta(hours=1)
        self.fans = [api.sign_in(fan) for fan in fans]
        self.host = api.sign_in(pair.host_user)
        self.artist = api.sign_in(pair.artist_user)

    def ticket(self, which: int = 0) -> dict[str, Any]:
        return self.api.client.get(f"/api/rsvps/{self.parties[which]}/ticket", headers=self.fans[which]).json()[
            "ticket"
        ]

    def check_in(self, **body: Any) -> Any:
        return self.api.client.post(f"/api/concerts/{self.concert_id}/check-in", headers=self.host, json=body)

    def door_list(self) -> dict[str, Any]:
        return self.api.client.get(f"/api/concerts/{self.concert_id}/door-list", headers=self.host).json()

    def sync(self, device: str, *scans: dict[str, Any]) -> Any:
        body = {"listToken": self.door_list()["listToken"], "device": device, "scans": list(scans)}
        answer = self.api.client.post(f"/api/concerts/{self.concert_id}/check-in/sync", headers=self.host, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["scans"]


def test_a_ticket_scans_once(api: Api, clock: "VirtualClock") -> None:
    door = Door(api, clock)
    ticket = door.ticket()
    assert (ticket["guestsCount"], ticket["city"], ticket["name"]) == (2, "Columbus", "Cleo Okafor")
    first = door.check_in(token=ticket["token"])
    assert (first.status_code, first.json()["status"], first.json()["guests"]) == (200, "checked_in", 2)
    second = door.check_in(token=ticket["token"])
    assert (second.status_code, second.json()["code"]) == (409, "already_checked_in")
    assert second.json()["details"]["checkedInBy"] == "the host"
    assert second.json()["details"]["checkedInAt"].startswith(door.now.isoformat()[:19])
    assert door.check_in(code=door.ticket(1)["code"]).json()["rsvp"]["arrivedCount"] == 1


def test_the_artist_reads_that_the_door_is_the_hosts(api: Api, clock: "VirtualClock") -> None:
    door = Door(api, clock)
    here = f"/api/concerts/{door.concert_id}"
    stranger = api.person("host")
    for method, path, body in (
        ("POST", "/check-in", {"rsvpId": str(door.parties[0])}),
        ("GET", "/door-list", None),
        ("POST", "/door-link", {}),
        ("POST", "/walk-ups", {"name": "Wanda", "guestsCount": 1}),
    ):
        refused = api.client.request(method, here + path, headers=door.artist, json=body)
        assert (refused.status_code, refused.json()["title"]) == (403, "The host does the door, not the artist.")
        assert api.client.request(method, here + path, headers=stranger, json=body).status_code == 404


def test_the_ticket_as_a_picture_is_the_same_ticket(api: Api, clock: "VirtualClock") -> None:
    import segno

    door = Door(api, clock)
    token = door.ticket()["token"]
    path = f"/api/rsvps/{door.parties[0]}/ticket"
    png = api.client.get(path, params={"format": "png"}, headers=door.fans[0])
    svg = api.client.get(path, params={"format": "svg"}, headers=door.fans[0])
    assert (png.headers["content-type"], svg.headers["content-type"]) == ("image/png", "image/svg+xml")
    assert png.headers["cache-control"] == svg.headers["cache-control"] == "no-store"
    expected = io.BytesIO()
    code = segno.make(token, error="m", micro=False)
    code.save(expected, kind="png", scale=8, border=4)
    shown, drawn = Image.open(io.BytesIO(png.content)), Image.open(expected)
    assert shown.convert("1").tobytes() == drawn.convert("1").tobytes()
    assert code.mode == "alphanumeric"
    assert int(code.version) <= 5  # large squares, which a dim telephone shows well


def test_twelve_doors_scan_one_ticket_at_once(api: Api, clock: "VirtualClock") -> None:
    door = Door(api, clock)
    token = door.ticket(1)["token"]
    came = at_once(api.platform, range(12), lambda _p, _n: str(door.check_in(token=token).status_code))
    assert came == {"200": 1, "409": 11}


def test_an_evening_without_a_network(api: Api, clock: "VirtualClock") -> None:
    door = Door(api, clock)
    made = door.door_list()
    assert sorted(p["guestsCount"] for p in made["parties"] if p["refusal"] is None) == [1, 2]
    assert door.ticket()["token"] not in str(made)
    scan = {"id": str(uuid4()), "at": (door.now + timedelta(minutes=1)).isoformat(), "token": door.ticket()["token"]}
    clock.advance(timedelta(minutes=10))
    assert door.check_in(token=scan["token"]).status_code == 200  # at the other door, later
    (told,) = door.sync("garden gate", scan)
    assert (told["outcome"], told["letIn"], told["name"]) == ("let_in", 2, "Cleo Okafor")
    assert door.sync("garden gate", scan) == [told]
    made = door.door_list()
    assert [(r["outcome"], r["device"], r["name"]) for r in made["reported"]] == [("duplicate", None, "Cleo Okafor")]
    assert made["attendance"] == {"expected": 3, "arrived": 2, "missing": 1, "walkUps": 0, "noShows": 0}


@pytest.mark.parametrize(
    "scan",
    [
        {"id": "1", "at": "2026-01-01T00:00:00Z"},
        {"id": str(UUID(int=1)), "at": "2026-01-01T00:00:00"},
        {"id": str(UUID(int=1)), "at": "2026-01-01T00:00:00Z", "guests": 0},
        {"id": str(UUID(int=1)), "at": "2026-01-01T00:00:00Z", "admit": True},
    ],
)
def test_scans_that_are_none_are_refused_whole(api: Api, clock: "VirtualClock", scan: dict[str, Any]) -> None:
    door = Door(api, clock)
    body = {"listToken": door.door_list()["listToken"], "device": "gate", "scans": [scan]}
    answer = api.client.post(f"/api/concerts/{door.concert_id}/check-in/sync", headers=door.host, json=body)
    assert answer.status_code == 422
    assert door.door_list()["reported"] == []
