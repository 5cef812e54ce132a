"""Limits of requests: exact ones that routes ask for, and a rough general one that costs next to nothing."""

from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from litestar import Request
from litestar.types import Scope

from tourpad.core.clock import stopwatch
from tourpad.core.errors import LimitedError
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserType
from tourpad.core.platform import Platform
from tourpad.core.requests.limits import LOCAL_FACTOR, Policy, Usage, subject_of

UNLIMITED: Final = "unlimited"
"""Key in a handler's `opt`: the general limit does not count it (Stripe calls from few addresses, and often)."""
_DEFAULT_RATE: Final = 1_200
_MOST_CALLERS: Final = 50_000
_BUNDLES: Final = 40


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
    usage = platform.windows.take(policy, subject_of(*parts), now=platform.clock.now(), factor=factor)
    request.scope["tourpad_usage"] = usage  # type: ignore[typeddict-unknown-key]  # ours, read by web/floor.py
    if usage.exceeded:
        raise usage.error()


class GeneralLimit:
    """So many requests a minute of one caller, over all processes, for next to nothing.

    A process takes permits from the shared counter a bundle at a time (a fortieth of the limit) and hands them out from
    memory, so 29 requests of 30 ask nobody, and a caller who has had enough is refused from memory, too. What a process
    did not hand out is lost with its minute: with four processes at most a tenth of the limit.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        settings = platform.settings
        rate = settings.general_rate or (0 if settings.is_local else _DEFAULT_RATE)
        self._rate = rate if settings.rate_limits else 0
        self._callers: dict[UUID | str, _Bundle] = {}
        self._lock = Lock()

    def admits(self, scope: Scope, principal: Principal | None) -> bool:
        """Whether one request may go on by what is known here; if not, `ask` the shared counter.

        Raises:
            LimitedError: the caller sends more than their role may.
        """
        if not self._rate or scope["route_handler"].opt.get(UNLIMITED):
            return True
        return self._hand_out(scope, self._caller(scope, principal)[0])

    def admits_person(self, scope: Scope, user_id: UUID) -> bool:
        """The same for a person of whom no more is known yet.

        Raises:
            LimitedError: they send more than their role may.
        """
        return not self._rate or self._hand_out(scope, user_id)

    def _hand_out(self, scope: Scope, caller: UUID | str) -> bool:
        now = stopwatch()
        with self._lock:
            bundle = self._callers.get(caller)
            if bundle is None or now >= bundle.until:
                return False
            if bundle.left > 0:
                bundle.left -= 1
                _tell(scope, bundle, now)
                return True
        if bundle.is_last:
            raise _refused(scope, bundle, now)
        return False

    def ask(self, scope: Scope, principal: Principal | None) -> None:
        """Take a bundle from the shared counter, and count this request in it. One statement.

        Raises:
            LimitedError: the caller sends more than their role may.
        """
        caller, rate = self._caller(scope, principal)
        size = max(1, rate // _BUNDLES)
        policy = Policy("general", rate, timedelta(minutes=1), "Too many requests.")
        usage = self._platform.windows.take(policy, subject_of(str(caller)), now=self._platform.clock.now(), count=size)
        taken = max(0, size - max(0, usage.used - rate))  # the last bundle may be a part of one
        now = stopwatch()
        with self._lock:
            known = self._callers.get(caller)
            # Requests at once may each have asked: what one of them was given is not lost.
            left = taken + (max(0, known.left) if known and now < known.until else 0)
            if len(self._callers) >= _MOST_CALLERS:
                self._callers.clear()
            bundle = _Bundle(policy, left - 1, now + usage.resets_in, beyond=usage.remaining)
            self._callers[caller] = bundle
        if left <= 0:
            raise _refused(scope, bundle, now)
        _tell(scope, bundle, now)

    def _caller(self, scope: Scope, principal: Principal | None) -> tuple[UUID | str, int]:
        if principal is None:
            return f"address {client_address(scope)}", max(1, self._rate // 2)
        factor = 5 if principal.user_type is UserType.ADMIN else 1
        return principal.user_id, self._rate * factor


@dataclass(slots=True)
class _Bundle:
    """Permits of one caller that this process may hand out."""

    policy: Policy
    left: int
    until: float
    """By the stopwatch: when the minute is over."""
    beyond: int
    """What the shared counter still had when this bundle was taken."""

    @property
    def is_last(self) -> bool:
        """The shared counter has no more in this minute."""
        return self.beyond == 0


def _tell(scope: Scope, bundle: _Bundle, now: float) -> None:
    """Put onto the answer what is known here: other processes may have handed out more since."""
    remaining = bundle.beyond + max(0, bundle.left)
    usage = Usage(
        bundle.policy, bundle.policy.limit, bundle.policy.limit - remaining, max(1, round(bundle.until - now))
    )
    scope["tourpad_usage"] = usage  # type: ignore[typeddict-unknown-key]  # ours, read by web/floor.py


def _refused(scope: Scope, bundle: _Bundle, now: float) -> LimitedError:
    _tell(scope, bundle, now)
    return LimitedError(
        bundle.policy.sentence,
        hint=f"At most {bundle.policy.limit} a minute.",
        policy=bundle.policy.name,
        retry_after=max(1, round(bundle.until - now)),
    )
