"""Telling of requests that were taken in one statement (`queries/at_once.py`), a moment later."""

from tourpad.core.concerts.models import RsvpNews
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.service.asking import TOLD
from tourpad.core.work import Work


def tell_of(work: Work, *, item: RsvpNews) -> bool:
    """Let happen what follows from a request, and take the note of it away, in one transaction: it is told once.

    Whoever has been faster (the host has answered, the fan has paid or given the seats back) has told of that, and it
    is the newer story: nothing is said then. Answers whether something was.
    """
    concert = shows.lock_by_rsvp(work, item.id)
    rsvp, fan_user_id = queries.get(work, item.id)
    is_news = rsvp.state_changed_at == rsvp.requested_at and rsvp.state in TOLD and rsvp.paid_at is None
    if is_news:
        work.emit(TOLD[rsvp.state](rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))
    work.session.delete(item)
    work.session.flush()
    return is_news
