"""Decisions that are taken back, before and after their mail has left."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.factories.applications import audited, mails, make_application, person_of
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


@pytest.mark.parametrize(("kind", "decided"), [("artist", "approved"), ("host", "approved"), ("artist", "rejected")])
def test_undo_before_the_mail_has_left_leaves_no_trace_with_the_applicant(
    work: "Work", kind: str, decided: str
) -> None:
    from tourpad.core.applications import service
    from tourpad.core.artists import queries as artists
    from tourpad.core.hosts import queries as hosts

    application = make_application(work, kind, state=decided)
    assert service.undo(work, application_id=application.id, reason="A slip.") is True
    assert [m.template for m in mails(work, application)] == ["application_received"]
    assert (application.state, application.decided_at) == ("in_review", None)
    assert person_of(work, application).state == "pending"
    profile = (artists if kind == "artist" else hosts).get_by_user(work, application.user_id)
    assert profile is not None
    assert profile.approved_at is None
    assert audited(work, application)[-1] == "application.undo"
    # And the second decision is told.
    service.approve(work, application_id=application.id)
    assert [m.template for m in mails(work, application)] == ["application_received", "application_approved"]


def test_undo_after_the_mail_has_left_tells_the_applicant(work: "Work") -> None:
    from tourpad.core.applications import service
    from tourpad.core.outbox.states import ItemState

    application = make_application(work, state="rejected")
    mails(work, application)[-1].item_state = ItemState.DONE
    work.session.flush()
    assert service.undo(work, application_id=application.id, reason="A slip.") is False
    assert [m.template for m in mails(work, application)] == [
        "application_received",
        "application_rejected",
        "application_reopened",
    ]


def test_undo_of_questions(work: "Work") -> None:
    from tourpad.core.applications import queries, service
    from tourpad.core.outbox.states import ItemState

    application = make_application(work, state="questions_asked")
    service.undo(work, application_id=application.id, reason="A slip.")
    assert (queries.questions(work, application.id), len(mails(work, application))) == ([], 1)
    service.ask(work, application_id=application.id, questions=["Why?"])
    mails(work, application)[-1].item_state = ItemState.DONE
    work.session.flush()
    with pytest.raises(TourPadError) as refusal:
        service.undo(work, application_id=application.id, reason="A slip.")
    assert (refusal.value.code, application.state) == ("too_late_to_undo", "questions_asked")


def test_an_artist_who_has_paid_stays_approved(work: "Work") -> None:
    from tourpad.core.applications import service
    from tourpad.core.identity.service import users

    application = make_application(work, state="approved")
    users.activate(work, user_id=application.user_id)
    with pytest.raises(TourPadError) as refusal:
        service.undo(work, application_id=application.id, reason="A slip.")
    assert (refusal.value.code, application.state) == ("too_late_to_undo", "approved")


@pytest.mark.parametrize(("days", "outcome"), [(7, "in_review"), (8, "approved")])
def test_a_host_can_be_taken_off_the_list_for_a_week(
    work: "Work", clock: "VirtualClock", days: int, outcome: str
) -> None:
    from contextlib import suppress

    from tourpad.core.applications import service
    from tourpad.core.applications.errors import TooLateToUndo

    application = make_application(work, "host", state="approved")
    clock.advance(timedelta(days=days))
    with suppress(TooLateToUndo):
        service.undo(work, application_id=application.id, reason="A slip.")
    assert application.state == outcome


def test_a_held_mail_waits_before_it_may_leave(work: "Work") -> None:
    from tourpad.core.applications import service

    application = make_application(work)
    service.approve(work, application_id=application.id, delay=timedelta(minutes=2))
    assert mails(work, application)[-1].due_at == work.now + timedelta(minutes=2)
