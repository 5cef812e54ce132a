"""What Stripe did and nobody here heard of: each is found by its name, and `--fix` lets it come again."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.core.reconcile.planting import Plant, change, codes, found, look
from tests.core.reconcile.seasons import ME
from tests.factories.payments import begin, fresh
from tourpad.core.payouts import queries as payout_queries

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox


def a_charge_that_nobody_heard_of(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Paid at Stripe; its events are lost."""
    sandbox.pay(begin(sandbox))
    sandbox.pending()
    return ["missing_journal"]


def a_refund_made_in_the_dashboard(sandbox: "Sandbox", show: "Show") -> list[str]:
    charge = next(c for c in sandbox.stripe.list_balance_transactions(type="charge") if c["amount"] == 5000)
    sandbox.stripe.create_refund({"charge": charge["source"], "amount": 700}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "unknown_refund"]


def a_transfer_taken_back_unheard(sandbox: "Sandbox", show: "Show") -> list[str]:
    transfer = next(iter(sandbox.stripe.list_transfers()))
    sandbox.stripe.reverse_transfer(transfer["id"], {"amount": 300}, key="by hand")
    sandbox.pending()
    return ["missing_journal", "transfer_differs"]


def a_dispute_that_nobody_heard_of(sandbox: "Sandbox", show: "Show") -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.pending()
    return ["missing_journal", "unknown_dispute"]


def a_payout_of_ours_unheard(sandbox: "Sandbox", show: "Show") -> list[str]:
    sandbox.stripe.create_payout({"amount": 100, "currency": "usd"}, key="by hand")
    return ["missing_journal"]


def a_payee_who_can_no_longer_receive(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        payee = payout_queries.payee_of(work, show.artist_user)
    assert payee is not None
    sandbox.control(f"accounts/{payee.stripe_account_id}/onboard", {"requirements": ["identity.individual.address"]})
    sandbox.pending()
    return ["payee_ability"]


def an_event_that_lies_about(sandbox: "Sandbox", show: "Show") -> list[str]:
    sandbox.pay(begin(sandbox))
    sandbox.receive()
    sandbox.advance(timedelta(minutes=11))
    sandbox.pending()
    return ["missing_journal", *["event_unhandled"] * 2]


def an_event_that_was_given_up(sandbox: "Sandbox", show: "Show") -> list[str]:
    an_event_that_lies_about(sandbox, show)
    change(sandbox, "UPDATE stripe_events SET item_state = 'dead', last_error = 'boom' WHERE item_state = 'waiting'")
    return ["missing_journal", *["event_dead"] * 2]


def a_refund_that_failed_unheard(sandbox: "Sandbox", show: "Show") -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    made = sandbox.stripe.create_refund({"charge": charge, "amount": 700}, key="by hand")
    sandbox.news()
    sandbox.control(f"refunds/{made['id']}/resolve", {"outcome": "failed"})
    sandbox.pending()
    return ["missing_journal", "refund_differs"]


def a_dispute_that_was_lost_unheard(sandbox: "Sandbox", show: "Show") -> list[str]:
    charge = fresh(sandbox.platform, show.payments[1]).stripe_charge_id
    dispute = sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    sandbox.control(f"disputes/{dispute['id']}/resolve", {"outcome": "lost"})
    sandbox.pending()
    return ["dispute_differs"]


def a_subscription_that_is_nobody_s_membership(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Somebody joined; nothing of it was heard."""
    from tests.factories import memberships

    memberships.pay(sandbox, memberships.begin(sandbox, memberships.make_joiner(sandbox.platform), "monthly"))
    sandbox.pending()
    return ["missing_journal", "unknown_subscription"]


PLANTS: list[Plant] = [
    a_charge_that_nobody_heard_of,
    a_refund_made_in_the_dashboard,
    a_refund_that_failed_unheard,
    a_transfer_taken_back_unheard,
    a_dispute_that_nobody_heard_of,
    a_dispute_that_was_lost_unheard,
    a_subscription_that_is_nobody_s_membership,
    a_payout_of_ours_unheard,
    a_payee_who_can_no_longer_receive,
    an_event_that_lies_about,
    an_event_that_was_given_up,
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda f: f.__name__)
def test_what_was_planted_is_found_and_mended(season: tuple["Sandbox", "Show"], plant: Plant) -> None:
    sandbox, show = season
    expected = plant(sandbox, show)

    found(sandbox, expected)
    mended = look(sandbox, fix=True)

    assert [f.message for f in mended.findings] == []
    assert sorted(f.code for f in mended.fixed) == sorted(expected)


def test_what_is_heard_again_and_can_not_be_read_is_not_mended(season: tuple["Sandbox", "Show"]) -> None:
    """Its event waits to be tried again; that excuses what is missing no more."""
    sandbox, show = season
    a_refund_made_in_the_dashboard(sandbox, show)
    sandbox.fault(operation="GET /v1/refunds/*", fault="status", status=403)

    left = look(sandbox, fix=True)

    assert sorted(codes(left)) == ["event_unhandled", "missing_journal", "unknown_refund"]
    assert left.fixed == ()
    sandbox.control("faults", method="DELETE")
    sandbox.advance(timedelta(hours=1))
    assert codes(look(sandbox, fix=True)) == []
