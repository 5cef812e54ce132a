"""The verbs of reviews: write, publish, answer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, update

from tourpad.core.artists import queries as artists
from tourpad.core.artists.service import rate as rate_artist
from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.states import BookingState
from tourpad.core.fields import Fields
from tourpad.core.hosts import queries as hosts
from tourpad.core.hosts.service import rate as rate_host
from tourpad.core.ids import new_id
from tourpad.core.reviews import queries, rules
from tourpad.core.reviews.errors import AlreadyAnswered, AlreadyReviewed, NotPlayed
from tourpad.core.reviews.events import ReviewAnswered, ReviewPublished, ReviewWritten
from tourpad.core.reviews.models import Review
from tourpad.core.work import Work


def write(
    work: Work,
    *,
    booking_id: UUID,
    user_id: UUID,
    rating: int,
    text: str | None = None,
    is_public: bool = True,
) -> Review:
    """Say how a show was with the other side. Hidden until both have written, or for 14 days.

    Args:
        work: the unit of work.
        booking_id: which show.
        user_id: a side of it.
        rating: 1 to 5.
        text: in words.
        is_public: whether others than the two sides may read it once it is published.

    Raises:
        NotFoundError: no such booking of this person.
        NotPlayed: it was not completed (yet).
        AlreadyReviewed: they have written already.
        ReviewClosed: it is too late.
        InvalidInputError: naming every wrong field.
    """
    # The booking's lock: of two sides that write at once the second one sees the first, and both are published.
    booking = bookings.get_for_update(work, booking_id)
    sides = bookings.sides_of(work, booking)
    side = sides.side_of(user_id)
    if side is None:
        raise bookings.unknown()
    found = Fields()
    found.number("rating", rating, low=rules.RATINGS[0], high=rules.RATINGS[1])
    clean = found.text("review_text", text, longest=rules.LONGEST_TEXT, lines=True) if text and text.strip() else None
    found.done()
    if booking.state is not BookingState.COMPLETED or booking.completed_at is None:
        raise NotPlayed(f"Only shows that were played are reviewed; this booking is {booking.state}.")
    written = {review.reviewer_id: review for review in queries.of_booking(work, booking_id)}
    if user_id in written:
        raise AlreadyReviewed("You have reviewed this show already.")
    other = next(iter(written.values()), None)
    rules.check_may_write(
        now=work.now,
        completed_at=booking.completed_at,
        others_is_out=other is not None and other.published_at is not None,
    )
    review = Review(
        id=new_id(),
        booking_id=booking_id,
        reviewer_id=user_id,
        reviewee_id=sides.host_user_id if user_id == sides.artist_user_id else sides.artist_user_id,
        rating=rating,
        review_text=clean,
        is_public=is_public,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(review)
    work.audit("review.write", target_type="review", target_id=review.id)
    if other is None:
        work.emit(ReviewWritten(review_id=review.id))
    else:
        # Always in one order, for the locks on both profiles.
        for one in sorted((other, review), key=lambda r: r.reviewee_id):
            _publish(work, one)
    return review


def bring(
    work: Work,
    *,
    booking_id: UUID,
    reviewer_id: UUID,
    rating: int,
    text: str | None,
    is_public: bool,
    written_at: datetime,
    response: str | None = None,
    responded_at: datetime | None = None,
) -> Review:
    """Write down a review that was written, and could be read, in another system. Its stars count here.

    Args:
        work: the unit of work.
        booking_id: a booking that was completed.
        reviewer_id: a side of it.
        rating: 1 to 5.
        text: checked.
        is_public: whether others than the two sides may read it.
        written_at: when.
        response: what the other side answered, checked.
        responded_at: when that was.

    Raises:
        NotFoundError: the reviewer is neither side of it.
        NotPlayed: it was not completed.
        AlreadyReviewed: there is a review of theirs.
    """
    booking = bookings.get_for_update(work, booking_id)
    sides = bookings.sides_of(work, booking)
    if sides.side_of(reviewer_id) is None:
        raise bookings.unknown()
    if booking.state is not BookingState.COMPLETED:
        raise NotPlayed(f"Only shows that were played are reviewed; this booking is {booking.state}.")
    if any(review.reviewer_id == reviewer_id for review in queries.of_booking(work, booking_id)):
        raise AlreadyReviewed("There is a review of theirs already.")
    review = Review(
        id=new_id(),
        booking_id=booking_id,
        reviewer_id=reviewer_id,
        reviewee_id=sides.host_user_id if reviewer_id == sides.artist_user_id else sides.artist_user_id,
        rating=rating,
        review_text=text,
        is_public=is_public,
        published_at=written_at,
        response_text=response,
        responded_at=responded_at or written_at if response else None,
        created_at=written_at,
        updated_at=work.now,
    )
    work.add(review)
    work.audit("review.import", target_type="review", target_id=review.id)
    if is_public:
        _rate(work, review.reviewee_id)
    return review


def publish(work: Work, *, review_id: UUID) -> bool:
    """Publish a review that was hidden for long enough. Answers whether it was done now."""
    review = queries.get_for_update(work, review_id)
    if review.published_at is not None or work.now < rules.publishes_at(review.created_at):
        return False
    _publish(work, review)
    return True


def respond(work: Work, *, review_id: UUID, user_id: UUID, text: str) -> Review:
    """Answer a published review about oneself, once.

    Raises:
        NotFoundError: no such review about this person that can be read.
        AlreadyAnswered: they have answered it.
        InvalidInputError: the text is empty or too long.
    """
    review = queries.get_for_update(work, review_id)
    if review.reviewee_id != user_id or review.published_at is None:
        raise queries.unknown()
    found = Fields()
    clean = found.text("response_text", text, longest=rules.LONGEST_TEXT, lines=True)
    found.done()
    if review.response_text is not None:
        raise AlreadyAnswered("You have answered this review already.")
    review.response_text = clean
    review.responded_at = review.updated_at = work.now
    work.audit("review.respond", target_type="review", target_id=review.id)
    work.emit(ReviewAnswered(review_id=review.id))
    return review


def _publish(work: Work, review: Review) -> None:
    review.published_at = review.updated_at = work.now
    work.session.flush()
    if review.is_public:
        _rate(work, review.reviewee_id)
    work.emit(ReviewPublished(review_id=review.id))


def _rate(work: Work, user_id: UUID) -> None:
    """What a person's reviews come to stands on their profile, where lists are put in order by it.

    The profile's lock comes before the count: of two reviews that are published at once the second sees the first.
    """
    artist = artists.get_for_update(work, user_id)
    host = hosts.get_for_update(work, user_id)
    rating = queries.rating_of(work, user_id)
    if artist is not None:
        rate_artist(work, artist, rating=rating)
    if host is not None:
        rate_host(host, rating=rating)


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank what an erased person wrote, and what was written about them. The stars stay."""
    theirs = or_(Review.reviewer_id == user_id, Review.reviewee_id == user_id)
    work.session.execute(update(Review).where(theirs).values(review_text=None, response_text=None))
