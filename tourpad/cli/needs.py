"""What each command needs: a permission of the one table of permissions, as a route does, or to be where it may run.

Whoever sits at the terminal has the database's address, so no command asks who they are; the log writes it down. The
table says which of an admin's permissions a command stands for, so that access to a machine can be given by it, and
what does not run outside of development.
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
    "artists": P.ADMIN_USERS,
    "hosts": P.ADMIN_USERS,
    "availability": P.ADMIN_USERS,
    "calendars": P.ADMIN_USERS,
    "places": P.ADMIN_USERS,
    "trips": P.ADMIN_USERS,
    "bookings": P.ADMIN_USERS,
    "concerts": P.ADMIN_USERS,
    "concerts refund": P.ADMIN_MONEY,
    "concerts settlement": P.ADMIN_MONEY,
    "reviews": P.ADMIN_USERS,
    "messages": P.ADMIN_USERS,
    "memberships": P.ADMIN_MONEY,
    "payments": P.ADMIN_MONEY,
    "disputes": P.ADMIN_MONEY,
    "payouts": P.ADMIN_MONEY,
    "ledger": P.ADMIN_MONEY,
    "reconcile": P.ADMIN_MONEY,
    "stats": P.ADMIN_MONEY,
    "stripe": P.ADMIN_MONEY,
    "stripe sandbox": Place.DEVELOPMENT,
    "audit": P.ADMIN_AUDIT,
    "mail": P.ADMIN_USERS,
    "media": P.ADMIN_USERS,
    "jobs": Place.MACHINE,
    "db": Place.MACHINE,
    "db seed": Place.DEVELOPMENT,
    "config": Place.MACHINE,
    "api": Place.MACHINE,
    "doctor": Place.MACHINE,
    "import": Place.MACHINE,
    "export": Place.MACHINE,
    "rollout": Place.MACHINE,
}
"""By noun, and by noun and verb where a verb needs something else than its noun."""


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
