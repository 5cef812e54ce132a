"""Secrets are planted wherever somebody could put one; then everything that is said or written is searched for them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk
from litestar import get, post
from litestar.testing import TestClient
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tests.command import Command
from tests.factories.identity import bearer, person
from tourpad.cli import state
from tourpad.cli.errors import report
from tourpad.core.platform import Platform
from tourpad.core.values import replace
from tourpad.core.watch import logs, scrub
from tourpad.core.watch.begin import begin_watching
from tourpad.core.watch.sentry import begin_reporting
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.routes import ROUTES
from tourpad.web.shapes import Input

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

SETTINGS: dict[str, Any] = {
    "secret": ("canary-signing-secret-0123456789abcdef",),
    "stripe_secret_key": "sk_test_canaryStripeKey",
    "stripe_webhook_secret": "whsec_canaryWebhook",
    "stripe_connect_webhook_secret": "whsec_canaryConnect",
    "sendgrid_api_key": "SG.canaryCanary.canarySendgrid",
    "aws_secret_access_key": "canary/aws/secret/access/key",
    "sentry_dsn": "https://canarypublickey@sentry.example/7",
    "redis_url": None,
}
SENT = {
    "password": "canary correct horse battery",
    "email": "canary.person@shows.example",
    "token": "canary-mailed-token-0123456789",
    "code": "canary-totp-code",
    "card": "4242 4242 4242 4242",
    "street": "17 Canary Lane",
}
PLANTED = [
    *(v for value in SETTINGS.values() if value for v in ([value] if isinstance(value, str) else value)),
    *SENT.values(),
    "canarypassword",
    "canary",
    "4242424242424242",
]


class Kept(Transport):
    """What would have gone to Sentry."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.said: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        """Keep one."""
        self.said.append(envelope.serialize().decode())


class Careless(Input):
    """A body of a route that does everything wrong."""

    password: str
    email: str
    token: str
    code: str
    card: str
    street: str


@post("/careless", **needs(PUBLIC))
def careless(platform: Platform, data: Careless) -> None:
    """Fail with all that one holds in the message."""
    local_secret = platform.settings.secret[0]
    logging.getLogger("tourpad.careless").warning("about to fail with %s, %s", data, {"password": data.password})
    raise RuntimeError(
        f"password={data.password!r} token={data.token!r} {data.email} totp: {data.code} card {data.card} "
        f"{platform.settings.stripe_secret_key} {platform.settings.stripe_webhook_secret} {local_secret}"
    )


@get("/careless/row", **needs(PUBLIC))
def careless_row(platform: Platform) -> None:
    """Fail in the database, whose own words would quote the row."""
    with platform.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, email, name) VALUES (gen_random_uuid(), %s, %s)",
            (SENT["email"], SENT["street"]),
        )


@dataclass
class Ears:
    """All that is said."""

    answers: list[str] = field(default_factory=list[str])
    sentry: Kept = field(default_factory=Kept)


@pytest.fixture
def ears(platform: Platform) -> Iterator[Ears]:
    """A house whose settings are canaries, that writes to standard error and reports to a Sentry of this test."""
    heard = Ears()
    platform.settings = replace(platform.settings, **SETTINGS)
    before = logging.getLogger().handlers[:]
    begin_watching(replace(platform.settings, sentry_dsn=None))
    scrub.remember([platform.settings.sentry_dsn])
    assert begin_reporting(platform.settings, transport=heard.sentry)
    yield heard
    sentry_sdk.init()  # nowhere
    logging.getLogger().handlers[:] = before
    scrub._known.clear()


def assert_no_canary(text: str) -> None:
    assert [planted for planted in PLANTED if planted in text] == []


def test_nothing_secret_is_logged_answered_or_reported(
    platform: Platform, ears: Ears, capfd: pytest.CaptureFixture[str]
) -> None:
    from tourpad.web.app import create_app

    with TestClient(create_app(platform, routes=(*ROUTES, careless, careless_row)), raise_server_exceptions=False) as c:
        me = bearer(platform, person(platform))
        calls: list[tuple[str, str, Any]] = [
            ("POST", "/careless", SENT),
            ("GET", "/careless/row", None),
            ("POST", "/api/auth/login", {"email": SENT["email"], "password": SENT["password"]}),
            ("POST", "/api/auth/login", {"email": SENT["email"], "passwort": SENT["password"]}),
            ("POST", "/api/auth/login", {"email": SENT["email"], "password": [SENT["password"]]}),
            ("POST", "/api/auth/password/reset", {"token": SENT["token"], "password": SENT["password"]}),
            ("POST", "/api/auth/verify-email", {"token": SENT["token"]}),
            ("POST", "/api/auth/refresh", {"refreshToken": SENT["token"]}),
            ("POST", "/api/auth/totp/confirm", {"code": SENT["code"]}),
            ("POST", "/api/payments/create-intent", {"type": "booking_fee", "card": SENT["card"]}),
            ("POST", "/api/payments/webhook", {"id": "evt_1", "secret": SENT["token"]}),
            ("GET", f"/api/calendar/{SENT['token']}.ics", None),
            ("GET", f"/api/unsubscribe/{SENT['token']}", None),
        ]
        failed = 0
        for method, path, body in calls:
            for head in (me, {"Authorization": f"Bearer {SENT['token']}"}, {}):
                answer = c.request(method, path, json=body, headers={**head, "Stripe-Signature": "t=1,v1=canary"})
                failed += answer.status_code >= 500
                ears.answers.append(answer.text)
    assert failed == 6  # the two careless ones, thrice each
    written = "".join(capfd.readouterr())
    assert_no_canary("\n".join(ears.answers))
    assert_no_canary(written)
    assert "unexpected error at POST /careless" in written
    assert "RuntimeError" in written
    reported = "\n".join(ears.sentry.said)
    assert_no_canary(reported)
    assert "RuntimeError" in reported
    assert me["Authorization"] not in written + reported + "".join(ears.answers)


def test_an_answer_its_log_lines_and_its_report_have_one_id(
    platform: Platform, ears: Ears, capfd: pytest.CaptureFixture[str]
) -> None:
    from tourpad.web.app import create_app

    with TestClient(create_app(platform, routes=(*ROUTES, careless)), raise_server_exceptions=False) as client:
        answer = client.post("/careless", json=SENT, headers={"X-Request-Id": "from-the-caller-1"})
    assert answer.headers["x-request-id"] == answer.json()["requestId"] == "from-the-caller-1"
    assert "request=from-the-caller-1" in capfd.readouterr().err
    assert "from-the-caller-1" in ears.sentry.said[-1]
    assert logs.request_id.get() is None


def test_where_no_dsn_is_set_nothing_is_reported(settings: "Settings") -> None:
    assert begin_reporting(replace(settings, sentry_dsn=None)) is False


@pytest.mark.parametrize("debug", [(), ("--debug",)])
@pytest.mark.parametrize("arguments", [("users", "list"), ("config", "show"), ("doctor",)])
def test_the_terminal_says_no_secret(cli: Command, debug: tuple[str, ...], arguments: tuple[str, ...]) -> None:
    cli.environment |= {
        "DATABASE_URL": "postgresql://tourpad:canarypassword@127.0.0.1:1/tourpad",
        "STRIPE_SECRET_KEY": SETTINGS["stripe_secret_key"],
        "STRIPE_WEBHOOK_SECRET": SETTINGS["stripe_webhook_secret"],
        "SENDGRID_API_KEY": SETTINGS["sendgrid_api_key"],
        "AWS_SECRET_ACCESS_KEY": SETTINGS["aws_secret_access_key"],
        "TOURPAD_SECRET": SETTINGS["secret"][0],
    }
    said = cli(*debug, *arguments)
    assert_no_canary(said.stdout + said.stderr)
    scrub._known.clear()


@pytest.mark.parametrize("debug", [False, True])
def test_failing_code_says_no_secret_on_the_terminal(
    debug: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "debug", debug)

    def fail() -> None:
        raise RuntimeError(f"Stripe refused {SETTINGS['stripe_secret_key']} of {SENT['email']}, card {SENT['card']}")

    with pytest.raises(RuntimeError) as caught:
        fail()
    assert report(caught.value) == 1
    said = capsys.readouterr().err
    assert_no_canary(said)
    assert "Stripe refused [hidden] of [hidden], card [hidden]" in said
