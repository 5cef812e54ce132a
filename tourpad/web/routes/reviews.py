"""Reviews: both sides of a played show say how it was."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.platform import Platform
from tourpad.core.reviews import queries, service
from tourpad.core.reviews.queries import ReviewFilter, ReviewView
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination


class ReviewIn(Input):
    """How it was."""

    booking_id: UUID
    rating: int
    """1 to 5."""
    review_text: str | None = None
    is_public: bool = True
    """Whether others than the two sides may read it once it is published."""


class ResponseIn(Input):
    """One's answer to a review about oneself."""

    response_text: str


class ReviewOut(Output):
    """One review."""

    id: UUID
    booking_id: UUID
    reviewer_id: UUID
    reviewee_id: UUID
    reviewer_name: str
    date: date
    """Of the show."""
    rating: int
    review_text: str | None
    is_public: bool
    is_published: bool
    """Until then only its writer reads it."""
    published_at: datetime | None
    response_text: str | None
    responded_at: datetime | None
    created_at: datetime


class ReviewAnswer(Output):
    """One review."""

    review: ReviewOut


class ReviewsAnswer(Output):
    """One page of reviews."""

    reviews: list[ReviewOut]
    average_rating: float | None
    """Of all that match."""
    pagination: Pagination


@post("/api/reviews", **needs(Permission.REVIEW), tags=["reviews"])
def write_review(platform: Platform, principal: Principal, data: ReviewIn) -> ReviewAnswer:
    """Review the other side of a played show, within 60 days. Hidden until both have written, or for 14 days."""
    with platform.work(principal.actor) as work:
        review = service.write(
            work,
            booking_id=data.booking_id,
            user_id=principal.user_id,
            rating=data.rating,
            text=data.review_text,
            is_public=data.is_public,
        )
        work.commit()
        view = queries.get_view(work, review.id)
    return ReviewAnswer(review=review_out(view))


@get("/api/reviews", **needs(Permission.REVIEW, Permission.BROWSE_ARTISTS), tags=["reviews"])
def list_reviews(
    *,
    platform: Platform,
    principal: Principal,
    artist_id: Annotated[UUID | None, QueryParameter(name="artistId", description="About this artist.")] = None,
    host_id: Annotated[UUID | None, QueryParameter(name="hostId", description="About this host.")] = None,
    booking_id: Annotated[UUID | None, QueryParameter(name="bookingId", description="Of this show.")] = None,
    page: PageParam = 1,
    limit: LimitParam = 20,
) -> ReviewsAnswer:
    """Published reviews, and one's own; without a filter those that one has written or received. The latest first."""
    wanted = ReviewFilter(artist_id=artist_id, host_id=host_id, booking_id=booking_id)
    with platform.work(principal.actor) as work:
        found = queries.visible(work, wanted, viewer_id=principal.user_id, page=page, limit=limit)
    return ReviewsAnswer(
        reviews=[review_out(view) for view in found.views],
        average_rating=found.average,
        pagination=pagination(page=page, limit=limit, total=found.total),
    )


@post("/api/reviews/{review_id:uuid}/response", **needs(Permission.REVIEW), status_code=200, tags=["reviews"])
def respond_to_review(platform: Platform, principal: Principal, review_id: UUID, data: ResponseIn) -> ReviewAnswer:
    """Answer a published review about oneself, once."""
    with platform.work(principal.actor) as work:
        service.respond(work, review_id=review_id, user_id=principal.user_id, text=data.response_text)
        work.commit()
        view = queries.get_view(work, review_id)
    return ReviewAnswer(review=review_out(view))


def review_out(view: ReviewView) -> ReviewOut:
    """Shape one review."""
    review = view.review
    return ReviewOut(
        id=review.id,
        booking_id=review.booking_id,
        reviewer_id=review.reviewer_id,
        reviewee_id=review.reviewee_id,
        reviewer_name=view.reviewer_name,
        date=view.day,
        rating=review.rating,
        review_text=review.review_text,
        is_public=review.is_public,
        is_published=review.published_at is not None,
        published_at=review.published_at,
        response_text=review.response_text,
        responded_at=review.responded_at,
        created_at=review.created_at,
    )


ROUTES = (write_review, list_reviews, respond_to_review)
