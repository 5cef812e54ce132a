"""How people come in: the account, their profile, and as far as they had been let in. Nobody is told."""

from datetime import datetime
from uuid import UUID

from tourpad.core.artists import service as artists
from tourpad.core.fans import service as fans
from tourpad.core.hosts import service as hosts
from tourpad.core.identity import queries as people
from tourpad.core.identity.service import bringing, users
from tourpad.core.identity.states import UserType
from tourpad.core.memberships.service import changing
from tourpad.core.relocation import queries, rules
from tourpad.core.relocation.models import ImportedId
from tourpad.core.relocation.rules import CleanUser
from tourpad.core.relocation.service.planning import Entry
from tourpad.core.relocation.shape import Line
from tourpad.core.relocation.states import Entrance, Kind, Standing
from tourpad.core.work import Work


def bring_person(work: Work, *, source: str, user: Entry, profile: Entry | None) -> None:
    """Make an account and its profile, or note whose account it is that is here.

    Args:
        work: a quiet unit of work.
        source: what the other system is called.
        user: new or matched.
        profile: their line of the role's own file, where there is one.

    Raises:
        ConflictError: somebody registered the address meanwhile.
        InvalidInputError: a line can't be taken after all.
    """
    clean: CleanUser = user.clean
    if user.standing is Standing.MATCHED and user.our_id is not None:
        note(work, source=source, line=user.line, our_id=user.our_id, user_id=user.our_id)
        if profile is not None:
            bring_profile(work, source=source, user_id=user.our_id, line=profile.line)
        return
    made = bringing.bring(
        work,
        email=clean.email,
        name=clean.name,
        user_type=clean.user_type,
        profile=clean.profile,
        source=source,
        created_at=clean.created_at,
        email_verified_at=clean.email_verified_at,
        referral_source=clean.referral_source,
    )
    note(work, source=source, line=user.line, our_id=made.id, user_id=made.id)
    if profile is not None:
        bring_profile(work, source=source, user_id=made.id, line=profile.line)
    elif clean.user_type is UserType.ARTIST:
        artists.ensure(work, user_id=made.id)
    elif clean.user_type is UserType.FAN:
        fans.ensure(work, user_id=made.id)
    since = None if profile is None else rules.approved_at(profile.line.said, now=work.now)
    _let_in(work, made.id, clean, since=since)
    _membership(work, made.id, clean, source)
    _suspend(work, made.id, clean)


def bring_profile(work: Work, *, source: str, user_id: UUID, line: Line) -> None:
    """Make a profile, unless this person has one here: that stays as it is.

    Raises:
        InvalidInputError: the line can't be taken after all.
    """
    present = queries.profile_of(work, line.kind, user_id)
    made = present or _make(work, line, user_id)
    note(work, source=source, line=line, our_id=made, user_id=user_id)


def note(work: Work, *, source: str, line: Line, our_id: UUID, user_id: UUID | None) -> None:
    """Write down which record here a line became."""
    work.add(
        ImportedId(
            source=source,
            kind=line.kind,
            foreign_id=line.id,
            foreign_hash=rules.foreign_hash(source, line.kind, line.id),
            our_id=our_id,
            user_id=user_id,
            line_hash=rules.line_hash(line.said),
            imported_at=work.now,
        )
    )


def _make(work: Work, line: Line, user_id: UUID) -> UUID:
    changes = rules.profile_changes(line.said)
    if line.kind is Kind.ARTISTS:
        return artists.edit(work, user_id=user_id, changes=changes).id
    if line.kind is Kind.HOSTS:
        return hosts.edit(work, user_id=user_id, changes=changes).id
    return fans.edit(work, user_id=user_id, changes=changes).id


def _let_in(work: Work, user_id: UUID, clean: CleanUser, *, since: datetime | None) -> None:
    """As an application that is accepted or rejected would."""
    if clean.entrance is Entrance.REJECTED:
        users.reject(work, user_id=user_id)
    if clean.entrance is not Entrance.APPROVED:
        return
    if clean.user_type is UserType.HOST:
        users.activate(work, user_id=user_id)
        host = hosts.show(work, user_id=user_id)
        host.approved_at = since or work.now
    else:
        users.approve(work, user_id=user_id)
    if clean.user_type is UserType.ARTIST:
        artist = artists.show(work, user_id=user_id)
        artist.approved_at = since or work.now
    work.session.flush()


def _membership(work: Work, user_id: UUID, clean: CleanUser, source: str) -> None:
    """What was paid elsewhere goes on here to its end, for nothing: no subscription, and no charge."""
    if clean.is_member and (clean.member_until is None or clean.member_until > work.now):
        changing.grant(work, user_id=user_id, until=clean.member_until, reason=f"A member at {source}")


def is_suspended(work: Work, clean: CleanUser) -> bool:
    """Whether somebody was shut out elsewhere, and still is."""
    until = clean.suspended_until
    return clean.suspension_reason is not None and (until is None or until > work.now)


def _suspend(work: Work, user_id: UUID, clean: CleanUser) -> None:
    if clean.suspension_reason is not None and is_suspended(work, clean):
        users.suspend(work, user_id=user_id, reason=clean.suspension_reason, until=clean.suspended_until)


def invite(work: Work, *, source: str, user_id: UUID) -> bool:
    """Mail a link that sets a password to somebody who was brought. Answers whether it was needed."""
    return bringing.invite(work, user=people.get_for_update(work, user_id), source=source)
