"""People with profiles, as rows: quick, and in whatever state a test needs."""

from typing import TYPE_CHECKING, Any

from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.artists.models import Artist
    from tourpad.core.hosts.models import Host
    from tourpad.core.identity.models import User
    from tourpad.core.work import Work

SECRET_STREET = "417 Canary Lane"
SECRET_POSTCODE = "43299"
SECRET_POINT = (39.97531246, -83.00213579)
"""An address that must never be seen where it does not belong; in Columbus OH."""

NAMES = {"artist": "Juniper Vale", "host": "Mara Lovelock", "fan": "Cleo Okafor", "admin": "Ada Ames"}


def make_person(work: "Work", role: str, *, state: str = "active", verified: bool = True, name: str = "") -> "User":
    """An account with its common profile, without a password."""
    from tourpad.core.identity.models import UserProfile
    from tourpad.core.identity.service import users
    from tourpad.core.identity.states import UserState, UserType

    who = name or NAMES[role]
    user = users.draft(work, email=f"{role}-{new_id().hex[-12:]}@people.example", name=who, user_type=UserType(role))
    user.state = UserState(state)
    user.email_verified_at = work.now if verified else None
    work.add(user)
    work.add(
        UserProfile(
            id=new_id(),
            user_id=user.id,
            social_links={},
            role_details={},
            preferences={},
            created_at=work.now,
            updated_at=work.now,
        )
    )
    return user


def make_artist(work: "Work", *, standing: str = "active", listed: bool = True, **changes: Any) -> "Artist":
    """An artist, by the verbs: active and listed unless told otherwise. `changes` are profile fields."""
    from tourpad.core.artists import service

    user = make_person(work, "artist", state=standing, name=changes.pop("name", ""))
    artist = service.edit(
        work, user_id=user.id, changes={"city": "Asheville", "state": "NC", "genres": ["folk"], **changes}
    )
    return service.show(work, user_id=user.id) if listed else artist


def make_host(
    work: "Work",
    *,
    standing: str = "active",
    listed: bool = True,
    address: bool | tuple[float, float] = False,
    **changes: Any,
) -> "Host":
    """A host, by the verbs: listed unless told otherwise, with the secret street where an address is asked for."""
    from tourpad.core.hosts import service

    user = make_person(work, "host", state=standing, name=changes.pop("name", ""))
    where: dict[str, Any] = {"city": "Columbus", "state": "OH", "indoor_capacity": 30}
    latitude, longitude = address if isinstance(address, tuple) else SECRET_POINT
    if address:
        where["address"] = {
            "street": SECRET_STREET,
            "postcode": SECRET_POSTCODE,
            "latitude": latitude,
            "longitude": longitude,
        }
    host = service.edit(work, user_id=user.id, changes={**where, **changes})
    return service.show(work, user_id=user.id) if listed else host
