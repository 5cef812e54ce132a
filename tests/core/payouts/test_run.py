"""Runs against the sandbox: what preview says is what is sent, nothing twice, nothing lost."""

import threading
from datetime import timedelta

import pytest

from tests import plain_http
from tests.factories.payouts import (
    control,
    dispute,
    fund,
    make_payee,
    onboard,
    owe,
    transfers,
)
from tests.factories.seasons import ARTIST, DOOR, HOST, ME, Season
from tourpad.core.clock import VirtualClock
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money, usd
from tourpad.core.payouts import procedures, queries, service
from tourpad.core.payouts.errors import PotMismatchError
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.states import HoldReason, PayoutState
from tourpad.core.platform import Platform


def test_what_preview_says_is_what_is_sent(season: Season) -> None:
    first = season.ready_show()
    season.show(like=first, days_ago=8)
    season.show(like=first, days_ago=1)
    onboard(season.platform, season.show().artist_user)
    before = season.preview()

    result = season.run()

    assert {row.payout_id: row.amount for row in result.rows} == {
        row.payout_id: row.pays for row in before.values() if row.pays
    }
    assert sorted(season.sent()) == sorted(row.pays.cents for row in before.values() if row.pays)
    assert all(row.earned + row.carried == row.pays + row.held for row in before.values())
    after = season.preview()
    assert sum(r.held.cents for r in after.values()) == sum(r.held.cents for r in before.values())
    assert not any(row.pays for row in after.values())


def test_a_transfer_carries_who_it_is_for(season: Season) -> None:
    show = season.ready_show()

    result = season.run()

    artist = season.payout(show, show.artist_user).payout
    [transfer] = transfers(season.platform)
    assert [(row.payout_id, row.state) for row in result.rows] == [(artist.id, PayoutState.SENT)]
    assert transfer["id"] == artist.stripe_transfer_id
    assert transfer["transfer_group"] == f"concert_{show.concert_id}"
    assert transfer["metadata"]["payout_id"] == str(artist.id)
    assert transfer["metadata"]["concert_id"] == str(show.concert_id)
    assert season.owed(accounts.payable(show.artist_user)) == 0
    assert season.owed(accounts.TRANSFER_CLEARING) == 0


def test_nobody_is_paid_more_than_the_ledger_owes_them(season: Season) -> None:
    """Whatever the rows say: somebody has written to the books."""
    show = season.ready_show()

    def write(cents: int) -> None:
        with season.platform.work(ME) as work:
            ledger.post(
                work,
                source_type=accounts.Source.TRANSFER,
                source_id=f"planted:{cents}",
                purpose="intent",
                lines=[(accounts.payable(show.artist_user), usd(cents)), (accounts.PLATFORM_REVENUE, usd(-cents))],
                description="planted",
            )
            work.commit()

    write(1)
    with pytest.raises(PotMismatchError):
        season.run()
    assert season.sent() == []
    assert season.owed(accounts.TRANSFER_CLEARING) == 0

    write(-1)
    season.run()
    assert season.sent() == [ARTIST]


def test_too_little_goes_along_with_the_next(season: Season) -> None:
    first = season.ready_show(days_ago=12)  # the host's 14.70 is below the minimum of 25.00
    season.run()
    assert season.state(first, first.host_user) == (PayoutState.HELD, HoldReason.BELOW_MINIMUM)

    second = season.show(like=first, days_ago=9)
    season.run()

    carried = season.payout(first, first.host_user).payout
    taker = season.payout(second, second.host_user).payout
    assert (carried.state, carried.carried_into) == (PayoutState.CARRIED, taker.id)
    assert (taker.earned_cents, taker.carried_cents, taker.amount_cents) == (HOST, HOST, 2 * HOST)
    assert season.owed(accounts.payable(first.host_user)) == 0


def test_a_debt_comes_off_the_next_payout(season: Season) -> None:
    show = season.ready_show()
    with season.platform.work(ME) as work:
        owe(work, show.artist_user, 1000)
        owe(work, show.host_user, 2000)
        work.commit()

    season.run()

    assert season.sent() == [ARTIST - 1000]
    assert season.state(show, show.host_user) == (PayoutState.HELD, HoldReason.DEBT)
    assert season.owed(accounts.payable(show.host_user)) == HOST - 2000
    later = season.show(like=show, door=DOOR * 3, days_ago=5)
    season.run()
    with season.platform.work(ME) as work:
        paid = service.explain(work, payout_id=season.payout(later, later.host_user).payout.id)
    assert season.owed(accounts.payable(show.host_user)) == 0
    assert [line.amount.cents for line in paid.lines] == [4500, -90, HOST, -2000]
    assert paid.total.cents == 4500 - 90 + HOST - 2000


def test_a_dispute_on_the_show_holds_its_payouts(season: Season) -> None:
    show = season.ready_show()
    with season.platform.work(ME) as work:
        dispute(work, show.payments[0])
        work.commit()

    result = season.run()

    assert result.rows == ()
    assert season.state(show, show.artist_user) == (PayoutState.HELD, HoldReason.DISPUTE)


def test_a_payee_who_can_not_receive_is_told_once(season: Season) -> None:
    from tourpad.core.outbox.models import Mail

    show = season.show()
    season.run()
    season.run()

    with season.platform.work(ME) as work:
        mails = work.session.query(Mail).filter(Mail.user_id == show.artist_user).all()
    assert season.state(show, show.artist_user) == (PayoutState.HELD, HoldReason.NOT_RECEIVING)
    assert [mail.template for mail in mails] == ["payout_held"]
    onboard(season.platform, show.artist_user)
    season.run()
    assert season.sent() == [ARTIST]


def test_a_hold_by_hand_lasts_until_it_is_released(season: Season) -> None:
    show = season.ready_show()
    payout_id = season.payout(show, show.artist_user).payout.id
    with season.platform.work(ME) as work:
        service.hold(work, payout_id=payout_id, reason="guest list is disputed")
        work.commit()

    assert season.run().rows == ()
    assert season.preview()[payout_id].note == "guest list is disputed"
    with season.platform.work(ME) as work:
        service.release(work, payout_id=payout_id)
        work.commit()
    assert [row.payout_id for row in season.run().rows] == [payout_id]


def test_a_held_payee_gets_nothing(season: Season) -> None:
    show = season.ready_show()
    with season.platform.work(ME) as work:
        service.hold_payee(work, user_id=show.artist_user, reason="changed hands")
        work.commit()

    assert season.run().rows == ()
    with season.platform.work(ME) as work:
        service.release_payee(work, user_id=show.artist_user)
        work.commit()
    assert season.run().sent == usd(ARTIST)


def test_the_hold_period_is_kept(season: Season) -> None:
    show = season.ready_show(days_ago=0)

    assert season.run().rows == ()
    assert season.state(show, show.artist_user) == (PayoutState.PLANNED, None)
    season.clock.advance(timedelta(days=3))
    assert season.run().sent == usd(ARTIST)


def test_a_balance_that_is_too_small_is_waited_for(platform: Platform, clock: VirtualClock) -> None:
    season = Season(platform, clock)
    fund(platform, 10_000)
    show = season.ready_show()

    assert season.run().rows == ()
    assert season.state(show, show.artist_user) == (PayoutState.HELD, HoldReason.FUNDS_NOT_AVAILABLE)
    fund(platform, 10_000)
    assert season.run().sent == usd(ARTIST)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"limit": 1}, [ARTIST]),
        ({"max_total": Money(2 * ARTIST)}, [ARTIST, ARTIST]),
        ({"max_total": Money(ARTIST - 1)}, []),
    ],
    ids=["limit", "max total", "too small a total"],
)
def test_a_run_stays_within_what_was_asked(season: Season, options: dict, sent: list[int]) -> None:
    for _ in range(3):
        season.ready_show()
    before = season.preview(**options)

    result = season.run(**options)

    assert [row.amount.cents for row in result.rows] == sent
    assert sorted(row.pays.cents for row in before.values() if row.pays) == sent


def test_only_what_was_asked_for(season: Season) -> None:
    first, second = season.ready_show(), season.ready_show()
    wanted = season.payout(second, second.artist_user).payout.id

    result = season.run(only=frozenset({wanted}))

    assert [row.payout_id for row in result.rows] == [wanted]
    assert season.state(first, first.artist_user)[0] is PayoutState.PLANNED


def test_a_refused_transfer_is_owed_again_and_can_be_retried(season: Season) -> None:
    show = season.show()
    with season.platform.work(ME) as work:
        make_payee(work, show.artist_user, account="acct_1Nobody00000000")
        work.commit()

    result = season.run()

    [row] = result.rows
    assert (row.state, row.failure_code) == (PayoutState.FAILED, "resource_missing")
    assert season.owed(accounts.payable(show.artist_user)) == ARTIST
    assert season.owed(accounts.TRANSFER_CLEARING) == 0
    assert season.run().rows == ()  # nobody tries again by themselves
    with season.platform.work(ME) as work:
        payee = queries.payee_for_update(work, show.artist_user)
        assert payee is not None
        payee.stripe_account_id, payee.can_receive = None, False
        work.commit()
    onboard(season.platform, show.artist_user)
    with season.platform.work(ME) as work:
        service.retry(work, payout_id=row.payout_id)
        work.commit()
    assert season.run().sent == usd(ARTIST)
    assert season.sent() == [ARTIST]


def test_insufficient_capabilities_fail_and_are_reversed(season: Season) -> None:
    show = season.ready_show()
    with season.platform.work(ME) as work:
        payee = queries.payee_of(work, show.artist_user)
        assert payee is not None
    control(
        season.platform,
        f"accounts/{payee.stripe_account_id}/onboard",
        {"requirements": ["identity.individual.date_of_birth"]},
    )

    [row] = season.run().rows

    assert (row.state, row.failure_code) == (PayoutState.FAILED, "insufficient_capabilities_for_transfer")
    assert season.owed(accounts.payable(show.artist_user)) == ARTIST


def test_a_lost_answer_is_resumed_with_the_same_key(season: Season) -> None:
    show = season.ready_show()
    control(
        season.platform,
        "faults",
        {"operation": "POST /v1/transfers", "fault": "drop_reply", "times": 9},
    )

    [row] = season.run().rows

    assert row.state is PayoutState.SENDING
    assert season.sent() == [ARTIST]  # Stripe did it, we do not know
    assert season.owed(accounts.TRANSFER_CLEARING) == ARTIST
    control_delete(season.platform)
    season.clock.advance(timedelta(minutes=6))
    assert procedures.resume(season.platform, ME) == {
        "sent": 1,
        "held": 0,
        "refused": 0,
        "uncertain": 0,
        "errors": 0,
    }
    assert season.state(show, show.artist_user)[0] is PayoutState.SENT
    assert season.sent() == [ARTIST]
    assert season.owed(accounts.TRANSFER_CLEARING) == 0


@pytest.mark.parametrize("made", [True, False], ids=["the call was made", "it was not"])
@pytest.mark.parametrize("hours", [1, 30], ids=["the key is young", "the key is too old"])
def test_a_sender_that_died_is_resumed(season: Season, hours: int, made: bool) -> None:
    """Killed after the claim, before or after the call: resumed by the same key, or by a look in Stripe's list."""
    show = season.ready_show()
    with season.platform.work(ME) as work:
        claim = service.claim(work, user_id=show.artist_user, available=None, budget=Budget())
        assert claim is not None
        work.commit()
    if made:
        season.platform.stripe.create_transfer(claim.intent.params, key=claim.intent.idempotency_key)
    season.clock.advance(timedelta(hours=hours))

    assert season.run().rows == ()  # another run does not touch it
    procedures.resume(season.platform, ME)

    assert season.sent() == [ARTIST]
    assert season.state(show, show.artist_user)[0] is PayoutState.SENT
    assert season.owed(accounts.TRANSFER_CLEARING) == 0
    assert procedures.resume(season.platform, ME)["sent"] == 0


def test_two_runners_send_each_payout_once(season: Season) -> None:
    shows = [season.ready_show() for _ in range(6)]
    results: list[procedures.RunResult] = []
    begin = threading.Barrier(2)

    def runner() -> None:
        begin.wait()
        results.append(season.run())

    threads = [threading.Thread(target=runner) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = [row.payout_id for result in results for row in result.rows]
    assert sorted(sent) == sorted(season.payout(s, s.artist_user).payout.id for s in shows)
    assert season.sent() == [ARTIST] * 6


def test_stripe_down_stops_the_run(season: Season) -> None:
    for _ in range(5):
        season.ready_show()
    control(season.platform, "faults", {"operation": "POST /v1/transfers", "fault": "status", "status": 500})

    result = season.run()

    assert len(result.rows) == procedures.GIVE_UP_AFTER
    assert result.stopped
    assert season.sent() == []


def control_delete(platform: Platform) -> None:
    plain_http.delete(f"{platform.stripe.base_url}/_sandbox/faults").raise_for_status()
