"""A charge is disputed after its show was divided, or after its payees were paid: who gives back, and when."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from tests.factories.payments import balances, findings, fresh
from tests.factories.payouts import onboard, paid_show
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.ledger import rules as accounts
from tourpad.core.money import usd
from tourpad.core.outbox.models import Mail
from tourpad.core.payouts import procedures

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

ME = operator("test")


def owes(sandbox: "Sandbox", user_id: UUID) -> int:
    """What a payee owes us, in cents (below zero: what we owe them)."""
    return balances(sandbox.platform).get(accounts.payable(user_id), 0)


def news(sandbox: "Sandbox", user_id: UUID) -> list[str]:
    """The subjects of all mails to a person."""
    with sandbox.platform.work(ME) as work:
        return list(work.session.scalars(select(Mail.subject).where(Mail.user_id == user_id).order_by(Mail.id)))


def test_a_payout_waits_for_the_bank_and_leaves_when_it_is_won(sandbox: "Sandbox") -> None:
    show = paid_show(sandbox, door=(5_000,) * 3)
    procedures.settle_due(sandbox.platform, ME)
    onboard(sandbox.platform, show.artist_user, show.host_user)
    charge = fresh(sandbox.platform, show.payments[0]).stripe_charge_id
    opened = sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    sandbox.advance(timedelta(days=6))

    assert procedures.run_payouts(sandbox.platform, ME).rows == ()
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "won", "return_fee": True})
    sandbox.news()
    sandbox.advance(timedelta(days=3))
    procedures.run_payouts(sandbox.platform, ME)
    sandbox.news()

    assert sandbox.state()["transfer"]
    assert owes(sandbox, show.artist_user) == 0
    assert findings(sandbox.platform) == []


def test_what_is_lost_after_the_payout_is_owed_by_those_who_were_paid_in_proportion(sandbox: "Sandbox") -> None:
    with sandbox.platform.work(ME) as work:
        admin = make_person(work, "admin").id
        work.commit()
    show = paid_show(sandbox, door=(5_000,) * 6)
    procedures.settle_due(sandbox.platform, ME)
    onboard(sandbox.platform, show.artist_user, show.host_user)
    earned = {user: -owes(sandbox, user) for user in (show.artist_user, show.host_user)}
    ours = -balances(sandbox.platform)[accounts.PLATFORM_REVENUE]
    sandbox.advance(timedelta(days=6))
    procedures.run_payouts(sandbox.platform, ME)
    sandbox.news()
    assert [owes(sandbox, user) for user in earned] == [0, 0]

    charge = fresh(sandbox.platform, show.payments[0]).stripe_charge_id
    opened = sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    assert [owes(sandbox, user) for user in earned] == [0, 0]  # not before the bank has decided
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "lost"})
    sandbox.news()

    debts = {user: owes(sandbox, user) for user in earned}
    less = ours + balances(sandbox.platform)[accounts.PLATFORM_REVENUE]
    assert sum(debts.values()) + less == 5_000
    for user, cents in earned.items():
        assert abs(debts[user] - cents * 5_000 / 30_000) <= 1
        assert news(sandbox, user)[-1] == (
            f"A guest's bank took {usd(debts[user])} of yours back, of your show in Columbus"
        )
    assert news(sandbox, admin) == [
        "Cleo Okafor's bank disputes $50.00",
        "Cleo Okafor's bank has decided: $50.00 are lost",
    ]
    assert findings(sandbox.platform) == []
