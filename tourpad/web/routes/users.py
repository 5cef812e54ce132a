"""People: oneself, and for admins everybody."""

from typing import Any

from litestar import get

from tourpad.core.identity import queries
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.needs import needs
from tourpad.web.people import UserOut, user_out
from tourpad.web.shapes import Output


class MeOut(Output):
    """Oneself, what one may do, and the membership where there is one."""

    user: UserOut
    permissions: list[str]
    subscription: dict[str, Any] | None


@get("/api/users/me", **needs(Permission.ACCOUNT), tags=["users"])
def me(platform: Platform, principal: Principal) -> MeOut:
    """The signed-in person."""
    with platform.work(principal.actor) as work:
        user = queries.get_user(work, principal.user_id)
        profile = queries.get_profile(work, principal.user_id)
    return MeOut(user=user_out(user, profile), permissions=sorted(principal.permissions), subscription=None)


ROUTES = (me,)
