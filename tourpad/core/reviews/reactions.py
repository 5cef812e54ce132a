"""Whom reviews tell."""

from typing import Any
from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.events import BookingCompleted
from tourpad.core.bookings.states import Side
from tourpad.core.identity.events import UserErased
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.reviews import queries, rules, service
from tourpad.core.reviews.events import ReviewAnswered, ReviewPublished, ReviewWritten
from tourpad.core.reviews.queries import ReviewView
from tourpad.core.work import Work


def on_booking_completed(work: Work, event: BookingCompleted) -> None:
    """Ask both sides how it was."""
    view = bookings.get_view(work, event.booking_id)
    for side in Side:
        other = Side.HOST if side is Side.ARTIST else Side.ARTIST
        tell(
            work,
            user_id=view.sides.user_of(side),
            template="review_asked",
            category=Category.REVIEW,
            dedupe_key=f"review_asked:{event.booking_id}",
            related=("booking", event.booking_id),
            other=view.sides.name_of(other),
            booking_id=event.booking_id,
            date=view.booking.requested_date,
        )


def on_review_written(work: Work, event: ReviewWritten) -> None:
    """Tell the other side that words wait for them behind their own."""
    view = queries.get_view(work, event.review_id)
    publishes_at = rules.publishes_at(view.review.created_at)
    _tell(work, view, view.review.reviewee_id, "review_waiting", view.reviewer_name, publishes_at=publishes_at)


def on_review_published(work: Work, event: ReviewPublished) -> None:
    """Tell the one it is about."""
    view = queries.get_view(work, event.review_id)
    _tell(work, view, view.review.reviewee_id, "review_published", view.reviewer_name)


def on_review_answered(work: Work, event: ReviewAnswered) -> None:
    """Tell the one who wrote it."""
    view = queries.get_view(work, event.review_id)
    answerer = view.venue_name if view.by_artist else view.stage_name
    _tell(work, view, view.review.reviewer_id, "review_answered", answerer)


def _tell(work: Work, view: ReviewView, user_id: UUID, template: str, other: str, **more: Any) -> None:
    tell(
        work,
        user_id=user_id,
        template=template,
        category=Category.REVIEW,
        dedupe_key=f"{template}:{view.review.id}",
        related=("review", view.review.id),
        other=other,
        booking_id=view.review.booking_id,
        date=view.day,
        **more,
    )


def on_user_erased(work: Work, event: UserErased) -> None:
    """Stars stay, words by and about the person go."""
    service.forget(work, user_id=event.user_id)
