"""Two sides of a booking talk to each other."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from tourpad.core.bookings import queries as bookings
from tourpad.core.bookings.queries import Sides
from tourpad.core.errors import NotFoundError
from tourpad.core.fields import Fields
from tourpad.core.ids import new_id
from tourpad.core.messaging import queries, rules
from tourpad.core.messaging.errors import ConversationClosed
from tourpad.core.messaging.events import ConversationRead, MessageSent
from tourpad.core.messaging.models import Conversation, Message, Participant
from tourpad.core.messaging.queries import Thread
from tourpad.core.messaging.states import MessageKind
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.work import Work

ERASED = "[erased]"
TICK = timedelta(microseconds=1)


def begin(work: Work, *, booking_id: UUID, user_id: UUID) -> Thread:
    """The conversation about a booking, made when first asked for. Safe to repeat, and for both sides at once.

    Raises:
        NotFoundError: no such booking, or one of others.
    """
    known = queries.of_booking(work, booking_id=booking_id, user_id=user_id)
    if known is not None:
        return known
    view = bookings.get_view(work, booking_id)
    if view.sides.side_of(user_id) is None:
        raise bookings.unknown()
    made = work.session.execute(
        insert(Conversation)
        .values(id=new_id(), booking_id=booking_id, subject=_subject(view.sides), created_at=work.now)
        .on_conflict_do_nothing(index_elements=["booking_id"])
        .returning(Conversation.id)
    ).scalar_one_or_none()
    if made is not None:
        both = (view.sides.artist_user_id, view.sides.host_user_id)
        work.add(*(Participant(conversation_id=made, user_id=side) for side in both))
    found = queries.of_booking(work, booking_id=booking_id, user_id=user_id)
    if found is None:
        raise NotFoundError("No conversation has this id.")
    return found


def send(work: Work, *, conversation_id: UUID, user_id: UUID, content: str) -> Message:
    """Say something to the other side. They are told once, and again only after they have read.

    Args:
        work: the unit of work.
        conversation_id: where.
        user_id: who speaks, one of the two sides.
        content: up to 4,000 characters; kept as written, shown masked until the booking is confirmed.

    Raises:
        NotFoundError: no such conversation, or one of others.
        ConversationClosed: the booking came to nothing.
        InvalidInputError: nothing is said, or too much.
    """
    fields = Fields()
    clean = fields.text("content", content, longest=rules.LONGEST, lines=True)
    fields.done()
    thread = queries.get(work, conversation_id=conversation_id, user_id=user_id)
    if not rules.may_write(thread.booking_state):
        raise ConversationClosed(
            f"The booking is {thread.booking_state}; there is nothing more to settle here.",
            booking_id=str(thread.booking_id),
        )
    conversation = queries.lock(work, conversation_id)
    # Strictly rising, so that "read until" and cursors never skip one of two that were written at one instant.
    at = work.now
    if conversation.last_message_at is not None:
        at = max(at, conversation.last_message_at + TICK)
    message = Message(
        conversation_id=conversation_id,
        sender_id=user_id,
        kind=MessageKind.TEXT,
        content=clean,
        created_at=at,
    )
    conversation.last_message_at = at
    work.add(message)
    recipient = thread.other(user_id)
    _tell(work, thread, user_id, recipient)
    work.emit(
        MessageSent(
            conversation_id=conversation_id,
            message_id=message.id,
            sender_id=user_id,
            recipient_id=recipient,
        )
    )
    return message


def mark_read(work: Work, *, conversation_id: UUID, user_id: UUID) -> Participant:
    """A person has read everything up to now. Reading again changes nothing.

    Raises:
        NotFoundError: no such conversation, or one of others.
    """
    thread = queries.get(work, conversation_id=conversation_id, user_id=user_id)
    # The conversation before the participant, as whoever sends: otherwise the two could wait for each other.
    last = queries.lock(work, conversation_id).last_message_at
    own = queries.participant_for_update(work, conversation_id=conversation_id, user_id=user_id)
    if last is not None and (own.read_until is None or own.read_until < last):
        own.read_until, own.read_at = last, work.now
        work.emit(ConversationRead(conversation_id=conversation_id, user_id=user_id, other_id=thread.other(user_id)))
    return own


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank what an erased person wrote; that something was said stays."""
    work.session.execute(update(Message).where(Message.sender_id == user_id).values(content=ERASED))
    work.session.execute(
        update(Conversation).where(Conversation.id.in_(queries.ids_of(work, user_id))).values(subject=None)
    )


def _tell(work: Work, thread: Thread, sender: UUID, recipient: UUID) -> None:
    """Tell the other side that something was written, without what: mail must not carry what might be an address."""
    own = queries.participant_for_update(work, conversation_id=thread.id, user_id=recipient)
    since = own.read_until.isoformat() if own.read_until else "never"
    tell(
        work,
        user_id=recipient,
        template="message_received",
        category=Category.MESSAGE,
        dedupe_key=f"message_received:{thread.id}:{since}",
        related=("conversation", thread.id),
        sender_name=thread.name_of(sender),
        subject=thread.subject or "",
        conversation_id=str(thread.id),
    )


def _subject(sides: Sides) -> str:
    """What it is about; the town, never the address."""
    return f"{sides.stage_name} at {sides.venue_name}, {sides.city} {sides.region}"
