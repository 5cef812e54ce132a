"""What every test may ask for: settings, a clock, a database in three strengths, and the command line.

`work` is a unit of work inside a savepoint that is rolled back: use it wherever it will do. `platform`,
`database` and `cli` stand on a database of their own (20 ms) where commits are real: for races, locks, deferred
constraints and whole commands.
"""

import atexit
import gc
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from tests.command import Command
from tests.postgres import TestServer, remove_server
from tests.stripe_sandbox import sandbox  # noqa: F401 - a fixture for every test

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Settings
    from tourpad.core.work import Work

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""Where the tests' clock stands: a Sunday noon before the clocks change."""

OURS = (
    "TOURPAD_",
    "STRIPE_",
    "SENDGRID_",
    "MAIL_",
    "AWS_",
    "S3_",
    "CDN_",
    "CLAMD_",
    "REDIS_",
    "SENTRY_",
    "POSTHOG_",
)
for _variable in [name for name in os.environ if name.startswith(OURS)]:
    del os.environ[_variable]  # nobody's keys and settings reach a test
os.environ.pop("PYTHONUNBUFFERED", None)  # what a server says must come through a pipe by itself

hypothesis.settings.register_profile("tourpad", deadline=None)  # two busy cores make any deadline a lottery
hypothesis.settings.register_profile("long", deadline=None)  # what takes half an hour instead of seconds, by request
hypothesis.settings.load_profile("tourpad")


RECORD = "TOURPAD_STRIPE_RECORD"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--stripe-record FILE`: every exchange of the run with the sandbox, to be held against Stripe's document."""
    parser.addoption(
        "--stripe-record",
        metavar="FILE",
        type=os.path.abspath,
        help="append every exchange with the sandbox as a JSON line",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the run's folder for the embedded server; workers share the one that the first process chose."""
    config.addinivalue_line("markers", "stripe_unrecorded: asks Stripe on purpose for what its document does not know")
    record: str | None = config.getoption("--stripe-record")
    if record is not None:
        os.environ[RECORD] = record  # processes that tests start inherit it
    workerinput: Mapping[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        # A socket's path holds 107 characters, so a deep temporary folder will not do.
        short = "/tmp" if len(tempfile.gettempdir()) > 50 and os.access("/tmp", os.W_OK) else None  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="tourpad-test-", dir=short))
        atexit.register(remove_server, folder)
    else:
        folder = Path(workerinput["tourpad_folder"])
    config.stash[FOLDER] = folder


def pytest_collection_finish() -> None:
    """What was loaded by now stays: looking through it for garbage was a tenth of the work of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where the run's folder is."""
    node.workerinput["tourpad_folder"] = str(node.config.stash[FOLDER])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """End with one line on what was left out. In CI everything is installed, so there it is a failure."""
    left_out = _left_out(session.config)
    in_ci = bool(os.environ.get("CI"))
    if left_out and in_ci and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput") or session.config.option.collectonly:
        return
    if left_out:
        listed = "; ".join(reason + (f" ({n} tests)" if n > 1 else "") for reason, n in sorted(left_out.items()))
        reporter.write_line(f"Left out: {listed}." + (" In CI that is a failure." if in_ci else ""))
    else:
        reporter.write_line("Nothing was left out.")


def _left_out(config: pytest.Config) -> Counter[str]:
    """The reasons of skipped tests, and how many each left out."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports)


FOLDER = pytest.StashKey[Path]()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[TestServer]:
    """The PostgreSQL server of this run."""
    started = TestServer.start(request.config.stash[FOLDER])
    yield started
    started.close()


@pytest.fixture(scope="session")
def shared_database(server: TestServer) -> Iterator[str]:
    """The address of this worker's own clone. Only what rolls back goes in there."""
    url = server.clone()
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def engine(shared_database: str) -> Iterator["Engine"]:
    """An engine on this worker's clone, for savepoints; commit nothing on it."""
    from tourpad.core.database.engine import make_engine

    made = make_engine(shared_database)
    yield made
    made.dispose()


@pytest.fixture
def database(server: TestServer) -> Iterator[str]:
    """The address of a clone that is this test's alone."""
    url = server.clone()
    yield url
    server.drop(url)


@pytest.fixture
def stripe_record(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    """Where this test's exchanges are recorded (`--stripe-record`), unless it is marked `stripe_unrecorded`."""
    record: str | None = request.config.getoption("--stripe-record")
    if request.node.get_closest_marker("stripe_unrecorded"):
        monkeypatch.delenv(RECORD, raising=False)
        return None
    return Path(record) if record else None


@pytest.fixture
def environment(tmp_path: Path, stripe_record: Path | None) -> dict[str, str]:
    """The variables that a test's settings are made of; a test may add to them before it asks for more."""
    return {
        **({RECORD: str(stripe_record)} if stripe_record else {}),
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(tmp_path / "home"),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "TOURPAD_PASSWORD_MEMORY_KIB": "64",  # one hash takes a millisecond, and guards nobody
    }


@pytest.fixture
def settings(environment: dict[str, str], shared_database: str, tmp_path: Path) -> "Settings":
    """Settings for savepoint tests: environment `test`, a home of their own, nothing from this machine."""
    return settings_of({**environment, "DATABASE_URL": shared_database}, tmp_path)


@pytest.fixture
def clock() -> "VirtualClock":
    """A clock that stands at noon of 1 March 2026 (UTC) until the test moves it."""
    from tourpad.core.clock import VirtualClock

    return VirtualClock(START)


@pytest.fixture
def work(engine: "Engine", settings: "Settings", clock: "VirtualClock") -> Iterator["Work"]:
    """A unit of work of the operator. Commits inside are savepoints; all is rolled back after the test."""
    from sqlalchemy.orm import Session

    from tourpad.core.actors import operator
    from tourpad.core.reactions import react
    from tourpad.core.work import Work

    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield Work(session=session, clock=clock, actor=operator("test"), settings=settings, react=react)
        outer.rollback()


@pytest.fixture
def platform(
    environment: dict[str, str], server: TestServer, database: str, clock: "VirtualClock", tmp_path: Path
) -> Iterator["Platform"]:
    """A platform on a clone of its own: commits are real, threads and processes see each other."""
    from tourpad.core.platform import Platform

    opened = Platform.open(settings_of({**environment, "DATABASE_URL": database}, tmp_path), clock=clock)
    opened.engine = server.engine(database, pool_size=opened.settings.database_pool)
    yield opened
    opened.close()


@pytest.fixture
def cli(
    environment: dict[str, str], server: TestServer, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The `tourpad` command in this process, on a clone of its own; its clock starts where `clock` stands."""
    monkeypatch.chdir(tmp_path)  # no .env and no tourpad.toml
    monkeypatch.setattr(sys, "argv", ["tourpad"])
    _lend_engine(server, database, monkeypatch)
    clock = START.isoformat().replace("+00:00", "Z")
    return Command({**environment, "DATABASE_URL": database, "TOURPAD_CLOCK": clock})


def _lend_engine(server: TestServer, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands open a platform each, on the test's clone by one engine, which keeps what it has compiled."""
    from tourpad.core.database.engine import make_engine
    from tourpad.core.platform import Platform

    def engine(platform: Platform) -> "Engine":
        size = platform.settings.database_pool
        if platform.database_url == database:
            return server.engine(database, pool_size=size, whose="command")
        return make_engine(platform.database_url, pool_size=size)

    lent = cached_property(engine)
    lent.__set_name__(Platform, "engine")
    monkeypatch.setattr(Platform, "engine", lent)


def settings_of(variables: Mapping[str, str], folder: Path) -> "Settings":
    from tourpad.core.settings import load_settings

    return load_settings(environ=variables, folder=folder)
