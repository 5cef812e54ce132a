"""The gateway against a server: dictionaries, sorted errors, kept connections, and how it is opened."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tourpad.core.clock import SystemClock, VirtualClock
from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.stripe import BadSignatureError, StripeDeclined, StripeUncertain, open_stripe
from tourpad.core.gateways.stripe.signature import verify
from tourpad.core.settings import Env, Settings, load_settings
from tourpad.core.values import replace
from tourpad.sandbox.deliver import sign

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.gateways.stripe.client import StripeApi

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
INTENT: dict[str, Any] = {
    "amount": 1500,
    "currency": "usd",
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
}


def test_objects_are_plain_dictionaries_with_what_was_expanded(sandbox: "Sandbox") -> None:
    intent = sandbox.stripe.create_payment_intent(INTENT, key="a")
    sandbox.stripe.confirm_payment_intent(intent["id"], {"payment_method": "pm_card_visa"}, key="b")

    found = sandbox.stripe.get_payment_intent(intent["id"], expand=["latest_charge.balance_transaction"])

    assert isinstance(found, dict)
    assert found.get("nothing") is None
    assert found["latest_charge"]["balance_transaction"]["net"] == 1426


def test_the_same_key_is_the_same_object(sandbox: "Sandbox") -> None:
    first = sandbox.stripe.create_payment_intent(INTENT, key="a")

    assert sandbox.stripe.create_payment_intent(INTENT, key="a")["id"] == first["id"]
    assert sandbox.stripe.create_payment_intent(INTENT, key="b")["id"] != first["id"]


def test_a_definitive_no_says_why(sandbox: "Sandbox") -> None:
    intent = sandbox.stripe.create_payment_intent(INTENT, key="a")

    with pytest.raises(StripeDeclined) as declined:
        sandbox.stripe.confirm_payment_intent(
            intent["id"], {"payment_method": "pm_card_chargeDeclinedInsufficientFunds"}, key="b"
        )
    with pytest.raises(StripeDeclined) as missing:
        sandbox.stripe.get_charge("ch_nowhere/../../v1/balance")

    error = declined.value
    assert (error.code, error.decline_code, error.status, error.is_missing) == (
        "card_declined",
        "insufficient_funds",
        402,
        False,
    )
    assert error.message == "Your card has insufficient funds."
    assert error.request_id is not None
    assert (missing.value.is_missing, missing.value.status) == (True, 404)


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_what_may_or_may_not_have_been_done_is_uncertain(sandbox: "Sandbox", status: int) -> None:
    sandbox.fault(operation="POST /v1/payment_intents", fault="status", status=status, times=3)

    with pytest.raises(StripeUncertain) as uncertain:
        sandbox.stripe.create_payment_intent(INTENT, key="a")

    assert uncertain.value.status == status


def test_a_key_used_for_something_else_is_uncertain(sandbox: "Sandbox") -> None:
    """Something was done under it: to call it refused, and try another key, could do it twice."""
    sandbox.stripe.create_payment_intent(INTENT, key="a")

    with pytest.raises(StripeUncertain, match="can only be used with the same parameters"):
        sandbox.stripe.create_payment_intent({**INTENT, "amount": 1600}, key="a")


def test_a_bad_key_is_no_refusal_of_the_call(sandbox: "Sandbox") -> None:
    from tourpad.core.gateways.stripe.client import StripeApi

    stranger = StripeApi("sk_live_x", base_url=sandbox.running.url)

    with pytest.raises(StripeUncertain, match="Invalid API Key"):
        stranger.create_payment_intent(INTENT, key="a")
    stranger.close()


def test_a_reply_that_is_lost_is_asked_for_again_with_the_same_key(sandbox: "Sandbox") -> None:
    sandbox.fault(operation="POST /v1/payment_intents", fault="drop_reply", times=1)

    made = sandbox.stripe.create_payment_intent(INTENT, key="a")

    assert [intent["id"] for intent in sandbox.state()["payment_intent"]] == [made["id"]]


def test_lists_page_by_themselves(sandbox: "Sandbox") -> None:
    for number in range(5):
        sandbox.stripe.create_customer({"name": f"customer {number}"}, key=str(number))

    events = list(sandbox.stripe.list_events(limit=2))

    assert len(events) == 5
    assert len({event["id"] for event in events}) == 5
    assert list(sandbox.stripe.list_events(created={"gte": int(NOW.timestamp()) + 1})) == []


def test_threads_share_a_gateway(sandbox: "Sandbox") -> None:
    made: list[str] = []

    def run(number: int) -> None:
        made.extend(sandbox.stripe.create_customer({}, key=f"{number}-{i}")["id"] for i in range(10))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 60


class Server(ThreadingHTTPServer):
    """Counts connections, and hangs up after each answer without saying so, where it is told to."""

    daemon_threads = True

    def __init__(self, *, hangs_up: bool) -> None:
        self.connections = 0
        self.hangs_up = hangs_up
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = b'{"object": "balance"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.server.hangs_up  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Keep quiet."""


@pytest.fixture(params=[False, True], ids=["keeps", "hangs up"])
def listener(request: pytest.FixtureRequest) -> Iterator[Server]:
    running = Server(hangs_up=request.param)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def test_connections_are_kept_and_opened_again_when_the_server_closed_them(listener: Server) -> None:
    from tourpad.core.gateways.stripe.client import StripeApi

    stripe = StripeApi("sk_test_x", base_url=f"http://127.0.0.1:{listener.server_address[1]}")

    for _ in range(5):
        assert stripe.get_balance() == {"object": "balance"}
    stripe.close()

    assert listener.connections == (5 if listener.hangs_up else 1)


def test_nobody_there_is_uncertain() -> None:
    from tourpad.core.gateways.stripe.client import StripeApi

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stripe = StripeApi("sk_test_x", base_url=f"http://127.0.0.1:{port}")

    with pytest.raises(StripeUncertain, match="did not answer"):
        stripe.get_balance()
    stripe.close()


# Opening.


def settings_of(tmp_path: Path, **variables: str) -> Settings:
    return load_settings(
        environ={"TOURPAD_ENV": "test", "TOURPAD_HOME": str(tmp_path / "home"), **variables}, folder=tmp_path
    )


def opened(settings: Settings, clock: Any = None) -> "StripeApi":
    from tourpad.core.gateways.stripe.client import StripeApi

    gateway = open_stripe(settings, clock or SystemClock())
    assert isinstance(gateway, StripeApi)
    return gateway


def test_without_a_key_the_sandbox_runs_in_this_process_on_our_clock(tmp_path: Path) -> None:
    settings, clock = settings_of(tmp_path, TOURPAD_BASE_URL="http://127.0.0.1:9"), VirtualClock(NOW)
    first, second = opened(settings, clock), opened(settings, clock)

    assert first.is_sandbox
    assert first.base_url == second.base_url
    assert first.create_customer({}, key="a")["created"] == int(NOW.timestamp())
    clock.advance(timedelta(days=3))
    assert second.create_customer({}, key="b")["created"] == int((NOW + timedelta(days=3)).timestamp())

    first.close()
    assert second.get_balance()["object"] == "balance"
    second.close()
    second.close()
    third = opened(settings, clock)
    assert len(list(third.list_events())) == 2
    third.close()


def test_a_server_can_be_named_and_a_key_given(tmp_path: Path) -> None:
    named = opened(settings_of(tmp_path, STRIPE_API_BASE="http://127.0.0.1:1"))
    real = opened(settings_of(tmp_path, STRIPE_SECRET_KEY="sk_test_real"))

    assert (named.base_url, named.is_sandbox) == ("http://127.0.0.1:1", True)
    assert (real.base_url, real.is_sandbox) == ("https://api.stripe.com", False)


def test_outside_of_development_there_is_no_sandbox(tmp_path: Path) -> None:
    staging = replace(settings_of(tmp_path), env=Env.STAGING)

    with pytest.raises(ConfigurationError, match="STRIPE_SECRET_KEY is not set"):
        open_stripe(staging, SystemClock())


def test_a_home_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("a file")

    with pytest.raises(ConfigurationError, match="did not start"):
        open_stripe(replace(settings_of(tmp_path, TOURPAD_SECRET="x" * 40), home=home), SystemClock())


# Signatures: https://docs.stripe.com/webhooks#verify-manually

BODY = b'{"id": "evt_1", "object": "event", "type": "charge.updated"}'


def test_a_signature_of_several_is_enough() -> None:
    """While a secret is rolled, Stripe signs with both."""
    stamp = int(NOW.timestamp())
    old, new = sign(BODY, "whsec_old", stamp), sign(BODY, "whsec_new", stamp)

    event = verify(BODY, f"{old},{new.partition(',')[2]},v0=whatever", "whsec_new", NOW)

    assert event["id"] == "evt_1"


@pytest.mark.parametrize("header", ["", "t=1", "v1=abc", "t=x,v1=abc", "t=1,v1=", "t=99999999999999,v1=a", "nonsense"])
def test_what_is_no_signature_is_refused(header: str) -> None:
    with pytest.raises(BadSignatureError):
        verify(BODY, header, "whsec_new", NOW)
