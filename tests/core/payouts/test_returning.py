"""A guest is refunded after the payees were paid: their part is taken back, once, or stays a debt."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from tests import plain_http
from tests.factories.bookings import told
from tests.factories.payments import balances, findings, refund
from tests.factories.payouts import Show, make_show, onboard, paid_show
from tourpad.core.actors import operator
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.payouts import procedures, queries, service
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.returning.procedures import take_back

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

ME = operator("test")


@pytest.fixture
def show(sandbox: "Sandbox") -> Iterator[Show]:
    """A show with six door fees of $50, settled, and both sides paid."""
    made = paid_show(sandbox, door=(5_000,) * 6)
    procedures.settle_due(sandbox.platform, ME)
    onboard(sandbox.platform, made.artist_user, made.host_user)
    sandbox.advance(timedelta(days=6))
    procedures.run_payouts(sandbox.platform, ME)
    sandbox.news()
    yield made
    with sandbox.platform.work(ME) as work:
        assert [finding.message for finding in service.verify(work)] == []
    made_up = {"charge_unknown"}  # shows that were never paid at the sandbox
    assert set(findings(sandbox.platform)) <= made_up


def owed(sandbox: "Sandbox", user_id: UUID) -> int:
    return -balances(sandbox.platform).get(accounts.payable(user_id), 0)


def payout_of(sandbox: "Sandbox", user_id: UUID) -> Payout:
    with sandbox.platform.work(ME) as work:
        rows, _ = queries.list_payouts(work, queries.PayoutFilter(user_id=user_id), offset=0, limit=9)
    return rows[-1].payout


def refunded(sandbox: "Sandbox", payment_id: UUID, cents: int) -> None:
    refund(sandbox.platform, payment_id, cents)
    assert send_refunds(sandbox.platform, ME)["sent"] == 1
    sandbox.news()


def reversals(sandbox: "Sandbox", user_id: UUID) -> list[int]:
    transfer = payout_of(sandbox, user_id).stripe_transfer_id
    return [row["amount"] for row in sandbox.stripe.list_reversals(str(transfer))]


def calls(sandbox: "Sandbox") -> list[MoneyIntent]:
    with sandbox.platform.work(ME) as work:
        wanted = MoneyIntent.operation == IntentOperation.TRANSFER_REVERSAL
        return list(work.session.scalars(select(MoneyIntent).where(wanted).order_by(MoneyIntent.created_at)))


def letters(sandbox: "Sandbox", user_id: UUID) -> int:
    with sandbox.platform.work(ME) as work:
        return told(work, user_id).count("payout_taken_back")


def test_what_was_sent_on_is_taken_back_from_the_transfer(sandbox: "Sandbox", show: Show) -> None:
    before = payout_of(sandbox, show.artist_user).amount_cents
    refunded(sandbox, show.payments[0], 5_000)
    part = -owed(sandbox, show.artist_user)
    assert part == round(5_000 * before / 30_000)

    assert take_back(sandbox.platform, ME)["sent"] == 2
    sandbox.news()

    assert reversals(sandbox, show.artist_user) == [part]
    assert (owed(sandbox, show.artist_user), owed(sandbox, show.host_user)) == (0, 0)
    with sandbox.platform.work(ME) as work:
        told_of = service.explain(work, payout_id=payout_of(sandbox, show.artist_user).id)
        [row], _ = service.list_payouts(work, queries.PayoutFilter(user_id=show.artist_user))
    assert [(back.amount.cents, back.why) for back in told_of.taken_back] == [(part, "a guest was refunded")]
    assert row.taken_back == told_of.taken_back
    assert told_of.total.cents == before  # what the transfer paid stays what it was
    assert letters(sandbox, show.artist_user) == letters(sandbox, show.host_user) == 1
    assert take_back(sandbox.platform, ME)["sent"] == 0


def test_refund_after_refund_never_takes_more_than_the_transfer(sandbox: "Sandbox", show: Show) -> None:
    sent = payout_of(sandbox, show.artist_user).amount_cents
    for payment_id in show.payments:
        refunded(sandbox, payment_id, 5_000)
    take_back(sandbox.platform, ME)
    sandbox.news()

    assert (sum(reversals(sandbox, show.artist_user)), owed(sandbox, show.artist_user)) == (sent, 0)
    assert payout_of(sandbox, show.artist_user).state == "reversed"


def test_a_payee_whose_balance_is_short_keeps_the_debt(sandbox: "Sandbox", show: Show) -> None:
    """Their bank has the money: what Stripe refuses to take back comes off later earnings."""
    payout = payout_of(sandbox, show.artist_user)
    with sandbox.platform.work(ME) as work:
        payee = queries.payee_of(work, show.artist_user)
        assert payee is not None
        account = str(payee.stripe_account_id)
    paid_out = plain_http.post(
        f"{sandbox.running.url}/v1/payouts",
        data={"amount": str(payout.amount_cents), "currency": "usd"},
        headers={"Authorization": f"Bearer {sandbox.running.secret_key}", "Stripe-Account": account},
    )
    assert paid_out.status_code == 200, paid_out.text
    refunded(sandbox, show.payments[0], 5_000)
    part = -owed(sandbox, show.artist_user)

    counts = take_back(sandbox.platform, ME)
    sandbox.news()

    assert (counts["sent"], counts["refused"]) == (1, 1)  # the host's is there
    assert (reversals(sandbox, show.artist_user), owed(sandbox, show.artist_user)) == ([], -part)
    assert letters(sandbox, show.artist_user) == 1
    assert [call.error_code for call in calls(sandbox) if call.state is IntentState.FAILED] == ["balance_insufficient"]
    with sandbox.platform.work(ME) as work:
        later = make_show(work, like=show, door=(5_000,) * 3)
        service.settle(work, concert_id=later.concert_id)
        work.commit()
    sandbox.advance(timedelta(days=6))
    with sandbox.platform.work(ME) as work:
        [row] = [row for row in service.preview(work) if row.user_id == show.artist_user]
    assert (row.carried.cents, row.pays.cents) == (-part, row.earned.cents - part)


def test_what_waits_for_the_payee_pays_first(sandbox: "Sandbox", show: Show) -> None:
    with sandbox.platform.work(ME) as work:
        later = make_show(work, like=show, door=(5_000,) * 3)
        service.settle(work, concert_id=later.concert_id)
        work.commit()

    refunded(sandbox, show.payments[0], 5_000)

    assert calls(sandbox) == []
    assert owed(sandbox, show.artist_user) > 0


def test_a_lost_answer_takes_nothing_back_twice(sandbox: "Sandbox", show: Show) -> None:
    refunded(sandbox, show.payments[0], 5_000)
    part = -owed(sandbox, show.artist_user)
    sandbox.fault(operation="POST /v1/transfers/{id}/reversals", fault="drop_reply", times=6)

    assert take_back(sandbox.platform, ME)["uncertain"] == 2
    sandbox.advance(timedelta(minutes=6))
    assert take_back(sandbox.platform, ME)["sent"] == 2
    assert (reversals(sandbox, show.artist_user), owed(sandbox, show.artist_user)) == ([part], 0)
    assert {call.attempt for call in calls(sandbox)} == {1}


def test_a_reversal_that_an_event_tells_of_first_hides_no_other(sandbox: "Sandbox", show: Show) -> None:
    """The answer to one is lost, and its news comes; the next refund's part is taken back all the same."""
    refunded(sandbox, show.payments[0], 2_000)
    sandbox.fault(operation="POST /v1/transfers/{id}/reversals", fault="drop_reply", times=6)
    assert take_back(sandbox.platform, ME)["uncertain"] == 2
    sandbox.news()
    assert {call.state for call in calls(sandbox)} == {IntentState.DONE}
    refunded(sandbox, show.payments[1], 1_000)

    assert take_back(sandbox.platform, ME)["sent"] == 2

    assert len(reversals(sandbox, show.artist_user)) == 2
    assert (owed(sandbox, show.artist_user), owed(sandbox, show.host_user)) == (0, 0)
    assert letters(sandbox, show.artist_user) == 2


def test_no_more_is_taken_back_than_is_owed_by_then(sandbox: "Sandbox", show: Show) -> None:
    """Between the refund and the call they earn something: that pays first, and only the rest is taken back."""
    refunded(sandbox, show.payments[0], 5_000)
    debt = -owed(sandbox, show.artist_user)
    with sandbox.platform.work(ME) as work:
        make_show(work, like=show, door=(500,))
        work.commit()
    procedures.settle_due(sandbox.platform, ME)
    rest = -owed(sandbox, show.artist_user)
    assert 0 < rest < debt

    counts = take_back(sandbox.platform, ME)

    assert (counts["held"], counts["sent"]) == (2, 2)
    assert (reversals(sandbox, show.artist_user), owed(sandbox, show.artist_user)) == ([rest], 0)
    assert {call.error_code for call in calls(sandbox) if call.state is IntentState.FAILED} == {"no_longer_owed"}
    sandbox.news()
    assert take_back(sandbox.platform, ME)["sent"] == 0


def test_after_a_day_a_lost_reversal_is_looked_up(sandbox: "Sandbox", show: Show) -> None:
    refunded(sandbox, show.payments[0], 5_000)
    part = -owed(sandbox, show.artist_user)
    sandbox.fault(operation="POST /v1/transfers/{id}/reversals", fault="drop_reply", times=6)
    take_back(sandbox.platform, ME)

    sandbox.advance(timedelta(hours=25))
    assert take_back(sandbox.platform, ME)["sent"] == 2

    assert (reversals(sandbox, show.artist_user), owed(sandbox, show.artist_user)) == ([part], 0)


def test_before_the_transfer_a_refund_only_makes_the_payout_smaller(sandbox: "Sandbox") -> None:
    made = paid_show(sandbox, door=(5_000,) * 6)
    procedures.settle_due(sandbox.platform, ME)
    refunded(sandbox, made.payments[0], 5_000)

    assert calls(sandbox) == []


def test_a_refund_that_fails_after_it_was_taken_back_is_owed_to_the_payees_again(
    sandbox: "Sandbox", show: Show
) -> None:
    refunded(sandbox, show.payments[0], 5_000)
    part = -owed(sandbox, show.artist_user)
    take_back(sandbox.platform, ME)
    sandbox.news()
    [failing] = [row for row in sandbox.state()["refund"] if row.get("payment_intent")]

    sandbox.control(f"refunds/{failing['id']}/resolve", {"outcome": "failed"})
    sandbox.news()

    assert owed(sandbox, show.artist_user) == part
