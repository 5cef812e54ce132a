"""What happens with requests."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked(Event):
    """An admin asked for another's consent."""

    approval_id: UUID
    asked_by_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecided(Event):
    """Another admin said yes or no."""

    approval_id: UUID
    asked_by_id: UUID
