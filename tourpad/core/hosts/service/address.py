"""Where a home is: written by its host, shown to those who are entitled, every look on record."""

from uuid import UUID

from tourpad.core.errors import invalid
from tourpad.core.hosts import privacy, queries, rules
from tourpad.core.hosts.errors import NoAddress
from tourpad.core.hosts.events import HostAddressChanged, HostMoved
from tourpad.core.hosts.models import AddressLook, Host, HostAddress
from tourpad.core.hosts.rules import GivenAddress
from tourpad.core.hosts.states import LookReason
from tourpad.core.ids import new_id
from tourpad.core.places import (
    Point,
    Postcode,
    Town,
    distance_metres,
    distance_miles,
    find_postcode,
    town_or_refuse,
    zone_at,
)
from tourpad.core.values import Value
from tourpad.core.work import Work


class Address(Value):
    """A home's exact place."""

    street: str
    postcode: str
    city: str
    state: str
    country: str
    arrival_notes: str | None
    latitude: float
    longitude: float
    is_approximate: bool
    """The host gave no coordinates: these are the town's middle."""

    @property
    def line(self) -> str:
        """As one writes it on a letter."""
        return f"{self.street}, {self.city} {self.state} {self.postcode}"


def look_at_address(
    work: Work, *, host_id: UUID, user_id: UUID | None, reason: LookReason, concert_id: UUID | None = None
) -> Address:
    """Show the exact address to somebody, and put the look on record.

    The caller has made sure that the reason is true now (the booking is confirmed; the guest is approved, has
    paid, and the show is at most 48 h away).

    Args:
        work: the unit of work; commit it, or the look is not on record.
        host_id: whose home.
        user_id: who is shown it; null for an operator at the terminal.
        reason: a `LookReason`.
        concert_id: for which show; null only for admins.

    Raises:
        AddressNotReleased: the reason does not carry a look by this person.
        NoAddress: the host has not given one.
        NotFoundError: no such host.
    """
    because = LookReason(reason)
    privacy.check_may_look(work.actor, reason=because, user_id=user_id, concert_id=concert_id)
    host = queries.get(work, host_id)
    found = _address(work, host)
    if found is None:
        raise NoAddress("The host has not given an address yet.", hint="Ask them for it in a message.")
    work.add(
        AddressLook(
            id=new_id(),
            host_id=host_id,
            user_id=user_id,
            reason=because.value,
            concert_id=concert_id,
            at=work.now,
        )
    )
    return found


def own_address(work: Work, *, user_id: UUID) -> Address | None:
    """A host's own address. One's own looks are not recorded."""
    host = queries.get_by_user(work, user_id)
    return None if host is None else _address(work, host)


def settle_place(work: Work, host: Host, *, town: Town | None, given: GivenAddress | None) -> set[str]:
    """Write a new town or address, and draw the public point again where the home has really moved.

    Args:
        work: the unit of work.
        host: locked.
        town: the town, where one is given.
        given: the address, where one is given.

    Returns:
        the public columns that changed.

    Raises:
        InvalidInputError: the address is nowhere near the town.
        TourPadError: whoever hears of the move refuses it (a show that is agreed there); nothing is half moved then.
    """
    with work.session.begin_nested():
        return _settle(work, host, town=town, given=given)


def _settle(work: Work, host: Host, *, town: Town | None, given: GivenAddress | None) -> set[str]:
    changed: set[str] = set()
    where = town or town_or_refuse(host.city, host.state)
    moved_town = host.public_latitude is None or (host.city, host.state) != (where.name, where.state)
    if moved_town:
        host.city, host.state = where.name, where.state
        changed |= {"city", "state"}
    address = queries.get_address(work, host_id=host.id)
    if given is not None:
        address = _write(work, host, address, given, where)
    elif address is not None and moved_town:
        _follow_town(address, where)
    exact = None if address is None or address.is_approximate else Point(address.latitude, address.longitude)
    zone = zone_at(exact, town=where) if exact else (middle_of(address.postcode, where) if address else where).time_zone
    if host.time_zone != zone:
        host.time_zone = zone
        changed |= {"time_zone"}
    if _draw_if_moved(work, host, address, where, moved_town=moved_town):
        changed |= {"public_latitude", "public_longitude"}
    return changed


def _write(work: Work, host: Host, present: HostAddress | None, given: GivenAddress, town: Town) -> HostAddress:
    point = given.point
    if point is None and present is not None and not present.is_approximate:
        unchanged = (present.street, present.postcode) == (given.street, given.postcode)
        point = Point(present.latitude, present.longitude) if unchanged else None
    if point is not None:
        rules.check_near(town, point)
    approximate = point is None
    exact = point or middle_of(given.postcode, town).point
    was = None if present is None else (present.street, present.postcode, present.arrival_notes)
    address = present or HostAddress(id=new_id(), host_id=host.id, created_at=work.now)
    address.street, address.postcode = given.street, given.postcode
    address.arrival_notes = given.arrival_notes
    address.latitude, address.longitude = exact
    address.is_approximate = approximate
    address.updated_at = work.now
    if present is None:
        # Never drawn for: `_draw_if_moved` fills these in.
        address.anchor_latitude, address.anchor_longitude, address.point_key = *exact, ""
        work.session.add(address)
    work.audit("host.set_address", target_type="host", target_id=host.id, approximate=approximate)
    if was is not None and was != (given.street, given.postcode, given.arrival_notes):
        work.emit(HostAddressChanged(host_id=host.id))
    return address


def middle_of(postcode: str, town: Town) -> Town | Postcode:
    """What stands for a home without coordinates: the middle of its postcode, or of the town where that is not known.

    Raises:
        InvalidInputError: the postcode is one of another part of the country.
    """
    found = find_postcode(postcode)
    if found is None:
        return town
    if distance_miles(town, found) > rules.FARTHEST_FROM_TOWN_MILES:
        raise invalid("address.postcode", f"is that of {found.label}, far from {town.label}")
    return found


def _follow_town(address: HostAddress, town: Town) -> None:
    """The town is another one and no address came with it: a guess moves along, a real address has to fit."""
    if address.is_approximate:
        address.latitude, address.longitude = middle_of(address.postcode, town).point
    elif distance_miles(town, Point(address.latitude, address.longitude)) > rules.FARTHEST_FROM_TOWN_MILES:
        raise invalid("city", "is far from your address", hint="Send the new address with the new city.")


def _draw_if_moved(work: Work, host: Host, address: HostAddress | None, town: Town, *, moved_town: bool) -> bool:
    if address is None:
        if not moved_town:
            return False
        exact, exact_is_known = town.point, False
    else:
        exact, exact_is_known = Point(address.latitude, address.longitude), not address.is_approximate
        anchor = Point(address.anchor_latitude, address.anchor_longitude)
        if address.point_key and privacy.keeps_point(anchor, exact):
            return False
    if address is not None and exact_is_known:
        key = privacy.address_key(street=address.street, postcode=address.postcode)
    else:
        place = town if address is None else middle_of(address.postcode, town)
        key = privacy.middle_key(host_id=host.id, place=place.label)
    # The oldest secret: the point stays what it is while newer ones are put before it.
    drawn = privacy.draw(work.settings.secret[-1], exact=exact, key=key)
    if address is not None:
        address.anchor_latitude, address.anchor_longitude = drawn.anchor
        address.point_key = drawn.key
    if (host.public_latitude, host.public_longitude) == drawn.point:
        return False
    metres = 0.0
    if host.public_latitude is not None and host.public_longitude is not None:
        metres = distance_metres(Point(host.public_latitude, host.public_longitude), drawn.point)
    host.public_latitude, host.public_longitude = drawn.point
    work.emit(HostMoved(host_id=host.id, metres=metres, town=town.label, time_zone=host.time_zone))
    return True


def _address(work: Work, host: Host) -> Address | None:
    row = queries.get_address(work, host_id=host.id)
    if row is None:
        return None
    return Address(
        street=row.street,
        postcode=row.postcode,
        city=host.city,
        state=host.state,
        country=host.country,
        arrival_notes=row.arrival_notes,
        latitude=row.latitude,
        longitude=row.longitude,
        is_approximate=row.is_approximate,
    )
