import time
from pathlib import Path

import pytest
import stripe

from tests.sandbox.conftest import MONDAY, Start, World
from tests.sandbox.receiver import Receiver
from tourpad.sandbox import WebhookTarget, serve
from tourpad.sandbox.config import CONNECT_WEBHOOK_SECRET, WEBHOOK_SECRET


def flush(world: World) -> None:
    assert world.sandbox.flush(20) == 0


def test_events_arrive_signed_and_in_order(hooked: World, receiver: Receiver) -> None:
    customer = hooked.v1.customers.create({"email": "fan@example.com"})
    hooked.pay(customer=customer.id)
    flush(hooked)
    assert receiver.types() == [
        "customer.created",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]
    assert receiver.types("/connect") == []
    for item in receiver.received:
        assert item.signature.startswith(f"t={MONDAY},v1=")
        stripe.WebhookSignature.verify_header(item.body.decode(), item.signature, WEBHOOK_SECRET)
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.WebhookSignature.verify_header(item.body.decode(), item.signature, "whsec_other")
    assert hooked.events()[-1]["pending_webhooks"] == 0


def test_what_happens_on_accounts_goes_to_the_connect_endpoint(hooked: World, receiver: Receiver) -> None:
    payee = hooked.payee()
    hooked.pay(5000, "pm_card_bypassPending")
    hooked.v1.transfers.create({"amount": 900, "currency": "usd", "destination": payee})
    payout = hooked.v1.payouts.create({"amount": 500, "currency": "usd"}, options={"stripe_account": payee})
    hooked.control("POST", f"payouts/{payout.id}/resolve", {"outcome": "failed"})
    flush(hooked)
    thin = [item for item in receiver.received if item.event["object"] == "v2.core.event"]
    assert [item.event["type"] for item in thin] == [
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ]
    assert thin[0].event["related_object"]["id"] == payee
    told = hooked.v2.core.events.retrieve(thin[2].event["id"])
    assert told.type == thin[2].event["type"]
    stripe.WebhookSignature.verify_header(thin[0].body.decode(), thin[0].signature, CONNECT_WEBHOOK_SECRET)
    ours = [item.event for item in receiver.received if item.event["type"].startswith("payout.")]
    assert [(event["type"], event["account"]) for event in ours] == [
        ("payout.created", payee),
        ("payout.failed", payee),
    ]


def test_nothing_is_lost_while_the_target_is_away(start: Start) -> None:
    gone = Receiver()
    port = gone.port
    gone.stop()
    world = start(webhook_targets=[WebhookTarget("platform", f"http://127.0.0.1:{port}/platform", WEBHOOK_SECRET)])
    world.pay()
    time.sleep(0.1)
    assert world.control("GET", "deliveries?pending=1")["pending"] == 4
    world.sandbox.stop()
    back = Receiver(port)
    later = start(webhook_targets=[WebhookTarget("platform", back.url + "/platform", WEBHOOK_SECRET)])
    flush(later)
    assert sorted(back.types()) == sorted(later.event_types())
    back.stop()


def test_a_command_beside_a_running_house_does_not_send_its_news_elsewhere(tmp_path: Path, receiver: Receiver) -> None:
    """`tourpad dev` on a port of its own, and a command that knows only the usual one, where nobody listens."""
    here = WebhookTarget("platform", f"{receiver.url}/platform", WEBHOOK_SECRET)
    usual = WebhookTarget("platform", "http://127.0.0.1:9/platform", WEBHOOK_SECRET)
    with serve(tmp_path, webhook_targets=[here]) as house:
        with serve(tmp_path, webhook_targets=[usual], deliver=False) as command:
            World(command).pay()
        assert house.flush() == 0
        assert "payment_intent.succeeded" in receiver.types()


def test_an_unhappy_answer_is_tried_again(hooked: World, receiver: Receiver) -> None:
    receiver.statuses = [500, 503]
    hooked.v1.customers.create({"email": "fan@example.com"})
    flush(hooked)
    assert receiver.types() == ["customer.created"] * 3


def test_an_endpoint_registered_by_the_api_hears_what_it_asked_for(world: World, receiver: Receiver) -> None:
    endpoint = world.v1.webhook_endpoints.create(
        {"url": f"{receiver.url}/mine", "enabled_events": ["charge.succeeded", "charge.dispute.created"]}
    )
    assert endpoint.secret is not None
    assert endpoint.secret.startswith("whsec_")
    world.pay(card="pm_card_createDispute")
    flush(world)
    assert sorted(receiver.types("/mine")) == ["charge.dispute.created", "charge.succeeded"]
    world.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
    world.pay()
    flush(world)
    assert len(receiver.received) == 2
    world.v1.webhook_endpoints.delete(endpoint.id)
    assert world.v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize(("fault", "times"), [("duplicate", 2), ("drop", 0)])
def test_events_twice_or_never(hooked: World, receiver: Receiver, fault: str, times: int) -> None:
    hooked.control("POST", "faults", {"events": "charge.*", "fault": fault, "times": 1})
    hooked.pay()
    flush(hooked)
    assert receiver.types().count("charge.succeeded") == times
    assert receiver.types().count("charge.updated") == 1


def test_an_event_comes_late(hooked: World, receiver: Receiver) -> None:
    hooked.control("POST", "faults", {"events": "charge.succeeded", "fault": "late", "seconds": 600})
    hooked.pay()
    end = time.monotonic() + 10
    while len(receiver.received) < 3 and time.monotonic() < end:
        time.sleep(0.01)
    assert "charge.succeeded" not in receiver.types()
    flush(hooked)
    assert receiver.types()[-1] == "charge.succeeded"
