"""Charges, refunds, disputes, settlements, transfers, time and faults in any order: what holds, holds after each step.

`pytest tests/core/money/test_anything_goes.py --hypothesis-profile=long` goes on for about half an hour.
"""

from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import START
from tests.core.money.world import World
from tests.factories.payments import ACTOR
from tests.factories.payouts import onboard
from tourpad.core.money import usd
from tourpad.core.payments import queries, service

if TYPE_CHECKING:
    from tests.postgres import TestServer

IS_LONG = settings.get_current_profile_name() == "long"
CARDS = ("visa", "bypassPending", "chargeDeclined", "createDispute", "pendingRefund", "refundFail")
CALLS = (
    *("POST /v1/payment_intents", "POST /v1/refunds", "POST /v1/transfers", "POST /v1/transfers/{id}/reversals"),
    *("POST /v1/customers", "GET /v1/payment_intents/{intent}", "GET /v1/refunds/{refund}", "GET /v1/balance"),
    *("GET /v1/disputes/{dispute}", "GET /v1/transfers/{transfer}", "GET /v1/refunds", "GET /v1/transfers"),
)
WHICH = st.integers(0, 1000)
SHARE = st.sampled_from((0.1, 0.3, 0.5, 1.0, 1.2))
DRAWS = st.integers(0, 2**16).map(Random)
STAGES = ("begun", "paid", "heard", "settled", "sent", "sent")
SPANS = (
    *(timedelta(seconds=11), timedelta(minutes=6), timedelta(minutes=40), timedelta(hours=7), timedelta(hours=25)),
    *(timedelta(days=3), timedelta(days=7)),
)


class Anything(RuleBasedStateMachine):
    """Whatever people, banks, Stripe and the network may do."""

    server: "TestServer"

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.server, START)

    def teardown(self) -> None:
        try:
            if self.world.shows:
                self.world.agrees()
                for what, count in self.world.happened().items():
                    event(f"{what}: {min(count, 3)}")
        finally:
            self.world.close()

    @initialize(guarantee=st.sampled_from((0, 8000)), stage=st.sampled_from(STAGES), card=st.sampled_from(CARDS))
    def first_show(self, guarantee: int, stage: str, card: str) -> None:
        """There is a show, and its money has come as far as `stage`."""
        world, reached = self.world, STAGES.index(stage)
        show = world.open_show(guarantee, again=False)
        for cents in (6000, 9001):
            world.begin(show, cents)
        if reached >= STAGES.index("paid"):
            for intent, by in zip(world.at_stripe("payment_intent"), (card, *["bypassPending"] * 2), strict=False):
                params = {"payment_method": f"pm_card_{by}"}
                confirm = partial(world.platform.stripe.confirm_payment_intent, intent["id"], params, key=world.key())
                world.tried(confirm)
        if reached >= STAGES.index("heard"):
            world.deliver(Random(1), 1.0)
            world.sandbox.process()
        if reached >= STAGES.index("settled"):
            onboard(world.platform, *world.users)
            for job in world.jobs():
                world.tried(job)
        if stage == "sent":
            self.time_passes(timedelta(days=7))
            for job in world.jobs():
                world.tried(job)

    # Who pays, and gets it back

    @precondition(lambda self: len(self.world.shows) < 3)
    @rule(guarantee=st.sampled_from((0, 8000)), again=st.booleans())
    def another_show(self, guarantee: int, again: bool) -> None:
        self.world.open_show(guarantee, again=again)

    @rule(show=WHICH, cents=st.sampled_from((50, 1500, 6001, 19999)))
    def somebody_begins_to_pay(self, show: int, cents: int) -> None:
        world = self.world
        world.begin(world.shows[show % len(world.shows)], cents)

    @rule(which=WHICH, card=st.sampled_from(CARDS))
    def somebody_pays(self, which: int, card: str) -> None:
        open_intents = [i for i in self.world.at_stripe("payment_intent") if i["status"] == "requires_payment_method"]
        if open_intents:
            intent = open_intents[which % len(open_intents)]
            world = self.world
            world.tried(
                lambda: world.platform.stripe.confirm_payment_intent(
                    intent["id"], {"payment_method": f"pm_card_{card}"}, key=world.key()
                )
            )

    @rule(which=WHICH, share=SHARE)
    def we_refund(self, which: int, share: float) -> None:
        world = self.world
        with world.platform.work(ACTOR) as work:
            rows = [row.payment for row in queries.payments(work, queries.PaymentFilter(), limit=100)[0]]
        if not rows:
            return
        payment = rows[which % len(rows)]

        def plan() -> None:
            with world.platform.work(ACTOR) as work:
                amount = usd(max(1, int(payment.amount_cents * share)))
                service.plan_refund(work, payment_id=payment.id, amount=amount, reason="anything goes")
                work.commit()

        world.tried(plan)

    @rule(which=WHICH, share=SHARE)
    def somebody_refunds_at_the_dashboard(self, which: int, share: float) -> None:
        charge = self._charge(which)
        if charge is not None:
            params = {"charge": charge["id"], "amount": max(1, int(charge["amount"] * share))}
            self.world.tried(lambda: self.world.platform.stripe.create_refund(params, key=self.world.key()))

    @rule(which=WHICH, outcome=st.sampled_from(("succeeded", "failed")))
    def a_refund_comes_through_or_not(self, which: int, outcome: str) -> None:
        refunds = [r for r in self.world.at_stripe("refund") if r["status"] in ("pending", "succeeded")]
        if refunds:
            self.world.control(f"refunds/{refunds[which % len(refunds)]['id']}/resolve", {"outcome": outcome})

    # Banks

    @rule(which=WHICH, share=SHARE, reason=st.sampled_from(("fraudulent", "inquiry")))
    def a_bank_disputes(self, which: int, share: float, reason: str) -> None:
        charge = self._charge(which)
        if charge is not None and not charge["disputed"]:
            amount = max(1, int(charge["amount"] * share))
            self.world.control(f"charges/{charge['id']}/dispute", {"amount": amount, "reason": reason})

    @rule(which=WHICH, outcome=st.sampled_from(("won", "lost")))
    def a_dispute_ends(self, which: int, outcome: str) -> None:
        disputes = [d for d in self.world.at_stripe("dispute") if d["status"] not in ("won", "lost", "warning_closed")]
        if disputes:
            self.world.control(f"disputes/{disputes[which % len(disputes)]['id']}/resolve", {"outcome": outcome})

    # Payees

    @rule(which=WHICH)
    def a_payee_connects(self, which: int) -> None:
        world = self.world
        world.tried(lambda: onboard(world.platform, world.users[which % len(world.users)]))

    @rule(which=WHICH, able=st.booleans())
    def stripe_asks_a_payee_something(self, which: int, able: bool) -> None:
        accounts = self.world.at_stripe("v2.core.account")
        if accounts:
            needs: list[str] = [] if able else ["identity.individual.address"]
            account = accounts[which % len(accounts)]["id"]
            self.world.control(f"accounts/{account}/onboard", {"requirements": needs})

    @rule(which=WHICH, share=SHARE)
    def somebody_takes_a_transfer_back_at_the_dashboard(self, which: int, share: float) -> None:
        transfers = self.world.at_stripe("transfer")
        if transfers:
            transfer = transfers[which % len(transfers)]
            amount = max(1, int(transfer["amount"] * share))
            world = self.world
            world.tried(
                lambda: world.platform.stripe.reverse_transfer(transfer["id"], {"amount": amount}, key=world.key())
            )

    # Workers, time and faults

    @rule(draws=DRAWS, share=SHARE)
    def webhooks_arrive(self, draws: Random, share: float) -> None:
        self.world.deliver(draws, share)

    @rule(draws=DRAWS)
    def webhooks_are_lost(self, draws: Random) -> None:
        self.world.gather()
        self.world.backlog = [d for d in self.world.backlog if draws.random() < 0.7]

    @rule(which=st.integers(0, 5))
    def a_job_runs(self, which: int) -> None:
        job = list(self.world.jobs())[which]
        self.world.tried(job)

    @rule(draws=DRAWS)
    def all_goes_well_for_a_while(self, draws: Random) -> None:
        self.world.deliver(draws, 1.0)
        for job in self.world.jobs():
            self.world.tried(job)

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: timedelta) -> None:
        self.world.clock.advance(span)
        self.world.running.engine.run_due()

    @rule(
        call=st.sampled_from(CALLS),
        fault=st.sampled_from(("drop_reply", "drop_reply", 409, 429, 500)),
        after_work=st.booleans(),
        times=st.integers(1, 4),
    )
    def stripe_stumbles(self, call: str, fault: str | int, after_work: bool, times: int) -> None:
        body: dict[str, Any] = {"operation": call, "fault": "drop_reply", "times": times}
        if isinstance(fault, int):
            body |= {"fault": "status", "status": fault}
            if after_work and fault == 500:
                body["after_work"] = True
        self.world.control("faults", body)

    @invariant()
    def what_holds_holds(self) -> None:
        if self.world.shows:
            self.world.holds()

    def _charge(self, which: int) -> dict[str, Any] | None:
        charges = [c for c in self.world.at_stripe("charge") if c["status"] == "succeeded"]
        return charges[which % len(charges)] if charges else None


def test_whatever_happens_the_books_hold(server: "TestServer") -> None:
    class Here(Anything):
        pass

    Here.server = server
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=400 if IS_LONG else 6,
            stateful_step_count=60 if IS_LONG else 25,
            deadline=None,
            derandomize=not IS_LONG,
            print_blob=True,
            # Shrinking takes minutes; a failing world is printed step by step in any case.
            phases=(*Phase,) if IS_LONG else (Phase.explicit, Phase.reuse, Phase.generate),
            suppress_health_check=tuple(HealthCheck),  # pyright: ignore[reportArgumentType] - an enumeration is iterable
        ),
    )
