"""A person who is erased leaves nothing of their application; a copy of one's data holds no reviewer."""

from typing import TYPE_CHECKING

from tests.factories.applications import ARTIST_FORM, make_application
from tourpad.core.actors import operator
from tourpad.core.applications import service

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

CANARY = "kanarienvogel"


def test_every_table_forgets_whose_it_was(platform: "Platform") -> None:
    from sqlalchemy import inspect, text

    from tourpad.core.identity.service import account

    with platform.work(operator("test")) as work:
        application = make_application(work, state="questions_asked", stage_name=CANARY, bio=CANARY)
        answers = [(None, CANARY), (None, CANARY)]
        service.answer(work, application_id=application.id, user_id=application.user_id, answers=answers)
        service.note(work, application_id=application.id, text=CANARY)
        service.score(work, application_id=application.id, criterion="music", score=3)
        service.claim(work, application_id=application.id)
        service.reject(work, application_id=application.id, feedback=CANARY)
        service.save_draft(work, user_id=application.user_id, answers={**ARTIST_FORM, "bio": CANARY})
        work.commit()
        user_id = application.user_id
    tables = [t for t in inspect(platform.engine).get_table_names() if t != "alembic_version"]

    def found() -> set[str]:
        with platform.engine.begin() as connection:
            return {
                t
                for t in tables
                if connection.execute(text(f"SELECT 1 FROM {t} r WHERE r::text ILIKE '%{CANARY}%' LIMIT 1")).first()  # noqa: S608
            }

    of_applications = {
        "applications", "application_submissions", "application_questions", "application_notes",
        "application_decisions", "application_marks",
    }  # fmt: skip
    assert of_applications <= found()
    with platform.work(operator("test")) as work:
        account.erase(work, user_id=user_id)
        work.commit()
    assert found() == set()
    with platform.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM application_scores")).scalar() == 0


def test_a_copy_of_ones_data_has_the_decision_and_not_the_reviewers(platform: "Platform") -> None:
    import json

    from tourpad.core.takeout import queries as takeout

    with platform.work(operator("mara")) as work:
        application = make_application(work)
        service.note(work, application_id=application.id, text="Between us.")
        service.claim(work, application_id=application.id)
        service.reject(work, application_id=application.id, feedback="Not this year.", held=True)
        held = json.dumps(dict(takeout.held(work, application.user_id)), default=str)
        assert "Not this year." not in held
        service.release(work, application_id=application.id)
        told = dict(takeout.held(work, application.user_id))
    assert [d["feedback"] for d in told["application_decisions"]] == ["Not this year."]
    assert [s["answers"]["bio"] for s in told["application_submissions"]] == [ARTIST_FORM["bio"]]
    everything = json.dumps({k: v for k, v in told.items() if k != "audit_log"}, default=str)
    assert "Between us." not in everything
    assert "operator mara" not in everything
