"""Where media meets the world: forms for uploads, and the worker that scans, looks inside, publishes and removes.

Each step is committed by itself. What is stored outside bears names made of its content, so a worker that dies in
between leaves nothing that a second try would do twice; what it leaves lying is collected as an orphan.
"""

import hashlib
import logging
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.errors import OutsideError
from tourpad.core.gateways.scanner import ScannerDown
from tourpad.core.gateways.storage import Area, NoSuchFile, StorageDown, UploadForm
from tourpad.core.media import queries, rules, service
from tourpad.core.media.errors import FileRefused, NothingUploaded, NotScannable, UnscannedRefused
from tourpad.core.media.looking.child import LookFailed, look_into
from tourpad.core.media.models import Media, MediaTask
from tourpad.core.media.service import Findings, Variant
from tourpad.core.media.states import MediaCategory, MediaKind, MediaState, TaskPurpose
from tourpad.core.outbox import queue
from tourpad.core.outbox.states import ItemState
from tourpad.core.values import Value

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=10)
"""For one file: fetching, two minutes for each of scanner and decoder, storing."""
MOST_A_RUN: Final = 200
ENDED_TOO_OFTEN: Final = 3
"""A file that ends its process so often (it may be the system's memory, it may be the file) is refused."""


class _Job(Value):
    """A claimed task, and what must be known of its file."""

    task_id: UUID
    lease: datetime
    attempts: int
    purpose: TaskPurpose
    media: Media


def request_upload(
    platform: "Platform",
    actor: Actor,
    *,
    owner_id: UUID,
    kind: MediaKind,
    category: MediaCategory,
    mime_type: str,
    size_bytes: int,
    title: str | None = None,
    description: str | None = None,
    alt_text: str | None = None,
    is_private: bool = False,
) -> tuple[Media, UploadForm]:
    """Make room for one file, and a form by which its owner sends it straight to the storage.

    Raises:
        UnscannedRefused: there is no scanner, and this is no place for unscanned files.
        InvalidInputError: naming every wrong field.
        QuotaReached: the person has enough.
        StorageDown: no form can be made.
    """
    _check_scanner(platform)
    with platform.work(actor) as work:
        media = service.request_upload(
            work,
            owner_id=owner_id,
            kind=kind,
            category=category,
            mime_type=mime_type,
            size_bytes=size_bytes,
            title=title,
            description=description,
            alt_text=alt_text,
            is_private=is_private,
        )
        work.commit()
    form = platform.storage.upload_form(
        media.storage_key, mime_type=media.mime_type, size=media.size_bytes, life=rules.FORM_LIFE
    )
    return media, form


def complete_upload(platform: "Platform", actor: Actor, *, owner_id: UUID, media_id: UUID) -> Media:
    """The owner says that the file is there: look, and let a worker have it. Safe to repeat.

    Raises:
        NotFoundError: none by that id.
        NothingUploaded: the storage has no such file.
        StorageDown: it can't be known.
    """
    with platform.work(actor) as work:
        media = queries.get_own(work, owner_id=owner_id, media_id=media_id)
    if media.state is not MediaState.UPLOADING:
        return media
    stored = platform.storage.find(Area.PRIVATE, media.storage_key)
    if stored is None:
        raise NothingUploaded(
            "Nothing has arrived yet for this upload.",
            hint="Post the form's fields and then the file to its address, then try again.",
        )
    with platform.work(actor) as work:
        media = service.arrived(
            work, owner_id=owner_id, media_id=media_id, size_bytes=stored.size, mime_type=stored.mime_type
        )
        work.commit()
    return media


def process_uploads(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Do everything that is due: look at files that have arrived, remove files that were deleted or refused.

    Returns:
        How many were `published`, `refused`, `quarantined` (tried again later), `removed`, and `failed` (as well).
    """
    done: dict[str, int] = {"published": 0, "refused": 0, "quarantined": 0, "removed": 0, "failed": 0}
    for _ in range(MOST_A_RUN):
        job = _claim(platform, actor)
        if job is None:
            break
        if job.purpose is TaskPurpose.REMOVE:
            done[_remove(platform, actor, job)] += 1
        else:
            done[_process(platform, actor, job)] += 1
    return done


def scan_again(platform: "Platform", actor: Actor, *, media_id: UUID) -> str:
    """Scan a file that is shown already, with the signatures of today; one that is found out is taken down.

    What still waits is let through the whole procedure at the next run instead.

    Returns:
        `clean`, `waiting` (will be looked at), or the name of what was found.

    Raises:
        NotScannable: nothing is stored of it, or there is no scanner.
        ScannerDown: there is no verdict; nothing was changed.
        StorageDown: the file can't be read.
    """
    with platform.work(actor) as work:
        media = queries.get(work, media_id)
        if service.try_again(work, media_id=media_id):
            work.commit()
            return "waiting"
    if media.state is not MediaState.PUBLISHED:
        raise NotScannable(f"This file is {media.state}: there is nothing to scan.")
    if platform.scanner is None:
        raise NotScannable("No scanner is set up.", hint="CLAMD_SOCKET names clamd's socket.")
    with tempfile.TemporaryDirectory(prefix="tourpad-") as folder:
        file = Path(folder) / "sent"
        platform.storage.fetch(Area.PRIVATE, media.storage_key, file, most=media.size_bytes)
        found = platform.scanner.scan(file)
    if found is None:
        return "clean"
    with platform.work(actor) as work:
        service.refuse_by_id(work, media_id=media_id, why=_infected(found))
        work.commit()
    return found


def _claim(platform: "Platform", actor: Actor) -> _Job | None:
    with platform.work(actor) as work:
        tasks = queue.claim(work, MediaTask, limit=1)
        if not tasks:
            return None
        task = tasks[0]
        lease = task.lease_until = work.now + LEASE
        media = queries.get(work, task.media_id)
        work.commit()
        return _Job(task.id, lease, task.attempts, task.purpose, media)


def _process(platform: "Platform", actor: Actor, job: _Job) -> str:
    """Look at one file. Answers what came of it."""
    media = job.media
    try:
        _check_scanner(platform)
        findings = _look(platform, media)
    except (FileRefused, NoSuchFile) as refusal:
        why = "The file is gone." if isinstance(refusal, NoSuchFile) else refusal.message
        return _record(platform, actor, job, refusal=why)
    except LookFailed as error:
        if job.attempts >= ENDED_TOO_OFTEN:
            return _record(platform, actor, job, refusal="This file can't be read: it ends the program that tries.")
        return _record(platform, actor, job, error=error)
    except (OutsideError, UnscannedRefused) as error:
        return _record(platform, actor, job, error=error)
    return _record(platform, actor, job, findings=findings)


def _look(platform: "Platform", media: Media) -> Findings:
    """Fetch, scan, look inside, draw anew and store, all on one copy that nobody else can change.

    Raises:
        FileRefused: it is not what it should be.
        NoSuchFile: it is gone.
        OutsideError: storage or scanner can't be used now.
    """
    storage = platform.storage
    with tempfile.TemporaryDirectory(prefix="tourpad-") as name:
        sent, folder = Path(name) / "sent", Path(name) / "made"
        folder.mkdir()
        size = storage.fetch(Area.PRIVATE, media.storage_key, sent, most=media.size_bytes)
        if size != media.size_bytes:
            raise FileRefused(f"This file does not have the {media.size_bytes:,} bytes that were announced.")
        with sent.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        found = platform.scanner.scan(sent) if platform.scanner else None
        if found is not None:
            raise FileRefused(_infected(found))
        looked = look_into(sent, kind=media.kind, folder=folder, widths=rules.WIDTHS)
        original = rules.original_key(media.id, sha256)
        storage.put(Area.PRIVATE, original, sent, mime_type="application/octet-stream")
        variants: list[Variant] = []
        for made in looked.made:
            key = rules.variant_key(media.id, made.sha256, mime_type=made.mime_type)
            storage.put(_area(media), key, made.file, mime_type=made.mime_type)
            variants.append(Variant(made.mime_type, made.width, made.height, made.size, key))
    return Findings(original, sha256, looked.mime_type, looked.width, looked.height, looked.blur_hash, variants)


def _record(
    platform: "Platform",
    actor: Actor,
    job: _Job,
    *,
    findings: Findings | None = None,
    refusal: str | None = None,
    error: OutsideError | UnscannedRefused | None = None,
) -> str:
    """Write down what came of a file, unless another worker has it by now. Answers how it is counted."""
    media = job.media
    outcome = "failed"
    with platform.work(actor) as work:
        task = queries.claimed_task(work, job.task_id, job.lease)
        if task is None:
            # Another worker has it by now, or nobody: then its owner has deleted it, and it was forgotten since.
            outcome = "failed" if queries.find_for_update(work, media.id) else "removed"
        elif error is not None:
            state = queue.fail(task, now=work.now, error=error.message)
            if isinstance(error, ScannerDown | UnscannedRefused) or state is ItemState.DEAD:
                service.quarantine(work, media_id=media.id, why=_waits(error))
                outcome = "quarantined"
            log.warning("media %s (try %s): %s", media.id, task.attempts, error.message)
        elif refusal is not None:
            queue.finish(task)
            outcome = "refused" if service.refuse_by_id(work, media_id=media.id, why=refusal) else "removed"
        elif findings is not None:
            queue.finish(task)
            outcome = "published" if service.publish(work, media_id=media.id, findings=findings) else "removed"
        work.commit()
    if findings is not None and outcome != "failed":
        _clear_up(platform, media, findings, published=outcome == "published")
    return outcome


def _clear_up(platform: "Platform", media: Media, findings: Findings, *, published: bool) -> None:
    """Remove the copy that the form reaches; where the owner was quicker and has deleted it, everything stored."""
    with suppress(StorageDown):  # the collector of orphans finds it
        platform.storage.remove(Area.PRIVATE, media.storage_key)
        if not published:
            platform.storage.remove(Area.PRIVATE, findings.storage_key)
            for variant in findings.variants:
                platform.storage.remove(_area(media), variant.storage_key)


def _remove(platform: "Platform", actor: Actor, job: _Job) -> str:
    """Remove everything stored of one file. Answers how it is counted."""
    media = job.media
    with platform.work(actor) as work:
        variants = queries.variants_of(work, [media.id])[media.id]
    problem: StorageDown | None = None
    try:
        for key in {media.storage_key, rules.upload_key(media.id)}:
            platform.storage.remove(Area.PRIVATE, key)
        for variant in variants:
            platform.storage.remove(_area(media), variant.storage_key)
    except StorageDown as error:
        problem = error
    with platform.work(actor) as work:
        task = queries.claimed_task(work, job.task_id, job.lease)
        if task is None:
            return "failed"
        if problem is not None:
            queue.fail(task, now=work.now, error=problem.message)
            log.warning("media %s is not removed yet: %s", media.id, problem.message)
        else:
            queue.finish(task)
            work.session.flush()
            service.removed(work, media_id=media.id)
        work.commit()
    return "removed" if problem is None else "failed"


def _area(media: Media) -> Area:
    return Area.PRIVATE if media.is_private else Area.PUBLIC


def _check_scanner(platform: "Platform") -> None:
    """Where people's files are taken in earnest, none is taken unscanned unless the operator says so.

    Raises:
        UnscannedRefused: there is no scanner.
    """
    settings = platform.settings
    if platform.scanner is None and not settings.is_local and not settings.allow_unscanned:
        raise UnscannedRefused(
            "Uploads can't be taken now: no virus scanner is set up.",
            hint="Operators: set CLAMD_SOCKET, or TOURPAD_ALLOW_UNSCANNED=true.",
        )


def _infected(name: str) -> str:
    return f"The virus scanner found {name[:100]} in this file."


def _waits(error: OutsideError | UnscannedRefused) -> str:
    """What the owner is told of a file in quarantine."""
    if isinstance(error, ScannerDown | UnscannedRefused):
        return "The virus scanner could not look at this file yet. It will be tried again."
    return "This file could not be looked at yet."
