"""Bookings through the API: each side at its turn, others nowhere."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.bookings import Pair, make_booking, make_pair, pay
from tests.factories.profiles import SECRET_POSTCODE, SECRET_STREET
from tests.web.api import Api
from tourpad.core.ids import new_id
from tourpad.core.masking import HIDDEN

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock

DAY = date(2026, 4, 10)


class Scene:
    """An artist, a host, and strangers, signed in."""

    def __init__(self, api: Api, **host: Any) -> None:
        self.api = api
        with api.setting() as work:
            self.pair: Pair = make_pair(work, address=True, **host)
            other = make_pair(work)
        self.artist = api.sign_in(self.pair.artist_user)
        self.host = api.sign_in(self.pair.host_user)
        self.strangers = [api.sign_in(other.artist_user), api.sign_in(other.host_user)]

    def wish(self, **changes: Any) -> dict[str, Any]:
        return {
            "hostId": str(self.pair.host_id),
            "requestedDate": DAY.isoformat(),
            "requestedTime": "19:30",
            "estimatedDuration": 90,
            "expectedAttendance": 20,
            "artistFeeCents": 20_000,
            "doorFeeCents": 1_500,
            "message": "May we play?",
            "lodgingRequested": True,
            "lodgingDetails": {"guests": 2, "specialRequests": "a quiet room"},
        } | changes

    def ask(self, **changes: Any) -> Any:
        return self.api.client.post("/api/bookings", headers=self.artist, json=self.wish(**changes))

    def booking(self, booking_id: str, who: dict[str, str] | None = None) -> Any:
        return self.api.client.get(f"/api/bookings/{booking_id}", headers=who or self.host).json()["booking"]


@pytest.fixture
def scene(api: Api) -> Scene:
    return Scene(api)


def test_a_request_is_made_and_seen_by_both(scene: Scene) -> None:
    answer = scene.ask()
    assert (answer.status_code, answer.json()["estimatedResponse"]) == (201, "within 48 hours")
    made = answer.json()["booking"]
    assert {
        k: made[k]
        for k in (
            "status",
            "turn",
            "requestedDate",
            "requestedTime",
            "timeZone",
            "startsAt",
            "concertId",
            "lodgingDetails",
        )
    } == {
        "status": "pending",
        "turn": "host",
        "requestedDate": "2026-04-10",
        "requestedTime": "19:30",
        "timeZone": "America/New_York",
        "startsAt": "2026-04-10T23:30:00Z",
        "concertId": None,
        "lodgingDetails": {"guests": 2, "specialRequests": "a quiet room"},
    }
    for who in (scene.artist, scene.host):
        listed = scene.api.client.get("/api/bookings", headers=who).json()
        assert ([b["id"] for b in listed["bookings"]], listed["pagination"]["total"]) == ([made["id"]], 1)
        assert scene.booking(made["id"], who)["offers"][0]["artistFeeCents"] == 20_000


def test_ways_of_meeting_elsewhere_are_hidden_until_it_is_confirmed(scene: Scene) -> None:
    """In every text that one side can write for the other, on every way to the other side."""
    mail, phone, link = "ada@example.org", "614 555 0199", "https://venmo.example/ada"
    booking_id = scene.ask(
        message=f"Write to {mail}",
        artistFeeCents=0,
        houseRules=f"Ring {phone}",
        lodgingDetails={"guests": 2, "specialRequests": f"see {link}"},
    ).json()["booking"]["id"]
    path = f"/api/bookings/{booking_id}"
    client = scene.api.client
    countered = {"response": f"Rather {mail}", "counterOffer": {"time": "18:30", "houseRules": f"Or {phone}"}}
    assert client.patch(f"{path}/respond", headers=scene.host, json=countered).status_code == 200
    agreed = {"status": "approved", "response": f"Good, {link}"}

    def told(who: dict[str, str]) -> str:
        return " ".join(client.get(p, headers=who).text for p in (path, "/api/bookings", f"{path}/agreement"))

    for answer in (None, client.patch(f"{path}/respond", headers=scene.artist, json=agreed)):
        assert answer is None or answer.status_code == 200
        for who in (scene.artist, scene.host):
            assert [secret for secret in (mail, phone, link) if secret in told(who)] == []
    seen = scene.booking(booking_id)
    assert (seen["message"], seen["offers"][0]["lodgingDetails"]["specialRequests"]) == (
        f"Write to {HIDDEN}",
        f"see {HIDDEN}",
    )
    with scene.api.setting() as work:
        from tourpad.core.outbox.models import Mail

        mails = " ".join(m.text_body + m.html_body for m in work.session.query(Mail))
    assert HIDDEN in mails
    assert [secret for secret in (mail, phone, link) if secret in mails] == []

    assert client.post(f"{path}/confirm", headers=scene.host).status_code == 200
    for who in (scene.artist, scene.host):
        assert [secret for secret in (mail, phone, link) if secret not in told(who)] == []


def test_others_find_nothing(scene: Scene) -> None:
    booking_id = scene.ask().json()["booking"]["id"]
    client = scene.api.client
    for who in scene.strangers:
        assert client.get("/api/bookings", headers=who).json()["bookings"] == []
        answers = [
            client.get(f"/api/bookings/{booking_id}", headers=who),
            client.patch(f"/api/bookings/{booking_id}/respond", headers=who, json={"status": "approved"}),
            *(
                client.post(f"/api/bookings/{booking_id}/{verb}", headers=who)
                for verb in ("confirm", "cancel", "complete")
            ),
        ]
        assert {(a.status_code, a.json()["code"]) for a in answers} == {(404, "not_found")}
    unknown = client.get(f"/api/bookings/{new_id()}", headers=scene.host)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("role", "state", "ask", "look"),
    [
        ("artist", "approved", 403, 200),
        ("artist", "pending", 403, 403),
        ("host", "active", 403, 200),
        ("fan", "active", 403, 403),
        ("admin", "active", 403, 403),
    ],
)
def test_who_may_ask_and_look(scene: Scene, role: str, state: str, ask: int, look: int) -> None:
    who = scene.api.person(role, state=state)
    assert scene.api.client.post("/api/bookings", headers=who, json=scene.wish()).status_code == ask
    assert scene.api.client.get("/api/bookings", headers=who).status_code == look


def test_nobody_does_anything_without_a_sign_in(scene: Scene) -> None:
    assert scene.api.client.post("/api/bookings", json=scene.wish()).status_code == 401
    assert scene.api.client.get("/api/bookings").status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"requestedDate": "2026-02-30"}, "requestedDate"),
        ({"requestedDate": "2026-02-28"}, "requestedDate"),
        ({"requestedTime": "7pm"}, "requestedTime"),
        ({"requestedTime": "24:00"}, "requestedTime"),
        ({"estimatedDuration": 5}, "estimatedDuration"),
        ({"estimatedDuration": "90"}, "estimatedDuration"),
        ({"expectedAttendance": 31}, "expectedAttendance"),
        ({"artistFeeCents": 200.5}, "artistFeeCents"),
        ({"artistFeeCents": 49}, "artistFeeCents"),
        ({"artistFeeCents": 10**30}, "artistFeeCents"),
        ({"doorFeeCents": 10}, "doorFeeCents"),
        ({"hostId": "me"}, "hostId"),
        ({"message": "x" * 5_001}, "message"),
        ({"status": "confirmed"}, "status"),
        ({"lodgingDetails": {"beds": 2}}, "lodgingDetails.beds"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_made(scene: Scene, changes: dict[str, Any], field: str) -> None:
    answer = scene.ask(**changes)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field])
    assert scene.api.client.get("/api/bookings", headers=scene.artist).json()["pagination"]["total"] == 0


def test_what_is_missing_is_named(scene: Scene) -> None:
    wish = scene.wish()
    del wish["requestedTime"]
    answer = scene.api.client.post("/api/bookings", headers=scene.artist, json=wish)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "requestedTime")
    for optional in ("doorFeeCents", "lodgingDetails", "lodgingRequested", "message"):
        del (wish := scene.wish())[optional]
        scene.api.client.post("/api/bookings", headers=scene.artist, json=wish)
    assert scene.api.client.get("/api/bookings", headers=scene.artist).json()["pagination"]["total"] == 1


def test_terms_are_settled_by_turns(scene: Scene) -> None:
    booking_id = scene.ask().json()["booking"]["id"]
    path = f"/api/bookings/{booking_id}/respond"
    client = scene.api.client
    early = client.patch(path, headers=scene.artist, json={"status": "approved", "response": "ok"})
    assert (early.status_code, early.json()["code"]) == (409, "not_your_turn")
    wrong = client.patch(path, headers=scene.host, json={"status": "approved", "counterOffer": {"time": "late"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "counterOffer.time")
    wrong = client.patch(path, headers=scene.host, json={"status": "confirmed", "response": "ok"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "status")
    counter = {"date": "2026-04-11", "time": "19:00", "artistFeeCents": 15_000}
    answer = client.patch(
        path, headers=scene.host, json={"status": "rejected", "response": "Saturday?", "counterOffer": counter}
    )
    made = answer.json()["booking"]
    assert (answer.status_code, made["status"], made["turn"], made["requestedDate"], made["artistFeeCents"]) == (
        200,
        "countered",
        "artist",
        "2026-04-11",
        15_000,
    )
    agreed = client.patch(path, headers=scene.artist, json={"status": "approved", "response": "Good."}).json()[
        "booking"
    ]
    assert (agreed["status"], agreed["turn"], agreed["doorFeeCents"]) == ("approved", None, 1_500)
    offers = scene.booking(booking_id)["offers"]
    assert [(o["number"], o["madeBy"], o["time"], o["acceptedAt"] is not None) for o in offers] == [
        (1, "artist", "19:30", False),
        (2, "host", "19:00", True),
    ]


def test_the_fee_confirms_and_releases_the_address_to_the_artist_alone(scene: Scene, clock: "VirtualClock") -> None:
    client = scene.api.client
    booking_id = scene.ask().json()["booking"]["id"]
    client.patch(
        f"/api/bookings/{booking_id}/respond", headers=scene.host, json={"status": "approved", "response": "Yes"}
    )
    unpaid = client.post(f"/api/bookings/{booking_id}/confirm", headers=scene.artist)
    assert (unpaid.status_code, unpaid.json()["code"]) == (409, "fee_not_secured")
    before = client.get(f"/api/bookings/{booking_id}", headers=scene.artist)
    assert (before.json()["booking"]["address"], SECRET_STREET in before.text) == (None, False)
    with scene.api.setting() as work:
        from tourpad.core.bookings import queries

        pay(work, queries.get_view(work, booking_id).booking, scene.pair.host_user)
    confirmed = client.post(f"/api/bookings/{booking_id}/confirm", headers=scene.host)
    assert (confirmed.status_code, confirmed.json()["booking"]["status"]) == (200, "confirmed")
    seen = scene.booking(booking_id, scene.artist)
    assert (seen["address"]["street"], seen["address"]["postcode"]) == (SECRET_STREET, SECRET_POSTCODE)
    looks = client.get("/api/hosts/me/address-looks", headers=scene.host).json()["looks"]
    assert [(k["who"], k["reason"]) for k in looks] == [("Juniper Vale", "artist of a confirmed booking")]
    listed = client.get("/api/bookings", headers=scene.artist)
    assert SECRET_STREET not in listed.text
    early = client.post(f"/api/bookings/{booking_id}/complete", headers=scene.host)
    assert (early.status_code, early.json()["code"]) == (409, "too_early")
    clock.advance(timedelta(days=41))
    scene.host = scene.api.sign_in(scene.pair.host_user)
    done = client.post(f"/api/bookings/{booking_id}/complete", headers=scene.host)
    assert (done.status_code, done.json()["booking"]["status"]) == (200, "completed")


def test_calling_it_off_says_what_comes_back(scene: Scene) -> None:
    with scene.api.setting() as work:
        booking_id = make_booking(work, scene.pair).id
    answer = scene.api.client.post(
        f"/api/bookings/{booking_id}/cancel", headers=scene.host, json={"reason": "We are moving."}
    )
    made = answer.json()
    assert (answer.status_code, made["refundCents"], made["booking"]["status"], made["booking"]["cancelledBy"]) == (
        200,
        20_000,
        "cancelled",
        "host",
    )
    again = scene.api.client.post(f"/api/bookings/{booking_id}/cancel", headers=scene.host)
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")


def test_a_date_can_be_had_once(scene: Scene) -> None:
    with scene.api.setting() as work:
        make_booking(work, scene.pair, day=DAY)
    answer = scene.ask()
    assert (answer.status_code, answer.json()["code"]) == (409, "date_taken")
    asked = scene.ask(requestedDate="2026-04-12")
    assert asked.status_code == 201
    again = scene.ask(requestedDate="2026-04-12")
    assert (again.status_code, again.json()["code"]) == (409, "already_requested")


def test_a_list_is_narrowed_and_paged_and_costs_two_queries(scene: Scene) -> None:
    with scene.api.setting() as work:
        for n, state in enumerate(["pending", "pending", "confirmed", "rejected", "approved", "cancelled"]):
            make_booking(work, scene.pair, state=state, day=DAY + timedelta(days=n))
    client = scene.api.client

    def listed(query: str) -> list[str]:
        answer = client.get(f"/api/bookings?{query}", headers=scene.host)
        return [b["status"] for b in answer.json()["bookings"]]

    assert listed("") == ["cancelled", "approved", "rejected", "confirmed", "pending", "pending"]
    assert listed("status=pending&status=approved") == ["approved", "pending", "pending"]
    assert listed(f"start={DAY + timedelta(days=2)}&end={DAY + timedelta(days=3)}") == ["rejected", "confirmed"]
    assert listed("limit=2&page=3") == ["pending", "pending"]
    with scene.api.counting() as seen:
        listed("limit=100")
    assert len(seen) == 2
    for query, field in (("status=maybe", "status"), ("limit=0", "limit"), ("start=soon", "start")):
        answer = client.get(f"/api/bookings?{query}", headers=scene.host)
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field])


def test_days_are_said_and_asked_about(scene: Scene) -> None:
    client = scene.api.client
    body = {"openDates": ["2026-04-10"], "blockedDates": ["2026-04-12", "2026-04-11"]}
    answer = client.put("/api/availability/me", headers=scene.host, json=body)
    with scene.api.setting() as work:
        make_booking(work, scene.pair, day=DAY)
    said = {
        "openDates": ["2026-04-10"],
        "blockedDates": ["2026-04-11", "2026-04-12"],
        "patterns": [],
        "busyDates": [],
        "bookedDates": [],
        "timeZone": "America/New_York",
    }
    assert (answer.status_code, answer.json()["availability"]) == (200, said)
    assert client.get("/api/availability/me", headers=scene.host).json()["availability"] == said | {
        "bookedDates": ["2026-04-10"]
    }
    assert (blocked := scene.ask(requestedDate="2026-04-11")).status_code == 409
    assert blocked.json()["code"] == "date_blocked"
    past = client.put("/api/availability/me", headers=scene.host, json={"openDates": ["2025-01-01"]})
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "openDates")
    assert client.get("/api/availability/me", headers=scene.api.person("fan")).status_code == 403
