"""The applicant's side: submit, and answer what is asked."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.applications import letters, queries, rules
from tourpad.core.applications.errors import AlreadyApplied, MailNotVerified, NothingAsked
from tourpad.core.applications.events import ApplicationSubmitted, QuestionsAnswered
from tourpad.core.applications.models import Application, ApplicationMark, ApplicationQuestion, ApplicationSubmission
from tourpad.core.applications.states import MOVES, ApplicationKind, ApplicationState
from tourpad.core.artists import queries as artist_profiles
from tourpad.core.artists import service as artists
from tourpad.core.errors import ForbiddenError, NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.hosts import service as hosts
from tourpad.core.identity import queries as people
from tourpad.core.identity import rules as people_rules
from tourpad.core.identity.models import User
from tourpad.core.identity.service import users
from tourpad.core.identity.states import UserType
from tourpad.core.ids import new_id
from tourpad.core.media import rules as media_rules
from tourpad.core.media import service as media
from tourpad.core.states import check_move
from tourpad.core.work import Work

PHOTOS = {"press_photo_id": media_rules.PRESS_PHOTOS, "venue_photo_ids": media_rules.VENUE_PHOTOS}
KINDS = {UserType.ARTIST: ApplicationKind.ARTIST, UserType.HOST: ApplicationKind.HOST}


def submit(work: Work, *, user_id: UUID, answers: Mapping[str, Any]) -> Application:
    """Ask to be let in. What the form says becomes the profile; a host's address goes to its own table only.

    Args:
        work: the unit of work.
        user_id: an artist or a host.
        answers: fields of `rules.FORM_FIELDS`, in snake_case; what is not mentioned is taken from the draft.

    Raises:
        ForbiddenError: fans and admins do not apply.
        MailNotVerified: the mail address has to be proved first.
        InvalidInputError: naming every field that is missing or wrong.
        AlreadyApplied: one waits or was accepted.
        TooSoon: rejected, and 30 days are not over.
    """
    user, kind = applicant(work, user_id)
    if user.email_verified_at is None:
        raise MailNotVerified(
            "Verify your mail address first.",
            hint="The link is in the mail; POST /api/auth/verify-email/resend sends a new one.",
        )
    present = queries.get_by_user(work, user_id)
    if present is not None:
        # Before the form is looked at: whoever has applied already has nothing to mend in it.
        check_open(work, present)
    known = _known_name(work, user)
    form = rules.check_form(kind, {**known, **((present.draft if present else None) or {}), **answers})
    check_photos(work, user_id=user_id, answers=form.answers)
    application = own_for_update(work, user, kind)
    check_open(work, application)
    if application.state is ApplicationState.REJECTED:
        application.round += 1
        users.reopen(work, user_id=user_id)
    check_move(MOVES, entity="application", now=application.state, to=ApplicationState.SUBMITTED)
    application.state = ApplicationState.SUBMITTED
    application.answers = form.answers
    application.draft = application.draft_saved_at = None
    application.submitted_at = application.updated_at = work.now
    application.due_at = work.now + rules.PROMISE
    application.decided_at = application.decided_by = application.decision_feedback = None
    application.decision_reasons = []
    work.add(
        ApplicationSubmission(
            id=new_id(),
            application_id=application.id,
            round=application.round,
            answers=form.answers,
            submitted_at=work.now,
        )
    )
    _mark(work, user, application)
    _fill_profile(work, user, form)
    work.audit("application.submit", target_type="application", target_id=application.id, round=application.round)
    letters.send(
        work,
        application,
        letters.received(application),
        reason=f"application_received:{application.id}:{application.round}",
    )
    work.emit(ApplicationSubmitted(application_id=application.id, user_id=user_id, kind=kind))
    return application


def next_step(work: Work, user: User) -> str | None:
    """What a person does next, their application looked at.

    Returns:
        As `identity.rules.next_step`; instead of `application`, `review` while it is our turn, and `answers` while
        questions wait for the applicant.
    """
    step = people_rules.next_step(user.user_type, user.state, user.email_verified_at)
    if step != "application":
        return step
    found = queries.get_by_user(work, user.id)
    return rules.next_step(found.state if found else None)


def _known_name(work: Work, user: User) -> dict[str, Any]:
    """What an artist is called by their profile: said when they registered, it need not be said again."""
    artist = artist_profiles.get_by_user(work, user.id)
    return {} if artist is None or artist.stage_name == user.name else {"stage_name": artist.stage_name}


def answer(
    work: Work, *, application_id: UUID, user_id: UUID, answers: Sequence[tuple[UUID | None, str]]
) -> Application:
    """Answer open questions. When all are answered, it is the reviewers' turn again.

    Args:
        work: the unit of work.
        application_id: the person's own.
        user_id: the applicant.
        answers: question and answer; without a question's id the open ones are answered in their order.

    Raises:
        NotFoundError: no such application of this person's.
        NothingAsked: there is no open question.
        InvalidInputError: an unknown question, one answered twice, or an empty answer.
    """
    application = queries.get_for_update(work, application_id)
    if application.user_id != user_id:
        raise NotFoundError("No application has this id.")
    if application.state is not ApplicationState.QUESTIONS_ASKED:
        raise NothingAsked("No question waits for your answer.")
    still_open = {q.id: q for q in queries.questions(work, application_id) if q.answer is None}
    for question, text in _match(still_open, answers):
        question.answer = text
        question.answered_at = work.now
    application.updated_at = work.now
    work.audit("application.answer", target_type="application", target_id=application.id, answers=len(answers))
    if all(q.answer is not None for q in still_open.values()):
        check_move(MOVES, entity="application", now=application.state, to=ApplicationState.IN_REVIEW)
        application.state = ApplicationState.IN_REVIEW
        application.due_at = work.now + rules.PROMISE
        work.emit(QuestionsAnswered(application_id=application.id, user_id=user_id, kind=application.kind))
    return application


def forget(work: Work, *, user_id: UUID) -> None:
    """Erase the application of a person who is erased, with its questions and notes."""
    work.session.execute(delete(Application).where(Application.user_id == user_id))


def applicant(work: Work, user_id: UUID) -> tuple[User, ApplicationKind]:
    """The person, locked, and as what they apply.

    Raises:
        ForbiddenError: fans and admins do not apply.
    """
    user = people.get_for_update(work, user_id)
    kind = KINDS.get(user.user_type)
    if kind is None:
        raise ForbiddenError("Only artists and hosts apply.")
    return user, kind


def own_for_update(work: Work, user: User, kind: ApplicationKind) -> Application:
    """The person's one application, locked; a draft where there was none."""
    work.session.execute(
        insert(Application)
        .values(
            id=new_id(),
            user_id=user.id,
            kind=kind,
            state=ApplicationState.DRAFT,
            answers={},
            created_at=work.now,
            updated_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=["user_id"])
    )
    found = queries.get_by_user_for_update(work, user.id)
    if found is None:
        raise NotFoundError("You have no application.")
    return found


def check_open(work: Work, application: Application, *, waiting_time: bool = True) -> None:
    """Refuse unless this is a first try, or a later one after a rejection and (unless told not to look) its wait.

    Raises:
        AlreadyApplied: one waits or was accepted.
        TooSoon: rejected, and 30 days are not over.
    """
    match application.state:
        case ApplicationState.DRAFT:
            return
        case ApplicationState.REJECTED:
            if waiting_time:
                rules.check_may_reapply(decided_at=application.decided_at or work.now, now=work.now)
        case ApplicationState.APPROVED:
            raise AlreadyApplied("Your application was accepted.", hint="PATCH your profile to change it.")
        case ApplicationState.QUESTIONS_ASKED:
            raise AlreadyApplied(
                "Your application waits for your answers.", hint=f"POST /api/applications/{application.id}/answers."
            )
        case _:
            raise AlreadyApplied("Your application is being looked at.", hint="GET it to see how it stands.")


def check_photos(work: Work, *, user_id: UUID, answers: Mapping[str, Any]) -> None:
    """Refuse photos that are not the applicant's own, are none, have not arrived or were refused.

    Raises:
        InvalidInputError: naming each one.
    """
    for field, categories in PHOTOS.items():
        named = answers.get(field) or []
        media.chosen_photos(
            work,
            owner_id=user_id,
            media_ids=[UUID(one) for one in (named if isinstance(named, list) else [named])],
            categories=categories,
            field=field,
        )


def _mark(work: Work, user: User, application: Application) -> None:
    """Write down by what another application of the same people would be known."""
    work.session.execute(delete(ApplicationMark).where(ApplicationMark.application_id == application.id))
    marks = rules.marks(application.kind, application.answers, person=user.name)
    work.add(
        *(
            ApplicationMark(id=new_id(), application_id=application.id, kind=kind, value=value)
            for kind, value in sorted(marks)
        )
    )


def _fill_profile(work: Work, user: User, form: rules.Form) -> None:
    if form.host is not None:
        host = hosts.ensure(work, user_id=user.id, town=form.host.town)
        hosts.apply(work, host, form.host)
        return
    artists.apply(work, artists.ensure(work, user_id=user.id), form.artist)
    profile = people.get_profile(work, user.id)
    if profile is not None and form.social_links is not None:
        profile.social_links = dict(form.social_links)
        profile.updated_at = work.now


def _match(
    still_open: Mapping[UUID, ApplicationQuestion], answers: Sequence[tuple[UUID | None, str]]
) -> list[tuple[ApplicationQuestion, str]]:
    """Which answer belongs to which question."""
    found = Fields()
    in_order = iter(still_open)
    matched: dict[UUID, str] = {}
    for place, (question_id, text) in enumerate(answers):
        which = question_id or next((q for q in in_order if q not in matched), None)
        clean = found.text(f"answers.{place}", text, longest=rules.LONGEST_ANSWER, lines=True)
        if which is None:
            found.wrong(f"answers.{place}", "is more than was asked")
        elif which not in still_open:
            found.wrong(f"answers.{place}.question_id", "is no open question of this application")
        elif which in matched:
            found.wrong(f"answers.{place}.question_id", "is answered twice")
        else:
            matched[which] = clean
    if not answers:
        found.wrong("answers", "needs at least one")
    found.done()
    return [(still_open[q], text) for q, text in matched.items()]
