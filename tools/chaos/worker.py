"""Who does the work and is killed: a nursery with everything imported, and one forked process a shift.

`python -m tools.chaos.worker` reads one shift a line (see `Shift`), forks a process for each hand in it, waits for
them, and answers with one line. A hand works payouts, refunds and the inbox in the order it was told, and kills
itself with SIGKILL at a planned passing of a label; or the nursery kills it at a planned moment.
"""

import gc
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import stripe
from sqlalchemy import Engine
from sqlalchemy.orm import configure_mappers

import tourpad.core.models  # noqa: F401 - all tables, for the mappers
from tourpad.core import checkpoints
from tourpad.core.actors import job_actor
from tourpad.core.clock import SharedClock
from tourpad.core.concerts import procedures as concerts
from tourpad.core.evidence import procedures as evidence
from tourpad.core.gateways.stripe import StripeUncertain
from tourpad.core.gateways.stripe.client import StripeApi
from tourpad.core.payments import procedures as payments
from tourpad.core.payments.inbox.receiving import receive
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts.returning import procedures as returning
from tourpad.core.platform import Platform
from tourpad.core.settings import load_settings
from tourpad.sandbox.deliver import sign

JOB = job_actor("chaos")
RETRY_DELAY = 0.001
"""Seconds between the SDK's own tries of a call: half a second of waiting would only make a run longer."""
LONGEST_SHIFT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One process of a shift: what it does in which order, and how it ends."""

    duties: tuple[str, ...]
    die_at: tuple[str, ...] = ()
    """Labels: it dies when it has passed any of them `passing` times; none: it lives."""
    passing: int = 1
    die_after: float | None = None
    """Seconds, after which it is killed wherever it is."""
    letters: tuple[dict[str, Any], ...] = ()
    """Webhooks that come in while it works."""
    gaps: tuple[int, ...] = (0,)
    """Seconds that pass before each round of its duties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What the nursery is told: who works, where, and on which Stripe."""

    environment: dict[str, str]
    home: str
    url: str
    key: str
    since: str
    """From when on events are listed again."""
    hands: tuple[Hand, ...]
    rehearsal: bool = False
    """Done by the nursery itself: what is compiled and cached meanwhile, every hand after it is born with."""


@dataclass(slots=True)
class Ended:
    """How one hand ended."""

    killed_at: str | None = None
    """The label at which it was killed, `a random moment`, or None where it lived."""
    passed: dict[str, int] = field(default_factory=dict[str, int])
    delivered: list[int] = field(default_factory=list[int])
    """Webhooks that it answered."""
    errors: list[str] = field(default_factory=list[str])
    """What a duty failed with, beside Stripe not answering."""


class Working:
    """Inside a hand: the duties, and the trail it leaves, which outlives it."""

    def __init__(self, shift: Shift, hand: Hand, trail: Path, *, engine: Engine | None = None) -> None:
        self.shift = shift
        self.hand = hand
        self.trail = os.open(trail, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.passed: Counter[str] = Counter()
        stripe.HTTPClient.INITIAL_DELAY = RETRY_DELAY
        settings = load_settings(environ=shift.environment, folder=Path(shift.home))
        gateway = StripeApi(shift.key, base_url=shift.url, is_sandbox=True)
        self.platform = Platform.open(settings, stripe=gateway)
        if engine is not None:
            self.platform.engine = engine
        self.lock = threading.Lock()
        self.letters = list(reversed(hand.letters))
        self.duties: dict[str, Callable[[], Any]] = {
            "letters": self.take_letters,
            "inbox": lambda: payments.work_inbox(self.platform, JOB),
            "payouts": lambda: payouts.run_payouts(self.platform, JOB).counts,
            "resume": lambda: payouts.resume(self.platform, JOB),
            "refunds": lambda: payments.send_refunds(self.platform, JOB),
            "take_back": lambda: returning.take_back(self.platform, JOB),
            "call_off": lambda: concerts.refund_cancelled(self.platform, JOB),
            "answers": lambda: evidence.send_answers(self.platform, JOB),
            "settle": lambda: payouts.settle_due(self.platform, JOB),
            "collect": lambda: payments.collect_balance_transactions(self.platform, JOB),
            "replay": lambda: payments.replay(self.platform, JOB, since=datetime.fromisoformat(shift.since)),
        }

    def note(self, kind: str, what: str) -> None:
        """One line of the trail, written before anything else can happen."""
        os.write(self.trail, f"{kind} {what}\n".encode())

    def at(self, label: str) -> None:
        """The hook: note the label, and die here if that is the plan."""
        with self.lock:
            if label not in checkpoints.POINTS:
                self.note("error", f"the label {label} is not in tourpad/core/checkpoints.py")
            self.passed[label] += 1
            self.note("pass", label)
            if label in self.hand.die_at and self.passed[label] >= self.hand.passing:
                self.note("kill", label)
                os.kill(os.getpid(), signal.SIGKILL)

    def run(self) -> None:
        """Do every duty, round after round; what one fails with is noted, as a job's failure would be."""
        checkpoints.watch(self.at)
        clock = self.platform.clock
        for gap in self.hand.gaps:
            if gap and isinstance(clock, SharedClock):
                clock.advance(timedelta(seconds=gap))
            for duty in self.hand.duties:
                try:
                    counts = self.duties[duty]()
                except StripeUncertain:
                    continue
                except Exception as error:  # noqa: BLE001 - the next duty goes on, as the next job would
                    self.note("error", f"{duty}: {type(error).__name__}: {error}".replace("\n", " "))
                    continue
                if isinstance(counts, dict) and counts.get("errors"):
                    self.note("error", f"{duty}: {counts['errors']} calls could not be prepared or recorded")
        self.platform.close()

    def take_letters(self) -> None:
        """Stripe delivers: each webhook comes in as the endpoint takes it, and counts as answered after that."""
        while self.letters:
            letter = self.letters.pop()
            body = letter["body"].encode()
            header = sign(body, letter["secret"], int(self.platform.clock.now().timestamp()))
            receive(self.platform, payload=body, header=header, endpoint=letter["endpoint"])
            self.note("delivered", str(letter["seq"]))


def main() -> None:
    """Fork hands until the input ends."""
    configure_mappers()
    nursery = Nursery()
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        given: dict[str, Any] = json.loads(line)
        hands = tuple(Hand(**hand) for hand in given.pop("hands"))
        shift = Shift(**given, hands=hands)
        ended = nursery.rehearse(shift) if shift.rehearsal else nursery.work(shift)
        print(json.dumps([asdict(end) for end in ended]), flush=True)


class Nursery:
    """Where hands are born: a process without threads and connections, that has seen the work once."""

    def __init__(self) -> None:
        self.engine: Engine | None = None

    def rehearse(self, shift: Shift) -> list[Ended]:
        """Do the shift here and alive. The database's address must be the later shifts', too."""
        trail = Path(shift.home) / "trail"
        working = Working(shift, shift.hands[0], trail)
        working.run()
        self.engine = working.platform.engine
        gc.collect()
        gc.freeze()  # so that a collection in a hand does not copy every page
        return [_read(trail)]

    def work(self, shift: Shift) -> list[Ended]:
        """Fork the hands of a shift, kill whom to kill, wait for all."""
        started = time.monotonic()
        trails = [Path(shift.home) / f"trail-{number}" for number in range(len(shift.hands))]
        pids: dict[int, int] = {}
        for number, hand in enumerate(shift.hands):
            trails[number].unlink(missing_ok=True)
            pid = os.fork()
            if pid == 0:
                _be(shift, hand, trails[number], self.engine)
            pids[pid] = number
        by_moment: set[int] = set()
        crashed: dict[int, str] = {}
        while pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                number = pids.pop(pid)
                code = os.waitstatus_to_exitcode(status)
                if code not in (0, -signal.SIGKILL):
                    crashed[number] = f"a worker ended with {code}"
                continue
            passed = time.monotonic() - started
            for pid, number in pids.items():
                moment = shift.hands[number].die_after
                late = passed > LONGEST_SHIFT.total_seconds()
                if number not in by_moment and (late or (moment is not None and passed >= moment)):
                    by_moment.add(number)
                    if late:
                        crashed[number] = "a worker did not come to an end"
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)
        ended = [_read(trail) for trail in trails]
        for number, end in enumerate(ended):
            if number in by_moment and end.killed_at is None:
                end.killed_at = "a random moment"
            if number in crashed:
                end.errors.append(crashed[number])
        return ended


def _be(shift: Shift, hand: Hand, trail: Path, engine: Engine | None) -> None:
    """The forked process, from its first breath to its last."""
    code = 1
    try:
        Working(shift, hand, trail, engine=engine).run()
        code = 0
    except BaseException as error:
        sys.stderr.write(f"a worker failed: {type(error).__name__}: {error}\n")
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def _read(trail: Path) -> Ended:
    ended = Ended()
    if not trail.exists():
        return ended
    for line in trail.read_text(encoding="utf-8").splitlines():
        kind, _, what = line.partition(" ")
        match kind:
            case "pass":
                ended.passed[what] = ended.passed.get(what, 0) + 1
            case "kill":
                ended.killed_at = what
            case "delivered":
                ended.delivered.append(int(what))
            case _:
                ended.errors.append(what)
    return ended


if __name__ == "__main__":
    main()
