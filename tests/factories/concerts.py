"""Concerts and seats, by the verbs."""

from datetime import date, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.factories.bookings import Pair, arrive, make_booking, make_pair
from tests.factories.profiles import make_person
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.concerts.models import Concert, Rsvp
    from tourpad.core.payments.models import Payment
    from tourpad.core.work import Work


def make_concert(
    work: "Work",
    pair: Pair | None = None,
    *,
    capacity: int = 10,
    approval: bool = False,
    private: bool = False,
    **terms: Any,
) -> "Concert":
    """A concert that is on, in forty days at Columbus OH: ten seats of $15, nobody has to approve."""
    from tourpad.core.concerts import service
    from tourpad.core.concerts.models import Concert

    pair = pair or make_pair(work)
    terms = {"fee": 0, "attendance": min(10, capacity)} | terms
    booking = make_booking(work, pair, **terms)
    concert = work.session.get_one(Concert, booking.concert_id)
    return service.edit(
        work,
        concert_id=concert.id,
        user_id=pair.host_user,
        changes={"max_capacity": capacity, "requires_approval": approval, "is_private": private},
    )


def announce(work: "Work", pair: Pair, *, day: date, door: int = 1_500, minimum: int | None = None) -> "Concert":
    """A concert that is on, quickly: the booking is a row, nobody asked, paid or was told. Approval is needed.

    With `minimum` guests pay what they can, at least so many cents.
    """
    from tourpad.core.bookings.models import Booking
    from tourpad.core.bookings.states import BookingState, DoorMode
    from tourpad.core.concerts.service.announcing import announce as announcing

    booking = Booking(
        id=new_id(),
        concert_id=new_id(),
        artist_id=pair.artist_id,
        host_id=pair.host_id,
        state=BookingState.CONFIRMED,
        requested_date=day,
        requested_time=time(19, 30),
        time_zone="America/New_York",
        estimated_duration=90,
        expected_attendance=20,
        maximum_attendance=30,
        artist_fee_cents=0,
        door_fee_cents=0 if minimum is not None else door,
        door_mode=DoorMode.FIXED if minimum is None else DoorMode.PAY_WHAT_YOU_CAN,
        door_minimum_cents=minimum or 0,
        artist_door_bps=8_000,
        currency="USD",
        lodging_details={},
        requested_at=work.now,
        confirmed_at=work.now,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(booking)
    return announcing(work, booking_id=booking.id)


def make_fan(work: "Work", *, state: str = "active", name: str = "") -> UUID:
    """A fan who is a member; answers the account's id."""
    from tourpad.core.fans import service

    user = make_person(work, "fan", state=state, name=name)
    service.ensure(work, user_id=user.id)
    return user.id


def ask(work: "Work", concert: "Concert", guests: int = 1, *, fan: UUID | None = None) -> "Rsvp":
    """A party asks for seats."""
    from tourpad.core.concerts import service

    return service.ask(work, concert_id=concert.id, user_id=fan or make_fan(work), guests_count=guests)


def fan_of(work: "Work", rsvp: "Rsvp") -> UUID:
    """The account of a party's fan."""
    from tourpad.core.concerts.queries import seats

    user_id = seats.get(work, rsvp.id)[1]
    assert user_id is not None
    return user_id


def pay_door(work: "Work", rsvp: "Rsvp", *, cents: int | None = None) -> "Payment":
    """The door fee of a party arrives."""
    return arrive(
        work,
        kind="door_fee",
        reference=("rsvp", rsvp.id),
        concert_id=rsvp.concert_id,
        user_id=fan_of(work, rsvp),
        cents=rsvp.fee_cents if cents is None else cents,
    )


def seat(work: "Work", concert: "Concert", guests: int = 1, *, fan: UUID | None = None) -> "Rsvp":
    """A party whose seats are certain: approved and paid."""
    rsvp = ask(work, concert, guests, fan=fan)
    if rsvp.fee_cents:
        pay_door(work, rsvp)
    return rsvp
