from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe

from tests.sandbox.conftest import MONDAY, World, raw
from tests.sandbox.receiver import Receiver
from tourpad.sandbox import WebhookTarget, serve
from tourpad.sandbox.config import WEBHOOK_SECRET


def session(world: World, mode: str = "subscription", **more: Any) -> stripe.checkout.Session:
    params: Any = {
        "mode": mode,
        "success_url": "https://example.com/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.com/back",
        "customer_email": "fan@example.com",
        "client_reference_id": "user-1",
        "metadata": {"role": "fan"},
        **more,
    }
    if mode == "subscription":
        params.setdefault("line_items", [{"price": world.price(), "quantity": 1}])
    elif mode == "payment":
        one = {"currency": "usd", "unit_amount": 1500, "product_data": {"name": "Booking fee"}}
        params.setdefault("line_items", [{"price_data": one, "quantity": 2}])
    return world.v1.checkout.sessions.create(params)


def complete(world: World, opened: stripe.checkout.Session, card: str = "pm_card_visa") -> dict[str, Any]:
    return world.control("POST", f"checkout/{opened.id}/complete", {"payment_method": card})


def test_a_membership_begins_on_the_page(world: World) -> None:
    opened = session(world, subscription_data={"metadata": {"user": "u1"}}, expand=["line_items"])
    assert (opened.status, opened.payment_status, opened.amount_total) == ("open", "unpaid", 1000)
    path = str(opened.url).removeprefix(world.url)
    page = raw(world.url, "GET", path)[1]["text"]
    assert "Subscribe $10.00" in page
    code, answer = raw(world.url, "POST", path, "payment_method=pm_card_visa")
    assert (code, answer["Location"]) == (303, f"https://example.com/done?session={opened.id}")
    done = world.v1.checkout.sessions.retrieve(opened.id, {"expand": ["subscription", "customer"]})
    subscription: Any = done.subscription
    customer: Any = done.customer
    assert (done.status, done.payment_status, done.client_reference_id) == ("complete", "paid", "user-1")
    assert (subscription.status, subscription.metadata["user"], customer.email) == (
        "active",
        "u1",
        "fan@example.com",
    )
    types = world.event_types()
    assert types[-1] == "checkout.session.completed"
    assert "customer.subscription.created" in types
    assert raw(world.url, "GET", path)[1]["Location"].startswith("https://example.com/done")


def test_a_declined_card_leaves_the_page_open(world: World) -> None:
    opened = session(world)
    with pytest.raises(ValueError, match="declined"):
        complete(world, opened, "pm_card_chargeDeclined")
    assert world.v1.checkout.sessions.retrieve(opened.id).status == "open"
    assert world.v1.subscriptions.list({"status": "all"}).data == []
    assert complete(world, opened)["status"] == "complete"


def test_three_d_secure_on_the_page(world: World) -> None:
    for mode in ("subscription", "payment"):
        opened = session(world, mode)
        asked = complete(world, opened, "pm_card_authenticationRequired")
        assert asked["status"] == "open"
        path = asked["authentication_url"].removeprefix(world.url)
        code, answer = raw(world.url, "POST", path, "success=true")
        assert code == 303
        assert f"/checkout/{opened.id}" in answer["Location"]
        assert world.v1.checkout.sessions.retrieve(opened.id).status == "complete"


def test_failing_three_d_secure_can_be_tried_again(world: World) -> None:
    opened = session(world)
    asked = complete(world, opened, "pm_card_authenticationRequired")
    raw(world.url, "POST", asked["authentication_url"].removeprefix(world.url), "success=false")
    assert world.v1.checkout.sessions.retrieve(opened.id).status == "open"
    assert complete(world, opened)["status"] == "complete"
    assert [row.status for row in world.v1.subscriptions.list().data] == ["active"]


def test_a_single_payment(world: World) -> None:
    opened = session(
        world,
        "payment",
        payment_intent_data={"transfer_group": "concert_1", "metadata": {"kind": "booking_fee"}},
    )
    complete(world, opened)
    intent = world.v1.payment_intents.list().data[0]
    assert (intent.amount, intent.transfer_group, intent.metadata["kind"]) == (
        3000,
        "concert_1",
        "booking_fee",
    )
    lines = world.v1.checkout.sessions.line_items.list(opened.id).data
    assert [(row.description, row.quantity, row.amount_total) for row in lines] == [("Booking fee", 2, 3000)]
    with pytest.raises(ValueError, match="complete"):
        complete(world, opened)
    assert len(world.entries()) == 1


def test_keeping_a_card(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"})
    opened = world.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": customer.id,
            "success_url": "https://example.com/done",
            "currency": "usd",
        }
    )
    complete(world, opened)
    assert len(world.v1.payment_methods.list({"customer": customer.id}).data) == 1


def test_a_page_expires_by_itself_or_by_hand(world: World) -> None:
    early, late = session(world, expires_at=world.now() + 1800), session(world)
    world.advance(seconds=1801)
    assert world.v1.checkout.sessions.retrieve(early.id).status == "expired"
    assert world.v1.checkout.sessions.expire(late.id).status == "expired"
    assert world.event_types("checkout.*") == ["checkout.session.expired"] * 2
    with pytest.raises(ValueError, match="expired"):
        complete(world, late)


@pytest.mark.parametrize(
    ("mode", "more", "param"),
    [
        ("subscription", {"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
        ("payment", {"line_items": [{"price": "price_no", "quantity": 1}]}, "line_items[0][price]"),
        ("subscription", {"expires_at": 1}, "expires_at"),
        ("subscription", {"success_url": "nowhere"}, "success_url"),
        (
            "subscription",
            {
                "line_items": [
                    {
                        "price_data": {"currency": "usd", "unit_amount": 5, "product_data": {"name": "x"}},
                        "quantity": 1,
                    }
                ]
            },
            "line_items[0][price]",
        ),
    ],
)
def test_sessions_that_make_no_sense_are_refused(world: World, mode: str, more: dict[str, Any], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        session(world, mode, **more)
    assert refused.value.param == param


def test_the_portal_cancels_and_resumes(world: World) -> None:
    customer = world.member()
    subscription = world.v1.subscriptions.create({"customer": customer, "items": [{"price": world.price()}]})
    portal = world.v1.billing_portal.sessions.create({"customer": customer, "return_url": "https://example.com/me"})
    path = portal.url.removeprefix(world.url)
    for do, ends in (("cancel", True), ("resume", False)):
        assert raw(world.url, "POST", path, f"subscription={subscription.id}&do={do}")[0] == 303
        assert world.v1.subscriptions.retrieve(subscription.id).cancel_at_period_end is ends
    assert "Cancel at the end" in raw(world.url, "GET", path)[1]["text"]
    assert "open invoice" not in raw(world.url, "GET", path)[1]["text"]
    failing = {"subscription": subscription.id, "do": "card", "payment_method": "pm_card_chargeCustomerFail"}
    assert raw(world.url, "POST", path, urlencode(failing))[0] == 303
    world.advance(days=32)
    assert "Pay the open invoice of $" in raw(world.url, "GET", path)[1]["text"]
    assert raw(world.url, "POST", path, "subscription=sub_other&do=cancel")[0] == 404


def test_nothing_runs_out_and_nothing_is_told_by_another_while_a_past_is_made(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Two sandboxes on one home, as `tourpad db seed` makes beside `tourpad dev`."""
    month = 30 * 86_400
    target = WebhookTarget("platform", f"{receiver.url}/platform", WEBHOOK_SECRET)
    with serve(tmp_path, clock=lambda: MONDAY + month, webhook_targets=[target]) as present:
        with serve(tmp_path, clock=lambda: MONDAY, deliver=False, holds=True) as past:
            opened = session(World(past), "payment")
            assert present.engine.run_due() == 0
            assert World(present).v1.checkout.sessions.retrieve(opened.id).status == "open"
            assert complete(World(past), opened)["status"] == "complete"
            late = session(World(past), "payment")
            assert present.flush(0.3) > 0
            assert receiver.received == []
        assert World(present).v1.checkout.sessions.retrieve(late.id).status == "expired"
        assert present.flush() == 0
        assert "checkout.session.completed" in receiver.types()
