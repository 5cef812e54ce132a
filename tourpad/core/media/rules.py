"""Who may upload what, how large, how many, and in which sizes pictures are made. Pure."""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.core.identity.rules import article
from tourpad.core.identity.states import UserType
from tourpad.core.media.errors import QuotaReached
from tourpad.core.media.states import MediaCategory, MediaKind
from tourpad.core.values import Value

C = MediaCategory
K = MediaKind

MEGABYTE: Final = 1_000_000

TYPES: Final[dict[MediaKind, dict[str, str]]] = {
    K.PHOTO: {
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "image/gif": "gif",
        "image/avif": "avif",
    },
    K.VIDEO: {"video/mp4": "mp4", "video/webm": "webm"},
    K.AUDIO: {
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "audio/flac": "flac",
        "audio/mp4": "m4a",
        "audio/webm": "weba",
    },
}
"""What is taken, and the ending that each gets. SVG is a program as much as a picture, so it is not among them."""

ALIASES: Final = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
    "application/ogg": "audio/ogg",
}
"""Other names by which browsers call the same."""

MOST_BYTES: Final = {K.PHOTO: 25 * MEGABYTE, K.VIDEO: 200 * MEGABYTE, K.AUDIO: 50 * MEGABYTE}
MOST_UPLOADING: Final = 20
"""Forms of one person that are open at once."""

KINDS: Final[dict[UserType, dict[MediaCategory, frozenset[MediaKind]]]] = {
    UserType.ARTIST: {
        **dict.fromkeys((C.PERFORMANCE, C.PROMO, C.BAND, C.PRESS), frozenset(K)),
        C.PROFILE: frozenset({K.PHOTO}),
    },
    UserType.HOST: {
        **dict.fromkeys((C.EXTERIOR, C.PERFORMANCE_SPACE, C.AMENITIES, C.LODGING), frozenset({K.PHOTO, K.VIDEO})),
        C.PROFILE: frozenset({K.PHOTO}),
    },
    UserType.FAN: {C.PROFILE: frozenset({K.PHOTO})},
}

PRESS_PHOTOS: Final = frozenset({C.PRESS})
"""What an artist's press photo is filed under."""
VENUE_PHOTOS: Final = frozenset({C.EXTERIOR, C.PERFORMANCE_SPACE, C.AMENITIES})
"""What photos of a venue are filed under. Where somebody sleeps is not among them: that is private."""

FORM_LIFE: Final = timedelta(minutes=15)
LINK_LIFE: Final = timedelta(minutes=5)
"""How long a link to something private is good."""
ABANDONED_AFTER: Final = timedelta(hours=24)
"""An upload that was never completed is given up then; a stored file that nothing refers to is deleted then."""

WIDTHS: Final = (320, 640, 1280, 2048)
"""Pixels. A picture is never made larger than it is."""

LONGEST_TITLE: Final = 255
LONGEST_TEXT: Final = 2_000
MOST_SORT_ORDER: Final = 1_000_000


class Holdings(Value):
    """What a person has by now; what was refused or deleted does not count."""

    files: int
    bytes: int
    uploading: int


def clean_mime_type(mime_type: str) -> str:
    """The type in the one spelling that we use, without parameters."""
    bare = mime_type.partition(";")[0].strip().lower()
    return ALIASES.get(bare, bare)


def filed_under(categories: Collection[MediaCategory]) -> str:
    """What is said of a photo that a form can't take."""
    *others, last = sorted(categories)
    return f"must be a photo filed under {' or '.join([', '.join(others), last] if others else [last])}"


def is_private(category: MediaCategory, *, wanted: bool) -> bool:
    """Whether only signed links show a file. Where somebody sleeps is always private."""
    return wanted or category is C.LODGING


def check_upload(
    user_type: UserType, *, kind: MediaKind, category: MediaCategory, mime_type: str, size_bytes: int
) -> None:
    """Refuse what this role does not upload, and what is too large or of a type that is not taken.

    Args:
        user_type: the role of whoever uploads.
        kind: what it is.
        category: what it shows.
        mime_type: as `clean_mime_type` has it.
        size_bytes: exactly so many will come.

    Raises:
        InvalidInputError: naming every wrong field.
    """
    wrong: list[FieldError] = []
    categories = KINDS.get(user_type, {})
    if category not in categories:
        # Whoever may upload nothing at all is refused before.
        wrong.append(FieldError("category", f"must be one of {', '.join(categories)} for {article(user_type)}"))
    elif kind not in categories[category]:
        wrong.append(FieldError("kind", f"must be {' or '.join(sorted(categories[category]))} for {category}"))
    if mime_type == "image/svg+xml":
        wrong.append(FieldError("mime_type", "can't be SVG; save it as PNG"))
    elif mime_type not in TYPES[kind]:
        wrong.append(FieldError("mime_type", f"must be one of {', '.join(TYPES[kind])} for a {kind}"))
    if size_bytes < 1:
        wrong.append(FieldError("size_bytes", "must be at least 1"))
    elif size_bytes > MOST_BYTES[kind]:
        most = MOST_BYTES[kind] // MEGABYTE
        wrong.append(FieldError("size_bytes", f"must be at most {most} MB ({MOST_BYTES[kind]:,} bytes) for a {kind}"))
    if wrong:
        raise InvalidInputError(*wrong)


def check_quota(held: Holdings, *, size_bytes: int, most_files: int, most_bytes: int) -> None:
    """Refuse one more file where a person has enough.

    Raises:
        QuotaReached: naming which limit, and how full it is.
    """
    hint = "DELETE /api/media/{id} makes room."
    if held.uploading >= MOST_UPLOADING:
        raise QuotaReached(
            f"{held.uploading} uploads of yours are still open.",
            hint="Complete or delete some; forms that nobody used are given up after a day.",
            limit=MOST_UPLOADING,
            used=held.uploading,
        )
    if held.files >= most_files:
        raise QuotaReached(
            f"You have {held.files} of {most_files} files.", hint=hint, limit=most_files, used=held.files
        )
    if held.bytes + size_bytes > most_bytes:
        raise QuotaReached(
            f"You have {held.bytes / MEGABYTE:.1f} of {most_bytes / MEGABYTE:.0f} MB; this file does not fit.",
            hint=hint,
            limit=most_bytes,
            used=held.bytes,
        )


def widths_for(width: int) -> list[int]:
    """The widths in which a picture of that width is made: the fixed ones below its own, and its own up to the last."""
    own = min(width, WIDTHS[-1])
    return [*(w for w in WIDTHS if w < own), own]


def upload_key(media_id: UUID) -> str:
    """Where a client's form puts a file."""
    return f"uploads/{media_id.hex}"


def original_key(media_id: UUID, sha256: str) -> str:
    """Where a file as it was sent lies once it was looked at: no form reaches it there."""
    return f"originals/{media_id.hex}-{sha256[:32]}"


def variant_key(media_id: UUID, sha256: str, *, mime_type: str) -> str:
    """The name under which something is published: the hash of what is in it.

    It lies in the upload's own folder, so that deleting one person's file never takes another's that looks the same.
    """
    endings = {mime: ending for kind in TYPES.values() for mime, ending in kind.items()}
    return f"media/{media_id.hex}/{sha256[:32]}.{endings[mime_type]}"


def mime_type_of(name: str) -> str:
    """The type of a published file by its ending (for storage that remembers none)."""
    ending = name.rpartition(".")[2]
    types = {e: mime for kind in TYPES.values() for mime, e in kind.items()}
    return types.get(ending, "application/octet-stream")


def media_id_in(key: str) -> UUID | None:
    """The upload that a stored file's name says it belongs to."""
    found = re.match(r"(?:uploads|originals|media)/([0-9a-f]{32})(?![0-9a-f])", key)
    return UUID(found[1]) if found else None
