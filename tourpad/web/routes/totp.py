"""The second factor: an authenticator app beside the password."""

from typing import Annotated, Any

import msgspec
from litestar import Request, post

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.service import second_factor
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import limit
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output

Secret = Annotated[str, msgspec.Meta(max_length=1_000)]

_SECRETS = {NO_STORED_ANSWER: True}


class PasswordIn(Input):
    """The account's password."""

    password: Secret


class EnrollOut(Output):
    """What goes into an authenticator app: `uri` as a QR code, or `secret` typed. Shown this once."""

    secret: str
    uri: str


class CodeIn(Input):
    """A code from the app."""

    code: Annotated[str, msgspec.Meta(max_length=32)]


class RecoveryCodesOut(Output):
    """Each works once, in place of a code from the app. Shown this once."""

    recovery_codes: list[str]


class DisableIn(Input):
    """The password, and a code from the app or a recovery code."""

    password: Secret
    code: Annotated[str, msgspec.Meta(max_length=32)]


@post("/api/auth/totp/enroll", **needs(Permission.ACCOUNT, **_SECRETS), status_code=200, tags=["auth"])
def enroll_totp(
    data: PasswordIn, platform: Platform, principal: Principal, request: Request[Any, Any, Any]
) -> EnrollOut:
    """Begin to add an authenticator app. It counts once its first code has come."""
    limit(request, platform, limits.TOTP, str(principal.user_id))
    with platform.work(principal.actor) as work:
        begun = second_factor.enroll(work, user_id=principal.user_id, password=data.password)
        work.commit()
    return EnrollOut(secret=begun.secret, uri=begun.link)


@post("/api/auth/totp/confirm", **needs(Permission.ACCOUNT, **_SECRETS), status_code=200, tags=["auth"])
def confirm_totp(
    data: CodeIn, platform: Platform, principal: Principal, request: Request[Any, Any, Any]
) -> RecoveryCodesOut:
    """Finish adding the app with its first code; answers ten recovery codes."""
    limit(request, platform, limits.TOTP, str(principal.user_id))
    with platform.work(principal.actor) as work:
        codes = second_factor.confirm(work, user_id=principal.user_id, code=data.code)
        work.commit()
    return RecoveryCodesOut(recovery_codes=codes)


@post("/api/auth/totp/disable", **needs(Permission.ACCOUNT, **_SECRETS), status_code=204, tags=["auth"])
def disable_totp(data: DisableIn, platform: Platform, principal: Principal, request: Request[Any, Any, Any]) -> None:
    """Take the authenticator app off the account. Admins in production can't."""
    limit(request, platform, limits.TOTP, str(principal.user_id))
    with platform.work(principal.actor) as work:
        second_factor.disable(work, user_id=principal.user_id, password=data.password, code=data.code)
        work.commit()


ROUTES = (enroll_totp, confirm_totp, disable_totp)
