from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Start, World, raw


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


def test_a_preview_shows_to_the_cent_what_the_change_then_bills(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    item = subscription["items"].data[0]
    yearly = world.price(10_000, "year")
    world.advance(days=10)
    at = world.now()
    entry = {"id": item.id, "price": yearly}
    before = world.control("GET", "state")["objects"]
    details: Any = {"items": [entry], "proration_behavior": "always_invoice", "proration_date": at}
    shown = world.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    after = world.control("GET", "state")["objects"]
    assert {kind: len(rows) for kind, rows in before.items()} == {kind: len(rows) for kind, rows in after.items()}
    assert world.v1.subscriptions.retrieve(subscription.id).latest_invoice == subscription.latest_invoice
    assert (shown.id.startswith("upcoming_in_"), shown.billing_reason, shown.status) == (True, "upcoming", "draft")
    assert [row.amount for row in shown.lines.data] == [-667, 10_000]
    world.advance(seconds=600)  # they think about it; the quote holds
    change: Any = {**details, "payment_behavior": "error_if_incomplete"}
    changed = world.v1.subscriptions.update(subscription.id, change)
    billed = world.v1.invoices.retrieve(str(changed.latest_invoice))
    assert (billed.amount_paid, billed.total) == (shown.amount_due, shown.total) == (9333, 9333)
    period = changed["items"].data[0]
    assert (period.current_period_start, day(period.current_period_end)) == (at + 600, "06-11")
    anew: Any = {**details, "proration_date": world.now()}
    again = world.v1.subscriptions.update(subscription.id, anew)
    assert again.latest_invoice == changed.latest_invoice  # nothing differs: nothing is billed


def test_a_preview_of_no_change_is_the_next_invoice_and_of_an_ending_one_none(world: World) -> None:
    subscription = subscribe(world, world.member())
    shown = world.v1.invoices.create_preview({"subscription": subscription.id})
    assert (shown.amount_due, day(shown.period_end)) == (1000, "08-01")
    details: Any = {"cancel_at_period_end": True}
    with pytest.raises(stripe.InvalidRequestError, match="No upcoming invoices"):
        world.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": details})
    outside: Any = {"items": [{"id": subscription["items"].data[0].id, "price": world.price(5000)}],
                    "proration_behavior": "always_invoice", "proration_date": world.now() - 1}  # fmt: skip
    with pytest.raises(stripe.InvalidRequestError, match="current billing period"):
        world.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": outside})


@pytest.mark.parametrize(
    ("behavior", "status_after", "billed"),
    [
        ("allow_incomplete", "past_due", 3000),
        ("default_incomplete", "past_due", 3000),
        ("error_if_incomplete", "active", 1000),
    ],
)
def test_an_upgrade_that_the_card_does_not_pay(world: World, behavior: str, status_after: str, billed: int) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    failing = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": failing.id}})
    change: Any = {
        "items": [{"id": subscription["items"].data[0].id, "price": world.price(3000)}],
        "proration_behavior": "always_invoice",
        "payment_behavior": behavior,
    }
    if behavior == "error_if_incomplete":
        with pytest.raises(stripe.CardError):
            world.v1.subscriptions.update(subscription.id, change)
        assert len(world.v1.invoices.list().data) == 1
    else:
        world.v1.subscriptions.update(subscription.id, change)
    found = world.v1.subscriptions.retrieve(subscription.id)
    assert (found.status, found["items"].data[0].price.unit_amount) == (status_after, billed)


def test_credit_is_given_listed_and_used_up(world: World) -> None:
    customer = world.member()
    subscribe(world, customer)
    given = world.v1.customers.balance_transactions.create(
        customer, {"amount": -1200, "currency": "usd", "description": "a gift", "metadata": {"gift_id": "1"}}
    )
    assert (given.type, given.ending_balance) == ("adjustment", -1200)
    world.advance(days=61)
    rows = world.v1.customers.balance_transactions.list(customer).data
    assert [(row.amount, row.type, row.ending_balance) for row in rows] == [
        (200, "applied_to_invoice", 0),
        (1000, "applied_to_invoice", -200),
        (-1200, "adjustment", -1200),
    ]
    assert [row.amount_paid for row in world.v1.invoices.list().data] == [800, 0, 1000]


def test_a_portal_s_configuration_says_what_members_may_do(world: World) -> None:
    made = world.v1.billing_portal.configurations.create(
        {
            "features": {
                "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
                "payment_method_update": {"enabled": True},
            },
            "metadata": {"kind": "membership"},
        }
    )
    assert (made.features.subscription_cancel.enabled, made.features.subscription_update.enabled) == (True, False)
    changed = world.v1.billing_portal.configurations.update(
        made.id, {"features": {"invoice_history": {"enabled": True}}}
    )
    assert changed.features.invoice_history.enabled
    assert [row.id for row in world.v1.billing_portal.configurations.list({"active": True}).data] == [made.id]
    opened = world.v1.billing_portal.sessions.create({"customer": world.member(), "configuration": made.id})
    assert opened.configuration == made.id


def test_a_late_invoice_is_paid_on_its_page_and_the_card_changed_in_the_portal(world: World) -> None:
    customer = world.member()
    subscription = subscribe(world, customer)
    failing = world.v1.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})
    world.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": failing.id}})
    world.advance(days=30)
    invoice = world.v1.invoices.list({"status": "open"}).data[0]
    assert "Pay $10.00" in raw(world.url, "GET", f"/invoices/{invoice.id}")[1]["text"]
    raw(world.url, "POST", f"/invoices/{invoice.id}", "payment_method=pm_card_chargeDeclined")
    assert status(world, subscription) == "past_due"
    assert raw(world.url, "POST", f"/invoices/{invoice.id}", "payment_method=pm_card_visa")[0] == 303
    assert status(world, subscription) == "active"
    portal = world.v1.billing_portal.sessions.create({"customer": customer}).url.removeprefix(world.url)
    form = f"subscription={subscription.id}&do=card&payment_method=pm_card_mastercard"
    assert raw(world.url, "POST", portal, form)[0] == 303
    world.advance(days=31)
    assert [row.status for row in world.v1.invoices.list().data] == ["paid", "paid", "paid"]
