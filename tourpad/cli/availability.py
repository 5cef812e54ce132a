"""`tourpad availability`: whose days are free, and how the calendars stand that people keep elsewhere."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from tourpad.cli import options
from tourpad.cli.context import find_person, me, platform
from tourpad.cli.output import Column, Row, show_list
from tourpad.core.availability.states import FeedState

app = typer.Typer(no_args_is_help=True, help="Calendars: whose days are free, feeds, and artists' trips.")

Who = Annotated[str, typer.Argument(metavar="PERSON", help="A mail address, or any unique part of an id.")]
_COLOURS = {"blocked": "red", "open": "green", "failing": "yellow", "stopped": "red", "good": "green"}


@app.command("show")
def show(
    who: Who,
    *,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; today unless given.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="How many days.")] = 28,
    everything: Annotated[bool, typer.Option("--all", help="Days of which nothing is said, too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Show how the days of a host or an artist stand, and what that comes from."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.availability import service
        from tourpad.core.availability.queries import days as queries
        from tourpad.core.bookings.queries import booked_days

        user = find_person(work, who)
        zone = queries.zone_of(work, user.id)
        first = start.date() if start else work.now.date()
        booked = booked_days(work, user.id, since=first)
        last = first + timedelta(days=days - 1)
        found = service.standings(work, user_id=user.id, first=first, last=last, booked=booked)
    rows: list[Row] = [
        {
            "date": day.day,
            "weekday": f"{day.day:%a}",
            "status": day.kind.value if day.kind else None,
            "because": day.because.value if day.because else None,
        }
        for day in found
        if everything or as_json or day.kind is not None
    ]
    columns = [
        Column("date"),
        Column("weekday", "day"),
        Column("status", style=lambda row: _COLOURS.get(row["status"] or "", "")),
        Column("because", "by"),
    ]
    blocked = sum(day.kind == "blocked" for day in found)
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="days",
        extra={"user_id": user.id, "time_zone": zone},
        empty=f"{user.name} has said nothing of these {days} days: any may be asked for.",
        closing=f"{blocked} of {days} days are not to be had, in {zone}.  Calendars:  tourpad availability feeds {who}",
    )


@app.command("feeds")
def list_feeds(
    who: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="Only this person's.")] = None,
    *,
    state: Annotated[FeedState | None, typer.Option("--state", help="Only these.")] = None,
    limit: options.Limit = 50,
    as_json: options.Json = False,
) -> None:
    """Show the calendars that people keep elsewhere, those that fail longest first. Their addresses are never shown."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.availability.queries import feeds as queries

        owner = find_person(work, who).id if who else None
        rows: list[Row] = [
            {
                "id": feed.id,
                "owner": email,
                "name": feed.name,
                "host": feed.host,
                "blocks": feed.blocks.value,
                "state": feed.state.value,
                "failures": feed.failures,
                "fetched_at": feed.fetched_at,
                "next_fetch_at": feed.next_fetch_at,
                "left_out": feed.left_out,
                "error": feed.error,
            }
            for feed, email in queries.all_with_owners(work, user_id=owner, state=state, limit=limit)
        ]
    columns = [
        Column("id"),
        Column("owner"),
        Column("name"),
        Column("host", optional=True),
        Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
        Column("failures", "failed"),
        Column("fetched_at", "read", optional=True),
        Column("error", "why"),
    ]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="feeds",
        empty="No calendar is read.",
        closing=f"{len(rows)} of them.  Read those that are due:  tourpad jobs run feeds-fetch",
    )


@app.command("trips")
def list_trips(*, limit: options.Limit = 50, as_json: options.Json = False) -> None:
    """Show where artists plan to be, the next first, and how many hosts were told."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.availability import rules, service
        from tourpad.core.availability.queries import trips as queries

        rows: list[Row] = [
            {
                "id": view.trip.id,
                "artist": view.stage_name,
                "place": rules.place_of(
                    city=view.trip.city, state=view.trip.state, radius_miles=view.trip.radius_miles
                ),
                "starts_on": view.trip.starts_on,
                "ends_on": view.trip.ends_on,
                "hosts_told": told,
            }
            for view, told in queries.ahead(work, since=service.since(work), limit=limit)
        ]
    columns = [
        Column("id"),
        Column("artist"),
        Column("place"),
        Column("starts_on", "from"),
        Column("ends_on", "to"),
        Column("hosts_told", "hosts told"),
    ]
    show_list(
        rows,
        columns,
        as_json=as_json,
        key="trips",
        empty="Nobody plans a trip.",
        closing="Hosts near a trip are told once a day.  Now:  tourpad jobs run trips-tell",
    )
