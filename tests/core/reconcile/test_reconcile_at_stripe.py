"""What somebody did at Stripe, or Stripe itself: each is found by its name, and stays for a person."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.core.reconcile.planting import Plant, at_stripe, found_and_left
from tests.core.reconcile.seasons import ME
from tests.factories.payments import fresh
from tests.factories.payouts import fund
from tourpad.core.payouts import queries as payout_queries

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox


def a_transfer_made_in_the_dashboard(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.host_user)
    assert payee is not None
    sandbox.stripe.create_transfer(
        {"amount": 100, "currency": "usd", "destination": payee.stripe_account_id}, key="by hand"
    )
    sandbox.news()
    return ["missing_journal", "unknown_transfer"]


def a_charge_made_twice(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Somebody charges the card again at the dashboard, for what is paid."""
    intent = sandbox.stripe.get_payment_intent(str(fresh(sandbox.platform, show.payments[1]).stripe_payment_intent_id))
    again = {name: intent[name] for name in ("amount", "currency", "customer", "metadata", "transfer_group")}
    more = {"payment_method": "pm_card_visa", "confirm": True, "off_session": True}
    sandbox.stripe.create_payment_intent({**again, **more}, key="again")
    return ["charged_twice"]


def a_charge_of_somebody_unknown(sandbox: "Sandbox", show: "Show") -> list[str]:
    fund(sandbox.platform, 900)
    return ["unknown_charge"]


def a_kind_of_line_that_is_new(sandbox: "Sandbox", show: "Show") -> list[str]:
    def plant(tx: Any) -> None:
        money.post(tx, "climate_order_purchase", amount=-5, source="climorder_1", currency="usd")

    from tourpad.sandbox import money

    at_stripe(sandbox, plant)
    return ["unknown_type"]


A_CENT_LESS = """
    UPDATE balances SET net = net - 1 WHERE account = '' AND available_on = (
        SELECT min(available_on) FROM balances WHERE account = '')
"""


def a_cent_off_at_stripe(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Stripe has changed a fee after the fact."""

    def plant(tx: Any) -> None:
        entry = tx.select("balance_transaction", {"type": "charge"})[0]
        tx.save({**entry, "fee": entry["fee"] + 1, "net": entry["net"] - 1})
        tx.db.execute(A_CENT_LESS)

    at_stripe(sandbox, plant)
    return ["amount_differs", "cents_off"]


def a_balance_that_is_not_its_sum(sandbox: "Sandbox", show: "Show") -> list[str]:
    def plant(tx: Any) -> None:
        tx.db.execute(A_CENT_LESS)

    at_stripe(sandbox, plant)
    return ["balance_differs", "cents_off"]


PLANTS: list[Plant] = [
    a_cent_off_at_stripe,
    a_balance_that_is_not_its_sum,
    a_kind_of_line_that_is_new,
    a_charge_made_twice,
    a_charge_of_somebody_unknown,
    a_transfer_made_in_the_dashboard,
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda f: f.__name__)
def test_what_was_planted_is_found_and_stays_for_a_person(season: tuple["Sandbox", "Show"], plant: Plant) -> None:
    sandbox, show = season
    found_and_left(sandbox, plant(sandbox, show))
