"""From what is owed to money in the books, against the sandbox."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.payments import ACTOR, balances, begin, findings, fresh, make_due, make_payer, paid
from tourpad.core.gateways.stripe import StripeDeclined
from tourpad.core.ids import new_id
from tourpad.core.payments import queries, service
from tourpad.core.payments.states import IntentState, PaymentState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def test_a_door_fee_is_paid_heard_of_and_posted(sandbox: "Sandbox") -> None:
    due = make_due(1500)

    payment = paid(sandbox, due)

    assert payment.state is PaymentState.COMPLETED
    assert payment.fee_cents == 74
    assert payment.completed_at == sandbox.clock.now()
    assert payment.receipt_number is not None
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426,
        "stripe_fees": 74,
        f"held:{due.concert_id}": -1500,
    }
    assert findings(sandbox.platform) == []


def test_stripe_is_told_what_the_money_is_for(sandbox: "Sandbox") -> None:
    due = make_due(1500)

    payment = begin(sandbox, due)

    intent = sandbox.stripe.get_payment_intent(payment.stripe_payment_intent_id or "")
    assert intent["amount"] == 1500
    assert intent["transfer_group"] == f"concert_{due.concert_id}"
    assert intent["metadata"] == {
        "kind": "door_fee",
        "concert_id": str(due.concert_id),
        "charge_id": str(payment.id),
        "intent_id": str(payment.id),
    }


def test_beginning_twice_is_one_intent(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)

    first = begin(sandbox, due, user_id=payer)
    second = begin(sandbox, due, user_id=payer)

    assert second.id == first.id
    assert second.client_secret == first.client_secret
    assert len(sandbox.state()["payment_intent"]) == 1
    assert len(sandbox.state()["customer"]) == 1


def test_a_changed_amount_ends_the_older_intent(sandbox: "Sandbox") -> None:
    reference, concert, payer = new_id(), new_id(), make_payer(sandbox.platform)
    older = begin(sandbox, make_due(1500, reference_id=reference, concert_id=concert), user_id=payer)

    newer = begin(sandbox, make_due(3000, reference_id=reference, concert_id=concert), user_id=payer)

    assert newer.amount_cents == 3000
    assert fresh(sandbox.platform, older.id).state is PaymentState.CANCELLED
    statuses = {intent["amount"]: intent["status"] for intent in sandbox.state()["payment_intent"]}
    assert statuses == {1500: "canceled", 3000: "requires_payment_method"}


def test_a_changed_amount_does_not_take_back_a_payment_of_this_moment(sandbox: "Sandbox") -> None:
    reference, concert, payer = new_id(), new_id(), make_payer(sandbox.platform)
    older = begin(sandbox, make_due(1500, reference_id=reference, concert_id=concert), user_id=payer)
    sandbox.pay(older)  # and the webhook has not come

    with pytest.raises(Exception, match="paid this very moment") as refusal:
        begin(sandbox, make_due(3000, reference_id=reference, concert_id=concert), user_id=payer)

    assert refusal.value.code == "already_paid"  # type: ignore[attr-defined]
    assert fresh(sandbox.platform, older.id).state is PaymentState.COMPLETED


def test_what_is_paid_can_not_be_begun_again(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)
    paid(sandbox, due, user_id=payer)

    with pytest.raises(Exception, match="paid already") as refusal:
        begin(sandbox, due, user_id=payer)

    assert refusal.value.code == "already_paid"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("cents", "code"), [(0, "nothing_owed"), (-5, "nothing_owed"), (49, "amount_below_minimum")])
def test_nothing_and_next_to_nothing_are_refused_before_stripe_is_asked(
    sandbox: "Sandbox", cents: int, code: str
) -> None:
    with pytest.raises(Exception, match=r".") as refusal:
        begin(sandbox, make_due(cents))

    assert refusal.value.code == code  # type: ignore[attr-defined]
    assert sandbox.state() == {}


def test_a_declined_card_is_told_and_another_card_pays_the_same_intent(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    with pytest.raises(StripeDeclined) as decline:
        sandbox.pay(payment, "pm_card_chargeDeclinedInsufficientFunds")
    sandbox.news()

    failed = fresh(sandbox.platform, payment.id)
    assert decline.value.decline_code == "insufficient_funds"
    assert (failed.state, failed.failure_code) == (PaymentState.FAILED, "insufficient_funds")
    assert failed.failure_message == "Your card has insufficient funds."

    sandbox.pay(payment)
    sandbox.news()

    done = fresh(sandbox.platform, payment.id)
    assert (done.state, done.failure_code) == (PaymentState.COMPLETED, None)
    assert balances(sandbox.platform)["stripe_balance"] == 1426


def test_a_charge_that_stripe_does_not_make_is_kept_with_its_words_and_begun_anew(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)
    sandbox.fault(operation="POST /v1/payment_intents", fault="status", status=400, times=1)
    with pytest.raises(StripeDeclined) as refusal:
        begin(sandbox, due, user_id=payer)

    with sandbox.platform.work(ACTOR) as work:
        (payment,) = queries.payments_of(work, reference_type=due.reference_type, reference_ids=[due.reference_id])
        (call,) = queries.intents_of(work, payment.id)
    assert (call.state, call.error_message) == (IntentState.FAILED, refusal.value.message)

    again = begin(sandbox, due, user_id=payer)
    with sandbox.platform.work(ACTOR) as work:
        (anew,) = queries.intents_of(work, payment.id)
    assert again.id == payment.id
    assert (anew.state, anew.idempotency_key == call.idempotency_key) == (IntentState.DONE, False)


def test_a_payer_who_comes_back_after_a_decline_gets_the_same_intent(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)
    payment = begin(sandbox, due, user_id=payer)
    with pytest.raises(StripeDeclined):
        sandbox.pay(payment, "pm_card_chargeDeclined")
    sandbox.news()

    again = begin(sandbox, due, user_id=payer)

    assert again.stripe_payment_intent_id == payment.stripe_payment_intent_id
    assert (again.state, again.failure_code) == (PaymentState.PENDING, None)


def test_three_d_secure_waits_for_the_payer(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)

    asked = sandbox.pay(payment, "pm_card_threeDSecure2Required")
    sandbox.news()
    assert asked["status"] == "requires_action"
    assert fresh(sandbox.platform, payment.id).state is PaymentState.PENDING

    sandbox.control(f"payment_intents/{payment.stripe_payment_intent_id}/authenticate", {"success": True})
    sandbox.news()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED


def test_three_d_secure_refused_is_a_failed_payment(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    sandbox.pay(payment, "pm_card_threeDSecure2Required")

    sandbox.control(f"payment_intents/{payment.stripe_payment_intent_id}/authenticate", {"success": False})
    sandbox.news()

    failed = fresh(sandbox.platform, payment.id)
    assert (failed.state, failed.failure_code) == (
        PaymentState.FAILED,
        "payment_intent_authentication_failure",
    )


def test_a_process_that_dies_after_the_call_finds_its_intent_again(sandbox: "Sandbox") -> None:
    """The reply is dropped after the work was done, also for the SDK's own retries."""
    due, payer = make_due(), make_payer(sandbox.platform)
    sandbox.fault(operation="POST /v1/payment_intents", fault="drop_reply", times=3)
    with pytest.raises(Exception, match="did not answer") as lost:
        begin(sandbox, due, user_id=payer)

    again = begin(sandbox, due, user_id=payer)

    assert lost.value.code == "stripe_uncertain"  # type: ignore[attr-defined]
    assert again.stripe_payment_intent_id is not None
    assert len(sandbox.state()["payment_intent"]) == 1


def test_after_a_day_a_lost_intent_is_made_anew(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)
    sandbox.fault(operation="POST /v1/payment_intents", fault="drop_reply", times=3)
    with pytest.raises(Exception, match="did not answer"):
        begin(sandbox, due, user_id=payer)
    sandbox.advance(timedelta(hours=30))

    again = begin(sandbox, due, user_id=payer)
    sandbox.pay(again)
    sandbox.news()

    assert fresh(sandbox.platform, again.id).state is PaymentState.COMPLETED
    assert findings(sandbox.platform) == []


def test_an_intent_whose_record_was_lost_is_known_by_its_event(sandbox: "Sandbox") -> None:
    """Stripe's own event says which payment it was made for."""
    from tourpad.core.payments import queries, service

    due, payer = make_due(), make_payer(sandbox.platform)
    payment = begin(sandbox, due, user_id=payer)
    sandbox.pay(payment)
    with sandbox.platform.work(ACTOR) as work:
        row = queries.get_payment_for_update(work, payment.id)
        row.stripe_payment_intent_id = row.client_secret = None
        work.commit()

    sandbox.news()

    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert service.PLATFORM == "platform"
    assert balances(sandbox.platform)["stripe_balance"] == 1426


def test_a_cancelled_payment_that_succeeds_late_completes(sandbox: "Sandbox") -> None:
    """Whoever refused it meanwhile refunds it; here it is only told."""
    from tourpad.core.payments import queries, service

    payment = begin(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        service.cancel(work, queries.get_payment_for_update(work, payment.id))
        work.commit()
    sandbox.pay(payment)

    sandbox.news()

    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED


def test_charges_that_are_not_ours_are_left_alone(sandbox: "Sandbox") -> None:
    sandbox.stripe.create_payment_intent(
        {
            "amount": 900,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "off_session": True,
        },
        key="somebody else",
    )

    counts = sandbox.news()

    assert counts["processed"] == 2
    assert balances(sandbox.platform) == {}


@pytest.mark.parametrize("status", ["requires_payment_method", "processing", "requires_action", "canceled"])
def test_an_older_look_that_comes_late_takes_nothing_back(sandbox: "Sandbox", status: str) -> None:
    """Two workers ask Stripe for one payment; whoever asked before it was paid writes last."""
    payment = paid(sandbox)
    older = sandbox.stripe.get_payment_intent(str(payment.stripe_payment_intent_id)) | {
        "status": status,
        "latest_charge": None,
        "last_payment_error": {"code": "card_declined", "message": "Your card was declined."},
    }

    with sandbox.platform.work(ACTOR) as work:
        assert service.apply_payment_intent(work, older) == "nothing to do"
        work.commit()

    now = fresh(sandbox.platform, payment.id)
    assert (now.state, now.failure_code) == (PaymentState.COMPLETED, None)
    assert findings(sandbox.platform) == []
