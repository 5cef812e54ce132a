"""Media as answers show it: where each form of it is read from, lastingly or for a few minutes."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tourpad.core.media import queries, rules
from tourpad.core.media.models import Media, MediaVariant
from tourpad.core.media.states import MediaCategory, MediaKind, MediaState
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.shapes import Output

LISTED_PIECES = 2
"""Of each category, in lists of profiles."""


class VariantOut(Output):
    """One form of a file. `width` and `height` are null for sound and for video."""

    url: str
    mime_type: str
    width: int | None
    height: int | None
    size_bytes: int


class MediaOut(Output):
    """One file of one's own. `url` is its largest form; private ones are good until `linksExpireAt`."""

    id: UUID
    kind: MediaKind
    category: MediaCategory
    state: MediaState
    is_private: bool
    mime_type: str
    size_bytes: int
    title: str | None
    description: str | None
    alt_text: str | None
    sort_order: int
    width: int | None
    height: int | None
    blur_hash: str | None
    refusal: str | None
    """Why it was refused, or what keeps it in quarantine."""
    url: str | None
    variants: list[VariantOut]
    links_expire_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PieceOut(Output):
    """One piece of a gallery, for others. `url` is the largest form; private ones are good until `linksExpireAt`."""

    id: UUID
    kind: MediaKind
    category: MediaCategory
    title: str | None
    description: str | None
    alt_text: str | None
    width: int | None
    height: int | None
    blur_hash: str | None
    url: str
    variants: list[VariantOut]
    links_expire_at: datetime | None


def media_out(platform: Platform, media: Media, variants: Sequence[MediaVariant]) -> MediaOut:
    """One file with its links. Whoever calls has found the reader entitled to what is private."""
    forms = _forms(platform, media, variants)
    return MediaOut(
        id=media.id,
        kind=media.kind,
        category=media.category,
        state=media.state,
        is_private=media.is_private,
        mime_type=media.mime_type,
        size_bytes=media.size_bytes,
        title=media.title,
        description=media.description,
        alt_text=media.alt_text,
        sort_order=media.sort_order,
        width=media.width,
        height=media.height,
        blur_hash=media.blur_hash,
        refusal=media.refusal,
        url=forms[-1].url if forms else None,
        variants=forms,
        links_expire_at=platform.clock.now() + rules.LINK_LIFE if media.is_private and forms else None,
        created_at=media.created_at,
        updated_at=media.updated_at,
    )


def pieces_out(work: Work, platform: Platform, media: Iterable[Media]) -> list[PieceOut]:
    """What is published of these files, in their order. One query. Whoever calls has found the reader entitled."""
    shown = [row for row in media if row.state is MediaState.PUBLISHED]
    variants = queries.variants_of(work, [row.id for row in shown]) if shown else {}
    return [_piece(platform, row, variants[row.id]) for row in shown if variants[row.id]]


class Galleries:
    """What may be shown of several people: two queries, however many they are."""

    def __init__(self, work: Work, platform: Platform, owner_ids: Collection[UUID], *, most: int | None = None) -> None:
        shown = queries.shown_of(work, owner_ids, most=most)
        pieces = {p.id: p for p in pieces_out(work, platform, [row for rows in shown.values() for row in rows])}
        self._of = {owner: [pieces[row.id] for row in rows if row.id in pieces] for owner, rows in shown.items()}

    def pieces(self, owner_id: UUID) -> list[PieceOut]:
        """The gallery, without the person's own picture, in its owner's order."""
        return [piece for piece in self._of[owner_id] if piece.category is not MediaCategory.PROFILE]

    def picture(self, owner_id: UUID) -> str | None:
        """The address of the person's own picture, in the form for a small place."""
        return self._first(owner_id, MediaCategory.PROFILE, small=True)

    def press_photo(self, owner_id: UUID) -> str | None:
        """The address of the first press photo in its largest form."""
        return self._first(owner_id, MediaCategory.PRESS, small=False)

    def _first(self, owner_id: UUID, category: MediaCategory, *, small: bool) -> str | None:
        fitting = (p for p in self._of[owner_id] if p.category is category and p.kind is MediaKind.PHOTO)
        first = next(fitting, None)
        if first is None:
            return None
        # Small to large, AVIF before WebP of the same width: the second one is what every program can show.
        return first.variants[min(1, len(first.variants) - 1)].url if small else first.url


def _piece(platform: Platform, media: Media, variants: Sequence[MediaVariant]) -> PieceOut:
    forms = _forms(platform, media, variants)
    return PieceOut(
        id=media.id,
        kind=media.kind,
        category=media.category,
        title=media.title,
        description=media.description,
        alt_text=media.alt_text,
        width=media.width,
        height=media.height,
        blur_hash=media.blur_hash,
        url=forms[-1].url,
        variants=forms,
        links_expire_at=platform.clock.now() + rules.LINK_LIFE if media.is_private else None,
    )


def _forms(platform: Platform, media: Media, variants: Sequence[MediaVariant]) -> list[VariantOut]:
    return [
        VariantOut(
            url=_link(platform, media, variant),
            mime_type=variant.mime_type,
            width=variant.width or None,
            height=variant.height or None,
            size_bytes=variant.size_bytes,
        )
        for variant in (variants if media.state is MediaState.PUBLISHED else ())
    ]


def _link(platform: Platform, media: Media, variant: MediaVariant) -> str:
    if media.is_private:
        return platform.storage.link(variant.storage_key, life=rules.LINK_LIFE)
    return platform.storage.address(variant.storage_key)
