"""The local side: the sandbox inside this process, on the state in `TOURPAD_HOME` and the platform's clock.

Whoever has no Stripe key runs on it. Several processes may each have one on the same home: they share its
state on disk. Its webhooks go to this machine's own API where one listens; otherwise they wait in its home.
"""

import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tourpad.core.clock import Clock
from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.stripe.client import StripeApi
from tourpad.core.gateways.stripe.wanted import endpoints
from tourpad.core.settings import SANDBOX_SECRET_KEY, Settings

_running: dict[Path, tuple[Any, int]] = {}
"""The sandbox of each home in this process, and how many gateways use it."""
_lock = threading.Lock()


def webhook_targets(settings: Settings) -> list[Any]:
    """Our endpoints, as the sandbox takes them."""
    from tourpad.sandbox import WebhookTarget

    return [WebhookTarget(*endpoint) for endpoint in endpoints(settings)]


def open_local(settings: Settings, clock: Clock, *, makes_past: bool = False, stays: bool = False) -> StripeApi:
    """A gateway to the sandbox of `settings.home`, started in this process or joined if it already runs here.

    With `makes_past` other processes' sandboxes on that home stand still until it is closed, and what is to be told is
    told by them afterwards: our API takes no news that is signed with a past instant.
    With `stays` it listens on the port that its home keeps, to which links in mails lead.

    Raises:
        ConfigurationError: if the home can't be written.
    """
    home = settings.home
    with _lock:
        sandbox, users = _running.get(home, (None, 0))
        if sandbox is None:
            sandbox = _start(settings, clock, makes_past=makes_past, stays=stays)
        _running[home] = (sandbox, users + 1)
    return StripeApi(SANDBOX_SECRET_KEY, base_url=sandbox.url, is_sandbox=True, on_close=lambda: _leave(home))


def _start(settings: Settings, clock: Clock, *, makes_past: bool, stays: bool) -> Any:
    from tourpad.sandbox import serve

    try:
        return serve(
            settings.home,
            stays=stays,
            clock=lambda: clock.now().timestamp(),
            webhook_targets=webhook_targets(settings),
            record=settings.stripe_record,
            deliver=not makes_past and _listens(settings.base_url),
            holds=makes_past,
        )
    except OSError as error:
        msg = f"The Stripe sandbox under {settings.home} did not start: {error.strerror or error}."
        raise ConfigurationError(
            msg, hint="Set TOURPAD_HOME to a folder of yours, or STRIPE_SECRET_KEY to a key."
        ) from error


def _leave(home: Path) -> None:
    with _lock:
        sandbox, users = _running[home]
        if users > 1:
            _running[home] = (sandbox, users - 1)
            return
        del _running[home]
    sandbox.stop()


def _listens(base_url: str) -> bool:
    """Whether something answers there, so that webhooks are worth sending."""
    parts = urlsplit(base_url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=0.3):
            return True
    except (OSError, ValueError):
        return False
