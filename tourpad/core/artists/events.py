"""What happens to artists' profiles."""

from uuid import UUID

from tourpad.core.events import Event


class ArtistChanged(Event, kw_only=True):
    """An artist's public profile reads differently now; `fields` names the columns."""

    artist_id: UUID
    fields: frozenset[str]
