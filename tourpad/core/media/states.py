"""What becomes of an upload."""

from enum import StrEnum


class MediaKind(StrEnum):
    """What a file is."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"


class MediaState(StrEnum):
    """How far a file has come."""

    UPLOADING = "uploading"
    PROCESSING = "processing"
    PUBLISHED = "published"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    DELETED = "deleted"


MOVES: dict[MediaState, frozenset[MediaState]] = {
    MediaState.UPLOADING: frozenset({MediaState.PROCESSING, MediaState.DELETED}),
    MediaState.PROCESSING: frozenset(
        {MediaState.PUBLISHED, MediaState.QUARANTINED, MediaState.REFUSED, MediaState.DELETED}
    ),
    MediaState.QUARANTINED: frozenset({MediaState.PROCESSING, MediaState.REFUSED, MediaState.DELETED}),
    MediaState.PUBLISHED: frozenset({MediaState.DELETED}),
    MediaState.REFUSED: frozenset({MediaState.DELETED}),
    MediaState.DELETED: frozenset(),
}
