"""Making, changing and listing hosts' profiles."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.errors import NotFoundError, invalid
from tourpad.core.hosts import queries, rules
from tourpad.core.hosts.events import HostChanged
from tourpad.core.hosts.models import Host, HostAddress
from tourpad.core.hosts.rules import ProfileChanges
from tourpad.core.hosts.service.address import settle_place
from tourpad.core.hosts.states import VenueType
from tourpad.core.identity import queries as people
from tourpad.core.identity.states import UserType
from tourpad.core.ids import new_id
from tourpad.core.notifications import service as notifications
from tourpad.core.places import Town
from tourpad.core.ratings import Rating
from tourpad.core.work import Work


def ensure(work: Work, *, user_id: UUID, town: Town | None) -> Host:
    """The profile of a host's account, locked; one is made where there is none yet, which takes a town.

    Raises:
        NotFoundError: the account is no host's.
        InvalidInputError: there is no profile yet, and no town to make it with.
    """
    host = queries.get_for_update(work, user_id)
    if host is not None:
        return host
    user = people.get_user(work, user_id)
    if user.user_type is not UserType.HOST:
        raise NotFoundError("You have no host's profile.")
    if town is None:
        raise invalid("city", "is needed first", hint="Send city and state; they make the profile.")
    name = f"{user.name.split()[0]}’s place"
    work.session.execute(
        insert(Host)
        .values(
            id=new_id(),
            user_id=user_id,
            venue_name=name,
            venue_type=VenueType.HOME,
            city=town.name,
            state=town.state,
            time_zone=town.time_zone,
            preferred_genres=[],
            lodging_details={},
            words=rules.words_of(venue_name=name, city=town.name, state=town.state, genres=()),
            created_at=work.now,
            updated_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["user_id"])
    )
    made = queries.get_for_update(work, user_id)
    if made is None:
        raise NotFoundError("You have no host's profile.")
    return made


def edit(work: Work, *, user_id: UUID, changes: Mapping[str, Any]) -> Host:
    """Change what a host says of their place, and where it is. What is not mentioned stays.

    Args:
        work: the unit of work.
        user_id: the host's account.
        changes: fields of `rules.FIELDS`; `address` has `street, postcode, arrival_notes?, latitude?, longitude?`.

    Raises:
        InvalidInputError: naming every wrong field; nothing is changed.
        NotFoundError: the account is no host's.
    """
    clean = rules.check_profile(changes)
    host = ensure(work, user_id=user_id, town=clean.town)
    return apply(work, host, clean)


def apply(work: Work, host: Host, clean: ProfileChanges) -> Host:
    """Write what `rules.check_profile` has cleaned. The row must be locked.

    Raises:
        InvalidInputError: the address is nowhere near the town.
    """
    changed = {name for name, value in clean.columns.items() if getattr(host, name) != value}
    for name in changed:
        setattr(host, name, clean.columns[name])
    if clean.town is not None or clean.address is not None or host.public_latitude is None:
        changed |= settle_place(work, host, town=clean.town, given=clean.address)
    if not changed:
        return host
    host.words = rules.words_of(
        venue_name=host.venue_name, city=host.city, state=host.state, genres=host.preferred_genres
    )
    host.updated_at = work.now
    work.audit("host.edit", target_type="host", target_id=host.id, fields=sorted(changed))
    work.emit(HostChanged(host_id=host.id, fields=frozenset(changed)))
    return host


def show(work: Work, *, user_id: UUID) -> Host:
    """List a host from now on: their application was accepted."""
    host = ensure(work, user_id=user_id, town=None)
    host.approved_at = host.approved_at or work.now
    host.updated_at = work.now
    return host


def hide(work: Work, *, user_id: UUID) -> None:
    """List a host no longer: the decision was undone."""
    host = ensure(work, user_id=user_id, town=None)
    host.approved_at = None
    host.updated_at = work.now


def forget(work: Work, *, user_id: UUID) -> None:
    """Erase where a host lives, and blank the rest. The row stays: bookings of others point to it."""
    host = queries.get_for_update(work, user_id)
    if host is None:
        return
    work.session.execute(delete(HostAddress).where(HostAddress.host_id == host.id))
    notifications.forget_names(work, names=[host.venue_name])
    host.venue_name = "erased"
    host.bio = host.house_rules = None
    host.lodging_details = {}
    host.preferred_genres = []
    host.words = ""
    host.public_latitude = host.public_longitude = None
    host.approved_at = None
    host.updated_at = work.now


def rate(host: Host, *, rating: Rating) -> None:
    """Write down what published, public reviews of a host come to. The row must be locked."""
    host.rating_total, host.rating_count, host.standing = rating.total, rating.count, rating.standing
