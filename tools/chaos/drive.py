"""Runs, in as many lanes at once as there are cores: a world is copied, worked and killed in, ended, and judged."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from tests import plain_http
from tests.postgres import TestServer
from tools.chaos import plan
from tools.chaos.judge import Verdict, judge
from tools.chaos.world import START, World, build
from tourpad.core.checkpoints import POINTS
from tourpad.core.clock import SharedClock
from tourpad.core.platform import Platform
from tourpad.core.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tools.chaos.worker import Hand

ROOT = Path(__file__).resolve().parent.parent.parent
RUNS_A_WORLD = 25
"""A world costs as much as several runs, so each serves for many."""


class Helper:
    """A process of its own that answers one line of JSON to each line of JSON."""

    def __init__(self, module: str, errors: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        if self._process.stdin is None or self._process.stdout is None:
            msg = "pipes were asked for"
            raise RuntimeError(msg)
        self._in, self._out = self._process.stdin, self._process.stdout

    def ask(self, question: dict[str, Any] | None = None) -> Any:
        """Its answer; without a question, what it says by itself."""
        if question is not None:
            self._in.write(json.dumps(question) + "\n")
            self._in.flush()
        line = self._out.readline()
        if not line:
            msg = f"{self._process.args} ended; its last words are in the log."
            raise RuntimeError(msg)
        return json.loads(line)

    def end(self) -> None:
        """Let it go."""
        with contextlib.suppress(BrokenPipeError):  # it is gone already, and whoever asked was told
            self._in.close()
        self._process.wait(timeout=20)
        self._out.close()


@dataclass(slots=True)
class Run:
    """What happened in one run."""

    number: int
    kills: Counter[str] = field(default_factory=Counter[str])
    shifts: int = 0
    passed: Counter[str] = field(default_factory=Counter[str])
    errors: list[str] = field(default_factory=list[str])
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether nothing was doubled, lost, or wrong in the books."""
        return self.verdict.is_clean and not self.errors


@dataclass(slots=True)
class Outcome:
    """What happened in all runs."""

    seed: str
    runs: list[Run] = field(default_factory=list[Run])

    @property
    def kills(self) -> Counter[str]:
        """How often a process was killed at each label."""
        return sum((run.kills for run in self.runs), Counter[str]())

    @property
    def doubled(self) -> int:
        """Things that were done twice."""
        return sum(len(run.verdict.doubled) for run in self.runs)

    @property
    def lost(self) -> int:
        """Things that were never done."""
        return sum(len(run.verdict.lost) for run in self.runs)

    @property
    def is_clean(self) -> bool:
        """Whether all went well."""
        return all(run.is_clean for run in self.runs)


class Worlds:
    """The worlds of one test. All lanes work on copies of the same one; each is built by whoever comes first."""

    def __init__(self, server: TestServer, folder: Path, *, seed: str) -> None:
        self.server = server
        self.folder = folder
        self.seed = seed
        self._lock = threading.Lock()
        self._built: dict[int, World] = {}

    def of(self, run: int) -> World:
        """The world of one run. The one before the last is not needed any more: runs are begun in their order."""
        which = run // RUNS_A_WORLD
        with self._lock:
            for older in [number for number in self._built if number < which - 1]:
                self._drop(older)
            if which not in self._built:
                self._built[which] = build(
                    seed=f"{self.seed}:world:{which}",
                    settings=lambda address: settings_for(address, self.folder),
                    server=self.server,
                    home=self.folder / f"world-{which}",
                )
            return self._built[which]

    def close(self) -> None:
        """Drop those that are left."""
        for which in list(self._built):
            self._drop(which)

    def _drop(self, which: int) -> None:
        world = self._built.pop(which)
        shutil.rmtree(world.stripe, ignore_errors=True)


class Lane:
    """One lane: two processes of its own (Stripe, workers) and its databases; runs follow one another in it."""

    def __init__(
        self, server: TestServer, folder: Path, *, seed: str, worlds: Worlds, kills: Counter[str] | None = None
    ) -> None:
        """`worlds` and `kills` are shared by the lanes of one test: all of them go where there were fewest kills."""
        folder.mkdir(exist_ok=True)
        self.server = server
        self.folder = folder
        self.seed = seed
        self.kills: Counter[str] = Counter() if kills is None else kills
        self._worlds = worlds
        self._rehearsed = False
        self._log = (folder / "workers.log").open("ab")
        self._stripe = Helper("tools.chaos.stripe", self._log)
        self._workers = Helper("tools.chaos.worker", self._log)
        self._engine: Engine | None = None
        self._address: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stripe.end()
        self._workers.end()
        self._log.close()
        if self._address is not None:
            self.server.drop(self._address)

    def run(self, number: int) -> Run:
        """Do one run, and judge it."""
        rng = random.Random(f"{self.seed}:{number}")
        world = self._worlds.of(number)
        run = Run(number)
        if not self._rehearsed:
            self._workers.ask()  # it has everything imported by now, while the world was built
            with self._place(world) as place:
                self._shift(Run(-1), place, (plan.rehearsal(self._bag()),), rehearsal=True)
            self._rehearsed = True
        started = time.perf_counter()
        with self._place(world) as place:
            self._work(run, rng, place)
            with self._platform(place) as platform:
                run.verdict = judge(platform, _control(place.stripe, "GET", "state")["objects"], world.due)
        run.seconds = time.perf_counter() - started
        return run

    def _work(self, run: Run, rng: random.Random, place: "_Place") -> None:
        _control(place.stripe, "POST", "faults", plan.faults(rng))
        killed: list[str] = []
        for _ in range(plan.shifts(rng)):
            shift = plan.shift(rng, labels=POINTS, kills=self.kills, letters=self._bag(), before=killed)
            place.clock.advance(timedelta(seconds=shift.gap))
            killed = self._shift(run, place, shift.hands)
        _control(place.stripe, "DELETE", "faults")
        self._shift(run, place, (plan.last(rng, self._bag()),))
        self._shift(run, place, (plan.aftermath(self._bag()),))

    def _bag(self) -> list[plan.Letter]:
        return self._stripe.ask({"do": "bag"})["bag"]

    def _shift(self, run: Run, place: "_Place", hands: "tuple[Hand, ...]", *, rehearsal: bool = False) -> list[str]:
        """Let hands work; answers where they were killed."""
        told = {
            "environment": environment(place.address, place.home) | {"TOURPAD_CLOCK": f"file:{place.clock.path}"},
            "home": str(place.home),
            "since": (START - timedelta(days=1)).isoformat(),
            "hands": [asdict(hand) for hand in hands],
            "rehearsal": rehearsal,
            **place.stripe,
        }
        run.shifts += 1
        delivered: list[int] = []
        killed: list[str] = []
        for ended in self._workers.ask(told):
            run.passed.update(ended["passed"])
            run.errors += ended["errors"]
            delivered += ended["delivered"]
            if ended["killed_at"]:
                killed.append(ended["killed_at"])
        run.kills.update(killed)
        self.kills.update(killed)
        self._stripe.ask({"do": "delivered", "seqs": delivered})
        return killed

    @contextmanager
    def _place(self, world: World) -> "Generator[_Place]":
        """A copy of a world: always the same address, so that whoever knows it has nothing to learn."""
        home = self.folder / "run"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(world.stripe, home / "stripe")
        clock = SharedClock(home / "clock", world.now)
        if self._address is None:
            self._address = self.server.clone(f"chaos_{os.getpid()}_{id(self):x}")
        address = self.server.written(world.rows, into=self._address)
        stripe = self._stripe.ask({"do": "open", "home": str(home / "stripe"), "clock": str(clock.path)})
        try:
            yield _Place(home, address, clock, stripe)
        finally:
            self._stripe.ask({"do": "close"})

    @contextmanager
    def _platform(self, place: "_Place") -> Generator[Platform]:
        from tourpad.core.gateways.stripe.client import StripeApi

        gateway = StripeApi(place.stripe["key"], base_url=place.stripe["url"], is_sandbox=True)
        platform = Platform.open(settings_for(place.address, self.folder), clock=place.clock, stripe=gateway)
        if self._engine is not None:
            platform.engine = self._engine
        try:
            yield platform
        finally:
            self._engine = platform.engine
            platform.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one run takes place."""

    home: Path
    address: str
    clock: SharedClock
    stripe: dict[str, Any]


def environment(address: str, home: Path) -> dict[str, str]:
    """What a worker's settings are made of."""
    return {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(home),
        "TOURPAD_SECRET": "a secret for crashes that is long enough to sign with",
        "DATABASE_URL": address,
    }


def settings_for(address: str, home: Path) -> Settings:
    """The same for whoever builds and judges."""
    return load_settings(environ=environment(address, home), folder=home)


def chaos(
    server: TestServer,
    folder: Path,
    *,
    seed: str,
    runs: int,
    lanes: int = 1,
    tell: Callable[[Run], None] = lambda _: None,
    is_enough: Callable[[Outcome], bool] = lambda _: False,
) -> Outcome:
    """So many runs, in so many lanes at once.

    Args:
        server: where databases are made.
        folder: for what each lane leaves behind.
        seed: what everything is drawn by.
        runs: how many, at most.
        lanes: how many at once.
        tell: hears of each run when it is over, one at a time.
        is_enough: whether no further run need be begun, after what was done.
    """
    folder.mkdir(exist_ok=True)
    outcome = Outcome(seed)
    kills: Counter[str] = Counter()
    waiting: Iterator[int] = iter(range(runs))
    lock = threading.Lock()
    server.template()
    worlds = Worlds(server, folder, seed=seed)

    def work(lane: int) -> None:
        with Lane(server, folder / f"lane-{lane}", seed=seed, worlds=worlds, kills=kills) as driver:
            while True:
                with lock:
                    number = None if is_enough(outcome) else next(waiting, None)
                if number is None:
                    return
                run = driver.run(number)
                with lock:
                    outcome.runs.append(run)
                    tell(run)

    try:
        with ThreadPoolExecutor(lanes, thread_name_prefix="chaos-lane") as pool:
            for ended in [pool.submit(work, lane) for lane in range(min(lanes, runs))]:
                ended.result()
    finally:
        worlds.close()
    return outcome


def _control(stripe: dict[str, Any], method: str, path: str, body: Any = None) -> Any:
    answer = plain_http.request(method, f"{stripe['url']}/_sandbox/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()
