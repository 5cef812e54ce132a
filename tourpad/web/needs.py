"""What a route needs: every handler says it with `**needs(...)`; one that does not keeps the app from starting.

It is held against whoever asks right after the sign-in (`web/auth.py`), for every route: default deny. Litestar's own
guards would run in a thread, on a copy of the handler, for each request.
"""

from typing import Any

from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from tourpad.core.errors import ConfigurationError, ForbiddenError, UnauthenticatedError
from tourpad.core.identity.errors import AgreementNeeded, SecondFactorMissing
from tourpad.core.identity.permissions import Permission, Principal, roles_with
from tourpad.core.identity.rules import article
from tourpad.core.identity.states import UserState, UserType

PUBLIC = "public"
"""Open to anyone."""
HOT = "hot"
"""Key in a handler's `opt`: it signs in by its own statement (`web/hot.py`), and is checked then."""
CLAIMS = "tourpad_claims"
"""Key in the scope of a hot request: what its token says, still to be held against the session; None without one."""


def needs(*permissions: Permission | str, **more: Any) -> dict[str, Any]:
    """Options for a route decorator: `@get("/api/x", **needs(Permission.RSVP))`, or `**needs(PUBLIC)`.

    With several permissions any one of them opens the door. `more` goes into the handler's `opt`.
    """
    return {"opt": {"needs": permissions, **more}, "sync_to_thread": True}


def check(principal: Principal | None, handler: BaseRouteHandler) -> None:
    """Refuse whoever has none of the permissions that the handler names.

    Raises:
        UnauthenticatedError: nobody is signed in.
        ForbiddenError: signed in, but not entitled in this role and state.
    """
    wanted = wanted_by(handler)
    if PUBLIC in wanted:
        return
    if principal is None:
        msg = "Sign in first."
        raise UnauthenticatedError(msg, hint="POST /api/auth/login, then send the access token as a Bearer token.")
    if principal.lacks_second_factor and Permission.ACCOUNT not in wanted:
        raise SecondFactorMissing
    if principal.has_to_agree and Permission.ACCOUNT not in wanted:
        raise AgreementNeeded(principal.has_to_agree)
    if not principal.permissions.intersection(wanted):
        said, hint = _why_not(principal, frozenset(wanted))
        raise ForbiddenError(said, hint=hint, needs=list(wanted), state=principal.state.value)


def wanted_by(handler: BaseRouteHandler) -> tuple[str, ...]:
    """What one route needs. Litestar's own answers to OPTIONS tell nothing but the methods and are open."""
    said: tuple[str, ...] = handler.opt.get("needs", ())
    if not said and isinstance(handler, HTTPRouteHandler) and handler.http_methods == {"OPTIONS"}:
        return (PUBLIC,)
    return said


def check_declared(path: str, handler: BaseRouteHandler) -> None:
    """Refuse to start with a route that does not say what it needs.

    Raises:
        ConfigurationError: naming the route.
    """
    if not wanted_by(handler):
        msg = f"The route {path} does not say what it needs."
        raise ConfigurationError(msg, hint="Decorate it with **needs(...), see web/needs.py.")


def _why_not(principal: Principal, wanted: frozenset[str]) -> tuple[str, str]:
    """Whether it is nothing for their role at all or only not yet, and what to do."""
    role = principal.user_type
    roles = roles_with(wanted)
    if role not in roles:
        said = f"This is for {' and '.join(f'{other}s' for other in roles)}, and you are {article(role)}."
        needless = (
            f"{role.value.capitalize()}s need no membership. " if set(wanted) == {Permission.MEMBERSHIP.value} else ""
        )
        return said, f"{needless}GET /api/users/me lists what you may do."
    said = f"As {role} in state {principal.state} you may not do this yet (it needs {' or '.join(sorted(wanted))})."
    form = f"/api/{role}s/application"
    match principal.state:
        case UserState.PENDING if role is UserType.FAN:
            hint = "Verify your mail address; POST /api/auth/verify-email/resend mails the link again."
        case UserState.PENDING:
            hint = f"It opens once your application is accepted: POST {form} submits it, GET tells how it stands."
        case UserState.REJECTED:
            hint = f"GET {form} tells why, and from when you may apply again."
        case UserState.APPROVED if role is not UserType.HOST:
            hint = "Take a membership: POST /api/memberships/checkout."
        case _:
            hint = "GET /api/users/me lists what you may do."
    return said, hint
