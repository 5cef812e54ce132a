"""What artists' profiles do when something happens to people."""

from tourpad.core.artists import rules, service
from tourpad.core.identity import queries as people
from tourpad.core.identity.events import UserErased, UserRegistered
from tourpad.core.identity.states import UserType
from tourpad.core.places import find_town
from tourpad.core.work import Work


def on_user_registered(work: Work, event: UserRegistered) -> None:
    """An artist registered: make the profile out of what they said, as far as it can be used.

    Nothing said at registration is refused here: an address that is taken must answer like a new one, and the
    application asks again properly.
    """
    if event.user_type is not UserType.ARTIST:
        return
    artist = service.ensure(work, user_id=event.user_id)
    profile = people.get_profile(work, event.user_id)
    if profile is None:
        return
    said = dict(profile.role_details)
    if profile.bio:
        said["bio"] = profile.bio
    if "city" not in said and profile.location and (town := find_town(profile.location)):
        said["city"], said["state"] = town.name, town.state
    service.apply(work, artist, rules.usable(said))


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is what they said of themselves."""
    service.forget(work, user_id=event.user_id)
