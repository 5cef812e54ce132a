"""Table of reviews."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tourpad.core.database.base import Base


class Review(Base):
    """What one side wrote of the other. Hidden until both have written, or 14 days have passed."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("booking_id", "reviewer_id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        Index("ix_reviews_reviewee", "reviewee_id", "published_at"),
    )

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    reviewer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    reviewee_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    rating: Mapped[int]
    review_text: Mapped[str | None]
    is_public: Mapped[bool] = mapped_column(default=True, server_default="true")
    published_at: Mapped[datetime | None]
    response_text: Mapped[str | None]
    responded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
