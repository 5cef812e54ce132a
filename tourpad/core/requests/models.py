"""Tables behind `Idempotency-Key` and the exact rate limits."""

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class IdempotencyKey(Base):
    """The stored answer to one unsafe request of one caller."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    caller: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    """Keyed, so that a stored hash tells nothing of what was in the request."""
    committed: Mapped[bool] = mapped_column(default=False, server_default="false")
    """Written in the transaction of the request's own work: true means that the work was done."""
    status: Mapped[int | None]
    """Null while the first request is still at work."""
    content_type: Mapped[str | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class RateWindow(Base):
    """How often one subject did one thing since its window began."""

    __tablename__ = "rate_windows"
    __table_args__ = (UniqueConstraint("policy", "subject"),)

    policy: Mapped[str]
    subject: Mapped[str]
    window_start: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[int]
