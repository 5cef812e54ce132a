"""An older backup was restored: what Stripe did since is given back to what decided it, and is not done again."""

import json
import subprocess
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.command import Command
from tests.core.reconcile.seasons import ME, Season
from tests.factories.payments import balances, make_due, paid, refund
from tests.factories.payouts import make_show
from tests.stripe_sandbox import Sandbox
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.procedures import advance_due
from tourpad.core.concerts.states import ConcertState
from tourpad.core.database import embedded
from tourpad.core.database.engine import plain_url
from tourpad.core.ids import new_id
from tourpad.core.payments import behind
from tourpad.core.payments.errors import BooksBehindError
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts.returning.procedures import take_back
from tourpad.core.platform import Platform
from tourpad.core.reconcile.procedures import Report, reconcile
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tests.postgres import TestServer


@contextmanager
def restored(sandbox: Sandbox, server: "TestServer", backup: str) -> Generator[Sandbox]:
    """The same Stripe, and the database as it was when the backup was made."""
    settings = replace(sandbox.platform.settings, database_url=backup)
    platform = Platform.open(settings, clock=sandbox.clock, stripe=sandbox.stripe)
    platform.engine = server.engine(backup, pool_size=settings.database_pool)
    try:
        yield Sandbox(sandbox.running, platform, sandbox.clock)
    finally:
        platform.engine.dispose()
        server.drop(backup)


def back_up(sandbox: Sandbox, server: "TestServer") -> str:
    """A copy of the database as it is now."""
    return server.written(server.rows(sandbox.platform.database_url))


def fixed(sandbox: Sandbox) -> Report:
    return reconcile(sandbox.platform, ME, fix=True, whole=True)


def codes(report: Report) -> list[str]:
    return sorted({finding.code for finding in report.findings})


@pytest.mark.parametrize("known", ["settled", "played", "to come"])
def test_no_payout_is_paid_twice(played: Season, tmp_path: Path, known: str) -> None:
    """Whatever of the show's story the backup knows: one `reconcile --fix` gives its transfers back."""
    with played.copy(tmp_path) as sandbox:
        with sandbox.platform.work(ME) as work:
            show = make_show(work, like=played.show, days_ago=1)
            if known == "to come":
                concert = work.session.get_one(Concert, show.concert_id)
                concert.state, concert.completed_at = ConcertState.SCHEDULED, None
                work.session.get_one(Booking, concert.booking_id).state = BookingState.CONFIRMED
            work.commit()
        paid(sandbox, make_due(30000, concert_id=show.concert_id), card="pm_card_bypassPending")
        if known == "settled":
            payouts.settle_due(sandbox.platform, ME)
        backup = back_up(sandbox, played.server)
        advance_due(sandbox.platform, ME)
        payouts.settle_due(sandbox.platform, ME)
        sandbox.advance(timedelta(days=7))
        payouts.run_payouts(sandbox.platform, ME)
        sandbox.news()
        after, transfers = balances(sandbox.platform), len(sandbox.state()["transfer"])
        assert transfers == 4

        with restored(sandbox, played.server, backup) as again:
            if known == "settled":
                refuses(again, lambda: payouts.run_payouts(again.platform, ME), "transfer")
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


def test_a_refund_that_was_planned_when_the_backup_was_made_is_not_sent_again(played: Season, tmp_path: Path) -> None:
    """Not even a day later, when Stripe has forgotten its key."""
    with played.copy(tmp_path) as sandbox:
        refund(sandbox.platform, played.show.payments[1], 700)
        backup = back_up(sandbox, played.server)
        send_refunds(sandbox.platform, ME)
        sandbox.news()
        after = balances(sandbox.platform)
        sandbox.advance(timedelta(hours=25))

        with restored(sandbox, played.server, backup) as again:
            refuses(again, lambda: send_refunds(again.platform, ME), "refund")
            assert codes(reconcile(again.platform, ME, whole=True)) == [
                "clearing_old",
                "missing_journal",
                "unknown_refund",
            ]

            assert codes(fixed(again)) == []
            assert send_refunds(again.platform, ME)["sent"] == 0

            assert [r["amount"] for r in again.state()["refund"]] == [5000, 700]
            assert balances(again.platform)["stripe_balance"] == after["stripe_balance"]


@pytest.mark.parametrize("known", ["the refund", "nothing"])
def test_what_was_taken_back_is_not_taken_back_again(played: Season, tmp_path: Path, known: str) -> None:
    """From a real dump, made between a refund and the taking back that follows from it, or before both."""
    with played.copy(tmp_path) as sandbox:
        backup = dump_and_read_back(sandbox, played.server, tmp_path / "dump") if known == "nothing" else ""
        refund(sandbox.platform, played.show.payments[0], 6000)
        send_refunds(sandbox.platform, ME)
        sandbox.news()
        backup = backup or dump_and_read_back(sandbox, played.server, tmp_path / "dump")
        assert take_back(sandbox.platform, ME)["sent"] == 2
        sandbox.news()
        after = balances(sandbox.platform)
        sandbox.advance(timedelta(hours=25))

        with restored(sandbox, played.server, backup) as again:
            if known == "the refund":
                refuses(again, lambda: take_back(again.platform, ME), "reversal")
            assert codes(fixed(again)) == []

            assert take_back(again.platform, ME)["sent"] == 0
            assert balances(again.platform) == after


def test_what_can_not_be_matched_stops_every_payout_until_a_person_has_dealt_with_it(
    played: Season, tmp_path: Path
) -> None:
    with played.copy(tmp_path) as sandbox:
        other = forgotten(sandbox)
        made = next(iter(sandbox.stripe.list_transfers()))
        by_hand = {name: made[name] for name in ("amount", "currency", "destination", "transfer_group")}
        hand = sandbox.stripe.create_transfer(by_hand, key="by hand")
        assert codes(fixed(sandbox)) == ["missing_journal", "unknown_transfer"]
        with sandbox.platform.work(ME) as work:
            make_show(work, like=played.show, days_ago=9, door=(4000,))
            work.commit()
        payouts.settle_due(sandbox.platform, ME)

        refusal = refuses(sandbox, lambda: payouts.run_payouts(sandbox.platform, ME), "transfer")
        assert refusal.details["unknown"] == [other]

        with sandbox.platform.work(ME) as work:
            behind.accept(work, stripe_id=other, reason="sent for a show that is not in the backup")
            work.commit()
        payouts.run_payouts(sandbox.platform, ME)

        for taken in (t for t in sandbox.stripe.list_transfers() if t["id"] in (other, hand["id"])):
            sandbox.stripe.reverse_transfer(taken["id"], {"amount": taken["amount"]}, key=f"back {taken['id']}")
        sandbox.news()
        left = {finding.code for finding in fixed(sandbox).findings}
        assert left.isdisjoint({"unknown_transfer", "missing_journal"})  # all of it is back, and on record


def test_the_button_refuses_too(played: Season, tmp_path: Path, environment: dict[str, str]) -> None:
    with played.copy(tmp_path) as sandbox:
        lost = forgotten(sandbox)
        terminal = Command(
            {
                **environment,
                "DATABASE_URL": sandbox.platform.database_url,
                "STRIPE_SECRET_KEY": sandbox.running.secret_key,
                "STRIPE_API_BASE": sandbox.running.url,
            }
        )

        for arguments in (("payouts", "preview"), ("payouts", "run", "--yes")):
            said = terminal(*arguments)
            assert said.exit_code == 4
            assert lost in said.stderr
            assert "tourpad reconcile --fix" in said.stderr
        looked = terminal("stripe", "doctor", "--json")
        assert looked.exit_code == 1
        assert [part["state"] for part in json.loads(looked.stdout)["parts"] if part["part"] == "books"] == ["failed"]
        assert terminal("stripe", "accept", "po_1", "--reason", "a payout").exit_code == 2
        assert terminal("stripe", "accept", f"{lost}x", "--reason", "a slip of the pen").exit_code == 3
        assert terminal("payouts", "preview").exit_code == 4
        assert terminal("stripe", "accept", "tr_", "--reason", "any").exit_code == 4
        said = terminal("stripe", "accept", lost[:12], "--reason", "dealt with")
        assert (said.exit_code, said.stdout.split()[0]) == (0, lost)
        assert terminal("payouts", "preview").exit_code == 0


def test_another_installation_s_history_stops_nobody(platform: Platform, played: Season, tmp_path: Path) -> None:
    """Nothing of it is in these books, so they can't do any of it again."""
    with played.copy(tmp_path) as sandbox:
        forgotten(sandbox)
        platform._stripe = sandbox.stripe

        behind.check(platform, ME)


def forgotten(sandbox: Sandbox) -> str:
    """A transfer of ours for a concert that is known here, by a call that is not; its id."""
    made = next(iter(sandbox.stripe.list_transfers()))
    again = {name: made[name] for name in ("currency", "destination", "transfer_group")}
    ours = {**made["metadata"], "intent_id": str(new_id())}
    return str(sandbox.stripe.create_transfer({**again, "amount": 100, "metadata": ours}, key="before")["id"])


def refuses(sandbox: Sandbox, act: Callable[[], object], kind: str) -> BooksBehindError:
    """Nothing is sent, and what Stripe has is named."""
    before = {name: len(sandbox.state().get(name, [])) for name in ("transfer", "refund", "transfer_reversal")}
    with pytest.raises(BooksBehindError) as refused:
        act()
    assert f"Stripe has the {kind} " in refused.value.message
    assert {name: len(sandbox.state().get(name, [])) for name in before} == before
    return refused.value


def dump_and_read_back(sandbox: Sandbox, server: "TestServer", file: Path) -> str:
    """A copy of the database by PostgreSQL's own programs, as an operator makes one."""
    address = server.empty()
    source = plain_url(sandbox.platform.database_url)
    subprocess.run([embedded.program("pg_dump"), "--format=custom", f"--file={file}", source], check=True)
    subprocess.run([embedded.program("pg_restore"), f"--dbname={plain_url(address)}", file], check=True)
    return address
