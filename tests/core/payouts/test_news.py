"""What Stripe tells afterwards: transfers confirmed and taken back, accounts, banks, our own payouts."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.payments import balances
from tests.factories.payouts import Show, onboard, paid_show
from tourpad.core.actors import operator
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.payouts import procedures, queries, service
from tourpad.core.payouts.errors import PayoutStateError
from tourpad.core.payouts.models import Payee, Payout
from tourpad.core.payouts.states import HoldReason, PayoutState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

ME = operator("test")


@pytest.fixture
def show(sandbox: "Sandbox") -> Iterator[Show]:
    """A show with six door fees, settled; both sides can receive; its hold is over."""
    made = paid_show(sandbox, door=(5000,) * 6)
    procedures.settle_due(sandbox.platform, ME)
    onboard(sandbox.platform, made.artist_user, made.host_user)
    sandbox.advance(timedelta(days=6))
    yield made
    with sandbox.platform.work(ME) as work:
        assert [f.message for f in (*service.verify(work), *ledger.verify(work))] == []


def payouts(sandbox: "Sandbox", user_id: UUID) -> list[Payout]:
    with sandbox.platform.work(ME) as work:
        rows, _ = queries.list_payouts(work, queries.PayoutFilter(user_id=user_id), offset=0, limit=9)
    return [row.payout for row in rows][::-1]


def payee(sandbox: "Sandbox", user_id: UUID) -> Payee:
    with sandbox.platform.work(ME) as work:
        found = queries.payee_of(work, user_id)
        assert found is not None
        return found


def owed(sandbox: "Sandbox", user_id: UUID) -> int:
    return -balances(sandbox.platform).get(accounts.payable(user_id), 0)


def take_back(sandbox: "Sandbox", payout: Payout, cents: int | None = None) -> None:
    params = {"amount": cents} if cents else {}
    sandbox.stripe.reverse_transfer(str(payout.stripe_transfer_id), params, key=f"back-{new_id()}")


def test_stripe_confirms_what_was_sent(sandbox: "Sandbox", show: Show) -> None:
    procedures.run_payouts(sandbox.platform, ME)

    sandbox.news()

    [artist] = payouts(sandbox, show.artist_user)
    assert artist.state is PayoutState.SETTLED
    assert owed(sandbox, show.artist_user) == 0


def test_the_event_may_be_faster_than_the_record(sandbox: "Sandbox", show: Show) -> None:
    """The sender dies after the call; Stripe's event records the transfer, and nothing is left to resume."""
    from tourpad.core.payouts.rules import Budget

    with sandbox.platform.work(ME) as work:
        claim = service.claim(work, user_id=show.artist_user, available=None, budget=Budget())
        assert claim is not None
        work.commit()
    sandbox.stripe.create_transfer(claim.intent.params, key=claim.intent.idempotency_key)

    sandbox.news()

    [artist] = payouts(sandbox, show.artist_user)
    assert artist.state is PayoutState.SETTLED
    sandbox.advance(timedelta(minutes=6))
    assert procedures.resume(sandbox.platform, ME)["sent"] == 0
    assert len(list(sandbox.stripe.list_transfers())) == 1


def test_a_transfer_taken_back_is_owed_again_and_can_be_sent_anew(sandbox: "Sandbox", show: Show) -> None:
    procedures.run_payouts(sandbox.platform, ME)
    sandbox.news()
    [first] = payouts(sandbox, show.artist_user)

    take_back(sandbox, first, 1000)
    sandbox.news()
    assert (payouts(sandbox, show.artist_user)[0].state, owed(sandbox, show.artist_user)) == (
        PayoutState.SETTLED,
        1000,
    )
    take_back(sandbox, first)
    sandbox.news()

    [first] = payouts(sandbox, show.artist_user)
    assert (first.state, owed(sandbox, show.artist_user)) == (PayoutState.REVERSED, first.amount_cents)
    assert procedures.run_payouts(sandbox.platform, ME).rows == ()  # never by itself: that could loop for ever
    with sandbox.platform.work(ME) as work:
        again = service.retry(work, payout_id=first.id)
        work.commit()
    with sandbox.platform.work(ME) as work, pytest.raises(PayoutStateError, match="done before"):
        service.retry(work, payout_id=first.id)
    [row] = procedures.run_payouts(sandbox.platform, ME).rows
    assert (row.payout_id, row.amount.cents) == (again.id, first.amount_cents)
    with sandbox.platform.work(ME) as work:
        told = service.explain(work, payout_id=again.id)
    assert [line.amount.cents for line in told.lines] == [1000, first.amount_cents - 1000]
    assert owed(sandbox, show.artist_user) == 0


def test_a_refund_after_the_settlement_is_a_debt_of_those_who_got_it(sandbox: "Sandbox", show: Show) -> None:
    from tests.factories.payments import refund

    procedures.run_payouts(sandbox.platform, ME)
    refund(sandbox.platform, show.payments[0], 5000)

    assert owed(sandbox, show.artist_user) < 0
    assert owed(sandbox, show.artist_user) == -round(5000 * payouts(sandbox, show.artist_user)[0].amount_cents / 30000)


def test_accounts_tell_whether_they_can_receive(sandbox: "Sandbox", show: Show) -> None:
    account = payee(sandbox, show.host_user).stripe_account_id
    wanted = ["identity.individual.date_of_birth", "identity.individual.address"]

    sandbox.control(f"accounts/{account}/onboard", {"requirements": wanted})
    sandbox.news()

    assert (payee(sandbox, show.host_user).can_receive, payee(sandbox, show.host_user).requirements) == (False, wanted)
    sandbox.control(f"accounts/{account}/onboard", {})
    sandbox.news()
    assert (payee(sandbox, show.host_user).can_receive, payee(sandbox, show.host_user).requirements) == (True, [])


def test_onboarding_makes_one_account_however_often(sandbox: "Sandbox", show: Show) -> None:
    before = payee(sandbox, show.host_user).stripe_account_id
    links = {procedures.start_onboarding(sandbox.platform, ME, user_id=show.host_user).url for _ in range(2)}

    assert len(links) == 2
    assert payee(sandbox, show.host_user).stripe_account_id == before
    assert len(sandbox.state()["v2.core.account"]) == 2


def test_an_account_whose_reply_was_lost_is_not_made_twice(sandbox: "Sandbox") -> None:
    from tests.factories.profiles import make_person
    from tourpad.core.gateways.stripe import StripeUncertain

    with sandbox.platform.work(ME) as work:
        user_id = make_person(work, "artist").id
        work.commit()
    sandbox.fault(operation="POST /v2/core/accounts", fault="drop_reply", times=3)
    with pytest.raises(StripeUncertain):
        procedures.start_onboarding(sandbox.platform, ME, user_id=user_id)

    procedures.start_onboarding(sandbox.platform, ME, user_id=user_id)

    assert [a["id"] for a in sandbox.state()["v2.core.account"]] == [payee(sandbox, user_id).stripe_account_id]


def test_a_payee_whose_bank_refuses_is_paused(sandbox: "Sandbox", show: Show) -> None:
    account = str(payee(sandbox, show.artist_user).stripe_account_id)
    refused: dict[str, Any] = {"id": "po_1", "status": "failed", "failure_code": "account_closed"}

    with sandbox.platform.work(ME) as work:
        service.take_bank_news(work, type="payout.failed", account_id=account, payout=refused)
        work.commit()

    rows = procedures.run_payouts(sandbox.platform, ME).rows
    assert [row.user_id for row in rows] == [show.host_user]
    arrived = {"id": "po_2", "status": "paid"}
    with sandbox.platform.work(ME) as work:
        service.take_bank_news(work, type="payout.paid", account_id=account, payout=arrived)
        work.commit()
    assert len(procedures.run_payouts(sandbox.platform, ME).rows) == 1


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        ("paid", {"bank": 1000}),
        ("failed", {}),
        (None, {"payout_in_transit": 1000}),
    ],
)
def test_our_own_payouts_are_posted(sandbox: "Sandbox", show: Show, outcome: str | None, left: dict[str, int]) -> None:
    before = balances(sandbox.platform)["stripe_balance"]
    made = sandbox.stripe.create_payout({"amount": 1000, "currency": "usd"}, key="sweep-1")
    if outcome:
        sandbox.control(f"payouts/{made['id']}/resolve", {"outcome": outcome})
    else:
        from tourpad.core.payments.procedures import collect_balance_transactions

        collect_balance_transactions(sandbox.platform, ME)
    sandbox.news()
    sandbox.news()

    after = balances(sandbox.platform)
    assert {k: v for k, v in after.items() if k in ("bank", "payout_in_transit")} == left
    assert after["stripe_balance"] == before - sum(left.values())


def test_what_kept_money_back_is_taken_off_when_it_is_over(sandbox: "Sandbox") -> None:
    """The payee sees it at once, not with tomorrow's run."""
    show = paid_show(sandbox, door=(5000,) * 2, card="pm_card_visa")
    procedures.settle_due(sandbox.platform, ME)
    sandbox.advance(timedelta(days=6))

    def standing() -> tuple[PayoutState, HoldReason | None]:
        [payout] = payouts(sandbox, show.artist_user)
        return payout.state, payout.hold_reason

    assert standing() == (PayoutState.PLANNED, None)
    procedures.run_payouts(sandbox.platform, ME)
    assert standing() == (PayoutState.HELD, HoldReason.NOT_RECEIVING)
    onboard(sandbox.platform, show.artist_user)
    sandbox.news()
    assert standing() == (PayoutState.PLANNED, None)
    charge = sandbox.state()["charge"][0]["id"]
    sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    assert standing() == (PayoutState.HELD, HoldReason.DISPUTE)
    dispute = sandbox.state()["dispute"][0]["id"]
    sandbox.control(f"disputes/{dispute}/resolve", {"outcome": "won"})
    sandbox.news()
    assert standing() == (PayoutState.PLANNED, None)


def test_a_dispute_that_is_lost_is_a_debt(sandbox: "Sandbox", show: Show) -> None:
    procedures.run_payouts(sandbox.platform, ME)
    charge = sandbox.state()["charge"][0]["id"]
    sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    dispute = sandbox.state()["dispute"][0]["id"]
    sandbox.control(f"disputes/{dispute}/resolve", {"outcome": "lost"})
    sandbox.news()

    assert owed(sandbox, show.artist_user) < 0
    assert owed(sandbox, show.host_user) < 0
