from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import World, raw


def test_a_payment_charges_and_posts_what_remains_after_the_fee(world: World) -> None:
    intent = world.pay(
        5000,
        transfer_group="concert_1",
        metadata={"kind": "door"},
        expand=["latest_charge.balance_transaction"],
    )
    charge: stripe.Charge = intent.latest_charge  # pyright: ignore[reportAssignmentType] - expanded
    entry: stripe.BalanceTransaction = charge.balance_transaction  # pyright: ignore[reportAssignmentType] - expanded
    assert (intent.status, charge.transfer_group, charge.metadata["kind"]) == (
        "succeeded",
        "concert_1",
        "door",
    )
    assert (entry.amount, entry.fee, entry.net, entry.status) == (5000, 175, 4825, "pending")
    assert entry.available_on == 1_780_444_800  # two business days after Monday, midnight UTC
    assert world.balance() == (0, 4825)


def test_the_fee_is_rounded_half_up(world: World) -> None:
    world.pay(50)  # 1.45 cents + 30
    world.pay(1050)  # 30.45
    world.pay(500)  # 14.5
    assert [row["fee"] for row in world.entries()] == [31, 60, 45]


def test_the_charge_event_has_no_balance_transaction_yet_and_the_update_brings_it(world: World) -> None:
    intent = world.pay()
    events = {event["type"]: event["data"]["object"] for event in world.events()}
    assert events["charge.succeeded"]["balance_transaction"] is None
    assert events["charge.updated"]["balance_transaction"] == world.entries()[0]["id"]
    assert events["charge.updated"]["payment_intent"] == intent.id
    assert world.event_types() == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_authenticationRequired", "authentication_required", "authentication_required"),
    ],
)
def test_a_declined_card_is_a_402_that_leaves_a_failed_payment(
    world: World, card: str, code: str, decline: str
) -> None:
    with pytest.raises(stripe.CardError) as refused:
        world.pay(card=card)
    error = refused.value
    assert (error.http_status, error.code, error.error and error.error.decline_code) == (402, code, decline)
    intent = world.v1.payment_intents.list().data[0]
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == code
    assert world.event_types()[-1] == "payment_intent.payment_failed"
    assert world.entries() == []


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4242424242424241", "incorrect_number"),
        ("4111111111111111", "card_declined"),
        ("abc", "incorrect_number"),
    ],
)
def test_only_stripes_test_numbers_make_a_card(world: World, number: str, code: str) -> None:
    with pytest.raises(stripe.CardError) as refused:
        world.v1.payment_methods.create(
            {"type": "card", "card": {"number": number, "exp_month": 8, "exp_year": 2030, "cvc": "123"}}
        )
    assert refused.value.code == code


def test_a_card_by_number_pays(world: World) -> None:
    method = world.v1.payment_methods.create(
        {
            "type": "card",
            "card": {"number": "4242424242424242", "exp_month": 8, "exp_year": 2030, "cvc": "123"},
        }
    )
    assert world.pay(card=method.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):  # used without a customer: not again
        world.pay(card=method.id)


def test_three_d_secure_asks_and_then_pays_or_fails(world: World) -> None:
    for success, status in ((True, "succeeded"), (False, "requires_payment_method")):
        intent = world.pay(
            card="pm_card_authenticationRequired", off_session=False, return_url="https://example.com/back"
        )
        assert intent.status == "requires_action"
        assert intent.next_action is not None
        assert intent.next_action.redirect_to_url is not None
        assert f"{world.url}/3ds/{intent.id}" == intent.next_action.redirect_to_url.url
        world.control("POST", f"payment_intents/{intent.id}/authenticate", {"success": success})
        assert world.v1.payment_intents.retrieve(intent.id).status == status


def test_the_three_d_secure_page_sends_the_payer_back(world: World) -> None:
    intent = world.pay(
        card="pm_card_authenticationRequired", off_session=False, return_url="https://example.com/back?x=1"
    )
    assert "$50.00" in raw(world.url, "GET", f"/3ds/{intent.id}")[1]["text"]
    status, answer = raw(world.url, "POST", f"/3ds/{intent.id}", "success=true")
    assert status == 303
    assert answer["Location"].startswith(f"https://example.com/back?x=1&payment_intent={intent.id}&")
    assert answer["Location"].endswith("redirect_status=succeeded")


def test_a_card_set_up_for_later_pays_off_session(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"})
    setup = world.v1.setup_intents.create(
        {
            "customer": customer.id,
            "payment_method": "pm_card_authenticationRequiredOnSetup",
            "confirm": True,
            "return_url": "https://example.com",
        }
    )
    assert setup.status == "requires_action"
    world.control("POST", f"setup_intents/{setup.id}/authenticate", {"success": True})
    method = world.v1.payment_methods.list({"customer": customer.id}).data[0]
    assert world.pay(card=method.id, customer=customer.id).status == "succeeded"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": "12.5"}, "parameter_invalid_integer", "amount"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"payment_method": "pm_nothing"}, "resource_missing", "payment_method"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        ({"currency": "eur"}, None, "currency"),
        ({"setup_future_usage": "sometimes"}, None, "setup_future_usage"),
    ],
)
def test_what_stripe_refuses_is_refused(world: World, change: dict[str, object], code: str | None, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.pay(**change)  # pyright: ignore[reportArgumentType] - wrong on purpose
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)
    assert world.v1.payment_intents.list().data == []


def test_a_missing_parameter_is_named(world: World) -> None:
    status, answer = raw(
        world.url,
        "POST",
        "/v1/payment_intents",
        "amount=500",
        {"Authorization": "Bearer sk_test_tourpad_sandbox"},
    )
    assert (status, answer["error"]["code"], answer["error"]["param"]) == (
        400,
        "parameter_missing",
        "currency",
    )


def test_redirecting_methods_need_somewhere_to_return_to(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        world.pay(off_session=False)


def test_a_finished_intent_is_neither_confirmed_nor_canceled(world: World) -> None:
    intent = world.pay()
    for act in (world.v1.payment_intents.confirm, world.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            act(intent.id)
        assert refused.value.code == "payment_intent_unexpected_state"


def test_an_open_intent_is_changed_confirmed_or_canceled(world: World) -> None:
    params: Any = {"amount": 700, "currency": "usd", "allowed_payment_method_types": ["card"]}
    intent = world.v1.payment_intents.create(params)
    world.v1.payment_intents.update(intent.id, {"amount": 900, "metadata": {"kind": "fee"}})
    done = world.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})
    assert (done.status, done.amount_received, done.metadata["kind"]) == ("succeeded", 900, "fee")
    other = world.v1.payment_intents.create({"amount": 700, "currency": "usd"})
    assert world.v1.payment_intents.cancel(other.id, {"cancellation_reason": "abandoned"}).status == "canceled"


def test_a_card_of_another_customer_is_refused(world: World) -> None:
    owner = world.member()
    method = world.v1.payment_methods.list({"customer": owner}).data[0]
    with pytest.raises(stripe.InvalidRequestError):
        world.pay(card=method.id)
    assert world.pay(card=method.id, customer=owner).status == "succeeded"


def test_the_bypass_card_is_available_at_once(world: World) -> None:
    world.pay(5000, "pm_card_bypassPending")
    assert world.balance() == (4825, 0)


def test_pending_money_becomes_available_after_two_business_days(world: World) -> None:
    world.pay(5000)
    world.advance(days=1.4)
    assert world.balance() == (0, 4825)
    world.advance(days=0.2)
    assert world.balance() == (4825, 0)
    assert world.entries()[0]["status"] == "available"
