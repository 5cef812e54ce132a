"""What is sent in about offers: the terms of a request, of a counter-offer, of another date."""

from datetime import date, time
from typing import Any, Literal
from uuid import UUID

from msgspec import UNSET, UnsetType

from tourpad.core.bookings.rules import MOST_FEE_CENTS, MOST_PEOPLE
from tourpad.core.bookings.states import DoorMode, Policy
from tourpad.core.bookings.terms import DEFAULT_ARTIST_DOOR_BPS, DEFAULT_MINIMUM_NOTICE_DAYS, Terms
from tourpad.core.errors import ForbiddenError, invalid
from tourpad.core.fields import Fields
from tourpad.core.identity.permissions import Principal
from tourpad.core.identity.states import UserType
from tourpad.core.money import BASIS
from tourpad.web.changes import sent
from tourpad.web.shapes import Input
from tourpad.web.times import read_time

Day = date
"""For fields that are themselves called `date`."""


class LodgingWish(Input):
    """What an artist who stays the night would like."""

    guests: int | None = None
    nights: int | None = None
    special_requests: str | None = None


class BookingIn(Input):
    """A request for a date, or an invitation. Date and time are local to the host, amounts are US cents."""

    requested_date: date
    requested_time: str
    """Like `19:30`."""
    estimated_duration: int
    """Minutes."""
    expected_attendance: int
    artist_fee_cents: int
    """The guarantee, which the host pays before the date is held. 0, or at least 50."""
    host_id: UUID | None = None
    """Whom an artist asks."""
    artist_id: UUID | None = None
    """Whom a host invites."""
    trip_id: UUID | None = None
    """The artist's trip (`GET /api/trips`) that an invitation answers."""
    minimum_attendance: int = 0
    """With fewer people there is no show, and nobody is charged. 0 for a show in any case."""
    minimum_notice_days: int = DEFAULT_MINIMUM_NOTICE_DAYS
    """So many days before the show the minimum must be reached."""
    maximum_attendance: int | None = None
    """As many as fit unless said otherwise."""
    door_fee_cents: int = 0
    """What each guest pays. 0, or at least 50."""
    door_mode: DoorMode = DoorMode.FIXED
    """With `pay_what_you_can` the next two instead of `doorFeeCents`."""
    door_minimum_cents: int = 0
    """What each guest pays at least. 0, or at least 50."""
    door_suggested_cents: int = 0
    """What is suggested to each. 0 for no suggestion."""
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS
    """The artist's share of the door, in basis points."""
    fee_policy: Policy = Policy.MODERATE
    """What the host gets back of the fee who calls the confirmed show off."""
    door_policy: Policy = Policy.MODERATE
    """What guests get back who give seats back."""
    message: str | None = None
    lodging_requested: bool = False
    lodging_details: LodgingWish | None = None
    house_rules: str | None = None
    """Those of the host's profile unless said otherwise."""
    signature: str | None = None
    """One's name, typed under the offer; the account's where it is left out."""


class CounterIn(Input):
    """The terms that should differ; the others stay."""

    date: Day | UnsetType = UNSET
    time: str | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    artist_fee_cents: int | UnsetType = UNSET
    door_fee_cents: int | UnsetType = UNSET
    door_mode: DoorMode | UnsetType = UNSET
    """Another one begins without the amounts of the old."""
    door_minimum_cents: int | UnsetType = UNSET
    door_suggested_cents: int | UnsetType = UNSET
    artist_door_bps: int | UnsetType = UNSET
    fee_policy: Policy | UnsetType = UNSET
    door_policy: Policy | UnsetType = UNSET
    expected_attendance: int | UnsetType = UNSET
    minimum_attendance: int | UnsetType = UNSET
    minimum_notice_days: int | UnsetType = UNSET
    maximum_attendance: int | UnsetType = UNSET
    lodging_requested: bool | UnsetType = UNSET
    lodging_details: LodgingWish | UnsetType = UNSET
    house_rules: str | UnsetType | None = UNSET


class RespondIn(Input):
    """An answer. With a `counterOffer` it is one, whatever `status` says, and the turn passes.

    On a confirmed booking it answers the other date that is proposed.
    """

    status: Literal["approved", "rejected"] | None = None
    response: str | None = None
    counter_offer: CounterIn | None = None
    signature: str | None = None
    """One's name, typed under what one agrees to or offers; the account's where it is left out."""


class MoveIn(Input):
    """Another date or time for a confirmed show, and what goes with it. What is left out stays."""

    date: Day | UnsetType = UNSET
    time: str | UnsetType = UNSET
    duration: int | UnsetType = UNSET
    lodging_requested: bool | UnsetType = UNSET
    lodging_details: LodgingWish | UnsetType = UNSET
    house_rules: str | UnsetType | None = UNSET
    message: str | None = None
    signature: str | None = None
    """One's name, typed under it; the account's where it is left out."""


class OutlookIn(Input):
    """The terms of an offer that decide who earns what."""

    artist_fee_cents: int
    expected_attendance: int
    maximum_attendance: int
    minimum_attendance: int = 0
    door_fee_cents: int = 0
    door_mode: DoorMode = DoorMode.FIXED
    door_minimum_cents: int = 0
    door_suggested_cents: int = 0
    artist_door_bps: int = DEFAULT_ARTIST_DOOR_BPS


def terms_in(data: BookingIn) -> Terms:
    """The terms of a request."""
    return Terms(
        date=data.requested_date,
        time=read_time("requested_time", data.requested_time),
        duration=data.estimated_duration,
        artist_fee_cents=data.artist_fee_cents,
        door_fee_cents=data.door_fee_cents,
        door_mode=data.door_mode,
        door_minimum_cents=data.door_minimum_cents,
        door_suggested_cents=data.door_suggested_cents,
        fee_policy=data.fee_policy,
        door_policy=data.door_policy,
        artist_door_bps=data.artist_door_bps,
        expected_attendance=data.expected_attendance,
        minimum_attendance=data.minimum_attendance,
        minimum_notice_days=data.minimum_notice_days,
        maximum_attendance=0 if data.maximum_attendance is None else _given(data.maximum_attendance),
        lodging_requested=data.lodging_requested,
        lodging_details=_wish(data.lodging_details) if data.lodging_details else {},
        house_rules=data.house_rules,
    )


def outlook_terms(data: OutlookIn, platform_fee_bps: int) -> Terms:
    """Terms that decide who earns what; whatever else an offer says is left blank.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    found = Fields()
    found.number("maximum_attendance", data.maximum_attendance, low=1, high=MOST_PEOPLE)
    found.number("expected_attendance", data.expected_attendance, low=1, high=max(1, data.maximum_attendance))
    found.number("minimum_attendance", data.minimum_attendance, low=0, high=max(0, data.expected_attendance))
    found.number("artist_door_bps", data.artist_door_bps, low=0, high=BASIS - platform_fee_bps)
    for name in ("artist_fee_cents", "door_fee_cents", "door_minimum_cents", "door_suggested_cents"):
        found.number(name, getattr(data, name), low=0, high=MOST_FEE_CENTS)
    found.done()
    return Terms(date=date.min, time=time.min, duration=0, **sent(data))


def whom(principal: Principal, data: BookingIn) -> dict[str, UUID]:
    """Whom somebody may ask by their role: artists ask hosts, hosts invite artists."""
    asks, other = ("host_id", "artist_id") if principal.user_type is UserType.ARTIST else ("artist_id", "host_id")
    if getattr(data, other) is not None:
        named, may = (
            ("an artist", "Artists ask hosts: hostId")
            if asks == "host_id"
            else ("a host", "Hosts invite artists: artistId")
        )
        raise ForbiddenError(f"As {principal.user_type} you can’t ask {named} for a date.", hint=f"{may}.")
    asked: UUID | None = getattr(data, asks)
    if asked is None:
        raise invalid(asks, "is needed")
    return {asks: asked}


def _given(people: int) -> int:
    if people < 1:
        raise invalid("maximum_attendance", "must be 1 or more; leave it out for as many as fit")
    return people


def _wish(wish: LodgingWish) -> dict[str, Any]:
    return {name: value for name, value in sent(wish).items() if value is not None}


def changes_in(changes: dict[str, Any], time_field: str) -> dict[str, Any]:
    """Terms that differ, as the core calls and types them."""
    if "time" in changes:
        changes["time"] = read_time(time_field, changes["time"])
    if "lodging_details" in changes:
        changes["lodging_details"] = {k: v for k, v in changes["lodging_details"].items() if v is not None}
    if "house_rules" in changes:
        changes["house_rules"] = (changes["house_rules"] or "").strip() or None
    return changes
