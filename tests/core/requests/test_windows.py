"""Exact limits over processes, in PostgreSQL and in Redis, and what is counted while Redis is away."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.redis_server import RedisServer, redis_server  # noqa: F401 - a fixture
from tourpad.core.requests.limits import LOGIN, Policy
from tourpad.core.requests.windows import InRedis, open_windows

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

THREE = Policy("three", 3, timedelta(minutes=5), "Too many.")
PROCESSES, TRIES = 4, 15

# Loaded once, then forked before it has a thread or a connection: a process each, at a fourth of the cost. Each says
# that it is ready, waits for the word (a byte), and tries as quickly as it can.
FORKED = """
import os
for _ in range(int(sys.argv[4])):
    if os.fork() == 0:
        try:
            work()
            sys.stdout.flush()
        finally:
            os._exit(0)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
"""
WORKER = """
import json, os, sys
from datetime import UTC, datetime
from tourpad.core.database.engine import make_engine
from tourpad.core.requests.limits import LOGIN
from tourpad.core.requests.windows import open_windows

database, redis, tries = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])

def work():
    windows = open_windows(redis, make_engine(database).execution_options(isolation_level="AUTOCOMMIT"))
    windows.take(LOGIN, "warm", now=datetime.now(UTC))
    print("ready", flush=True)
    os.read(0, 1)
    print(json.dumps(sum(not windows.take(LOGIN, "ada", now=datetime.now(UTC)).exceeded for _ in range(tries))))
"""


# The same for the general limit. It tells how often the shared counter was asked, too, and how long a try took.
GENERAL = """
import json, os, sys, time
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID
from tourpad.core.clock import SystemClock
from tourpad.core.database.engine import make_engine
from tourpad.core.errors import LimitedError
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.requests.windows import open_windows
from tourpad.web.limits import GeneralLimit

database, redis, tries = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])
settings = SimpleNamespace(general_rate=1_200, is_local=False, rate_limits=True)
ada = UUID(int=7)
fan = Principal(user_id=ada, session_id=ada, user_type=UserType.FAN, state=UserState.ACTIVE, name="Ada")
scope = {"type": "http", "route_handler": SimpleNamespace(opt={})}

class Counted:
    def __init__(self):
        self.asked = 0
        self.windows = open_windows(redis, make_engine(database).execution_options(isolation_level="AUTOCOMMIT"))

    def take(self, *args, **more):
        self.asked += 1
        return self.windows.take(*args, **more)

def passes(limit):
    try:
        if not limit.admits(scope, fan):
            limit.ask(scope, fan)
    except LimitedError:
        return False
    return True

def work():
    counted = Counted()
    limit = GeneralLimit(SimpleNamespace(settings=settings, windows=counted, clock=SystemClock()))
    print("ready", flush=True)
    os.read(0, 1)
    began = time.perf_counter()
    passed = sum(passes(limit) for _ in range(tries))
    print(json.dumps([passed, counted.asked, (time.perf_counter() - began) / tries]))
"""


def at_once(platform: "Platform", redis_url: str, *, worker: str = WORKER, tries: int = TRIES) -> list[Any]:
    """What each of four processes says that began together: how many tries passed."""
    with subprocess.Popen(
        [sys.executable, "-c", worker + FORKED, platform.database_url, redis_url, str(tries), str(PROCESSES)],
        cwd=Path(__file__).resolve().parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as forking:
        assert forking.stdout is not None
        assert [forking.stdout.readline() for _ in range(PROCESSES)] == ["ready\n"] * PROCESSES
        said, _ = forking.communicate("g" * PROCESSES, timeout=60)
    answers = [json.loads(line) for line in said.splitlines()]
    assert len(answers) == PROCESSES
    return answers


def test_four_processes_at_once_share_one_limit_in_postgresql(platform: "Platform") -> None:
    assert sum(at_once(platform, "")) == LOGIN.limit


def test_four_processes_at_once_share_one_limit_in_redis(platform: "Platform", redis_server: RedisServer) -> None:  # noqa: F811 - the fixture
    assert sum(at_once(platform, redis_server.url)) == LOGIN.limit
    with platform.autocommit.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rate_windows WHERE subject = 'ada'").scalar() == 0


def test_four_processes_at_once_share_the_general_limit_for_next_to_nothing(platform: "Platform") -> None:
    """1,200 a minute: at most a tenth is lost, one request of thirty asks the database, refusals ask nobody."""
    answers = at_once(platform, "", worker=GENERAL, tries=2_000)
    assert 1_080 <= sum(passed for passed, _, _ in answers) <= 1_200
    assert sum(asked for _, asked, _ in answers) <= 40 + 2 * PROCESSES
    assert min(seconds for _, _, seconds in answers) < 0.001


def test_redis_counts_as_postgresql_does(
    platform: "Platform",
    redis_server: RedisServer,  # noqa: F811 - the fixture
    clock: "VirtualClock",
) -> None:
    both = [open_windows(None, platform.autocommit), open_windows(redis_server.url, platform.autocommit)]
    steps = [
        *((timedelta(0), 1),) * 4,
        (timedelta(minutes=4, seconds=59), 1),
        (timedelta(seconds=1), 1),  # a window ends a period after its first try
        (timedelta(0), 2),
        (-timedelta(days=1), 1),  # a clock that was set far back begins anew
    ]
    for step, count in steps:
        clock.advance(step)
        taken = [windows.take(THREE, "ada", now=clock.now(), count=count) for windows in both]
        assert taken[0] == taken[1]
    both[1].close()


def test_without_redis_postgresql_counts_and_it_is_said(
    platform: "Platform",
    redis_server: RedisServer,  # noqa: F811 - the fixture
    clock: "VirtualClock",
    caplog: pytest.LogCaptureFixture,
) -> None:
    windows = open_windows(redis_server.url, platform.autocommit)
    assert isinstance(windows, InRedis)
    assert windows.problem() is None
    assert windows.take(THREE, "ada", now=clock.now()).used == 1
    redis_server.stop()
    assert [windows.take(THREE, "ada", now=clock.now()).exceeded for _ in range(5)] == [False] * 3 + [True] * 2
    assert [r.message for r in caplog.records] == [
        "Redis does not answer (ConnectionError): limits are counted in PostgreSQL"
    ]
    assert windows.problem() == caplog.records[0].message
    redis_server.start()
    windows._not_before = 0.0  # its pause is over
    assert windows.take(THREE, "mara", now=clock.now()).used == 1
    assert windows.problem() is None
    windows.close()
