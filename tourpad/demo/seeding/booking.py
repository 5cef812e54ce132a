"""Dates are asked for, answered, agreed, secured, called off, or left to run out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tourpad.core.bookings import service as bookings
from tourpad.core.bookings.service.answering import Answer
from tourpad.core.bookings.terms import Terms
from tourpad.core.concerts import service as concerts
from tourpad.core.ids import new_id
from tourpad.core.values import replace
from tourpad.demo.seeding.ground import Ground
from tourpad.demo.seeding.people import Person
from tourpad.demo.seeding.shows import Course, Date, Fate

DOORS = time(19, 30)
"""At the host's."""
LENGTH = timedelta(minutes=75)


@dataclass(slots=True)
class Party:
    """A fan with company, at one concert."""

    fan: Person
    guests: int
    fate: Fate
    rsvp_id: UUID = field(default_factory=new_id)
    """Once they have asked."""


@dataclass(slots=True)
class Show:
    """One date, and those whom it brings together."""

    date: Date
    artist: Person
    host: Person
    parties: list[Party]
    starts_at: datetime
    trip_id: UUID | None = None
    """The artist's, once it is told of."""
    booking_id: UUID = field(default_factory=new_id)
    """Once it is asked for; so is the next."""
    concert_id: UUID = field(default_factory=new_id)


def local_day(show: Show) -> date:
    """The day on which it is, at the host's."""
    return show.starts_at.astimezone(ZoneInfo(show.host.character.town.time_zone)).date()


def arrange(
    ground: Ground,
    dates: Sequence[Date],
    *,
    artists: Sequence[Person],
    hosts: Sequence[Person],
    fans: Sequence[Person],
) -> list[Show]:
    """Find an artist, a host and fans for each date, in turn. With a closed till nothing costs anything."""
    shows: list[Show] = []
    for number, planned in enumerate(dates):
        if not ground.till.is_open and planned.course in (Course.SHOW, Course.CALLED_OFF):
            planned = replace(planned, fee=0, door=0)  # noqa: PLW2901 - the same date, for nothing
        host = hosts[number % len(hosts)]
        turned = [fans[(number * 3 + place) % len(fans)] for place in range(min(len(fans), len(planned.parties)))]
        zone = ZoneInfo(host.character.town.time_zone)
        day = ground.today.astimezone(zone).date() + timedelta(days=planned.day)
        shows.append(
            Show(
                date=planned,
                artist=artists[number % len(artists)],
                host=host,
                parties=[
                    Party(fan=fan, guests=guests, fate=fate)
                    for fan, (guests, fate) in zip(turned, planned.parties, strict=False)
                ],
                starts_at=datetime.combine(day, DOORS, zone).astimezone(UTC),
            )
        )
    return shows


def request(ground: Ground, show: Show) -> None:
    """The artist asks, or the host invites an artist who comes by."""
    local = show.starts_at.astimezone(ZoneInfo(show.host.character.town.time_zone))
    facts = show.host.facts
    invites = show.trip_id is not None
    asks = show.host if invites else show.artist
    with ground.platform.work(asks.actor) as work:
        booking = bookings.request(
            work,
            user_id=asks.id,
            host_id=None if invites else show.host.profile_id,
            artist_id=show.artist.profile_id if invites else None,
            trip_id=show.trip_id,
            terms=Terms(
                date=local.date(),
                time=local.time(),
                duration=LENGTH // timedelta(minutes=1),
                artist_fee_cents=show.date.fee,
                door_fee_cents=show.date.door,
                expected_attendance=max(facts["indoorCapacity"], facts["outdoorCapacity"]) * 3 // 4,
                minimum_attendance=show.date.minimum,
            ),
            message="You come by: play for us!" if invites else f"We would love to play {facts['venueName']}.",
        )
        show.booking_id, show.concert_id = booking.id, booking.concert_id
        work.commit()


def answer(ground: Ground, show: Show) -> None:
    """The host answers, or whoever asked takes it back."""
    match show.date.course:
        case Course.SHOW | Course.CALLED_OFF | Course.UNPAID | Course.AGREED:
            _respond(ground, show, Answer.APPROVED, "We would be delighted.")
        case Course.REJECTED:
            _respond(ground, show, Answer.REJECTED, "That weekend we are away.")
        case Course.COUNTERED:
            _respond(ground, show, None, "For a little less we can do this.", fee=show.date.fee - 5_000)
        case Course.WITHDRAWN:
            with ground.platform.work(show.artist.actor) as work:
                bookings.cancel(work, booking_id=show.booking_id, user_id=show.artist.id, reason="We found another.")
                work.commit()
        case Course.ASKED | Course.IGNORED | Course.INVITED | Course.TRIP:
            """Nobody says anything."""


def _respond(ground: Ground, show: Show, status: Answer | None, response: str, *, fee: int | None = None) -> None:
    with ground.platform.work(show.host.actor) as work:
        bookings.respond(
            work,
            booking_id=show.booking_id,
            user_id=show.host.id,
            status=status,
            response=response,
            counter=None if fee is None else {"artist_fee_cents": fee},
        )
        work.commit()


def secure(ground: Ground, show: Show) -> None:
    """The host pays the fee, which confirms it; what costs nothing is confirmed."""
    if show.date.fee:
        with ground.platform.work(show.host.actor) as work:
            due = bookings.what_is_owed(work, booking_id=show.booking_id, user_id=show.host.id)
        ground.till.pay(show.host.actor, show.host.id, due)
        return
    with ground.platform.work(show.host.actor) as work:
        bookings.confirm(work, booking_id=show.booking_id, user_id=show.host.id)
        work.commit()


def settle_details(ground: Ground, show: Show) -> None:
    """The host changes what this concert needs, and invites where it is private."""
    if not show.date.changes:
        return
    with ground.platform.work(show.host.actor) as work:
        concerts.edit(work, concert_id=show.concert_id, user_id=show.host.id, changes=show.date.changes)
        if show.date.changes.get("is_private"):
            emails = [party.fan.character.email for party in show.parties]
            concerts.invite(work, concert_id=show.concert_id, user_id=show.host.id, emails=emails)
        work.commit()


def call_off(ground: Ground, show: Show) -> None:
    """The artist falls ill."""
    with ground.platform.work(show.artist.actor) as work:
        concerts.cancel(
            work, concert_id=show.concert_id, user_id=show.artist.id, reason="The singer has lost her voice."
        )
        work.commit()
    ground.till.expect_news()
