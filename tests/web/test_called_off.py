"""A show is off from the moment it is called off, though its parties are told one by one: nobody is shown a seat."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.web.api import Api
from tests.web.test_concerts import Scene
from tourpad.core.actors import job_actor
from tourpad.core.concerts.procedures import refund_cancelled

if TYPE_CHECKING:
    from tests.command import Command
    from tourpad.core.clock import VirtualClock


def test_nobody_is_shown_a_seat_before_the_job_has_come(api: Api, clock: "VirtualClock", cli: "Command") -> None:
    scene = Scene(api, capacity=4)
    clock.set(scene.starts_at - timedelta(hours=1))
    scene.sign_in()
    paid, unpaid, waits = scene.fan(name="Ada Byron"), scene.fan(), scene.fan()
    party = scene.ask(paid, 2).json()["rsvp"]["id"]
    scene.paid(party)
    owing = scene.ask(unpaid, 2).json()["rsvp"]["id"]
    assert scene.ask(waits, 3).json()["status"] == "waitlisted"

    def ticket(more: str = "") -> Any:
        return api.client.get(f"/api/rsvps/{party}/ticket{more}", headers=paid)

    token = ticket().json()["ticket"]["token"]
    assert scene.call("GET", "/door-list", scene.host).json()["attendance"]["expected"] == 2
    assert scene.call("POST", "/cancel", scene.host, {}).status_code == 200

    for who in (paid, unpaid, waits):
        own = scene.call("GET", "/rsvp", who).json()
        assert (own["status"], own["rsvp"]["status"], own["waitingBefore"]) == ("cancelled", "cancelled", None)
        assert own["rsvp"]["expiresAt"] is None
    listed = scene.call("GET", "/rsvps", scene.host).json()
    assert [rsvp["status"] for rsvp in listed["rsvps"]] == ["cancelled"] * 3
    assert {state: seats for state, seats in listed["seats"].items() if seats} == {"cancelled": 7}
    assert scene.call("GET", "/rsvps?status=approved", scene.host).json()["rsvps"] == []
    assert scene.call("GET", "/rsvps?status=cancelled", scene.host).json()["pagination"]["total"] == 3

    for refused in (ticket(), ticket("?format=svg"), ticket("?format=pdf")):
        assert (refused.json()["code"], refused.json()["details"]["reason"]) == ("not_confirmed", "cancelled")
    shown = scene.call("POST", "/check-in", scene.host, {"token": token}).json()
    assert (shown["code"], shown["title"]) == ("door_closed", "The show was called off: nobody is let in.")
    door = scene.call("GET", "/door-list", scene.host).json()
    assert (door["parties"], door["attendance"]["expected"]) == ([], 0)
    paper = scene.call("GET", "/guest-list", scene.host).json()
    assert (paper["rows"], paper["expected"], paper["isCalledOff"]) == ([], 0, True)
    body = {"paymentType": "door_fee", "rsvpId": owing}
    assert api.client.post("/api/payments/create-intent", headers=unpaid, json=body).json()["code"] == "nothing_owed"

    shown = [scene.call("GET", "", who).json()["concert"] for who in (paid, scene.fan(), scene.host)]
    assert [(one["seatsTaken"], one["seatsLeft"]) for one in shown] == [(0, 4)] * 3
    (row,) = cli("concerts", "list", "--json").json["concerts"]
    assert (row["state"], row["seats_taken"]) == ("cancelled", 0)
    assert cli("concerts", "show", str(scene.id), "--json").json["seats_taken"] == 0

    for method, path, more in (("GET", "/rsvp/cancellation", None), ("DELETE", "/rsvp", None)):
        left = scene.call(method, path, paid, more).json()  # by the policy nothing would go back an hour before
        assert (left["code"], "all that you paid goes back" in left["title"]) == ("concert_closed", True)
    smaller = api.client.patch(f"/api/rsvps/{party}", headers=paid, json={"guestsCount": 1})
    assert smaller.json()["code"] == "concert_closed"

    rows = cli("concerts", "guests", str(scene.id), "--json").json
    assert [row["state"] for row in rows["guests"]] == ["cancelled"] * 3
    assert "Byron" not in cli("concerts", "guests", str(scene.id), "--csv").stdout


def test_whoever_was_a_guest_reads_why_before_and_after_the_job_has_come(api: Api, clock: "VirtualClock") -> None:
    """And whoever was none does not: not who gave the seats back before, nor who only looks."""
    scene = Scene(api, capacity=10)
    paid, waits, left, looks = (scene.fan() for _ in range(4))
    scene.paid(scene.ask(paid, 2).json()["rsvp"]["id"])
    scene.ask(left)
    assert scene.ask(waits, 9).json()["status"] == "waitlisted"
    assert scene.call("DELETE", "/rsvp", left).status_code == 200
    clock.advance(timedelta(minutes=1))
    assert scene.call("POST", "/cancel", scene.host, {"reason": "The roof leaks."}).status_code == 200

    def reasons() -> list[str | None]:
        everybody = (paid, waits, left, looks, scene.host)
        return [scene.call("GET", "", who).json()["concert"]["cancelReason"] for who in everybody]

    told = ["The roof leaks.", "The roof leaks.", None, None, "The roof leaks."]
    assert reasons() == told
    assert refund_cancelled(api.platform, job_actor("concerts-refund"))["guests"] == 2
    assert reasons() == told
