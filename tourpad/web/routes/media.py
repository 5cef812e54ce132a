"""Uploads: a form for the storage, then what became of the file. And where there is no S3, the files themselves."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from anyio import to_thread
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException
from litestar.params import QueryParameter
from litestar.response import Stream
from msgspec import UNSET, UnsetType

from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.storage import Area
from tourpad.core.gateways.storage.local import PRIVATE_PATH, PUBLIC_PATH, UPLOAD_PATH, LocalFiles
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.media import procedures, queries, rules, service
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaCategory, MediaKind
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.files import send_file
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.media_links import MediaOut, media_out
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

MAX_UPLOAD = max(rules.MOST_BYTES.values()) + 100_000
"""Bytes of the largest file and of the form around it."""
_SANDBOXED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class UploadIn(Input):
    """What will be sent. `sizeBytes` is exact: the form takes no byte more or less."""

    kind: MediaKind
    category: MediaCategory
    mime_type: Annotated[str, msgspec.Meta(max_length=200)]
    size_bytes: int
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    is_private: bool = False


class FormOut(Output):
    """Post `fields` and then `file`, as multipart/form-data, to `url`, before `expiresAt`."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class UploadOut(Output):
    """Room for a file, and how to fill it."""

    media: MediaOut
    upload: FormOut


class OneOut(Output):
    """One file."""

    media: MediaOut


class MediaListOut(Output):
    """One page of one's own files, in one's own order."""

    media: list[MediaOut]
    pagination: Pagination


class MediaChange(Input):
    """What changes; null blanks a text. Whether a file is private is decided when it is uploaded."""

    title: str | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET
    alt_text: str | UnsetType | None = UNSET
    category: MediaCategory | UnsetType = UNSET
    sort_order: int | UnsetType = UNSET


def _one(work: Work, platform: Platform, media: Media) -> OneOut:
    return OneOut(media=media_out(platform, media, queries.variants_of(work, [media.id])[media.id]))


@post("/api/media/uploads", **needs(Permission.PROFILE), tags=["media"])
def request_upload(data: UploadIn, platform: Platform, principal: Principal) -> UploadOut:
    """Make room for one file. It goes straight to the storage, by the form in the answer."""
    media, form = procedures.request_upload(
        platform,
        principal.actor,
        owner_id=principal.user_id,
        kind=data.kind,
        category=data.category,
        mime_type=data.mime_type,
        size_bytes=data.size_bytes,
        title=data.title,
        description=data.description,
        alt_text=data.alt_text,
        is_private=data.is_private,
    )
    upload = FormOut(url=form.url, fields=dict(form.fields), expires_at=form.expires_at)
    return UploadOut(media=media_out(platform, media, ()), upload=upload)


@post("/api/media/{media_id:uuid}/complete", status_code=200, **needs(Permission.PROFILE), tags=["media"])
def complete_upload(media_id: UUID, platform: Platform, principal: Principal) -> OneOut:
    """Say that the file is there. It is scanned and drawn anew by and by; GET tells when. Safe to repeat."""
    media = procedures.complete_upload(platform, principal.actor, owner_id=principal.user_id, media_id=media_id)
    with platform.work(principal.actor) as work:
        return _one(work, platform, media)


@get("/api/media", **needs(Permission.PROFILE), tags=["media"])
def list_media(platform: Platform, principal: Principal, page: PageParam = 1, limit: LimitParam = 20) -> MediaListOut:
    """Own files by `sortOrder`, whatever their state."""
    with platform.work(principal.actor) as work:
        rows, total = queries.of_owner(work, principal.user_id, page=page, limit=limit)
        variants = queries.variants_of(work, [row.id for row in rows])
    return MediaListOut(
        media=[media_out(platform, row, variants[row.id]) for row in rows],
        pagination=pagination(page=page, limit=limit, total=total),
    )


@get("/api/media/{media_id:uuid}", **needs(Permission.PROFILE), tags=["media"])
def get_media(media_id: UUID, platform: Platform, principal: Principal) -> OneOut:
    """One file of one's own, with links to every form of it."""
    with platform.work(principal.actor) as work:
        return _one(work, platform, queries.get_own(work, owner_id=principal.user_id, media_id=media_id))


@patch("/api/media/{media_id:uuid}", **needs(Permission.PROFILE), tags=["media"])
def change_media(media_id: UUID, data: MediaChange, platform: Platform, principal: Principal) -> OneOut:
    """Change title, description, alt text, category or place in the order. What is not mentioned stays."""
    changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not UNSET}
    with platform.work(principal.actor) as work:
        media = service.edit(work, owner_id=principal.user_id, media_id=media_id, changes=changes)
        work.commit()
        return _one(work, platform, media)


@delete("/api/media/{media_id:uuid}", **needs(Permission.PROFILE), tags=["media"])
def delete_media(media_id: UUID, platform: Platform, principal: Principal) -> None:
    """Delete one file: its links end, and everything stored of it is removed."""
    with platform.work(principal.actor) as work:
        service.delete(work, owner_id=principal.user_id, media_id=media_id)
        work.commit()


@post(
    UPLOAD_PATH,
    status_code=204,
    opt={"needs": (PUBLIC,), NO_STORED_ANSWER: True},
    request_max_body_size=MAX_UPLOAD,
    tags=["media"],
)
async def receive_locally(request: Request[Any, Any, Any], platform: Platform) -> None:
    """Where forms lead while there is no S3: the same fields, then `file`. The form's signature is the permission."""
    storage = _local(platform)
    form = await request.form()
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise ClientException(detail="The form has no file in it.")
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        source = file.file
        size = await to_thread.run_sync(source.seek, 0, 2)
        await to_thread.run_sync(source.seek, 0)
        await to_thread.run_sync(lambda: storage.accept(fields, source, size=size))
    finally:
        await form.close()


@get(PUBLIC_PATH + "{key:path}", **needs(PUBLIC), tags=["media"])
def read_public(request: Request[Any, Any, Any], key: str, platform: Platform) -> Response[Any] | Stream:
    """A published file, while there is no S3. Its name holds the hash of what is in it, so it never changes."""
    path = _local(platform).path(Area.PUBLIC, key.lstrip("/"))
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": _SANDBOXED,
        "Access-Control-Allow-Origin": "*",
    }
    return send_file(request, path, mime_type=rules.mime_type_of(path.name), headers=headers)


@get(PRIVATE_PATH + "{key:path}", **needs(PUBLIC), tags=["media"])
def read_private(
    request: Request[Any, Any, Any],
    key: str,
    platform: Platform,
    expires: Annotated[str, QueryParameter(name="expires", max_length=20)],
    signature: Annotated[str, QueryParameter(name="signature", max_length=200)],
) -> Response[Any] | Stream:
    """A private file by its signed link, while there is no S3."""
    path = _local(platform).opened_by(key.lstrip("/"), expires=expires, signature=signature)
    headers = {"Cache-Control": "private, no-store", "Content-Security-Policy": _SANDBOXED}
    return send_file(request, path, mime_type=rules.mime_type_of(path.name), headers=headers)


def _local(platform: Platform) -> LocalFiles:
    """The files of this machine.

    Raises:
        NotFoundError: files lie elsewhere, so there is nothing at these addresses.
    """
    if not isinstance(platform.storage, LocalFiles):
        raise NotFoundError("There is nothing here: files lie in S3.")
    return platform.storage


ROUTES = (
    request_upload,
    complete_upload,
    list_media,
    get_media,
    change_media,
    delete_media,
    receive_locally,
    read_public,
    read_private,
)
