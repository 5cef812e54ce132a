"""Refusals of identity."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tourpad.core.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError, UnauthenticatedError


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


class NotOpenYet(ForbiddenError):
    """TourPad is not open to everybody yet, and not to this person. It says nothing of whether they have an account."""

    code = "not_open_yet"

    def __init__(self) -> None:
        super().__init__(
            "TourPad opens step by step, and it is not your turn yet.",
            hint="Whoever was invited comes in with the mail address that was invited."
            " What is under way (shows, payments, payouts, mails) goes on by itself.",
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


class FreshProofNeeded(ForbiddenError):
    """What can't be taken back asks for more than an access token."""

    code = "fresh_proof_needed"

    def __init__(self, fresh: timedelta) -> None:
        minutes = fresh // timedelta(minutes=1)
        super().__init__(
            "This can't be taken back, so it asks once more who you are.",
            hint=f"Send your password (and totp) with it, or sign in again: that counts for {minutes} minutes.",
        )


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


class AgreementNeeded(ForbiddenError):
    """The terms or the privacy notice have a new version, or nobody has said yet that they are of age."""

    code = "agreement_needed"

    def __init__(self, needed: Iterable[str]) -> None:
        names = [str(name) for name in needed]
        super().__init__(
            f"Before anything else you have to agree to: {', '.join(names)}.",
            hint="GET /api/users/me lists toAgree; POST /api/users/me/agreements agrees.",
            agreements=names,
        )


class SecondFactorState(RefusedError):
    """The second factor is not in the state that this asks for."""

    code = "totp_state"


class UnknownProvider(NotFoundError):
    """No provider of sign-ins has this name."""

    code = "oauth_provider_unknown"

    def __init__(self) -> None:
        super().__init__("Nobody signs in with this provider here.", hint="GET /api/auth/oauth lists those that do.")


class SignInNotValid(UnauthenticatedError):
    """A sign-in with a provider that was not begun in this browser, took too long, or was done before."""

    code = "oauth_sign_in_not_valid"

    def __init__(self) -> None:
        super().__init__(
            "This sign-in was not begun in this browser, took too long, or was done before.",
            hint="Begin to sign in anew.",
        )


class ProviderRefused(UnauthenticatedError):
    """The provider sent the person back without a proof: they changed their mind, or it does not let them in."""

    code = "oauth_refused"

    def __init__(self, provider: str, error: str) -> None:
        super().__init__(f"{provider} did not sign you in ({error}).", hint="Begin to sign in anew.", error=error)


class AccountNeeded(RefusedError):
    """The provider has proved who somebody is, and they have no account here."""

    code = "oauth_account_needed"

    def __init__(self) -> None:
        super().__init__(
            "You have no account here yet.",
            hint="POST /api/auth/oauth/finish with the ticket and userType makes one;"
            " POST /api/auth/oauth/links adds this sign-in to an account that you have.",
        )


class AddressNotVouched(RefusedError):
    """An account needs a mail address, and the provider vouches for none."""

    code = "oauth_email_not_verified"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"{provider} does not say that your mail address is yours.",
            hint="Verify it there; or register with a password, then add this sign-in to your account.",
        )


class LinkNeeded(ConflictError):
    """An account has the mail address, and nobody has shown that it is the same person's."""

    code = "oauth_link_needed"

    def __init__(self) -> None:
        super().__init__(
            "An account here has your mail address already.",
            hint="Sign in to it and add this sign-in: POST /api/auth/oauth/links."
            " If you don't know its password: POST /api/auth/password/forgot.",
        )


class SignInTaken(ConflictError):
    """The person at the provider belongs to another account here."""

    code = "oauth_sign_in_taken"

    def __init__(self) -> None:
        super().__init__(
            "This sign-in belongs to another account.", hint="Sign in with it, and take it off there first."
        )


class LastSignIn(RefusedError):
    """Without it nobody could sign in to the account."""

    code = "oauth_last_sign_in"

    def __init__(self) -> None:
        super().__init__(
            "Without it you could not sign in any more.", hint="POST /api/auth/password/forgot sets a password first."
        )
