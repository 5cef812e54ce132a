"""`tourpad bookings`: who asked whom for which date, and calling one off."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options, papers
from tourpad.cli.context import me, platform
from tourpad.cli.output import (
    SHORT_ID,
    Column,
    confirm,
    human,
    is_terminal,
    print_json,
    say,
    show_list,
    show_one,
)
from tourpad.cli.quotes import quote_json, show_quote
from tourpad.core.bookings.states import BookingState

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from tourpad.core.bookings.queries import BookingView
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Bookings: who asked whom for which date, and how it stands.")

Which = Annotated[str, typer.Argument(metavar="BOOKING", help="Any unique part of its id.")]
COLOURS = {
    "pending": "yellow",
    "countered": "yellow",
    "approved": "cyan",
    "confirmed": "green",
    "rejected": "dim",
    "expired": "dim",
    "cancelled": "red",
}


@app.command("list")
def list_bookings(
    *,
    state: Annotated[list[BookingState] | None, typer.Option("--state", help="Only these; may be repeated.")] = None,
    who: Annotated[str | None, typer.Option("--who", help="Only those of this mail address.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show bookings, the latest date first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.bookings import queries
        from tourpad.core.identity import queries as people

        user_id = people.get_by_email(work, who).id if who else None
        wanted = queries.BookingFilter(user_id=user_id, states=tuple(state or ()))
        views, total = queries.list_views(work, wanted, page=1, limit=limit)
        rows = [_row(view) for view in views]
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        [
            Column("id"),
            Column("state", style=lambda row: COLOURS.get(row["state"], "")),
            Column("date"),
            Column("artist"),
            Column("venue", optional=True),
            Column("city"),
            Column("artist_fee_cents", "fee"),
            Column("door_fee_cents", "door"),
            Column("requested_by", "asked by", optional=True),
            Column("turn"),
        ],
        as_json=as_json,
        key="bookings",
        extra={"total": total},
        empty="No booking matches." if state or who else "Nobody has asked for a date yet.",
        closing=f"{counted} booking{'' if total == 1 else 's'}.  One of them:  tourpad bookings show BOOKING",
    )


@app.command("show")
def show(which: Which, *, as_json: options.Json = False) -> None:
    """Show one booking: how it stands, every offer with what it changed and would bring, and what happened when."""
    with platform() as p, p.work(me()) as work:
        from tourpad.cli.bookings_told import offers_told, timeline
        from tourpad.core.bookings import queries

        view = queries.get_view(work, _find(work, which))
        booking = view.booking
        offers = queries.offers(work, booking.id)
        told = offers_told(work, booking, offers)
        moments = timeline(booking, offers)
        facts: dict[str, Any] = {
            **_row(view),
            "time": f"{booking.requested_time:%H:%M}",
            "time_zone": booking.time_zone,
            "duration": booking.estimated_duration,
            "expected_attendance": booking.expected_attendance,
            "minimum_attendance": booking.minimum_attendance,
            "minimum_notice_days": booking.minimum_notice_days,
            "maximum_attendance": booking.maximum_attendance,
            "artist_door_bps": booking.artist_door_bps,
            "lodging_requested": booking.lodging_requested,
            "house_rules": booking.house_rules,
            "fee_policy": booking.fee_policy.value,
            "door_policy": booking.door_policy.value,
            "door_mode": booking.door_mode.value,
            "respond_by": booking.respond_by,
            "requested_at": booking.requested_at,
            "approved_at": booking.approved_at,
            "confirmed_at": booking.confirmed_at,
            "completed_at": booking.completed_at,
            "cancelled_at": booking.cancelled_at,
            "cancelled_by": booking.cancelled_by.value if booking.cancelled_by else None,
            "cancel_reason": booking.cancel_reason,
            "concert_id": booking.concert_id if booking.confirmed_at else None,
            "offer_number": booking.offer_number,
            "brought_from": booking.brought_from,
        }
    if as_json or not is_terminal():
        show_one({**facts, "offers": told, "history": moments}, as_json=as_json)
        return
    from rich.markup import escape

    from tourpad.cli.bookings_told import show_offers, show_timeline
    from tourpad.core.bookings.moments import on_the_wall
    from tourpad.core.bookings.service.steps import terms_of
    from tourpad.core.bookings.states import CALLED_OFF_FROM
    from tourpad.core.bookings.wording import spelled

    title = f"{facts['artist']} at {facts['venue']}, {human(facts['date'])}"
    who = {name: facts.pop(name) for name in ("id", "state", "artist", "venue", "city", "requested_by", "turn")}
    terms = terms_of(booking)
    # The terms as their agreement spells them; programs get them by their names.
    meant = {name: value for name, value in facts.items() if not hasattr(terms, name)}
    said = dict(spelled(terms, booking.currency))
    if booking.brought_from:
        # Of other terms nothing is known, and those that the row has are ours.
        said = {name: said[name] for name in ("date", "begins", "length", "guarantee", "door", "expected")}
        del meant["offer_number"]
    told_here = {**who, **said, **on_the_wall(meant, booking.time_zone)}
    show_one({name: value for name, value in told_here.items() if value is not None}, as_json=False, title=title)
    if booking.brought_from:
        say(f"\nAgreed on and paid at {escape(booking.brought_from)}: no money of it was ever here.")
        return
    show_offers(told, booking.time_zone)
    show_timeline(moments, booking.time_zone)
    short = str(booking.id)[-SHORT_ID:]
    off = f"      Call it off:  tourpad bookings cancel {short}" if booking.state in CALLED_OFF_FROM else ""
    say(f"\nWhat they agreed on:  tourpad bookings agreement {short}{off}")


@app.command("cancel")
def cancel(
    which: Which,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="For both sides to read.")] = None,
    quote_id: Annotated[
        str | None, typer.Option("--quote", metavar="ID", help="Only if it is still this quote.")
    ] = None,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Call a booking off. The host gets all of the fee back, and guests all of their door fees."""
    with platform() as p:
        from tourpad.core.bookings import queries, service

        with p.work(me()) as work:
            booking_id = _find(work, which)
            seen = service.preview_cancellation(work, booking_id=booking_id, user_id=None).quote
            seen.check(quote_id)
            view = queries.get_view(work, booking_id)
        if not as_json:
            say(f"{_title(view)} is {view.booking.state}. Calling it off:")
            show_quote(seen)
        if as_json and dry_run:
            print_json({"id": booking_id, "state": view.booking.state.value, "quote": quote_json(seen)})
            return
        if not confirm("Call it off?", yes=yes, dry_run=dry_run):
            return
        with p.work(me()) as work:
            done = service.cancel(
                work, booking_id=booking_id, user_id=None, reason=reason, quote_id=quote_id or seen.id
            )
            work.commit()
    if as_json:
        door = seen.back - done.refund
        print_json(
            {
                "id": booking_id,
                "state": done.booking.state.value,
                "refund_cents": done.refund,
                "door_refunds_cents": door,
                "quote": quote_json(seen),
            }
        )
        return
    say("It is called off, and everybody is told. Refunds are sent by themselves.")
    say(f"Watch them:  tourpad concerts show {str(view.booking.concert_id)[-8:]}")


app.command("agreement")(papers.agreement)


def _find(work: "Work", which: str) -> "UUID":
    from tourpad.core.bookings.models import Booking
    from tourpad.core.database.lookup import by_id_part

    return by_id_part(work, Booking, which, noun="booking")


def _title(view: "BookingView") -> str:
    day: date = view.booking.requested_date
    return f"{view.sides.stage_name} at {view.sides.venue_name}, {human(day)},"


def _row(view: "BookingView") -> dict[str, Any]:
    from tourpad.core.money import Money

    booking, sides = view.booking, view.sides
    return {
        "id": booking.id,
        "state": booking.state.value,
        "date": booking.requested_date,
        "artist": sides.stage_name,
        "venue": sides.venue_name,
        "city": f"{sides.city} {sides.region}",
        "artist_fee_cents": Money(booking.artist_fee_cents, booking.currency),
        "door_fee_cents": Money(booking.door_fee_cents, booking.currency),
        "requested_by": booking.requested_by.value,
        "turn": booking.turn.value if booking.turn else None,
    }
