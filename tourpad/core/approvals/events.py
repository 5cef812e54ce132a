"""What happens with requests."""

from uuid import UUID

from tourpad.core.events import Event


class ApprovalAsked(Event, kw_only=True):
    """An admin asked for another's consent."""

    approval_id: UUID
    asked_by_id: UUID


class ApprovalDecided(Event, kw_only=True):
    """Another admin said yes or no."""

    approval_id: UUID
    asked_by_id: UUID
