import pytest
import stripe

from tests.sandbox.conftest import World

KINDS = ("charge.dispute.created", "charge.dispute.funds_withdrawn")


def disputed(world: World, card: str = "pm_card_createDispute") -> stripe.Dispute:
    world.pay(5000, card)
    return world.v1.disputes.list().data[0]


def test_the_dispute_card_withdraws_the_amount_and_a_fee(world: World) -> None:
    dispute = disputed(world)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 5000)
    last = world.entries()[-1]
    assert (last["type"], last["amount"], last["fee"], last["net"], last["reporting_category"]) == (
        "adjustment", -5000, 1500, -6500, "dispute",
    )  # fmt: skip
    assert tuple(world.event_types("charge.dispute.*")) == KINDS
    assert world.v1.charges.list().data[0].disputed


@pytest.mark.parametrize(
    ("text", "status", "back"), [("winning_evidence", "won", 5000), ("losing_evidence", "lost", 0)]
)
def test_stripes_test_evidence_decides(world: World, text: str, status: str, back: int) -> None:
    dispute = disputed(world)
    before = sum(world.balance())
    done = world.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, "submit": True})
    assert done.status == status
    assert sum(world.balance()) - before == back
    closing = ["charge.dispute.funds_reinstated"] if back else []
    assert world.event_types("charge.dispute.*") == [
        *KINDS,
        "charge.dispute.updated",
        *closing,
        "charge.dispute.closed",
    ]


def test_other_evidence_waits_for_the_bank(world: World) -> None:
    dispute = disputed(world)
    staged = world.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}, "submit": False})
    assert staged.status == "needs_response"
    sent = world.v1.disputes.update(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    won = world.control("POST", f"disputes/{dispute.id}/resolve", {"outcome": "won", "return_fee": True})
    assert won["status"] == "won"
    assert sum(world.balance()) == 4825
    with pytest.raises(ValueError, match="already closed"):
        world.control("POST", f"disputes/{dispute.id}/resolve", {"outcome": "lost"})


def test_a_dispute_that_nobody_answers_is_lost(world: World) -> None:
    dispute = disputed(world)
    world.advance(days=10)
    lost = world.v1.disputes.retrieve(dispute.id)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_an_inquiry_withdraws_nothing(world: World) -> None:
    inquiry = disputed(world, "pm_card_createDisputeInquiry")
    assert (inquiry.status, inquiry.is_charge_refundable) == ("warning_needs_response", True)
    assert len(world.entries()) == 1
    assert world.v1.disputes.close(inquiry.id).status == "warning_closed"


def test_a_refund_of_all_of_it_answers_an_inquiry(world: World) -> None:
    inquiry = disputed(world, "pm_card_createDisputeInquiry")
    world.v1.refunds.create({"charge": str(inquiry.charge), "amount": 2000})
    assert world.v1.disputes.retrieve(inquiry.id).status == "warning_needs_response"
    world.v1.refunds.create({"charge": str(inquiry.charge)})
    assert world.v1.disputes.retrieve(inquiry.id).status == "warning_closed"


def test_an_early_fraud_warning_comes_without_a_dispute(world: World) -> None:
    world.pay(5000, "pm_card_createIssuerFraudRecord")
    warning = world.v1.radar.early_fraud_warnings.list().data[0]
    assert warning.actionable
    assert "radar.early_fraud_warning.created" in world.event_types()
    assert world.v1.disputes.list().data == []


def test_any_charge_can_be_disputed_by_hand_even_for_more(world: World) -> None:
    world.pay(5000)
    charge = world.v1.charges.list().data[0].id
    dispute = world.control("POST", f"charges/{charge}/dispute", {"amount": 5100, "reason": "product_not_received"})
    assert (dispute["amount"], dispute["reason"]) == (5100, "product_not_received")
    warning = world.control("POST", f"charges/{charge}/early_fraud_warning", {})
    assert warning["charge"] == charge
