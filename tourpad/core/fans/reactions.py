"""What fans' preferences do when something happens to people."""

from tourpad.core.fans import rules, service
from tourpad.core.identity import queries as people
from tourpad.core.identity.events import UserErased, UserRegistered
from tourpad.core.identity.states import UserType
from tourpad.core.places import find_town
from tourpad.core.work import Work


def on_user_registered(work: Work, event: UserRegistered) -> None:
    """A fan registered: keep what they said of their taste, as far as it can be used."""
    if event.user_type is not UserType.FAN:
        return
    fan = service.ensure(work, user_id=event.user_id)
    profile = people.get_profile(work, event.user_id)
    if profile is None:
        return
    said = dict(profile.role_details)
    if "city" not in said and profile.location and (town := find_town(profile.location)):
        said["city"], said["state"] = town.name, town.state
    service.apply(work, fan, rules.usable(said))


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is their taste."""
    service.forget(work, user_id=event.user_id)
