"""The door of one evening: who may come in, and who was scanned."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, func, select

from tourpad.core.concerts.models import Concert, DoorScan, Rsvp
from tourpad.core.concerts.queries.seats import Guest
from tourpad.core.concerts.rules import stored_as
from tourpad.core.concerts.states import RsvpState, ScanOutcome
from tourpad.core.fans.models import Fan
from tourpad.core.identity.models import User
from tourpad.core.payments.models import Payment
from tourpad.core.payments.states import PaymentState
from tourpad.core.values import Value
from tourpad.core.words import plain
from tourpad.core.work import Work

AT_THE_DOOR = (RsvpState.APPROVED, RsvpState.CHECKED_IN, RsvpState.NO_SHOW)
"""Parties that a list for the door names."""


class Scanned(Value):
    """A scan, and whose ticket it was; no name where it was no ticket of the show."""

    scan: DoorScan
    name: str | None


def parties(work: Work, concert: Concert) -> list[Guest]:
    """Everybody who may come to the door of a concert, by name; nobody, where it was called off."""
    name = func.coalesce(User.name, Rsvp.guest_name)
    rows = work.session.execute(
        select(Rsvp, name)
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .outerjoin(User, User.id == Fan.user_id)
        .where(Rsvp.concert_id == concert.id, Rsvp.state.in_(stored_as(AT_THE_DOOR, concert.state)))
        .order_by(Rsvp.requested_at, Rsvp.id)
        .execution_options(populate_existing=True)
    )
    # Here, not by the database, whose order depends on where it was set up: whoever looks for Łucja looks under L.
    return sorted((Guest(*row) for row in rows), key=lambda guest: plain(guest.name))


def paid_back(work: Work, rsvp_ids: Collection[UUID]) -> set[UUID]:
    """Those parties whose door fee came, and went back altogether. A fee that is disputed has not."""
    came = (PaymentState.COMPLETED, PaymentState.PARTLY_REFUNDED, PaymentState.REFUNDED, PaymentState.DISPUTED)
    ours = (Payment.reference_type == "rsvp", Payment.state.in_(came))
    some_left = exists().where(
        Payment.reference_id == Rsvp.id,
        *ours,
        Payment.refunded_cents + Payment.lost_cents < Payment.amount_cents,
    )
    return set(
        work.session.scalars(
            select(Rsvp.id).where(
                Rsvp.id.in_(rsvp_ids), exists().where(Payment.reference_id == Rsvp.id, *ours), ~some_left
            )
        )
    )


def scans(work: Work, ids: Collection[UUID]) -> dict[UUID, DoorScan]:
    """Scans that we have heard of, by their own ids."""
    rows = work.session.scalars(select(DoorScan).where(DoorScan.id.in_(ids)).execution_options(populate_existing=True))
    return {scan.id: scan for scan in rows}


def scans_of(work: Work, rsvp_id: UUID) -> list[DoorScan]:
    """A party's scans that were good when they were made, the earliest first."""
    return list(
        work.session.scalars(
            select(DoorScan)
            .where(DoorScan.rsvp_id == rsvp_id, DoorScan.outcome != ScanOutcome.REFUSED)
            .order_by(DoorScan.scanned_at, DoorScan.id)
            .execution_options(populate_existing=True)
        )
    )


def scanned(work: Work, concert_id: UUID, *, outcomes: Collection[ScanOutcome] = tuple(ScanOutcome)) -> list[Scanned]:
    """The scans of an evening with what came of them, the earliest first."""
    rows = work.session.execute(
        select(DoorScan, func.coalesce(User.name, Rsvp.guest_name))
        .outerjoin(Rsvp, Rsvp.id == DoorScan.rsvp_id)
        .outerjoin(Fan, Fan.id == Rsvp.fan_id)
        .outerjoin(User, User.id == Fan.user_id)
        .where(DoorScan.concert_id == concert_id, DoorScan.outcome.in_(outcomes))
        .order_by(DoorScan.scanned_at, DoorScan.id)
    )
    return [Scanned(*row) for row in rows]


class Attendance(Value):
    """Who came to a show, in guests (not parties)."""

    expected: int
    """With certain seats, walk-ups too."""
    arrived: int
    missing: int
    """Of parties that came, and of those that did not."""
    no_shows: int
    """Parties of which nobody came; noted when the show is over."""
    walk_ups: int
    """Of those who arrived."""


def attendance(work: Work, concert: Concert) -> Attendance:
    """Who came to a show so far. One query."""
    certain = (Rsvp.paid_at.is_not(None)) | (Rsvp.fee_cents == 0) | (Rsvp.arrived_count > 0)
    row = work.session.execute(
        select(
            func.coalesce(func.sum(Rsvp.guests_count), 0),
            func.coalesce(func.sum(Rsvp.arrived_count), 0),
            func.count().filter(Rsvp.state == RsvpState.NO_SHOW),
            func.coalesce(func.sum(Rsvp.arrived_count).filter(Rsvp.fan_id.is_(None)), 0),
        ).where(Rsvp.concert_id == concert.id, Rsvp.state.in_(stored_as(AT_THE_DOOR, concert.state)), certain)
    ).one()
    expected, arrived, no_shows, walk_ups = (int(value) for value in row)
    return Attendance(expected, arrived, expected - arrived, no_shows, walk_ups)
