"""A person goes for good: what the audit log says of them in free words goes, too."""

from tourpad.core.audit import queries as log
from tourpad.core.identity.events import UserErased
from tourpad.core.takeout import queries
from tourpad.core.work import Work


def on_user_erased(work: Work, event: UserErased) -> None:
    """Blank the words of what is on record of them. It comes first, while it can still be seen what is theirs."""
    log.blank_words(work, entry_ids=queries.words_about(event.user_id), erased_by=log.erasure_of(work, event.user_id))
