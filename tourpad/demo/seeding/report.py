"""What a seeded database holds: one document for programs, tables with sign-ins for people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tourpad.cli.output import Column, console, human, is_terminal, print_json, show_list
from tourpad.core.hosts.models import HostAddress
from tourpad.core.identity.models import User
from tourpad.core.work import Work
from tourpad.demo.people import PASSWORD
from tourpad.demo.seeding import queries

Document = dict[str, Any]

ROLES = ("admin", "artist", "host", "fan")
SHOWN = 2
"""Sign-ins of each role and state that a person is shown; `--json` has all."""


def document(work: Work, *, seed: int, now: datetime) -> Document:
    """All ids, states and sign-ins, straight from the tables."""
    people: dict[str, list[Document]] = {role: [] for role in ROLES}
    for user, profile_id, address in queries.people(work):
        people[user.user_type.value].append(_person(user, profile_id, address))
    return {
        "seed": seed,
        "now": now,
        "password": PASSWORD,
        "people": people,
        "applications": [
            {"id": a.id, "user_id": a.user_id, "kind": a.kind.value, "state": a.state.value}
            for a in queries.applications(work)
        ],
        "trips": [
            {
                "id": t.id,
                "artist_id": t.artist_id,
                "artist_user_id": artist_user_id,
                "state": t.state,
                "starts_on": t.starts_on,
                "ends_on": t.ends_on,
            }
            for t, artist_user_id in queries.trips(work)
        ],
        "bookings": [
            {
                "id": b.id,
                "state": b.state.value,
                "turn": b.turn.value if b.turn else None,
                "requested_by": b.requested_by.value,
                "trip_id": b.trip_id,
                "date": b.requested_date,
                "artist_id": b.artist_id,
                "artist_user_id": artist_user_id,
                "host_id": b.host_id,
                "host_user_id": host_user_id,
                "artist_fee_cents": b.artist_fee_cents,
                "door_fee_cents": b.door_fee_cents,
                "minimum_attendance": b.minimum_attendance,
                "concert_id": b.concert_id if b.confirmed_at else None,
            }
            for b, artist_user_id, host_user_id in queries.bookings(work)
        ],
        "concerts": [
            {
                "id": c.id,
                "state": c.state.value,
                "title": c.title,
                "date": c.date,
                "starts_at": c.starts_at,
                "booking_id": c.booking_id,
                "artist_id": c.artist_id,
                "host_id": c.host_id,
                "door_fee_cents": c.door_fee_cents,
                "max_capacity": c.max_capacity,
                "seats_taken": c.seats_taken,
                "minimum_attendance": c.minimum_attendance,
                "minimum_by": c.minimum_by,
                "minimum_reached_at": c.minimum_reached_at,
                "moved_count": c.moved_count,
                "is_private": c.is_private,
                "requires_approval": c.requires_approval,
            }
            for c in queries.concerts(work)
        ],
        "rsvps": [
            {
                "id": r.id,
                "state": r.state.value,
                "concert_id": r.concert_id,
                "fan_id": r.fan_id,
                "user_id": user_id,
                "guests_count": r.guests_count,
                "fee_cents": r.fee_cents,
                "is_paid": r.paid_at is not None,
                "keep_by": r.keep_by,
            }
            for r, user_id in queries.rsvps(work)
        ],
        "payouts": [
            {
                "id": p.id,
                "state": p.state.value,
                "user_id": p.user_id,
                "concert_id": p.concert_id,
                "earned_cents": p.earned_cents,
                "due_at": p.due_at,
            }
            for p in queries.payouts(work)
        ],
    }


def _person(user: User, profile_id: Any, address: HostAddress | None) -> Document:
    facts: Document = {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "state": user.state.value,
        "email_verified": user.email_verified_at is not None,
    }
    if profile_id is not None:
        facts["profile_id"] = profile_id
    if address is not None:
        facts["private"] = {
            "street": address.street,
            "postcode": address.postcode,
            "latitude": address.latitude,
            "longitude": address.longitude,
        }
    return facts


def show(found: Document, *, as_json: bool) -> None:
    """Print it: one JSON document, a table of all sign-ins in a pipe, and for a person what they need first."""
    people: Mapping[str, Sequence[Document]] = found["people"]
    applied = {application["user_id"]: application["state"] for application in found["applications"]}
    everybody = [
        who
        for role in ROLES
        for who in sorted(({"role": role, **who} | _standing(who, applied) for who in people[role]), key=_place)
    ]
    if as_json:
        print_json(found)
        return
    total = sum(len(group) for group in people.values())
    rows = _some(everybody) if is_terminal() else everybody
    show_list(
        rows,
        [Column("role"), Column("state"), Column("application"), Column("name"), Column("email")],
        as_json=False,
        empty="Nobody was made.",
        closing=f"{total:,} people; everybody’s password is:  [bold]{PASSWORD}[/bold]",
    )
    if not is_terminal():
        return
    out = console()
    for what in ("bookings", "concerts", "rsvps", "payouts"):
        counts = Counter(str(row["state"]) for row in found[what])
        listed = ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in counts.most_common())
        out.print(f"{what.replace('rsvps', 'seats asked for')}:  {listed or 'none'}")
    waiting = sum(b["requested_by"] == "host" for b in found["bookings"])
    awaited = sum(c["minimum_by"] is not None for c in found["concerts"])
    moved = sum(c["moved_count"] > 0 for c in found["concerts"])
    out.print(
        f"trips:  {len(found['trips'])}, with {waiting} invitation by a host      "
        f"shows that need a number of people:  {awaited}      moved to another date:  {moved}"
    )
    out.print(f"The present is {human(found['now'])} UTC.  All ids:  --json      Go on:  tourpad dev")


def _standing(who: Document, applied: Mapping[Any, str]) -> Document:
    application = applied.get(who["id"])
    if not who["email_verified"]:
        application = "not verified"
    return {"application": application.replace("_", " ") if application else None}


def _place(who: Document) -> tuple[str, str, str]:
    """Likes beside each other."""
    return who["state"], who["application"] or "", who["name"]


def _some(everybody: Sequence[Document]) -> list[Document]:
    """The first few of each sort."""
    seen: Counter[tuple[Any, ...]] = Counter()
    some: list[Document] = []
    for who in everybody:
        sort = (who["role"], who["state"], who["application"])
        seen[sort] += 1
        if seen[sort] <= SHOWN:
            some.append(who)
    return some
