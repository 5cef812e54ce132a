"""A webhook comes in: checked, stored in one statement, and that is all before Stripe is answered."""

from typing import TYPE_CHECKING

from tourpad.core.checkpoints import reached
from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.stripe.signature import verify
from tourpad.core.payments import queries
from tourpad.core.payments.service.inbox import CONNECT, event_values

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def receive(platform: "Platform", *, payload: bytes, header: str, endpoint: str) -> bool:
    """Store one event that Stripe delivers; answers whether it was new. The worker does the rest.

    Args:
        platform: where to. Stripe itself is not asked anything here.
        payload: the body's bytes, exactly as received.
        header: the value of `Stripe-Signature`.
        endpoint: `platform` or `connect`: each has its own secret.

    Raises:
        NotFoundError: no secret is configured for this endpoint, so there is none.
        BadSignatureError: forged, altered, or signed more than five minutes ago.
    """
    settings = platform.settings
    secret = settings.connect_webhook_secret if endpoint == CONNECT else settings.webhook_secret
    if secret is None:
        msg = "There is nothing here."
        raise NotFoundError(msg)
    now = platform.clock.now()
    event = verify(payload, header, secret, now)
    reached("event.storing")
    with platform.autocommit.connect() as connection:
        is_new = queries.insert_event(connection, **event_values(event, endpoint=endpoint, now=now))
    reached("event.stored")
    return is_new
