"""What concerts and seats refuse."""

from tourpad.core.errors import ConflictError, NotFoundError, RefusedError


class ConcertClosed(RefusedError):
    """Nobody can ask for seats any more: the show has begun, is over, or was called off."""

    code = "concert_closed"


class AlreadyAsked(ConflictError):
    """This fan has an open request for this show."""

    code = "already_requested"


class Declined(RefusedError):
    """The host or the artist has declined this fan's request."""

    code = "declined"


class OfferLapsed(RefusedError):
    """The time to take an offered seat has run out."""

    code = "offer_lapsed"


class NotConfirmed(RefusedError):
    """The seat is not (or no longer) certain: not approved, or not paid."""

    code = "not_confirmed"


class DoorClosed(RefusedError):
    """Guests are let in around the show only."""

    code = "door_closed"


class TooLate(RefusedError):
    """The show has begun."""

    code = "too_late"


class BelowSeatsTaken(ConflictError):
    """More seats are taken than there would be."""

    code = "below_seats_taken"


class NoRoom(ConflictError):
    """So many do not fit any more."""

    code = "no_room"


class BadLink(NotFoundError):
    """The link is none of ours, was cut, or has expired."""

    code = "bad_link"

    def __init__(self) -> None:
        super().__init__("This link is not one of ours, or it has expired.", hint="Ask the host for another one.")
