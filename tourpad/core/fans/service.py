"""Making and changing fans' preferences."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tourpad.core.errors import NotFoundError
from tourpad.core.fans import queries, rules
from tourpad.core.fans.models import Fan
from tourpad.core.identity import queries as people
from tourpad.core.identity.states import UserType
from tourpad.core.ids import new_id
from tourpad.core.work import Work


def ensure(work: Work, *, user_id: UUID) -> Fan:
    """The preferences of a fan's account, locked; empty ones are made where there are none yet.

    Raises:
        NotFoundError: the account is no fan's.
    """
    fan = queries.get_for_update(work, user_id)
    if fan is not None:
        return fan
    if people.get_user(work, user_id).user_type is not UserType.FAN:
        raise NotFoundError("You have no fan's profile.")
    work.session.execute(
        insert(Fan)
        .values(id=new_id(), user_id=user_id, favorite_genres=[], created_at=work.now, updated_at=work.now)
        .on_conflict_do_nothing(index_elements=["user_id"])
    )
    made = queries.get_for_update(work, user_id)
    if made is None:
        raise NotFoundError("You have no fan's profile.")
    return made


def edit(work: Work, *, user_id: UUID, changes: Mapping[str, Any]) -> Fan:
    """Change what a fan likes and how far they go for it. What is not mentioned stays; null clears.

    Raises:
        InvalidInputError: naming every wrong field; nothing is changed.
        NotFoundError: the account is no fan's.
    """
    clean = rules.check_preferences(changes)
    return apply(work, ensure(work, user_id=user_id), clean)


def apply(work: Work, fan: Fan, clean: Mapping[str, Any]) -> Fan:
    """Write columns that `rules.check_preferences` has cleaned. The row must be locked."""
    changed = {name for name, value in clean.items() if getattr(fan, name) != value}
    for name in changed:
        setattr(fan, name, clean[name])
    if changed:
        fan.updated_at = work.now
        work.audit("fan.edit", target_type="fan", target_id=fan.id, fields=sorted(changed))
    return fan


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank the preferences of a person who is erased."""
    fan = queries.get_for_update(work, user_id)
    if fan is not None:
        fan.favorite_genres, fan.city, fan.state, fan.travel_radius = [], None, None, None
        fan.updated_at = work.now
