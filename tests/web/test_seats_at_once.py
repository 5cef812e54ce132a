"""Sixty fans ask the API for ten seats in one moment."""

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.core.bookings.test_races import at_once
from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert, make_fan
from tests.web.api import opened

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"TOURPAD_DATABASE_POOL": "70"}


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
