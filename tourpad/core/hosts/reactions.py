"""What hosts' profiles do when something happens to people."""

from tourpad.core.hosts import rules, service
from tourpad.core.identity import queries as people
from tourpad.core.identity.events import UserErased, UserRegistered
from tourpad.core.identity.states import UserType
from tourpad.core.places import find_town
from tourpad.core.work import Work


def on_user_registered(work: Work, event: UserRegistered) -> None:
    """A host registered: make the profile out of what they said, if they named their town.

    Nothing said at registration is refused here: an address that is taken must answer like a new one, and the
    application asks again properly.
    """
    if event.user_type is not UserType.HOST:
        return
    profile = people.get_profile(work, event.user_id)
    if profile is None:
        return
    said = dict(profile.role_details)
    if profile.bio:
        said["bio"] = profile.bio
    if "city" not in said and profile.location and (town := find_town(profile.location)):
        said["city"], said["state"] = town.name, town.state
    clean = rules.usable(said)
    if clean.town is not None:
        service.apply(work, service.ensure(work, user_id=event.user_id, town=clean.town), clean)


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is where they live."""
    service.forget(work, user_id=event.user_id)
