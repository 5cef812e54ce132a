"""Asking the API for seats: sixty fans in one moment, and what goes its own way in one statement."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.core.bookings.test_races import at_once
from tests.factories.bookings import Pair, make_pair
from tests.factories.concerts import make_concert, make_fan
from tests.web.api import Api, opened
from tourpad.core.actors import operator
from tourpad.core.concerts import procedures
from tourpad.core.concerts.queries import shows

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"TOURPAD_DATABASE_POOL": "25"}


def test_of_sixty_at_once_ten_are_in_and_fifty_wait(platform: "Platform") -> None:
    with opened(platform) as api:
        with api.setting() as work:
            pair = make_pair(work)
            concert_id = make_concert(work, pair, capacity=10).id
            fans = [make_fan(work) for _ in range(60)]
        headers = [api.sign_in(fan) for fan in fans]
        path = f"/api/concerts/{concert_id}/rsvp"
        came = at_once(
            platform,
            headers,
            lambda _p, who: api.client.post(path, headers=who, json={"guestsCount": 1}).json()["status"],
        )
        assert came == {"confirmed": 10, "waitlisted": 50}
        told = api.client.get(
            f"/api/concerts/{concert_id}/rsvps", params={"limit": 100}, headers=api.sign_in(pair.host_user)
        ).json()
        assert Counter(rsvp["status"] for rsvp in told["rsvps"]) == {"approved": 10, "waitlisted": 50}
        assert told["seats"]["approved"] == told["maxCapacity"] == 10
        waiting = [api.client.get(path, headers=who).json()["waitingBefore"] for who in headers]
        assert sorted(n for n in waiting if n is not None) == list(range(50))


@pytest.fixture
def show(platform: "Platform") -> "Iterator[Show]":
    with opened(platform) as api:
        with api.setting() as work:
            pair = make_pair(work)
            concert_id = make_concert(work, pair, capacity=10).id
        yield Show(api, pair, concert_id)


@dataclass
class Show:
    """A free show of ten seats."""

    api: Api
    pair: Pair
    id: UUID

    @property
    def path(self) -> str:
        """Where seats are asked for."""
        return f"/api/concerts/{self.id}/rsvp"

    def fan(self) -> dict[str, str]:
        """Headers of a new fan."""
        with self.api.setting() as work:
            user_id = make_fan(work)
        return self.api.sign_in(user_id)

    def untold(self) -> int:
        """Requests that were taken by the one statement, and are still to be told."""
        with self.api.setting() as work:
            return work.session.scalar(text("SELECT count(*) FROM rsvp_news")) or 0


def test_a_plain_request_is_one_statement_and_is_told_by_the_job(show: Show) -> None:
    who = show.fan()
    with show.api.counting() as seen:
        answer = show.api.client.post(show.path, headers=who, json={"guestsCount": 2})
    assert (answer.status_code, answer.json()["status"]) == (201, "confirmed")
    assert seen == []  # the pool of the ordinary way was not asked
    assert show.untold() == 1
    assert show.api.client.get("/api/notifications", headers=who).json()["notifications"] == []
    assert procedures.tell_due(show.api.platform, operator("test")) == {"told": 1, "passed": 0, "failed": 0}
    told = show.api.client.get("/api/notifications", headers=who).json()["notifications"]
    assert len(told) == 1
    again = show.api.client.post(show.path, headers=who, json={"guestsCount": 1})
    assert (again.status_code, again.json()["code"]) == (409, "already_requested")


def test_both_ways_at_once_share_the_seats(show: Show) -> None:
    # With a key the answer is kept, and the request goes the ordinary way.
    plain = [show.fan() for _ in range(15)]
    kept = [show.fan() | {"Idempotency-Key": f"key {number}"} for number in range(15)]
    came = at_once(
        show.api.platform,
        [*plain, *kept],
        lambda _p, who: show.api.client.post(show.path, headers=who, json={"guestsCount": 1}).json()["status"],
    )
    assert came == {"confirmed": 10, "waitlisted": 20}
    guests = show.api.client.get(f"{show.path}s", headers=show.api.sign_in(show.pair.host_user)).json()
    assert (guests["seats"]["approved"], guests["seats"]["waitlisted"]) == (10, 20)


def test_one_fan_who_presses_twelve_times_has_one_request(show: Show) -> None:
    who = show.fan()

    def press(_p: "Platform", _n: int) -> str:
        answer = show.api.client.post(show.path, headers=who, json={"guestsCount": 1}).json()
        return answer.get("status") if "rsvp" in answer else answer["code"]

    assert at_once(show.api.platform, range(12), press) == {"confirmed": 1, "already_requested": 11}
    with show.api.setting() as work:
        assert work.session.scalar(text("SELECT seats_taken FROM concerts")) == 1


def test_a_key_gives_the_same_answer_again_and_to_its_person_only(show: Show) -> None:
    who = show.fan() | {"Idempotency-Key": "mine"}
    first = show.api.client.post(show.path, headers=who, json={"guestsCount": 1})
    second = show.api.client.post(show.path, headers=who, json={"guestsCount": 1})
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["Idempotency-Replayed"] == "true"
    other = show.api.client.post(show.path, headers=show.fan() | {"Idempotency-Key": "mine"}, json={"guestsCount": 1})
    assert other.status_code == 201
    assert "Idempotency-Replayed" not in other.headers
    assert other.json()["rsvp"]["id"] != first.json()["rsvp"]["id"]


def test_whoever_holds_the_show_for_long_is_waited_for_by_the_ordinary_way(show: Show) -> None:
    who = show.fan()
    with show.api.platform.work(operator("test")) as work, ThreadPoolExecutor(1) as pool:
        shows.lock(work, show.id)
        asked = pool.submit(show.api.client.post, show.path, headers=who, json={"guestsCount": 1})
        with pytest.raises(TimeoutError):
            asked.result(0.5)
        work.session.rollback()
        assert asked.result(20).json()["status"] == "confirmed"
    assert show.untold() == 0  # told at once, as the ordinary way does


def test_faults_of_a_body_are_told_to_whoever_is_signed_in(show: Show) -> None:
    bad = {"guestsCount": "two"}
    assert show.api.client.post(show.path, json=bad).status_code == 401
    who = show.fan()
    assert show.api.client.post(show.path, headers=who, json=bad).json()["errors"][0]["field"] == "guestsCount"
    assert show.api.client.post(show.path, headers=show.api.person("artist"), json=bad).status_code == 403
    assert show.api.client.post("/api/auth/logout", headers=who).is_success
    assert show.api.client.post(show.path, headers=who, json=bad).status_code == 401


def test_a_request_is_counted_before_anything_is_written(platform: "Platform", show: Show) -> None:
    limit = show.api.client.app.state.hot_statements.sign_in.limit  # type: ignore[attr-defined]  # a Litestar's
    limit._rate = 40  # bundles of one
    who = show.fan()
    codes = Counter(
        show.api.client.post(show.path, headers=who, json={"guestsCount": 1}).status_code for _ in range(43)
    )
    assert codes == {201: 1, 409: 39, 429: 3}


def test_what_is_taken_at_once_is_erased_and_leaves_nothing(show: Show) -> None:
    who = show.fan()
    show.api.client.post(show.path, headers=who, json={"guestsCount": 1})
    assert show.untold() == 1
    with show.api.setting() as work:
        work.session.execute(text("DELETE FROM rsvps"))
    assert show.untold() == 0
