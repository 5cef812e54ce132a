"""Two at once: one decision, one application."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from tests.factories.applications import ARTIST_FORM, make_application
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


def test_two_reviewers_decide_once(platform: "Platform") -> None:
    from sqlalchemy import text

    from tourpad.core.applications import service

    with platform.work(operator("test")) as work:
        application_id = make_application(work).id
        work.commit()
    start = Barrier(2)

    def decide(verb: str) -> str:
        with platform.work(operator(verb)) as work:
            start.wait()
            try:
                getattr(service, verb)(work, application_id=application_id)
                work.commit()
            except TourPadError as refusal:
                return refusal.code
        return verb

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(decide, ("approve", "reject")))
    assert outcomes in (["already_decided", "approve"], ["already_decided", "reject"])
    with platform.engine.connect() as connection:
        told = connection.execute(text("SELECT count(*) FROM mails WHERE template <> 'application_received'")).scalar()
    assert told == 1


def test_two_submissions_make_one_application(platform: "Platform") -> None:
    from sqlalchemy import text

    from tourpad.core.applications import service

    with platform.work(operator("test")) as work:
        user_id = make_person(work, "artist", state="pending").id
        work.commit()
    start = Barrier(3)

    def submit(_: int) -> str:
        with platform.work(operator("test")) as work:
            start.wait()
            try:
                service.submit(work, user_id=user_id, answers=ARTIST_FORM)
                work.commit()
            except TourPadError as refusal:
                return refusal.code
        return "submitted"

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(submit, range(3)))
    assert outcomes == ["already_applied", "already_applied", "submitted"]
    with platform.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM applications")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM artists")).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM mails")).scalar() == 1
