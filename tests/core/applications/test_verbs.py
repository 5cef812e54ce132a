"""What applicants and reviewers can do, in every state."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.applications import ARTIST_FORM, HOST_FORM, audited, mails, make_application, person_of
from tests.factories.profiles import make_person
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.applications.models import Application
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

Verb = Callable[["Work", "Application"], Any]


def verbs() -> dict[str, Verb]:
    from tourpad.core.applications import service

    return {
        "submit": lambda w, a: service.submit(w, user_id=a.user_id, answers=ARTIST_FORM),
        "claim": lambda w, a: service.claim(w, application_id=a.id),
        "ask": lambda w, a: service.ask(w, application_id=a.id, questions=["Why?"]),
        "answer": lambda w, a: service.answer(
            w, application_id=a.id, user_id=a.user_id, answers=[(None, "Not very."), (None, "I do.")]
        ),
        "approve": lambda w, a: service.approve(w, application_id=a.id),
        "reject": lambda w, a: service.reject(w, application_id=a.id, feedback="No."),
        "undo": lambda w, a: service.undo(w, application_id=a.id, reason="A slip."),
    }


TABLE = {
    # verb: what comes of it in each state, a state or a refusal's code
    "submit": ("already_applied", "already_applied", "already_applied", "already_applied", "too_soon"),
    "claim": ("in_review", "in_review", "questions_asked", "already_decided", "already_decided"),
    "ask": ("questions_asked", "questions_asked", "illegal_move", "already_decided", "already_decided"),
    "answer": ("nothing_asked", "nothing_asked", "in_review", "nothing_asked", "nothing_asked"),
    "approve": ("approved", "approved", "approved", "already_decided", "already_decided"),
    "reject": ("rejected", "rejected", "rejected", "already_decided", "already_decided"),
    "undo": ("nothing_to_undo", "nothing_to_undo", "in_review", "in_review", "in_review"),
}
STATES = ("submitted", "in_review", "questions_asked", "approved", "rejected")


@pytest.mark.parametrize(
    ("verb", "state", "expected"),
    [(verb, state, outcome) for verb, row in TABLE.items() for state, outcome in zip(STATES, row, strict=True)],
)
def test_every_verb_in_every_state(work: "Work", verb: str, state: str, expected: str) -> None:
    application = make_application(work, state=state)
    assert application.state == state
    try:
        verbs()[verb](work, application)
    except TourPadError as refusal:
        outcome = refusal.code
    else:
        outcome = application.state.value
    assert outcome == expected


def test_the_table_of_moves_is_closed() -> None:
    from tourpad.core.applications.states import MOVES, ApplicationState

    assert set(MOVES) == set(ApplicationState)


def test_submitting_fills_the_profile_and_says_so_by_mail(work: "Work") -> None:
    from tourpad.core.artists import queries as artists
    from tourpad.core.identity import queries as people

    application = make_application(work)
    artist = artists.get_by_user(work, application.user_id)
    assert artist is not None
    assert (artist.stage_name, artist.genres, artist.city, artist.approved_at) == (
        "Juniper Vale", ["indie folk", "americana"], "Asheville", None,
    )  # fmt: skip
    profile = people.get_profile(work, application.user_id)
    assert profile is not None
    assert profile.social_links == {"instagram": "https://instagram.example/juniper"}
    assert application.answers["press_photo_url"] == "https://photos.example/juniper.jpg"
    assert [m.subject for m in mails(work, application)] == ["We have your application"]
    assert audited(work, application) == ["application.submit"]
    assert [type(e).__name__ for e in work.events][-1] == "ApplicationSubmitted"


@pytest.mark.parametrize("said", [None, "Pine and Oak"])
def test_an_artist_is_reviewed_by_the_name_given_at_registration(work: "Work", said: str | None) -> None:
    """The form of the seed has no field for it: whoever said it once need not say it again, and may change it."""
    from tourpad.core.applications import service
    from tourpad.core.artists import queries as profiles
    from tourpad.core.artists import service as artists

    user = make_person(work, "artist", state="pending", name="Petra Pine")
    artists.edit(work, user_id=user.id, changes={"stage_name": "Pine & Co"})
    form = {name: value for name, value in ARTIST_FORM.items() if name != "stage_name"}
    made = service.submit(work, user_id=user.id, answers={**form, **({"stage_name": said} if said else {})})
    profile = profiles.get_by_user(work, user.id)
    assert profile is not None
    assert (made.answers["stage_name"], profile.stage_name) == (said or "Pine & Co",) * 2


def test_a_hosts_address_is_kept_apart_from_the_form(work: "Work") -> None:
    from tourpad.core.hosts import service as hosts

    address = {"street": "417 Canary Lane", "postcode": "43299", "latitude": 39.9753, "longitude": -83.0021}
    application = make_application(work, "host", address=address)
    assert "address" not in application.answers
    assert "Canary" not in str(application.answers)
    own = hosts.own_address(work, user_id=application.user_id)
    assert own is not None
    assert (own.street, own.is_approximate) == ("417 Canary Lane", False)


def test_an_approved_artist_still_needs_a_membership(work: "Work") -> None:
    from tourpad.core.artists import queries as artists

    application = make_application(work, state="approved")
    artist = artists.get_by_user(work, application.user_id)
    assert artist is not None
    assert (person_of(work, application).state, artist.approved_at) == ("approved", work.now)
    assert mails(work, application)[-1].subject == "You are in: take your membership and book"
    assert "ApplicationApproved" in [type(e).__name__ for e in work.events]
    assert audited(work, application) == ["application.submit", "application.start_review", "application.approve"]


def test_an_approved_host_is_active_and_listed_at_once(work: "Work") -> None:
    from tourpad.core.hosts import queries as hosts

    application = make_application(work, "host", state="approved")
    assert person_of(work, application).state == "active"
    host = hosts.get_by_user(work, application.user_id)
    assert host is not None
    assert hosts.get_view(work, host_id=host.id).host.venue_name == "Mill Lane House"


def test_a_rejection_says_why_and_opens_again_after_thirty_days(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.applications import service
    from tourpad.core.applications.errors import TooSoon

    application = make_application(work, state="rejected")
    assert person_of(work, application).state == "rejected"
    assert "There is no live video yet." in mails(work, application)[-1].text_body
    assert "31 March 2026" in mails(work, application)[-1].text_body
    clock.advance(timedelta(days=30, seconds=-1))
    with pytest.raises(TooSoon) as refusal:
        service.submit(work, user_id=application.user_id, answers=ARTIST_FORM)
    assert refusal.value.details["from"] == "2026-03-31T12:00:00Z"
    clock.advance(timedelta(seconds=1))
    service.submit(work, user_id=application.user_id, answers=ARTIST_FORM)
    assert (application.state, application.round, application.decision_feedback) == ("submitted", 2, None)
    assert person_of(work, application).state == "pending"
    assert [m.subject for m in mails(work, application)].count("We have your application") == 2


def test_a_rejection_needs_no_reason(work: "Work") -> None:
    from tourpad.core.applications import service

    application = make_application(work)
    service.reject(work, application_id=application.id)
    assert "reason" not in mails(work, application)[-1].text_body


@pytest.mark.parametrize("role", ["fan", "admin"])
def test_only_artists_and_hosts_apply(work: "Work", role: str) -> None:
    from tourpad.core.applications import queries, service

    user = make_person(work, role)
    with pytest.raises(TourPadError) as refusal:
        service.submit(work, user_id=user.id, answers=ARTIST_FORM)
    assert refusal.value.code == "forbidden"
    assert queries.get_by_user(work, user.id) is None


def test_the_mail_address_comes_first(work: "Work") -> None:
    from tourpad.core.applications import service

    user = make_person(work, "artist", state="pending", verified=False)
    with pytest.raises(TourPadError) as refusal:
        service.submit(work, user_id=user.id, answers=ARTIST_FORM)
    assert refusal.value.code == "email_not_verified"


@pytest.mark.parametrize(
    ("kind", "changes", "fields"),
    [
        ("artist", {"bio": None, "genres": None}, ["bio", "genres"]),
        ("artist", {"genres": []}, ["genres"]),
        ("artist", {"genres": ["x" * 41]}, ["genres.0"]),
        ("artist", {"performance_video_url": "javascript:alert(1)"}, ["performance_video_url"]),
        ("artist", {"music_profile_url": "https://me:secret@music.example"}, ["music_profile_url"]),
        ("artist", {"social_links": {"site": "no address"}}, ["social_links.site"]),
        ("artist", {"press_photo_url": "photo.jpg", "travel_radius": -1}, ["travel_radius", "press_photo_url"]),
        ("artist", {"city": "Colunbus", "state": "OH"}, ["city"]),
        ("artist", {"venue_name": "My loft"}, ["venue_name"]),
        ("artist", {"music_samples": [{"title": "One"}]}, ["music_samples.0.url"]),
        ("host", {"venue_name": None, "hosting_motivation": None}, ["venue_name", "hosting_motivation"]),
        ("host", {"indoor_capacity": 0, "outdoor_capacity": 0}, ["indoor_capacity"]),
        ("host", {"venue_type": "castle"}, ["venue_type"]),
        ("host", {"venue_photo_urls": ["https://photos.example/a.jpg", "ftp://b"]}, ["venue_photo_urls.1"]),
        ("host", {"address": {"street": "1 Main"}}, ["address.postcode"]),
        ("host", {"hosting_experience": 200}, ["hosting_experience"]),
    ],
)
def test_every_wrong_field_is_named_and_nothing_is_left_behind(
    work: "Work", kind: str, changes: dict[str, Any], fields: list[str]
) -> None:
    from tourpad.core.applications import queries, service
    from tourpad.core.errors import InvalidInputError

    user = make_person(work, kind, state="pending")
    form = ARTIST_FORM if kind == "artist" else HOST_FORM
    with pytest.raises(InvalidInputError) as refusal, work.session.begin_nested():
        service.submit(work, user_id=user.id, answers={**form, **changes})
    assert [e.field for e in refusal.value.errors] == fields
    assert queries.get_by_user(work, user.id) is None


def test_notes_are_for_reviewers(work: "Work") -> None:
    from tourpad.core.applications import queries, service

    application = make_application(work)
    service.note(work, application_id=application.id, text="Saw them in March, lovely.")
    detail = queries.detail(work, application.id)
    assert [(n.author, n.note) for n in detail.notes] == [("operator test", "Saw them in March, lovely.")]
    with pytest.raises(TourPadError):
        service.note(work, application_id=application.id, text=" ")


def test_the_preview_is_the_mail(work: "Work") -> None:
    from tourpad.core.applications import letters, service

    application = make_application(work)
    shown = letters.preview(
        work, application, letters.rejected(application, reasons=[], feedback="Too loud.", decided_at=work.now)
    )
    service.reject(work, application_id=application.id, feedback="Too loud.")
    sent = mails(work, application)[-1]
    assert (shown.subject, shown.text) == (sent.subject, sent.text_body)


def test_an_erased_persons_application_is_gone(work: "Work") -> None:
    from tourpad.core.applications import queries, service

    application = make_application(work, state="questions_asked")
    user_id = application.user_id
    service.forget(work, user_id=user_id)
    work.session.expire_all()
    assert queries.get_by_user(work, user_id) is None


@pytest.mark.parametrize(
    ("hours", "state", "late"),
    [
        (48, "submitted", False),
        (49, "submitted", True),
        (49, "in_review", True),
        (49, "questions_asked", False),
        (49, "approved", False),
    ],
)
def test_who_waits_longer_than_we_promise(
    work: "Work", clock: "VirtualClock", hours: int, state: str, late: bool
) -> None:
    from tourpad.core.applications import queries, rules

    application = make_application(work, state=state)
    clock.advance(timedelta(hours=hours))
    assert rules.is_overdue(application.state, due_at=application.due_at, now=work.now) is late
    assert sum(c.overdue for c in queries.counts(work)) == late
