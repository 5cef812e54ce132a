"""Artists plan trips; hosts nearby hear of them, once, and may invite."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.artists import queries as artists
from tourpad.core.artists.models import Artist
from tourpad.core.availability import rules
from tourpad.core.availability.errors import TooManyTrips, TripOver
from tourpad.core.availability.models import Trip, TripNotice
from tourpad.core.availability.patterns import days_between
from tourpad.core.availability.queries import days
from tourpad.core.availability.queries import trips as queries
from tourpad.core.availability.queries.trips import TripView
from tourpad.core.availability.rules import TripPlan
from tourpad.core.availability.service import calendar
from tourpad.core.errors import NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.hosts import queries as hosts
from tourpad.core.ids import new_id
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.places import Town, state_code
from tourpad.core.values import replace
from tourpad.core.work import Work

TRIP_FIELDS = frozenset({"state", "city", "radius_miles", "starts_on", "ends_on", "note"})


def plan(work: Work, *, user_id: UUID, values: Mapping[str, Any]) -> Trip:
    """Tell where one will be. Hosts nearby see it at once, and are told by mail once a day.

    Args:
        work: the unit of work.
        user_id: the artist's account.
        values: `starts_on, ends_on`, and `state` for all of it, or `city` with `state` and `radius_miles`; `note`.

    Raises:
        InvalidInputError: naming every wrong field.
        NotFoundError: the account is no artist's.
        TooManyTrips: so many are planned already.
    """
    artist = _artist(work, user_id)
    since = calendar.since(work)
    clean = _checked(values, today=since)
    if queries.count_open(work, artist.id, since=since) >= rules.MOST_TRIPS:
        raise TooManyTrips(f"You have {rules.MOST_TRIPS} trips ahead.", hint="Take one away first.")
    trip = Trip(id=new_id(), artist_id=artist.id, created_at=work.now)
    _write(work, trip, clean)
    work.add(trip)
    work.audit("trip.plan", target_type="trip", target_id=trip.id, starts_on=clean.starts_on.isoformat())
    return trip


def change(work: Work, *, user_id: UUID, trip_id: UUID, changes: Mapping[str, Any]) -> Trip:
    """Change a trip. What is not mentioned stays; hosts who were told of it are not told again.

    Raises:
        InvalidInputError: naming every wrong field.
        NotFoundError: no such trip, or somebody else's.
        TripOver: it was called off, or is over.
    """
    trip = _open_trip(work, user_id, trip_id)
    present = {name: getattr(trip, name) for name in TRIP_FIELDS}
    if changes.get("state") is not None and "city" not in changes:
        present |= {"city": None, "radius_miles": None}  # another state, and no town in it
    _write(work, trip, _checked({**present, **changes}, today=calendar.since(work)))
    work.session.flush()
    work.audit("trip.change", target_type="trip", target_id=trip.id, fields=sorted(changes))
    return trip


def call_off(work: Work, *, user_id: UUID, trip_id: UUID) -> Trip:
    """Take a trip away. What was agreed on it stays agreed.

    Raises:
        NotFoundError: no such trip, or somebody else's.
        TripOver: it was called off already, or is over.
    """
    trip = _open_trip(work, user_id, trip_id)
    trip.cancelled_at = trip.updated_at = work.now
    work.audit("trip.call_off", target_type="trip", target_id=trip.id)
    return trip


def free_dates(
    work: Work,
    views: Sequence[TripView],
    *,
    host_user_id: UUID,
    booked: Mapping[UUID, Collection[date]] | None = None,
) -> dict[UUID, list[date]]:
    """By trip: its days from yesterday on that neither the artist nor the host has blocked. Three queries in all.

    Args:
        work: the unit of work.
        views: the trips.
        host_user_id: the host's account.
        booked: by account, days that confirmed shows hold, from whoever knows of shows.
    """
    if not views:
        return {}
    since = calendar.since(work)
    people = {host_user_id, *(view.artist_user_id for view in views)}
    known = days.calendars(
        work,
        people,
        first=min(view.trip.starts_on for view in views),
        last=max(view.trip.ends_on for view in views),
    )
    if booked:
        known = {who: replace(its, booked=booked.get(who, frozenset())) for who, its in known.items()}
    return {
        view.trip.id: [
            day
            for day in days_between(max(view.trip.starts_on, since), view.trip.ends_on)
            if known[view.artist_user_id].may_be_asked(day) and known[host_user_id].may_be_asked(day)
        ]
        for view in views
    }


def tell_host(work: Work, *, host_id: UUID, trip_ids: Sequence[UUID]) -> int:
    """Tell a host of artists who come near, all in one mail. Answers of how many trips they were told.

    Trips of which they were told already, and those on whose days one of the two can't, are left out: the latter are
    told of when a day opens.
    """
    host = hosts.get(work, host_id)
    views = queries.views_of(work, list(trip_ids))
    free = free_dates(work, views, host_user_id=host.user_id)
    coming = [view for view in views if free[view.trip.id]]
    if not coming:
        return 0
    rows = [{"id": new_id(), "trip_id": v.trip.id, "host_id": host_id, "told_at": work.now} for v in coming]
    new = insert(TripNotice).values(rows).on_conflict_do_nothing(index_elements=["trip_id", "host_id"])
    fresh = set(work.session.scalars(new.returning(TripNotice.trip_id)))
    coming = [view for view in coming if view.trip.id in fresh]
    if coming:
        tell(
            work,
            user_id=host.user_id,
            template="trips_near",
            category=Category.TRIP,
            dedupe_key=f"trips_near:{host_id}:{coming[0].trip.id}",
            related=("trip", coming[0].trip.id),
            trips=[
                {
                    "artist": view.stage_name,
                    "genres": view.genres,
                    "place": rules.place_of(
                        city=view.trip.city, state=view.trip.state, radius_miles=view.trip.radius_miles
                    ),
                    "starts_on": view.trip.starts_on,
                    "ends_on": view.trip.ends_on,
                }
                for view in coming
            ],
        )
    return len(coming)


def _artist(work: Work, user_id: UUID) -> Artist:
    artist = artists.get_for_update(work, user_id)
    if artist is None:
        raise NotFoundError("You have no artist's profile yet.", hint="PATCH /api/artists/me makes it.")
    return artist


def _open_trip(work: Work, user_id: UUID, trip_id: UUID) -> Trip:
    trip = queries.get_own(work, trip_id=trip_id, user_id=user_id)
    if trip.cancelled_at is not None:
        raise TripOver("This trip was called off.", hint="Plan another one.")
    if trip.ends_on < calendar.since(work):
        raise TripOver("This trip is over.", hint="Plan another one.")
    return trip


def _checked(values: Mapping[str, Any], *, today: date) -> TripPlan:
    found = Fields()
    found.known(values, TRIP_FIELDS)
    found.require(values, ("starts_on", "ends_on"))
    found.done()
    town: Town | None = None
    state: str | None = values.get("state")
    if values.get("city") is not None:
        town = found.town(values["city"], state)
    elif state is not None and (state := state_code(str(values["state"]))) is None:
        found.wrong("state", "is no state of the United States: write Ohio, or OH")
        found.done()
    clean = rules.check_trip(
        found,
        state=state,
        town=town,
        radius_miles=values.get("radius_miles"),
        starts_on=values["starts_on"],
        ends_on=values["ends_on"],
        note=values.get("note"),
        today=today,
    )
    found.done()
    return clean


def _write(work: Work, trip: Trip, clean: TripPlan) -> None:
    trip.state = clean.state
    trip.city = clean.town.name if clean.town else None
    trip.latitude, trip.longitude = clean.town.point if clean.town else (None, None)
    trip.radius_miles = clean.radius_miles if clean.town else None
    trip.starts_on, trip.ends_on, trip.note = clean.starts_on, clean.ends_on, clean.note
    trip.updated_at = work.now
