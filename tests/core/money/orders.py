"""A story told by Stripe's events, in any order: recorded once at the sandbox, then delivered from its recording.

The code under test is the real one, on a real database: the inbox's insert, the worker with its claims, groups,
transactions, retries and reactions. Two things stand in, for speed alone. Stripe answers out of a recording that was
made stage by stage: what it would have answered just then. And a unit of work is a savepoint, so that a thousand
orders share one transaction, and each other's beginnings.
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.factories.payments import ACTOR
from tourpad.core.actors import STRIPE, Actor
from tourpad.core.payments import service
from tourpad.core.payments.inbox.subjects import Group, fetch, subject_of
from tourpad.core.payments.models import StripeEvent
from tourpad.core.payments.procedures import process_events
from tourpad.core.payments.service.inbox import event_values
from tourpad.core.platform import Platform
from tourpad.core.reactions import react
from tourpad.core.work import Work

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.clock import VirtualClock
    from tourpad.core.settings import Settings

Obj = dict[str, Any]
Fact = tuple[Any, ...]
BETWEEN = timedelta(minutes=6)
"""From one event to the next: what could not be processed yet is tried again beside it."""
RETRIES = 40
"""So many times the clock is moved at the end of an order, at most, until nothing waits."""


class Recording:
    """Answers as Stripe did at one stage of a story; what was not asked then is a KeyError."""

    def __init__(self, real: Any) -> None:
        self.stage = 0
        self._real = real
        self._stages: list[dict[Fact, Obj]] = []

    def record(self, told: "Sequence[Told]") -> None:
        """Ask all that a worker may ask about the events so far, and keep the answers as those of a new stage."""
        self._stages.append({})
        groups: dict[Any, Group] = {}
        for one in told:
            row = StripeEvent(**event_values(one.payload, endpoint=one.endpoint, now=one.payload["created"]))
            key = subject_of(row)
            if key is not None:
                groups.setdefault(key, Group(key)).events.append(row)
        self.stage = -1
        for group in groups.values():
            fetch(self, group)  # type: ignore[arg-type]  # as much of a gateway as fetching needs

    def __getattr__(self, name: str) -> Any:
        def answer(*args: Any, **more: Any) -> Obj:
            key = (name, args, tuple(sorted(more.items())))
            if self.stage < 0:
                self._stages[-1][key] = getattr(self._real, name)(*args, **more)
            return deepcopy(self._stages[self.stage][key])

        return answer


@dataclass(frozen=True)
class Told:
    """One event, and the stage at which Stripe sent it."""

    payload: Obj
    endpoint: str
    stage: int


@dataclass(frozen=True)
class Story:
    """What happened at Stripe: events, and its answers at each stage."""

    stripe: Recording
    events: tuple[Told, ...]


def record(sandbox: "Sandbox", steps: Sequence[Callable[[], object]], *, telling: Sequence[str]) -> Story:
    """Let a story happen at the sandbox; of its events those of the types `telling` are kept, in that order."""
    from tourpad.sandbox.deliver import sign

    recording = Recording(sandbox.stripe)
    told: list[Told] = []
    for stage, step in enumerate(steps):
        step()
        sandbox.running.engine.run_due()
        now = sandbox.clock.now()
        for delivery in sandbox.pending():
            header = sign(delivery.body, delivery.secret, int(now.timestamp()))
            event = sandbox.stripe.verify_webhook(delivery.body, header, delivery.secret, now)
            endpoint = service.CONNECT if delivery.url.endswith("/connect") else service.PLATFORM
            told.append(Told(event, endpoint, stage))
        recording.record(told)
    kept: list[Told] = []
    for type in telling:
        kept.append(next(one for one in told if one.payload["type"] == type and one not in kept))
    return Story(recording, tuple(kept))


class Savepoints(Platform):
    """A platform whose units of work are savepoints of one connection."""

    def __init__(
        self, *, connection: "Connection", settings: "Settings", clock: "VirtualClock", stripe: Recording
    ) -> None:
        super().__init__(settings=settings, database_url="", clock=clock, stripe=stripe)  # type: ignore[arg-type]
        self.connection = connection
        self.time = clock

    @contextmanager
    def work(self, actor: Actor, *, quiet: bool = False) -> Generator[Work]:
        from sqlalchemy.orm import Session

        with Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield Work(session=session, clock=self.clock, actor=actor, settings=self.settings, react=react, quiet=quiet)


@dataclass
class Telling:
    """Tells a story in every order, and gathers how it ended."""

    story: Story
    platform: Savepoints
    ending: Callable[[Work], Fact]
    """The state that all orders must reach."""
    standing: Callable[[Work], Fact] | None = None
    """The whole state. Orders that have told the same events and stand the same go on together from there; None
    tells each to its own end."""
    mishaps: Random | None = None
    """Events twice, and workers that come late; None: each event once, and worked on at once."""
    from_the_end: bool = False
    """Whether Stripe answers as when all was over (every event was held up), or as early as it can."""

    def __post_init__(self) -> None:
        self.steps = 0
        """Events that were truly delivered."""
        self._known: dict[Fact, Counter[Fact]] = {}

    def every_order(self) -> Counter[Fact]:
        """Tell it in every order there is; answers how many orders came to which ending."""
        return self._on(self.story.events, ())

    def orders(self, count: int, draws: Random) -> Counter[Fact]:
        """Tell it in so many orders."""
        endings: Counter[Fact] = Counter()
        for _ in range(count):
            events = tuple(draws.sample(self.story.events, len(self.story.events)))
            with self._undone():
                for place, event in enumerate(events):
                    self._deliver(event, events[:place])
                endings[self._end(events)] += 1
        return endings

    def _on(self, left: tuple[Told, ...], told: tuple[Told, ...]) -> Counter[Fact]:
        if not left:
            return Counter([self._end(told)])
        known: Fact = ()
        if self.standing is not None and told:
            with self.platform.work(ACTOR) as work:
                known = (frozenset(event.payload["id"] for event in told), *self.standing(work))
            if known in self._known:
                return self._known[known]
        endings: Counter[Fact] = Counter()
        for event in left:
            with self._undone():
                self._deliver(event, told)
                endings += self._on(tuple(other for other in left if other is not event), (*told, event))
        self._known[known] = endings
        return endings

    def _deliver(self, event: Told, before: tuple[Told, ...]) -> None:
        last = max(other.stage for other in self.story.events)
        self.story.stripe.stage = last if self.from_the_end else max(other.stage for other in (*before, event))
        arriving = [event]
        if self.mishaps is not None:
            # The same again at once, and one that has come before (its worker may be done with it).
            arriving += [event] * self.mishaps.choice((0, 0, 1, 2))
            arriving += [self.mishaps.choice(before)] if before and self.mishaps.random() < 1 / 2 else []
        self._store(arriving)
        if self.mishaps is None or self.mishaps.random() < 2 / 3:
            process_events(self.platform, STRIPE)
        self.platform.time.advance(BETWEEN)
        self.steps += 1

    def _store(self, events: Sequence[Told]) -> None:
        with self.platform.work(STRIPE) as work:
            for event in events:
                service.store_event(work, event.payload, endpoint=event.endpoint)
            work.commit()

    def _end(self, told: tuple[Told, ...]) -> Fact:
        """Until nothing waits; then how it stands, with the deferred constraints of a commit."""
        if self.mishaps is not None:
            self._store(told)
        ask = self.platform.connection.exec_driver_sql
        for _ in range(RETRIES):
            if not ask("SELECT 1 FROM stripe_events WHERE item_state IN ('waiting', 'working')").first():
                break
            process_events(self.platform, STRIPE)
            self.platform.time.advance(timedelta(hours=7))
        ask("SET CONSTRAINTS ALL IMMEDIATE")
        ask("SET CONSTRAINTS ALL DEFERRED")
        with self.platform.work(ACTOR) as work:
            return self.ending(work)

    @contextmanager
    def _undone(self) -> Generator[None]:
        """What happens inside has not happened."""
        now = self.platform.time.now()
        savepoint = self.platform.connection.begin_nested()
        yield
        savepoint.rollback()
        self.platform.time.set(now)
