"""What becomes of an upload."""

from enum import StrEnum


class MediaKind(StrEnum):
    """What a file is."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"


class MediaCategory(StrEnum):
    """What a file shows. Who may use which is in `rules.py`."""

    PERFORMANCE = "performance"
    PROMO = "promo"
    BAND = "band"
    PRESS = "press"
    EXTERIOR = "exterior"
    PERFORMANCE_SPACE = "performance_space"
    AMENITIES = "amenities"
    LODGING = "lodging"
    """Where somebody sleeps: always private."""
    PROFILE = "profile"


class MediaState(StrEnum):
    """How far a file has come."""

    UPLOADING = "uploading"
    """A form was given out; nothing has arrived, as far as we know."""
    PROCESSING = "processing"
    """It waits to be looked at."""
    PUBLISHED = "published"
    """What was made of it can be seen by whoever may."""
    QUARANTINED = "quarantined"
    """It could not be looked at (the scanner is down); it will be, and nobody sees it until then."""
    REFUSED = "refused"
    """It is not what it should be; `refusal` says why."""
    DELETED = "deleted"


class TaskPurpose(StrEnum):
    """What a worker does with a file."""

    PROCESS = "process"
    """Scan it, look inside, draw it anew, publish."""
    REMOVE = "remove"
    """Delete everything stored of it."""


MOVES: dict[MediaState, frozenset[MediaState]] = {
    MediaState.UPLOADING: frozenset({MediaState.PROCESSING, MediaState.REFUSED, MediaState.DELETED}),
    MediaState.PROCESSING: frozenset(
        {MediaState.PUBLISHED, MediaState.QUARANTINED, MediaState.REFUSED, MediaState.DELETED}
    ),
    MediaState.QUARANTINED: frozenset(
        {MediaState.PROCESSING, MediaState.PUBLISHED, MediaState.REFUSED, MediaState.DELETED}
    ),
    MediaState.PUBLISHED: frozenset({MediaState.REFUSED, MediaState.DELETED}),
    MediaState.REFUSED: frozenset({MediaState.DELETED}),
    MediaState.DELETED: frozenset(),
}
