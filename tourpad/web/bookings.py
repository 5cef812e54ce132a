"""Bookings as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, cast
from uuid import UUID

from tourpad.core.bookings import queries
from tourpad.core.bookings.history import What, compared, history
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.service import reliability
from tourpad.core.bookings.states import BookingState, CancelledBy, DoorMode, OfferState, Policy, Side
from tourpad.core.bookings.terms import SAME_NAMES, Change, Terms, differences, fingerprint, terms_of_offer
from tourpad.core.bookings.wording import shown, shown_terms
from tourpad.core.hosts.service import Address
from tourpad.core.papers import service as papers
from tourpad.core.papers.sheets import Outlook, Signature
from tourpad.core.work import Work
from tourpad.web.papers import OutlookOut, SignatureOut, outlook_out, signatures_out
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


class ReliabilityOut(Output):
    """The last twelve months of one side, for the other. Null where there is too little to say it by."""

    answer_percent: int | None
    """Of the offers of others that were answered before they ran out. With five of them or more."""
    median_answer_minutes: int | None
    confirmed_shows: int | None
    """With three of them or more."""
    cancelled_shows: int | None
    """Of them, called off by this side."""


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


class ChangeOut(Output):
    """One term that differs from the version before."""

    field: str
    """As it is called here."""
    before: Any
    after: Any


class MomentOut(Output):
    """One thing that happened to a booking."""

    at: datetime
    event: What
    by: str | None
    """`artist`, `host`, `admin`, `system`; null where nobody did it."""
    offer_number: int | None
    text: str | None
    """What was said, or why."""


class OfferOut(Output):
    """One version of the terms."""

    number: int
    made_by: Side
    state: OfferState
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
    expected_attendance: int
    minimum_attendance: int
    """With fewer people there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_notice_days: int
    """So many days before the show the minimum must be reached."""
    maximum_attendance: int
    lodging_requested: bool
    lodging_details: dict[str, Any]
    house_rules: str | None
    message: str | None
    respond_by: datetime
    """When whoever has to answer is reminded."""
    expires_at: datetime
    """When it ends by itself."""
    accepted_at: datetime | None
    answered_at: datetime | None
    created_at: datetime
    changes: list[ChangeOut]
    """What differs from the version before."""
    outlook: list[OutlookOut]
    """What each side would earn by it with a low, the expected and a full house."""
    signatures: list[SignatureOut]


class BookingOut(Output):
    """A booking with the terms in force."""

    id: UUID
    status: BookingState
    requested_by: Side
    """Who began it."""
    trip_id: UUID | None
    """The artist's trip that the invitation answers."""
    turn: Side | None
    """Who has to answer. On a confirmed booking another date is proposed."""
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
    proposed_date: date | None
    """Of a confirmed booking for which another date waits for an answer (`turn` says whose); until then it stays."""
    proposed_time: str | None
    """Likewise; the same as `requestedTime` where only the date would be another one."""
    estimated_duration: int
    expected_attendance: int
    minimum_attendance: int
    """With fewer people there is no show, and nobody is charged; 0 for a show in any case."""
    minimum_notice_days: int
    """So many days before the show the minimum must be reached."""
    maximum_attendance: int
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
    """Of whoever began it."""
    artist_response: str | None
    host_response: str | None
    lodging_requested: bool
    lodging_details: dict[str, Any]
    house_rules: str | None
    requested_at: datetime
    responded_at: datetime | None
    approved_at: datetime | None
    confirmed_at: datetime | None
    completed_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: CancelledBy | None
    cancel_reason: str | None
    brought_from: str | None
    """The system in which it was agreed on and paid, where that was not this one; of its terms only date, length,
    fee and door fee are known then."""


class BookingDetail(BookingOut):
    """A booking with all offers, what happened to it, and the address for whoever is entitled to it now."""

    offers: list[OfferOut]
    history: list[MomentOut]
    address: AddressOut | None


def booking_out(booking: Booking, sides: Sides, proposal: Offer | None) -> BookingOut:
    """Shape one booking. `proposal` is the version that waits on a confirmed one (`queries.proposals`)."""
    starts_at = booking.starts_at
    words = _Words(booking)
    return BookingOut(
        id=booking.id,
        status=booking.state,
        requested_by=booking.requested_by,
        trip_id=booking.trip_id,
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
        proposed_date=proposal.date if proposal else None,
        proposed_time=write_time(proposal.time) if proposal else None,
        estimated_duration=booking.estimated_duration,
        expected_attendance=booking.expected_attendance,
        minimum_attendance=booking.minimum_attendance,
        minimum_notice_days=booking.minimum_notice_days,
        maximum_attendance=booking.maximum_attendance,
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
        message=words.shown(booking.message),
        artist_response=words.shown(booking.artist_response),
        host_response=words.shown(booking.host_response),
        lodging_requested=booking.lodging_requested,
        lodging_details=words.lodging(booking.lodging_details),
        house_rules=words.shown(booking.house_rules),
        requested_at=booking.requested_at,
        responded_at=booking.responded_at,
        approved_at=booking.approved_at,
        confirmed_at=booking.confirmed_at,
        completed_at=booking.completed_at,
        cancelled_at=booking.cancelled_at,
        cancelled_by=booking.cancelled_by,
        cancel_reason=words.shown(booking.cancel_reason),
        brought_from=booking.brought_from,
    )


def offers_out(work: Work, booking: Booking, offers: Sequence[Offer], *, viewer: UUID) -> list[OfferOut]:
    """Shape all versions, each with what it changed, what it would bring, and who has signed it."""
    signed = queries.signatures(work, booking.id)
    words = _Words(booking)
    return [
        _offer_out(
            offer,
            words=words,
            changes=differences(words.terms(before), words.terms(offer)) if before else (),
            outlook=papers.outlook_of(work, booking, offer),
            signatures=papers.signatures(
                [row for row in signed if row.number == offer.number],
                fingerprint(terms_of_offer(offer), booking_id=booking.id, number=offer.number),
                viewer=viewer,
            ),
        )
        for before, offer in compared(offers)
    ]


def history_out(booking: Booking, offers: Sequence[Offer]) -> list[MomentOut]:
    """Shape what happened to a booking."""
    words = _Words(booking)
    return [
        MomentOut(at=m.at, event=m.what, by=m.by, offer_number=m.number, text=words.shown(m.text))
        for m in history(booking, offers)
    ]


class _Words:
    """What the two sides wrote, as each sees it now: without ways of meeting elsewhere until it is confirmed."""

    def __init__(self, booking: Booking) -> None:
        self._confirmed_at = booking.confirmed_at

    def shown(self, text: str | None) -> str | None:
        return shown(text, confirmed_at=self._confirmed_at)

    def terms(self, offer: Offer) -> Terms:
        return shown_terms(terms_of_offer(offer), confirmed_at=self._confirmed_at)

    def lodging(self, details: dict[str, Any]) -> dict[str, Any]:
        return {_camel(name): self.shown(said) if isinstance(said, str) else said for name, said in details.items()}


def _offer_out(
    offer: Offer,
    *,
    words: _Words,
    changes: tuple[Change, ...],
    outlook: tuple[Outlook, ...],
    signatures: tuple[Signature, ...],
) -> OfferOut:
    said: dict[str, Any] = {
        "house_rules": words.shown(offer.house_rules),
        "lodging_details": words.lodging(offer.lodging_details),
    }
    return OfferOut(
        number=offer.number,
        made_by=offer.made_by,
        state=offer.state,
        date=offer.date,
        time=write_time(offer.time),
        duration=offer.duration,
        **({name: getattr(offer, name) for name in SAME_NAMES} | said),
        message=words.shown(offer.message),
        respond_by=offer.respond_by,
        expires_at=offer.expires_at,
        accepted_at=offer.accepted_at,
        answered_at=offer.answered_at,
        created_at=offer.created_at,
        changes=[ChangeOut(field=_camel(c.field), before=_wire(c.before), after=_wire(c.after)) for c in changes],
        outlook=outlook_out(outlook),
        signatures=signatures_out(signatures),
    )


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _wire(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {_camel(name): said for name, said in cast("Mapping[str, Any]", value).items()}
    return write_time(value) if isinstance(value, time) else value


def reliability_out(work: Work, side: Side, profile_id: UUID) -> ReliabilityOut:
    """Shape how reliable somebody is."""
    seen = reliability(work, side=side, profile_id=profile_id)
    return ReliabilityOut(
        answer_percent=seen.answer_percent,
        median_answer_minutes=seen.median_answer_minutes,
        confirmed_shows=seen.confirmed_shows,
        cancelled_shows=seen.cancelled_shows,
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
