"""Questions to applicants, and their answers."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.applications import mails, make_application
from tourpad.core.errors import NotFoundError, TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work


def test_questions_go_back_and_forth(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.applications import queries, service

    application = make_application(work, state="questions_asked")
    assert "- How loud are you?\n- Who drives?" in mails(work, application)[-1].text_body
    first, second = queries.questions(work, application.id)
    service.answer(work, application_id=application.id, user_id=application.user_id, answers=[(second.id, "I do.")])
    assert (application.state, first.answer, second.answer) == ("questions_asked", None, "I do.")
    service.answer(work, application_id=application.id, user_id=application.user_id, answers=[(None, "Not very.")])
    assert (application.state, first.answer) == ("in_review", "Not very.")
    assert [type(e).__name__ for e in work.events][-1] == "QuestionsAnswered"
    clock.advance(timedelta(minutes=5))
    service.ask(work, application_id=application.id, questions=["And in summer?"])
    assert [q.question for q in queries.questions(work, application.id)][-1] == "And in summer?"
    assert [m.template for m in mails(work, application)].count("application_questions") == 2


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ([], "answers"),
        ([(None, "  ")], "answers.0"),
        ([(None, "a"), (None, "b"), (None, "c")], "answers.2"),
        ([(new_id(), "a")], "answers.0.question_id"),
    ],
)
def test_answers_that_fit_no_question(work: "Work", answers: list[Any], field: str) -> None:
    from tourpad.core.applications import queries, service
    from tourpad.core.errors import InvalidInputError

    application = make_application(work, state="questions_asked")
    with pytest.raises(InvalidInputError) as refusal:
        service.answer(work, application_id=application.id, user_id=application.user_id, answers=answers)
    assert [e.field for e in refusal.value.errors] == [field]
    assert [q.answer for q in queries.questions(work, application.id)] == [None, None]


def test_nobody_answers_for_another(work: "Work") -> None:
    from tourpad.core.applications import service

    application = make_application(work, state="questions_asked")
    with pytest.raises(NotFoundError):
        service.answer(work, application_id=application.id, user_id=new_id(), answers=[(None, "Loud!")])


@pytest.mark.parametrize("questions", [[], [" "], ["x" * 501], ["Why?"] * 11])
def test_questions_that_are_none(work: "Work", questions: list[str]) -> None:
    from tourpad.core.applications import service

    application = make_application(work)
    with pytest.raises(TourPadError) as refusal:
        service.ask(work, application_id=application.id, questions=questions)
    assert (refusal.value.code, application.state) == ("invalid_input", "submitted")
