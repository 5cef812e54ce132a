"""The general limit: rough, in memory, by role."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.apps import client_of
from tests.factories.identity import bearer, person
from tests.web.test_app import assert_problem
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import ConfigurationError, LimitedError
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.ids import new_id
from tourpad.core.requests.limits import Policy, Usage
from tourpad.core.settings import Env, Settings, load_settings
from tourpad.core.values import replace
from tourpad.web.limits import GeneralLimit

if TYPE_CHECKING:
    from litestar.types import Scope

    from tourpad.core.platform import Platform


def somebody(role: str) -> Principal:
    return Principal(
        user_id=new_id(), session_id=new_id(), user_type=UserType(role), state=UserState.ACTIVE, name="Ada"
    )


@dataclass
class Counting:
    """Where a general limit counts; how often it was asked."""

    settings: Settings
    clock: VirtualClock
    asked: int = 0
    used: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def windows(self) -> "Counting":
        return self

    def take(self, policy: Policy, subject: str, *, now: datetime, count: int = 1) -> Usage:
        assert now == self.clock.now()
        self.asked += 1
        self.used[subject] = self.used.get(subject, 0) + count
        return Usage(policy, policy.limit, self.used[subject], 60)


def limit_of(settings: Settings, clock: VirtualClock, **changes: Any) -> tuple[GeneralLimit, Counting]:
    counting = Counting(replace(settings, **changes), clock)
    return GeneralLimit(cast("Platform", counting)), counting


def passed(
    limit: GeneralLimit,
    principal: Principal | None,
    *,
    address: str = "192.0.2.1",
    tries: int = 1000,
    **opt: bool,
) -> int:
    scope = cast("Scope", {"type": "http", "client": (address, 1), "route_handler": SimpleNamespace(opt=opt)})
    count = 0
    for _ in range(tries):
        try:
            if not limit.admits(scope, principal):
                limit.ask(scope, principal)
        except LimitedError:
            break
        count += 1
    return count


@pytest.mark.parametrize(("role", "limit"), [(None, 50), ("fan", 100), ("admin", 500)])
def test_each_role_has_its_own_measure(settings: Settings, clock: VirtualClock, role: str | None, limit: int) -> None:
    general, _ = limit_of(settings, clock, general_rate=100)
    who = somebody(role) if role else None
    assert passed(general, who) == limit
    assert passed(general, somebody("fan")) == 100


def test_addresses_are_apart(settings: Settings, clock: VirtualClock) -> None:
    limit, _ = limit_of(settings, clock, general_rate=100)
    assert passed(limit, None) == 50
    assert passed(limit, None, tries=1) == 0
    assert passed(limit, None, address="192.0.2.2", tries=1) == 1


def test_it_asks_for_a_bundle_at_a_time_and_never_once_it_is_refused(settings: Settings, clock: VirtualClock) -> None:
    limit, counting = limit_of(settings, clock, general_rate=1_200)
    fan = somebody("fan")
    assert passed(limit, fan, tries=2_000) == 1_200
    assert counting.asked == 40
    assert passed(limit, fan, tries=2_000) == 0
    assert counting.asked == 40


def test_four_processes_share_it_and_lose_at_most_a_tenth(settings: Settings, clock: VirtualClock) -> None:
    first, counting = limit_of(settings, clock, general_rate=1_200)
    processes = [first, *(GeneralLimit(cast("Platform", counting)) for _ in range(3))]
    fan = somebody("fan")
    turns = Random(7)
    let_in = sum(passed(turns.choice(processes), fan, tries=1) for _ in range(4_000))
    assert 1_080 <= let_in <= 1_200


def test_a_minute_later_there_is_more(settings: Settings, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    limit, counting = limit_of(settings, clock, general_rate=10)
    fan = somebody("fan")
    assert passed(limit, fan) == 10
    counting.used.clear()
    for bundle in limit._callers.values():
        bundle.until = 0.0
    assert passed(limit, fan) == 10


def test_routes_that_say_so_are_not_counted(settings: Settings, clock: VirtualClock) -> None:
    limit, _ = limit_of(settings, clock, general_rate=100)
    assert passed(limit, None, tries=200, unlimited=True) == 200


@pytest.mark.parametrize(
    ("change", "limited"),
    [
        ({}, False),
        ({"env": Env.PRODUCTION}, True),
        ({"env": Env.STAGING}, True),
        ({"env": Env.PRODUCTION, "rate_limits": False}, False),
        ({"general_rate": 10}, True),
    ],
)
def test_local_work_is_not_limited_unless_asked(
    settings: Settings, clock: VirtualClock, change: dict[str, Any], limited: bool
) -> None:
    limit, _ = limit_of(settings, clock, **change)
    assert (passed(limit, somebody("fan"), tries=2_000) < 2_000) is limited


def test_too_many_is_a_problem_that_says_when(platform: "Platform") -> None:

    platform.settings = replace(platform.settings, general_rate=4)
    head = bearer(platform, person(platform))
    with client_of(platform) as client:
        answers = [client.get("/api/auth/sessions", headers=head) for _ in range(6)]
    assert [a.status_code for a in answers[:4]] == [200] * 4
    assert_problem(answers[-1], 429, "rate_limited")
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert {a.headers["ratelimit-policy"] for a in answers} == {'"general";q=4;w=60'}
    assert [a.headers["ratelimit"].partition(";t=")[0] for a in answers] == [
        f'"general";r={left}' for left in (3, 2, 1, 0, 0, 0)
    ]


def test_production_refuses_to_run_without_limits() -> None:
    with pytest.raises(ConfigurationError, match="TOURPAD_RATE_LIMITS is off"):
        load_settings(environ={"TOURPAD_ENV": "production", "TOURPAD_RATE_LIMITS": "off"})
