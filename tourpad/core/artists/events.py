"""What happens to artists' profiles."""

from dataclasses import dataclass
from uuid import UUID

from tourpad.core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistChanged(Event):
    """An artist's public profile reads differently now; `fields` names the columns."""

    artist_id: UUID
    fields: frozenset[str]
