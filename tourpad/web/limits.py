"""Limits of requests: exact ones that routes ask for, and a rough general one that costs next to nothing."""

from typing import Any, Final

from litestar import Request
from litestar.types import Scope

from tourpad.core.clock import stopwatch
from tourpad.core.errors import LimitedError
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.requests.limits import LOCAL_FACTOR, Policy, subject_of, take
from tourpad.core.settings import Settings

UNLIMITED: Final = "unlimited"
"""Key in a handler's `opt`: the general limit does not count it (Stripe calls from few addresses, and often)."""
_DEFAULT_RATE: Final = 1_200
_MOST_CALLERS: Final = 50_000


def client_address(scope: Scope) -> str | None:
    """The network address of whoever calls (behind a trusted proxy: what it says)."""
    client = scope.get("client")
    return client[0] if client else None


def limit(request: Request[Any, Any, Any], platform: Platform, policy: Policy, *parts: str | None) -> None:
    """Count one try under a policy; its headers go onto the answer.

    Args:
        request: the request.
        platform: the platform.
        policy: which limit.
        parts: what the subject is besides the policy: an address, a mail address, a person's id.

    Raises:
        LimitedError: it is one too many. It was counted all the same.
    """
    if not platform.settings.rate_limits:
        return
    factor = LOCAL_FACTOR if policy.by_address and platform.settings.is_local else 1
    usage = take(platform.autocommit, policy, subject_of(*parts), now=platform.clock.now(), factor=factor)
    request.scope["tourpad_usage"] = usage  # type: ignore[typeddict-unknown-key]  # ours, read by web/floor.py
    if usage.exceeded:
        raise usage.error()


class GeneralLimit:
    """A leaky bucket a caller, in this process's memory: rough, and without any query."""

    def __init__(self, settings: Settings) -> None:
        rate = settings.general_rate or (0 if settings.is_local else _DEFAULT_RATE)
        self._rate = rate if settings.rate_limits else 0
        self._levels: dict[str, tuple[float, float]] = {}

    def check(self, scope: Scope, principal: Principal | None) -> None:
        """Count one request.

        Raises:
            LimitedError: the caller sends more than their role may.
        """
        if not self._rate or scope["route_handler"].opt.get(UNLIMITED):
            return
        if principal is None:
            caller, rate = f"address {client_address(scope)}", self._rate / 2
        else:
            factor = 5 if principal.user_type is UserType.ADMIN else 1
            caller, rate = str(principal.user_id), self._rate * factor
        now = stopwatch()
        level, then = self._levels.get(caller, (0.0, now))
        level = max(0.0, level - (now - then) * rate / 60) + 1
        if level > rate:
            wait = max(1, round((level - rate) * 60 / rate))
            raise LimitedError(
                "Too many requests.", hint=f"At most {rate:.0f} a minute.", policy="general", retry_after=wait
            )
        if len(self._levels) >= _MOST_CALLERS:
            self._levels.clear()
        self._levels[caller] = (level, now)
