"""Whom requests concern: the other admins when something is asked, the one who asked when it is decided."""

from tourpad.core.approvals import queries, rules
from tourpad.core.approvals.events import ApprovalAsked, ApprovalDecided
from tourpad.core.approvals.states import ApprovalState
from tourpad.core.identity import queries as people
from tourpad.core.money import Money
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.states import Category
from tourpad.core.work import Work


def on_approval_asked(work: Work, event: ApprovalAsked) -> None:
    """Ask every other admin to look at it."""
    approval = queries.get(work, event.approval_id)
    names = people.names_of(work, [i for i in (event.asked_by_id, approval.subject_id) if i])
    for admin in people.admins(work):
        if admin.id == event.asked_by_id:
            continue
        notifications.tell(
            work,
            user_id=admin.id,
            template="approval_asked",
            category=Category.PAYMENT,
            dedupe_key=f"approval_asked:{approval.id}",
            related=("approval", approval.id),
            who=names[event.asked_by_id],
            what=approval.summary,
            whom=names.get(approval.subject_id) if approval.subject_id else None,
            amount=Money(approval.amount_cents, approval.currency),
            why=approval.reason,
            until=approval.expires_at,
            request=rules.short(approval.id),
        )


def on_approval_decided(work: Work, event: ApprovalDecided) -> None:
    """Tell the one who asked."""
    approval = queries.get(work, event.approval_id)
    if approval.decided_by_id is None:
        return  # taken back by themselves
    notifications.tell(
        work,
        user_id=event.asked_by_id,
        template="approval_decided",
        category=Category.PAYMENT,
        dedupe_key=f"approval_decided:{approval.id}:{approval.state}",
        related=("approval", approval.id),
        who=people.get_user(work, approval.decided_by_id).name,
        verdict="no" if approval.state is ApprovalState.REFUSED else "yes",
        what=approval.summary,
        why=approval.note or "",
        request=rules.short(approval.id),
    )
