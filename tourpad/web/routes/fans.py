"""Fans: what one likes, and how far one goes for it."""

from litestar import get, patch
from msgspec import UNSET, UnsetType

from tourpad.core.fans import service
from tourpad.core.fans.models import Fan
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.web.changes import sent
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output


class FanIn(Input):
    """Changes. What is not mentioned stays; null clears."""

    favorite_genres: list[str] | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    state: str | UnsetType | None = UNSET
    travel_radius: int | UnsetType | None = UNSET
    """Miles."""


class FanOut(Output):
    """One's own preferences."""

    favorite_genres: list[str]
    city: str | None
    state: str | None
    travel_radius: int | None


class FanAnswer(Output):
    """One's own preferences."""

    fan: FanOut


@get("/api/fans/me", **needs(Permission.PROFILE), tags=["fans"])
def show_own_fan(platform: Platform, principal: Principal) -> FanAnswer:
    """What one has said of one's taste."""
    with platform.work(principal.actor) as work:
        fan = service.ensure(work, user_id=principal.user_id)
        work.commit()
    return _answer(fan)


@patch("/api/fans/me", **needs(Permission.PROFILE), tags=["fans"])
def edit_own_fan(platform: Platform, principal: Principal, data: FanIn) -> FanAnswer:
    """Change it."""
    with platform.work(principal.actor) as work:
        fan = service.edit(work, user_id=principal.user_id, changes=sent(data))
        work.commit()
    return _answer(fan)


def _answer(fan: Fan) -> FanAnswer:
    return FanAnswer(
        fan=FanOut(favorite_genres=fan.favorite_genres, city=fan.city, state=fan.state, travel_radius=fan.travel_radius)
    )


ROUTES = (show_own_fan, edit_own_fan)
