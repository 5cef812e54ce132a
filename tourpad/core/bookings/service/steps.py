"""What several verbs share: moving, offering, and refusing dates that can't be had."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from tourpad.core.availability import service as availability
from tourpad.core.bookings import queries, rules
from tourpad.core.bookings.errors import AlreadyRequested, DateBlocked, DateTaken
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.bookings.queries import Sides
from tourpad.core.bookings.states import MOVES, OFFER_MOVES, BookingState, OfferState, Side
from tourpad.core.bookings.terms import SAME_NAMES, Terms
from tourpad.core.ids import new_id
from tourpad.core.states import check_move
from tourpad.core.work import Work

CONFIRMED_DATES = {"uq_bookings_artist_date": Side.ARTIST, "uq_bookings_host_date": Side.HOST}
"""The indexes that hold one confirmed show an artist, a host and a date, and whose date each of them is."""

OVERTAKEN = (
    "The agreement ends by itself, and whatever was paid for it goes back. For another date: POST /api/bookings."
)
"""What to do where another booking got the date of an agreement: no version of its terms can be proposed any more."""

OPEN_DATES = ("uq_bookings_open",)
"""The index that holds one undecided request an artist, host and date."""


def terms_of(booking: Booking) -> Terms:
    """The terms in force."""
    return Terms(
        date=booking.requested_date,
        time=booking.requested_time,
        duration=booking.estimated_duration,
        **{name: getattr(booking, name) for name in SAME_NAMES},
    )


def move(work: Work, booking: Booking, to: BookingState) -> BookingState:
    """Change the state of a locked booking as the table allows; answers the state that it had."""
    was = booking.state
    check_move(MOVES, entity="booking", now=was, to=to)
    booking.state = to
    booking.updated_at = work.now
    return was


def end(work: Work, booking: Booking, to: BookingState, *, offer: OfferState = OfferState.WITHDRAWN) -> BookingState:
    """Move to a state in which nobody has to answer or pay any more.

    Args:
        work: the unit of work.
        booking: locked.
        to: the new state.
        offer: what becomes of an offer that nobody has answered.
    """
    was = move(work, booking, to)
    close_offer(work, booking, offer)
    return was


def close_offer(work: Work, booking: Booking, to: OfferState) -> Offer | None:
    """Nobody has to answer (or pay) any more; note what became of the offer that waited, if one did."""
    booking.turn = None
    booking.respond_by = None
    booking.reminded_at = None
    offer = queries.open_offer(work, booking.id)
    if offer is not None:
        check_move(OFFER_MOVES, entity="offer", now=offer.state, to=to)
        offer.state = to
        offer.answered_at = work.now
        if to is OfferState.ACCEPTED:
            offer.accepted_at = work.now
        work.session.flush()
    return offer


def put_in_force(booking: Booking, terms: Terms, *, number: int, time_zone: str) -> None:
    """Make a version of the terms the one that the booking stands for."""
    booking.offer_number = number
    booking.requested_date, booking.requested_time = terms.date, terms.time
    booking.time_zone = time_zone
    booking.estimated_duration = terms.duration
    for name in SAME_NAMES:
        setattr(booking, name, getattr(terms, name))


def make_offer(
    work: Work,
    booking: Booking,
    terms: Terms,
    *,
    number: int,
    by: Side,
    time_zone: str,
    message: str | None,
    latest: tuple[datetime, ...] = (),
) -> Offer:
    """A version of the terms that waits for the other side. The turn passes.

    Args:
        work: the unit of work.
        booking: locked.
        terms: what is offered.
        number: of the version.
        by: who offers it.
        time_zone: in which its date and time are.
        message: to the other side.
        latest: instants after which it can't be kept, besides its own.
    """
    expires_at = rules.offer_ends(work.now, rules.latest(terms, time_zone), *latest)
    booking.turn = by.other
    booking.reminded_at = None
    booking.respond_by = rules.remind_at(work.now, expires_at)
    return Offer(
        id=new_id(),
        booking_id=booking.id,
        number=number,
        made_by=by,
        state=OfferState.OPEN,
        date=terms.date,
        time=terms.time,
        duration=terms.duration,
        **{name: getattr(terms, name) for name in SAME_NAMES},
        message=message,
        respond_by=booking.respond_by,
        expires_at=expires_at,
        created_at=work.now,
    )


def check_date(work: Work, sides: Sides, day: date, *, speaker: Side, besides: UUID | None = None) -> None:
    """Refuse a date that is blocked or already holds a confirmed show of either side.

    Raises:
        DateBlocked: somebody can't on that day.
        DateTaken: somebody plays or hosts another show on that day.
    """
    blocked = availability.who_cannot(work, day=day, user_ids=(sides.artist_user_id, sides.host_user_id))
    if blocked:
        side = Side.ARTIST if sides.artist_user_id in blocked else Side.HOST
        raise DateBlocked(
            f"{_you_or(sides, side, speaker)} can’t on {day}.",
            hint="PUT /api/availability/me opens the date again." if side is speaker else "Propose another date.",
        )
    check_free(work, sides, day, speaker=speaker, besides=besides)


def check_free(
    work: Work,
    sides: Sides,
    day: date,
    *,
    speaker: Side | None,
    besides: UUID | None = None,
    hint: str = "Propose another date.",
) -> None:
    """Refuse a date that already holds a confirmed show of either side.

    Raises:
        DateTaken: saying whose.
    """
    taken = queries.whose_date_is_taken(
        work, day=day, artist_id=sides.artist_id, host_id=sides.host_id, besides=besides
    )
    if taken is not None:
        raise date_taken(sides, taken, day, speaker=speaker, hint=hint)


def date_taken(sides: Sides, whose: Side, day: date, *, speaker: Side | None, hint: str) -> DateTaken:
    """The refusal for a date that holds another show of one side."""
    has = "You already have" if whose is speaker else f"{sides.name_of(whose)} already has"
    return DateTaken(f"{has} a confirmed show on {day}.", hint=hint)


def check_still_free(work: Work, booking: Booking, sides: Sides, *, speaker: Side | None) -> None:
    """Refuse to go on with what was agreed, where another booking got the date first.

    Raises:
        DateTaken: saying whose, and what becomes of the agreement and its money.
    """
    check_free(work, sides, booking.requested_date, speaker=speaker, besides=booking.id, hint=OVERTAKEN)


@contextmanager
def translated(
    work: Work, sides: Sides, day: date, *, speaker: Side | None, hint: str = "Propose another date."
) -> Generator[None]:
    """A savepoint in which the database's own word on dates becomes a refusal; what was done inside is undone.

    Raises:
        DateTaken: another booking was confirmed for that date a moment ago.
        AlreadyRequested: the same request was made a moment ago.
    """
    try:
        with work.session.begin_nested():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name in CONFIRMED_DATES:
            raise date_taken(sides, CONFIRMED_DATES[name], day, speaker=speaker, hint=hint) from error
        if name in OPEN_DATES:
            raise already_requested(day) from error
        raise


def already_requested(day: date) -> AlreadyRequested:
    """The refusal for asking twice."""
    return AlreadyRequested(
        f"You two have an undecided request for {day} already.", hint="GET /api/bookings shows how it stands."
    )


def _you_or(sides: Sides, side: Side, speaker: Side) -> str:
    return "You" if side is speaker else sides.name_of(side)
