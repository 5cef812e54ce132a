"""Scans of devices that were offline are told afterwards, in any order, as often as it takes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tourpad.core.concerts import door_tokens, rules
from tourpad.core.concerts.models import Concert, DoorScan, Rsvp
from tourpad.core.concerts.queries import doors as queries
from tourpad.core.concerts.queries import seats as parties
from tourpad.core.concerts.service import doors
from tourpad.core.concerts.service.doors import Shown
from tourpad.core.concerts.states import ScanOutcome
from tourpad.core.errors import TourPadError
from tourpad.core.fields import Fields
from tourpad.core.values import Value
from tourpad.core.work import Work


class Offline(Value):
    """One scan, as a device remembers it."""

    id: UUID
    """Made by the device; the same scan told twice counts once."""
    at: datetime
    shown: Shown
    guests: int | None = None
    """How many came; None for everybody who was missing."""


class Told(Value):
    """What became of one scan."""

    id: UUID
    outcome: ScanOutcome
    let_in: int
    reason: str | None
    rsvp: Rsvp | None
    name: str | None
    first: DoorScan | None
    """Of a duplicate: the scan that let the party in."""


def sync(
    work: Work, *, concert_id: UUID, user_id: UUID, list_token: str, device: str, scans: Sequence[Offline]
) -> list[Told]:
    """Hear what a device has scanned while it was offline, and tell what each scan counts for now.

    Of two scans of one ticket the earlier counts, whichever is heard first; the later one is a duplicate, and both
    doors are told when they sync again. Safe to repeat: a scan is known by its id.

    Args:
        work: the unit of work.
        concert_id: which concert.
        user_id: its host.
        list_token: of the list that the device has judged by.
        device: what it calls itself, for the host to know it by.
        scans: what it has scanned.

    Raises:
        NotFoundError: no such concert of this host.
        BadList: the device has no list of this evening.
        InvalidInputError: no name, or too many scans at once.
    """
    concert = doors.lock_as_host(work, concert_id=concert_id, user_id=user_id)
    door_tokens.check_list(work.settings.secret, list_token, concert_id=concert.id)
    found = Fields()
    name = found.text("device", device, longest=rules.LONGEST_DEVICE)
    if len(scans) > rules.MOST_SCANS:
        found.wrong("scans", f"must be at most {rules.MOST_SCANS} at once")
    for number, scan in enumerate(scans):
        if scan.guests is not None and not 1 <= scan.guests <= rules.LARGEST_PARTY:
            found.wrong(f"scans.{number}.guests", f"must be between 1 and {rules.LARGEST_PARTY}")
    found.done()
    known = queries.scans(work, [scan.id for scan in scans])
    touched: dict[UUID, Rsvp] = {}
    for scan in scans:
        if scan.id in known:
            continue
        row, rsvp = _judge(work, concert, scan)
        row.device, row.by_user_id = name, user_id
        work.add(row)
        known[scan.id] = row
        if rsvp is not None:
            touched[rsvp.id] = rsvp
    for rsvp in touched.values():
        doors.settle(work, concert, rsvp)
    if touched:
        work.audit("concert.sync", target_type="concert", target_id=concert.id, scans=len(scans))
    work.session.flush()
    return [_told(work, concert, known[scan.id]) for scan in scans]


def _judge(work: Work, concert: Concert, scan: Offline) -> tuple[DoorScan, Rsvp | None]:
    """What a scan is worth by itself, and whose it is if it is good."""
    row = DoorScan(
        id=scan.id,
        concert_id=concert.id,
        guests=scan.guests,
        let_in=0,
        outcome=ScanOutcome.DUPLICATE,
        # A clock that is fast would make its scans the later ones; and nothing was scanned after we hear of it.
        scanned_at=min(scan.at, work.now),
        heard_at=work.now,
    )
    try:
        rsvp = doors.find(work, concert, scan.shown)
        row.rsvp_id = rsvp.id
        doors.check_open(concert, at=row.scanned_at)
        doors.check_certain(work, rsvp)
    except TourPadError as refusal:
        row.outcome, row.reason = ScanOutcome.REFUSED, refusal.details.get("reason", refusal.code)
        return row, None
    return row, rsvp


def _told(work: Work, concert: Concert, row: DoorScan) -> Told:
    if row.concert_id != concert.id:
        # Another evening's scan of the same id: nothing of it is told here.
        return Told(row.id, ScanOutcome.REFUSED, 0, "scan_id_taken", None, None, None)
    if row.rsvp_id is None:
        return Told(row.id, row.outcome, row.let_in, row.reason, None, None, None)
    guest = parties.guest(work, row.rsvp_id)
    first = queries.scans_of(work, row.rsvp_id)[0] if row.outcome is ScanOutcome.DUPLICATE else None
    return Told(row.id, row.outcome, row.let_in, row.reason, guest.rsvp, guest.name, first)
