"""The verbs of media: ask for an upload, say that it has arrived, describe, delete; and what workers find out."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from tourpad.core.errors import invalid
from tourpad.core.fields import Fields
from tourpad.core.identity import queries as people
from tourpad.core.identity.rules import article
from tourpad.core.ids import new_id
from tourpad.core.media import queries, rules
from tourpad.core.media.models import Media, MediaTask, MediaVariant
from tourpad.core.media.rules import MEGABYTE
from tourpad.core.media.states import MOVES, MediaCategory, MediaKind, MediaState, TaskPurpose
from tourpad.core.outbox.states import ItemState
from tourpad.core.states import check_move
from tourpad.core.values import Value
from tourpad.core.work import Work

EDITABLE: Final = frozenset({"title", "description", "alt_text", "sort_order", "category"})


class Variant(Value):
    """One file that was made of an upload, and where it lies."""

    mime_type: str
    width: int
    height: int
    size_bytes: int
    storage_key: str


class Findings(Value):
    """What a worker found out about a file, and made of it."""

    storage_key: str
    """Where the file as it was sent lies now."""
    sha256: str
    mime_type: str
    width: int | None
    height: int | None
    blur_hash: str | None
    variants: Sequence[Variant]


def request_upload(
    work: Work,
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
) -> Media:
    """Make room for one file that will come. It comes last in its owner's order.

    The owner is locked, so that several requests at once do not pass the quota together.

    Args:
        work: the unit of work.
        owner_id: whose it is.
        kind: photo, video or audio.
        category: what it shows; the role decides which there are.
        mime_type: of the file.
        size_bytes: exactly.
        title: up to 255 characters.
        description: up to 2,000 characters.
        alt_text: what somebody who can't see it is told, up to 2,000 characters.
        is_private: only signed links show it; always so for lodging.

    Raises:
        InvalidInputError: naming every wrong field.
        QuotaReached: the person has enough.
    """
    owner = people.get_for_update(work, owner_id)
    mime_type = rules.clean_mime_type(mime_type)
    rules.check_upload(owner.user_type, kind=kind, category=category, mime_type=mime_type, size_bytes=size_bytes)
    texts = _texts({"title": title, "description": description, "alt_text": alt_text})
    rules.check_quota(
        queries.holdings(work, owner_id),
        size_bytes=size_bytes,
        most_files=work.settings.media_quota_files,
        most_bytes=work.settings.media_quota_mb * MEGABYTE,
    )
    media_id = new_id()
    media = Media(
        id=media_id,
        owner_id=owner_id,
        kind=kind,
        category=category,
        is_private=rules.is_private(category, wanted=is_private),
        state=MediaState.UPLOADING,
        storage_key=rules.upload_key(media_id),
        mime_type=mime_type,
        size_bytes=size_bytes,
        sort_order=queries.next_sort_order(work, owner_id),
        created_at=work.now,
        updated_at=work.now,
        **texts,
    )
    work.add(media)
    return media


def arrived(work: Work, *, owner_id: UUID, media_id: UUID, size_bytes: int, mime_type: str | None) -> Media:
    """The file is there: let a worker look at it. Safe to repeat.

    A file of another size or type than the form allowed is refused (not every server of S3 holds the form's policy).

    Args:
        work: the unit of work.
        owner_id: whose it is.
        media_id: the upload.
        size_bytes: of what is stored.
        mime_type: of what is stored, where the storage knows it.

    Raises:
        NotFoundError: none by that id.
    """
    media = queries.get_own(work, owner_id=owner_id, media_id=media_id, locked=True)
    if media.state is not MediaState.UPLOADING:
        return media
    if size_bytes != media.size_bytes:
        refuse(work, media, why=f"This file has {size_bytes:,} bytes, and {media.size_bytes:,} were announced.")
    elif mime_type is not None and rules.clean_mime_type(mime_type) != media.mime_type:
        refuse(work, media, why=f"This file came as {mime_type[:100]}, and {media.mime_type} was announced.")
    else:
        _move(work, media, MediaState.PROCESSING)
        _plan(work, media, TaskPurpose.PROCESS)
    return media


def chosen_photos(
    work: Work, *, owner_id: UUID, media_ids: Sequence[UUID], categories: Collection[MediaCategory], field: str
) -> list[Media]:
    """The photos that somebody names in a form (an application's press photo), in the order in which they name them.

    A photo that waits for the worker will do; whoever shows it later shows it once it is published.

    Args:
        work: the unit of work.
        owner_id: whose they must be.
        media_ids: their ids.
        categories: what they may be filed under (`rules.PRESS_PHOTOS`, `rules.VENUE_PHOTOS`).
        field: the form's field, for the error.

    Raises:
        InvalidInputError: naming the field and what is wrong with each.
    """
    found = queries.by_ids(work, media_ids)
    fields = Fields()
    chosen: list[Media] = []
    for number, media_id in enumerate(media_ids):
        place = field if len(media_ids) == 1 else f"{field}[{number}]"
        media = found.get(media_id)
        if media is None or media.owner_id != owner_id:
            fields.wrong(place, "is no file of yours")
        elif media.kind is not MediaKind.PHOTO or media.category not in categories:
            fields.wrong(place, rules.filed_under(categories))
        elif media.state is MediaState.UPLOADING:
            fields.wrong(place, "has not arrived: send it and call it complete first")
        elif media.state is MediaState.REFUSED:
            fields.wrong(place, f"was refused: {media.refusal}")
        elif media in chosen:
            fields.wrong(place, "is named twice")
        else:
            chosen.append(media)
    fields.done()
    return chosen


def edit(work: Work, *, owner_id: UUID, media_id: UUID, changes: Mapping[str, Any]) -> Media:
    """Change how a file is described, filed and ordered. What is not mentioned stays; null blanks a text.

    Raises:
        InvalidInputError: naming every wrong field.
        NotFoundError: none by that id.
    """
    fields = Fields()
    fields.known(changes, EDITABLE)
    fields.done()
    media = queries.get_own(work, owner_id=owner_id, media_id=media_id, locked=True)
    texts = _texts({name: changes[name] for name in ("title", "description", "alt_text") if name in changes})
    if "category" in changes:
        _file_under(work, media, changes["category"])
    if "sort_order" in changes:
        media.sort_order = fields.number("sort_order", changes["sort_order"], low=0, high=rules.MOST_SORT_ORDER)
        fields.done()
    for name, value in texts.items():
        setattr(media, name, value)
    media.updated_at = work.now
    work.session.flush()
    return media


def delete(work: Work, *, owner_id: UUID, media_id: UUID) -> None:
    """Delete a file: nobody sees it from now on, and a worker removes everything stored of it.

    Raises:
        NotFoundError: none by that id.
    """
    media = queries.get_own(work, owner_id=owner_id, media_id=media_id, locked=True)
    _delete(work, media)
    work.audit("media.delete", target_type="media", target_id=media.id, kind=media.kind.value)


def delete_all_of(work: Work, *, user_id: UUID) -> None:
    """Delete everything that a person has uploaded."""
    for media_id in queries.ids_of(work, user_id):
        media = queries.find_for_update(work, media_id)
        if media is not None and media.state is not MediaState.DELETED:
            _delete(work, media)


def give_up(work: Work, *, media_id: UUID) -> bool:
    """Forget an upload that was never completed. Answers whether it was still open."""
    media = queries.find_for_update(work, media_id)
    if media is None or media.state is not MediaState.UPLOADING:
        return False
    _delete(work, media)
    return True


def publish(work: Work, *, media_id: UUID, findings: Findings) -> bool:
    """Show what was made of a file.

    Answers whether it is shown: its owner may have deleted it meanwhile, and then what was stored must go again.
    """
    media = queries.find_for_update(work, media_id)
    if media is None or media.state not in (MediaState.PROCESSING, MediaState.QUARANTINED):
        return False
    media.storage_key = findings.storage_key
    work.add(*(MediaVariant(id=new_id(), media_id=media.id, **msgspec.structs.asdict(v)) for v in findings.variants))
    media.sha256 = findings.sha256
    media.mime_type = findings.mime_type
    media.width, media.height, media.blur_hash = findings.width, findings.height, findings.blur_hash
    media.refusal = None
    _move(work, media, MediaState.PUBLISHED)
    return True


def quarantine(work: Work, *, media_id: UUID, why: str) -> None:
    """The file can't be looked at now; it waits, and nobody sees it. Nothing happens to what is decided already."""
    media = queries.find_for_update(work, media_id)
    if media is None or media.state not in (MediaState.PROCESSING, MediaState.QUARANTINED):
        return
    media.refusal = why
    if media.state is not MediaState.QUARANTINED:
        _move(work, media, MediaState.QUARANTINED)


def refuse_by_id(work: Work, *, media_id: UUID, why: str) -> bool:
    """Refuse a file; see `refuse`. Answers whether it was refused: it may be deleted meanwhile."""
    media = queries.find_for_update(work, media_id)
    if media is None or MediaState.REFUSED not in MOVES[media.state]:
        return False
    refuse(work, media, why=why)
    return True


def refuse(work: Work, media: Media, *, why: str) -> None:
    """The file is not what it should be: its owner reads why, and everything stored of it goes."""
    _move(work, media, MediaState.REFUSED)
    media.refusal = why
    _plan(work, media, TaskPurpose.REMOVE)
    work.audit("media.refuse", target_type="media", target_id=media.id, reason=why)


def try_again(work: Work, *, media_id: UUID) -> bool:
    """Let a worker look at once at a file that waits or was given up. Answers whether there is anything to do."""
    media = queries.find_for_update(work, media_id)
    if media is None or media.state not in (MediaState.PROCESSING, MediaState.QUARANTINED):
        return False
    _plan(work, media, TaskPurpose.PROCESS)
    return True


def removed(work: Work, *, media_id: UUID) -> None:
    """Nothing is stored of a file any more. What its owner deleted is forgotten altogether."""
    media = queries.find_for_update(work, media_id)
    if media is None:
        return
    for variant in queries.variants_of(work, [media.id])[media.id]:
        work.session.delete(variant)
    if media.state is MediaState.DELETED:
        work.session.flush()
        work.session.delete(media)
    work.session.flush()


def _delete(work: Work, media: Media) -> None:
    _move(work, media, MediaState.DELETED)
    media.title = media.description = media.alt_text = media.refusal = media.blur_hash = None
    _plan(work, media, TaskPurpose.REMOVE)


def _file_under(work: Work, media: Media, category: MediaCategory) -> None:
    """Another category of the owner's role that takes this kind, on the same side of privacy.

    Raises:
        InvalidInputError: there is none of that name for it.
    """
    if category is media.category:
        return
    owner = people.get_user(work, media.owner_id)
    if media.kind not in rules.KINDS.get(owner.user_type, {}).get(category, frozenset()):
        kinds = rules.KINDS.get(owner.user_type, {})
        fitting = ", ".join(one for one in kinds if media.kind in kinds[one])
        raise invalid("category", f"must be one of {fitting} for a {media.kind} of {article(owner.user_type)}")
    if MediaCategory.LODGING in (category, media.category):
        # What is public has public addresses, which others may have kept.
        hint = f"Delete it, and upload it again under {category}."
        raise invalid("category", "can't be changed: what shows lodging is private from the start", hint=hint)
    media.category = category


def _texts(given: Mapping[str, Any]) -> dict[str, str | None]:
    fields = Fields()
    clean: dict[str, str | None] = {}
    for name, value in given.items():
        blank = value is None or (isinstance(value, str) and not value.strip())
        longest = rules.LONGEST_TITLE if name == "title" else rules.LONGEST_TEXT
        clean[name] = None if blank else fields.text(name, value, longest=longest, lines=name == "description")
    fields.done()
    return clean


def _move(work: Work, media: Media, to: MediaState) -> None:
    check_move(MOVES, entity="media", now=media.state, to=to)
    media.state = to
    media.updated_at = work.now
    work.session.flush()


def _plan(work: Work, media: Media, purpose: TaskPurpose) -> None:
    """Write down what a worker has to do outside; a call that must happen is a row first."""
    open_task = queries.unfinished_task(work, media.id, purpose)
    if open_task is not None and open_task.item_state is not ItemState.WORKING:
        open_task.item_state, open_task.attempts, open_task.due_at = ItemState.WAITING, 0, work.now
        return
    work.add(
        MediaTask(
            id=new_id(),
            media_id=media.id,
            purpose=purpose,
            item_state=ItemState.WAITING,
            due_at=work.now,
            created_at=work.now,
        )
    )
