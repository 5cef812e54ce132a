"""What somebody did by hand at Stripe and took back whole: `--fix` posts both, and it is no finding any more."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.reconcile.planting import codes
from tests.core.reconcile.seasons import ME
from tests.factories.payments import balances, fresh
from tests.factories.payouts import fund
from tourpad.core.payouts import queries as payout_queries
from tourpad.core.reconcile.procedures import reconcile, reconcile_nightly

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox


Parts = tuple[Callable[[], None], Callable[[], None]]
"""Taking half of it back, and the rest."""


def transfer(sandbox: "Sandbox", show: "Show") -> Parts:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.host_user)
    assert payee is not None
    wanted = {"amount": 100, "currency": "usd", "destination": payee.stripe_account_id}
    made = sandbox.stripe.create_transfer(wanted, key="by hand")

    def back(cents: int) -> None:
        sandbox.stripe.reverse_transfer(made["id"], {"amount": cents}, key=f"back {cents}")

    return lambda: back(40), lambda: back(60)


def charge_of_a_stranger(sandbox: "Sandbox", show: "Show") -> Parts:
    fund(sandbox.platform, 900)
    return _refunds(sandbox, 900)


def charge_made_again(sandbox: "Sandbox", show: "Show") -> Parts:
    """The card is charged once more, for what was paid, with all that the first one carried."""
    payment = fresh(sandbox.platform, show.payments[1])
    intent = sandbox.stripe.get_payment_intent(str(payment.stripe_payment_intent_id))
    again = {name: intent[name] for name in ("amount", "currency", "customer", "metadata", "transfer_group")}
    more = {"payment_method": "pm_card_visa", "confirm": True, "off_session": True}
    sandbox.stripe.create_payment_intent({**again, **more}, key="again")
    return _refunds(sandbox, payment.amount_cents)


def _refunds(sandbox: "Sandbox", cents: int) -> Parts:
    charge = next(iter(sandbox.stripe.list_balance_transactions(type="charge")))["source"]

    def back(part: int) -> None:
        sandbox.stripe.create_refund({"charge": charge, "amount": part}, key=f"back {part}")

    return lambda: back(cents - 50), lambda: back(50)


@pytest.mark.parametrize("make", [transfer, charge_of_a_stranger, charge_made_again])
def test_what_was_taken_back_whole_is_posted_and_over(
    season: tuple["Sandbox", "Show"], make: Callable[["Sandbox", "Show"], Parts]
) -> None:
    sandbox, show = season
    before = balances(sandbox.platform)
    half, rest = make(sandbox, show)
    half()
    sandbox.news()

    stands = codes(reconcile(sandbox.platform, ME, fix=True))

    assert set(stands) & {"unknown_transfer", "unknown_charge", "charged_twice"}  # money is away: a person must look
    assert balances(sandbox.platform) == before
    rest()
    sandbox.news()
    hints = {finding.hint for finding in reconcile(sandbox.platform, ME).findings}
    assert all("tourpad reconcile --fix" in str(hint) for hint in hints), hints

    report = reconcile(sandbox.platform, ME, fix=True)

    assert [finding.message for finding in report.findings] == []
    assert report.fixed
    assert reconcile(sandbox.platform, ME, whole=True).is_clean
    after = balances(sandbox.platform)
    kept = after.pop("stripe_balance") - before.pop("stripe_balance")
    fees = after.pop("stripe_fees") - before.pop("stripe_fees")
    assert after == before  # nobody is owed another cent
    assert kept + fees == 0  # what Stripe keeps of a charge is ours to bear


def test_the_nightly_job_does_it(season: tuple["Sandbox", "Show"]) -> None:
    sandbox, show = season
    half, rest = transfer(sandbox, show)
    half()
    rest()
    sandbox.news()

    assert reconcile_nightly(sandbox.platform, ME, patience=timedelta(0))["findings"] == 0
