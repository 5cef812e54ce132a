import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe

from tests.sandbox.document import Document
from tests.sandbox.receiver import Receiver
from tourpad.sandbox import RunningSandbox, WebhookTarget, serve
from tourpad.sandbox.config import CONNECT_WEBHOOK_SECRET, SECRET_KEY, WEBHOOK_SECRET

Obj = dict[str, Any]
MONDAY = 1_780_315_200  # 2026-06-01T12:00:00Z


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Path]:
    """Where every exchange of the run is recorded; at the end each is held against Stripe's document."""
    path = tmp_path_factory.mktemp("stripe") / "exchanges.jsonl"
    path.touch()
    yield path
    wanted: str | None = pytestconfig.getoption("--stripe-record")
    if wanted is not None:
        with Path(wanted).open("ab", buffering=0) as together:
            together.write(path.read_bytes())
    document = Document()
    faults = [fault for line in path.read_text().splitlines() for fault in document.check(json.loads(line))]
    assert sorted(set(faults)) == []


class World:
    """A sandbox with the SDK's client, and its own endpoints."""

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.sandbox = sandbox
        self.url = sandbox.url
        self.stripe = client(sandbox.url)
        self.v1 = self.stripe.v1
        self.v2 = self.stripe.v2

    def control(self, method: str, path: str, body: Any = None) -> Obj:
        """Call `/_sandbox/…`; a refusal raises ValueError with its message."""
        status, answer = raw(self.url, method, f"/_sandbox/{path}", None if body is None else json.dumps(body))
        if status >= 400:
            raise ValueError(answer["error"]["message"])
        return answer

    def now(self) -> int:
        return self.control("GET", "clock")["now"]

    def advance(self, *, days: float = 0, seconds: int = 0) -> Obj:
        return self.control("POST", "clock", {"advance_seconds": int(days * 86_400) + seconds})

    def pay(self, amount: int = 5000, card: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
        """A confirmed payment intent, off session."""
        params: Any = {
            "amount": amount,
            "currency": "usd",
            "payment_method": card,
            "confirm": True,
            "off_session": True,
            **more,
        }
        return self.v1.payment_intents.create(params)

    def payee(self, *, onboarded: bool = True) -> str:
        """A connected account that can (or can't yet) receive."""
        params: Any = {
            "contact_email": "payee@example.com",
            "display_name": "Ada Payee",
            "identity": {"country": "us", "entity_type": "individual"},
            "dashboard": "express",
            "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        }
        account = self.v2.core.accounts.create(params)
        if onboarded:
            self.control("POST", f"accounts/{account.id}/onboard", {})
        return account.id

    def events(self, pattern: str = "*") -> list[Obj]:
        """Events, oldest first."""
        found = self.v1.events.list({"limit": 100, "type": pattern} if pattern != "*" else {"limit": 100})
        return [event.to_dict() for event in reversed(list(found.auto_paging_iter()))]

    def event_types(self, pattern: str = "*") -> list[str]:
        return [event["type"] for event in self.events(pattern)]

    def price(self, amount: int = 1000, interval: str = "month", **more: Any) -> str:
        params: Any = {
            "currency": "usd",
            "unit_amount": amount,
            "product_data": {"name": "Membership"},
            "recurring": {"interval": interval},
            **more,
        }
        return self.v1.prices.create(params).id

    def member(self, card: str = "pm_card_visa", **more: Any) -> str:
        """A customer with a default card."""
        params: Any = {"email": "fan@example.com", **more}
        customer = self.v1.customers.create(params)
        method = self.v1.payment_methods.attach(card, {"customer": customer.id})
        self.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": method.id}})
        return customer.id

    def balance(self) -> tuple[int, int]:
        """(available, pending) in cents."""
        found = self.v1.balance.retrieve()
        return found.available[0].amount, found.pending[0].amount

    def entries(self) -> list[Obj]:
        """All balance transactions, oldest first."""
        rows = self.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
        return [row.to_dict() for row in reversed(list(rows))]


def client(url: str, key: str = SECRET_KEY) -> stripe.StripeClient:
    return stripe.StripeClient(key, base_addresses={"api": url, "files": url}, max_network_retries=0)


def raw(url: str, method: str, path: str, body: str | None = None, headers: Obj | None = None) -> tuple[int, Obj]:
    """One request without the SDK."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else {
        "text": text.decode(),
        **dict(answer.headers),
    }


Start = Callable[..., World]


@pytest.fixture
def start(tmp_path: Path, recordings: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts sandboxes (by default on one home) that stop after the test."""
    record = None if request.node.get_closest_marker("stripe_unrecorded") else recordings
    running: list[RunningSandbox] = []

    def begin(home: Path | None = None, **settings: Any) -> World:
        settings.setdefault("clock", lambda: MONDAY)
        settings.setdefault("record", record)
        sandbox = serve(home or tmp_path / "home", **settings)
        running.append(sandbox)
        return World(sandbox)

    yield begin
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def world(start: Start) -> World:
    return start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def hooked(start: Start, receiver: Receiver) -> World:
    """A sandbox that tells the receiver, on one path for the platform and one for connected accounts."""
    return start(
        webhook_targets=[
            WebhookTarget("platform", f"{receiver.url}/platform", WEBHOOK_SECRET),
            WebhookTarget("connect", f"{receiver.url}/connect", CONNECT_WEBHOOK_SECRET, connect=True),
        ]
    )
