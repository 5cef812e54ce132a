"""What each command needs: a permission of the one table of permissions, as a route does, or to be where it may run.

`cli/gate.py` asks before every command. Who sits at the terminal holds what their account holds, once the machine says
which logins stand for whom (`core/identity/operators.py`).
"""

from enum import StrEnum
from typing import Final

from tourpad.core.errors import ConfigurationError
from tourpad.core.identity.permissions import Permission


class Place(StrEnum):
    """What a command needs that is no permission."""

    DEVELOPMENT = "development"
    """Refused outside of dev and test, by name."""
    MACHINE = "machine"
    """Starts, checks or repairs the installation: for whoever looks after the machine."""


Need = Permission | Place
P = Permission

NEEDS: Final[dict[str, Need]] = {
    "demo": Place.DEVELOPMENT,
    "dev": Place.DEVELOPMENT,
    "applications": P.ADMIN_APPLICATIONS,
    "users": P.ADMIN_USERS,
    "users token": Place.DEVELOPMENT,
    "rollout": P.ADMIN_USERS,
    "hosts": P.ADMIN_USERS,
    "availability": P.ADMIN_USERS,
    "bookings": P.ADMIN_USERS,
    "concerts": P.ADMIN_USERS,
    "concerts refund": P.ADMIN_MONEY,
    "concerts settlement": P.ADMIN_MONEY,
    "memberships": P.ADMIN_MONEY,
    "payments": P.ADMIN_MONEY,
    "disputes": P.ADMIN_MONEY,
    "payouts": P.ADMIN_MONEY,
    "ledger": P.ADMIN_MONEY,
    "reconcile": P.ADMIN_MONEY,
    "stripe": P.ADMIN_MONEY,
    "stripe sandbox": Place.DEVELOPMENT,
    "audit": P.ADMIN_AUDIT,
    "stats": P.ADMIN_ANALYTICS,
    "mail": P.ADMIN_USERS,
    "media": P.ADMIN_USERS,
    "jobs": Place.MACHINE,
    "db": Place.MACHINE,
    "db seed": Place.DEVELOPMENT,
    "import": Place.MACHINE,
    "export": Place.MACHINE,
    "clock": Place.DEVELOPMENT,
    "config": Place.MACHINE,
    "api": Place.MACHINE,
    "doctor": Place.MACHINE,
}
"""By noun, and by noun and verb where a verb needs something else than its noun."""

DEVELOPMENT_HINTS: Final[dict[str, str]] = {
    "demo": "Set TOURPAD_ENV=dev, and play in a TOURPAD_HOME of its own.",
    "dev": "In production run `tourpad api serve` and `tourpad jobs start`.",
    "users token": "Sign in: POST /api/auth/login.",
    "stripe sandbox": "Against Stripe itself, use a test key: STRIPE_SECRET_KEY=sk_test_…",
    "clock show": "Time is this machine's here, and nobody's to move.",
    "clock move": "Time is this machine's here, and nobody's to move.",
    "db seed": "Set TOURPAD_ENV=dev and name a database of its own.",
}
"""What to do instead of a command that is for development."""


def needed(path: str) -> Need:
    """What a command (`payouts run`) needs.

    Raises:
        ConfigurationError: nobody has said.
    """
    words = path.split()
    for length in range(len(words), 0, -1):
        need = NEEDS.get(" ".join(words[:length]))
        if need is not None:
            return need
    raise ConfigurationError(
        f"The command tourpad {path} does not say what it needs.", hint="Add its noun to tourpad/cli/needs.py."
    )
