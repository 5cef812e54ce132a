"""Who sees what is written, and as what."""

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from tourpad.core.bookings.states import BookingState
from tourpad.core.errors import invalid
from tourpad.core.masking import mask

LONGEST = 4000
"""Characters of one message."""

CLOSED = frozenset({BookingState.REJECTED, BookingState.EXPIRED})


def shown(content: str, *, confirmed_at: datetime | None) -> tuple[str, bool]:
    """A message as both sides see it now, and whether something in it is hidden.

    What was written is kept as it is: once the booking is confirmed, everything is shown, and stays so.
    """
    if confirmed_at is not None:
        return content, False
    masked = mask(content)
    return masked.text, masked.is_masked


def may_write(state: BookingState) -> bool:
    """Whether the two sides still have something to settle."""
    return state not in CLOSED


def cursor(created_at: datetime, message_id: UUID) -> str:
    """Where a page of history ends: times are strictly rising in a conversation, the id settles the rest."""
    raw = f"{created_at.astimezone(UTC).isoformat()}|{message_id}"
    return base64.urlsafe_b64encode(raw.encode()).rstrip(b"=").decode()


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """The place that a cursor names.

    Raises:
        InvalidInputError: it is none of ours.
    """
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True).decode()
        at, _, message_id = raw.partition("|")
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None:
            raise ValueError(at)  # noqa: TRY301 - as wrong as the rest
        return instant, UUID(message_id)
    except (ValueError, binascii.Error):
        raise invalid("before", "is no cursor; take nextCursor from the page before") from None
