"""What can come of a call to Stripe besides an answer: a definitive no, or not knowing."""

from typing import Any

from tourpad.core.errors import Kind, OutsideError, TourPadError


class StripeDeclined(OutsideError):
    """A definitive 4xx: what was asked was not done, and the same call would be refused again.

    `code` is Stripe's own (`card_declined`, `charge_disputed`, …), or `stripe_declined` without one.
    """

    code = "stripe_declined"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        decline_code: str | None = None,
        param: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        **details: Any,
    ) -> None:
        super().__init__(
            message,
            hint=f"Stripe's request id is {request_id}." if request_id else None,
            stripe_code=code,
            decline_code=decline_code,
            param=param,
            **details,
        )
        if code:
            # Stripe's codes are as stable as ours, and say more.
            self.code = code  # pyright: ignore[reportAttributeAccessIssue] - the class holds the default
        self.decline_code = decline_code
        self.param = param
        self.status = status
        self.request_id = request_id

    @property
    def is_missing(self) -> bool:
        """Whether Stripe knows no such object."""
        return self.code == "resource_missing" or self.status == 404  # noqa: PLR2004 - HTTP's own


class StripeUncertain(OutsideError):
    """No answer, a time-out, 5xx, 409, 429, or a refusal of our key: it may or may not have been done.

    The only safe next step is the same call again with the same idempotency key.
    """

    code = "stripe_uncertain"

    def __init__(self, message: str, *, status: int | None = None, stripe_code: str | None = None) -> None:
        super().__init__(
            message,
            hint="Nothing is lost: it is tried again with the same key.",
            stripe_code=stripe_code,
            status=status,
        )
        self.status = status
        self.stripe_code = stripe_code


class BadSignatureError(TourPadError):
    """A webhook that Stripe did not sign with our secret, or too long ago."""

    code = "bad_signature"
    kind = Kind.INVALID
