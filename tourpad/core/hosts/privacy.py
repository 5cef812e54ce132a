"""Where a home may be said to be, and who may know where it is (DESIGN: privacy of a place). Pure."""

import hashlib
import hmac
import re
from math import pi, sqrt
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.hosts.errors import AddressNotReleased
from tourpad.core.hosts.states import LookReason
from tourpad.core.places import Point, destination, distance_metres
from tourpad.core.places.geometry import Placed
from tourpad.core.values import Value

RING_METRES = (300.0, 1000.0)
"""The public point lies at least and at most so far from the home it stands for."""

KEEPS_METRES = 250.0
"""A correction that moves the home less than this keeps the public point: two draws say more than one."""

SMALL_TOWN = 25_000
"""People. Where a town is smaller, a full name would find the house; hosts go by their first name there."""

_STREET_WORDS: dict[str, str] = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "lane": "ln",
    "drive": "dr",
    "court": "ct",
    "boulevard": "blvd",
    "place": "pl",
    "terrace": "ter",
    "highway": "hwy",
    "apartment": "apt",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


class Drawn(Value):
    """A public point, and what it was drawn from."""

    point: Point
    anchor: Point
    """Where the home was."""
    key: str


def public_point(key: bytes, exact: Placed) -> Point:
    """A point in the ring of 300 to 1000 m around `exact`, every spot of the ring equally likely.

    Equal keys give equal directions and distances, so `key` must be secret and belong to one address only.
    """
    digest = hashlib.sha256(key).digest()
    across, around = (int.from_bytes(part, "big") / 2**64 for part in (digest[:8], digest[8:16]))
    inner, outer = RING_METRES
    # The square root makes equal areas equally likely; without it points would crowd at the inner edge.
    metres = sqrt(inner**2 + across * (outer**2 - inner**2))
    return destination(exact, metres=metres, bearing=around * 2 * pi)


def drawing_key(secret: str, address_key: str) -> bytes:
    """What `public_point` takes: nobody without the secret can draw the same point again."""
    return hmac.digest(secret.encode(), b"public point\0" + address_key.encode(), "sha256")


def address_key(*, street: str, postcode: str) -> str:
    """The same text for the same address, however it is spelled, whoever lists it, and wherever its fix falls.

    Coordinates are left out on purpose: fixes of one home that fall on two sides of a line would draw two points, and
    two points say more of a home than one.
    """
    words: list[str] = re.findall(r"[a-z0-9]+", f"{street} {postcode[:5]}".lower())
    return f"home|{' '.join(_STREET_WORDS.get(w, w) for w in words)}"


def middle_key(*, host_id: UUID, place: str) -> str:
    """The key where only the town or the postcode is known.

    It never equals an address's: such a middle is public, so a point drawn around it shows its own
    direction and distance, and the same ones around the real home would give that home away.
    """
    return f"middle|{host_id}|{place}"


def draw(secret: str, *, exact: Placed, key: str) -> Drawn:
    """Draw the public point of an address (or of a town's middle)."""
    anchor = Point(exact.latitude, exact.longitude)
    return Drawn(point=public_point(drawing_key(secret, key), anchor), anchor=anchor, key=key)


def keeps_point(anchor: Placed, exact: Placed) -> bool:
    """Whether the home is still where it was drawn for, but for a correction."""
    return distance_metres(anchor, exact) < KEEPS_METRES


def public_name(name: str, *, town_population: int) -> str:
    """A host's name as others read it."""
    first = name.split(maxsplit=1)[0] if name.strip() else name
    return first if town_population < SMALL_TOWN else name


def check_may_look(actor: Actor, *, reason: LookReason, user_id: UUID | None, concert_id: UUID | None) -> None:
    """Refuse a look at an address that the reason given does not carry.

    That the booking is confirmed, or that the guest's time has come, is known by the feature that asks; here
    stands what must be true of every look.

    Raises:
        AddressNotReleased: saying what is missing.
    """
    if reason is LookReason.ADMIN:
        if not actor.is_admin:
            raise AddressNotReleased("Only admins may look at an address for no concert.")
        return
    if user_id is None or concert_id is None:
        raise AddressNotReleased("An address is shown to one person for one concert.")
    if actor.user_id is not None and actor.user_id != user_id:
        raise AddressNotReleased("An address is shown only to the person who asks for it.")
