"""Artists' planned trips: told by artists, seen by hosts nearby, who may invite."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.params import QueryParameter
from msgspec import UNSET, UnsetType

from tourpad.core.availability import rules, service
from tourpad.core.availability.models import Trip
from tourpad.core.availability.queries import trips as queries
from tourpad.core.availability.queries.trips import TripFilter, TripView
from tourpad.core.bookings import queries as bookings
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts import queries as hosts
from tourpad.core.hosts.models import Host
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.masking import mask
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.changes import sent
from tourpad.web.needs import needs
from tourpad.web.search import several
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination


class TripIn(Input):
    """Where one will be, and when: a state, or around a town."""

    starts_on: date
    ends_on: date
    """The last day."""
    state: str | None = None
    """`Ohio` or `OH`; needed unless the town says it."""
    city: str | None = None
    """`Dayton`, or `Dayton OH`."""
    radius_miles: int | None = None
    """How far from the town; 50 unless given."""
    note: str | None = None
    """For hosts. Mail addresses, telephone numbers and links in it are hidden."""


class TripChanges(Input):
    """Changes to a trip. What is not mentioned stays."""

    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType = UNSET
    state: str | UnsetType | None = UNSET
    city: str | UnsetType | None = UNSET
    radius_miles: int | UnsetType | None = UNSET
    note: str | UnsetType | None = UNSET


class TripOut(Output):
    """One's own trip."""

    id: UUID
    state: str
    city: str | None
    radius_miles: int | None
    place: str
    """In words: `Ohio`, or `within 50 miles of Dayton OH`."""
    starts_on: date
    ends_on: date
    note: str | None
    cancelled_at: datetime | None
    created_at: datetime


class TripAnswer(Output):
    """One of one's own trips."""

    trip: TripOut


class OwnTripsAnswer(Output):
    """One's own trips that are not over, the next one first."""

    trips: list[TripOut]


class NearTripOut(TripOut):
    """A trip that passes near, and whose it is. To invite: `POST /api/bookings` with its id as `tripId`."""

    artist_id: UUID
    artist_name: str
    genres: list[str]
    min_guarantee_cents: int | None
    free_dates: list[date]
    """Days of it on which neither of you has something else."""


class NearTripAnswer(Output):
    """One trip that passes near."""

    trip: NearTripOut


class NearTripsAnswer(Output):
    """One page of trips that pass near."""

    trips: list[NearTripOut]
    pagination: Pagination


@get("/api/trips/me", **needs(Permission.PLAN_TRIPS), tags=["trips"])
def list_own_trips(platform: Platform, principal: Principal) -> OwnTripsAnswer:
    """One's own trips that are not over, the next one first."""
    with platform.work(principal.actor) as work:
        views = queries.of_artist(work, principal.user_id, since=service.since(work))
    return OwnTripsAnswer(trips=[_own(view.trip) for view in views])


@post("/api/trips", **needs(Permission.PLAN_TRIPS), tags=["trips"])
def plan_trip(platform: Platform, principal: Principal, data: TripIn) -> TripAnswer:
    """Tell where one will be. Hosts nearby see it at once, and hear of it in a mail a day."""
    with platform.work(principal.actor) as work:
        trip = service.plan(work, user_id=principal.user_id, values=sent(data))
        work.commit()
        return TripAnswer(trip=_own(trip))


@patch("/api/trips/{trip_id:uuid}", **needs(Permission.PLAN_TRIPS), tags=["trips"])
def change_trip(platform: Platform, principal: Principal, trip_id: UUID, data: TripChanges) -> TripAnswer:
    """Change one's own trip."""
    with platform.work(principal.actor) as work:
        trip = service.change(work, user_id=principal.user_id, trip_id=trip_id, changes=sent(data))
        work.commit()
        return TripAnswer(trip=_own(trip))


@delete("/api/trips/{trip_id:uuid}", **needs(Permission.PLAN_TRIPS), tags=["trips"])
def call_off_trip(platform: Platform, principal: Principal, trip_id: UUID) -> None:
    """Take one's own trip away. What was agreed on it stays agreed."""
    with platform.work(principal.actor) as work:
        service.call_off(work, user_id=principal.user_id, trip_id=trip_id)
        work.commit()


@get("/api/trips", **needs(Permission.BROWSE_TRIPS), tags=["trips"])
def list_trips_near(
    *,
    platform: Platform,
    principal: Principal,
    start: Annotated[date | None, QueryParameter(name="start", description="Trips that end on it or later.")] = None,
    end: Annotated[date | None, QueryParameter(name="end", description="Trips that begin on it or earlier.")] = None,
    genres: Annotated[list[str] | None, QueryParameter(name="genres", description="Any of these.")] = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> NearTripsAnswer:
    """Artists who plan to come near, the next first. Near is reckoned from one's public point."""
    wanted = TripFilter(from_date=start, to_date=end, genres=tuple(g.lower() for g in several(genres)))
    with platform.work(principal.actor) as work:
        host = _host(work, principal)
        views, total = queries.near(work, host, wanted, since=service.since(work), page=page, limit=limit)
        shown = _near(work, views, host)
    return NearTripsAnswer(trips=shown, pagination=pagination(page=page, limit=limit, total=total))


@get("/api/trips/{trip_id:uuid}", **needs(Permission.BROWSE_TRIPS), tags=["trips"])
def show_trip_near(platform: Platform, principal: Principal, trip_id: UUID) -> NearTripAnswer:
    """One trip that passes near."""
    with platform.work(principal.actor) as work:
        host = _host(work, principal)
        view = queries.get_near(work, host, trip_id, since=service.since(work))
        return NearTripAnswer(trip=_near(work, [view], host)[0])


def _host(work: Work, principal: Principal) -> Host:
    host = hosts.get_by_user(work, principal.user_id)
    if host is None:
        raise NotFoundError("You have no host's profile yet.", hint="PATCH /api/hosts/me with your city makes it.")
    return host


def _own(trip: Trip) -> TripOut:
    return TripOut(
        id=trip.id,
        state=trip.state,
        city=trip.city,
        radius_miles=trip.radius_miles,
        place=rules.place_of(city=trip.city, state=trip.state, radius_miles=trip.radius_miles),
        starts_on=trip.starts_on,
        ends_on=trip.ends_on,
        note=trip.note,
        cancelled_at=trip.cancelled_at,
        created_at=trip.created_at,
    )


def _near(work: Work, views: list[TripView], host: Host) -> list[NearTripOut]:
    """Shape trips for a host. Four queries for all of them."""
    people = {host.user_id, *(view.artist_user_id for view in views)}
    booked = bookings.booked_by(work, people, since=service.since(work))
    free = service.free_dates(work, views, host_user_id=host.user_id, booked=booked)
    return [_near_out(view, free[view.trip.id]) for view in views]


def _near_out(view: TripView, free: list[date]) -> NearTripOut:
    trip = view.trip
    return NearTripOut(
        id=trip.id,
        state=trip.state,
        city=trip.city,
        radius_miles=trip.radius_miles,
        place=rules.place_of(city=trip.city, state=trip.state, radius_miles=trip.radius_miles),
        starts_on=trip.starts_on,
        ends_on=trip.ends_on,
        note=None if trip.note is None else mask(trip.note).text,
        cancelled_at=trip.cancelled_at,
        created_at=trip.created_at,
        artist_id=trip.artist_id,
        artist_name=view.stage_name,
        genres=view.genres,
        min_guarantee_cents=view.min_guarantee_cents,
        free_dates=free,
    )


ROUTES = (list_own_trips, plan_trip, list_trips_near, show_trip_near, change_trip, call_off_trip)
