"""Refusals of identity."""

from datetime import datetime

from tourpad.core.errors import ForbiddenError, RefusedError, UnauthenticatedError


class InvalidCredentials(UnauthenticatedError):
    """The address or the password is wrong; which one is not told."""

    code = "invalid_credentials"

    def __init__(self) -> None:
        super().__init__(
            "The mail address or the password is wrong.",
            hint="POST /api/auth/password/forgot mails a link for a new password.",
        )


class InvalidToken(UnauthenticatedError):
    """An access or refresh token that is forged, expired, or whose session has ended."""

    code = "invalid_token"

    def __init__(self, message: str = "The token is not valid.") -> None:
        super().__init__(message, hint="Sign in again: POST /api/auth/login.")


class TokenReused(UnauthenticatedError):
    """A refresh token came back after it had rotated: its session has ended for whoever holds it."""

    code = "refresh_token_reused"

    def __init__(self) -> None:
        super().__init__(
            "This refresh token was used before, so its session has been ended.",
            hint="Sign in again. If you did not use it twice, somebody else has it: reset your password.",
        )


class AccountSuspended(ForbiddenError):
    """The password is right, but the account is closed for a while."""

    code = "account_suspended"

    def __init__(self, reason: str | None, until: datetime | None) -> None:
        end = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        super().__init__(
            f"This account is suspended{end}.",
            hint=f"Reason: {reason}" if reason else None,
            reason=reason,
            until=until.isoformat().replace("+00:00", "Z") if until else None,
        )


class LinkNotValid(RefusedError):
    """A mailed link that was used, is too old, or never was."""

    code = "link_not_valid"

    def __init__(self, hint: str) -> None:
        super().__init__("This link was already used, is too old, or is not one of ours.", hint=hint)


class CannotSuspend(RefusedError):
    """Somebody who can't be suspended, or not by this hand."""

    code = "cannot_suspend"


class ErasureRefused(RefusedError):
    """Somebody still counts on this person, or money is on its way."""

    code = "erasure_refused"

    def __init__(self, why: str, next_step: str) -> None:
        super().__init__(f"This account can't be erased yet: {why}.", hint=f"{next_step[0].upper()}{next_step[1:]}.")


class SecondFactorRequired(UnauthenticatedError):
    """The password is right, and the account asks for a code as well."""

    code = "totp_required"

    def __init__(self) -> None:
        super().__init__(
            "This account asks for a code from the authenticator app.",
            hint="Send it as totp with the address and the password; a recovery code does as well.",
        )


class InvalidCode(UnauthenticatedError):
    """The code of the second factor is wrong, too old, or was used."""

    code = "invalid_totp"

    def __init__(self) -> None:
        super().__init__(
            "The code is wrong, too old, or was used before.",
            hint="Wait for the next one. A wrong clock on the phone does this, too.",
        )


class SecondFactorMissing(ForbiddenError):
    """An admin in production who has no second factor yet may do nothing but set one up."""

    code = "totp_enrollment_required"

    def __init__(self) -> None:
        super().__init__(
            "An admin needs a second factor before anything else.",
            hint="POST /api/auth/totp/enroll, add it to an authenticator app, then POST /api/auth/totp/confirm.",
        )


class SecondFactorState(RefusedError):
    """The second factor is not in the state that this asks for."""

    code = "totp_state"
