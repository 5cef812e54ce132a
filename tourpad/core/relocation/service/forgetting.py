"""What stays known of somebody who was brought and is erased: that they are not to be brought again."""

from uuid import UUID

from sqlalchemy import update

from tourpad.core.relocation.models import ImportedId
from tourpad.core.work import Work


def forget(work: Work, *, user_id: UUID) -> None:
    """Forget what a person’s records were called elsewhere. The hash stays, or an import brings them back."""
    work.session.execute(
        update(ImportedId).where(ImportedId.user_id == user_id).values(foreign_id=None, line_hash=None)
    )
