"""The list for the door on paper."""

from uuid import UUID

from tourpad.core.bookings.states import Side
from tourpad.core.concerts.queries import doors as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.seats import Guest
from tourpad.core.concerts.service import seats
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.money import Money
from tourpad.core.papers.door_sheets import GuestListSheet, GuestRow, Stands
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.sheets import ShowRef
from tourpad.core.work import Work


def guest_list(work: Work, *, concert_id: UUID, viewer: UUID | None) -> GuestListSheet:
    """Who comes to a concert, by name, as of now.

    The host sees what the door needs: names, who comes along, what is owed, what was asked for. The artist sees first
    names and numbers.

    Args:
        work: the unit of work.
        concert_id: which concert.
        viewer: its host or its artist; None for whoever may see all.

    Raises:
        NotFoundError: no such concert of this person.
    """
    view = shows.get_view(work, concert_id)
    concert, sides = view.concert, view.sides
    side = None if viewer is None else sides.side_of(viewer)
    if viewer is not None and side is None:
        raise shows.unknown()
    parties = queries.parties(work, concert)
    refunded = queries.paid_back(work, [guest.rsvp.id for guest in parties])
    full = side is not Side.ARTIST
    counted = queries.attendance(work, concert)
    return GuestListSheet(
        merchant=merchant(work.settings),
        show=ShowRef(concert.id, concert.date, sides.stage_name, f"{sides.city} {sides.region}"),
        title=concert.title,
        is_called_off=concert.state is ConcertState.CANCELLED,
        starts_at=concert.starts_at,
        time_zone=concert.time_zone,
        rows=tuple(_row(guest, concert.currency, refunded, full=full) for guest in parties),
        expected=counted.expected,
        arrived=counted.arrived,
        seats_left=seats.free(concert),
        currency=concert.currency,
        shows_money=full,
        as_of=work.now,
    )


def _row(guest: Guest, currency: str, refunded: set[UUID], *, full: bool) -> GuestRow:
    rsvp = guest.rsvp
    paid = Money(rsvp.fee_cents if rsvp.paid_at else 0, currency)
    owing = Money(0 if seats.is_paid(rsvp) else rsvp.fee_cents, currency)
    return GuestRow(
        rsvp_id=rsvp.id,
        name=guest.name if full else guest.name.split()[0],
        companions=tuple(rsvp.companions if full else [name.split()[0] for name in rsvp.companions]),
        guests=rsvp.guests_count,
        arrived=rsvp.arrived_count,
        arrived_at=rsvp.checked_in_at,
        stands=_stands(guest, owing=bool(owing), paid_back=rsvp.id in refunded and bool(rsvp.fee_cents)),
        paid=paid if full else None,
        owing=owing if full else None,
        special_requests=rsvp.special_requests if full else None,
        is_walk_up=rsvp.fan_id is None,
    )


def _stands(guest: Guest, *, owing: bool, paid_back: bool) -> Stands:
    rsvp = guest.rsvp
    if rsvp.arrived_count:
        return Stands.IN if rsvp.arrived_count == rsvp.guests_count else Stands.PARTLY_IN
    if rsvp.state is RsvpState.NO_SHOW:
        return Stands.DID_NOT_COME
    if owing:
        return Stands.OWES
    return Stands.PAID_BACK if paid_back else Stands.EXPECTED
