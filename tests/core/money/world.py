"""A small world of money for the state machine: a database, a sandbox, payers, shows and payees, and what must hold.

What the world asserts after every step is true at any step, however much is under way. What it asserts when all has
come to rest is everything: Stripe and the books agree to the cent, and nothing is left open.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import text

from tests.factories.payments import ACTOR, make_due
from tests.factories.payouts import Show, make_show
from tests.factories.profiles import make_person
from tests.stripe_sandbox import Obj, Sandbox
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import TourPadError
from tourpad.core.ledger import service as ledger
from tourpad.core.money import usd
from tourpad.core.payments import procedures as calls
from tourpad.core.payments import service as payments
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts import service as payout_service
from tourpad.core.payouts.returning import procedures as returning
from tourpad.core.platform import Platform
from tourpad.core.reconcile.procedures import reconcile
from tourpad.core.settings import load_settings

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.sandbox.deliver import Delivery

AFTER_THE_END = frozenset({"settled_not_empty"})
"""Findings that a world may rightly have: a charge heard of a day late, or a refund that failed, after its show was
divided, lies in a pot that is empty otherwise; a person decides whose it is."""
ROUNDS = 40


class World:
    """Everything there is in one example."""

    def __init__(self, server: "TestServer", start: datetime) -> None:
        from tourpad.core.gateways.stripe.client import StripeApi
        from tourpad.core.gateways.stripe.local import webhook_targets
        from tourpad.sandbox import serve
        from tourpad.sandbox.control import Control

        self.server = server
        self.clock = VirtualClock(start)
        self.folder = Path(tempfile.mkdtemp(prefix="tourpad-world-"))
        self.url = server.clone()
        environment = {
            "TOURPAD_ENV": "test",
            "TOURPAD_HOME": str(self.folder / "home"),
            "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
            "DATABASE_URL": self.url,
        }
        self.platform = Platform.open(load_settings(environ=environment, folder=self.folder), clock=self.clock)
        running = serve(
            self.folder / "stripe",
            clock=lambda: self.clock.now().timestamp(),
            webhook_targets=webhook_targets(self.platform.settings),
            seed=1,
            deliver=False,
        )
        self.running = running
        self.platform._stripe = StripeApi(running.secret_key, base_url=running.url, is_sandbox=True)
        self.sandbox = Sandbox(running, self.platform, self.clock)
        self._control = Control(running.store, running.engine, running.courier, deliver=False)
        self.backlog: list[Delivery] = []
        self.delivered: list[Delivery] = []
        self.shows: list[Show] = []
        self.days: set[date] = set()
        self.users: list[UUID] = []
        self.keys = 0
        with self.platform.work(ACTOR) as work:
            self.payers = [make_person(work, "fan").id for _ in range(2)]
            make_person(work, "admin", state="active")
            work.commit()

    def close(self) -> None:
        """Nothing of it stays."""
        self.platform.close()
        self.running.stop()
        self.server.drop(self.url)
        shutil.rmtree(self.folder, ignore_errors=True)

    # Stripe's side, without going through HTTP

    def control(self, path: str, body: Obj) -> Obj | None:
        """One of the sandbox's own endpoints; None where it refuses."""
        import json

        from tourpad.sandbox.engine import Request

        reply = self._control.handle(Request("POST", f"/_sandbox/{path}", "", {}, json.dumps(body).encode()))
        return json.loads(reply.body) if reply.status == 200 else None

    def at_stripe(self, kind: str) -> list[Obj]:
        """All of Stripe's objects of a kind, oldest first."""
        from tourpad.sandbox.store import Tx

        store = self.running.store
        with store.lock:
            return Tx(store, store.now()).select(kind, newest=False, limit=10_000)

    def balance_at_stripe(self) -> int:
        """What Stripe has of ours, available and pending."""
        from tourpad.sandbox import money
        from tourpad.sandbox.store import Tx

        store = self.running.store
        with store.lock:
            return sum(sum(both) for both in money.balance(Tx(store, store.now())).values())

    def key(self) -> str:
        """A key that was never used."""
        self.keys += 1
        return f"world-{self.keys}"

    # what happens

    def open_show(self, guarantee: int, *, again: bool) -> Show:
        """A show that was played today; `again` by the artist and at the host of the one before."""
        with self.platform.work(ACTOR) as work:
            # One show a day: an artist plays once an evening.
            ago = next(n for n in range(100) if (work.now - timedelta(days=n)).date() not in self.days)
            self.days.add((work.now - timedelta(days=ago)).date())
            show = make_show(work, like=self.shows[-1] if again and self.shows else None, days_ago=ago)
            work.commit()
        self.shows.append(show)
        self.users += [user for user in (show.artist_user, show.host_user) if user not in self.users]
        if guarantee:
            self.begin(show, guarantee, kind="booking", user_id=show.host_user)
        return show

    def begin(self, show: Show, cents: int, *, kind: str = "door_fee", user_id: UUID | None = None) -> None:
        """Somebody begins to pay."""
        due = make_due(cents, kind=kind, concert_id=show.concert_id)
        self.tried(lambda: show.payments.append(self._begun(due, user_id or self.payers[cents % 2])))

    def _begun(self, due: Any, user_id: UUID) -> UUID:
        return calls.create_intent(self.platform, ACTOR, due=due, user_id=user_id).id

    def tried(self, what: Any) -> None:
        """Do something that may be refused, or whose answer may be lost."""
        try:
            what()
        except TourPadError:
            return

    def gather(self) -> None:
        """Webhooks that Stripe has queued wait here until the world delivers them."""
        self.backlog += self.sandbox.pending()

    def deliver(self, draws: Random, share: float) -> None:
        """Some of what waits arrives, in any order, some of it twice, and some that had come before."""
        self.gather()
        chosen = [delivery for delivery in self.backlog if draws.random() < share]
        arriving = [*chosen, *(d for d in chosen if draws.random() < 0.2)]
        arriving += [d for d in self.delivered[-20:] if draws.random() < 0.1]
        draws.shuffle(arriving)
        self.sandbox.receive(arriving)
        self.backlog = [delivery for delivery in self.backlog if delivery not in chosen]
        self.delivered += chosen

    def jobs(self) -> Iterator[Any]:
        """Every job that moves money, in the order of the timetable."""
        yield lambda: calls.process_events(self.platform, ACTOR)
        yield lambda: calls.send_refunds(self.platform, ACTOR)
        yield lambda: payouts.settle_due(self.platform, ACTOR)
        yield lambda: returning.take_back(self.platform, ACTOR)
        yield lambda: payouts.resume(self.platform, ACTOR)
        yield lambda: payouts.run_payouts(self.platform, ACTOR)

    # what holds

    def holds(self) -> None:
        """What is true after every step."""
        with self.platform.work(ACTOR) as work:
            found = [*ledger.verify(work), *payments.verify(work), *payout_service.verify(work)]
            assert [f.message for f in found if f.code not in AFTER_THE_END] == []
            self._posted_is_stripes(work.session)
            self._payables_have_sources(work.session)
            self._clearing_is_explained(work.session)
        self._nothing_twice()

    def _posted_is_stripes(self, session: Any) -> None:
        """Whatever of `stripe_balance` is posted is one of Stripe's lines, of its amount, once."""
        rows = session.execute(
            text(
                "SELECT j.details->>'balance_transaction', sum(l.amount_cents) FROM ledger_lines l "
                "JOIN ledger_journals j ON j.id = l.journal_id WHERE l.account = 'stripe_balance' GROUP BY j.id"
            )
        ).all()
        lines = {line["id"]: line["net"] for line in self.at_stripe("balance_transaction")}
        posted = Counter(name for name, _ in rows)
        assert {name: count for name, count in posted.items() if count > 1} == {}
        assert {name: (cents, lines.get(name)) for name, cents in rows if lines.get(name) != cents} == {}

    def _payables_have_sources(self, session: Any) -> None:
        """Every line of a payee's account has something that is there behind it."""
        rows = session.execute(
            text(
                "SELECT DISTINCT j.source_type, j.source_id, j.purpose FROM ledger_lines l JOIN ledger_journals j "
                "ON j.id = l.journal_id WHERE l.account LIKE 'payable:%' AND NOT CASE j.source_type "
                "WHEN 'settlement' THEN EXISTS (SELECT 1 FROM settlements s WHERE s.concert_id::text = j.source_id) "
                "WHEN 'refund' THEN EXISTS (SELECT 1 FROM refunds r WHERE r.id::text = j.source_id) "
                "WHEN 'dispute' THEN EXISTS (SELECT 1 FROM disputes d WHERE d.stripe_dispute_id = j.source_id) "
                "WHEN 'transfer' THEN j.purpose = 'reversed' OR EXISTS (SELECT 1 FROM money_intents i "
                "WHERE i.operation = 'transfer' AND i.id::text = split_part(j.source_id, ':', 1)) "
                "ELSE false END"
            )
        ).all()
        assert rows == []
        reversed_here = set(
            session.scalars(
                text("SELECT source_id FROM ledger_journals WHERE source_type = 'transfer' AND purpose = 'reversed'")
            )
        )
        assert reversed_here <= {reversal["id"] for reversal in self.at_stripe("transfer_reversal")}

    def _clearing_is_explained(self, session: Any) -> None:
        """What is in clearing belongs to a refund or transfer that is not done."""
        rows = session.execute(
            text(
                "SELECT l.account, j.source_id, sum(l.amount_cents) FROM ledger_lines l JOIN ledger_journals j "
                "ON j.id = l.journal_id WHERE l.account LIKE '%clearing' GROUP BY 1, 2 "
                "HAVING sum(l.amount_cents) <> 0 AND NOT (EXISTS (SELECT 1 FROM refunds r WHERE r.id::text = "
                "j.source_id AND r.state IN ('planned', 'sending', 'sent')) OR EXISTS (SELECT 1 FROM money_intents i "
                "WHERE i.id || ':' || i.attempt = j.source_id AND i.state = 'sending'))"
            )
        ).all()
        assert rows == []

    def _nothing_twice(self) -> None:
        """One charge a payment, one refund a decision, one transfer a payout, and no more than there was."""
        paid = Counter(
            intent["metadata"].get("charge_id")
            for intent in self.at_stripe("payment_intent")
            if intent["status"] == "succeeded"
        )
        assert {name: count for name, count in paid.items() if count > 1} == {}
        decided = Counter(
            name
            for refund in self.at_stripe("refund")
            if refund["status"] not in ("failed", "canceled") and (name := refund["metadata"].get("refund_id"))
        )
        assert {name: count for name, count in decided.items() if count > 1} == {}
        sent = Counter(
            transfer["metadata"].get("payout_id") for transfer in self.at_stripe("transfer") if not transfer["reversed"]
        )
        assert {name: count for name, count in sent.items() if count > 1} == {}
        back = Counter(
            name for reversal in self.at_stripe("transfer_reversal") if (name := reversal["metadata"].get("intent_id"))
        )
        assert {name: count for name, count in back.items() if count > 1} == {}

    def happened(self) -> Counter[str]:
        """How much of what there was in this world, for whoever asks whether it was an eventful one."""
        found: Counter[str] = Counter()
        for kind in ("charge", "refund", "dispute", "transfer", "transfer_reversal"):
            for thing in self.at_stripe(kind):
                found[f"{kind} {thing.get('status', '')}".strip()] += 1
        with self.platform.work(ACTOR) as work:
            rows = work.session.execute(text("SELECT state, count(*) FROM payouts GROUP BY 1")).all()
        return found + Counter({f"payout {state}": count for state, count in rows})

    def come_to_rest(self) -> None:
        """No more faults; all that was sent arrives, but for what was lost, and time passes until nothing is open."""
        self._clear_faults()
        for number in range(1, ROUNDS):
            self.clock.advance(timedelta(minutes=6) * number)
            self.running.engine.run_due()
            self.gather()
            self.sandbox.receive(self.backlog)
            self.backlog = []
            for job in self.jobs():
                job()
            if self.is_at_rest():
                break

    def is_at_rest(self) -> bool:
        """Whether nothing waits: no event, no call, nothing that Stripe has to tell."""
        self.gather()
        with self.platform.work(ACTOR) as work:
            waits = work.session.scalar(
                text(
                    "SELECT (SELECT count(*) FROM stripe_events WHERE item_state IN ('waiting', 'working')) + "
                    "(SELECT count(*) FROM money_intents WHERE state IN ('planned', 'sending') "
                    "AND operation <> 'charge')"
                )
            )
        return not waits and not self.backlog

    def _clear_faults(self) -> None:
        store = self.running.store
        with store.transaction():
            store.db.execute("DELETE FROM faults")

    def agrees(self) -> None:
        """At rest, and after the nightly comparison has let come again what was lost, all of it agrees."""
        self.come_to_rest()
        self.holds()
        report = reconcile(self.platform, ACTOR, fix=True, whole=True)
        if report.replayed:
            self.come_to_rest()
            self.holds()
            report = reconcile(self.platform, ACTOR, whole=True)
        assert [(f.code, f.message) for f in report.findings if f.code not in AFTER_THE_END] == []
        with self.platform.work(ACTOR) as work:
            books = {account: amount.cents for account, amount in ledger.balances(work)}
        assert books.get("stripe_balance", 0) == self.balance_at_stripe()
        assert {account: cents for account, cents in books.items() if account.endswith("clearing")} == {}
        # Nobody's pot was emptied further than what was in it.
        assert {a: cents for a, cents in books.items() if a.startswith("held:") and cents > 0} == {}


__all__ = ["World", "usd"]
