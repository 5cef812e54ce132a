"""Work items, and the first kind of them: mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from tourpad.core.database.base import Base, enum_column
from tourpad.core.outbox.states import ItemState


class WorkItem:
    """Columns of everything that workers take with `FOR UPDATE SKIP LOCKED` (see `outbox/queue.py`)."""

    item_state: Mapped[ItemState] = mapped_column(
        enum_column(ItemState, "item_state"),
        default=ItemState.WAITING,
        server_default=ItemState.WAITING.value,
    )
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """Tries so far."""
    due_at: Mapped[datetime]
    """Not before this instant."""
    lease_until: Mapped[datetime | None]
    """Who works on it has until then; afterwards another may take it."""
    last_error: Mapped[str | None]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805 - SQLAlchemy passes the class
        """Only what is still to do, or was given up, is indexed: a look stays quick however much was ever done."""
        name: str = cls.__tablename__  # type: ignore[attr-defined]  # every user of the mixin is a table
        return (
            Index(f"ix_{name}_due", "due_at", postgresql_where="item_state IN ('waiting', 'working')"),
            Index(f"ix_{name}_dead", "due_at", postgresql_where="item_state = 'dead'"),
        )


class Mail(WorkItem, Base):
    """One mail to one person, rendered when it was decided; delivered by the job `mail-deliver`."""

    __tablename__ = "mails"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    """The same reason never writes twice."""
    template: Mapped[str]
    to_name: Mapped[str | None]
    to_address: Mapped[str]
    subject: Mapped[str]
    text_body: Mapped[str]
    html_body: Mapped[str]
    headers: Mapped[dict[str, Any]]
    attachments: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    """Files that go along, all of them text: `name`, `type`, `text`."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
