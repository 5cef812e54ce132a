"""The demo's hands: one for the platform's API, one for what a browser does at Stripe."""

import re
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from tourpad.core.clock import Clock
from tourpad.core.errors import TourPadError
from tourpad.demo.people import PASSWORD, Character

SANDBOX_KEY = "sk_test_tourpad_sandbox"

_EARLY = timedelta(minutes=1)


class UnexpectedAnswerError(TourPadError):
    """The platform or its Stripe answered something that the story does not allow."""

    code = "unexpected_answer"


@cache
def _tls() -> ssl.SSLContext:
    """Made once: reading all certificates takes longer than a request."""
    return ssl.create_default_context()


class Lines:
    """Connections to one server, each in the hands of one thread at a time.

    A client of httpx that threads share may close a connection on which another thread is just asking: looking whether
    an idle one still lives is not one step with taking it ("ReadError: Bad file descriptor").
    """

    def __init__(self, base: str) -> None:
        self._base = base
        self._idle: list[httpx.Client] = []

    @contextmanager
    def one(self) -> Generator[httpx.Client]:
        """A line for the calling thread, kept alive for the next."""
        try:
            line = self._idle.pop()
        except IndexError:
            limits = httpx.Limits(max_connections=1, keepalive_expiry=60)
            line = httpx.Client(base_url=self._base, timeout=60, limits=limits, trust_env=False, verify=_tls())
        try:
            yield line
        finally:
            self._idle.append(line)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request on any line."""
        with self.one() as line:
            return line.request(method, path, **more)

    def close(self) -> None:
        """Give back the connections."""
        while self._idle:
            self._idle.pop().close()


class Api:
    """The platform's HTTP API, as anybody in the story uses it. Threads may share it."""

    def __init__(self, base: str, clock: Clock) -> None:
        self._http = Lines(base)
        self._clock = clock

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def call(self, who: Character | None, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request, by somebody or nobody.

        Raises:
            UnexpectedAnswerError: for any answer but 2xx, with the problem's own words.
        """
        response = self._send(who, method, path, body, query)
        if response.status_code >= 400:  # noqa: PLR2004 - HTTP's errors begin there
            msg = f"{method} {path} answered {response.status_code}: {_title(response)}"
            raise UnexpectedAnswerError(
                msg, hint=f"Asked by {who.email if who else 'nobody'}.", body=response.text[:500]
            )
        return response.json() if response.content else None

    def refused(self, who: Character | None, method: str, path: str, body: Any = None) -> str | None:
        """The same, where a refusal is part of the story: its code, or nothing when it went through."""
        response = self._send(who, method, path, body, {})
        if response.status_code >= 500:  # noqa: PLR2004 - the platform's own fault is never part of the story
            msg = f"{method} {path} answered {response.status_code}: {_title(response)}"
            raise UnexpectedAnswerError(msg)
        return None if response.status_code < 400 else str(response.json().get("code"))  # noqa: PLR2004 - as above

    def read(self, url: str) -> str:
        """What stands at an address of the platform's that is its own key, as a calendar program reads it."""
        path = urlsplit(url).path
        response = self._http.request("GET", path)
        if not response.is_success:
            msg = f"GET of a calendar answered {response.status_code}: {_title(response)}"
            raise UnexpectedAnswerError(msg)
        return response.text

    def sign_in(self, who: Character) -> None:
        """Log in with the password."""
        answer = self.call(None, "POST", "/api/auth/login", {"email": who.email, "password": PASSWORD})
        who.user_id = answer["user"]["id"]
        self._keep(who, answer)

    def _send(self, who: Character | None, method: str, path: str, body: Any, query: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token(who)}"} if who is not None else None
        return self._http.request(method, path, json=body, params=query or None, headers=headers)

    def _token(self, who: Character) -> str:
        with who.signing_in:
            if self._clock.now().timestamp() >= who.token_until:
                answer = None
                if who.refresh:
                    response = self._http.request("POST", "/api/auth/refresh", json={"refreshToken": who.refresh})
                    answer = response.json() if response.is_success else None
                if answer is None:
                    self.sign_in(who)
                else:
                    self._keep(who, answer)
            return who.token

    def _keep(self, who: Character, answer: Any) -> None:
        who.token, who.refresh = answer["accessToken"], answer["refreshToken"]
        who.token_until = (self._clock.now() + timedelta(seconds=answer["expiresIn"]) - _EARLY).timestamp()


class Browser:
    """What a person's browser does on Stripe's pages: type a card, press a button, fill a form."""

    def __init__(self, base: str) -> None:
        self._http = Lines(base)

    def close(self) -> None:
        """Give back the connections."""
        self._http.close()

    def pay(self, client_secret: str, card: str) -> str:
        """Confirm a payment with a card; answers the intent's status, or the decline code."""
        intent = client_secret.split("_secret_", maxsplit=1)[0]
        response = self._http.request(
            "POST",
            f"/v1/payment_intents/{intent}/confirm",
            data={"payment_method": card, "return_url": "https://tourpad.example/paid"},
            headers={"Authorization": f"Bearer {SANDBOX_KEY}"},
        )
        answer = response.json()
        if response.is_success:
            return str(answer["status"])
        if response.status_code == 402:  # noqa: PLR2004 - HTTP, as Stripe answers a declined card
            return str(answer["error"].get("decline_code") or answer["error"]["code"])
        msg = f"Stripe answered {response.status_code}: {answer['error'].get('message')}"
        raise UnexpectedAnswerError(msg)

    def check_out(self, url: str, card: str) -> bool:
        """Press "pay" on a checkout page; answers whether the card was taken."""
        session = re.search(r"cs_[A-Za-z0-9_]+", urlsplit(url).path)
        if session is None:
            msg = f"This is no checkout page: {url}"
            raise UnexpectedAnswerError(msg)
        response = self._http.request(
            "POST", f"/_sandbox/checkout/{session.group()}/complete", json={"payment_method": card}
        )
        return response.is_success and response.json().get("status") == "complete"

    def onboard(self, account: str, missing: list[str] | None = None) -> None:
        """Fill Stripe's form for a connected account, or leave some of it open."""
        body = {"requirements": missing} if missing else {}
        self._ok(self._http.request("POST", f"/_sandbox/accounts/{account}/onboard", json=body))

    def dispute(self, intent_id: str) -> None:
        """Tell one's bank that one never bought this."""
        answer = self._http.request(
            "GET", f"/v1/payment_intents/{intent_id}", headers={"Authorization": f"Bearer {SANDBOX_KEY}"}
        )
        self._ok(answer)
        self._ok(self._http.request("POST", f"/_sandbox/charges/{answer.json()['latest_charge']}/dispute", json={}))

    def flush_webhooks(self) -> int:
        """Wait until Stripe has delivered all of its events; answers how many are left."""
        response = self._http.request("POST", "/_sandbox/deliveries/flush")
        self._ok(response)
        return int(response.json().get("pending", 0))

    def _ok(self, response: httpx.Response) -> None:
        if not response.is_success:
            msg = f"The sandbox answered {response.status_code}: {response.text[:200]}"
            raise UnexpectedAnswerError(msg)


def _title(response: httpx.Response) -> str:
    try:
        return str(response.json().get("title"))
    except ValueError:
        return response.text[:200]
