"""A Stripe for tests: the sandbox in this process, on the test's clock, whose events come in without an HTTP server."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests import plain_http
from tourpad.core.actors import STRIPE

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.gateways.stripe import StripeGateway
    from tourpad.core.payments.models import Payment
    from tourpad.core.platform import Platform
    from tourpad.sandbox import RunningSandbox
    from tourpad.sandbox.deliver import Delivery

Obj = dict[str, Any]


class Sandbox:
    """The running sandbox, a platform that uses it, and ways to let time pass and news arrive."""

    def __init__(self, running: "RunningSandbox", platform: "Platform", clock: "VirtualClock") -> None:
        self.running = running
        self.platform = platform
        self.clock = clock

    @property
    def stripe(self) -> "StripeGateway":
        """The gateway to it."""
        return self.platform.stripe

    def control(self, path: str, body: Any = None, *, method: str = "POST") -> Obj:
        """Call one of its own endpoints (`/_sandbox/…`)."""
        given = None if method == "GET" else body or {}
        answer = plain_http.request(method, f"{self.running.url}/_sandbox/{path}", json=given, timeout=20)
        if answer.is_error:
            raise ValueError(answer.json()["error"]["message"])
        return answer.json()

    def fault(self, **rule: Any) -> None:
        """Let something go wrong, as `/_sandbox/faults` takes it."""
        self.control("faults", rule)

    def pay(self, payment: "Payment", card: str = "pm_card_visa") -> Obj:
        """Confirm a payment's intent as its payer would; raises StripeDeclined where the card declines."""
        intent_id = payment.stripe_payment_intent_id or ""
        tries = sum(1 for _ in self.stripe.list_events(type="payment_intent.payment_failed"))
        return self.stripe.confirm_payment_intent(
            intent_id, {"payment_method": card}, key=f"pay-{intent_id}-{card}-{tries}"
        )

    def pending(self) -> "list[Delivery]":
        """Webhooks that wait to be delivered, in order; they count as taken."""
        from tourpad.sandbox.events import LANES

        found: list[Delivery] = []
        for lane in range(LANES):
            while batch := self.running.courier._claim(lane):
                found += batch
        return sorted(found, key=lambda delivery: delivery.seq)

    def receive(self, deliveries: "list[Delivery] | None" = None) -> int:
        """Put waiting webhooks (or the ones given, in their order) into the inbox as the endpoints would."""
        from tourpad.core.payments import service
        from tourpad.sandbox.deliver import sign

        taken = self.pending() if deliveries is None else deliveries
        now = self.clock.now()
        for delivery in taken:
            header = sign(delivery.body, delivery.secret, int(now.timestamp()))
            event = self.stripe.verify_webhook(delivery.body, header, delivery.secret, now)
            endpoint = service.CONNECT if delivery.url.endswith("/connect") else service.PLATFORM
            with self.platform.work(STRIPE) as work:
                service.store_event(work, event, endpoint=endpoint)
                work.commit()
        self.running.courier._settle([delivery.seq for delivery in taken], [])
        return len(taken)

    def process(self, *, rounds: int = 20) -> dict[str, int]:
        """Let the worker run until nothing is due; answers its counts."""
        from tourpad.core.payments.procedures import process_events

        total: dict[str, int] = {}
        for _ in range(rounds):
            counts = process_events(self.platform, STRIPE)
            for name, count in counts.items():
                total[name] = total.get(name, 0) + count
            if not any(counts.values()):
                break
        return total

    def news(self) -> dict[str, int]:
        """All that Stripe has to tell arrives and is processed, with what it causes."""
        total: dict[str, int] = {}
        self.running.engine.run_due()
        while self.receive():
            for name, count in self.process().items():
                total[name] = total.get(name, 0) + count
        return total

    def advance(self, by: timedelta) -> None:
        """Let time pass, here and there."""
        self.clock.advance(by)
        self.running.engine.run_due()

    def state(self) -> Obj:
        """All of its objects by type."""
        return self.control("state", method="GET")["objects"]


@pytest.fixture
def sandbox(platform: "Platform", clock: "VirtualClock", tmp_path: Path) -> "Iterator[Sandbox]":
    """The Stripe sandbox of this test alone; `platform` uses it, too."""
    from tourpad.core.gateways.stripe.client import StripeApi
    from tourpad.core.gateways.stripe.local import webhook_targets
    from tourpad.sandbox import serve

    running = serve(
        tmp_path / "stripe",
        clock=lambda: clock.now().timestamp(),
        webhook_targets=webhook_targets(platform.settings),
        record=platform.settings.stripe_record,
        deliver=False,
    )
    platform._stripe = StripeApi(running.secret_key, base_url=running.url, is_sandbox=True)
    yield Sandbox(running, platform, clock)
    running.stop()
