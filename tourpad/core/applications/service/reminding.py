"""What reviewers are told of the queue: once a day, and only if something waits."""

from datetime import timedelta

from tourpad.core.applications import queries, rules
from tourpad.core.applications.reviewers import Reviewer
from tourpad.core.identity import queries as people
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.states import Category
from tourpad.core.work import Work

HOUR = timedelta(hours=1)


def remind_reviewers(work: Work) -> int:
    """Tell every admin how the queue stands: one mail a day each, none when nothing waits for them.

    Returns:
        how many were told now or had been told today.
    """
    told = 0
    for admin in people.admins(work):
        waiting = queries.waiting(work, Reviewer(key=str(admin.id), user_id=admin.id, label=""))
        if not waiting.any:
            continue
        notifications.tell(
            work,
            user_id=admin.id,
            template="applications_waiting",
            category=Category.SYSTEM,
            dedupe_key=f"applications_waiting:{work.now.date().isoformat()}",
            undecided=waiting.undecided,
            late=waiting.late,
            oldest_hours=(work.now - waiting.oldest_at) // HOUR if waiting.oldest_at else 0,
            second_opinions=waiting.second_opinions,
            held=waiting.held,
            hours=rules.PROMISE // HOUR,
        )
        told += 1
    return told
