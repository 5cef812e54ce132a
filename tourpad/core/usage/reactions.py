"""What of all that happens is counted."""

from uuid import UUID

from tourpad.core.actors import ActorKind
from tourpad.core.events import Event
from tourpad.core.identity.events import UserErased
from tourpad.core.usage import rules, service
from tourpad.core.work import Work


def count(work: Work, event: Event) -> None:
    """Note one event, where usage is counted and it is one of `rules.COUNTED`. Asked of every event.

    What an import tells anew is not counted: it has happened long ago.
    """
    if work.settings.posthog_api_key is None or work.quiet or type(event) not in rules.COUNTED:
        return
    user_id, role = work.actor.user_id, work.actor.role
    if work.actor.kind is not ActorKind.PERSON:
        found: object = getattr(event, "user_id", None) or getattr(event, "fan_user_id", None)
        kind: object = getattr(event, "user_type", None)
        user_id, role = found if isinstance(found, UUID) else None, str(kind) if kind else None
    if isinstance(event, UserErased):
        user_id = None  # by now nobody knows which number was theirs
    service.note(work, name=rules.name_of(type(event)), user_id=user_id, role=role)


def on_user_erased(work: Work, event: UserErased) -> None:
    """The number goes that stood for them."""
    service.forget(work, user_id=event.user_id)
