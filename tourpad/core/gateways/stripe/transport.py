"""How the SDK reaches a server without TLS (only ever the local sandbox): sockets kept alive, one a thread.

Stripe itself is reached by the SDK's own client on `requests`. That one costs 0.8 ms of CPU a call (measured,
against 0.2 ms), which a demo of ten thousand calls on two cores can tell.
"""

import http.client
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

FIRST_PAUSE_S = 0.05
"""Between two tries, doubled with each: what is on this machine needs no half second to come back, nor is it in a crowd
that should not return all at once."""
TIMEOUT_S = 20.0
"""Stripe's default of 80 s would hold a worker far beyond its lease."""


class PlainClient(stripe.HTTPClient):
    """Speaks HTTP/1.1 to `http://` addresses. What is tried again, and how often, is the SDK's."""

    name = "plain"

    def __init__(self, timeout: float = TIMEOUT_S) -> None:
        super().__init__(verify_ssl_certs=False)
        self._timeout = timeout
        self._local = threading.local()
        self._all: set[http.client.HTTPConnection] = set()
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """One exchange. A kept connection that the server has closed meanwhile is opened again once."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        kept = self._connection(parts.netloc)
        for connection in (kept, None):
            try:
                return self._exchange(connection or self._fresh(parts.netloc), method, path, headers or {}, post_data)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self._forget()
                # A second try is ours only for reads of a server that hung up before a byte of an answer:
                # everything else is the SDK's to repeat, with the idempotency key.
                if connection is None or method.lower() != "get":
                    raise self._lost(error) from error
            except (OSError, http.client.HTTPException) as error:
                self._forget()
                raise self._lost(error) from error
        msg = "no connection"
        raise self._lost(OSError(msg))

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return FIRST_PAUSE_S * 2 ** (num_retries - 1)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Any,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        connection.request(method.upper(), path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        return content, answer.status, {name.lower(): value for name, value in answer.getheaders()}

    def _connection(self, netloc: str) -> http.client.HTTPConnection:
        known: tuple[str, http.client.HTTPConnection] | None = getattr(self._local, "connection", None)
        return known[1] if known and known[0] == netloc else self._fresh(netloc)

    def _fresh(self, netloc: str) -> http.client.HTTPConnection:
        self._forget()
        connection = http.client.HTTPConnection(netloc, timeout=self._timeout)
        self._local.connection = (netloc, connection)
        with self._lock:
            self._all.add(connection)
        return connection

    def _forget(self) -> None:
        known: tuple[str, http.client.HTTPConnection] | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if known:
            known[1].close()
            with self._lock:
                self._all.discard(known[1])

    def _lost(self, error: Exception) -> stripe.APIConnectionError:
        reason = str(error) or type(error).__name__
        return stripe.APIConnectionError(f"Stripe did not answer: {reason}", should_retry=True)

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
