"""`tourpad concerts`: shows, their guests, and calling one off."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tourpad.cli import options, papers
from tourpad.cli.context import me, platform
from tourpad.cli.output import Column, confirm, console, human, is_terminal, print_json, say, show_list, show_one
from tourpad.cli.quotes import quote_json, show_quote
from tourpad.core.concerts.states import ConcertState, RsvpState

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.concerts.queries.doors import Attendance
    from tourpad.core.concerts.queries.refunding import Refunding
    from tourpad.core.concerts.queries.seats import Guest
    from tourpad.core.concerts.queries.shows import ConcertView
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

app = typer.Typer(no_args_is_help=True, help="Concerts: shows, their guests, and what becomes of them.")

Which = Annotated[str, typer.Argument(metavar="CONCERT", help="Any unique part of its id.")]
_COLOURS = {"scheduled": "green", "live": "bold green", "completed": "dim", "cancelled": "red"}
_SEAT_COLOURS = {
    "pending": "yellow",
    "waitlisted": "yellow",
    "offered": "cyan",
    "approved": "green",
    "checked_in": "green",
}


@app.command("list")
def list_concerts(
    *,
    state: Annotated[list[ConcertState] | None, typer.Option("--state", help="Only these; may be repeated.")] = None,
    who: Annotated[str | None, typer.Option("--who", help="Only those of this mail address.")] = None,
    limit: options.Limit = 30,
    as_json: options.Json = False,
) -> None:
    """Show concerts, the latest first."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts.queries import shows
        from tourpad.core.identity import queries as people

        user_id = people.get_by_email(work, who).id if who else None
        wanted = shows.ConcertFilter(user_id=user_id, states=tuple(state or ()))
        views, total = shows.list_views(work, wanted, page=1, limit=limit)
        rows = [_row(view) for view in views]
    counted = f"{len(rows)} of {total:,}" if total > len(rows) else f"{total:,}"
    show_list(
        rows,
        [
            Column("id"),
            Column("state", style=lambda row: _COLOURS.get(row["state"], "")),
            Column("date"),
            Column("artist"),
            Column("venue", optional=True),
            Column("city"),
            Column("seats_taken", "taken"),
            Column("max_capacity", "of"),
            Column("door_fee_cents", "door"),
        ],
        as_json=as_json,
        key="concerts",
        extra={"total": total},
        empty="No concert matches." if state or who else "No concert is announced yet.",
        closing=f"{counted} concert{'' if total == 1 else 's'}.  Who comes:  tourpad concerts guests CONCERT",
    )


@app.command("show")
def show(which: Which, *, as_json: options.Json = False) -> None:
    """Show one concert, and its seats by state."""
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts.queries import doors, invitations, refunding, seats, shows

        view = shows.get_view(work, _find(work, which))
        concert = view.concert
        counts = seats.counts(work, concert)
        came = doors.attendance(work, concert)
        open_links, invited = invitations.uses(work, concert.id)
        going_back = refunding.refunding(work, concert) if concert.cancelled_at else None
        facts: dict[str, Any] = {
            **_row(view),
            "title": concert.title,
            "starts_at": concert.starts_at,
            "ends_at": concert.ends_at,
            "time_zone": concert.time_zone,
            "requires_approval": concert.requires_approval,
            "is_private": concert.is_private,
            "invitation_links": {"open": open_links, "used": invited},
            "booking_id": concert.booking_id,
            "minimum_attendance": concert.minimum_attendance,
            "minimum_by": concert.minimum_by,
            "minimum_reached_at": concert.minimum_reached_at,
            "moved_count": concert.moved_count,
            "to_answer": seats.keeping(work, concert.id)[0],
            "completed_at": concert.completed_at,
            "cancelled_at": concert.cancelled_at,
            "cancel_reason": concert.cancel_reason,
            "refunded_at": concert.refunded_at,
            "door_mode": concert.door_mode.value,
            "door_policy": concert.door_policy.value,
            "max_party": concert.max_party,
            "asks_names": concert.asks_names,
            "seats": {kind.value: counts[kind] for kind in RsvpState if kind in counts},
        }
        if came.arrived or came.no_shows or as_json:
            facts["attendance"] = (
                _attendance(came)
                if as_json
                else f"{came.arrived} of {came.expected} guests came"
                + (f", {came.walk_ups} of them walk-ups" if came.walk_ups else "")
                + (f"; {came.no_shows} part{'y' if came.no_shows == 1 else 'ies'} stayed away" if came.no_shows else "")
            )
        if going_back:
            facts["refunds"] = _refunds(going_back) if as_json else _so_far(going_back).removeprefix("refunds ")
        if is_terminal() and not as_json:
            from tourpad.core.bookings.moments import on_the_wall

            facts = on_the_wall(facts, concert.time_zone)
    show_one(facts, as_json=as_json, title=facts["title"])


@app.command("guests")
def guests(
    which: Which,
    *,
    state: Annotated[list[RsvpState] | None, typer.Option("--state", help="Only these; may be repeated.")] = None,
    door: Annotated[
        bool, typer.Option("--door", help="The list for the door: certain parties by name, a box for each guest.")
    ] = False,
    pdf: papers.Pdf = None,
    csv: papers.Csv = False,
    limit: options.Limit = 200,
    as_json: options.Json = False,
) -> None:
    """Show who asked for seats, in the order in which they asked; or the list for the door (also --pdf, --csv)."""
    if door or csv or pdf is not None:
        if state:
            msg = "--state is for the list of everybody who asked; the door's names whoever may come in."
            raise typer.BadParameter(msg)
        with platform() as p, p.work(me()) as work:
            concert_id = _find(work, which)
        papers.guest_list(concert_id, pdf=pdf, csv=csv, as_json=as_json)
        return
    with platform() as p, p.work(me()) as work:
        from tourpad.core.concerts import rules
        from tourpad.core.concerts.queries import seats, shows

        view = shows.get_view(work, _find(work, which))
        taken = rules.seats_taken(view.concert.seats_taken, view.concert.state)
        found, total = seats.guests(work, view.concert, states=tuple(state or ()), page=1, limit=limit)
        rows = [_guest_row(guest, view) for guest in found]
    concert = view.concert
    if is_terminal() and not as_json:
        from tourpad.core.bookings.moments import on_the_wall

        rows = [on_the_wall(row, concert.time_zone) for row in rows]
    show_list(
        rows,
        [
            Column("id"),
            Column("name"),
            Column("state", style=lambda row: _SEAT_COLOURS.get(row["state"], "")),
            Column("guests"),
            Column("arrived", "in"),
            Column("fee_cents", "fee"),
            Column("paid_at", "paid"),
            Column("expires_at", "until"),
            Column("keep_by", "comes?"),
        ],
        as_json=as_json,
        key="guests",
        extra={"total": total, "concert_id": concert.id},
        empty="No party matches." if state else "Nobody has asked for seats yet.",
        closing=f"{total:,} part{'y' if total == 1 else 'ies'}, {taken} of {concert.max_capacity} "
        f"seats taken. Times of {concert.time_zone}.\n"
        f"For the door:  tourpad concerts guests {str(concert.id)[-8:]} --door",
    )


@app.command("cancel")
def cancel(
    which: Which,
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="For everybody to read.")] = None,
    quote_id: Annotated[
        str | None, typer.Option("--quote", metavar="ID", help="Only if it is still this quote.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Send the refunds now, and show how far they are.")] = False,
    yes: options.Yes = False,
    dry_run: options.DryRun = False,
    as_json: options.Json = False,
) -> None:
    """Call a concert off. The host gets all of the fee back, and guests all of their door fees."""
    with platform() as p:
        from tourpad.core.concerts import service
        from tourpad.core.concerts.queries import shows

        with p.work(me()) as work:
            concert_id = _find(work, which)
            seen = service.preview_cancellation(work, concert_id=concert_id, user_id=None).quote
            seen.check(quote_id)
            view = shows.get_view(work, concert_id)
        if not as_json:
            say(f"{view.concert.title}, {human(view.concert.date)}, is {view.concert.state}. Calling it off:")
            show_quote(seen)
        if as_json and dry_run:
            print_json({"id": concert_id, "state": view.concert.state.value, "quote": quote_json(seen)})
            return
        if not confirm("Call it off?", yes=yes, dry_run=dry_run):
            return
        with p.work(me()) as work:
            done = service.cancel(
                work, concert_id=concert_id, user_id=None, reason=reason, quote_id=quote_id or seen.id
            )
            work.commit()
        waited = _watch(p, concert_id, quiet=as_json) if wait else None
    if as_json:
        print_json(
            {
                "id": concert_id,
                "state": "cancelled",
                "refund_cents": done.refund,
                "door_refunds_cents": seen.back - done.refund,
                "quote": quote_json(seen),
                **({"refunds": _refunds(waited)} if waited else {}),
            }
        )
        return
    if waited:
        say(f"It is called off: {_so_far(waited)}.")
        return
    say("It is called off. Guests are told and refunded by themselves within minutes.")
    say(f"Watch them:  tourpad concerts show {str(concert_id)[-8:]}")


@app.command("refund")
def refund(which: Which, *, as_json: options.Json = False) -> None:
    """Go on with the refunds of a concert that was called off, now, and show how far they are. Safe to repeat."""
    with platform() as p:
        from tourpad.core.concerts.queries import shows
        from tourpad.core.errors import RefusedError

        with p.work(me()) as work:
            concert_id = _find(work, which)
            concert = shows.get_view(work, concert_id).concert
        if concert.cancelled_at is None:
            msg = f"{concert.title} is {concert.state}: only what was called off is refunded as a whole."
            raise RefusedError(
                msg, hint=f"tourpad concerts cancel {str(concert_id)[-8:]} --dry-run shows what it means."
            )
        waited = _watch(p, concert_id, quiet=as_json)
    if as_json:
        print_json({"id": concert_id, "refunds": _refunds(waited)})
        return
    say(f"{concert.title}: {_so_far(waited)}.")


app.command("settlement")(papers.settlement)


def _watch(p: "Platform", concert_id: "UUID", *, quiet: bool) -> "Refunding":
    """Refund a cancelled concert with a bar on a terminal. Cut short, the jobs go on with it."""
    from tourpad.core.concerts.procedures import refund_concert

    if quiet or not is_terminal():
        return refund_concert(p, me(), concert_id=concert_id, on_progress=lambda _: None)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(), transient=True) as progress:
        bar = progress.add_task("refunds sent", total=None)

        def report(state: "Refunding") -> None:
            progress.update(bar, total=state.total, completed=state.sent)

        return refund_concert(p, me(), concert_id=concert_id, on_progress=report)


def _so_far(state: "Refunding") -> str:
    """`refunds 212 of 400 sent, $3,180.00 of $6,000.00`."""
    from tourpad.core.money import Money

    if not state.total and not state.at_banks:
        return "nobody had paid at the door"
    said = f"refunds {state.sent:,} of {state.total:,} sent, {Money(state.sent_cents)} of {Money(state.total_cents)}"
    said += f"; {state.failed:,} failed: a person must look" if state.failed else ""
    return said + (f"; {state.at_banks:,} disputed, with the bank" if state.at_banks else "")


def _refunds(state: "Refunding") -> dict[str, Any]:
    return {
        "total": state.total,
        "total_cents": state.total_cents,
        "sent": state.sent,
        "sent_cents": state.sent_cents,
        "failed": state.failed,
        "at_banks": state.at_banks,
        "done": state.is_done,
    }


def _attendance(came: "Attendance") -> dict[str, int]:
    return {
        "expected": came.expected,
        "arrived": came.arrived,
        "missing": came.missing,
        "walk_ups": came.walk_ups,
        "no_shows": came.no_shows,
    }


def _find(work: "Work", which: str) -> "UUID":
    from tourpad.core.concerts.models import Concert
    from tourpad.core.database.lookup import by_id_part

    return by_id_part(work, Concert, which, noun="concert")


def _row(view: "ConcertView") -> dict[str, Any]:
    from tourpad.core.concerts import rules
    from tourpad.core.money import Money

    concert, sides = view.concert, view.sides
    return {
        "id": concert.id,
        "state": concert.state.value,
        "date": concert.date,
        "time": f"{concert.start_time:%H:%M}",
        "artist": sides.stage_name,
        "venue": sides.venue_name,
        "city": f"{sides.city} {sides.region}",
        "seats_taken": rules.seats_taken(concert.seats_taken, concert.state),
        "max_capacity": concert.max_capacity,
        "door_fee_cents": Money(concert.door_fee_cents, concert.currency),
    }


def _guest_row(guest: "Guest", view: "ConcertView") -> dict[str, Any]:
    from tourpad.core.concerts import rules
    from tourpad.core.money import Money

    rsvp = guest.rsvp
    return {
        "id": rsvp.id,
        "name": guest.name,
        "state": rules.standing(rsvp.state, view.concert.state).value,
        "guests": rsvp.guests_count,
        "arrived": rsvp.arrived_count,
        "companions": rsvp.companions,
        "fee_cents": Money(rsvp.fee_cents, view.concert.currency),
        "paid_at": rsvp.paid_at,
        "expires_at": rsvp.expires_at,
        "keep_by": rsvp.keep_by,
        "special_requests": rsvp.special_requests,
        "requested_at": rsvp.requested_at,
    }
