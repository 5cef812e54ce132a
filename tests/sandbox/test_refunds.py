import pytest
import stripe

from tests.sandbox.conftest import World


def test_a_refund_takes_the_amount_and_keeps_the_fee(world: World) -> None:
    intent = world.pay(5000, "pm_card_bypassPending")
    refund = world.v1.refunds.create(
        {
            "payment_intent": intent.id,
            "amount": 2000,
            "reason": "requested_by_customer",
            "metadata": {"intent_id": "r1"},
        }
    )
    assert (refund.status, refund.amount, refund.metadata and refund.metadata["intent_id"]) == (
        "succeeded",
        2000,
        "r1",
    )
    assert world.balance() == (2825, 0)
    assert [(row["type"], row["net"], row["reporting_category"]) for row in world.entries()] == [
        ("charge", 4825, "charge"), ("refund", -2000, "refund"),
    ]  # fmt: skip
    assert [kind for kind in world.event_types() if "refund" in kind] == ["refund.created", "charge.refunded"]


def test_no_more_is_refunded_than_was_paid(world: World) -> None:
    intent = world.pay(5000)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        world.v1.refunds.create({"payment_intent": intent.id, "amount": 5001})
    world.v1.refunds.create({"payment_intent": intent.id, "amount": 4000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        world.v1.refunds.create({"payment_intent": intent.id, "amount": 1001})
    world.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    charge = world.v1.charges.list({"expand": ["data.refunds"]}).data[0]
    assert (charge.amount_refunded, charge.refunded) == (5000, True)
    assert charge.refunds is not None
    assert len(charge.refunds.data) == 2


def test_a_disputed_charge_is_not_refunded(world: World) -> None:
    intent = world.pay(5000, "pm_card_createDispute")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"


@pytest.mark.parametrize(("taken", "left"), [(2000, 3000), (5000, 0), (5100, 0)])
def test_of_a_charge_that_was_lost_in_part_the_rest_can_be_refunded(world: World, taken: int, left: int) -> None:
    intent = world.pay(5000)
    charge = world.v1.charges.list().data[0].id
    dispute = world.control("POST", f"charges/{charge}/dispute", {"amount": taken})
    with pytest.raises(stripe.InvalidRequestError) as open_:
        world.v1.refunds.create({"payment_intent": intent.id, "amount": 100})
    world.control("POST", f"disputes/{dispute['id']}/resolve", {"outcome": "lost"})

    assert open_.value.code == "charge_disputed"
    if left:
        with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
            world.v1.refunds.create({"payment_intent": intent.id, "amount": left + 1})
        assert world.v1.refunds.create({"payment_intent": intent.id}).amount == left
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.refunds.create({"payment_intent": intent.id})
    assert refused.value.code == "charge_disputed"


def test_a_pending_refund_succeeds_later(world: World) -> None:
    intent = world.pay(5000, "pm_card_pendingRefund")
    refund = world.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "pending"
    world.advance(days=2)
    assert world.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert world.event_types("refund.*") == ["refund.created", "refund.updated"]


def test_a_failing_refund_gives_the_money_back(world: World) -> None:
    intent = world.pay(5000, "pm_card_refundFail")
    refund = world.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    world.advance(days=2)
    failed = world.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert [(row["type"], row["net"]) for row in world.entries()] == [
        ("charge", 4825), ("refund", -5000), ("refund_failure", 5000),
    ]  # fmt: skip
    assert world.event_types("refund.*") == ["refund.created", "refund.failed"]
    assert world.v1.charges.list().data[0].amount_refunded == 0


def test_a_refund_canceled_by_hand(world: World) -> None:
    intent = world.pay(5000, "pm_card_pendingRefund")
    refund = world.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError):
        world.v1.refunds.cancel(refund.id)
    world.control("POST", f"refunds/{refund.id}/resolve", {"outcome": "canceled"})
    assert world.v1.refunds.retrieve(refund.id).status == "canceled"
    with pytest.raises(ValueError, match="canceled"):
        world.control("POST", f"refunds/{refund.id}/resolve", {"outcome": "succeeded"})
