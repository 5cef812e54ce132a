"""Every SELECT on reviews."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import Host
from tourpad.core.ratings import Rating
from tourpad.core.reviews.models import Review
from tourpad.core.reviews.rules import HIDDEN_FOR
from tourpad.core.values import Value
from tourpad.core.work import Work


class ReviewFilter(Value):
    """What a list of reviews is narrowed to. With nothing given: one's own, written and received."""

    artist_id: UUID | None = None
    """Written about this artist."""
    host_id: UUID | None = None
    """Written about this host."""
    booking_id: UUID | None = None


class ReviewView(Value):
    """A review with the names of both sides and the day of the show."""

    review: Review
    stage_name: str
    venue_name: str
    artist_user_id: UUID
    day: date

    @property
    def by_artist(self) -> bool:
        """Whether the artist wrote it."""
        return self.review.reviewer_id == self.artist_user_id

    @property
    def reviewer_name(self) -> str:
        """Who wrote it, as the public knows them."""
        return self.stage_name if self.by_artist else self.venue_name


class ReviewPage(Value):
    """One page of reviews."""

    views: list[ReviewView]
    total: int
    average: float | None
    """Of the ratings of all that match."""


def of_booking(work: Work, booking_id: UUID) -> list[Review]:
    """Both sides' reviews of one booking, as far as they are written."""
    return list(work.session.scalars(select(Review).where(Review.booking_id == booking_id)))


def get_for_update(work: Work, review_id: UUID) -> Review:
    """One review, locked: it is published and answered once.

    Raises:
        NotFoundError: none by that id.
    """
    review = work.session.scalar(
        select(Review).where(Review.id == review_id).with_for_update().execution_options(populate_existing=True)
    )
    if review is None:
        raise unknown()
    return review


def visible(work: Work, wanted: ReviewFilter, *, viewer_id: UUID, page: int, limit: int) -> ReviewPage:
    """One page of what somebody may read, the latest first. Two queries.

    That is what is published (what is not public, only if it is by or about them), and what they wrote themselves.
    """
    own = or_(Review.reviewer_id == viewer_id, Review.reviewee_id == viewer_id)
    matches: list[ColumnElement[bool]] = [
        or_(
            Review.reviewer_id == viewer_id,
            and_(Review.published_at.is_not(None), or_(Review.is_public, Review.reviewee_id == viewer_id)),
        )
    ]
    if wanted.artist_id is not None:
        matches.append(and_(Booking.artist_id == wanted.artist_id, Review.reviewee_id == Artist.user_id))
    if wanted.host_id is not None:
        matches.append(and_(Booking.host_id == wanted.host_id, Review.reviewee_id == Host.user_id))
    if wanted.booking_id is not None:
        matches.append(Review.booking_id == wanted.booking_id)
    if wanted == ReviewFilter():
        matches.append(own)
    joined = (
        select(Review, Artist.stage_name, Host.venue_name, Artist.user_id, Booking.requested_date)
        .join(Booking, Booking.id == Review.booking_id)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .where(*matches)
    )
    total, average = work.session.execute(
        joined.with_only_columns(func.count(), func.round(func.avg(Review.rating), 2), maintain_column_froms=True)
    ).one()
    rows = work.session.execute(
        joined.order_by(Review.created_at.desc(), Review.id.desc()).offset((page - 1) * limit).limit(limit)
    )
    return ReviewPage(
        views=[ReviewView(*row) for row in rows],
        total=total,
        average=None if average is None else float(average),
    )


def rating_of(work: Work, user_id: UUID) -> Rating:
    """What everybody may read about somebody, in stars: published reviews that are public."""
    total, number = work.session.execute(
        select(func.coalesce(func.sum(Review.rating), 0), func.count()).where(
            Review.reviewee_id == user_id, Review.published_at.is_not(None), Review.is_public
        )
    ).one()
    return Rating(total=int(total), count=number)


def get_view(work: Work, review_id: UUID) -> ReviewView:
    """One review with its names.

    Raises:
        NotFoundError: none by that id.
    """
    row = work.session.execute(
        select(Review, Artist.stage_name, Host.venue_name, Artist.user_id, Booking.requested_date)
        .join(Booking, Booking.id == Review.booking_id)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .where(Review.id == review_id)
    ).one_or_none()
    if row is None:
        raise unknown()
    return ReviewView(*row)


def to_publish(work: Work, *, limit: int) -> list[UUID]:
    """Reviews that were hidden for long enough."""
    return list(
        work.session.scalars(
            select(Review.id)
            .where(Review.published_at.is_(None), Review.created_at <= work.now - HIDDEN_FOR)
            .order_by(Review.created_at, Review.id)
            .limit(limit)
        )
    )


def unknown() -> NotFoundError:
    """What whoever may not read it is told, too."""
    return NotFoundError("No review has this id.")
