from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Start, World


def subscribe(world: World, customer: str, **more: Any) -> stripe.Subscription:
    params: Any = {"customer": customer, "items": [{"price": world.price()}], **more}
    return world.v1.subscriptions.create(params)


def day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d")


def status(world: World, subscription: stripe.Subscription) -> str:
    return world.v1.subscriptions.retrieve(subscription.id).status


def test_a_subscription_is_paid_and_renewed(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer, expand=["latest_invoice.payments"], metadata={"role": "fan"})
    assert subscription.status == "active"
    invoice: Any = subscription.latest_invoice
    assert (invoice.status, invoice.billing_reason, invoice.amount_paid) == (
        "paid",
        "subscription_create",
        1000,
    )
    assert invoice.parent.subscription_details.metadata["role"] == "fan"
    paid = world.v1.payment_intents.retrieve(invoice.payments.data[0].payment.payment_intent)
    assert paid.amount == 1000
    world.advance(days=30)
    found = world.v1.invoices.list({"subscription": subscription.id}).data
    assert [(row.billing_reason, row.status) for row in found] == [
        ("subscription_cycle", "paid"),
        ("subscription_create", "paid"),
    ]
    item = world.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert (day(item.current_period_start), day(item.current_period_end)) == ("07-01", "08-01")
    assert [row["net"] for row in world.entries()] == [941, 941]


def test_a_month_end_comes_back_after_short_months(start: Start) -> None:
    january = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp())
    world = start(clock=lambda: january)
    subscription = subscribe(world, world.member())
    ends: list[str] = []
    for _ in range(4):
        item = world.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
        ends.append(day(item.current_period_end))
        world.control("POST", "clock", {"now": item.current_period_end})
    assert ends == ["02-28", "03-31", "04-30", "05-31"]


def test_dunning_tries_again_and_then_ends(world: World) -> None:
    customer = world.member("pm_card_visa")
    subscription = subscribe(world, customer)
    failing = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": failing.id}})
    world.advance(days=30)
    assert status(world, subscription) == "past_due"
    invoice = world.v1.invoices.list({"status": "open"}).data[0]
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (1, world.now() + 3 * 86_400)
    with pytest.raises(stripe.CardError):  # their own try counts for nothing
        world.v1.invoices.pay(invoice.id)
    assert world.v1.invoices.retrieve(invoice.id).attempt_count == 1
    for days, attempts, expected in ((3, 2, "past_due"), (5, 3, "past_due"), (7, 4, "canceled")):
        world.advance(days=days)
        assert (world.v1.invoices.retrieve(invoice.id).attempt_count, status(world, subscription)) == (
            attempts,
            expected,
        )
    assert world.event_types("customer.subscription.*") == [
        "customer.subscription.created", "customer.subscription.updated", "customer.subscription.updated",
        "customer.subscription.deleted",
    ]  # fmt: skip


def test_a_paid_invoice_lets_in_again(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    failing = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": failing.id}})
    world.advance(days=30)
    invoice = world.v1.invoices.list({"status": "open"}).data[0]
    world.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})
    assert status(world, subscription) == "active"
    world.advance(days=10)
    assert len(world.v1.invoices.list().data) == 2


def test_ending_with_the_period_can_be_taken_back(world: World) -> None:
    subscription = subscribe(world, world.member())
    world.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    world.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    world.advance(days=30)
    assert status(world, subscription) == "active"
    world.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    world.advance(days=31)
    ended = world.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.cancellation_details and ended.cancellation_details.reason) == (
        "canceled",
        "cancellation_requested",
    )
    assert world.v1.subscriptions.list().data == []
    with pytest.raises(stripe.InvalidRequestError):
        world.v1.subscriptions.cancel(subscription.id)


def test_a_trial_is_free_and_then_paid(world: World) -> None:
    subscription = subscribe(world, world.member(), trial_period_days=7)
    assert subscription.status == "trialing"
    world.advance(days=5)
    assert world.event_types()[-1] == "customer.subscription.trial_will_end"
    world.advance(days=2)
    assert status(world, subscription) == "active"
    assert [row.amount_paid for row in world.v1.invoices.list().data] == [1000, 0]


def test_a_first_payment_that_never_comes_expires(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"}).id
    with pytest.raises(stripe.InvalidRequestError, match="no attached payment source"):
        subscribe(world, customer)
    waiting = subscribe(
        world, customer, payment_behavior="default_incomplete", expand=["latest_invoice.confirmation_secret"]
    )
    other = subscribe(world, customer, payment_behavior="default_incomplete", expand=["latest_invoice.payments"])
    assert waiting.status == "incomplete"
    invoice: Any = other.latest_invoice
    world.v1.payment_intents.confirm(
        invoice.payments.data[0].payment.payment_intent, {"payment_method": "pm_card_visa"}
    )
    world.advance(days=1)
    assert (status(world, waiting), status(world, other)) == ("incomplete_expired", "active")
    secret: Any = waiting.latest_invoice
    assert secret.confirmation_secret.client_secret.startswith("pi_")


def test_a_declined_first_payment_waits_or_leaves_nothing(world: World) -> None:
    customer = world.member("pm_card_chargeCustomerFail")
    with pytest.raises(stripe.CardError):
        subscribe(world, customer, payment_behavior="error_if_incomplete")
    assert world.v1.subscriptions.list({"status": "all"}).data == []
    assert world.v1.payment_intents.list().data == []
    assert subscribe(world, customer).status == "incomplete"


def test_an_upgrade_is_prorated_to_the_second(world: World) -> None:
    subscription = subscribe(world, world.member())
    item = subscription["items"].data[0]
    world.advance(days=15)  # half of June
    changed = world.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item.id, "price": world.price(3000)}], "proration_behavior": "always_invoice"},
    )
    invoice = world.v1.invoices.retrieve(str(changed.latest_invoice))
    assert [row.amount for row in invoice.lines.data] == [-500, 1500]
    assert (invoice.amount_paid, invoice.status) == (1000, "paid")
    world.advance(days=15)
    assert world.v1.invoices.list().data[0].amount_paid == 3000


def test_a_credit_is_carried_to_the_next_invoice(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    item = subscription["items"].data[0]
    world.advance(days=15)
    world.v1.subscriptions.update(
        subscription.id,
        {"items": [{"id": item.id, "price": world.price(400)}], "proration_behavior": "always_invoice"},
    )
    assert world.v1.customers.retrieve(customer).balance == -300
    world.advance(days=15)
    invoice = world.v1.invoices.list().data[0]
    assert (invoice.total, invoice.starting_balance, invoice.amount_paid) == (400, -300, 100)
    assert world.v1.customers.retrieve(customer).balance == 0


@pytest.mark.stripe_unrecorded  # the SDK sends a DELETE's parameters in the query; the document has them in the body
def test_ending_at_once_credits_the_unused_time(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    world.advance(days=15)
    ended = world.v1.subscriptions.cancel(subscription.id, {"prorate": True, "invoice_now": True})
    assert ended.status == "canceled"
    assert world.v1.customers.retrieve(customer).balance == -500
    world.advance(days=40)
    assert len(world.v1.invoices.list().data) == 2


def test_a_paused_collection_bills_nothing(world: World) -> None:
    subscription = subscribe(world, world.member())
    world.v1.subscriptions.update(subscription.id, {"pause_collection": {"behavior": "void"}})
    world.advance(days=30)
    assert [row.status for row in world.v1.invoices.list().data] == ["void", "paid"]
    world.v1.subscriptions.update(subscription.id, {"pause_collection": ""})
    world.advance(days=31)
    assert world.v1.invoices.list().data[0].status == "paid"


def test_invoices_are_voided_given_up_or_paid_elsewhere(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"}).id
    for act, expected in (("void_invoice", "void"), ("mark_uncollectible", "uncollectible"), ("pay", "paid")):
        subscription = subscribe(world, customer, payment_behavior="default_incomplete")
        params = {"paid_out_of_band": True} if act == "pay" else {}
        getattr(world.v1.invoices, act)(subscription.latest_invoice, params)
        assert world.v1.invoices.retrieve(str(subscription.latest_invoice)).status == expected
    payments = world.v1.invoice_payments.list({"status": "open"}).data
    assert len(payments) == 1
    assert world.entries() == []


@pytest.mark.parametrize("name", ["discounts", "transfer_data", "add_invoice_items"])
def test_what_the_sandbox_leaves_out_it_says(world: World, name: str) -> None:
    values: dict[str, Any] = {
        "discounts": [{"coupon": "half"}],
        "transfer_data": {"destination": "acct_1"},
        "add_invoice_items": [{"price": "price_1"}],
    }
    with pytest.raises(stripe.InvalidRequestError, match="sandbox does not do it"):
        subscribe(world, world.member(), **{name: values[name]})
