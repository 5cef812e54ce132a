"""What no story needs and a client may still ask."""

from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import MONDAY, Start, World, raw


def test_accounts_are_changed(world: World) -> None:
    payee = world.payee(onboarded=False)
    change: Any = {"display_name": "Ada B.", "metadata": {"user": "u1"}, "include": ["requirements"]}
    changed = world.v2.core.accounts.update(payee, change).to_dict()
    assert (changed["display_name"], changed["metadata"]) == ("Ada B.", {"user": "u1"})
    events: Any = {"object_id": payee}
    assert [row.type for row in world.v2.core.events.list(events).data] == [
        "v2.core.account.updated",
        "v2.core.account.created",
    ]


def test_an_account_without_a_recipient_cannot_be_sent_money(world: World) -> None:
    plain: Any = {"contact_email": "plain@example.com", "identity": {"country": "us"}}
    account = world.v2.core.accounts.create(plain)
    world.pay(5000, "pm_card_bypassPending")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account.id})
    assert refused.value.code == "insufficient_capabilities_for_transfer"


def test_labels_are_changed(world: World) -> None:
    payee = world.payee()
    intent = world.pay(5000, "pm_card_bypassPending")
    charge = world.v1.charges.update(str(intent.latest_charge), {"description": "Door fee", "metadata": {"a": "1"}})
    refund = world.v1.refunds.create({"charge": charge.id, "amount": 100})
    world.v1.refunds.update(refund.id, {"metadata": {"a": "2"}})
    transfer = world.v1.transfers.create({"amount": 100, "currency": "usd", "destination": payee})
    world.v1.transfers.update(transfer.id, {"description": "Show", "metadata": {"a": "3"}})
    reversal = world.v1.transfers.reversals.create(transfer.id)
    assert world.v1.transfers.reversals.list(transfer.id).data[0].id == reversal.id
    assert world.v1.charges.retrieve(charge.id).description == "Door fee"
    assert [row.amount for row in world.v1.refunds.list({"charge": charge.id}).data] == [100]
    assert world.v1.transfers.retrieve(transfer.id).description == "Show"
    assert world.v1.balance_transactions.retrieve(str(transfer.balance_transaction)).type == "transfer"
    event = world.v1.events.list({"type": "transfer.updated"}).data[0]
    assert world.v1.events.retrieve(event.id).type == "transfer.updated"


def test_a_card_is_listed_changed_and_taken_off(world: World) -> None:
    customer = world.member()
    method = world.v1.customers.payment_methods.list(customer).data[0]
    changed = world.v1.payment_methods.update(method.id, {"card": {"exp_year": 2035}, "metadata": {"a": "1"}})
    assert changed.card is not None
    assert changed.card.exp_year == 2035
    world.v1.payment_methods.detach(method.id)
    assert world.v1.payment_methods.retrieve(method.id).customer is None
    assert world.v1.customers.payment_methods.list(customer).data == []
    with pytest.raises(stripe.InvalidRequestError):
        world.v1.payment_methods.attach(method.id, {"customer": customer})
    with pytest.raises(stripe.CardError):
        world.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": customer})


def test_a_setup_is_confirmed_refused_or_canceled(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"})
    setup = world.v1.setup_intents.create({"customer": customer.id})
    assert world.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"}).status == "succeeded"
    other = world.v1.setup_intents.create({"customer": customer.id})
    with pytest.raises(stripe.CardError):
        world.v1.setup_intents.confirm(other.id, {"payment_method": "pm_card_chargeDeclined"})
    assert world.v1.setup_intents.cancel(other.id).status == "canceled"
    assert world.v1.setup_intents.retrieve(other.id).status == "canceled"
    assert len(world.v1.setup_intents.list({"customer": customer.id}).data) == 2


def test_smaller_lists_and_single_objects(world: World) -> None:
    customer = world.member()
    price = world.price()
    product = world.v1.prices.retrieve(price).product
    assert world.v1.products.retrieve(str(product)).name == "Membership"
    subscription = world.v1.subscriptions.create({"customer": customer, "items": [{"price": price}]})
    assert world.v1.subscription_items.list({"subscription": subscription.id}).data[0].quantity == 1
    payment = world.v1.invoice_payments.list({"invoice": str(subscription.latest_invoice)}).data[0]
    assert world.v1.invoice_payments.retrieve(payment.id).status == "paid"
    wanted: Any = {"payment": {"type": "payment_intent", "payment_intent": payment.payment.payment_intent}}
    assert [row.id for row in world.v1.invoice_payments.list(wanted).data] == [payment.id]
    opened: Any = {"mode": "setup", "currency": "usd", "customer": customer, "success_url": "https://example.com"}
    session = world.v1.checkout.sessions.create(opened)
    world.v1.checkout.sessions.update(session.id, {"metadata": {"a": "1"}})
    assert [row.id for row in world.v1.checkout.sessions.list({"customer": customer}).data] == [session.id]
    world.pay(9000, "pm_card_createIssuerFraudRecord")
    warning = world.v1.radar.early_fraud_warnings.list().data[0]
    assert world.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable
    world.pay(9000, "pm_card_bypassPending")
    payout = world.v1.payouts.create({"amount": 100, "currency": "usd"})
    assert world.v1.payouts.retrieve(payout.id).status == "pending"
    assert [row.type for row in world.v1.balance_transactions.list({"payout": payout.id}).data] == ["payout"]
    endpoint = world.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["invoice.paid"]})
    assert world.v1.webhook_endpoints.retrieve(endpoint.id).status == "enabled"
    assert "Membership" in raw(world.url, "GET", f"/invoices/{subscription.latest_invoice}")[1]["text"]


def test_a_clock_file_moves_the_sandbox(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_bytes((MONDAY * 1_000_000).to_bytes(8, "little", signed=True))
    world = start(clock=None, clock_file=file)
    world.pay()
    assert (world.now(), world.balance()) == (MONDAY, (0, 4825))
    with file.open("r+b") as moved:
        moved.write(((MONDAY + 3 * 86_400) * 1_000_000).to_bytes(8, "little", signed=True))
    assert (world.now(), world.balance()) == (MONDAY + 3 * 86_400, (4825, 0))


@pytest.mark.parametrize("body", [{}, {"now": "soon"}, {"now": MONDAY - 1}, {"advance_seconds": "x"}])
def test_a_clock_is_moved_forward_only(world: World, body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"backwards|Give"):
        world.control("POST", "clock", body)
    assert world.now() == MONDAY


def test_a_rate_limit_can_be_asked_for(start: Start) -> None:
    world = start(rate_limit=3)
    statuses = [
        raw(world.url, "GET", "/v1/balance", headers={"Authorization": "Bearer sk_test_tourpad_sandbox"})[0]
        for _ in range(5)
    ]
    assert statuses == [200, 200, 200, 429, 429]
