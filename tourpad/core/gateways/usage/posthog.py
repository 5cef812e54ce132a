"""The real side: PostHog's batch endpoint (https://posthog.com/docs/api/capture), without its SDK.

The SDK adds what it knows of the machine, and sends from threads of its own. This is one request of our own words.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import httpx

from tourpad.core.gateways.usage.errors import UsageRefused, UsageUncertain
from tourpad.core.gateways.usage.protocol import Counted

TIMEOUT: Final = 20
"""Seconds for one call."""
_FINAL: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
"""The events are at fault. A wrong key (401, 403) is ours: they wait until it is mended."""


class PostHog:
    """A project at PostHog, or at a server of one's own that speaks its API."""

    def __init__(self, key: str, host: str) -> None:
        self._key = key
        self._url = f"{host.rstrip('/')}/batch/"

    def send(self, events: Sequence[Counted]) -> None:
        """Tell of some events at once. No profile is made of anybody, and no place is looked up.

        Raises:
            UsageRefused: PostHog says that they are not acceptable.
            UsageUncertain: anything else but a 2xx.
        """
        batch = [
            {
                "uuid": str(one.id),
                "event": one.name,
                "distinct_id": str(one.whose),
                "timestamp": one.at.isoformat().replace("+00:00", "Z"),
                "properties": {
                    "$process_person_profile": False,
                    "$geoip_disable": True,
                    "$lib": "tourpad",
                    **({"role": one.role} if one.role else {}),
                },
            }
            for one in events
        ]
        try:
            answer = httpx.post(self._url, json={"api_key": self._key, "batch": batch}, timeout=TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UsageUncertain(f"PostHog did not answer ({type(error).__name__}).") from error
        if answer.status_code in _FINAL:
            raise UsageRefused(f"PostHog answered {answer.status_code}.")
        if not answer.is_success:
            raise UsageUncertain(f"PostHog answered {answer.status_code}.")
