"""The signature of webhooks (https://docs.stripe.com/webhooks#verify-manually).

The SDK's own check reads the machine's clock and decodes the body first; this one keeps the platform's clock
and the raw bytes.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from tourpad.core.gateways.stripe.errors import BadSignatureError

TOLERANCE_S = 300
"""How far a signature's time may lie from ours, in seconds; Stripe's own default."""


def verify(payload: bytes, header: str, secret: str, now: datetime) -> dict[str, Any]:
    """Check `Stripe-Signature` against the raw body, and answer the event (snapshot or thin) as it was sent.

    Args:
        payload: the body's bytes, exactly as received.
        header: the value of `Stripe-Signature`.
        secret: the endpoint's own (`whsec_…`).
        now: the present by the platform's clock.

    Raises:
        BadSignatureError: forged, altered, signed more than 300 s away from now, or no event at all.
    """
    stamp, signatures = _parse(header)
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + payload, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), given.encode()) for given in signatures):
        msg = "The webhook's signature is not ours."
        raise BadSignatureError(msg, hint="Is this endpoint's signing secret the one that is configured?")
    if abs(now.timestamp() - stamp) > TOLERANCE_S:
        msg = f"The webhook was signed {abs(now.timestamp() - stamp):.0f} s away from now."
        raise BadSignatureError(msg, hint=f"At most {TOLERANCE_S} s are allowed: check this machine's clock.")
    return _event(payload)


def _parse(header: str) -> tuple[int, list[str]]:
    stamp: int | None = None
    signatures: list[str] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isdecimal() and len(value) <= 12:  # noqa: PLR2004 - seconds for the next 30,000 years
            stamp = int(value)
        elif name == "v1":
            signatures.append(value)
    if stamp is None or not signatures:
        msg = "The webhook carries no signature."
        raise BadSignatureError(msg)
    return stamp, signatures


def _event(payload: bytes) -> dict[str, Any]:
    try:
        event: Any = json.loads(payload)
    except (ValueError, RecursionError) as error:
        msg = "The webhook's body is no JSON."
        raise BadSignatureError(msg) from error
    if (
        not isinstance(event, dict)
        or event.get("object") not in ("event", "v2.core.event")
        or not isinstance(event.get("id"), str)
        or not isinstance(event.get("type"), str)
    ):
        msg = "The webhook's body is no event."
        raise BadSignatureError(msg)
    return event
