"""How history comes in: as what is over, without any money and without a word to anybody."""

from uuid import UUID

from tourpad.core.bookings import service as bookings
from tourpad.core.bookings.states import BookingState
from tourpad.core.concerts import service as concerts
from tourpad.core.errors import NotFoundError
from tourpad.core.relocation import queries, rules
from tourpad.core.relocation.past import CleanBooking, CleanReview
from tourpad.core.relocation.service.people import note
from tourpad.core.relocation.service.planning import Entry
from tourpad.core.relocation.states import Kind
from tourpad.core.reviews import service as reviews
from tourpad.core.work import Work


def bring_record(work: Work, *, source: str, entry: Entry) -> None:
    """One booking, show or review, after those that it names.

    Raises:
        NotFoundError: something that it names did not come in.
        ConflictError: the date is taken by another show; or it is there already.
        InvalidInputError: it can't be taken after all.
    """
    match entry.line.kind:
        case Kind.BOOKINGS:
            _booking(work, source, entry)
        case Kind.CONCERTS:
            _concert(work, source, entry)
        case _:
            _review(work, source, entry)


def here(work: Work, *, source: str, kind: Kind, foreign_id: str) -> UUID:
    """The id here of what was brought.

    Raises:
        NotFoundError: it did not come in.
    """
    found = queries.find(work, rules.foreign_hash(source, kind, foreign_id))
    if found is None:
        raise NotFoundError(f"{foreign_id} of {kind}.jsonl did not come in.")
    return found


def _booking(work: Work, source: str, entry: Entry) -> None:
    clean: CleanBooking = entry.clean
    said = entry.line.said
    booking = bookings.bring(
        work,
        artist_id=here(work, source=source, kind=Kind.ARTISTS, foreign_id=said["artist_id"]),
        host_id=here(work, source=source, kind=Kind.HOSTS, foreign_id=said["host_id"]),
        terms=clean.terms,
        course=clean.course,
        source=source,
    )
    if booking.state is BookingState.COMPLETED:
        concerts.bring(work, booking_id=booking.id)
    note(work, source=source, line=entry.line, our_id=booking.id, user_id=None)


def _concert(work: Work, source: str, entry: Entry) -> None:
    booking_id = here(work, source=source, kind=Kind.BOOKINGS, foreign_id=entry.line.said["booking_id"])
    concert = concerts.bring(work, booking_id=booking_id, **entry.clean)
    note(work, source=source, line=entry.line, our_id=concert.id, user_id=None)


def _review(work: Work, source: str, entry: Entry) -> None:
    clean: CleanReview = entry.clean
    said = entry.line.said
    writer = here(work, source=source, kind=Kind.USERS, foreign_id=said["reviewer_id"])
    review = reviews.bring(
        work,
        booking_id=here(work, source=source, kind=Kind.BOOKINGS, foreign_id=said["booking_id"]),
        reviewer_id=writer,
        rating=clean.rating,
        text=clean.text,
        is_public=clean.is_public,
        written_at=clean.written_at,
        response=clean.response,
        responded_at=clean.responded_at,
    )
    note(work, source=source, line=entry.line, our_id=review.id, user_id=writer)
