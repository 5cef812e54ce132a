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


class BadTicket(NotFoundError):
    """What was scanned or typed is no ticket of ours, was cut, or is none of this show."""

    code = "bad_ticket"

    def __init__(self) -> None:
        super().__init__("This is no ticket of this show.", hint="Look the guest up by name.")


class WrongConcert(ConflictError):
    """A good ticket, for another show."""

    code = "wrong_concert"

    def __init__(self) -> None:
        super().__init__("This ticket is for another show.")


class TicketReplaced(ConflictError):
    """The guest has had a new ticket made since; this one is worth nothing."""

    code = "ticket_replaced"

    def __init__(self) -> None:
        super().__init__("This ticket was replaced by a newer one.", hint="Ask for the newest ticket.")


class AlreadyIn(ConflictError):
    """Everybody of this party is in already."""

    code = "already_checked_in"


class TooMany(ConflictError):
    """More guests than are still expected of this party."""

    code = "too_many_guests"


class BadList(RefusedError):
    """A device tells of scans without a list of this evening's guests that we have given it."""

    code = "bad_list"

    def __init__(self) -> None:
        super().__init__(
            "These scans were not made with the list of this show.", hint="GET /api/concerts/{id}/door-list, then sync."
        )


class DoorLinkDead(NotFoundError):
    """The link to an evening's door is none of ours, was replaced, or the doors are closed for good."""

    code = "bad_door_link"

    def __init__(self) -> None:
        super().__init__("This link to the door is not good (any more).", hint="Ask the host for a new one.")


class NotAsked(RefusedError):
    """Nobody asks this party whether it comes on another date (any more)."""

    code = "not_asked"


class BadInvitation(NotFoundError):
    """The link to a concert is none of ours, or was cut."""

    code = "bad_invitation"

    def __init__(self) -> None:
        super().__init__("This invitation is not one of ours.", hint="Ask for the link again.")


class InvitationSpent(RefusedError):
    """The link was taken back, has expired, or has let in as many as it was for."""

    code = "invitation_spent"

    def __init__(self) -> None:
        super().__init__("This invitation is not good any more.", hint="Ask whoever sent it for another one.")
