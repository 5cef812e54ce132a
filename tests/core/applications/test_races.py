"""Two at once: one decision, one application."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import UUID

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


def test_of_many_reviewers_who_take_the_same_applications_each_is_on_one_desk(platform: "Platform") -> None:
    """Six walk the queue at once: whatever they were refused, no two have the same application."""
    from tourpad.core.applications import queries, service
    from tourpad.core.applications.errors import ApplicationClaimed
    from tourpad.core.applications.reviewers import reviewer_of

    with platform.work(operator("test")) as work:
        ids = [make_application(work, name=f"Person {n}").id for n in range(4)]
        work.commit()
    start = Barrier(6)

    def walk(number: int) -> list[UUID]:
        me = operator(f"reviewer {number}")
        start.wait()
        mine: list[UUID] = []
        for application_id in ids:
            with platform.work(me) as work:
                try:
                    service.claim(work, application_id=application_id)
                    work.commit()
                    mine.append(application_id)
                except ApplicationClaimed:
                    continue
        return mine

    with ThreadPoolExecutor(6) as pool:
        desks = list(pool.map(walk, range(6)))
    assert sorted(i for desk in desks for i in desk) == sorted(ids)
    for number, desk in enumerate(desks):
        with platform.work(operator("test")) as work:
            assert sorted(queries.queue(work, reviewer_of(operator(f"reviewer {number}")))) == sorted(desk)


def test_one_held_decision_is_released_once(platform: "Platform") -> None:
    from sqlalchemy import text

    from tourpad.core.applications import service

    with platform.work(operator("test")) as work:
        application_id = make_application(work, "host").id
        service.approve(work, application_id=application_id, held=True)
        work.commit()
    start = Barrier(3)

    def release(verb: str) -> str:
        with platform.work(operator(verb)) as work:
            start.wait()
            try:
                if verb == "undo":
                    service.undo(work, application_id=application_id, reason="A slip.")
                else:
                    service.release(work, application_id=application_id)
                work.commit()
            except TourPadError as refusal:
                return refusal.code
        return verb

    with ThreadPoolExecutor(3) as pool:
        outcomes = sorted(pool.map(release, ("release", "release", "undo")))
    assert outcomes.count("release") <= 1
    with platform.engine.connect() as connection:
        told = connection.execute(text("SELECT count(*) FROM mails WHERE template = 'application_approved'")).scalar()
        state = connection.execute(text("SELECT state FROM applications")).scalar()
    if "undo" in outcomes:  # it came before the release, or after it and took the mail back
        assert (state, told) == ("in_review", 0)
    else:
        assert (state, told) == ("approved", 1)
