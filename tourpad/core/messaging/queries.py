"""Every SELECT of conversations. Whoever takes no part finds nothing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.bookings.models import Booking
from tourpad.core.bookings.states import BookingState
from tourpad.core.errors import NotFoundError
from tourpad.core.hosts.models import Host
from tourpad.core.messaging.models import Conversation, Message, Participant
from tourpad.core.values import Value
from tourpad.core.work import Work


class Thread(Value):
    """A conversation as one of its two sides sees it."""

    id: UUID
    booking_id: UUID
    subject: str | None
    created_at: datetime
    last_message_at: datetime | None
    booking_state: BookingState
    confirmed_at: datetime | None
    artist_user_id: UUID
    stage_name: str
    host_user_id: UUID
    venue_name: str
    read_until: datetime | None
    """How far the one who looks has read."""
    other_read_until: datetime | None
    """How far the other side has."""

    def name_of(self, user_id: UUID | None) -> str:
        """What one of the sides is called."""
        return self.stage_name if user_id == self.artist_user_id else self.venue_name

    def other(self, user_id: UUID) -> UUID:
        """The other side."""
        return self.host_user_id if user_id == self.artist_user_id else self.artist_user_id


def get(work: Work, *, conversation_id: UUID, user_id: UUID) -> Thread:
    """A conversation that the person takes part in.

    Raises:
        NotFoundError: none by that id, or one of others.
    """
    row = work.session.execute(_threads(user_id).where(Conversation.id == conversation_id)).one_or_none()
    if row is None:
        raise unknown()
    return Thread(*row)


def of_booking(work: Work, *, booking_id: UUID, user_id: UUID) -> Thread | None:
    """The conversation about a booking, where there is one that the person takes part in."""
    row = work.session.execute(_threads(user_id).where(Conversation.booking_id == booking_id)).one_or_none()
    return Thread(*row) if row else None


def lock(work: Work, conversation_id: UUID) -> Conversation:
    """The conversation's row, locked: messages of one thread are written one after another.

    Without that a message could be committed with an earlier time than one that was read already, and be missed.
    """
    return work.session.scalars(
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def of_user(work: Work, user_id: UUID, *, page: int, limit: int) -> tuple[list[Thread], int]:
    """One page of a person's conversations, the liveliest first, and how many there are in all."""
    total = work.session.scalar(select(func.count()).select_from(Participant).where(Participant.user_id == user_id))
    rows = work.session.execute(
        _threads(user_id)
        .order_by(func.coalesce(Conversation.last_message_at, Conversation.created_at).desc(), Conversation.id)
        .limit(limit)
        .offset((page - 1) * limit)
    )
    return [Thread(*row) for row in rows], total or 0


def last_messages(work: Work, ids: Sequence[UUID]) -> Mapping[UUID, Message]:
    """The last message of each of these conversations."""
    rows = work.session.scalars(
        select(Message)
        .where(Message.conversation_id.in_(ids))
        .ext(distinct_on(Message.conversation_id))
        .order_by(Message.conversation_id, Message.created_at.desc(), Message.id.desc())
    )
    return {row.conversation_id: row for row in rows}


def unread(work: Work, ids: Sequence[UUID], user_id: UUID) -> Mapping[UUID, int]:
    """How many messages of others a person has not read, by conversation; none are left out."""
    counted = work.session.execute(
        select(Message.conversation_id, func.count())
        .join(
            Participant,
            and_(Participant.conversation_id == Message.conversation_id, Participant.user_id == user_id),
        )
        .where(
            Message.conversation_id.in_(ids),
            Message.sender_id.is_distinct_from(user_id),
            or_(Participant.read_until.is_(None), Message.created_at > Participant.read_until),
        )
        .group_by(Message.conversation_id)
    )
    found: dict[UUID, int] = dict(counted.all())
    return {i: found.get(i, 0) for i in ids}


def history(
    work: Work, conversation_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Message]:
    """Messages, newest first, from a place backwards."""
    query = select(Message).where(Message.conversation_id == conversation_id)
    if before is not None:
        query = query.where(tuple_(Message.created_at, Message.id) < tuple_(*before))
    return work.session.scalars(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(limit)).all()


def message_in(work: Work, *, conversation_id: UUID, message_id: UUID) -> Message | None:
    """One message of a conversation, if it is there."""
    found = work.session.get(Message, message_id)
    return found if found is not None and found.conversation_id == conversation_id else None


def messages_since(work: Work, user_id: UUID, since: datetime, *, limit: int) -> Sequence[Message]:
    """What was written in a person's conversations from an instant on, oldest first."""
    return work.session.scalars(
        select(Message)
        .join(Participant, Participant.conversation_id == Message.conversation_id)
        .where(Participant.user_id == user_id, Message.created_at >= since)
        .order_by(Message.created_at, Message.id)
        .limit(limit)
    ).all()


def reading_of(work: Work, *, conversation_id: UUID, user_id: UUID) -> Participant | None:
    """How far one side has read."""
    return work.session.scalar(
        select(Participant).where(Participant.conversation_id == conversation_id, Participant.user_id == user_id)
    )


def readings_since(work: Work, user_id: UUID, since: datetime, *, limit: int) -> Sequence[Participant]:
    """Who read in a person's conversations from an instant on, the person included, oldest first."""
    own = aliased(Participant)
    return work.session.scalars(
        select(Participant)
        .join(own, own.conversation_id == Participant.conversation_id)
        .where(own.user_id == user_id, Participant.read_at >= since)
        .order_by(Participant.read_at, Participant.id)
        .limit(limit)
    ).all()


def participant_for_update(work: Work, *, conversation_id: UUID, user_id: UUID) -> Participant:
    """One side's own row, locked.

    Raises:
        NotFoundError: the person takes no part.
    """
    found = work.session.scalar(
        select(Participant)
        .where(Participant.conversation_id == conversation_id, Participant.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFoundError:
    """What is said of conversations of others, too."""
    return NotFoundError("No conversation has this id.")


def _threads(user_id: UUID) -> Select[*tuple[Any, ...]]:
    other = aliased(Participant)
    return (
        select(
            Conversation.id,
            Conversation.booking_id,
            Conversation.subject,
            Conversation.created_at,
            Conversation.last_message_at,
            Booking.state,
            Booking.confirmed_at,
            Artist.user_id,
            Artist.stage_name,
            Host.user_id,
            Host.venue_name,
            Participant.read_until,
            other.read_until,
        )
        .join(
            Participant,
            and_(Participant.conversation_id == Conversation.id, Participant.user_id == user_id),
        )
        .outerjoin(other, and_(other.conversation_id == Conversation.id, other.user_id != user_id))
        .join(Booking, Booking.id == Conversation.booking_id)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
    )


def ids_of(work: Work, user_id: UUID) -> list[UUID]:
    """The conversations in which a person takes part."""
    return list(work.session.scalars(select(Participant.conversation_id).where(Participant.user_id == user_id)))
