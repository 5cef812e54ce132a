"""Several transfers at once never race for one balance: the sandbox refuses what it does not have, and has not to."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from tests.factories.payouts import Show, control, fund, make_show, onboard, transfers
from tourpad.core.actors import operator
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.queries import JournalFilter
from tourpad.core.money import usd
from tourpad.core.payments import funds
from tourpad.core.payments.limits import Window
from tourpad.core.payouts import procedures, service
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.platform import Platform
from tourpad.core.values import replace

ME = operator("test")
ARTIST = 11760
"""What the artist of each show gets; the host's 14.70 stays below the minimum."""


def ready_shows(platform: Platform, count: int) -> list[Show]:
    """Settled shows whose artists can receive."""
    shows: list[Show] = []
    with platform.work(ME) as work:
        for number in range(count):
            show = make_show(work, days_ago=10 + count - number, door=(1500,) * 10)
            service.settle(work, concert_id=show.concert_id)
            shows.append(show)
        work.commit()
    onboard(platform, *(show.artist_user for show in shows))
    return shows


def slow(platform: Platform, seconds: float = 0.08) -> None:
    """Let each transfer take its time."""
    control(platform, "faults", {"operation": "POST /v1/transfers", "fault": "delay", "seconds": seconds})


def refused(platform: Platform) -> list[str]:
    """Transfers that Stripe refused, by what was posted of them."""
    with platform.work(ME) as work:
        found, _ = ledger.journals(work, JournalFilter(source_type="transfer"), limit=100)
    return [row.journal.description for row in found if row.journal.purpose == "failed"]


def at_once(platform: Platform, runs: int) -> None:
    gate = threading.Barrier(runs)

    def run() -> None:
        gate.wait()
        procedures.run_payouts(platform, ME)

    with ThreadPoolExecutor(runs) as pool:
        for started in [pool.submit(run) for _ in range(runs)]:
            started.result()


def test_runs_at_once_send_all_of_a_balance_and_no_more(platform: Platform) -> None:
    shows = ready_shows(platform, 6)
    fund(platform, 4 * ARTIST + 3_000)  # four of them, and not a fifth
    slow(platform)

    at_once(platform, 3)

    assert [t["amount"] for t in transfers(platform)] == [ARTIST] * 4
    assert refused(platform) == []
    assert _held(platform, shows) == 2
    fund(platform, 2 * ARTIST + 3_000)
    at_once(platform, 2)
    assert [t["amount"] for t in transfers(platform)] == [ARTIST] * 6
    assert refused(platform) == []


def _held(platform: Platform, shows: list[Show]) -> int:
    """How many wait for money at Stripe."""
    with platform.work(ME) as work:
        rows = service.preview(work, available=usd(0))
    waiting = [row for row in rows if row.reason is HoldReason.FUNDS_NOT_AVAILABLE]
    assert {row.user_id for row in waiting} <= {show.artist_user for show in shows}
    return len(waiting)


def test_a_run_with_calls_under_way_does_what_preview_says(platform: Platform) -> None:
    """Money for four of six. Those under way count twice at a look; nobody is left out for it who could be paid."""
    ready_shows(platform, 6)
    fund(platform, 4 * ARTIST + 1_500)
    available = procedures.available_balance(platform)
    with platform.work(ME) as work:
        wanted = {row.payout_id: row.pays for row in service.preview(work, available=available) if row.pays}
    slow(platform)

    result = procedures.run_payouts(platform, ME)

    assert {row.payout_id: row.amount for row in result.rows} == wanted
    assert len(wanted) == 4
    assert {row.state for row in result.rows} == {PayoutState.SENT}
    assert refused(platform) == []


def test_a_call_of_unknown_outcome_keeps_its_money(platform: Platform) -> None:
    """Claimed and not made: what it will take when it is resumed is not given to others, and not shown as available."""
    first, second = ready_shows(platform, 2)
    fund(platform, ARTIST + 5_000)
    control(
        platform, "faults", {"operation": "POST /v1/transfers", "fault": "status", "status": 500, "times": 3}
    )  # the SDK tries three times

    procedures.run_payouts(platform, ME)

    assert transfers(platform) == []
    assert procedures.available_balance(platform) < usd(ARTIST)
    assert _state(platform, second.artist_user) == HoldReason.FUNDS_NOT_AVAILABLE
    platform.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert procedures.resume(platform, ME)["sent"] == 1
    assert [t["metadata"]["concert_id"] for t in transfers(platform)] == [str(first.concert_id)]
    assert refused(platform) == []


def _state(platform: Platform, user_id: UUID) -> HoldReason | None:
    with platform.work(ME) as work:
        [row] = [row for row in service.preview(work, available=usd(0)) if row.user_id == user_id]
    return row.reason


def test_what_was_refused_can_be_taken_again(platform: Platform) -> None:
    fund(platform, 10_000)
    funds.look(platform, "USD")

    def take(cents: int) -> bool:
        with platform.work(ME) as work:
            taken = funds.take(work, usd(cents))
            work.commit()
        return taken

    has = procedures.available_balance(platform).cents
    assert [take(has - 100), take(101), take(100), take(1)] == [True, False, True, False]
    funds.look(platform, "USD")  # no call is under way: Stripe still has all of it
    assert take(has)


def test_two_claims_at_once_leave_a_day_s_allowance_whole(platform: Platform) -> None:
    """Each alone may leave without a second admin, both may not; the second was decided before the first was there."""
    one, two = ready_shows(platform, 2)
    fund(platform, 100_000)
    platform.settings = replace(platform.settings, payout_approval_cents=ARTIST + 1_000)
    funds.look(platform, "USD")
    with platform.work(ME) as first, ThreadPoolExecutor(1) as pool:
        claim = service.claim(first, user_id=one.artist_user, available=None, budget=Budget())
        assert claim is not None
        assert funds.take(first, claim.amount)
        other = pool.submit(procedures.run_payouts, platform, ME, only=_payouts_of(platform, two))
        time.sleep(0.3)
        assert not other.done()
        first.commit()
        assert other.result().rows == ()
    assert _state(platform, two.artist_user) == HoldReason.APPROVAL


def _payouts_of(platform: Platform, show: Show) -> frozenset[UUID]:
    with platform.work(ME) as work:
        return frozenset(row.payout_id for row in service.preview(work) if row.user_id == show.artist_user)


class Call:
    """A call that ends when it is told to."""

    def __init__(self) -> None:
        self.began, self.end, self.answer = threading.Event(), threading.Event(), "known"

    def __call__(self) -> str:
        self.began.set()
        assert self.end.wait(5)
        if self.answer == "fault":
            raise ValueError(self.answer)
        return self.answer

    def done(self, answer: str = "known") -> None:
        self.answer = answer
        self.end.set()


def test_calls_become_more_one_by_one_and_one_again_after_a_doubt() -> None:
    with Window[str](3, is_known=lambda answer: answer == "known", give_up_after=2) as window:
        calls = [Call() for _ in range(7)]

        def begin(*numbers: int) -> None:
            for number in numbers:
                assert window.wait()
                window.begin(calls[number])

        begin(0)
        calls[0].done()
        begin(1, 2)
        calls[1].done()
        begin(3, 4)
        assert all(call.began.wait(5) for call in calls[2:5])
        calls[2].done("unknown")
        while window.unknown == 0:
            time.sleep(0.001)  # it must end before those that end well
        calls[3].done()
        calls[4].done()
        window.settle()
        begin(5)
        calls[5].done("unknown")
        window.settle()
        assert not window.is_over
        begin(6)
        calls[6].done("unknown")
        assert not window.wait()
    assert window.results() == ["known", "known", "unknown", "known", "known", "unknown", "unknown"]


def test_a_call_that_fails_ends_the_run_and_is_told() -> None:
    with Window[str](3, is_known=bool, give_up_after=9) as window:
        call = Call()
        assert window.wait()
        window.begin(call)
        call.done("fault")
        assert not window.wait()
    with pytest.raises(ValueError, match="fault"):
        window.results()
