"""A browser, a front end and a provider that runs on this machine, for tests of signing in with one."""

import base64
import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.apps import client_of
from tests.conftest import START as START_TIME
from tests.oidc_provider import CLIENT_ID, OidcProvider, running

if TYPE_CHECKING:
    from litestar.testing import TestClient

    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

VERIFIER = "what only the front end knows, and shows at the end"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
FRONT_END = "https://app.shows.test"
START = "/api/auth/oauth/club/start"


@pytest.fixture(scope="module")
def running_provider() -> Iterator[OidcProvider]:
    from tourpad.core.clock import SystemClock

    with running(SystemClock()) as provider:
        yield provider


@pytest.fixture
def provider(running_provider: OidcProvider, clock: "VirtualClock") -> OidcProvider:
    running_provider.hand.reset(clock)
    return running_provider


@pytest.fixture(scope="module")
def clock() -> "VirtualClock":
    """One for all: each test has people of its own."""
    from tourpad.core.clock import VirtualClock

    return VirtualClock(START_TIME)


@pytest.fixture(scope="module")
def variables(running_provider: OidcProvider, server: "TestServer", tmp_path_factory: Any) -> Iterator[dict[str, str]]:
    database = server.clone()
    yield {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(tmp_path_factory.mktemp("home")),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "TOURPAD_PASSWORD_MEMORY_KIB": "64",
        "DATABASE_URL": database,
        "TOURPAD_OIDC_PROVIDERS": "club,other",
        "TOURPAD_OIDC_CLUB_ISSUER": running_provider.issuer,
        "TOURPAD_OIDC_CLUB_CLIENT_ID": CLIENT_ID,
        "TOURPAD_OIDC_CLUB_CLIENT_SECRET": "a secret: with signs & blanks",
        "TOURPAD_OIDC_OTHER_ISSUER": running_provider.issuer.replace("localhost", "127.0.0.1"),
        "TOURPAD_OIDC_OTHER_CLIENT_ID": CLIENT_ID,
        "TOURPAD_CORS_ORIGINS": FRONT_END,
    }
    server.drop(database)


@pytest.fixture(scope="module")
def opened(variables: dict[str, str], clock: "VirtualClock") -> "Iterator[tuple[Platform, TestClient[Any]]]":
    """The API and its platform, once: no test here needs an empty database."""
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    platform = Platform.open(load_settings(environ=variables), clock=clock)
    with client_of(platform) as client:
        yield platform, client
    platform.close()


@pytest.fixture
def platform(opened: "tuple[Platform, TestClient[Any]]", provider: OidcProvider) -> "Platform":
    """The shared one, which has learned nothing yet of its providers."""
    opened[0].__dict__.pop("providers", None)
    return opened[0]


@pytest.fixture
def client(opened: "tuple[Platform, TestClient[Any]]", platform: "Platform") -> "TestClient[Any]":
    return opened[1]


class Browser:
    """A browser with its own cookies, and a person in front of it."""

    def __init__(self, client: "TestClient[Any]", provider: OidcProvider) -> None:
        self.client, self.provider = client, provider
        self.client.cookies.clear()

    def start(self, **query: str) -> httpx.Response:
        return self.client.get(f"{START}?{urlencode(query)}", follow_redirects=False)

    def go(self, subject: str, **query: str) -> str:
        """Begin, and sign in there. Answers where that leads."""
        return self.provider.sign_in(self.start(**query).headers["location"], subject)

    def back(self, where: str) -> httpx.Response:
        return self.client.get(where, follow_redirects=False)

    def sign_in(self, subject: str, **query: str) -> httpx.Response:
        return self.back(self.go(subject, **query))

    def ticket(self, subject: str, **query: str) -> str:
        query = {"returnTo": f"{FRONT_END}/in", "challenge": CHALLENGE, **query}
        there = urlsplit(self.sign_in(subject, **query).headers["location"])
        assert f"{there.scheme}://{there.netloc}{there.path}" == f"{FRONT_END}/in"
        return parse_qs(there.fragment)["ticket"][0]


@pytest.fixture
def browser(client: "TestClient[Any]", provider: OidcProvider) -> Browser:
    return Browser(client, provider)


def me(client: "TestClient[Any]", answer: httpx.Response) -> dict[str, Any]:
    token = answer.json()["accessToken"]
    return client.get("/api/users/me", headers={"Authorization": f"Bearer {token}"}).json()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
