"""The door of an evening on the wire: lists, scans, what became of them. For the API and for the page at the door."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from tourpad.core.concerts import rules
from tourpad.core.concerts.queries.doors import Attendance, Scanned
from tourpad.core.concerts.service.door_lists import DoorList, Listed
from tourpad.core.concerts.service.doors import Shown
from tourpad.core.concerts.service.syncing import Offline, Told
from tourpad.core.concerts.states import RsvpState, ScanOutcome
from tourpad.web.shapes import Input, Instant, Output
from tourpad.web.times import write_time


class ScanIn(Input):
    """One scan of a device that was offline: exactly one of `token`, `code`, `rsvpId`."""

    id: UUID
    """Made by the device. A scan that is told twice counts once."""
    at: Instant
    token: str | None = None
    """Of a ticket, as it was scanned."""
    code: str | None = None
    """Of a ticket, as it was typed."""
    rsvp_id: UUID | None = None
    """A party that was ticked off by name."""
    guests: int | None = None
    """How many of the party came; everybody who was missing, if it is left out."""


class SyncIn(Input):
    """What a device has scanned since it was last heard."""

    list_token: str
    """The `listToken` of the door list that it has judged by."""
    device: str
    """What it calls itself."""
    scans: Annotated[list[ScanIn], msgspec.Meta(max_length=rules.MOST_SCANS)]


class ToldOut(Output):
    """What became of one scan."""

    id: UUID
    outcome: ScanOutcome
    let_in: int
    """How many guests it let in. It may become fewer when an earlier scan of the same ticket is heard later."""
    reason: str | None
    """Why it was refused, in a word: `bad_ticket`, `not_paid`, `cancelled`, …"""
    rsvp_id: UUID | None
    name: str | None
    guests_count: int | None
    arrived_count: int | None
    first_at: datetime | None
    """Of a duplicate: when the party came in."""
    first_device: str | None
    """And by which device; none where it was scanned with a network."""


class SyncAnswer(Output):
    """What became of each scan, in the order in which they were told."""

    scans: list[ToldOut]


class PartyOut(Output):
    """One party that may come to the door."""

    rsvp_id: UUID
    name: str
    status: RsvpState
    guests_count: int
    arrived_count: int
    checked_in_at: datetime | None
    companions: list[str]
    special_requests: str | None
    is_walk_up: bool
    owing_cents: int
    refusal: str | None
    """Why it may not come in yet: `not_paid`, `refunded`."""
    ticket_hashes: list[str]
    """SHA-256 of its ticket's token in capitals; several while secrets are being rotated."""
    code_hashes: list[str]
    """SHA-256 of its ticket's code in capitals, without the hyphen."""


class ReportOut(Output):
    """A scan that let nobody in."""

    id: UUID
    outcome: ScanOutcome
    reason: str | None
    name: str | None
    device: str | None
    scanned_at: datetime


class AttendanceOut(Output):
    """Guests (not parties): expected, in, missing; walk-ups among those who are in; parties that did not come."""

    expected: int
    arrived: int
    missing: int
    walk_ups: int
    no_shows: int


class DoorListAnswer(Output):
    """An evening's list, as a device can keep it where there is no network."""

    list_token: str
    """Shown again with the scans that were made by it."""
    made_at: datetime
    concert_id: UUID
    title: str
    date: date
    start_time: str
    time_zone: str
    starts_at: datetime
    opens_at: datetime
    closes_at: datetime
    currency: str
    door_fee_cents: int
    seats_left: int
    attendance: AttendanceOut
    parties: list[PartyOut]
    """By name."""
    reported: list[ReportOut]
    """Second scans, and refused ones, of all devices."""


def list_out(made: DoorList) -> DoorListAnswer:
    """Shape a list."""
    concert = made.view.concert
    return DoorListAnswer(
        list_token=made.token,
        made_at=made.made_at,
        concert_id=concert.id,
        title=concert.title,
        date=concert.date,
        start_time=write_time(concert.start_time),
        time_zone=concert.time_zone,
        starts_at=concert.starts_at,
        opens_at=made.opens_at,
        closes_at=made.closes_at,
        currency=concert.currency,
        door_fee_cents=concert.door_fee_cents,
        seats_left=made.seats_left,
        attendance=attendance_out(made.attendance),
        parties=[_party(listed) for listed in made.parties],
        reported=[_report(scanned) for scanned in made.reported],
    )


def attendance_out(counted: Attendance) -> AttendanceOut:
    """Shape who came."""
    return AttendanceOut(
        expected=counted.expected,
        arrived=counted.arrived,
        missing=counted.missing,
        walk_ups=counted.walk_ups,
        no_shows=counted.no_shows,
    )


def offline(scan: ScanIn) -> Offline:
    """What the core hears."""
    return Offline(scan.id, scan.at, Shown(scan.rsvp_id, scan.token, scan.code), scan.guests)


def told_out(told: Told) -> ToldOut:
    """Shape what became of a scan."""
    rsvp, first = told.rsvp, told.first
    return ToldOut(
        id=told.id,
        outcome=told.outcome,
        let_in=told.let_in,
        reason=told.reason,
        rsvp_id=rsvp.id if rsvp else None,
        name=told.name,
        guests_count=rsvp.guests_count if rsvp else None,
        arrived_count=rsvp.arrived_count if rsvp else None,
        first_at=first.scanned_at if first else None,
        first_device=first.device if first else None,
    )


def _party(listed: Listed) -> PartyOut:
    rsvp = listed.guest.rsvp
    return PartyOut(
        rsvp_id=rsvp.id,
        name=listed.guest.name,
        status=rsvp.state,
        guests_count=rsvp.guests_count,
        arrived_count=rsvp.arrived_count,
        checked_in_at=rsvp.checked_in_at,
        companions=rsvp.companions,
        special_requests=rsvp.special_requests,
        is_walk_up=rsvp.fan_id is None,
        owing_cents=listed.owing.cents,
        refusal=listed.refusal,
        ticket_hashes=listed.ticket_hashes,
        code_hashes=listed.code_hashes,
    )


def _report(scanned: Scanned) -> ReportOut:
    scan = scanned.scan
    return ReportOut(
        id=scan.id,
        outcome=scan.outcome,
        reason=scan.reason,
        name=scanned.name,
        device=scan.device,
        scanned_at=scan.scanned_at,
    )
