"""A season of money, played once; each test gets a copy of it: its database and its Stripe."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.factories.payments import paid, refund
from tests.factories.payouts import Show, onboard, paid_show
from tests.stripe_sandbox import Sandbox
from tourpad.core.actors import operator
from tourpad.core.clock import VirtualClock
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payouts import procedures as payouts
from tourpad.core.platform import Platform
from tourpad.core.settings import load_settings

if TYPE_CHECKING:
    from tests.postgres import Rows, TestServer

ME = operator("test")


@contextmanager
def opened(server: "TestServer", url: str, folder: Path, now: datetime) -> Generator[Sandbox]:
    """A database and the Stripe in a folder, open."""
    from tourpad.core.gateways.stripe.client import StripeApi
    from tourpad.core.gateways.stripe.local import webhook_targets
    from tourpad.sandbox import serve

    clock = VirtualClock(now)
    environment = {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(folder / "home"),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "DATABASE_URL": url,
    }
    platform = Platform.open(load_settings(environ=environment, folder=folder), clock=clock)
    platform.engine = server.engine(url, pool_size=platform.settings.database_pool)
    targets = webhook_targets(platform.settings)
    running = serve(
        folder / "stripe", clock=lambda: clock.now().timestamp(), webhook_targets=targets, deliver=False, tick=60
    )
    platform._stripe = StripeApi(running.secret_key, base_url=running.url, is_sandbox=True)
    try:
        yield Sandbox(running, platform, clock)
    finally:
        platform.close()
        running.stop()


@dataclass(frozen=True)
class Season:
    """One that was played, at rest."""

    server: "TestServer"
    rows: "Rows"
    folder: Path
    now: datetime
    show: Show

    @contextmanager
    def copy(self, folder: Path) -> Generator[Sandbox]:
        """A copy to do things to."""
        url = self.server.written(self.rows)
        shutil.copytree(self.folder, folder / "season")
        try:
            with opened(self.server, url, folder / "season", self.now) as sandbox:
                yield sandbox
        finally:
            self.server.drop(url)


def play(server: "TestServer", folder: Path, start: datetime) -> Season:
    """A show that was paid, settled and paid out, a refund and a dispute that was won: all heard of."""
    url = server.clone()
    with opened(server, url, folder, start) as sandbox:
        show = paid_show(sandbox, door=(20000, 5000), guarantee=10000)
        refund(sandbox.platform, show.payments[0], 5000)
        send_refunds(sandbox.platform, ME)
        paid(sandbox, card="pm_card_createDispute")
        sandbox.news()
        disputes = sandbox.state()["dispute"]
        sandbox.control(f"disputes/{disputes[0]['id']}/resolve", {"outcome": "won"})
        sandbox.news()
        payouts.settle_due(sandbox.platform, ME)
        onboard(sandbox.platform, show.artist_user, show.host_user)
        sandbox.news()
        sandbox.advance(timedelta(days=6))
        payouts.run_payouts(sandbox.platform, ME)
        sandbox.news()
        now = sandbox.clock.now()
    rows = server.rows(url)
    server.drop(url)
    return Season(server, rows, folder, now, show)
