"""Signing in elsewhere: the protocol, its errors, and the way to open the providers that settings name."""

from typing import TYPE_CHECKING

from tourpad.core.gateways.oidc.errors import NotProved, ProviderDown
from tourpad.core.gateways.oidc.protocol import OidcGateway, Proved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tourpad.core.clock import Clock
    from tourpad.core.settings import Settings

__all__ = ["NotProved", "OidcGateway", "Proved", "ProviderDown", "open_providers"]


def open_providers(settings: "Settings", clock: "Clock") -> "Mapping[str, OidcGateway]":
    """Every provider of `TOURPAD_OIDC_PROVIDERS` by its name. Nothing is asked of any before it is used."""
    if not settings.providers:
        return {}
    from tourpad.core.gateways.oidc.client import OidcClient

    return {provider.name: OidcClient(provider, clock) for provider in settings.providers}
