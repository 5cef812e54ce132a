"""Every route of the API.

A handler parses, opens a unit of work, calls one verb, commits, and shapes the answer.
"""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from tourpad.web.routes import admin_users, auth, health, notifications, unsubscribe, users

ROUTES: Sequence[ControllerRouterHandler] = (
    *health.ROUTES,
    *auth.ROUTES,
    *users.ROUTES,
    *notifications.ROUTES,
    *unsubscribe.ROUTES,
    *admin_users.ROUTES,
)
"""Each module lists its handlers in `ROUTES`; this is all of them, in the order of the contract."""
