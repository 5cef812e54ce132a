"""Stripe: the protocol, its errors, and the way to open it. The SDK is imported only by what opens it."""

from typing import TYPE_CHECKING

from tourpad.core.errors import ConfigurationError
from tourpad.core.gateways.stripe.errors import BadSignatureError, StripeDeclined, StripeUncertain
from tourpad.core.gateways.stripe.protocol import StripeDict, StripeGateway
from tourpad.core.settings import SANDBOX_SECRET_KEY

if TYPE_CHECKING:
    from tourpad.core.clock import Clock
    from tourpad.core.settings import Settings

__all__ = [
    "BadSignatureError",
    "StripeDeclined",
    "StripeDict",
    "StripeGateway",
    "StripeUncertain",
    "open_stripe",
]


def open_stripe(
    settings: "Settings", clock: "Clock", *, makes_past: bool = False, stays: bool = False
) -> StripeGateway:
    """Stripe by its key, a server of `STRIPE_API_BASE`, or the sandbox in this process where neither is set.

    Args:
        settings: key and address.
        clock: what the sandbox in this process goes by.
        makes_past: `clock` is far behind, and other processes may have sandboxes on the same home: those stand still.
        stays: the sandbox in this process is the one that links in mails lead to, on a port that its home keeps.

    Raises:
        ConfigurationError: outside dev and test without a key, or where the sandbox can't start.
    """
    if settings.uses_sandbox and settings.is_local:
        from tourpad.core.gateways.stripe.local import open_local

        return open_local(settings, clock, makes_past=makes_past, stays=stays)
    key = settings.stripe_secret_key or (SANDBOX_SECRET_KEY if settings.is_local else None)
    if key is None:
        msg = f"STRIPE_SECRET_KEY is not set, and {settings.env} does not run on the sandbox."
        raise ConfigurationError(msg, hint="tourpad config show lists every setting.")
    from tourpad.core.gateways.stripe.client import StripeApi

    return StripeApi(key, base_url=settings.stripe_api_base, is_sandbox=key == SANDBOX_SECRET_KEY)
