"""What every chapter works with: the cast, the hands, the clock, and the jobs that time passing means."""

import random
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tourpad.core.errors import TourPadError
from tourpad.demo.client import Api, Browser
from tourpad.demo.display import Display
from tourpad.demo.mailbox import Mailbox
from tourpad.demo.people import Cast, Character
from tourpad.demo.stage import Stage
from tourpad.jobs.runner import Outcome, find, run_slot, tick

T = TypeVar("T")

HANDS = 6
"""Requests under way at once: enough to keep two cores busy."""

MAX_ROUNDS = 40

BESIDE = 0.5
"""Real seconds between rounds of the jobs that run beside people's doings."""


class JobFailedError(TourPadError):
    """A job of the season failed."""

    code = "job_failed"


@dataclass(slots=True)
class Show:
    """One date that an artist asked for, and what came of it, as the story remembers it."""

    artist: Character
    host: Character
    booking_id: str
    starts: datetime
    plan: str
    """What whoever is asked will do with it: see `touring.PLANS`."""
    trip_id: str = ""
    """Where the host began it, by an invitation to an artist who comes by."""
    concert_id: str = ""
    capacity: int = 0
    zone: str = ""
    ends: datetime | None = None
    parties: list["Party"] = field(default_factory=list["Party"])
    cancelled: bool = False


@dataclass(slots=True)
class Party:
    """A fan and whom they bring."""

    fan: Character
    guests: int
    rsvp_id: str = ""
    state: str = ""
    paid: bool = False
    intent_id: str = ""
    """Stripe's, of the door fee."""


@dataclass(slots=True)
class Season:
    """The director's desk."""

    cast: Cast
    stage: Stage
    api: Api
    browser: Browser
    mailbox: Mailbox
    display: Display
    rng: random.Random
    shows: list[Show] = field(default_factory=list[Show])

    @property
    def now(self) -> datetime:
        """The season's present."""
        return self.stage.clock.now()

    def each(self, things: Iterable[T], do: Callable[[T], Any]) -> None:
        """Do something with each, several at once; every one of them is a step of the chapter.

        Jobs run beside it, as they do in any installation: what Stripe tells is processed, and mail leaves.
        """
        todo = list(things)
        self.display.expect(len(todo))

        def one(thing: T) -> None:
            do(thing)
            self.display.step()

        done = threading.Event()
        with ThreadPoolExecutor(HANDS + 1) as pool:
            jobs = pool.submit(self._work_beside, done)
            try:
                for _ in pool.map(one, todo):
                    """Results do not matter; an exception does, and is raised here."""
            finally:
                done.set()
            jobs.result()

    def _work_beside(self, done: threading.Event) -> None:
        while not done.wait(BESIDE):
            for name in ("stripe-events", "mail-deliver"):
                self.job(name)

    def job(self, name: str) -> dict[str, int]:
        """Run one job now (a second later than anything before, so that the slot is a fresh one)."""
        slot = self.stage.clock.advance(timedelta(seconds=1))
        outcome = run_slot(self.stage.platform, find(name), slot)
        self._check(outcome)
        return outcome.done or {}

    def settle_down(self) -> None:
        """Let everything that is under way arrive: webhooks, what they cause, and mail."""
        for _ in range(MAX_ROUNDS):
            self.browser.flush_webhooks()
            heard = sum(self.job("stripe-events").values())
            sent = sum(sum(self.job(name).values()) for name in ("concerts-refund", "refunds-send"))
            if not heard and not sent:
                break
        self.job("mail-deliver")
        self.mailbox.collect()
        self.display.moment(self.now)

    def pass_time(self, until: datetime) -> None:
        """Move the clock and run whatever the timetable has by then."""
        self.move_clock(until)
        for outcome in tick(self.stage.platform):
            self._check(outcome)
        self.settle_down()

    def move_clock(self, until: datetime) -> None:
        """Move the clock, never back, and run nothing."""
        if until > self.now:
            self.stage.clock.set(until)
        self.display.moment(self.now)

    @staticmethod
    def _check(outcome: Outcome) -> None:
        if outcome.error:
            msg = f"The job {outcome.job} failed: {outcome.error}"
            raise JobFailedError(msg, hint="tourpad jobs history --failed")
