"""A whole import, step by step: people in small commits, then files, then the mails that were asked for.

Killed anywhere it can be run again: what was committed is known by its id there, and what was not is done anew.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tourpad.core.actors import Actor
from tourpad.core.errors import ConflictError, OutsideError, TourPadError
from tourpad.core.gateways.storage import Area
from tourpad.core.identity import queries as people
from tourpad.core.identity.models import User
from tourpad.core.identity.service import bringing
from tourpad.core.media import procedures as uploads
from tourpad.core.media import service as media
from tourpad.core.media.states import MediaState
from tourpad.core.relocation import queries, reading, rules
from tourpad.core.relocation.reading import Package
from tourpad.core.relocation.rules import CleanMedia
from tourpad.core.relocation.service import history
from tourpad.core.relocation.service import people as persons
from tourpad.core.relocation.service.planning import Entry, Plan, plan
from tourpad.core.relocation.shape import PROFILES, Fault
from tourpad.core.relocation.states import COMES, Kind, Standing
from tourpad.core.values import Value
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

T = TypeVar("T")

COMMIT_EVERY: Final = 25
"""People. Few enough that an import that is killed has lost little, many enough that commits cost nothing."""

Progress = Callable[[str, int, int], None]
"""What is being done, how many of it are done, and how many there are."""


@dataclass(slots=True)
class Brought:
    """What came of an import."""

    counts: Counter[Kind] = field(default_factory=Counter[Kind])
    refused: list[Fault] = field(default_factory=list[Fault])
    """Lines that turned out not to come in, since somebody else was quicker, or a rule knew better."""
    files: Counter[str] = field(default_factory=Counter[str])
    """What the worker made of the files that waited: `published`, `refused`, `quarantined`."""
    invited: int = 0


def survey(platform: "Platform", actor: Actor, path: Path, *, match_emails: bool = False) -> Plan:
    """Read all of it, and say what an import would do. Nothing is changed.

    Raises:
        NotFoundError: there is no such folder or file.
        InvalidInputError: it is none of this format.
    """
    with reading.opened(path) as package:
        contents = reading.read(package)
        with platform.work(actor) as work:
            return plan(work, contents, size_of=package.size, match_emails=match_emails)


class Invitations(Value):
    """How many mails there would be."""

    now: int
    """To who comes in now, and who came in before and has no way in yet."""
    later: int
    """To whom the doors are not open yet (`tourpad rollout`): a later run mails them."""


def to_invite(platform: "Platform", actor: Actor, found: Plan) -> Invitations:
    """How many people would get a mail."""
    with platform.work(actor) as work:
        people_there = [(user.email, user.user_type) for user in _without_way_in(work, found)]
        people_there += [
            (entry.clean.email, entry.clean.user_type)
            for entry in found.entries[Kind.USERS]
            if entry.standing is Standing.NEW and not persons.is_suspended(work, entry.clean)
        ]
        let_in = sum(bringing.is_let_in(work, email=email, user_type=role) for email, role in people_there)
        return Invitations(let_in, len(people_there) - let_in)


def _without_way_in(work: Work, found: Plan) -> list[User]:
    users = [
        people.get_user(work, entry.our_id)
        for entry in found.entries[Kind.USERS]
        if entry.our_id is not None and entry.standing in (Standing.HERE, Standing.DIFFERS)
    ]
    return [user for user in users if bringing.has_no_way_in(work, user)]


def ids_here(platform: "Platform", actor: Actor, found: Plan) -> dict[tuple[Kind, str], UUID]:
    """The id here of each record that has come in by now, by its kind and its id there."""
    with platform.work(actor) as work:
        known = queries.known(work, found.source)
    return {
        (kind, entry.line.id): known[one].our_id
        for kind in Kind
        for entry in found.entries[kind]
        if (one := rules.foreign_hash(found.source, kind, entry.line.id)) in known
    }


def bring(
    platform: "Platform",
    actor: Actor,
    found: Plan,
    *,
    path: Path,
    invites: bool,
    on_progress: Progress = lambda *_: None,
) -> Brought:
    """Do what a survey has found; lines at fault are left out.

    Args:
        platform: the platform.
        actor: the operator.
        found: the survey of the same path.
        path: where the files are.
        invites: whether people get a mail with a link that sets a password.
        on_progress: told after each commit.

    Raises:
        OutsideError: the storage can't be used; run it again later.
        UnscannedRefused: there are files, and no scanner where they must be scanned.
    """
    done = Brought()
    with platform.work(actor) as work:
        counts = {kind.value: sum(e.standing in COMES for e in found.entries[kind]) for kind in Kind}
        work.audit("import.begin", target_type="import", source=found.source, invites=invites, records=counts)
        work.commit()
    _people(platform, actor, found, done, on_progress)
    _history(platform, actor, found, done, on_progress)
    with reading.opened(path) as package:
        _media(platform, actor, found, done, on_progress, package=package)
    if invites:
        _invite(platform, actor, found, done, on_progress)
    with platform.work(actor) as work:
        numbers = {kind.value: done.counts[kind] for kind in Kind}
        work.audit(
            "import.end",
            target_type="import",
            source=found.source,
            refused=len(done.refused),
            invited=done.invited,
            records=numbers,
        )
        work.commit()
    return done


def _people(platform: "Platform", actor: Actor, found: Plan, done: Brought, on_progress: Progress) -> None:
    profiles = {
        entry.line.said["user_id"]: entry
        for kind in PROFILES.values()
        for entry in found.entries[kind]
        if entry.standing in COMES
    }
    units: list[tuple[Entry | None, Entry | None]] = [
        (entry, profiles.pop(entry.line.id, None)) for entry in found.entries[Kind.USERS] if entry.standing in COMES
    ]
    units += [(None, profile) for profile in profiles.values()]  # of people who were brought before
    passed = 0
    for batch in _in_groups(units):
        with platform.work(actor, quiet=True) as work:
            for user, profile in batch:
                _try(work, done, found.source, user, profile)
            work.commit()
        passed += len(batch)
        on_progress("people", passed, len(units))


def _try(work: Work, done: Brought, source: str, user: Entry | None, profile: Entry | None) -> None:
    """One person, all of them or nothing."""
    try:
        with work.session.begin_nested():
            if user is not None:
                persons.bring_person(work, source=source, user=user, profile=profile)
            elif profile is not None:
                owner = history.here(work, source=source, kind=Kind.USERS, foreign_id=profile.line.said["user_id"])
                persons.bring_profile(work, source=source, user_id=owner, line=profile.line)
    except (TourPadError, IntegrityError) as error:
        first = user or profile
        if first is not None:
            done.refused.append(_refusal(first, error))
        return
    done.counts.update(entry.line.kind for entry in (user, profile) if entry is not None)


def _history(platform: "Platform", actor: Actor, found: Plan, done: Brought, on_progress: Progress) -> None:
    """Bookings, then shows, then reviews: each after those that it names."""
    coming = [
        entry
        for kind in (Kind.BOOKINGS, Kind.CONCERTS, Kind.REVIEWS)
        for entry in found.entries[kind]
        if entry.standing in COMES
    ]
    passed = 0
    for batch in _in_groups(coming):
        with platform.work(actor, quiet=True) as work:
            for entry in batch:
                try:
                    with work.session.begin_nested():
                        history.bring_record(work, source=found.source, entry=entry)
                except (TourPadError, IntegrityError) as error:
                    done.refused.append(_refusal(entry, error))
                else:
                    done.counts[entry.line.kind] += 1
            work.commit()
        passed += len(batch)
        on_progress("history", passed, len(coming))


def _media(
    platform: "Platform", actor: Actor, found: Plan, done: Brought, on_progress: Progress, *, package: Package
) -> None:
    """Send each file the way that its owner would: a place for it, the file itself, and word that it has arrived."""
    coming = [entry for entry in found.entries[Kind.MEDIA] if entry.standing in COMES]
    for number, entry in enumerate(coming, 1):
        try:
            _upload(platform, actor, found.source, entry, package)
        except OutsideError:
            raise
        except (TourPadError, IntegrityError) as error:
            done.refused.append(_refusal(entry, error))
        else:
            done.counts[Kind.MEDIA] += 1
        on_progress("files", number, len(coming))
    while coming:
        looked = uploads.process_uploads(platform, actor)
        done.files.update({name: count for name, count in looked.items() if count})
        if not any(looked.values()):
            break


def _upload(platform: "Platform", actor: Actor, source: str, entry: Entry, package: Package) -> None:
    clean: CleanMedia = entry.clean
    with platform.work(actor) as work:
        owner = history.here(work, source=source, kind=Kind.USERS, foreign_id=entry.line.said["user_id"])
    with tempfile.TemporaryDirectory(prefix="tourpad-") as folder:
        copy = Path(folder) / "file"
        reading.copy(package, clean.file, copy)
        made, _ = uploads.request_upload(
            platform,
            actor,
            owner_id=owner,
            kind=clean.media_kind,
            category=clean.category,
            mime_type=clean.mime_type,
            size_bytes=copy.stat().st_size,
            is_private=clean.is_private,
            **clean.texts,
        )
        platform.storage.put(Area.PRIVATE, made.storage_key, copy, mime_type=made.mime_type)
        size = copy.stat().st_size
    # Until this commit it is an upload that nobody has completed: of one that is killed before, nothing is left in
    # a day, and the next run sends the file again.
    with platform.work(actor, quiet=True) as work:
        if clean.sort_order is not None:
            media.edit(work, owner_id=owner, media_id=made.id, changes={"sort_order": clean.sort_order})
        arrived = media.arrived(work, owner_id=owner, media_id=made.id, size_bytes=size, mime_type=made.mime_type)
        if arrived.state is not MediaState.PROCESSING:
            raise ConflictError(arrived.refusal or "The file was deleted meanwhile.")
        persons.note(work, source=source, line=entry.line, our_id=made.id, user_id=owner)
        work.commit()


def _invite(platform: "Platform", actor: Actor, found: Plan, done: Brought, on_progress: Progress) -> None:
    with platform.work(actor) as work:
        known = queries.known(work, found.source)
    hashes = [
        rules.foreign_hash(found.source, Kind.USERS, entry.line.id)
        for entry in found.entries[Kind.USERS]
        if entry.standing in (Standing.NEW, Standing.HERE, Standing.DIFFERS)
    ]
    wanted: list[UUID] = [known[one].our_id for one in hashes if one in known]
    passed = 0
    for batch in _in_groups(wanted):
        with platform.work(actor) as work:
            done.invited += sum(persons.invite(work, source=found.source, user_id=one) for one in batch)
            work.commit()
        passed += len(batch)
        on_progress("mails", passed, len(wanted))


def _refusal(entry: Entry, error: Exception) -> Fault:
    line = entry.line
    message = error.message if isinstance(error, TourPadError) else "somebody else was quicker; run it again"
    return Fault(f"{line.kind}.jsonl", line.number, None, message)


def _in_groups(all_of_them: list[T]) -> Iterator[list[T]]:
    for at in range(0, len(all_of_them), COMMIT_EVERY):
        yield all_of_them[at : at + COMMIT_EVERY]
