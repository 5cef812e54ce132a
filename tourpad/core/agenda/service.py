"""Handing out secret addresses, taking them back, and the calendar behind one."""

import secrets
from uuid import UUID

from sqlalchemy import delete

from tourpad.core import calendars
from tourpad.core.agenda import queries, rules
from tourpad.core.agenda.models import CalendarLink
from tourpad.core.errors import NotFoundError
from tourpad.core.ids import new_id
from tourpad.core.work import Work

NAME = "TourPad"


def renew(work: Work, *, user_id: UUID) -> str:
    """A new secret address for one's shows; the one before, if there was one, is worth nothing from now on.

    Answers the address. It is shown this once: only a digest of it is kept.
    """
    revoke(work, user_id=user_id)
    secret = secrets.token_bytes(32)
    link = CalendarLink(id=new_id(), user_id=user_id, token_hash=rules.digest(secret), created_at=work.now)
    work.add(link)
    work.audit("calendar_link.renew", target_type="user", target_id=user_id)
    return f"{work.settings.base_url}/api/calendar/{rules.token_of(link.id, secret)}.ics"


def revoke(work: Work, *, user_id: UUID) -> bool:
    """Take the address back. Answers whether there was one."""
    gone = work.session.scalars(
        delete(CalendarLink).where(CalendarLink.user_id == user_id).returning(CalendarLink.id)
    ).first()
    if gone is not None:
        work.audit("calendar_link.revoke", target_type="user", target_id=user_id)
    return gone is not None


def read(work: Work, *, token: str) -> bytes:
    """The calendar behind a secret address. The same shows give the same bytes.

    Raises:
        NotFoundError: no such address (any more), or its owner may not sign in.
    """
    wanted = rules.read_token(token)
    link = queries.find(work, wanted[0]) if wanted else None
    if link is None or wanted is None or not rules.is_same(link.token_hash, wanted[1]):
        raise NotFoundError("No calendar has this address.", hint="POST /api/calendar/link makes a new one.")
    if link.read_at is None or link.read_at <= work.now - rules.READ_STEP:
        link.read_at = work.now
    shows = rules.entries(queries.shows(work, link.user_id), base_url=work.settings.base_url)
    return calendars.write(shows, name=NAME, refresh=rules.REFRESH)
