"""What somebody who counts is told, and nothing more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tourpad.core.values import Value


class Counted(Value, kw_only=True):
    """One thing that happened."""

    id: UUID
    """Of this telling: what is sent twice counts once."""
    name: str
    """`booking requested`."""
    whose: UUID
    """A number that stands for a person, or for nobody."""
    role: str | None
    at: datetime
    """To the hour."""


class UsageGateway(Protocol):
    """Whoever counts. Nothing of it is called inside a transaction."""

    def send(self, events: Sequence[Counted]) -> None:
        """Tell of some events at once.

        Raises:
            UsageRefused: never send these again.
            UsageUncertain: try again later.
        """
        ...
