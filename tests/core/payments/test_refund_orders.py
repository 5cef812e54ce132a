"""Refunds and disputes of one charge that are heard of in an order in which they did not happen."""

from typing import TYPE_CHECKING

from tests.factories.payments import ACTOR, balances, findings, fresh, make_due, paid, refund
from tourpad.core.payments import queries, service
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import PaymentState, RefundState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Dispute, Payment


def dispute_of(sandbox: "Sandbox", payment: "Payment") -> "Dispute":
    with sandbox.platform.work(ACTOR) as work:
        (dispute,) = queries.disputes_of(work, payment.id)
    return dispute


def test_a_refund_that_had_failed_before_it_was_heard_of_needs_no_money(sandbox: "Sandbox") -> None:
    """It was made at the dashboard, and all of the charge has gone back by ours since."""
    payment = paid(sandbox, make_due(1500))
    before = balances(sandbox.platform)
    made = sandbox.stripe.create_refund({"charge": payment.stripe_charge_id, "amount": 700}, key="dashboard")
    sandbox.control(f"refunds/{made['id']}/resolve", {"outcome": "failed"})
    late = sandbox.pending()
    refund(sandbox.platform, payment.id, 1500)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    sandbox.receive(late)
    counts = sandbox.process()

    assert (counts["retried"], counts["dead"]) == (0, 0)
    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    with sandbox.platform.work(ACTOR) as work:
        states = {row.stripe_refund_id: row.state for row in queries.refunds_of(work, payment.id)}
    assert states[made["id"]] is RefundState.FAILED
    assert findings(sandbox.platform) == []
    after = balances(sandbox.platform)
    assert after["stripe_balance"] == before["stripe_balance"] - 1500
    assert "refund_clearing" not in after


def test_a_refund_that_is_told_after_the_dispute_was_lost_leaves_the_rest_to_us(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id, "amount": 400}, key="dashboard")
    late = sandbox.pending()
    opened = sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"amount": 1500})
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "lost"})
    sandbox.news()
    assert dispute_of(sandbox, payment).lost_cents == 1500

    sandbox.receive(late)
    sandbox.process()

    after = fresh(sandbox.platform, payment.id)
    assert (after.refunded_cents, after.lost_cents) == (400, 1100)
    assert dispute_of(sandbox, payment).lost_cents == 1100
    assert balances(sandbox.platform)["dispute_losses"] == 400
    assert findings(sandbox.platform) == []


def test_a_refund_that_fails_after_the_dispute_was_lost_is_the_payment_s_loss_again(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500), card="pm_card_pendingRefund")
    made = sandbox.stripe.create_refund({"charge": payment.stripe_charge_id, "amount": 400}, key="dashboard")
    opened = sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"amount": 1500})
    sandbox.news()
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "lost"})
    sandbox.news()
    assert balances(sandbox.platform)["dispute_losses"] == 400

    sandbox.control(f"refunds/{made['id']}/resolve", {"outcome": "failed"})
    sandbox.news()

    after = fresh(sandbox.platform, payment.id)
    assert (after.refunded_cents, after.lost_cents) == (0, 1500)
    assert "dispute_losses" not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_what_was_shared_anew_comes_back_whole_when_it_is_won_after_all(sandbox: "Sandbox") -> None:
    """Stripe does overturn a lost dispute, rarely."""
    payment = paid(sandbox, make_due(1500))
    pot = balances(sandbox.platform)[f"held:{payment.concert_id}"]
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id, "amount": 400}, key="dashboard")
    late = sandbox.pending()
    opened = sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"amount": 1500})
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "lost"})
    sandbox.news()
    sandbox.receive(late)
    sandbox.process()
    found = sandbox.stripe.get_dispute(opened["id"])

    with sandbox.platform.work(ACTOR) as work:
        service.apply_dispute(work, {**found, "status": "won"})
        work.commit()

    after = balances(sandbox.platform)
    assert after[f"held:{payment.concert_id}"] == pot + 400
    assert "dispute_losses" not in after
    assert fresh(sandbox.platform, payment.id).lost_cents == 0
