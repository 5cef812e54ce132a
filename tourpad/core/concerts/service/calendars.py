"""A concert in somebody's calendar."""

from uuid import UUID

from tourpad.core import calendars
from tourpad.core.bookings.diary import attached, show_entry
from tourpad.core.calendars import Entry, Standing
from tourpad.core.concerts.queries.shows import ConcertView, Viewer
from tourpad.core.concerts.service.addresses import address_of
from tourpad.core.concerts.states import ConcertState
from tourpad.core.gateways.mail import Attachment
from tourpad.core.work import Work


def calendar(work: Work, *, view: ConcertView, viewer: Viewer, user_id: UUID) -> bytes:
    """A concert's file for somebody who may see the concert.

    The exact address is in it for whoever is entitled to it at this moment, and the look is put on record (commit it).
    Everybody else, and every mail and feed, has the town.
    """
    address = address_of(work, view, viewer, user_id)
    return calendars.write([entry_of(work, view, address=address.line if address else None)])


def entry_of(work: Work, view: ConcertView, *, address: str | None = None, is_gone: bool = False) -> Entry:
    """A concert's entry as of now; one that is gone takes no time and is crossed out, or taken out."""
    concert, sides = view.concert, view.sides
    cancelled = is_gone or concert.state is ConcertState.CANCELLED
    return show_entry(
        concert_id=concert.id,
        changed_at=concert.updated_at,
        now=work.now,
        starts_at=concert.starts_at,
        ends_at=concert.ends_at,
        zone=concert.time_zone,
        title=concert.title,
        town=f"{sides.city}, {sides.region}",
        base_url=work.settings.base_url.rstrip("/"),
        standing=Standing.CANCELLED if cancelled else Standing.CONFIRMED,
        address=None if cancelled else address,
    )


def file_for(work: Work, view: ConcertView, *, is_gone: bool = False) -> Attachment:
    """A concert's entry to go along with a mail; a guest who comes no more takes it out by it."""
    return attached(entry_of(work, view, is_gone=is_gone), mail_from=work.settings.mail_from)
