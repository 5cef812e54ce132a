"""What those who run the place note about people."""

from uuid import UUID

from tourpad.core.fields import Fields
from tourpad.core.identity import queries
from tourpad.core.identity.models import UserNote
from tourpad.core.work import Work

LONGEST = 4_000
"""Characters of one note."""


def add(work: Work, *, user_id: UUID, note: str) -> UserNote:
    """Note something about a person. Other admins see it, the person never does; it goes when the person is erased.

    Raises:
        InvalidInputError: it is empty, or too long.
        NotFoundError: nobody has that id.
    """
    fields = Fields()
    clean = fields.text("note", note, longest=LONGEST, lines=True)
    fields.done()
    user = queries.get_user(work, user_id)
    made = UserNote(
        user_id=user.id,
        author_id=work.actor.user_id,
        author_label=work.actor.label,
        note=clean,
        created_at=work.now,
    )
    work.add(made)
    # The log says that there is a note. It can't be erased from there, so what it says is not in it.
    work.audit("user.note", target_type="user", target_id=user.id)
    return made
