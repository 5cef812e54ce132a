"""Money that goes back: from the right accounts, never too much, never during a dispute, never twice."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.payments import (
    ACTOR,
    balances,
    begin,
    findings,
    fresh,
    make_due,
    paid,
    refund,
    settle_pot,
)
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments import queries
from tourpad.core.payments.models import MoneyIntent, Refund
from tourpad.core.payments.procedures import process_events, send_refunds
from tourpad.core.payments.states import IntentState, PaymentState, RefundState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def the_refund(sandbox: "Sandbox", payment_id: object) -> Refund:
    with sandbox.platform.work(ACTOR) as work:
        (found,) = queries.refunds_of(work, payment_id)  # type: ignore[arg-type]
        return found


def the_intent(sandbox: "Sandbox", refund_id: object) -> MoneyIntent:
    with sandbox.platform.work(ACTOR) as work:
        (found,) = queries.intents_of(work, refund_id)  # type: ignore[arg-type]
        return found


def test_a_refund_is_reserved_at_once_and_sent_by_the_job(sandbox: "Sandbox") -> None:
    due = make_due(1500)
    payment = paid(sandbox, due)

    refund(sandbox.platform, payment.id, 600)

    assert balances(sandbox.platform)[accounts.REFUND_CLEARING] == -600
    assert balances(sandbox.platform)[f"held:{due.concert_id}"] == -900
    assert fresh(sandbox.platform, payment.id).state is PaymentState.PARTLY_REFUNDED

    counts = send_refunds(sandbox.platform, ACTOR)

    assert counts["sent"] == 1, counts
    assert the_refund(sandbox, payment.id).state is RefundState.SUCCEEDED
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426 - 600,
        "stripe_fees": 74,
        f"held:{due.concert_id}": -900,
    }
    sandbox.news()
    assert findings(sandbox.platform) == []
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 0


def test_refunds_add_up_to_the_whole_and_no_further(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1000)

    with pytest.raises(Exception, match=r"\$5\.01 can't be refunded: \$5\.00") as refusal:
        refund(sandbox.platform, payment.id, 501)
    refund(sandbox.platform, payment.id, 500)

    assert refusal.value.code == "refund_too_large"  # type: ignore[attr-defined]
    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()
    assert sandbox.state()["charge"][0]["amount_refunded"] == 1500
    assert findings(sandbox.platform) == []


@pytest.mark.parametrize("cents", [0, -100])
def test_a_refund_is_above_zero(sandbox: "Sandbox", cents: int) -> None:
    payment = paid(sandbox)

    with pytest.raises(Exception, match="can't be refunded"):
        refund(sandbox.platform, payment.id, cents)


def test_nothing_paid_nothing_back(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)

    with pytest.raises(Exception, match="nothing was paid") as refusal:
        refund(sandbox.platform, payment.id, 100)

    assert refusal.value.code == "not_refundable"  # type: ignore[attr-defined]


def test_after_settlement_those_who_got_the_money_give_it_back(sandbox: "Sandbox") -> None:
    concert, artist, host = new_id(), new_id(), new_id()
    first = paid(sandbox, make_due(2000, concert_id=concert))
    paid(sandbox, make_due(2000, concert_id=concert))
    shares = {
        accounts.PLATFORM_REVENUE: 400,
        accounts.payable(artist): 3200,
        accounts.payable(host): 400,
    }
    with sandbox.platform.work(ACTOR) as work:
        settle_pot(work, concert_id=concert, cents=4000, shares=shares)
        work.commit()

    refund(sandbox.platform, first.id, 2000)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    assert balances(sandbox.platform) == {
        "stripe_balance": 2 * (2000 - 88) - 2000,
        "stripe_fees": 176,
        accounts.PLATFORM_REVENUE: -200,
        accounts.payable(artist): -1600,
        accounts.payable(host): -200,
    }
    assert findings(sandbox.platform) == []


def test_a_late_payment_of_a_settled_show_gives_back_itself(sandbox: "Sandbox") -> None:
    concert, artist = new_id(), new_id()
    paid(sandbox, make_due(2000, concert_id=concert))
    with sandbox.platform.work(ACTOR) as work:
        settle_pot(work, concert_id=concert, cents=2000, shares={accounts.payable(artist): 2000})
        work.commit()
    late = paid(sandbox, make_due(1500, concert_id=concert))

    refund(sandbox.platform, late.id, 1500)
    send_refunds(sandbox.platform, ACTOR)

    assert balances(sandbox.platform)[accounts.payable(artist)] == -2000
    assert f"held:{concert}" not in balances(sandbox.platform)


def test_a_refund_that_fails_later_is_taken_back_into_the_pot(sandbox: "Sandbox") -> None:
    due = make_due(1500)
    payment = paid(sandbox, due, card="pm_card_refundFail")
    refund(sandbox.platform, payment.id, 1500)
    send_refunds(sandbox.platform, ACTOR)
    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED

    sandbox.advance(timedelta(days=4))
    sandbox.news()

    assert the_refund(sandbox, payment.id).state is RefundState.FAILED
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert fresh(sandbox.platform, payment.id).refunded_cents == 0
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426,
        "stripe_fees": 74,
        f"held:{due.concert_id}": -1500,
    }
    assert findings(sandbox.platform) == []


def test_a_pending_refund_succeeds_when_stripe_says_so(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500), card="pm_card_pendingRefund")
    refund(sandbox.platform, payment.id, 500)
    send_refunds(sandbox.platform, ACTOR)
    assert the_refund(sandbox, payment.id).state is RefundState.SENT

    sandbox.advance(timedelta(days=4))
    sandbox.news()

    assert the_refund(sandbox, payment.id).state is RefundState.SUCCEEDED
    assert findings(sandbox.platform) == []


def test_a_refund_that_stripe_refuses_goes_back_to_where_it_came_from(sandbox: "Sandbox") -> None:
    """Somebody refunded the charge at Stripe itself, and its event has not come."""
    due = make_due(1500)
    payment = paid(sandbox, due)
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id}, key="dashboard")
    refund(sandbox.platform, payment.id, 1500)

    counts = send_refunds(sandbox.platform, ACTOR)

    ours = the_refund(sandbox, payment.id)
    assert counts["refused"] == 1
    assert ours.state is RefundState.FAILED
    assert the_intent(sandbox, ours.id).error_code == "charge_already_refunded"

    sandbox.news()

    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    assert fresh(sandbox.platform, payment.id).refunded_cents == 1500
    assert balances(sandbox.platform) == {"stripe_balance": -74, "stripe_fees": 74}
    assert findings(sandbox.platform) == []


def test_a_refund_made_at_stripe_waits_for_ours_to_be_refused(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1500)
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id}, key="dashboard")
    sandbox.receive()
    assert process_events(sandbox.platform, ACTOR)["retried"] > 0

    send_refunds(sandbox.platform, ACTOR)
    sandbox.advance(timedelta(minutes=1))
    sandbox.process()

    assert fresh(sandbox.platform, payment.id).refunded_cents == 1500
    assert findings(sandbox.platform) == []


def test_a_process_that_dies_between_call_and_record_doubles_nothing(sandbox: "Sandbox") -> None:
    """The reply is lost after Stripe did the work; the next run asks again with the same key."""
    payment = paid(sandbox, make_due(1500))
    refund_id = refund(sandbox.platform, payment.id, 700)
    sandbox.fault(operation="POST /v1/refunds", fault="drop_reply", times=3)

    assert send_refunds(sandbox.platform, ACTOR)["uncertain"] == 1
    assert the_intent(sandbox, refund_id).state is IntentState.SENDING
    assert send_refunds(sandbox.platform, ACTOR) == dict.fromkeys(("sent", "held", "refused", "uncertain", "errors"), 0)

    sandbox.advance(timedelta(minutes=6))
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

    assert [r["amount"] for r in sandbox.state()["refund"]] == [700]
    assert the_intent(sandbox, refund_id).attempt == 1
    sandbox.news()
    assert findings(sandbox.platform) == []


def test_the_event_may_be_quicker_than_the_sender_that_was_lost(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund_id = refund(sandbox.platform, payment.id, 700)
    sandbox.fault(operation="POST /v1/refunds", fault="drop_reply", times=3)
    send_refunds(sandbox.platform, ACTOR)

    sandbox.news()

    assert the_intent(sandbox, refund_id).state is IntentState.DONE
    assert the_refund(sandbox, payment.id).state is RefundState.SUCCEEDED
    sandbox.advance(timedelta(minutes=6))
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 0
    assert findings(sandbox.platform) == []


def test_after_a_day_what_the_lost_call_made_is_looked_up(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund_id = refund(sandbox.platform, payment.id, 700)
    sandbox.fault(operation="POST /v1/refunds", fault="drop_reply", times=3)
    send_refunds(sandbox.platform, ACTOR)

    sandbox.advance(timedelta(hours=25))
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

    assert len(sandbox.state()["refund"]) == 1
    assert the_intent(sandbox, refund_id).attempt == 1
    assert findings(sandbox.platform) == []


def test_after_a_day_a_call_that_was_never_made_is_made_under_a_new_key(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund_id = refund(sandbox.platform, payment.id, 700)
    sandbox.fault(operation="POST /v1/refunds", fault="status", status=500, times=3)
    assert send_refunds(sandbox.platform, ACTOR)["uncertain"] == 1

    sandbox.advance(timedelta(hours=25))
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

    intent = the_intent(sandbox, refund_id)
    assert (intent.attempt, intent.idempotency_key) == (2, f"tp1:refund:{intent.id}:2")
    assert len(sandbox.state()["refund"]) == 1
    assert findings(sandbox.platform) == []


def test_a_fault_of_ours_in_recording_is_resumed_and_doubles_nothing(sandbox: "Sandbox") -> None:
    from tourpad.core.payments import service
    from tourpad.core.payments.procedures import drain
    from tourpad.core.payments.states import IntentOperation

    payment = paid(sandbox, make_due(1500))
    refund_id = refund(sandbox.platform, payment.id, 700)

    def broken(*_: object) -> None:
        raise RuntimeError("the machine went away")

    counts = drain(
        sandbox.platform,
        ACTOR,
        operation=IntentOperation.REFUND,
        call=lambda intent, stripe: stripe.create_refund(intent.params, key=intent.idempotency_key),
        record=broken,
        refuse=service.record_refused,
        find=lambda *_: None,
        before=service.before_sending,
    )
    assert counts["errors"] == 1
    sandbox.advance(timedelta(minutes=6))
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

    assert len(sandbox.state()["refund"]) == 1
    assert the_intent(sandbox, refund_id).state is IntentState.DONE
    assert balances(sandbox.platform).get(accounts.REFUND_CLEARING, 0) == 0


def test_a_plan_that_is_not_committed_leaves_nothing(sandbox: "Sandbox") -> None:
    from tourpad.core.money import usd
    from tourpad.core.payments import service

    payment = paid(sandbox, make_due(1500))
    with sandbox.platform.work(ACTOR) as work:
        service.plan_refund(work, payment_id=payment.id, amount=usd(500), reason="never mind")

    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 0
    assert fresh(sandbox.platform, payment.id).refunded_cents == 0
    assert findings(sandbox.platform) == []


def test_one_that_can_not_be_prepared_does_not_hold_up_the_others(sandbox: "Sandbox") -> None:
    from tourpad.core.payments import service
    from tourpad.core.payments.procedures import drain
    from tourpad.core.payments.states import IntentOperation
    from tourpad.core.work import Work

    first, second = paid(sandbox, make_due(1500)), paid(sandbox, make_due(2500))
    poisoned = refund(sandbox.platform, first.id, 100)
    refund(sandbox.platform, second.id, 200)

    def before(work: Work, intent: MoneyIntent) -> bool:
        if intent.subject_id == poisoned:
            raise RuntimeError("a fault of ours")
        return service.before_sending(work, intent)

    counts = drain(
        sandbox.platform,
        ACTOR,
        operation=IntentOperation.REFUND,
        call=lambda intent, stripe: stripe.create_refund(intent.params, key=intent.idempotency_key),
        record=service.record_sent,
        refuse=service.record_refused,
        find=lambda *_: None,
        before=before,
    )

    assert (counts["sent"], counts["errors"]) == (1, 1)
    assert the_intent(sandbox, poisoned).state is IntentState.PLANNED
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    assert findings(sandbox.platform) == []
