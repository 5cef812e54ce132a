"""What follows from decisions, and what applications do when something happens to people."""

from tourpad.core.applications import service
from tourpad.core.applications.events import ApplicationApproved, ApplicationRejected, ApplicationReopened
from tourpad.core.applications.states import ApplicationKind, Verdict
from tourpad.core.artists import service as artists
from tourpad.core.hosts import service as hosts
from tourpad.core.identity.events import UserErased
from tourpad.core.identity.service import users
from tourpad.core.work import Work


def open_doors(work: Work, event: ApplicationApproved) -> None:
    """They are in. A host is active and listed at once; an artist is active once a membership is paid."""
    if event.kind is ApplicationKind.HOST:
        users.activate(work, user_id=event.user_id)
        hosts.show(work, user_id=event.user_id)
    else:
        users.approve(work, user_id=event.user_id)
        artists.show(work, user_id=event.user_id)


def close_doors(work: Work, event: ApplicationRejected) -> None:
    """They are not in, for now."""
    users.reject(work, user_id=event.user_id)


def back_to_the_door(work: Work, event: ApplicationReopened) -> None:
    """The decision was undone: what followed from it is taken back."""
    if event.was is Verdict.APPROVED:
        (hosts if event.kind is ApplicationKind.HOST else artists).hide(work, user_id=event.user_id)
    users.reopen(work, user_id=event.user_id)


def on_user_erased(work: Work, event: UserErased) -> None:
    """The person is erased: so is what they applied with, and what they kept as a reviewer."""
    service.forget(work, user_id=event.user_id)
    service.templates.forget_reviewer(work, user_id=event.user_id)
