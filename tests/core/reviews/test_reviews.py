"""Both sides say how it was: blind to each other, once, in time."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.core.bookings.test_races import at_once
from tests.factories.bookings import Pair, make_booking, make_pair, told
from tests.factories.concerts import announce, make_fan
from tourpad.core.actors import job_actor, operator
from tourpad.core.errors import TourPadError
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform
    from tourpad.core.reviews.models import Review
    from tourpad.core.work import Work

DAY = timedelta(days=1)


def played(work: "Work", clock: "VirtualClock", pair: Pair) -> "Booking":
    """A show that is over; the clock stands at its end."""
    from tourpad.core.bookings import service

    booking = make_booking(work, pair, fee=0)
    clock.set(booking.ends_at)
    return service.complete(work, booking_id=booking.id, user_id=None)


def write(
    work: "Work", booking: "Booking", user_id: UUID, rating: int = 5, text: str | None = "Lovely.", **more: Any
) -> "Review":
    from tourpad.core.reviews import service

    return service.write(work, booking_id=booking.id, user_id=user_id, rating=rating, text=text, **more)


def code(do: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(TourPadError) as refusal:
        do(*args, **more)
    return refusal.value.code


def seen(work: "Work", viewer: UUID, **wanted: Any) -> list[tuple[str, int]]:
    from tourpad.core.reviews import queries

    found = queries.visible(work, queries.ReviewFilter(**wanted), viewer_id=viewer, page=1, limit=20)
    assert found.total == len(found.views)
    return sorted((v.reviewer_name, v.review.rating) for v in found.views)


def test_a_review_is_hidden_until_both_have_written(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    booking = played(work, clock, pair)
    assert told(work, pair.artist_user)[-1] == told(work, pair.host_user)[-1] == "review_asked"
    first = write(work, booking, pair.artist_user, 4)
    assert (first.reviewee_id, first.published_at) == (pair.host_user, None)
    assert told(work, pair.host_user)[-1] == "review_waiting"
    about_host = {"host_id": pair.host_id}
    assert seen(work, pair.host_user) == seen(work, pair.host_user, **about_host) == []
    assert seen(work, pair.artist_user) == [("Juniper Vale", 4)]
    assert seen(work, make_fan(work), **about_host) == []
    second = write(work, booking, pair.host_user, 5)
    assert first.published_at == second.published_at == work.now
    assert told(work, pair.host_user)[-1] == told(work, pair.artist_user)[-1] == "review_published"
    both = [("Juniper Vale", 4), ("Mill Lane House", 5)]
    assert seen(work, pair.host_user) == seen(work, pair.artist_user) == both
    stranger = make_fan(work)
    assert seen(work, stranger) == []
    assert seen(work, stranger, **about_host) == [("Juniper Vale", 4)]
    assert seen(work, stranger, artist_id=pair.artist_id) == [("Mill Lane House", 5)]
    assert seen(work, stranger, booking_id=booking.id) == both


def test_or_for_two_weeks(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.reviews import queries, service

    pair = make_pair(work)
    booking = played(work, clock, pair)
    review = write(work, booking, pair.artist_user)
    clock.advance(14 * DAY - timedelta(seconds=1))
    assert (queries.to_publish(work, limit=9), service.publish(work, review_id=review.id)) == ([], False)
    clock.advance(timedelta(seconds=1))
    assert queries.to_publish(work, limit=9) == [review.id]
    assert service.publish(work, review_id=review.id)
    assert not service.publish(work, review_id=review.id)
    assert seen(work, pair.host_user) == [("Juniper Vale", 5)]
    assert code(write, work, booking, pair.host_user) == "review_closed"


@pytest.mark.parametrize(("days", "closed"), [(59, False), (60, True)])
def test_one_has_sixty_days(work: "Work", clock: "VirtualClock", days: int, closed: bool) -> None:
    pair = make_pair(work)
    booking = played(work, clock, pair)
    clock.advance(days * DAY)
    if closed:
        assert code(write, work, booking, pair.host_user) == "review_closed"
    else:
        assert write(work, booking, pair.host_user).rating == 5


def test_only_sides_of_a_played_show_write_and_once(work: "Work", clock: "VirtualClock") -> None:
    pair, other = make_pair(work), make_pair(work)
    coming = make_booking(work, other, fee=0)
    booking = played(work, clock, pair)
    for stranger in (other.artist_user, make_fan(work), new_id()):
        assert code(write, work, booking, stranger) == "not_found"
    assert code(write, work, coming, other.host_user) == "not_completed"
    write(work, booking, pair.host_user)
    assert code(write, work, booking, pair.host_user) == "already_reviewed"


@pytest.mark.parametrize(("rating", "text"), [(0, "x"), (6, "x"), (3, "x" * 5_001)])
def test_what_can_t_be_written(work: "Work", clock: "VirtualClock", rating: int, text: str) -> None:
    pair = make_pair(work)
    assert code(write, work, played(work, clock, pair), pair.host_user, rating, text) == "invalid_input"


def test_a_review_that_is_not_public_is_for_the_two_sides(work: "Work", clock: "VirtualClock") -> None:
    pair = make_pair(work)
    booking = played(work, clock, pair)
    write(work, booking, pair.artist_user, 2, is_public=False)
    write(work, booking, pair.host_user, 5)
    assert seen(work, make_fan(work), booking_id=booking.id) == [("Mill Lane House", 5)]
    assert seen(work, pair.host_user, booking_id=booking.id) == [("Juniper Vale", 2), ("Mill Lane House", 5)]


def test_whom_it_is_about_answers_once_when_it_is_out(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.reviews import service

    pair = make_pair(work)
    booking = played(work, clock, pair)
    review = write(work, booking, pair.artist_user)

    def respond(user_id: UUID, text: str = "Thank you.") -> Any:
        return service.respond(work, review_id=review.id, user_id=user_id, text=text)

    assert code(respond, pair.host_user) == "not_found"
    write(work, booking, pair.host_user)
    assert code(respond, pair.artist_user) == "not_found"
    assert code(respond, pair.host_user, "  ") == "invalid_input"
    assert (respond(pair.host_user).response_text, review.responded_at) == ("Thank you.", work.now)
    assert told(work, pair.artist_user)[-1] == "review_answered"
    assert code(respond, pair.host_user) == "already_answered"


def test_the_average_is_of_all_that_match(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.reviews import queries

    pair = make_pair(work)
    for rating in (5, 4, 4):
        booking = played(work, clock, pair)
        write(work, booking, pair.artist_user, 1)
        write(work, booking, pair.host_user, rating)
    wanted = queries.ReviewFilter(artist_id=pair.artist_id)
    page = queries.visible(work, wanted, viewer_id=make_fan(work), page=1, limit=1)
    assert (page.total, page.average, len(page.views)) == (3, 4.33, 1)


def test_two_sides_that_write_at_once_are_both_published(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.reviews import queries

    with platform.work(operator("test")) as work:
        pair = make_pair(work)
        booking = played(work, clock, pair)
        work.commit()

    def act(platform: "Platform", user_id: UUID) -> str:
        with platform.work(operator("test")) as work:
            write(work, booking, user_id)
            work.commit()
        return "written"

    assert at_once(platform, [pair.artist_user, pair.host_user], act) == Counter(written=2)
    with platform.work(operator("test")) as work:
        assert [r.published_at is not None for r in queries.of_booking(work, booking.id)] == [True, True]


def test_the_job_publishes_what_is_due(platform: "Platform", clock: "VirtualClock") -> None:
    from tourpad.core.reviews import procedures

    with platform.work(operator("test")) as work:
        pair = make_pair(work)
        write(work, played(work, clock, pair), pair.host_user)
        work.commit()
    assert procedures.publish_due(platform, job_actor("test")) == {"published": 0}
    clock.advance(14 * DAY)
    assert procedures.publish_due(platform, job_actor("test")) == {"published": 1}
    assert procedures.publish_due(platform, job_actor("test")) == {"published": 0}


def test_a_profile_has_the_stars_of_published_public_reviews_only(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.artists import queries as artists
    from tourpad.core.concerts.models import ConcertSearchRow
    from tourpad.core.hosts import queries as hosts
    from tourpad.core.reviews import service

    pair, other = make_pair(work), make_pair(work)
    upcoming = announce(work, pair, day=work.now.date() + timedelta(days=200))

    def stars() -> tuple[tuple[int, int], tuple[int, int]]:
        artist, host = artists.get(work, pair.artist_id), hosts.get(work, pair.host_id)
        return (artist.rating_total, artist.rating_count), (host.rating_total, host.rating_count)

    booking = played(work, clock, pair)
    write(work, booking, pair.host_user, 2)
    assert stars() == ((0, 0), (0, 0))
    write(work, booking, pair.artist_user, 5, is_public=False)
    assert stars() == ((2, 1), (0, 0))
    assert artists.get(work, pair.artist_id).standing == pytest.approx(14 / 4)
    assert work.session.get_one(ConcertSearchRow, upcoming.id).standing == pytest.approx(14 / 4)
    clock.advance(DAY)
    again = played(work, clock, Pair(pair.artist_id, pair.artist_user, other.host_id, other.host_user))
    late = write(work, again, other.host_user, 5)
    assert stars() == ((2, 1), (0, 0))
    clock.advance(14 * DAY)
    service.publish(work, review_id=late.id)
    assert stars() == ((7, 2), (0, 0))


def test_what_was_said_in_private_never_counts_in_stars(work: "Work", clock: "VirtualClock") -> None:
    from tourpad.core.hosts import queries as hosts

    pair, other = make_pair(work), make_pair(work)
    first = played(work, clock, pair)
    write(work, first, pair.artist_user, 1, is_public=False)
    write(work, first, pair.host_user)
    clock.advance(DAY)
    second = played(work, clock, Pair(other.artist_id, other.artist_user, pair.host_id, pair.host_user))
    write(work, second, other.artist_user, 4)
    write(work, second, pair.host_user)
    host = hosts.get(work, pair.host_id)
    assert (host.rating_total, host.rating_count) == (4, 1)
