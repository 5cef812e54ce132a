"""What needs two admins: payouts above the limit for one, and debts that we give up."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from tests.factories.identity import person as make_person
from tests.factories.payouts import Show, onboard, owe
from tests.factories.seasons import ARTIST, HOST, ME, Season
from tourpad.core.actors import Actor, job_actor, person
from tourpad.core.approvals import queries as requests
from tourpad.core.approvals.errors import NotAnAdminError, NotOpenError
from tourpad.core.approvals.models import Approval
from tourpad.core.approvals.states import ApprovalState
from tourpad.core.ledger import rules as accounts
from tourpad.core.money import usd
from tourpad.core.outbox.models import Mail
from tourpad.core.payments import funds
from tourpad.core.payouts import procedures, service
from tourpad.core.payouts.errors import PayoutStateError
from tourpad.core.payouts.rules import Budget
from tourpad.core.payouts.states import HoldReason, LineKind, PayoutState
from tourpad.core.platform import Platform

JOB = job_actor("payouts-run")
LIMIT = 20_000
"""What one admin may let leave: one artist's 117.60, not two."""


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "TOURPAD_PAYOUT_APPROVAL_CENTS": str(LIMIT)}


@pytest.fixture
def mara(platform: Platform) -> Actor:
    return person(make_person(platform, "admin").id, "admin")


@pytest.fixture
def ben(platform: Platform) -> Actor:
    return person(make_person(platform, "admin").id, "admin")


def large_show(season: Season) -> Show:
    """A show whose artist is due 352.80; its host can't receive yet."""
    show = season.show(door=(1500,) * 30)
    onboard(season.platform, show.artist_user)
    return show


def ask(season: Season, actor: Actor, *only: UUID) -> Approval:
    with season.platform.work(actor) as work:
        asked = service.ask_payouts(work, reason="I have counted them.", only=only or None)
        work.commit()
    return asked


def approve(season: Season, actor: Actor, request: Approval) -> Approval:
    with season.platform.work(actor) as work:
        done = service.approve(work, approval_id=request.id)
        work.commit()
    return done


def state(season: Season, request: Approval) -> ApprovalState:
    with season.platform.work(ME) as work:
        return requests.get(work, request.id).state


def artist(season: Season, show: Show) -> UUID:
    return season.payout(show, show.artist_user).payout.id


def test_a_large_payout_waits_for_two_admins(season: Season, mara: Actor, ben: Actor) -> None:
    """Nor does the job send it; nor a run whose total was typed; it leaves once, for what was asked."""
    show = large_show(season)
    payout_id, cents = artist(season, show), 3 * ARTIST
    before = season.preview()[payout_id]

    assert procedures.payouts_run(season.platform, JOB)["waiting_for_approval"] == 1
    assert procedures.payouts_run(season.platform, JOB)["sent"] == 0

    assert (before.reason, before.held, before.pays) == (HoldReason.APPROVAL, usd(cents), usd(0))
    assert season.state(show, show.artist_user) == (PayoutState.HELD, HoldReason.APPROVAL)
    with season.platform.work(ME) as work:
        told = work.session.query(Mail).filter(Mail.template == "payouts_wait_for_approval").all()
        with pytest.raises(NotAnAdminError):
            service.ask_payouts(work, reason="by a login on the machine")
    assert {mail.user_id for mail in told} == {mara.user_id, ben.user_id}
    assert len(told) == 2  # once a day, not once a run
    request = ask(season, mara, payout_id)
    assert season.preview()[payout_id].command == f"tourpad payouts approve ap_{request.id.hex[-8:]}"
    assert season.run().rows == ()
    approve(season, ben, request)
    assert season.state(show, show.artist_user) == (PayoutState.PLANNED, None)
    assert season.preview()[payout_id].pays == usd(cents)

    assert procedures.payouts_run(season.platform, JOB)["sent_cents"] == cents

    assert season.sent() == [cents]
    assert state(season, request) is ApprovalState.USED
    assert season.payout(show, show.artist_user).payout.approval_id == request.id


def test_it_is_good_for_exactly_what_was_asked(season: Season, mara: Actor, ben: Actor) -> None:
    show = large_show(season)
    request = ask(season, mara)
    approve(season, ben, request)
    with season.platform.work(ME) as work:
        owe(work, show.artist_user, 1)
        work.commit()

    assert season.run().rows == ()

    assert season.preview()[artist(season, show)].command == f"tourpad payouts ask po_{artist(season, show).hex[-8:]}"
    again = ask(season, ben)
    assert again.amount_cents == 3 * ARTIST - 1
    approve(season, mara, again)
    assert [row.amount.cents for row in season.run().rows] == [3 * ARTIST - 1]
    assert (state(season, request), state(season, again)) == (ApprovalState.APPROVED, ApprovalState.USED)


def test_it_is_good_for_a_limited_time(season: Season, mara: Actor, ben: Actor) -> None:
    large_show(season)
    approve(season, ben, ask(season, mara))
    season.clock.advance(timedelta(days=7, seconds=1))

    assert season.run().rows == ()


def test_one_admin_lets_so_much_leave_in_a_day_however_many_runs(season: Season, mara: Actor, ben: Actor) -> None:
    shows = [season.ready_show(days_ago=10 + n) for n in range(4)][::-1]  # the earliest due first

    first = season.run()
    second = season.run()  # splitting it makes no room
    assert ([row.amount.cents for row in first.rows], second.rows) == ([ARTIST], ())
    assert season.state(shows[1], shows[1].artist_user) == (PayoutState.HELD, HoldReason.APPROVAL)
    season.clock.advance(timedelta(hours=12))  # midnight
    assert [row.payout_id for row in season.run().rows] == [artist(season, shows[1])]

    request = ask(season, mara)  # both that are left
    assert (request.amount_cents, request.summary) == (2 * ARTIST, "pay 2 payouts to 2 payees, $235.20 in all")
    approve(season, ben, request)

    assert [row.payout_id for row in season.run(limit=1).rows] == [artist(season, shows[2])]
    assert state(season, request) is ApprovalState.APPROVED  # half of it is still to be used
    assert [row.payout_id for row in season.run().rows] == [artist(season, shows[3])]
    assert state(season, request) is ApprovalState.USED


def test_runners_share_the_room_of_a_day(season: Season) -> None:
    for _ in range(4):
        season.ready_show()
    begin = threading.Barrier(3)

    def runner() -> None:
        begin.wait()
        season.run()

    threads = [threading.Thread(target=runner) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert season.sent() == [ARTIST]


def test_what_does_not_wait_is_not_asked_for(season: Season, mara: Actor) -> None:
    show = season.ready_show()

    with pytest.raises(PayoutStateError, match="does not wait for a second admin"):
        ask(season, mara, artist(season, show))
    with pytest.raises(PayoutStateError, match="No payout waits"):
        ask(season, mara)


def write_off(season: Season, actor: Actor, user_id: UUID, cents: int | None = None) -> Approval:
    with season.platform.work(actor) as work:
        amount = usd(cents) if cents else None
        asked = service.ask_write_off(work, user_id=user_id, reason="The account is closed.", amount=amount)
        work.commit()
    return asked


def test_a_debt_is_given_up_by_two(season: Season, mara: Actor, ben: Actor) -> None:
    """Asked by one, posted when another approves, once; the next payout says so and owes nothing."""
    show = season.ready_show()
    with season.platform.work(ME) as work:
        owe(work, show.host_user, HOST + 5000)
        work.commit()
    debt = accounts.payable(show.host_user)

    with pytest.raises(PayoutStateError, match=r"owes us \$50.00 now: \$50.01 can't be written off"):
        write_off(season, mara, show.host_user, 5001)
    with pytest.raises(PayoutStateError, match="owes us nothing"):
        write_off(season, mara, show.artist_user)
    request = write_off(season, mara, show.host_user)
    assert (request.amount_cents, season.owed(debt)) == (5000, -5000)
    approve(season, ben, request)

    assert (season.owed(debt), season.owed(accounts.DISPUTE_LOSSES)) == (0, -5000)
    assert state(season, request) is ApprovalState.USED
    with pytest.raises(NotOpenError):
        approve(season, ben, request)
    later = season.show(like=show, door=(1500,) * 30, days_ago=5)
    season.run(only=frozenset({season.payout(later, later.host_user).payout.id}))
    with season.platform.work(ME) as work:
        told = service.explain(work, payout_id=season.payout(later, later.host_user).payout.id)
    assert [line.amount.cents for line in told.lines if line.kind is LineKind.WRITE_OFF] == [5000]
    assert told.total == usd(3 * HOST)


def test_a_debt_that_has_shrunk_is_asked_for_anew(season: Season, mara: Actor, ben: Actor) -> None:
    show = season.ready_show()
    with season.platform.work(ME) as work:
        owe(work, show.host_user, HOST + 5000)
        work.commit()
    request = write_off(season, mara, show.host_user)
    season.show(like=show, days_ago=8)

    with pytest.raises(PayoutStateError, match=r"owes us \$35.30 now"):
        approve(season, ben, request)

    assert season.owed(accounts.DISPUTE_LOSSES) == 0
    assert state(season, request) is ApprovalState.ASKED


def test_a_refused_transfer_needs_two_admins_again(season: Season, mara: Actor, ben: Actor) -> None:
    """What was approved was tried: trying once more is another decision, also while the rest can still leave."""
    from tests.factories.payouts import make_payee

    show = season.show(door=(1500,) * 30, days_ago=12)
    with season.platform.work(ME) as work:
        make_payee(work, show.artist_user, account="acct_1Nobody00000000")
        work.commit()
    large_show(season)
    request = approve(season, ben, ask(season, mara))
    [row] = season.run(limit=1).rows
    assert row.state is PayoutState.FAILED

    with season.platform.work(ME) as work:
        service.retry(work, payout_id=row.payout_id)
        work.commit()

    assert season.run(only=frozenset({row.payout_id})).rows == ()
    assert state(season, request) is ApprovalState.APPROVED
    assert season.run().sent == usd(3 * ARTIST)


def test_who_claims_at_the_same_moment_sees_that_the_room_is_used_up(season: Season) -> None:
    """Both were decided when there was room for each: the later one to take from the balance must look once more."""
    first, second = (season.ready_show(days_ago=days) for days in (11, 10))
    funds.look(season.platform, "USD")
    with season.platform.work(ME) as early, season.platform.work(ME) as late:
        claims = [
            service.claim(work, user_id=show.artist_user, available=None, budget=Budget())
            for work, show in ((early, first), (late, second))
        ]
        one, other = claims
        assert one is not None
        assert other is not None

        assert funds.take(early, one.amount)
        assert not service.overdraws(early, one)
        early.commit()
        assert funds.take(late, other.amount)
        assert service.overdraws(late, other)
