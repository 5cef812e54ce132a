"""How long things take: the promise, the wait after a rejection, what can still be undone, a claim's lease. Pure."""

from datetime import datetime, timedelta

from tourpad.core.applications.errors import TooLateToUndo, TooSoon
from tourpad.core.applications.states import WAITING, ApplicationKind, ApplicationState
from tourpad.core.identity.states import UserState

PROMISE = timedelta(hours=48)
"""An applicant hears of us within this time, each time that it is our turn."""

REAPPLY_AFTER = timedelta(days=30)
"""A rejected person may apply again after this."""

UNDO_APPROVAL_WITHIN = timedelta(days=7)
"""A host's approval can be undone so long; later their dates may be booked, and suspending is the way."""

LEASE = timedelta(minutes=15)
"""A claim ends by itself after this; whatever its reviewer does with the application begins it anew."""

STOPPED_WITHIN = timedelta(hours=12)
"""An evening that ended this long ago or less is gone on with; after that the queue begins anew."""


def next_step(state: ApplicationState | None) -> str:
    """What an applicant does next: `application`, `answers` to our questions, or wait for our `review`."""
    if state in WAITING:
        return "review"
    return "answers" if state is ApplicationState.QUESTIONS_ASKED else "application"


def check_may_reapply(*, decided_at: datetime, now: datetime) -> None:
    """Refuse a new try that comes too soon after a rejection.

    Raises:
        TooSoon: with the instant from which on it may come.
    """
    opens = reapply_from(decided_at)
    if now < opens:
        raise TooSoon(
            f"You may apply again from {opens.day} {opens:%B %Y} on.",
            hint="The reason of the decision is in your application.",
            **{"from": opens.isoformat().replace("+00:00", "Z")},
        )


def reapply_from(decided_at: datetime) -> datetime:
    """When a rejected person may apply again."""
    return decided_at + REAPPLY_AFTER


def check_may_undo(
    *,
    kind: ApplicationKind,
    state: ApplicationState,
    standing: UserState,
    decided_at: datetime | None,
    now: datetime,
) -> None:
    """Refuse to undo an approval that others rely on by now. A rejection can always be undone.

    Args:
        kind: of the application.
        state: of the application.
        standing: of the person, underneath a suspension.
        decided_at: when it was decided.
        now: the present instant.

    Raises:
        TooLateToUndo: the artist has paid for a membership; the host has been listed for a week.
    """
    if state is not ApplicationState.APPROVED:
        return
    hint = "tourpad users suspend closes the account instead."
    if kind is ApplicationKind.ARTIST and standing is UserState.ACTIVE:
        raise TooLateToUndo("The artist has paid for a membership since.", hint=hint)
    if kind is ApplicationKind.HOST and decided_at is not None and now > decided_at + UNDO_APPROVAL_WITHIN:
        raise TooLateToUndo(f"The host has been listed for more than {UNDO_APPROVAL_WITHIN.days} days.", hint=hint)


def answer_by(state: ApplicationState, *, due_at: datetime | None) -> datetime | None:
    """When we have promised an answer, while it is our turn."""
    return due_at if state in WAITING else None


def is_overdue(state: ApplicationState, *, due_at: datetime | None, now: datetime) -> bool:
    """Whether the promised answer is late."""
    return state in WAITING and due_at is not None and now > due_at
