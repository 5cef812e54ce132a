"""Stripe's own test cards (https://docs.stripe.com/testing), each by what happens with it."""

from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Start, World
from tourpad.sandbox import cards

GOOD = (
    "visa", "visa_debit", "mastercard", "mastercard_debit", "mastercard_prepaid", "amex", "discover", "diners",
    "jcb", "unionpay", "threeDSecureOptional", "riskLevelElevated", "riskLevelHighest", "cvcCheckFail", "avsFail",
    "avsZipFail", "avsLine1Fail", "avsUnchecked", "bypassPending",
)  # fmt: skip
DECLINED = {
    "visa_chargeDeclined": ("card_declined", "generic_decline"),
    "visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "visa_chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
    "chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
    "chargeDeclinedIncorrectCvc": ("incorrect_cvc", "incorrect_cvc"),
    "chargeDeclinedProcessingError": ("processing_error", "processing_error"),
    "radarBlock": ("card_declined", "fraudulent"),
    "chargeCustomerFail": ("card_declined", "generic_decline"),
    "authenticationRequired": ("authentication_required", "authentication_required"),
    "threeDSecureRequiredProcessingError": ("authentication_required", "authentication_required"),
}


def on_session(world: World, card: str) -> stripe.PaymentIntent:
    params: Any = {"amount": 1500, "currency": "usd", "payment_method": card, "confirm": True,
                   "return_url": "https://example.com"}  # fmt: skip
    return world.v1.payment_intents.create(params)


def test_numbers_are_card_numbers_and_name_their_card() -> None:
    for name, card in cards.CARDS.items():
        assert cards.luhn(card.number), name
        assert cards.CARDS[cards.name_of_number(card.number)].number == card.number


def test_cards_that_pay(world: World) -> None:
    for name in GOOD:
        assert world.pay(1500, f"pm_card_{name}").status == "succeeded", name
    charges = list(world.v1.charges.list({"limit": 100, "expand": ["data.balance_transaction"]}))
    assert {charge.balance_transaction.status for charge in charges[1:]} == {"pending"}  # type: ignore[union-attr]
    assert charges[0].balance_transaction.status == "available"  # type: ignore[union-attr]
    checks = [charge.payment_method_details.card.checks for charge in charges[1:6]]  # type: ignore[union-attr]
    assert [(c.address_line1_check, c.address_postal_code_check, c.cvc_check) for c in reversed(checks)] == [  # type: ignore[union-attr]
        (None, None, "fail"),
        ("fail", "fail", "pass"),
        ("pass", "fail", "pass"),
        ("fail", "pass", "pass"),
        ("unavailable", "unavailable", "pass"),
    ]


def test_cards_that_are_declined_say_why_as_stripe_does(world: World) -> None:
    for name, (code, decline) in DECLINED.items():
        with pytest.raises(stripe.CardError) as refused:
            world.pay(1500, f"pm_card_{name}")
        error: Any = refused.value.json_body["error"]  # type: ignore[index]
        assert (refused.value.http_status, error["type"]) == (402, "card_error")
        assert (error["code"], error["decline_code"]) == (code, decline), name
        assert error["doc_url"] == f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        assert error["payment_intent"]["status"] == "requires_payment_method"
        assert error["message"]
        assert error["request_log_url"].endswith(refused.value.request_id or "?")
    assert {charge.status for charge in world.v1.charges.list({"limit": 100})} == {"failed"}


@pytest.mark.parametrize(
    ("card", "then"),
    [
        ("threeDSecure2Required", "succeeded"),
        ("authenticationRequired", "succeeded"),
        ("authenticationRequiredOnSetup", "succeeded"),
        ("authenticationRequiredSetupForOffSession", "succeeded"),
        ("threeDSecureRequiredChargeDeclined", "card_declined"),
        ("authenticationRequiredChargeDeclinedInsufficientFunds", "card_declined"),
        ("threeDSecureRequiredProcessingError", "payment_intent_authentication_failure"),
    ],
)
def test_cards_that_ask_for_3d_secure(world: World, card: str, then: str) -> None:
    intent = on_session(world, f"pm_card_{card}")
    assert intent.status == "requires_action"
    world.control("POST", f"payment_intents/{intent.id}/authenticate", {"success": True})
    done = world.v1.payment_intents.retrieve(intent.id)
    assert (done.last_payment_error.code if done.last_payment_error else done.status) == then


def test_a_charge_can_be_disputed_more_than_once(world: World) -> None:
    world.pay(1501, "pm_card_createMultipleDisputes")
    found = world.v1.disputes.list().data
    assert sorted((dispute.amount, dispute.status) for dispute in found) == [
        (750, "needs_response"),
        (751, "needs_response"),
    ]
    assert [row["amount"] for row in world.entries()] == [1501, -751, -750]


def test_metadata_has_limits(world: World) -> None:
    customer = world.v1.customers.create({"metadata": {f"k{n}": "x" for n in range(50)}})
    for metadata, message, param in (
        ({"one_more": "x"}, "up to 50 keys, but you've set 51", "metadata"),
        ({"k" * 41: "x"}, "up to 40 characters", "metadata"),
        ({"k1": "x" * 501}, "up to 500 characters", "metadata[k1]"),
    ):
        with pytest.raises(stripe.InvalidRequestError, match=message) as refused:
            world.v1.customers.update(customer.id, {"metadata": metadata})
        assert refused.value.param == param
    changed = world.v1.customers.update(customer.id, {"metadata": {"k1": "", "k" * 40: "x" * 500}})
    assert len(changed.to_dict()["metadata"]) == 50


def test_amounts_and_evidence_have_limits(world: World) -> None:
    for amount, code in ((49, "amount_too_small"), (100_000_000, "amount_too_large"), (0, "parameter_invalid_integer")):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            world.v1.payment_intents.create({"amount": amount, "currency": "usd"})
        assert (refused.value.code, refused.value.param) == (code, "amount")
    assert world.v1.payment_intents.create({"amount": 99_999_999, "currency": "usd"}).amount == 99_999_999
    world.pay(1500, "pm_card_createDispute")
    dispute = world.v1.disputes.list().data[0]
    with pytest.raises(stripe.InvalidRequestError, match="20000 characters"):
        world.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "x" * 20_001}})
    long = ("access_activity_log", "cancellation_policy_disclosure", "cancellation_rebuttal", "uncategorized_text",
            "duplicate_charge_explanation", "product_description", "refund_policy_disclosure",
            "refund_refusal_explanation")  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="limited to 150,000"):
        world.v1.disputes.update(dispute.id, {"evidence": dict.fromkeys(long, "x" * 20_000)})  # type: ignore[arg-type]
    assert world.v1.disputes.retrieve(dispute.id).status == "needs_response"


def test_a_rate_limit_counts_each_endpoint(start: Start) -> None:
    world = start(rate_limit=2)
    for _ in range(2):
        world.v1.balance.retrieve()
    with pytest.raises(stripe.RateLimitError) as refused:
        world.v1.balance.retrieve()
    assert (refused.value.http_status, refused.value.json_body["error"]["code"]) == (429, "rate_limit")  # type: ignore[index]
    assert world.v1.customers.list().data == []


def test_what_an_object_lacks_can_be_asked_for_and_what_it_never_has_not(world: World) -> None:
    world.pay(1500)
    refund = world.v1.refunds.create({"charge": world.v1.charges.list().data[0].id})
    wanted = ["failure_balance_transaction", "balance_transaction"]
    found = world.v1.refunds.retrieve(refund.id, {"expand": wanted}).to_dict()
    assert "failure_balance_transaction" not in found
    assert found["balance_transaction"]["amount"] == -1500
    for field in ("amount", "owner", "charge.amount"):
        with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
            world.v1.refunds.retrieve(refund.id, {"expand": [field]})
