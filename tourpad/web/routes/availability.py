"""Days on which a host or an artist can, or can't."""

from datetime import date

from litestar import get, put
from msgspec import field

from tourpad.core.bookings import queries, service
from tourpad.core.bookings.service.availability import since
from tourpad.core.bookings.states import AvailabilityKind
from tourpad.core.errors import ForbiddenError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output


class AvailabilityIn(Input):
    """All days that one has something to say about, from yesterday on. What was said before is replaced."""

    open_dates: list[date] = field(default_factory=list[date])
    blocked_dates: list[date] = field(default_factory=list[date])
    """Nobody can ask for these."""


class AvailabilityOut(Output):
    """One's own days, from yesterday on."""

    open_dates: list[date]
    blocked_dates: list[date]
    booked_dates: list[date]
    """Held by confirmed shows."""


class AvailabilityAnswer(Output):
    """One's own days."""

    availability: AvailabilityOut


@get("/api/availability/me", **needs(Permission.PROFILE), tags=["availability"])
def show_availability(platform: Platform, principal: Principal) -> AvailabilityAnswer:
    """One's open, blocked and booked days."""
    _check_role(principal)
    with platform.work(principal.actor) as work:
        return _answer(work, principal)


@put("/api/availability/me", **needs(Permission.PROFILE), tags=["availability"])
def set_availability(platform: Platform, principal: Principal, data: AvailabilityIn) -> AvailabilityAnswer:
    """Say which days one would like to, and on which one can't."""
    _check_role(principal)
    with platform.work(principal.actor) as work:
        service.set_availability(
            work,
            user_id=principal.user_id,
            open_dates=data.open_dates,
            blocked_dates=data.blocked_dates,
        )
        work.commit()
        return _answer(work, principal)


def _check_role(principal: Principal) -> None:
    if principal.user_type not in (UserType.ARTIST, UserType.HOST):
        raise ForbiddenError("Only artists and hosts keep a calendar of their days.")


def _answer(work: Work, principal: Principal) -> AvailabilityAnswer:
    first = since(work)
    days = queries.availability(work, principal.user_id, since=first)
    return AvailabilityAnswer(
        availability=AvailabilityOut(
            open_dates=[d.day for d in days if d.kind is AvailabilityKind.OPEN],
            blocked_dates=[d.day for d in days if d.kind is AvailabilityKind.BLOCKED],
            booked_dates=queries.booked_days(work, principal.user_id, since=first),
        )
    )


ROUTES = (show_availability, set_availability)
