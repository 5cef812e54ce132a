"""A Stripe to run against, for local work, the demo and the tests.

A stateful server held to Stripe's own document. It stands alone: nothing here imports another part of
TourPad, and the rest meets it only over HTTP.
"""

from tourpad.sandbox.server import RunningSandbox, run_forever, serve
from tourpad.sandbox.targets import WebhookTarget

__all__ = ["RunningSandbox", "WebhookTarget", "run_forever", "serve"]
