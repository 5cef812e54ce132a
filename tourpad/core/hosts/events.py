"""What happens to hosts' profiles."""

from uuid import UUID

from tourpad.core.events import Event


class HostChanged(Event, kw_only=True):
    """A host's public profile reads differently now; `fields` names the columns."""

    host_id: UUID
    fields: frozenset[str]


class HostMoved(Event, kw_only=True):
    """A host's public point is another one: whatever keeps a copy of it draws it again."""

    host_id: UUID
    metres: float
    """How far the public point moved; none where there was none."""
    town: str
    time_zone: str


class HostAddressChanged(Event, kw_only=True):
    """What is shown to those who may know where a home is reads differently: street, postcode or how to get in."""

    host_id: UUID
