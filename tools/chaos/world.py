"""A small world in which much is due: payouts, refunds, settlements, and news from Stripe that nobody has heard."""

import random
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx

from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import ask, make_concert, make_fan
from tests.factories.payments import ACTOR, begin, make_due, make_payer
from tests.factories.payments import refund as plan_refund
from tests.factories.payouts import Show, make_show, onboard
from tests.postgres import Rows, TestServer
from tests.stripe_sandbox import Sandbox

if TYPE_CHECKING:
    from tourpad.core.payments.models import Payment
    from tourpad.core.settings import Settings

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW_AT_ONCE = "pm_card_bypassPending"
AMPLE_DAYS = 90
"""In so many days a bank stops taking evidence: however much time a run lets pass, there is enough."""
PLENTY = 200_000
"""Cents in a pot that nobody divides, so that Stripe's balance never keeps a transfer back."""


@dataclass(slots=True)
class Due:
    """What Stripe must have done once, when all is over. Amounts are cents."""

    payees: dict[str, tuple[UUID, int]] = field(default_factory=dict[str, tuple[UUID, int]])
    """By connected account: the person, and what they must have been sent in all."""
    refunds: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By payment intent: the refunds that must stand."""
    failing: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """By payment intent: refunds that must have been tried, and failed."""
    charges: dict[str, int] = field(default_factory=dict[str, int])
    """By payment intent: what was paid, and must be in the books."""
    answers: dict[str, int] = field(default_factory=dict[str, int])
    """By dispute: how often its bank must have been answered."""
    called_off: list[UUID] = field(default_factory=list[UUID])
    """Fans of a show that was called off, who must have been told."""


@dataclass(frozen=True, slots=True)
class World:
    """A world that was built: the rows of its database, a copy of Stripe's state, the instant, and what is due."""

    rows: Rows
    stripe: Path
    now: datetime
    due: Due
    webhooks: int


class Builder:
    """Builds one world with the house's own verbs; every amount is drawn from `rng`."""

    def __init__(self, sandbox: Sandbox, rng: random.Random) -> None:
        self.sandbox = sandbox
        self.platform = sandbox.platform
        self.rng = rng
        self.due = Due()
        self.payers = [make_payer(self.platform) for _ in range(2)]
        self.begun: list[tuple[Payment, str]] = []

    def build(self) -> Due:
        """Everything, in an order in which what Stripe tells early is heard and the rest is not."""
        late = self._seats_that_lapse()
        shows = self._shows()
        pots = [self._pot() for _ in range(5)]
        disputed, pending, failing = self._pot(), self._pot("pm_card_pendingRefund"), self._pot("pm_card_refundFail")
        answered, over = [self._pot() for _ in range(3)], self._pot()
        concert_id, seats = self._seats_of_one_show()
        self._pot(cents=PLENTY)
        self._pay()
        self.sandbox.news()
        too_late = self._answer(answered, over)
        self._call_off(concert_id, seats)
        self._settle(shows)
        self._plan_refunds(pots, shows, pending=pending, failing=failing)
        # From here on nobody hears what Stripe has to tell.
        self.sandbox.control(f"disputes/{too_late}/resolve", {"outcome": "won"})
        self._dispute(disputed)
        self._refund_at_the_dashboard(pots[-1])
        for payment in late:
            self._owe_refund(payment, payment.amount_cents)
            self.begun.append((payment, NOW_AT_ONCE))
        for _ in range(4):
            self._pot()
        self._pay()
        return self.due

    def _pot(self, card: str = NOW_AT_ONCE, *, cents: int = 0) -> "Payment":
        """Somebody begins to pay into a pot that stays as it is."""
        due = make_due(cents or self.rng.randrange(900, 9_000))
        payment = begin(self.sandbox, due, user_id=self.rng.choice(self.payers))
        self.begun.append((payment, card))
        return payment

    def _pay(self) -> None:
        """Stripe takes the money of all that was begun."""
        for payment, card in self.begun:
            self.sandbox.pay(payment, card)
            self.due.charges[str(payment.stripe_payment_intent_id)] = payment.amount_cents
        self.begun.clear()

    def _shows(self) -> list[Show]:
        """Played and paid for, each for one way in which its payouts go.

        Two of one pair, one of them small; one refunded in part before its payout; one whose sides can't receive; one
        refunded in part after its payout; and one still to be settled.
        """
        first = self._show(guests=3, guarantee=9_000)
        return [
            first,
            self._show(guests=1, like=first, days_ago=17),
            self._show(guests=4, guarantee=self.rng.randrange(5_000, 12_000)),
            self._show(guests=3, guarantee=8_000),
            self._show(guests=4, guarantee=6_000),
            self._show(guests=3, guarantee=7_000),
        ]

    def _show(self, *, guests: int, guarantee: int = 0, like: Show | None = None, days_ago: int = 10) -> Show:
        with self.platform.work(ACTOR) as work:
            show = make_show(work, days_ago=days_ago, like=like)
            work.commit()
        for _ in range(guests):
            self._into(show, make_due(self.rng.randrange(1_200, 2_600), concert_id=show.concert_id))
        if guarantee:
            self._into(show, make_due(guarantee, kind="booking", concert_id=show.concert_id))
        return show

    def _into(self, show: Show, due: Any) -> None:
        payment = begin(self.sandbox, due, user_id=self.rng.choice(self.payers))
        show.payments.append(payment.id)
        self.begun.append((payment, NOW_AT_ONCE))

    def _settle(self, shows: list[Show]) -> None:
        """Divide all shows but the last, and write down what each payee gets of all of them."""
        from tourpad.core.payouts import service

        *divided, last = shows
        people = list(dict.fromkeys(user for show in shows for user in (show.artist_user, show.host_user)))
        accounts = dict(zip(people, onboard(self.platform, *people), strict=True))
        with self.platform.work(ACTOR) as work:
            for show in divided:
                service.settle(work, concert_id=show.concert_id)
            work.commit()
        with self.platform.work(ACTOR) as work:  # rolled back: only to see what it will come to
            service.settle(work, concert_id=last.concert_id)
            earned = self._earned(work)
        self._pay_out(shows[4])
        unable = (shows[3].artist_user, shows[3].host_user)
        for user_id in unable:
            needs = {"requirements": ["identity.individual.date_of_birth"]}
            self.sandbox.control(f"accounts/{accounts[user_id]}/onboard", needs)
        for user_id, account in accounts.items():
            self.due.payees[account] = (user_id, 0 if user_id in unable else earned[user_id])

    @staticmethod
    def _earned(work: Any) -> dict[UUID, int]:
        from tourpad.core.payouts.models import Payout

        found: dict[UUID, int] = {}
        for payout in work.session.query(Payout):
            found[payout.user_id] = found.get(payout.user_id, 0) + payout.earned_cents
        return found

    def _plan_refunds(
        self, pots: "list[Payment]", shows: list[Show], *, pending: "Payment", failing: "Payment"
    ) -> None:
        """Parts of payments, most of them, since Stripe would refuse a second whole one by itself."""
        for payment in pots:
            for _ in range(self.rng.choice((1, 1, 2))):
                self._plan(payment, self.rng.randrange(100, 400))
        self._plan(pending, self.rng.randrange(100, 800))
        self._plan(failing, cents := self.rng.randrange(100, 800))
        self.due.failing[str(failing.stripe_payment_intent_id)] = [cents]
        del self.due.refunds[str(failing.stripe_payment_intent_id)]
        self._plan_after_settlement(shows[2], (600,))
        self._plan_after_settlement(shows[4], (500, 300))
        user_id, sent = shows[4].host_user, self._earned_by(shows[4].host_user)
        account = next(name for name, (whose, _) in self.due.payees.items() if whose == user_id)
        self._empty(account, sent)
        self.due.payees[account] = (user_id, sent)

    def _plan(self, payment: "Payment", cents: int) -> UUID:
        refund_id = plan_refund(self.platform, payment.id, cents)
        self._owe_refund(payment, cents)
        return refund_id

    def _owe_refund(self, payment: "Payment", cents: int) -> None:
        self.due.refunds.setdefault(str(payment.stripe_payment_intent_id), []).append(cents)

    def _plan_after_settlement(self, show: Show, amounts: tuple[int, ...]) -> None:
        """Those who got the money give their part of it back: less is due to them, or is taken back."""
        from tests.factories.payments import fresh
        from tourpad.core.payments.models import Refund

        for payment_id, refunded in zip(show.payments, amounts, strict=False):
            refund_id = self._plan(fresh(self.platform, payment_id), refunded)
            with self.platform.work(ACTOR) as work:
                parts = dict(work.session.get_one(Refund, refund_id).from_accounts)
            for account, (user_id, cents) in self.due.payees.items():
                self.due.payees[account] = (user_id, cents - parts.get(f"payable:{user_id}", 0))

    def _pay_out(self, show: Show) -> None:
        """Both sides of a show have been paid, and Stripe's word of it was heard."""
        from tourpad.core.payouts import procedures
        from tourpad.core.payouts.models import Payout

        with self.platform.work(ACTOR) as work:
            wanted = work.session.query(Payout).filter(Payout.concert_id == show.concert_id)
            only = frozenset(payout.id for payout in wanted)
        procedures.run_payouts(self.platform, ACTOR, only=only)
        self.sandbox.news()

    def _earned_by(self, user_id: UUID) -> int:
        with self.platform.work(ACTOR) as work:
            return self._earned(work)[user_id]

    def _empty(self, account: str, cents: int) -> None:
        """A payee's bank has the money: Stripe can take nothing back, and it stays a debt."""
        answer = httpx.post(
            f"{self.sandbox.running.url}/v1/payouts",
            data={"amount": cents, "currency": "usd"},
            headers={"Authorization": f"Bearer {self.sandbox.running.secret_key}", "Stripe-Account": account},
        )
        answer.raise_for_status()

    def _dispute(self, payment: "Payment") -> None:
        """A refund is planned, and the payer's bank is quicker: nothing may go back."""
        from tests.factories.payments import fresh

        plan_refund(self.platform, payment.id, 200)
        self.sandbox.control(f"charges/{fresh(self.platform, payment.id).stripe_charge_id}/dispute", {})

    def _answer(self, answered: "list[Payment]", over: "Payment") -> str:
        """Answers to disputes are decided. The last will come too late: answers its dispute."""
        from tests.factories.payments import fresh
        from tourpad.core.evidence import service
        from tourpad.core.payments import queries

        disputes: list[dict[str, Any]] = []
        for payment in (*answered, over):
            charge = fresh(self.platform, payment.id).stripe_charge_id
            disputes.append(self.sandbox.control(f"charges/{charge}/dispute", {"response_days": AMPLE_DAYS}))
        self.sandbox.news()
        for payment in (*answered, over):
            with self.platform.work(ACTOR) as work:
                (dispute,) = queries.disputes_of(work, payment.id)
                drafted = service.draft(work, dispute_id=dispute.id).fields
                service.save(work, dispute_id=dispute.id, fields=drafted)
                service.plan_submission(work, dispute_id=dispute.id)
                work.commit()
        too_late = str(disputes[-1]["id"])
        self.due.answers = {str(dispute["id"]): 1 for dispute in disputes} | {too_late: 0}
        return too_late

    def _seats_of_one_show(self) -> "tuple[UUID, list[tuple[UUID, Payment]]]":
        """Parties begin to pay at the door of a show."""
        from tourpad.core.concerts import service
        from tourpad.core.payments.procedures import create_intent

        with self.platform.work(ACTOR) as work:
            concert = make_concert(work)
            fans = [make_fan(work) for _ in range(3)]
            parties = [ask(work, concert, guests, fan=fan) for guests, fan in enumerate(fans, start=1)]
            owed = [
                service.what_is_owed(work, rsvp_id=party.id, user_id=fan)
                for party, fan in zip(parties, fans, strict=True)
            ]
            work.commit()
        payments = [
            create_intent(self.platform, ACTOR, due=due, user_id=fan) for due, fan in zip(owed, fans, strict=True)
        ]
        self.begun += [(payment, NOW_AT_ONCE) for payment in payments]
        return concert.id, list(zip(fans, payments, strict=True))

    def _call_off(self, concert_id: UUID, seats: "list[tuple[UUID, Payment]]") -> None:
        """The show is called off: its guests are still to be told and refunded, one by one."""
        from tourpad.core.concerts import service

        with self.platform.work(ACTOR) as work:
            service.cancel(work, concert_id=concert_id, user_id=None, reason="A flood.")
            work.commit()
        for fan, payment in seats:
            self._owe_refund(payment, payment.amount_cents)
            self.due.called_off.append(fan)

    def _refund_at_the_dashboard(self, payment: "Payment") -> None:
        """Somebody gives money back by hand, at Stripe's own pages."""
        self.sandbox.stripe.create_refund(
            {"payment_intent": payment.stripe_payment_intent_id, "amount": 150}, key=f"dashboard:{payment.id}"
        )
        self._owe_refund(payment, 150)

    def _seats_that_lapse(self) -> "list[Payment]":
        """A fee and a door fee whose payers were so slow that the date and the seats have gone: all of it goes back."""
        from tourpad.core.bookings import procedures as bookings
        from tourpad.core.bookings import service as booking_service
        from tourpad.core.concerts import procedures as concerts
        from tourpad.core.concerts import service
        from tourpad.core.payments.procedures import create_intent

        with self.platform.work(ACTOR) as work:
            pair = make_pair(work)
            asked = make_booking(work, pair, state="approved", fee=20_000)
            fan = make_fan(work)
            party = ask(work, make_concert(work), 2, fan=fan)
            fee = booking_service.what_is_owed(work, booking_id=asked.id, user_id=pair.host_user)
            door = service.what_is_owed(work, rsvp_id=party.id, user_id=fan)
            work.commit()
        owed = [(fee, pair.host_user), (door, fan)]
        late = [create_intent(self.platform, ACTOR, due=due, user_id=user) for due, user in owed]
        self.sandbox.advance(timedelta(hours=80))
        bookings.expire_due(self.platform, ACTOR)
        concerts.lapse_due(self.platform, ACTOR)
        return late


def build(
    *,
    seed: str,
    settings: "Callable[[str], Settings]",
    server: TestServer,
    home: Path,
) -> World:
    """Build a world into a database of its own and a folder for Stripe's state; both are then copied for each run.

    Args:
        seed: what amounts are drawn by.
        settings: makes the settings for the address of a database.
        server: where databases are made.
        home: an empty folder.
    """
    address = server.clone()
    with _opened(settings(address), home) as sandbox:
        due = Builder(sandbox, random.Random(seed)).build()
        webhooks = sandbox.control("deliveries", method="GET")["pending"]
        now = sandbox.clock.now()
    rows = server.rows(address)
    server.drop(address)
    return World(rows, home, now, due, webhooks)


@contextmanager
def _opened(settings: "Settings", home: Path) -> Generator[Sandbox]:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.gateways.stripe.client import StripeApi
    from tourpad.core.gateways.stripe.local import webhook_targets
    from tourpad.core.platform import Platform
    from tourpad.sandbox import serve

    shutil.rmtree(home, ignore_errors=True)
    clock = VirtualClock(START)
    running = serve(
        home, clock=lambda: clock.now().timestamp(), webhook_targets=webhook_targets(settings), deliver=False
    )
    stripe = StripeApi(running.secret_key, base_url=running.url, is_sandbox=True)
    platform = Platform.open(settings, clock=clock, stripe=stripe)
    try:
        yield Sandbox(running, platform, clock)
    finally:
        platform.close()
        running.stop()
