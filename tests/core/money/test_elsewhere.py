"""What went wrong on other platforms: each fault is a test here, and this is the list of them.

Those that have no better place are below; a test that is renamed or goes away is missed by the first one.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests import plain_http
from tests.factories.payments import ACTOR, balances, findings, fresh, refund
from tests.factories.payouts import onboard, paid_show
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payouts import procedures as payouts
from tourpad.core.payouts import queries
from tourpad.core.payouts.returning.procedures import take_back
from tourpad.core.payouts.states import HoldReason

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

HERE = Path(__file__).resolve()
TESTS = HERE.parents[2]

ELSEWHERE: dict[str, tuple[tuple[str, str], ...]] = {
    "a refund during a dispute deducted twice": (
        ("core/payments/test_disputes.py", "test_no_refund_while_a_dispute_is_open"),
        ("core/payments/test_disputes.py", "test_a_dispute_that_comes_before_its_refund_is_sent_ends_the_refund"),
        ("core/payments/test_races.py", "test_a_refund_and_a_dispute_at_once_agree"),
    ),
    "a negative connected balance looped transfer, fail, reverse for ever": (
        ("core/money/test_elsewhere.py", "test_a_payee_s_empty_account_is_asked_once_and_not_for_ever"),
        ("core/payouts/test_run.py", "test_a_refused_transfer_is_owed_again_and_can_be_retried"),
    ),
    "a balance incremented twice": (
        ("core/ledger/test_posting.py", "test_the_database_refuses_a_second_posting_of_one_source"),
        ("core/ledger/test_posting.py", "test_two_that_post_one_source_at_once_make_one_posting"),
        ("core/payments/test_inbox.py", "test_an_event_that_comes_twice_is_one"),
    ),
    "a won dispute credited to a deleted account": (
        ("core/money/test_elsewhere.py", "test_a_won_dispute_pays_nobody_whose_account_is_closed"),
        ("core/identity/test_erasure.py", "test_nobody_goes_while_money_is_owed_to_them"),
    ),
    "a payout stuck in the connected account needs cancel and reversal": (
        ("core/payouts/test_news.py", "test_a_payee_whose_bank_refuses_is_paused"),
        ("core/payouts/test_news.py", "test_a_transfer_taken_back_is_owed_again_and_can_be_sent_anew"),
    ),
    "a customer's own retry counted as dunning": (
        ("core/memberships/test_dunning.py", "test_one_mail_for_each_try_and_none_for_one_s_own"),
    ),
    "a recovered subscription issued a burst of orders": (
        ("core/memberships/test_dunning.py", "test_a_recovery_is_one_move_one_mail_and_one_payment"),
    ),
    "pause, cancel, uncancel left a stale pause": (
        ("core/memberships/test_dunning.py", "test_pausing_cancelling_and_taking_it_back_leaves_nothing_stale"),
    ),
    "Stripe's 50-cent minimum": (
        ("core/payments/test_paying.py", "test_nothing_and_next_to_nothing_are_refused_before_stripe_is_asked"),
    ),
    "a rejected booking was charged": (
        ("core/bookings/test_deciding.py", "test_a_payment_for_what_is_not_agreed_any_more_goes_back"),
        ("core/bookings/test_deciding.py", "test_a_lost_date_gives_the_payment_back_and_both_are_told"),
    ),
    "refunded today's price instead of the one paid": (
        ("core/concerts/test_policies.py", "test_parties_that_named_their_price_get_it_back_to_the_cent"),
        ("core/memberships/test_upkeep.py", "test_another_amount_is_a_new_price_and_members_keep_theirs"),
    ),
    "a renewal on the 31st drifted to the 29th for good": (
        ("core/memberships/test_periods.py", "test_each_end_is_counted_from_the_anchor"),
        ("core/memberships/test_periods.py", "test_a_member_of_the_month_s_end_sees_that_day_again"),
    ),
    "a refund's webhook came before its dispute": (
        ("core/money/test_event_orders.py", "test_every_order_of_six_events_ends_the_same"),
        (
            "core/payments/test_refund_orders.py",
            "test_a_refund_that_is_told_after_the_dispute_was_lost_leaves_the_rest_to_us",
        ),
    ),
    "a dispute larger than the charge (exchange rates)": (
        ("core/money/test_event_orders.py", "test_other_stories_end_the_same"),
        ("core/payments/test_disputes.py", "test_a_dispute_larger_than_what_is_left_is_ours_beyond_that"),
    ),
    "a successful payment's webhook answered 400 because the order had expired": (
        ("core/concerts/test_money.py", "test_a_fee_that_is_paid_after_the_booking_ran_out_goes_back_by_itself"),
        ("core/concerts/test_money.py", "test_money_that_comes_after_the_seats_have_gone_on_goes_back_by_itself"),
        ("web/test_webhooks.py", "test_the_endpoint_waits_for_nothing_but_its_insert"),
    ),
    "two events at once made two rows": (
        ("web/test_webhooks.py", "test_the_same_event_many_times_at_once_is_one_row"),
        ("core/payments/test_races.py", "test_workers_on_one_inbox_post_each_charge_once"),
    ),
}


@pytest.mark.parametrize("fault", ELSEWHERE)
def test_each_fault_has_its_tests(fault: str) -> None:
    for file, name in ELSEWHERE[fault]:
        assert re.search(rf"^def {name}\(", (TESTS / file).read_text(encoding="utf-8"), re.MULTILINE), (file, name)


def test_a_payee_s_empty_account_is_asked_once_and_not_for_ever(sandbox: "Sandbox") -> None:
    """A guest is refunded after the payee's bank has the money: one try to take it back, then it is a debt."""
    show = paid_show(sandbox, door=(5000,) * 6)
    payouts.settle_due(sandbox.platform, ACTOR)
    (account, _) = onboard(sandbox.platform, show.artist_user, show.host_user)
    sandbox.advance(timedelta(days=6))
    payouts.run_payouts(sandbox.platform, ACTOR)
    sandbox.news()
    for balance in sandbox.stripe.list_transfers(destination=account):
        answer = plain_http.post(
            f"{sandbox.running.url}/v1/payouts",
            data={"amount": str(balance["amount"]), "currency": "usd"},
            headers={"Authorization": f"Bearer {sandbox.running.secret_key}", "Stripe-Account": account},
        )
        assert answer.status_code == 200, answer.text
    refund(sandbox.platform, show.payments[0], 5000)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    def calls() -> tuple[int, int]:
        with sandbox.platform.work(ACTOR) as work:
            tries = text("SELECT count(*), sum(tries) FROM money_intents WHERE operation LIKE 'transfer%'")
            return tuple(work.session.execute(tries).one())

    take_back(sandbox.platform, ACTOR)
    sandbox.news()
    once, debt = calls(), balances(sandbox.platform)[accounts.payable(show.artist_user)]
    for _ in range(5):
        sandbox.advance(timedelta(days=1))
        for job in (take_back, payouts.resume, payouts.payouts_run, send_refunds):
            job(sandbox.platform, ACTOR)
        sandbox.news()

    assert debt > 0
    assert calls() == once
    assert balances(sandbox.platform)[accounts.payable(show.artist_user)] == debt
    assert findings(sandbox.platform) == []


def test_a_won_dispute_pays_nobody_whose_account_is_closed(sandbox: "Sandbox") -> None:
    """What comes back is owed to them still, and waits with a reason; nothing is sent, and nobody else gets it."""
    show = paid_show(sandbox, door=(5000,) * 6)
    payouts.settle_due(sandbox.platform, ACTOR)
    (account, _) = onboard(sandbox.platform, show.artist_user, show.host_user)
    owed = balances(sandbox.platform)[accounts.payable(show.artist_user)]
    charge = fresh(sandbox.platform, show.payments[0]).stripe_charge_id
    opened = sandbox.control(f"charges/{charge}/dispute", {})
    sandbox.news()
    sandbox.stripe._post(  # type: ignore[attr-defined]  # the gateway has no need to close accounts
        f"/v2/core/accounts/{account}/close", {}, key="close"
    )
    sandbox.news()

    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "won", "return_fee": True})
    sandbox.news()
    sandbox.advance(timedelta(days=8))
    payouts.run_payouts(sandbox.platform, ACTOR)
    sandbox.news()

    destinations = {transfer["destination"] for transfer in sandbox.state()["transfer"]}
    assert account not in destinations
    assert len(destinations) == 1
    assert balances(sandbox.platform)[accounts.payable(show.artist_user)] == owed
    with sandbox.platform.work(ACTOR) as work:
        (row,) = queries.open_payouts(work, [show.artist_user])
    assert row.payout.hold_reason is HoldReason.NOT_RECEIVING
    assert findings(sandbox.platform) == []
