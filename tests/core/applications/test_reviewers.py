"""Several reviewers: claims, second opinions, held decisions, scores, and the way through the queue."""

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.applications import ARTIST_FORM, make_application
from tests.factories.profiles import make_person
from tourpad.core.actors import Actor, person
from tourpad.core.applications import queries, rules, service
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.service import walking
from tourpad.core.applications.states import ApplicationKind, TemplatePurpose
from tourpad.core.errors import TourPadError

if TYPE_CHECKING:
    from collections.abc import Generator

    from tourpad.core.applications.models import Application
    from tourpad.core.clock import VirtualClock
    from tourpad.core.work import Work

As = Callable[[Actor], AbstractContextManager[None]]


@pytest.fixture
def as_(work: "Work") -> As:
    """The same work in other hands."""

    @contextmanager
    def acting(actor: Actor) -> "Generator[None]":
        before, work.actor = work.actor, actor
        yield
        work.actor = before

    return acting


@pytest.fixture
def mara(work: "Work") -> Actor:
    return person(make_person(work, "admin", name="Mara Lindqvist").id, "admin")


@pytest.fixture
def ben(work: "Work") -> Actor:
    return person(make_person(work, "admin", name="Ben Okafor").id, "admin")


def refused(do: Callable[[], object]) -> TourPadError:
    with pytest.raises(TourPadError) as refusal:
        do()
    return refusal.value


def told(work: "Work", application: "Application") -> list[str]:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    mine = select(Mail.template).where(Mail.user_id == application.user_id).order_by(Mail.id)
    return [t for t in work.session.scalars(mine) if t != "application_received"]


def decision(work: "Work", application: "Application") -> str | None:
    found = queries.open_decision(work, application.id)
    return found and f"{found.verdict} {found.state}"


def test_another_reviewer_is_refused_until_the_lease_ends(
    work: "Work", clock: "VirtualClock", as_: As, mara: Actor, ben: Actor
) -> None:
    application = make_application(work)
    with as_(mara):
        service.claim(work, application_id=application.id)
    assert application.state == "in_review"
    with as_(ben):
        for verb in (service.claim, service.approve, service.reject):
            refusal = refused(lambda verb=verb: verb(work, application_id=application.id))
            assert (refusal.code, refusal.details["reviewer"]) == ("application_claimed", "Mara Lindqvist")
            assert "until 12:15" in refusal.message
        assert queries.queue(work, reviewer_of(ben)) == []
        assert queries.elsewhere(work, reviewer_of(ben)) == 1
        clock.advance(rules.LEASE)
        service.approve(work, application_id=application.id)
    assert (application.state, application.claimed_by) == ("approved", None)


def test_taking_over_is_seen_by_whoever_had_it(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    application = make_application(work)
    with as_(mara):
        service.claim(work, application_id=application.id)
    with as_(ben):
        service.claim(work, application_id=application.id, take_over=True)
    with as_(mara):
        assert "Ben Okafor has this" in refused(lambda: service.approve(work, application_id=application.id)).message


def test_giving_back(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    application = make_application(work)
    with as_(mara):
        service.claim(work, application_id=application.id)
    with as_(ben):
        assert service.let_go(work, application_id=application.id) is False
    with as_(mara):
        assert service.let_go(work, application_id=application.id) is True
    with as_(ben):
        service.claim(work, application_id=application.id)


def test_a_held_decision_is_known_to_nobody_until_it_is_released(work: "Work") -> None:
    host = make_application(work, "host")
    artist = make_application(work)
    service.approve(work, application_id=host.id, held=True)
    service.reject(work, application_id=artist.id, reasons=["no_live_video"], held=True)
    assert (host.state, decision(work, host), told(work, host)) == ("in_review", "approved held", [])
    assert queries.held(work) == [host.id, artist.id]
    assert queries.queue(work, reviewer_of(work.actor)) == []
    assert refused(lambda: service.approve(work, application_id=artist.id)).code == "already_decided"
    assert refused(lambda: service.ask(work, application_id=artist.id, questions=["Why?"])).code == "already_decided"
    for application in (host, artist):
        service.release(work, application_id=application.id)
    assert (host.state, told(work, host)) == ("approved", ["application_approved"])
    assert (artist.state, told(work, artist)) == ("rejected", ["application_rejected"])
    assert artist.decision_reasons == ["no_live_video"]
    assert refused(lambda: service.release(work, application_id=host.id)).code == "nothing_held"


def test_it_counts_as_late_while_it_is_held(work: "Work", clock: "VirtualClock") -> None:
    application = make_application(work)
    service.approve(work, application_id=application.id, held=True)
    clock.advance(timedelta(hours=49))
    assert queries.waiting(work, reviewer_of(work.actor)).late == 1


def test_undo_withdraws_it_with_its_reason(work: "Work") -> None:
    application = make_application(work)
    service.approve(work, application_id=application.id, held=True)
    assert service.undo(work, application_id=application.id, reason="The wrong Ada.") is True
    made = queries.detail(work, application.id).decisions
    assert [(d.decision.state, d.decision.end_reason) for d in made] == [("withdrawn", "The wrong Ada.")]
    service.reject(work, application_id=application.id)
    assert application.state == "rejected"


def test_another_admin_has_to_agree(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    application = make_application(work, "host")
    with as_(mara):
        service.approve(work, application_id=application.id, second_opinion=True)
        own = refused(lambda: service.confirm(work, application_id=application.id))
        assert own.code == "second_opinion_needs_another"
        assert queries.queue(work, reviewer_of(mara)) == []
    assert (application.state, told(work, application)) == ("in_review", [])
    nobody = refused(lambda: service.confirm(work, application_id=application.id))
    assert nobody.code == "second_opinion_needs_another"  # a login at a terminal
    assert queries.queue(work, reviewer_of(work.actor)) == []
    with as_(ben):
        assert queries.queue(work, reviewer_of(ben)) == [application.id]
        service.confirm(work, application_id=application.id)
    made = queries.detail(work, application.id).decisions[0]
    assert (application.state, made.who, made.agreed) == ("approved", "Mara Lindqvist", "Ben Okafor")


def test_the_database_knows_that_it_takes_two(work: "Work", as_: As, mara: Actor) -> None:
    from sqlalchemy.exc import IntegrityError

    application = make_application(work)
    with as_(mara):
        service.approve(work, application_id=application.id, second_opinion=True)
    found = queries.open_decision(work, application.id)
    assert found is not None
    found.confirmed_by, found.confirmed_at = found.decided_by, work.now
    with pytest.raises(IntegrityError, match="two_people"), work.session.begin_nested():
        work.session.flush()


def test_seeing_it_otherwise_takes_it_back_and_says_why(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    application = make_application(work)
    with as_(mara):
        service.reject(work, application_id=application.id, feedback="Too loud.", second_opinion=True)
    with as_(ben):
        service.disagree(work, application_id=application.id, reason="They play unplugged.")
    assert (application.state, decision(work, application)) == ("in_review", None)
    mail = work.session.scalars(select(Mail).where(Mail.user_id == mara.user_id)).one()
    assert mail.subject == "Ben Okafor sees Juniper Vale otherwise"
    assert "They play unplugged." in mail.text_body
    assert told(work, application) == []


def test_it_may_be_held_besides(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    application = make_application(work)
    with as_(mara):
        service.approve(work, application_id=application.id, held=True, second_opinion=True)
        assert refused(lambda: service.release(work, application_id=application.id)).code == "nothing_held"
    with as_(ben):
        service.confirm(work, application_id=application.id)
    assert (application.state, decision(work, application)) == ("in_review", "approved held")


def test_a_login_can_not_ask_for_one(work: "Work") -> None:
    application = make_application(work)
    refusal = refused(lambda: service.approve(work, application_id=application.id, second_opinion=True))
    assert refusal.code == "second_opinion_needs_another"


def test_every_reviewer_counts_the_same(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    application = make_application(work)
    with as_(mara):
        for criterion, score in {"live_video": 4, "music": 5, "fit": 3}.items():
            service.score(work, application_id=application.id, criterion=criterion, score=score)
    views, _, _ = queries.search(work, queries.ApplicationFilter(), offset=0, limit=5)
    assert rules.one_place(views[0].score) == "4.1"
    with as_(ben):
        service.score(work, application_id=application.id, criterion="fit", score=1)
        service.score(work, application_id=application.id, criterion="fit", score=2)
    views, _, _ = queries.search(work, queries.ApplicationFilter(), offset=0, limit=5)
    detail = queries.detail(work, application.id)
    assert [(s.who, s.scores) for s in detail.scores] == [
        ("Mara Lindqvist", {"live_video": 4, "music": 5, "fit": 3}),
        ("Ben Okafor", {"fit": 2}),
    ]
    together = rules.together(application.kind, [s.scores for s in detail.scores])
    assert (rules.one_place(views[0].score), rules.one_place(together)) == ("3.1", "3.1")
    with as_(ben):
        service.score(work, application_id=application.id, criterion="fit", score=None)
    assert len(queries.detail(work, application.id).scores) == 1


def test_a_score_has_its_range_and_a_criterion_its_kind(work: "Work") -> None:
    application = make_application(work)
    for criterion, score in (("live_video", 6), ("live_video", 0), ("room", 3)):
        refusal = refused(
            lambda c=criterion, s=score: service.score(work, application_id=application.id, criterion=c, score=s)
        )
        assert refusal.code == "invalid_input"


@pytest.mark.parametrize("kind", list(ApplicationKind))
def test_weights_are_one_together(kind: ApplicationKind) -> None:
    assert sum(c.weight for c in rules.RUBRICS[kind]) == 1
    assert all(c.weight > 0 and c.weight * 100 == int(c.weight * 100) for c in rules.RUBRICS[kind])


@given(st.data())
def test_a_weighted_score_lies_between_what_was_given_and_grows_with_each(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(ApplicationKind)))
    codes = [c.code for c in rules.RUBRICS[kind]]
    scores = data.draw(st.dictionaries(st.sampled_from(codes), st.integers(1, 5)))
    weighted = rules.weighted(kind, scores)
    if not scores:
        assert weighted is None
        return
    assert weighted is not None
    assert min(scores.values()) <= weighted <= max(scores.values())
    better = data.draw(st.sampled_from(sorted(scores)))
    if scores[better] < 5:
        more = rules.weighted(kind, {**scores, better: scores[better] + 1})
        assert more is not None
        assert more > weighted
    assert rules.together(kind, [scores, scores]) == weighted


def test_halves_go_up() -> None:
    assert [rules.one_place(Fraction(n, 100)) for n in (405, 404, 500, 100)] == ["4.1", "4.0", "5.0", "1.0"]


def test_one_mail_a_day_and_none_when_nothing_waits(
    work: "Work", clock: "VirtualClock", mara: Actor, ben: Actor
) -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    assert ben != mara

    def mails() -> list[str]:
        mine = select(Mail.text_body).where(Mail.user_id == mara.user_id).order_by(Mail.id)
        return list(work.session.scalars(mine))

    assert service.remind_reviewers(work) == 0
    make_application(work)
    clock.advance(timedelta(hours=53))
    held = make_application(work, "host")
    service.approve(work, application_id=held.id, held=True)
    for _ in range(2):
        assert service.remind_reviewers(work) == 2  # both admins, once a day, however often it runs
        clock.advance(timedelta(hours=1))
    assert len(mails()) == 1
    assert "- 1 undecided, the oldest for 53 hours" in mails()[0]
    assert "- 1 past the 48 hours that we promise" in mails()[0]
    assert "- 1 decided and held back" in mails()[0]
    clock.advance(timedelta(days=1))
    service.remind_reviewers(work)
    assert len(mails()) == 2


def test_nothing_of_the_applicants_is_in_it(work: "Work", mara: Actor) -> None:
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    make_application(work, "host", address={"street": "417 Canary Lane", "postcode": "43299"})
    service.remind_reviewers(work)
    said = work.session.scalars(select(Mail).where(Mail.user_id == mara.user_id)).one()
    assert not any(word in said.text_body for word in ("Canary", "43299", "Mill Lane", "Lovelock"))


def test_one_goes_on_where_one_stopped_and_what_was_skipped_comes_last(work: "Work", clock: "VirtualClock") -> None:
    a, b, c, d = (make_application(work, name=f"Person {n}").id for n in "abcd")
    assert walking.way(work).ids == [a, b, c, d]
    walking.remember(work, at_id=c, skipped=[a], begun_at=work.now)
    clock.advance(timedelta(hours=3))
    way = walking.way(work)
    assert (way.ids, way.skipped, way.stopped_at) == ([c, b, d, a], [a], work.now - timedelta(hours=3))
    assert walking.way(work, anew=True).ids == [a, b, c, d]
    clock.advance(timedelta(hours=10))
    assert walking.way(work).ids == [a, b, c, d]


def test_the_most_overdue_comes_first(work: "Work", clock: "VirtualClock") -> None:
    first = make_application(work, state="questions_asked")
    clock.advance(timedelta(hours=1))
    second = make_application(work)
    clock.advance(timedelta(hours=1))
    service.answer(work, application_id=first.id, user_id=first.user_id, answers=[(None, "Not very."), (None, "I do.")])
    assert walking.way(work).ids == [second.id, first.id]
    assert first.due_at == work.now + rules.PROMISE  # our turn anew


def test_ones_own_come_before_shared_ones_and_blanks_are_filled(work: "Work", as_: As, mara: Actor, ben: Actor) -> None:
    question = TemplatePurpose.QUESTION
    service.templates.add(work, purpose=question, name="Video", text="Is there one of {title}?", shared=True)
    with as_(mara):
        service.templates.add(work, purpose=question, name="video", text="{name}, send us a video.")
        assert next(t.text for t in queries.templates(work, reviewer_of(mara))).startswith("{name}")
        twice = refused(lambda: service.templates.add(work, purpose=question, name="VIDEO", text="Again."))
        assert twice.code == "template_exists"
        service.templates.edit(work, purpose=question, name="video", text="Dear {name}, a video?")
        found = queries.template(work, reviewer_of(mara), purpose=question, name="video")
        assert rules.fill(found.text, {"name": "Ada"}) == "Dear Ada, a video?"
    with as_(ben):
        assert [t.text for t in queries.templates(work, reviewer_of(ben))] == ["Is there one of {title}?"]
    service.templates.forget_reviewer(work, user_id=mara.user_id)  # type: ignore[arg-type]
    assert [t.owner for t in queries.templates(work, reviewer_of(mara))] == [""]


@pytest.mark.parametrize("text", ["Hello {email}", "{name.__class__}", "{name!r}", "{name:>9999999}", "{", " "])
def test_what_nobody_fills_in_is_refused(work: "Work", text: str) -> None:
    refusal = refused(lambda: service.templates.add(work, purpose=TemplatePurpose.NOTE, name="greeting", text=text))
    assert refusal.code == "invalid_input"


def test_a_rejection_takes_only_reasons_of_its_kind(work: "Work") -> None:
    application = make_application(work)
    assert (
        refused(lambda: service.reject(work, application_id=application.id, reasons=["room_too_small"])).code
        == "invalid_input"
    )
    service.reject(
        work, application_id=application.id, reasons=["not_touring", "no_live_video"], feedback="Do come back."
    )
    assert application.decision_reasons == ["no_live_video", "not_touring"]
    assert rules.told(application.decision_reasons, application.decision_feedback) == (
        "We could not find a live recording of a whole song. You do not seem to travel to where our hosts are."
        " Do come back."
    )


def test_the_history_of_questions_is_kept_over_rounds(work: "Work") -> None:
    application = make_application(work, state="questions_asked")
    answers = [(None, "Not very."), (None, "I do.")]
    service.answer(work, application_id=application.id, user_id=application.user_id, answers=answers)
    service.ask(work, application_id=application.id, questions=["And a van?"])
    service.answer(work, application_id=application.id, user_id=application.user_id, answers=[(None, "A bus.")])
    assert [(q.question, q.answer) for q in queries.questions(work, application.id)] == [
        ("How loud are you?", "Not very."),
        ("Who drives?", "I do."),
        ("And a van?", "A bus."),
    ]
    assert ARTIST_FORM["stage_name"] == application.answers["stage_name"]
