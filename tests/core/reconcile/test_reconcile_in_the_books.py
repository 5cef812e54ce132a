"""What somebody wrote into the database: each is found by its name, and stays for a person."""

from typing import TYPE_CHECKING

import pytest

from tests.core.reconcile.planting import Plant, change, found_and_left
from tests.core.reconcile.seasons import ME
from tests.factories.payments import refund
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import usd

if TYPE_CHECKING:
    from tests.factories.payouts import Show
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.work import Work


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


def a_cent_off(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Somebody posts a cent by hand."""
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name=None)
        work.commit()
    return ["journal_unproven", "ledger_sum", "cents_off"]


def a_transaction_that_never_was(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        post(work, 1, against=accounts.STRIPE_FEES, name="txn_invented")
        work.commit()
    return ["journal_without_transaction", "ledger_sum", "cents_off"]


def posted_twice(sandbox: "Sandbox", show: "Show") -> list[str]:
    name = next(iter(sandbox.stripe.list_balance_transactions()))["id"]
    with sandbox.platform.work(ME) as work:
        post(work, 7, against=accounts.STRIPE_FEES, name=name)
        work.commit()
    return ["posted_twice", "ledger_sum", "cents_off"]


def a_transfer_that_stripe_never_made(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE payouts SET stripe_transfer_id = 'tr_never' WHERE side = 'host'")
    return ["transfer_missing", "unknown_transfer"]


def a_refund_that_stripe_never_made(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE refunds SET stripe_refund_id = 're_never'")
    return ["refund_missing", "unknown_refund"]


def a_dispute_that_stripe_never_had(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE disputes SET stripe_dispute_id = 'du_never'")
    return ["dispute_missing", "unknown_dispute"]


def a_payee_whom_stripe_does_not_know(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE payees SET stripe_account_id = 'acct_never' WHERE user_id = :host", host=show.host_user)
    return ["payee_unknown"]


def a_charge_that_says_it_is_posted(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE payments SET stripe_charge_id = 'ch_never' WHERE id = :id", id=show.payments[1])
    return ["charge_not_posted", "charge_unknown"]


def a_refund_that_is_forgotten(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "DELETE FROM refunds")
    return ["payment_returned", "unknown_refund"]


def a_refund_that_says_it_failed(sandbox: "Sandbox", show: "Show") -> list[str]:
    """Planned, then changed by hand: its money stays in clearing."""
    refund_id = refund(sandbox.platform, show.payments[1], 700)
    change(sandbox, "UPDATE money_intents SET state = 'failed' WHERE subject_id = :id", id=refund_id)
    change(sandbox, "UPDATE refunds SET state = 'failed' WHERE id = :id", id=refund_id)
    return ["payment_returned", "refund_clearing"]


def a_posting_of_a_refund_that_is_not_there(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.REFUND,
            source_id=new_id(),
            purpose="intent",
            lines=[(accounts.REFUND_CLEARING, usd(-5)), (accounts.PLATFORM_REVENUE, usd(5))],
            description="planted",
        )
        work.commit()
    return ["refund_unknown"]


def a_dispute_that_holds_too_much(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE disputes SET withdrawn_cents = withdrawn_cents + 5")
    return ["dispute_held"]


def a_posting_of_a_dispute_that_is_not_there(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.DISPUTE,
            source_id="du_never",
            purpose="planted",
            lines=[(accounts.DISPUTES_HELD, usd(5)), (accounts.PLATFORM_REVENUE, usd(-5))],
            description="planted",
        )
        work.commit()
    return ["dispute_unknown"]


def a_call_that_somebody_changed(sandbox: "Sandbox", show: "Show") -> list[str]:
    refund(sandbox.platform, show.payments[1], 700)
    change(sandbox, "UPDATE money_intents SET params = jsonb_set(params, '{amount}', '7000') WHERE state = 'planned'")
    return ["call_changed"]


def a_payee_who_is_owed_something_else(sandbox: "Sandbox", show: "Show") -> list[str]:
    with sandbox.platform.work(ME) as work:
        ledger.post(
            work,
            source_type=accounts.Source.TRANSFER,
            source_id="planted:1",
            purpose="intent",
            lines=[(accounts.payable(show.host_user), usd(5)), (accounts.PLATFORM_REVENUE, usd(-5))],
            description="planted",
        )
        work.commit()
    return ["payable_differs"]


def a_payout_that_is_not_its_parts(sandbox: "Sandbox", show: "Show") -> list[str]:
    change(sandbox, "UPDATE payouts SET carried_cents = carried_cents + 5 WHERE side = 'host'")
    return ["payout_differs"]


def money_left_of_a_cancelled_show(sandbox: "Sandbox", show: "Show") -> list[str]:
    from tests.factories.payments import make_due, paid
    from tests.factories.payouts import make_show

    with sandbox.platform.work(ME) as work:
        other = make_show(work, days_ago=1, state="cancelled", cancelled_by="artist")
        work.commit()
    paid(sandbox, make_due(1500, concert_id=other.concert_id))
    return ["held_on_cancelled"]


PLANTS: list[Plant] = [
    a_cent_off,
    a_transaction_that_never_was,
    posted_twice,
    a_charge_that_says_it_is_posted,
    a_transfer_that_stripe_never_made,
    a_refund_that_stripe_never_made,
    a_refund_that_is_forgotten,
    a_refund_that_says_it_failed,
    a_posting_of_a_refund_that_is_not_there,
    a_dispute_that_stripe_never_had,
    a_dispute_that_holds_too_much,
    a_posting_of_a_dispute_that_is_not_there,
    a_call_that_somebody_changed,
    a_payee_whom_stripe_does_not_know,
    a_payee_who_is_owed_something_else,
    a_payout_that_is_not_its_parts,
    money_left_of_a_cancelled_show,
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda f: f.__name__)
def test_what_was_planted_is_found_and_stays_for_a_person(season: tuple["Sandbox", "Show"], plant: Plant) -> None:
    sandbox, show = season
    found_and_left(sandbox, plant(sandbox, show))
