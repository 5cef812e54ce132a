"""Planted differences between Stripe and the books: each is found by its name, and nothing else is."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.payments import balances, paid
from tests.factories.payouts import Show, onboard, paid_show
from tourpad.core.actors import operator
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import usd
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts import queries as payout_queries
from tourpad.core.reconcile.procedures import Report, reconcile, reconcile_nightly

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.work import Work

ME = operator("test")


@pytest.fixture
def season(sandbox: "Sandbox") -> tuple["Sandbox", Show]:
    """A show that was paid, settled and paid out, a refund and a dispute that was won: all heard of."""
    from tests.factories.payments import refund
    from tourpad.core.payments.procedures import send_refunds

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
    return sandbox, show


def look(sandbox: "Sandbox", **options: Any) -> Report:
    return reconcile(sandbox.platform, ME, **options)


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def test_a_season_agrees_to_the_cent(season: tuple["Sandbox", Show]) -> None:
    sandbox, _ = season

    report = look(sandbox)

    assert [f.message for f in report.findings] == []
    assert report.ledger == report.balance == {"USD": balances(sandbox.platform)["stripe_balance"]}
    assert report.checked["transfers"] == 2
    assert report.checked["refunds"] == report.checked["disputes"] == 1
    again = look(sandbox)  # from two days before the last time that all was well
    assert again.since is not None
    assert again.is_clean


def post(work: "Work", cents: int, *, against: str, name: str | None) -> None:
    ledger.post(
        work,
        source_type=accounts.Source.BALANCE_TRANSACTION,
        source_id=str(new_id()),
        purpose="planted",
        lines=[(accounts.STRIPE_BALANCE, usd(cents)), (against, usd(-cents))],
        description="planted",
        details={"balance_transaction": name} if name else {},
    )


def a_cent_off(sandbox: "Sandbox", show: Show) -> list[str]:
    """Somebody posts a cent by hand."""
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name=None)
        work.commit()
    return ["journal_unproven", "ledger_sum", "cents_off"]


def a_transaction_that_never_was(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name="txn_invented")
        work.commit()
    return ["journal_without_transaction", "ledger_sum", "cents_off"]


def posted_twice(sandbox: "Sandbox", show: Show) -> list[str]:
    name = next(iter(sandbox.stripe.list_balance_transactions()))["id"]
    with sandbox.platform.work(ME) as work:
        post(work, 7, against=accounts.STRIPE_FEES, name=name)
        work.commit()
    return ["posted_twice", "ledger_sum", "cents_off"]


def a_charge_that_nobody_heard_of(sandbox: "Sandbox", show: Show) -> list[str]:
    """Paid at Stripe; its events are lost."""
    from tests.factories.payments import begin

    sandbox.pay(begin(sandbox))
    sandbox.pending()
    return ["missing_journal"]


def a_refund_made_in_the_dashboard(sandbox: "Sandbox", show: Show) -> list[str]:
    charge = next(c for c in sandbox.stripe.list_balance_transactions(type="charge") if c["amount"] == 5000)
    sandbox.stripe.create_refund({"charge": charge["source"], "amount": 700}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "unknown_refund"]


def a_transfer_made_in_the_dashboard(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.host_user)
    assert payee is not None
    sandbox.stripe.create_transfer(
        {"amount": 100, "currency": "usd", "destination": payee.stripe_account_id}, key="by hand"
    )
    sandbox.news()
    return ["missing_journal", "unknown_transfer"]


def a_transfer_taken_back_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    transfer = next(iter(sandbox.stripe.list_transfers()))
    sandbox.stripe.reverse_transfer(transfer["id"], {"amount": 300}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "transfer_differs"]


def a_dispute_that_nobody_heard_of(sandbox: "Sandbox", show: Show) -> list[str]:
    from tests.factories.payments import fresh

    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.pending()
    return ["missing_journal", "unknown_dispute"]


def a_payout_of_ours_unheard(sandbox: "Sandbox", show: Show) -> list[str]:
    sandbox.stripe.create_payout({"amount": 100, "currency": "usd"}, key="by hand")
    return ["missing_journal"]


def a_payee_who_can_no_longer_receive(sandbox: "Sandbox", show: Show) -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.artist_user)
    assert payee is not None
    sandbox.control(f"accounts/{payee.stripe_account_id}/onboard", {"requirements": ["identity.individual.address"]})
    sandbox.pending()
    return ["payee_ability"]


def an_event_that_lies_about(sandbox: "Sandbox", show: Show) -> list[str]:
    from tests.factories.payments import begin

    sandbox.pay(begin(sandbox))
    sandbox.receive()
    sandbox.advance(timedelta(minutes=11))
    sandbox.pending()
    return ["missing_journal", *["event_unhandled"] * 2]


FIXABLE: list[Callable[["Sandbox", Show], list[str]]] = [
    a_charge_that_nobody_heard_of,
    a_refund_made_in_the_dashboard,
    a_transfer_taken_back_unheard,
    a_dispute_that_nobody_heard_of,
    a_payout_of_ours_unheard,
    a_payee_who_can_no_longer_receive,
    an_event_that_lies_about,
]
LASTING: list[Callable[["Sandbox", Show], list[str]]] = [
    a_cent_off,
    a_transaction_that_never_was,
    posted_twice,
    a_transfer_made_in_the_dashboard,
]


@pytest.mark.parametrize("plant", [*FIXABLE, *LASTING], ids=lambda f: f.__name__)
def test_what_was_planted_is_found_and_only_what_is_missing_is_mended(
    season: tuple["Sandbox", Show], plant: Callable[..., list[str]]
) -> None:
    sandbox, show = season
    expected = sorted(plant(sandbox, show))
    before = balances(sandbox.platform)

    report = look(sandbox)

    assert sorted(codes(report)) == expected
    assert all(finding.message.endswith(".") for finding in report.findings)
    assert balances(sandbox.platform) == before  # looking changes nothing
    mended = look(sandbox, fix=True)
    if plant in FIXABLE:
        assert [f.message for f in mended.findings] == []
        assert sorted(f.code for f in mended.fixed) == expected
    else:
        assert sorted(codes(mended)) == expected


def test_events_that_have_just_come_are_given_time(season: tuple["Sandbox", Show]) -> None:
    from tests.factories.payments import begin

    sandbox, _ = season
    sandbox.pay(begin(sandbox))
    sandbox.receive()

    assert look(sandbox).is_clean
    sandbox.process()
    assert look(sandbox).is_clean


def test_money_stuck_in_clearing_is_told_after_an_hour(season: tuple["Sandbox", Show]) -> None:
    from tests.factories.payments import refund

    sandbox, show = season
    refund(sandbox.platform, show.payments[1], 1000)

    assert look(sandbox).is_clean
    sandbox.advance(timedelta(minutes=61))
    assert codes(look(sandbox)) == ["clearing_old"]


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


def test_the_nightly_job_counts(season: tuple["Sandbox", Show]) -> None:
    sandbox, show = season
    a_charge_that_nobody_heard_of(sandbox, show)

    counts = reconcile_nightly(sandbox.platform, ME, patience=timedelta(milliseconds=1))

    assert (counts["findings"], counts["fixed"]) == (0, 1)
