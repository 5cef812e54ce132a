"""What happens to hosts' profiles."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class HostChanged(Event):
    """A host's public profile reads differently now; `fields` names the columns."""

    host_id: UUID
    fields: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostMoved(Event):
    """A host's public point is another one: whatever keeps a copy of it draws it again."""

    host_id: UUID
