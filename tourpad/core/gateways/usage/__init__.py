"""Counting what happens: the protocol, its errors, and the way to open it."""

from typing import TYPE_CHECKING

from tourpad.core.gateways.usage.errors import UsageRefused, UsageUncertain
from tourpad.core.gateways.usage.protocol import Counted, UsageGateway

if TYPE_CHECKING:
    from tourpad.core.settings import Settings

__all__ = ["Counted", "UsageGateway", "UsageRefused", "UsageUncertain", "open_usage"]


def open_usage(settings: "Settings") -> UsageGateway | None:
    """PostHog by its key, or nothing where none is set: then nothing is counted."""
    if settings.posthog_api_key is None:
        return None
    from tourpad.core.gateways.usage.posthog import PostHog

    return PostHog(settings.posthog_api_key, settings.posthog_host)
