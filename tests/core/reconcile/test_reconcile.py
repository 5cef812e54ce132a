"""Looking: what agrees, what is given time, and the job at night. What was planted has files of its own beside this."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from tests.core.reconcile.planting import codes, look
from tests.core.reconcile.seasons import ME
from tests.factories.payments import balances, begin, make_due, paid, refund
from tests.factories.payouts import fund, make_show
from tests.factories.profiles import make_person
from tourpad.core.outbox.models import Mail
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts.states import PayoutState
from tourpad.core.reconcile.procedures import reconcile_nightly

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox


def test_a_season_agrees_to_the_cent(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, _ = season

    report = look(sandbox)

    assert [f.message for f in report.findings] == []
    assert report.ledger == report.balance == {"USD": balances(sandbox.platform)["stripe_balance"]}
    assert report.checked["transfers"] == 2
    assert report.checked["refunds"] == report.checked["disputes"] == 1
    again = look(sandbox)  # from two days before the last time that all was well
    assert again.since is not None
    assert again.is_clean


def test_events_that_have_just_come_are_given_time(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, _ = season
    sandbox.pay(begin(sandbox))
    sandbox.receive()

    assert look(sandbox).is_clean
    sandbox.process()
    assert look(sandbox).is_clean


def test_what_a_run_is_sending_at_this_moment_is_no_finding(season: tuple["Sandbox", "Show"]) -> None:
    """Stripe has made it, and its reply was lost: until the lease ends that is a run that goes on."""
    sandbox, show = season
    with sandbox.platform.work(ME) as work:
        make_show(work, like=show, days_ago=9, door=(4000,))
        work.commit()
    payouts.settle_due(sandbox.platform, ME)
    fund(sandbox.platform, 10_000)
    sandbox.news()
    planted = sorted(codes(look(sandbox)))  # what the factory's show has at no Stripe
    sandbox.fault(operation="POST /v1/transfers", fault="drop_reply", times=9)
    assert payouts.run_payouts(sandbox.platform, ME).rows_in(PayoutState.SENDING)
    sandbox.pending()

    assert sorted(codes(look(sandbox))) == planted

    sandbox.advance(timedelta(minutes=6))
    assert "unknown_transfer" in codes(look(sandbox))
    payouts.resume(sandbox.platform, ME)
    assert sorted(codes(look(sandbox))) == planted


def test_money_stuck_in_clearing_is_told_after_an_hour(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, show = season
    refund(sandbox.platform, show.payments[1], 1000)

    assert look(sandbox).is_clean
    sandbox.advance(timedelta(minutes=61))
    assert codes(look(sandbox)) == ["clearing_old"]


def test_a_show_that_has_just_been_called_off_is_given_an_hour(season: tuple["Sandbox", "Show"]) -> None:
    """Its refunds are planned, and what a late host forfeits is divided, by jobs."""
    sandbox, _ = season
    with sandbox.platform.work(ME) as work:
        other = make_show(work, state="cancelled", cancelled_by="host")
        work.commit()
    paid(sandbox, make_due(1500, concert_id=other.concert_id))

    assert look(sandbox).is_clean
    sandbox.advance(timedelta(minutes=61))
    assert codes(look(sandbox)) == ["held_on_cancelled"]


def test_a_membership_that_ended_unheard(sandbox: "Sandbox") -> None:
    from tests.factories.memberships import make_member
    from tourpad.core.memberships import queries as memberships
    from tourpad.core.memberships.states import MembershipState

    user_id = make_member(sandbox)
    assert look(sandbox).is_clean
    with sandbox.platform.work(ME) as work:
        membership = memberships.of_user(work, user_id)
    assert membership is not None
    sandbox.stripe.cancel_subscription(str(membership.stripe_subscription_id), key="by hand")
    sandbox.pending()

    assert codes(look(sandbox)) == ["membership_status"]
    assert look(sandbox, fix=True).is_clean
    with sandbox.platform.work(ME) as work:
        membership = memberships.of_user(work, user_id)
    assert membership is not None
    assert membership.state is MembershipState.EXPIRED


def test_the_nightly_job_counts(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, _ = season
    sandbox.pay(begin(sandbox))
    sandbox.pending()  # its events are lost

    counts = reconcile_nightly(sandbox.platform, ME, patience=timedelta(milliseconds=1))

    assert (counts["findings"], counts["fixed"]) == (0, 1)


def test_what_is_left_in_the_morning_is_told_to_admins_once(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, _ = season
    with sandbox.platform.work(ME) as work:
        admin = make_person(work, "admin").id
        work.commit()
    fund(sandbox.platform, 900)  # a charge of nobody here

    for _ in range(2):
        assert reconcile_nightly(sandbox.platform, ME, patience=timedelta(0))["findings"] == 1

    with sandbox.platform.work(ME) as work:
        [mail] = work.session.scalars(select(Mail).where(Mail.user_id == admin))
    assert mail.subject == "Stripe and the books disagree: 1 finding"
    assert "no payment here is for it" in mail.text_body
