"""What seeding stands on: a platform whose clock it moves, an agenda of what happens when, and a till at Stripe."""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tourpad.core.actors import STRIPE, Actor, job_actor
from tourpad.core.clock import VirtualClock
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.memberships import procedures as memberships
from tourpad.core.outbox import procedures as outbox
from tourpad.core.payments import procedures as payments
from tourpad.core.payments import service as payment_verbs
from tourpad.core.payments.inbox import procedures as inbox
from tourpad.core.payments.rules import Due
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts import service as payout_verbs
from tourpad.core.platform import Platform
from tourpad.demo.arrivals import GOOD_CARD
from tourpad.demo.client import Browser, UnexpectedAnswerError

JOB = job_actor("db seed")

AT_ONCE = "pm_card_bypassPending"
"""Pays, and is available at once: a sandbox that others run lives in the present, and shows were played weeks ago."""

ROUNDS = 20
"""Stripe's news cause more news, but never so often."""


@dataclass(slots=True)
class Till:
    """Real money of the sandbox. It is closed where Stripe is another one: then nobody pays anything."""

    platform: Platform
    is_open: bool = field(init=False)
    _browser: Browser = field(init=False)
    _seen: set[str] = field(init=False, default_factory=set[str])
    _since: datetime = field(init=False)
    _anything: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        stripe = self.platform.stripe
        self.is_open = stripe.is_sandbox
        self._browser = Browser(stripe.base_url)
        self._since = self.platform.clock.now() - timedelta(days=1)
        if self.is_open:
            stripe.get_balance()  # it answers, before anything is made that counts on it
            self._seen = {str(event["id"]) for event in self._events()}

    @property
    def held_before(self) -> int:
        """Events that the sandbox had of others before."""
        return len(self._seen)

    def close(self) -> None:
        """Give back the connections."""
        self._browser.close()

    def join(self, actor: Actor, user_id: UUID) -> None:
        """Pay a membership on Stripe's page."""
        page = memberships.begin_checkout(self.platform, actor, user_id=user_id)
        if not self._browser.check_out(page.url, GOOD_CARD):
            raise UnexpectedAnswerError("The sandbox did not take the card for a membership.")
        self._anything = True

    def pay(self, actor: Actor, user_id: UUID, due: Due) -> None:
        """Pay what is owed, with a card that is good."""
        payment = payments.create_intent(self.platform, actor, due=due, user_id=user_id)
        self.platform.stripe.confirm_payment_intent(
            payment.stripe_payment_intent_id or "", {"payment_method": AT_ONCE}, key=f"tp1:seed_pay:{payment.id}:1"
        )
        self._anything = True

    def connect_bank(self, actor: Actor, user_id: UUID, *, half_way: bool = False) -> None:
        """Fill Stripe's form for a payee, or leave some of it open."""
        payouts.start_onboarding(self.platform, actor, user_id=user_id)
        with self.platform.work(actor) as work:
            account_id = payout_verbs.ensure_payee(work, user_id=user_id).stripe_account_id or ""
        self._browser.onboard(account_id, ["individual.date_of_birth"] if half_way else None)
        account = self.platform.stripe.get_account(account_id, include=list(payouts.RECIPIENT))
        with self.platform.work(actor) as work:
            payout_verbs.take_account(work, account=account)
            work.commit()

    def pay_out(self, actor: Actor) -> None:
        """Send what is due to artists and hosts."""
        payouts.payouts_run(self.platform, actor)
        self._anything = True

    def expect_news(self) -> None:
        """Something has happened that Stripe will tell of."""
        self._anything = True

    def settle(self) -> None:
        """Send refunds that were decided, and hear all that Stripe has to tell, as the jobs would."""
        if not (self.is_open and self._anything):
            return
        began = self.platform.clock.now()
        for _ in range(ROUNDS):
            payments.send_refunds(self.platform, STRIPE)
            fresh = [event for event in self._events() if event["id"] not in self._seen]
            if not fresh:
                break
            self._seen.update(str(event["id"]) for event in fresh)
            with self.platform.work(STRIPE) as work:
                payment_verbs.store_missing(work, fresh[::-1])
                work.commit()
            inbox.work_inbox(self.platform, STRIPE)
        self._since, self._anything = began - timedelta(minutes=1), False

    def _events(self) -> Iterable[StripeDict]:
        return self.platform.stripe.list_events(created={"gte": int(self._since.timestamp())})


@dataclass(slots=True)
class Ground:
    """The seeding's desk."""

    platform: Platform
    clock: VirtualClock
    today: datetime
    """The present, to which the past leads up."""
    till: Till
    admin: Actor
    _agenda: list[tuple[datetime, int, Callable[[], object]]] = field(
        default_factory=list[tuple[datetime, int, Callable[[], object]]]
    )
    _planned: int = 0

    def ago(self, *, days: float = 0, hours: float = 0) -> datetime:
        """An instant before the present."""
        return self.today - timedelta(days=days, hours=hours)

    def plan(self, when: datetime, do: Callable[[], object]) -> None:
        """Let something happen at an instant; of two at the same one, in the order of planning."""
        self._planned += 1
        heapq.heappush(self._agenda, (when, self._planned, do))

    def run(self) -> None:
        """Let all of it happen, and what that plans in turn; then it is the present."""
        while self._agenda:
            when, _, do = heapq.heappop(self._agenda)
            self._pass_to(when)
            do()
            self.till.settle()
        self._pass_to(self.today)

    def _pass_to(self, when: datetime) -> None:
        if when > self.clock.now():
            outbox.deliver_mail(self.platform, JOB)  # what is said of a mail later is when it left
            self.clock.set(when)
