"""Drafts: saved as far as they go, never seen by reviewers, submitted when they are whole."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.applications import ARTIST_FORM, HOST_FORM, make_application
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.applications import queries, service
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.errors import InvalidInputError, TourPadError

if TYPE_CHECKING:
    from uuid import UUID

    from tourpad.core.clock import VirtualClock
    from tourpad.core.media.models import Media
    from tourpad.core.work import Work

OPERATOR = reviewer_of(operator("test"))
ADDRESS = {"street": "417 Canary Lane", "postcode": "43299", "latitude": 39.9753, "longitude": -83.0021}


@pytest.fixture
def artist(work: "Work") -> "UUID":
    return make_person(work, "artist", state="pending").id


def draft_of(work: "Work", user_id: "UUID") -> dict[str, Any]:
    found = queries.get_by_user(work, user_id)
    assert found is not None
    assert found.draft is not None
    return found.draft


def photo(work: "Work", owner_id: "UUID", *, state: str = "published", category: str = "press") -> "Media":
    from tourpad.core.media import service as media
    from tourpad.core.media.states import MediaCategory, MediaKind, MediaState

    made = media.request_upload(
        work,
        owner_id=owner_id,
        kind=MediaKind.PHOTO,
        category=MediaCategory(category),
        mime_type="image/jpeg",
        size_bytes=1000,
    )
    made.state = MediaState(state)
    made.refusal = "It is no picture." if state == "refused" else None
    work.session.flush()
    return made


def test_saving_again_and_again_loses_nothing(work: "Work", artist: "UUID") -> None:
    service.save_draft(work, user_id=artist, answers={"bio": "Forty rooms.", "genres": ["Folk"]})
    service.save_draft(work, user_id=artist, answers={"stage_name": "Juniper Vale", "city": "Asheville"})
    assert draft_of(work, artist) == {
        "bio": "Forty rooms.", "genres": ["folk"], "stage_name": "Juniper Vale", "city": "Asheville",
    }  # fmt: skip
    service.save_draft(work, user_id=artist, answers={"state": "NC", "bio": None, "genres": []})
    assert draft_of(work, artist) == {"stage_name": "Juniper Vale", "city": "Asheville", "state": "NC"}
    service.save_draft(work, user_id=artist, answers={"bio": "Anew."}, replace=True)
    assert draft_of(work, artist) == {"bio": "Anew."}


def test_what_is_filled_in_must_be_right_and_nothing_else_is_changed(work: "Work", artist: "UUID") -> None:
    service.save_draft(work, user_id=artist, answers={"bio": "Forty rooms."})
    with pytest.raises(InvalidInputError) as refusal:
        service.save_draft(work, user_id=artist, answers={"bio": "Other.", "music_profile_url": "music", "volume": 11})
    assert {e.field for e in refusal.value.errors} == {"music_profile_url", "volume"}
    assert draft_of(work, artist) == {"bio": "Forty rooms."}


def test_a_draft_is_submitted_with_what_is_missing(work: "Work", artist: "UUID") -> None:
    half = {name: ARTIST_FORM[name] for name in ("bio", "genres", "city", "state")}
    service.save_draft(work, user_id=artist, answers=half)
    assert queries.queue(work, OPERATOR) == []
    with pytest.raises(InvalidInputError) as refusal:
        service.submit(work, user_id=artist, answers={})
    assert {e.field for e in refusal.value.errors} == {"performance_video_url", "music_profile_url"}
    rest = {name: ARTIST_FORM[name] for name in ("performance_video_url", "music_profile_url")}
    made = service.submit(work, user_id=artist, answers=rest)
    assert (made.state, made.draft, made.answers["bio"]) == ("submitted", None, ARTIST_FORM["bio"])
    assert queries.queue(work, OPERATOR) == [made.id]


def test_a_hosts_address_is_in_its_own_table_and_not_in_the_draft(work: "Work") -> None:
    from tourpad.core.hosts import service as hosts

    host = make_person(work, "host", state="pending").id
    with pytest.raises(InvalidInputError, match="needs the city"):
        service.save_draft(work, user_id=host, answers={"address": ADDRESS})
    service.save_draft(work, user_id=host, answers={"city": "Columbus", "state": "OH"})
    service.save_draft(work, user_id=host, answers={"address": ADDRESS})
    assert draft_of(work, host) == {"city": "Columbus", "state": "OH"}
    own = hosts.own_address(work, user_id=host)
    assert own is not None
    assert own.street == "417 Canary Lane"


@pytest.mark.parametrize("state", ["submitted", "in_review", "questions_asked", "approved"])
def test_what_waits_or_was_accepted_takes_no_draft(work: "Work", state: str) -> None:
    application = make_application(work, state=state)
    for again in (service.save_draft, service.submit):  # whatever else is wrong with the form
        with pytest.raises(TourPadError) as refusal:
            again(work, user_id=application.user_id, answers={"bio": ""})
        assert refusal.value.code == "already_applied"


def test_the_next_try_may_be_prepared_before_its_time_and_leaves_the_last_as_it_was(
    work: "Work", clock: "VirtualClock"
) -> None:
    from datetime import timedelta

    application = make_application(work, state="rejected")
    service.save_draft(work, user_id=application.user_id, answers={**ARTIST_FORM, "bio": "With a live video now."})
    assert application.answers["bio"] == ARTIST_FORM["bio"]
    with pytest.raises(TourPadError) as refusal:
        service.submit(work, user_id=application.user_id, answers={})
    assert refusal.value.code == "too_soon"
    clock.advance(timedelta(days=30))
    service.submit(work, user_id=application.user_id, answers={})
    rounds = queries.detail(work, application.id).submissions
    assert [(s.round, s.answers["bio"]) for s in rounds] == [
        (1, ARTIST_FORM["bio"]),
        (2, "With a live video now."),
    ]


def test_discarding(work: "Work", artist: "UUID") -> None:
    service.save_draft(work, user_id=artist, answers={"bio": "Forty rooms."})
    service.discard_draft(work, user_id=artist)
    assert queries.get_by_user(work, artist) is None
    rejected = make_application(work, state="rejected")
    service.save_draft(work, user_id=rejected.user_id, answers={"bio": "Anew."})
    service.discard_draft(work, user_id=rejected.user_id)
    assert (rejected.draft, rejected.state) == (None, "rejected")


@pytest.mark.parametrize(
    ("state", "category", "says"),
    [
        ("published", "press", None),
        ("processing", "press", None),
        ("quarantined", "press", None),
        ("uploading", "press", "has not arrived"),
        ("refused", "press", "It is no picture."),
        ("deleted", "press", "is no file of yours"),
        ("published", "band", "must be a photo filed under press"),
    ],
)
def test_a_press_photo_is_an_upload_of_ones_own_that_has_arrived(
    work: "Work", artist: "UUID", state: str, category: str, says: str | None
) -> None:
    mine = photo(work, artist, state=state, category=category)
    answers = {**ARTIST_FORM, "press_photo_id": str(mine.id)}
    if says is None:
        made = service.submit(work, user_id=artist, answers=answers)
        shown = queries.detail(work, made.id).photos
        assert [p.media.id for p in shown] == [mine.id]
        return
    with pytest.raises(InvalidInputError, match=says):
        service.submit(work, user_id=artist, answers=answers)


def test_a_draft_takes_photos_of_the_right_kind_and_is_saved_without_those_that_are_gone(work: "Work") -> None:
    from tourpad.core.media import service as media

    host = make_person(work, "host", state="pending").id
    stage, bed = photo(work, host, category="performance_space"), photo(work, host, category="lodging")
    with pytest.raises(InvalidInputError, match="filed under amenities, exterior or performance_space"):
        service.save_draft(work, user_id=host, answers={"venue_photo_ids": [str(bed.id)]})
    service.save_draft(work, user_id=host, answers={"venue_photo_ids": [str(stage.id)]})
    media.delete(work, owner_id=host, media_id=stage.id)
    work.session.flush()
    service.save_draft(work, user_id=host, answers={"bio": "Room for forty."})
    with pytest.raises(InvalidInputError, match="no file of yours"):
        service.submit(work, user_id=host, answers=HOST_FORM)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (None, "application"),
        ("submitted", "review"),
        ("in_review", "review"),
        ("questions_asked", "answers"),
        ("rejected", "application"),
    ],
)
def test_what_comes_next_follows_the_application(work: "Work", artist: "UUID", state: str | None, step: str) -> None:
    from tourpad.core.identity import queries as people

    whose = artist if state is None else make_application(work, state=state).user_id
    assert service.next_step(work, people.get_user(work, whose)) == step


def test_photos_of_others_are_nobodys(work: "Work", artist: "UUID") -> None:
    theirs = photo(work, make_person(work, "artist").id)
    for verb in (service.submit, service.save_draft):
        with pytest.raises(InvalidInputError, match="is no file of yours"):
            verb(work, user_id=artist, answers={**ARTIST_FORM, "press_photo_id": str(theirs.id)})
    host = make_person(work, "host", state="pending").id
    porch, room = (photo(work, host, category=c) for c in ("exterior", "performance_space"))
    made = service.submit(work, user_id=host, answers={**HOST_FORM, "venue_photo_ids": [str(room.id), str(porch.id)]})
    assert [p.media.id for p in queries.detail(work, made.id).photos] == [room.id, porch.id]
