"""Bookings as the API shows them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.states import BookingState, CancelledBy, DoorMode, Policy, Side
from tourpad.core.hosts.service import Address
from tourpad.web.shapes import Output
from tourpad.web.times import write_time


class ArtistRef(Output):
    """Who plays."""

    id: UUID
    user_id: UUID
    stage_name: str


class HostRef(Output):
    """Whose home it is."""

    id: UUID
    user_id: UUID
    venue_name: str
    city: str
    state: str


class AddressOut(Output):
    """Where the home is. Each look is put on record, and the host can read who looked."""

    street: str
    postcode: str
    city: str
    state: str
    country: str
    arrival_notes: str | None
    latitude: float
    longitude: float
    is_approximate: bool


class OfferOut(Output):
    """One version of the terms."""

    number: int
    made_by: Side
    date: date
    time: str
    duration: int
    artist_fee_cents: int
    door_fee_cents: int
    """What each guest pays; 0 where they pay what they can."""
    door_mode: DoorMode
    door_minimum_cents: int
    """What each guest pays at least, where they pay what they can."""
    door_suggested_cents: int
    artist_door_bps: int
    fee_policy: Policy
    """What the host gets back of the fee who calls the confirmed show off."""
    door_policy: Policy
    """What guests get back who give seats back; the concert begins with it."""
    message: str | None
    respond_by: datetime
    accepted_at: datetime | None
    created_at: datetime


class BookingOut(Output):
    """A booking with the terms in force."""

    id: UUID
    status: BookingState
    turn: Side | None
    """Who has to answer."""
    respond_by: datetime | None
    """When whoever has to answer is reminded or, once both agree, when the fee must be paid."""
    artist: ArtistRef
    host: HostRef
    concert_id: UUID | None
    """Once it is confirmed."""
    requested_date: date
    requested_time: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    estimated_duration: int
    expected_attendance: int
    artist_fee_cents: int
    door_fee_cents: int
    """What each guest pays; 0 where they pay what they can."""
    door_mode: DoorMode
    door_minimum_cents: int
    """What each guest pays at least, where they pay what they can."""
    door_suggested_cents: int
    artist_door_bps: int
    fee_policy: Policy
    """What the host gets back of the fee who calls the confirmed show off."""
    door_policy: Policy
    """What guests get back who give seats back; the concert begins with it."""
    currency: str
    offer_number: int
    message: str | None
    host_response: str | None
    lodging_requested: bool
    lodging_details: dict[str, Any]
    requested_at: datetime
    responded_at: datetime | None
    approved_at: datetime | None
    confirmed_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: CancelledBy | None
    cancel_reason: str | None


class BookingDetail(BookingOut):
    """A booking with all offers, and the address for whoever is entitled to it now."""

    offers: list[OfferOut]
    address: AddressOut | None


def booking_out(booking: Booking, sides: Sides) -> BookingOut:
    """Shape one booking."""
    starts_at = booking.starts_at
    return BookingOut(
        id=booking.id,
        status=booking.state,
        turn=booking.turn,
        respond_by=booking.respond_by,
        artist=artist_ref(sides),
        host=host_ref(sides),
        concert_id=booking.concert_id if booking.confirmed_at else None,
        requested_date=booking.requested_date,
        requested_time=write_time(booking.requested_time),
        time_zone=booking.time_zone,
        starts_at=starts_at,
        ends_at=booking.ends_at,
        estimated_duration=booking.estimated_duration,
        expected_attendance=booking.expected_attendance,
        artist_fee_cents=booking.artist_fee_cents,
        door_fee_cents=booking.door_fee_cents,
        door_mode=booking.door_mode,
        door_minimum_cents=booking.door_minimum_cents,
        door_suggested_cents=booking.door_suggested_cents,
        artist_door_bps=booking.artist_door_bps,
        fee_policy=booking.fee_policy,
        door_policy=booking.door_policy,
        currency=booking.currency,
        offer_number=booking.offer_number,
        message=booking.artist_message,
        host_response=booking.host_response,
        lodging_requested=booking.lodging_requested,
        lodging_details=booking.lodging_details,
        requested_at=booking.requested_at,
        responded_at=booking.responded_at,
        approved_at=booking.approved_at,
        confirmed_at=booking.confirmed_at,
        completed_at=booking.completed_at,
        cancelled_at=booking.cancelled_at,
        cancelled_by=booking.cancelled_by,
        cancel_reason=booking.cancel_reason,
    )


def offer_out(offer: Offer) -> OfferOut:
    """Shape one offer."""
    return OfferOut(
        number=offer.number,
        made_by=offer.made_by,
        date=offer.date,
        time=write_time(offer.time),
        duration=offer.duration,
        artist_fee_cents=offer.artist_fee_cents,
        door_fee_cents=offer.door_fee_cents,
        door_mode=offer.door_mode,
        door_minimum_cents=offer.door_minimum_cents,
        door_suggested_cents=offer.door_suggested_cents,
        artist_door_bps=offer.artist_door_bps,
        fee_policy=offer.fee_policy,
        door_policy=offer.door_policy,
        message=offer.message,
        respond_by=offer.respond_by,
        accepted_at=offer.accepted_at,
        created_at=offer.created_at,
    )


def artist_ref(sides: Sides) -> ArtistRef:
    """Shape who plays."""
    return ArtistRef(id=sides.artist_id, user_id=sides.artist_user_id, stage_name=sides.stage_name)


def host_ref(sides: Sides) -> HostRef:
    """Shape whose home it is."""
    return HostRef(
        id=sides.host_id,
        user_id=sides.host_user_id,
        venue_name=sides.venue_name,
        city=sides.city,
        state=sides.region,
    )


def address_out(address: Address | None) -> AddressOut | None:
    """Shape an address that somebody is entitled to see."""
    if address is None:
        return None
    return AddressOut(
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        state=address.state,
        country=address.country,
        arrival_notes=address.arrival_notes,
        latitude=address.latitude,
        longitude=address.longitude,
        is_approximate=address.is_approximate,
    )
