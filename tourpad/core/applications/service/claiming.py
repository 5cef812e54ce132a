"""One reviewer at a time: a claim is a lease that ends by itself."""

from uuid import UUID

from tourpad.core.applications import queries, rules
from tourpad.core.applications.errors import AlreadyDecided, ApplicationClaimed
from tourpad.core.applications.models import Application
from tourpad.core.applications.reviewers import reviewer_of
from tourpad.core.applications.states import MOVES, ApplicationState
from tourpad.core.states import check_move
from tourpad.core.work import Work

DECIDED = frozenset({ApplicationState.APPROVED, ApplicationState.REJECTED})


def claim(work: Work, *, application_id: UUID, take_over: bool = False) -> Application:
    """Take an application onto one's desk for 15 minutes; from then on it is in review. Claiming again renews it.

    Args:
        work: the unit of work.
        application_id: which.
        take_over: also from a reviewer who has it now. They see that on their next key.

    Raises:
        NotFoundError: none by that id.
        ApplicationClaimed: another reviewer has it.
        AlreadyDecided: somebody was first.
    """
    application = queries.get_for_update(work, application_id)
    check_undecided(application)
    check_claim(work, application, take_over=take_over)
    take_up(work, application)
    reviewer = reviewer_of(work.actor)
    application.claimed_by = reviewer.key
    application.claimed_by_id = reviewer.user_id
    application.claimed_by_label = reviewer.label
    application.claimed_until = work.now + rules.LEASE
    return application


def let_go(work: Work, *, application_id: UUID) -> bool:
    """Take an application off one's desk. Answers whether it was there; another's claim stays."""
    application = queries.get_for_update(work, application_id)
    if application.claimed_by != reviewer_of(work.actor).key:
        return False
    clear_claim(application)
    return True


def check_claim(work: Work, application: Application, *, take_over: bool) -> None:
    """Refuse where another reviewer has the application now; or take it over, on record. The row is locked.

    Raises:
        ApplicationClaimed: saying who has it, and until when.
    """
    until = application.claimed_until
    if until is None or until <= work.now or application.claimed_by == reviewer_of(work.actor).key:
        return
    ids = (application.claimed_by_id,)
    known = queries.names(work, ids)
    who = known.get(application.claimed_by_id) if application.claimed_by_id else None
    who = who or application.claimed_by_label or "another reviewer"
    if not take_over:
        raise ApplicationClaimed(
            f"{who} has this application on their desk until {until:%H:%M} UTC.",
            hint="Wait, talk to them, or take it over (--take-over).",
            reviewer=who,
            until=until.isoformat().replace("+00:00", "Z"),
        )
    work.audit(
        "application.take_over",
        target_type="application",
        target_id=application.id,
        taken_from=application.claimed_by_label,
    )
    clear_claim(application)


def clear_claim(application: Application) -> None:
    """Nobody has it any more."""
    application.claimed_by = application.claimed_by_label = application.claimed_until = None
    application.claimed_by_id = None


def take_up(work: Work, application: Application) -> None:
    """From now on it is in review, whatever it was while undecided. The row is locked.

    Raises:
        AlreadyDecided: somebody was first.
    """
    if application.state is ApplicationState.IN_REVIEW:
        return
    check_undecided(application)
    if application.state is ApplicationState.SUBMITTED:
        move(work, application, ApplicationState.IN_REVIEW)
        work.audit("application.start_review", target_type="application", target_id=application.id)


def check_undecided(application: Application) -> None:
    """The table lets a decided one go back to review; only `undo` may, which takes the consequences back, too.

    Raises:
        AlreadyDecided: it is approved or rejected.
    """
    if application.state in DECIDED:
        raise AlreadyDecided(
            f"This application is {application.state} already.", hint="tourpad applications undo takes that back."
        )


def move(work: Work, application: Application, to: ApplicationState) -> None:
    """Move by the table."""
    check_move(MOVES, entity="application", now=application.state, to=to)
    application.state = to
    application.updated_at = work.now
