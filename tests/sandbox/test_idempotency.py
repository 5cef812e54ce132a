import threading
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import World

PAY = {
    "amount": 500,
    "currency": "usd",
    "payment_method": "pm_card_visa",
    "confirm": True,
    "off_session": True,
}


def with_key(world: World, key: str, **change: object) -> stripe.PaymentIntent:
    params: dict[str, object] = {**PAY, **change}
    return world.v1.payment_intents.create(params, options={"idempotency_key": key})  # pyright: ignore[reportArgumentType]


def test_the_same_key_gives_the_same_answer_once_done(world: World) -> None:
    first, second = with_key(world, "k1"), with_key(world, "k1")
    assert first.id == second.id
    assert len(world.entries()) == 1
    assert second.last_response is not None
    assert second.last_response.headers["Idempotent-Replayed"] == "true"


def test_another_request_under_a_used_key_is_refused(world: World) -> None:
    with_key(world, "k1")
    with pytest.raises(stripe.IdempotencyError) as refused:
        with_key(world, "k1", amount=600)
    assert refused.value.http_status == 400


def test_a_declined_card_stays_declined_under_its_key(world: World) -> None:
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            with_key(world, "k1", payment_method="pm_card_chargeDeclined")
    assert len(world.v1.payment_intents.list().data) == 1


def test_a_refusal_after_processing_began_is_replayed(world: World) -> None:
    payee = world.payee()
    transfer = {"amount": 100, "currency": "usd", "destination": payee}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            world.v1.transfers.create(transfer, options={"idempotency_key": "t1"})  # pyright: ignore[reportArgumentType]
        assert refused.value.code == "balance_insufficient"
        world.pay(5000, "pm_card_bypassPending")
    assert world.v1.transfers.create(transfer, options={"idempotency_key": "t2"}).amount == 100  # pyright: ignore[reportArgumentType]


def test_a_malformed_request_leaves_its_key_free(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        with_key(world, "k1", colour="red")
    assert with_key(world, "k1").status == "succeeded"


def test_a_stored_500_is_replayed(world: World) -> None:
    world.control(
        "POST",
        "faults",
        {
            "operation": "POST /v1/payment_intents",
            "fault": "status",
            "status": 500,
            "after_work": True,
            "times": 1,
        },
    )
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            with_key(world, "k1")
        assert failed.value.http_status == 500
    assert with_key(world, "k2").status == "succeeded"


def test_two_at_once_under_one_key(world: World) -> None:
    world.control(
        "POST",
        "faults",
        {"operation": "POST /v1/payment_intents", "fault": "delay", "seconds": 0.5, "times": 1},
    )
    slow = threading.Thread(target=with_key, args=(world, "k1"))
    slow.start()
    while world.control("GET", "faults")["faults"][0]["hits"] == 0:
        pass
    with pytest.raises(stripe.StripeError) as refused:
        with_key(world, "k1")
    slow.join()
    assert refused.value.http_status == 409
    body: Any = refused.value.json_body
    assert body["error"]["code"] == "idempotency_key_in_use"
    assert with_key(world, "k1").status == "succeeded"
    assert len(world.entries()) == 1


def test_a_key_is_forgotten_after_a_day(world: World) -> None:
    first = with_key(world, "k1")
    world.advance(days=1, seconds=1)
    assert with_key(world, "k1").id != first.id
