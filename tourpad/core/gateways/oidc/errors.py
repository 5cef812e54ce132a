"""What can come of asking a provider besides knowing who somebody is."""

from tourpad.core.errors import OutsideError, UnauthenticatedError


class ProviderDown(OutsideError):
    """The provider does not answer, answers what nobody can use, or does not know us. The same may work later."""

    code = "oauth_provider_unavailable"

    def __init__(self, provider: str, why: str) -> None:
        super().__init__(
            f"{provider} can't be asked now: {why}.",
            hint="Begin to sign in anew in a minute, or sign in with your password.",
            provider=provider,
        )


class NotProved(UnauthenticatedError):
    """What the provider sent does not prove who somebody is."""

    code = "oauth_not_proved"

    def __init__(self, provider: str, why: str) -> None:
        super().__init__(
            f"{provider} did not prove who you are: {why}.", hint="Begin to sign in anew.", provider=provider
        )
