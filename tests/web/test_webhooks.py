"""Stripe is answered after one insert: whatever else is stuck, locked or away."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.payments import ACTOR, begin, fresh
from tests.web.api import Api, opened
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries
from tourpad.core.payments.models import StripeEvent
from tourpad.core.payments.states import PaymentState
from tourpad.core.settings import SANDBOX_WEBHOOK_SECRET
from tourpad.sandbox.deliver import sign

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox

PATIENCE = 10
"""Seconds; whoever waits for a lock here would wait for ever."""


@pytest.fixture
def api(sandbox: "Sandbox") -> Iterator[Api]:
    """The API on the sandbox's platform."""
    with opened(sandbox.platform) as api:
        yield api


def knock(api: Api, sandbox: "Sandbox", body: bytes) -> Any:
    header = sign(body, SANDBOX_WEBHOOK_SECRET, int(sandbox.clock.now().timestamp()))
    return api.client.post("/api/payments/webhook", content=body, headers={"stripe-signature": header})


def test_the_endpoint_waits_for_nothing_but_its_insert(api: Api, sandbox: "Sandbox") -> None:
    """The payment's row and every stored event are locked, the worker hangs in them, and Stripe is down."""
    payment = begin(sandbox)
    sandbox.pay(payment)
    first, second = sandbox.pending()
    assert knock(api, sandbox, first.body).status_code == 200
    with sandbox.platform.work(ACTOR) as stuck:
        queries.get_payment_for_update(stuck, payment.id)
        queue.claim(stuck, StripeEvent, limit=10)
        for operation in ("GET *", "POST *"):
            sandbox.fault(operation=operation, fault="status", status=500)
        with ThreadPoolExecutor(1) as pool:
            answers = [pool.submit(knock, api, sandbox, body) for body in (second.body, first.body, second.body)]
            assert [answer.result(PATIENCE).json() for answer in answers] == [{"received": True}] * 3
        assert fresh(sandbox.platform, payment.id).state is PaymentState.PENDING

    sandbox.control("faults", method="DELETE")
    sandbox.process()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED


def test_the_same_event_many_times_at_once_is_one_row(api: Api, sandbox: "Sandbox") -> None:
    sandbox.pay(begin(sandbox))
    body = sandbox.pending()[0].body
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: knock(api, sandbox, body), range(24)))

    assert {answer.status_code for answer in answers} == {200}
    with sandbox.platform.work(ACTOR) as work:
        assert queries.events(work)[1] == 1


def test_prometheus_sees_what_waits_and_what_was_given_up(api: Api, sandbox: "Sandbox") -> None:
    def numbers() -> dict[str, float]:
        lines = api.client.get("/metrics").text.splitlines()
        return {
            name: float(value) for name, _, value in (line.partition(" ") for line in lines) if "stripe_events" in name
        }

    for number in range(3):
        body = {"id": f"evt_{number}", "object": "event", "type": "ping", "created": 1, "data": {"object": {}}}
        assert knock(api, sandbox, json.dumps(body).encode()).status_code == 200
    with sandbox.platform.work(ACTOR) as work:
        queries.events(work)[0][0].item_state = ItemState.DEAD
        work.commit()
    sandbox.clock.advance(timedelta(seconds=90))

    assert numbers() == {
        'tourpad_work_items{kind="stripe_events",state="waiting"}': 2,
        'tourpad_work_items{kind="stripe_events",state="working"}': 0,
        'tourpad_work_items{kind="stripe_events",state="dead"}': 1,
        'tourpad_work_items_overdue_seconds{kind="stripe_events"}': 90,
    }
