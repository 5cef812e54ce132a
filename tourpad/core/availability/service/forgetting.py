"""A person goes for good: so do their days, their calendars and their trips."""

from uuid import UUID

from sqlalchemy import delete

from tourpad.core.artists import queries as artists
from tourpad.core.availability.models import AvailabilityDay, AvailabilityPattern, CalendarFeed, Trip
from tourpad.core.work import Work


def forget(work: Work, *, user_id: UUID) -> None:
    """Erase what a person said of their days and travels. Busy days and notices go with what they belong to."""
    for table in (AvailabilityDay, AvailabilityPattern, CalendarFeed):
        work.session.execute(delete(table).where(table.user_id == user_id))
    artist = artists.get_by_user(work, user_id)
    if artist is not None:
        work.session.execute(delete(Trip).where(Trip.artist_id == artist.id))
