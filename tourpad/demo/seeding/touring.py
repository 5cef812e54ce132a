"""Artists tell of trips, and shows move to another date with the guests who say yes."""

from datetime import timedelta

from tourpad.core.availability import service as availability
from tourpad.core.bookings import service as bookings
from tourpad.core.bookings.service.answering import Answer
from tourpad.core.concerts import service as concerts
from tourpad.demo.seeding.booking import Show, local_day
from tourpad.demo.seeding.ground import Ground
from tourpad.demo.seeding.shows import Fate

AROUND = timedelta(days=2)
"""A trip begins so long before the day on which a host might have them, and ends so long after it."""

_ANSWERS = {Fate.STAYS: True, Fate.DROPS_OUT: False}


def announce(ground: Ground, show: Show) -> None:
    """The artist will be in the host's state around that day."""
    day = local_day(show)
    with ground.platform.work(show.artist.actor) as work:
        trip = availability.plan(
            work,
            user_id=show.artist.id,
            values={
                "state": show.host.character.town.state,
                "starts_on": day - AROUND,
                "ends_on": day + AROUND,
                "note": "We pass through with a small PA.",
            },
        )
        show.trip_id = trip.id
        work.commit()


def move(ground: Ground, show: Show) -> None:
    """Both sides agree on another day, and every guest is asked."""
    later = timedelta(days=(show.date.moves_to or show.date.day) - show.date.day)
    with ground.platform.work(show.artist.actor) as work:
        bookings.reschedule(
            work,
            booking_id=show.booking_id,
            user_id=show.artist.id,
            changes={"date": local_day(show) + later},
            message="Our van needs a day longer.",
        )
        work.commit()
    with ground.platform.work(show.host.actor) as work:
        bookings.respond(
            work, booking_id=show.booking_id, user_id=show.host.id, status=Answer.APPROVED, response="So be it."
        )
        work.commit()
    show.starts_at += later


def say_who_comes(ground: Ground, show: Show) -> None:
    """Some guests answer; the others have some days for it."""
    for party in show.parties:
        comes = _ANSWERS.get(party.fate)
        if comes is None:
            continue
        with ground.platform.work(party.fan.actor) as work:
            concerts.keep(work, rsvp_id=party.rsvp_id, user_id=party.fan.id, comes=comes)
            work.commit()
        ground.till.expect_news()
