"""What checks from outside use: `db seed`, real servers, tokens, jobs of another time, a Stripe that goes wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from tests import plain_http
from tests.journeys.conftest import Done, Shell, free_port

ROLES = {
    "artist": {"pending", "approved", "active", "suspended", "rejected"},
    "host": {"pending", "active", "suspended", "rejected"},
    "fan": {"pending", "approved", "active", "suspended"},
}
BOOKINGS = {"pending", "countered", "approved", "confirmed", "completed", "rejected", "expired", "cancelled"}
RSVPS = {
    *("pending", "waitlisted", "offered", "approved", "declined"),
    *("lapsed", "cancelled", "checked_in", "no_show"),
}


@dataclass(slots=True)
class House:
    """A seeded database with an API and a Stripe that run."""

    shell: Shell
    seeded: Any
    api: str
    stripe: str
    database: str
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    """Kept, as an app does: signing in too often is refused."""

    def one(self, role: str, state: str = "active") -> Any:
        """Somebody who can sign in."""
        return next(p for p in self.seeded["people"][role] if p["state"] == state and p["email_verified"])

    def sign_in(self, who: Any) -> httpx.Response:
        """With the password that the seed printed."""
        body = {"email": who["email"], "password": self.seeded["password"]}
        return plain_http.post(f"{self.api}/api/auth/login", json=body, timeout=60)

    def get(self, path: str, who: Any = None, **query: Any) -> httpx.Response:
        """As somebody, or nobody."""
        if who and who["email"] not in self.tokens:
            self.tokens[who["email"]] = self.sign_in(who).json()["accessToken"]
        headers = {"Authorization": f"Bearer {self.tokens[who['email']]}"} if who else {}
        return plain_http.get(f"{self.api}{path}", headers=headers, params=query, timeout=60)

    def sandbox(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        """One of Stripe's own pages for tests."""
        answer = plain_http.request(method, f"{self.stripe}/_sandbox/{path}", json=body, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def house(home: Path, database_of_journey: str) -> Iterator[House]:
    api, stripe = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    shell = Shell(home, {"TOURPAD_ENV": "test", "DATABASE_URL": database_of_journey, "TOURPAD_BASE_URL": api})
    with shell.serving("stripe", "sandbox", "--port", stripe.rpartition(":")[2], ready=f"{stripe}/_sandbox/clock"):
        # The past is made beside a sandbox that lives in the present on the same home, as `tourpad dev` has one.
        seeded = shell("db", "seed", "--seed", "7", "--people", "20", "--json").json
        shell.variables["STRIPE_API_BASE"] = stripe
        with shell.serving("api", "serve", "--port", api.rpartition(":")[2], ready=f"{api}/readyz"):
            yield House(shell, seeded, api, stripe, database_of_journey)


def test_the_seed_has_everybody_and_everything(house: House) -> None:
    people = house.seeded["people"]
    assert sum(len(group) for group in people.values()) == 20
    assert {role: {who["state"] for who in people[role]} for role in ROLES} == ROLES
    assert [admin["state"] for admin in people["admin"]] == ["active"]
    assert {booking["state"] for booking in house.seeded["bookings"]} == BOOKINGS
    assert {rsvp["state"] for rsvp in house.seeded["rsvps"]} == RSVPS
    assert {a["state"] for a in house.seeded["applications"]} >= {"submitted", "questions_asked", "approved"}
    homes = [host["private"] for host in people["host"]]
    assert len({home["postcode"] for home in homes}) == len(homes)
    ahead = [c for c in house.seeded["concerts"] if c["state"] == "scheduled"]
    assert any(c["is_private"] for c in ahead)
    assert any(not c["requires_approval"] and not c["door_fee_cents"] for c in ahead)
    assert any(c["max_capacity"] - c["seats_taken"] >= 10 for c in ahead)
    invited = [b for b in house.seeded["bookings"] if b["requested_by"] == "host"]
    assert [(b["state"], b["turn"]) for b in invited] == [("pending", "artist")]
    trips = {trip["id"] for trip in house.seeded["trips"]}
    assert (len(trips), {b["trip_id"] for b in invited} < trips) == (2, True)
    awaited = [c for c in ahead if c["minimum_by"] and not c["minimum_reached_at"]]
    assert [c["seats_taken"] < c["minimum_attendance"] for c in awaited] == [True]
    moved = [c["id"] for c in ahead if c["moved_count"]]
    told = {r["state"] + (" asked" if r["keep_by"] else "") for r in house.seeded["rsvps"] if r["concert_id"] in moved}
    assert (len(moved), told) == (1, {"approved", "approved asked", "cancelled"})
    waited_for = {r["concert_id"] for r in house.seeded["rsvps"] if r["state"] == "waitlisted"}
    assert any(c["max_capacity"] - c["seats_taken"] == 1 and c["id"] in waited_for for c in ahead)
    mails = house.shell("mail", "list", "--limit", "1000", "--json").json["mails"]
    hours = [(mail["created_at"][:13], mail["sent_at"][:13]) for mail in mails if mail["sent_at"]]
    assert len(hours) > 20
    assert [written for written, left in hours if written != left] == []  # not all of them at the end


@pytest.mark.parametrize(
    ("role", "state"), [(role, state) for role in ("admin", *ROLES) for state in sorted(ROLES.get(role, {"active"}))]
)
def test_everybody_signs_in_with_what_was_printed(house: House, role: str, state: str) -> None:
    who = next(p for p in house.seeded["people"][role] if p["state"] == state)
    answer = house.sign_in(who)
    if state == "suspended":
        assert answer.json()["code"] == "account_suspended"
        return
    me = plain_http.get(
        f"{house.api}/api/users/me", headers={"Authorization": f"Bearer {answer.json()['accessToken']}"}, timeout=60
    ).json()["user"]
    assert (me["id"], me["userType"], me["status"]) == (who["id"], role, state)


def test_the_house_says_that_it_is_well_and_what_it_can_do(house: House) -> None:
    assert house.get("/healthz").is_success
    assert house.get("/readyz").json()["status"] == "ok"
    described = house.get("/openapi.json").json()
    assert described["openapi"].startswith("3.")
    assert {"/api/auth/login", "/api/concerts", "/api/bookings", "/api/payments/webhook"} <= set(described["paths"])


def test_a_home_is_known_to_guests_two_days_before_and_to_nobody_else(house: House) -> None:
    artist, fan = house.one("artist"), house.one("fan")
    hosts, concerts = house.get("/api/hosts", artist, limit=100), house.get("/api/concerts", fan, limit=100)
    pages = [hosts, concerts, *(house.get(f"/api/hosts/{host['id']}", artist) for host in hosts.json()["hosts"])]
    assert len(pages) > 4
    assert not any(_gives_a_home_away(house, page) for page in pages)

    soon = (datetime.now(UTC) + timedelta(hours=48)).isoformat()
    seats = {r["concert_id"]: r for r in house.seeded["rsvps"] if r["user_id"] == fan["id"] and r["is_paid"]}
    told: set[bool] = set()
    for concert in house.seeded["concerts"]:
        if concert["state"] == "scheduled":
            party = seats.get(concert["id"], {"state": "none"})
            may_know = party["state"] == "approved" and concert["starts_at"] < soon
            page = house.get(f"/api/concerts/{concert['id']}", fan)
            assert _gives_a_home_away(house, page) is may_know
            told.add(may_know)
    assert told == {True, False}


def _gives_a_home_away(house: House, page: httpx.Response) -> bool:
    homes = [host["private"] for host in house.seeded["people"]["host"]]
    return any(home["street"] in page.text or home["postcode"] in page.text for home in homes)


def test_a_private_concert_is_found_by_those_who_are_invited(house: House) -> None:
    private = next(c["id"] for c in house.seeded["concerts"] if c["is_private"])
    invited = {r["user_id"] for r in house.seeded["rsvps"] if r["concert_id"] == private}
    fans = [fan for fan in house.seeded["people"]["fan"] if fan["state"] == "active"]
    for fan in fans:
        found = house.get(f"/api/concerts/{private}", fan).status_code
        assert found == (200 if fan["id"] in invited else 404)
    assert {fan["id"] in invited for fan in fans} == {True, False}


def test_a_token_of_the_command_opens_the_api_and_is_on_record(house: House) -> None:
    artist = house.one("artist")
    token = house.shell("users", "token", artist["email"]).out.strip()
    answer = plain_http.get(f"{house.api}/api/users/me", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert answer.json()["user"]["email"] == artist["email"]
    with psycopg.connect(house.database) as connection:
        row = connection.execute(
            "SELECT actor_kind, target_id::text FROM audit_log WHERE action = 'user.token' ORDER BY at DESC LIMIT 1"
        ).fetchone()
    assert row == ("operator", artist["id"])


def test_a_process_with_another_clock_lives_in_that_time(house: House) -> None:
    email = house.one("fan")["email"]
    past = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = house.shell("users", "token", email, TOURPAD_CLOCK=past).out.strip()
    answer = plain_http.get(f"{house.api}/api/users/me", headers={"Authorization": f"Bearer {token}"}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    wrong = house.shell("users", "token", email, TOURPAD_CLOCK="tomorrow")
    assert wrong.code != 0
    assert "TOURPAD_CLOCK" in wrong.lines[0]


def test_a_transfer_whose_answer_is_lost_is_made_once(house: House) -> None:
    before = house.shell("payouts", "preview", "--json").json
    assert before["transfers"] >= 2
    house.sandbox("faults", {"operation": "POST /v1/transfers", "fault": "drop_reply", "times": 3})
    house.shell("payouts", "run", "--yes", "--json")
    struck = house.sandbox("faults", method="GET")["faults"]
    assert struck[0]["hits"] >= 2
    plain_http.delete(f"{house.stripe}/_sandbox/faults", timeout=60)
    house.shell("payouts", "run", "--yes", "--json")
    _jobs_of_an_hour(house)

    made = house.sandbox("state", method="GET")["objects"]["transfer"]
    intents = Counter(transfer["metadata"]["intent_id"] for transfer in made)
    assert set(intents.values()) == {1}
    sent = [row for row in _payouts(house) if row["state"] in ("sent", "settled")]
    assert sum(t["amount"] for t in made) == sum(row["amount_cents"] for row in sent)
    assert len(sent) == before["transfers"] + sum(p["state"] == "settled" for p in house.seeded["payouts"])
    assert house.shell("ledger", "verify").code == 0
    agreed = house.shell("reconcile", "--json")
    assert agreed.json["findings"] == []


def _jobs_of_an_hour(house: House) -> None:
    """What a lost answer needs: news that arrive, and a second look once its time has come."""
    house.sandbox("deliveries/flush", {})
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in ("payouts-resume", "stripe-events"):
        assert house.shell("jobs", "run", name, "--at", later).code == 0
    house.sandbox("deliveries/flush", {})
    assert house.shell("jobs", "run", "stripe-events").code == 0


def _payouts(house: House) -> list[Any]:
    rows: list[Any] = house.shell("payouts", "list", "--json", "--limit", "100").json["payouts"]
    return rows


def test_a_job_runs_as_of_another_time_and_each_slot_once(house: House) -> None:
    asked = sum(b["state"] in ("pending", "countered", "approved") for b in house.seeded["bookings"])
    at = (datetime.now(UTC) + timedelta(days=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    first = house.shell("jobs", "run", "bookings-expire", "--at", at, "--json").json
    second = house.shell("jobs", "run", "bookings-expire", "--at", at, "--json").json
    assert (first["ran"], first["done"]) == (True, {"expired": asked})
    assert second["ran"] is False
    unknown = house.shell("jobs", "run", "bookings-explode")
    assert (unknown.code, len(unknown.lines)) == (3, 2)


def test_a_database_with_people_in_it_is_not_seeded(house: House) -> None:
    refused = house.shell("db", "seed", "--people", "20", "--json")
    assert (refused.code, refused.out) == (4, "")
    assert refused.lines[0] == "The database holds 20 people already; only an empty one is filled."
    assert house.shell("users", "list", "--json").json["total"] == 20


@pytest.mark.parametrize(
    "command",
    [
        ("db", "seed"),
        ("users", "token", "mara@porch.example"),
        ("stripe", "sandbox"),
        ("demo",),
        ("dev",),
        ("jobs", "run", "mail-deliver", "--at", "2026-12-01T09:00:00Z"),
    ],
)
@pytest.mark.parametrize("env", ["production", "staging"])
def test_outside_of_development_the_aids_refuse_by_name(home: Path, env: str, command: tuple[str, ...]) -> None:
    refused: Done = Shell(home, {"TOURPAD_ENV": env})(*command)
    named = "jobs run --at" if command[0] == "jobs" else " ".join(command[:2])
    named = named.removesuffix(" mara@porch.example")
    assert (refused.code, refused.out) == (4, "")
    assert refused.lines[0] == f"tourpad {named} is for development and tests; this is {env}."
    assert len(refused.lines) == 2  # the refusal and its hint
