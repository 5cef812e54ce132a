"""What people may do with their uploads."""

from uuid import UUID

import pytest

from tests.factories.profiles import make_person
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.identity.service.account import erase
from tourpad.core.identity.states import UserType
from tourpad.core.media import queries, rules, service
from tourpad.core.media.errors import QuotaReached
from tourpad.core.media.models import Media
from tourpad.core.media.states import MediaCategory, MediaKind, MediaState
from tourpad.core.work import Work

C, K = MediaCategory, MediaKind


def ask(
    work: Work,
    owner: UUID,
    *,
    kind: MediaKind = K.PHOTO,
    category: MediaCategory = C.PRESS,
    size: int = 1000,
    mime_type: str = "image/jpeg",
    is_private: bool = False,
) -> Media:
    return service.request_upload(
        work,
        owner_id=owner,
        kind=kind,
        category=category,
        mime_type=mime_type,
        size_bytes=size,
        is_private=is_private,
    )


@pytest.fixture
def artist(work: Work) -> UUID:
    return make_person(work, "artist").id


@pytest.fixture
def host(work: Work) -> UUID:
    return make_person(work, "host").id


@pytest.mark.parametrize(
    ("role", "kind", "category", "mime_type", "size", "wrong"),
    [
        (UserType.ARTIST, K.PHOTO, C.PRESS, "image/jpeg", 1, []),
        (UserType.ARTIST, K.AUDIO, C.BAND, "audio/mpeg", 50_000_000, []),
        (UserType.HOST, K.VIDEO, C.LODGING, "video/mp4", 200_000_000, []),
        (UserType.FAN, K.PHOTO, C.PROFILE, "image/avif", 25_000_000, []),
        (UserType.ARTIST, K.PHOTO, C.LODGING, "image/jpeg", 1, ["category"]),
        (UserType.HOST, K.PHOTO, C.PRESS, "image/jpeg", 1, ["category"]),
        (UserType.HOST, K.AUDIO, C.EXTERIOR, "audio/mpeg", 1, ["kind"]),
        (UserType.FAN, K.VIDEO, C.PROFILE, "video/mp4", 1, ["kind"]),
        (UserType.ADMIN, K.PHOTO, C.PROFILE, "image/jpeg", 1, ["category"]),
        (UserType.ARTIST, K.PHOTO, C.PRESS, "image/svg+xml", 1, ["mime_type"]),
        (UserType.ARTIST, K.PHOTO, C.PRESS, "video/mp4", 1, ["mime_type"]),
        (UserType.ARTIST, K.VIDEO, C.PRESS, "text/html", 1, ["mime_type"]),
        (UserType.ARTIST, K.PHOTO, C.PRESS, "image/jpeg", 0, ["size_bytes"]),
        (UserType.ARTIST, K.PHOTO, C.PRESS, "image/jpeg", -1, ["size_bytes"]),
        (UserType.ARTIST, K.PHOTO, C.PRESS, "image/jpeg", 25_000_001, ["size_bytes"]),
        (UserType.FAN, K.PHOTO, C.PRESS, "image/bmp", 10**12, ["category", "mime_type", "size_bytes"]),
    ],
)
def test_who_may_upload_what(
    *, role: UserType, kind: MediaKind, category: MediaCategory, mime_type: str, size: int, wrong: list[str]
) -> None:
    found: list[str] = []
    try:
        rules.check_upload(role, kind=kind, category=category, mime_type=mime_type, size_bytes=size)
    except InvalidInputError as error:
        found = [e.field for e in error.errors]
    assert found == wrong


@pytest.mark.parametrize(
    ("said", "meant"),
    [("image/jpg", "image/jpeg"), ("IMAGE/PNG; charset=x", "image/png"), ("audio/x-wav", "audio/wav"), ("x", "x")],
)
def test_browsers_call_the_same_by_many_names(said: str, meant: str) -> None:
    assert rules.clean_mime_type(said) == meant


@pytest.mark.parametrize(
    ("width", "widths"),
    [(1, [1]), (320, [320]), (321, [320, 321]), (1280, [320, 640, 1280]), (9000, [320, 640, 1280, 2048])],
)
def test_no_picture_is_made_larger_than_it_is(width: int, widths: list[int]) -> None:
    assert rules.widths_for(width) == widths


def test_lodging_is_private_whatever_was_wished(work: Work, host: UUID) -> None:
    assert ask(work, host, category=C.LODGING).is_private
    assert not ask(work, host, category=C.EXTERIOR).is_private
    assert ask(work, host, category=C.EXTERIOR, is_private=True).is_private


def test_each_comes_after_the_others_until_it_is_put_elsewhere(work: Work, artist: UUID) -> None:
    first, second, third = (ask(work, artist) for _ in range(3))
    service.edit(work, owner_id=artist, media_id=third.id, changes={"sort_order": 0})
    service.edit(work, owner_id=artist, media_id=first.id, changes={"sort_order": 5})
    rows, total = queries.of_owner(work, artist, page=1, limit=2)
    assert ([row.id for row in rows], total) == ([third.id, second.id], 3)
    assert ask(work, artist).sort_order == 6


def test_quotas_count_what_is_kept(work: Work, artist: UUID) -> None:
    open_ones = [ask(work, artist) for _ in range(rules.MOST_UPLOADING)]
    with pytest.raises(QuotaReached, match="20 uploads of yours are still open"):
        ask(work, artist)
    for media in open_ones:
        media.state = MediaState.PUBLISHED
        media.size_bytes = 99_000_000
    work.session.flush()
    with pytest.raises(QuotaReached, match=r"1980\.0 of 2000 MB"):
        ask(work, artist, size=20_000_001)
    assert ask(work, artist, size=20_000_000)
    service.delete(work, owner_id=artist, media_id=open_ones[0].id)
    open_ones[1].state = MediaState.REFUSED
    work.session.flush()
    assert queries.holdings(work, artist).files == 19


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sort_order": -1}, "sort_order"),
        ({"sort_order": 10**9}, "sort_order"),
        ({"title": "x" * 256}, "title"),
        ({"alt_text": "a\x00b"}, "alt_text"),
        ({"category": C.LODGING}, "category"),
        ({"state": "published"}, "state"),
        ({"is_private": False}, "is_private"),
    ],
)
def test_what_can_not_be_changed_is_named(work: Work, artist: UUID, changes: dict[str, object], field: str) -> None:
    media = ask(work, artist)
    with pytest.raises(InvalidInputError) as refused:
        service.edit(work, owner_id=artist, media_id=media.id, changes=changes)
    assert [e.field for e in refused.value.errors] == [field]


def test_a_public_picture_never_becomes_lodging(work: Work, host: UUID) -> None:
    media = ask(work, host, category=C.AMENITIES)
    with pytest.raises(InvalidInputError, match="private from the start"):
        service.edit(work, owner_id=host, media_id=media.id, changes={"category": C.LODGING})
    bed = ask(work, host, category=C.LODGING)
    with pytest.raises(InvalidInputError) as refused:
        service.edit(work, owner_id=host, media_id=bed.id, changes={"category": C.EXTERIOR})
    assert refused.value.hint == "Delete it, and upload it again under exterior."
    moved = service.edit(work, owner_id=host, media_id=media.id, changes={"category": C.EXTERIOR, "title": "  "})
    assert (moved.category, moved.title) == (C.EXTERIOR, None)


def test_nobody_touches_what_is_anothers(work: Work, artist: UUID, host: UUID) -> None:
    media = ask(work, artist)
    for verb in (
        lambda: service.edit(work, owner_id=host, media_id=media.id, changes={"title": "mine"}),
        lambda: service.delete(work, owner_id=host, media_id=media.id),
        lambda: queries.get_own(work, owner_id=host, media_id=media.id),
    ):
        with pytest.raises(NotFoundError):
            verb()


@pytest.mark.parametrize(
    ("size", "mime_type", "state"),
    [
        (1000, "image/jpeg", MediaState.PROCESSING),
        (1000, None, MediaState.PROCESSING),
        (999, "image/jpeg", MediaState.REFUSED),
        (1001, None, MediaState.REFUSED),
        (1000, "text/html", MediaState.REFUSED),
    ],
)
def test_what_arrives_is_held_against_what_was_announced(
    work: Work, artist: UUID, size: int, mime_type: str | None, state: MediaState
) -> None:
    media = ask(work, artist)
    for _ in range(2):
        service.arrived(work, owner_id=artist, media_id=media.id, size_bytes=size, mime_type=mime_type)
        assert media.state is state
    assert (media.refusal is None) == (state is MediaState.PROCESSING)


def test_erasing_a_person_deletes_all_of_theirs(work: Work, artist: UUID, host: UUID) -> None:
    mine, other = ask(work, artist), ask(work, host, category=C.EXTERIOR)
    erase(work, user_id=artist)
    assert (mine.state, other.state) == (MediaState.DELETED, MediaState.UPLOADING)


def test_photos_for_a_form_are_ones_own_of_the_right_kind_and_there(work: Work, artist: UUID, host: UUID) -> None:
    good, coming, refused, other = (ask(work, artist) for _ in range(4))
    song, band = ask(work, artist, kind=K.AUDIO, mime_type="audio/mpeg"), ask(work, artist, category=C.BAND)
    theirs = ask(work, host, category=C.EXTERIOR)
    for media in (good, refused, other, song, band, theirs):
        service.arrived(work, owner_id=media.owner_id, media_id=media.id, size_bytes=1000, mime_type=None)
    service.refuse(work, refused, why="It is no picture.")
    service.delete(work, owner_id=artist, media_id=other.id)

    def chosen(*media: Media) -> list[Media]:
        ids = [m.id for m in media]
        return service.chosen_photos(
            work, owner_id=artist, media_ids=ids, categories=rules.PRESS_PHOTOS, field="press_photo_id"
        )

    assert chosen(good) == [good]
    assert chosen() == []
    with pytest.raises(InvalidInputError) as caught:
        chosen(good, coming, refused, other, song, band, theirs, good)
    assert [(e.field, e.message) for e in caught.value.errors] == [
        ("press_photo_id[1]", "has not arrived: send it and call it complete first"),
        ("press_photo_id[2]", "was refused: It is no picture."),
        ("press_photo_id[3]", "is no file of yours"),
        ("press_photo_id[4]", "must be a photo filed under press"),
        ("press_photo_id[5]", "must be a photo filed under press"),
        ("press_photo_id[6]", "is no file of yours"),
        ("press_photo_id[7]", "is named twice"),
    ]
    with pytest.raises(InvalidInputError) as caught:
        chosen(coming)
    assert caught.value.errors[0].field == "press_photo_id"
