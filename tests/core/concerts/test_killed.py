"""A show with very many guests is called off by a process that is killed, twice, and by a third that ends it."""

import os
import pty
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from sqlalchemy import func, select

from tests.factories.bookings import make_pair, told
from tests.factories.concerts import fan_of, make_concert, seat
from tests.factories.payments import balances
from tourpad.core.actors import operator
from tourpad.core.clock import SharedClock
from tourpad.core.payments.models import Payment, Refund

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from tests.stripe_sandbox import Sandbox

ME = operator("test")
PARTIES = 400 if settings.get_current_profile_name() == "long" else 16
"""`pytest --hypothesis-profile=long` takes the four hundred of a large show."""
PRICE = 1_500
PATIENCE = 600


def sold_out(sandbox: "Sandbox") -> "tuple[UUID, list[UUID]]":
    """A show whose every party has paid at Stripe; its id, and its fans' accounts."""
    with sandbox.platform.work(ME) as work:
        concert = make_concert(work, make_pair(work, indoor_capacity=PARTIES), capacity=PARTIES)
        parties = [seat(work, concert) for _ in range(PARTIES)]
        fans = [fan_of(work, party) for party in parties]
        for payment in work.session.query(Payment).filter(Payment.concert_id == concert.id):
            intent = sandbox.stripe.create_payment_intent(
                {
                    "amount": PRICE,
                    "currency": "usd",
                    "confirm": True,
                    "payment_method": "pm_card_bypassPending",
                    "off_session": True,
                },
                key=f"door-{payment.id}",
            )
            payment.stripe_payment_intent_id, payment.stripe_charge_id = intent["id"], intent["latest_charge"]
            payment.stripe_balance_transaction_id = f"txn_of_{payment.id}"  # posted by the factory
        work.commit()
    return concert.id, fans


class Terminal:
    """Somebody types a `tourpad` command and watches it."""

    def __init__(self, sandbox: "Sandbox", folder: "Path", *arguments: str, clock: SharedClock) -> None:
        self.screen, theirs = pty.openpty()
        own = {name: value for name, value in os.environ.items() if not name.startswith(("TOURPAD_", "STRIPE_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tourpad", *arguments],
            env=own
            | {
                "TOURPAD_ENV": "test",
                "TOURPAD_HOME": str(folder),
                "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
                "TOURPAD_CLOCK": f"file:{clock.path}",
                "DATABASE_URL": sandbox.platform.database_url,
                "STRIPE_SECRET_KEY": sandbox.running.secret_key,
                "STRIPE_API_BASE": sandbox.running.url,
                "TERM": "xterm",
                "COLUMNS": "100",
            },
            cwd=folder,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)

    def kill_when(self, there: Callable[[], bool]) -> None:
        """Kill it at the first moment at which something is so."""
        until = time.monotonic() + PATIENCE
        while not there():
            assert self.process.poll() is None, self.read()
            assert time.monotonic() < until
            time.sleep(0.005)
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(PATIENCE) == -signal.SIGKILL
        os.close(self.screen)

    def read(self) -> str:
        """All that it shows until it ends."""
        said = b""
        while True:
            try:
                piece = os.read(self.screen, 65536)
            except OSError:  # it has closed its side
                break
            if not piece:
                break
            said += piece
        self.process.wait(PATIENCE)
        os.close(self.screen)
        return said.decode()


def test_killed_twice_each_guest_is_refunded_once(sandbox: "Sandbox", tmp_path: "Path") -> None:
    concert_id, fans = sold_out(sandbox)
    clock = SharedClock(tmp_path / "clock", sandbox.clock.now())

    def planned() -> int:
        with sandbox.platform.autocommit.connect() as connection:
            return connection.execute(select(func.count()).select_from(Refund)).scalar_one()

    def at_stripe() -> list[dict[str, Any]]:
        return list(sandbox.stripe.list_refunds())

    first = Terminal(
        sandbox,
        tmp_path,
        *("concerts", "cancel", str(concert_id), "--reason", "A flood.", "--yes", "--wait"),
        clock=clock,
    )
    first.kill_when(lambda: planned() >= PARTIES // 3)
    assert planned() < PARTIES
    assert at_stripe() == []

    second = Terminal(sandbox, tmp_path, "concerts", "refund", str(concert_id), clock=clock)
    second.kill_when(lambda: len(at_stripe()) >= PARTIES // 3)
    assert planned() == PARTIES
    assert len(at_stripe()) < PARTIES

    # What the second had begun is taken up when its lease has ended.
    sandbox.clock.set(clock.advance(timedelta(minutes=6)))
    third = Terminal(sandbox, tmp_path, "concerts", "refund", str(concert_id), clock=clock)
    shown = third.read()

    assert third.process.returncode == 0, shown
    assert "refunds sent" in shown
    assert f"{PARTIES}/{PARTIES}" in shown
    assert (
        f"refunds {PARTIES} of {PARTIES} sent, ${PARTIES * PRICE / 100:,.2f} of ${PARTIES * PRICE / 100:,.2f}" in shown
    )
    made = at_stripe()
    assert Counter((refund["amount"], refund["status"]) for refund in made) == {(PRICE, "succeeded"): PARTIES}
    assert len({refund["payment_intent"] for refund in made}) == PARTIES
    sandbox.news()
    assert (len(at_stripe()), planned()) == (PARTIES, PARTIES)
    assert balances(sandbox.platform).get(f"held:{concert_id}", 0) == 0
    with sandbox.platform.work(ME) as work:
        for fan in fans:
            assert told(work, fan).count("concert_cancelled") == 1
            assert told(work, fan).count("payment_refunded") == 1
