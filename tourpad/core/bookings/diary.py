"""A show as it stands in calendars: of its artist, its host and its guests, by the same name in all of them (pure)."""

from datetime import datetime
from email.utils import parseaddr
from uuid import UUID

from tourpad.core import calendars
from tourpad.core.calendars import Entry, Method, Sender, Standing
from tourpad.core.gateways.mail import Attachment

FILE = "concert.ics"


def show_entry(
    *,
    concert_id: UUID,
    changed_at: datetime,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime,
    zone: str,
    title: str,
    town: str,
    base_url: str,
    standing: Standing = Standing.CONFIRMED,
    address: str | None = None,
) -> Entry:
    """A show's entry. Without an address, which is only for whoever is entitled to it now, it names the town.

    Args:
        concert_id: which show; a booking knows the id of its concert from the start.
        changed_at: when the show, or its booking, was changed last.
        now: of two entries of one change the later one holds.
        starts_at: the instant.
        ends_at: the instant.
        zone: the home's zone.
        title: the concert's.
        town: with its state.
        base_url: of the site.
        standing: how certain it is.
        address: the exact one, in one line.
    """
    where = "" if address else " Where exactly it is stands there, for whoever is entitled to it."
    return Entry(
        uid=calendars.uid_of("concert", concert_id),
        sequence=calendars.sequence_of(changed_at),
        changed_at=now,
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        summary=title,
        description=f"{base_url}/concerts/{concert_id}{where}",
        location=address or town,
        url=f"{base_url}/concerts/{concert_id}",
        standing=standing,
    )


def attached(entry: Entry, *, mail_from: str) -> Attachment:
    """An entry as a file that goes along with a mail: mail programs offer to take it over, or to take it out."""
    method = Method.CANCEL if entry.standing is Standing.CANCELLED else Method.PUBLISH
    name, address = parseaddr(mail_from)
    written = calendars.write([entry], method=method, sender=Sender(name=name or address, address=address))
    return Attachment(name=FILE, type=f"{calendars.MIME_TYPE}; method={method}", text=written.decode())
