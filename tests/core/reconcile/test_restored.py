"""An older backup was restored: what Stripe did since is given back to what decided it, and is not done again."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.conftest import START
from tests.core.reconcile.seasons import ME, Season, play
from tests.factories.payments import balances, make_due, paid, refund
from tests.factories.payouts import make_show
from tests.stripe_sandbox import Sandbox
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.procedures import advance_due
from tourpad.core.concerts.states import ConcertState
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payouts import procedures as payouts
from tourpad.core.platform import Platform
from tourpad.core.reconcile.procedures import Report, reconcile

if TYPE_CHECKING:
    from tests.postgres import TestServer


@pytest.fixture
def season(server: "TestServer", tmp_path: Path) -> Iterator[Season]:
    """A season that was played, with another show by the same two that is over and paid for."""
    season = play(server, tmp_path / "first", START)
    yield season
    server.drop(season.url)


@contextmanager
def restored(sandbox: Sandbox, server: "TestServer", backup: str) -> Generator[Sandbox]:
    """The same Stripe, and the database as it was when the backup was made."""
    settings = replace(sandbox.platform.settings, database_url=backup)
    platform = Platform.open(settings, clock=sandbox.clock, stripe=sandbox.stripe)
    try:
        yield Sandbox(sandbox.running, platform, sandbox.clock)
    finally:
        platform.engine.dispose()
        server.drop(backup)


def back_up(sandbox: Sandbox, server: "TestServer") -> str:
    """A copy of the database as it is now."""
    sandbox.platform.engine.dispose()
    return server.clone(of=urlsplit(sandbox.platform.database_url).path.lstrip("/"))


def fixed(sandbox: Sandbox) -> Report:
    return reconcile(sandbox.platform, ME, fix=True, whole=True)


def codes(report: Report) -> list[str]:
    return sorted({finding.code for finding in report.findings})


@pytest.mark.parametrize("known", ["settled", "played", "to come"])
def test_no_payout_is_paid_twice(season: Season, tmp_path: Path, known: str) -> None:
    """Whatever of the show's story the backup knows: one `reconcile --fix` gives its transfers back."""
    with season.copy(tmp_path) as sandbox:
        with sandbox.platform.work(ME) as work:
            show = make_show(work, like=season.show, days_ago=1)
            if known == "to come":
                concert = work.session.get_one(Concert, show.concert_id)
                concert.state, concert.completed_at = ConcertState.SCHEDULED, None
                work.session.get_one(Booking, concert.booking_id).state = BookingState.CONFIRMED
            work.commit()
        paid(sandbox, make_due(30000, concert_id=show.concert_id), card="pm_card_bypassPending")
        if known == "settled":
            payouts.settle_due(sandbox.platform, ME)
        backup = back_up(sandbox, season.server)
        advance_due(sandbox.platform, ME)
        payouts.settle_due(sandbox.platform, ME)
        sandbox.advance(timedelta(days=7))
        payouts.run_payouts(sandbox.platform, ME)
        sandbox.news()
        after, transfers = balances(sandbox.platform), len(sandbox.state()["transfer"])
        assert transfers == 4

        with restored(sandbox, season.server, backup) as again:
            found = reconcile(again.platform, ME, whole=True)
            assert codes(found) == ["missing_journal", "unknown_transfer"]
            hints = [finding.hint or "" for finding in found.findings if finding.code == "unknown_transfer"]
            assert len(hints) == 2
            assert all("reconcile --fix gives it back to po_" in hint for hint in hints)

            report = fixed(again)
            payouts.settle_due(again.platform, ME)
            payouts.run_payouts(again.platform, ME)

            assert (codes(report), report.replayed["transfers"]) == ([], 2)
            assert report.replayed["settled"] == (known != "settled")
            assert len(again.state()["transfer"]) == transfers
            assert balances(again.platform) == after


def test_a_refund_that_was_planned_when_the_backup_was_made_is_not_sent_again(season: Season, tmp_path: Path) -> None:
    """Not even a day later, when Stripe has forgotten its key."""
    with season.copy(tmp_path) as sandbox:
        refund(sandbox.platform, season.show.payments[1], 700)
        backup = back_up(sandbox, season.server)
        send_refunds(sandbox.platform, ME)
        sandbox.news()
        after = balances(sandbox.platform)
        sandbox.advance(timedelta(hours=25))

        with restored(sandbox, season.server, backup) as again:
            assert codes(reconcile(again.platform, ME, whole=True)) == [
                "clearing_old",
                "missing_journal",
                "unknown_refund",
            ]

            assert codes(fixed(again)) == []
            assert send_refunds(again.platform, ME)["sent"] == 0

            assert [r["amount"] for r in again.state()["refund"]] == [5000, 700]
            assert balances(again.platform)["stripe_balance"] == after["stripe_balance"]
