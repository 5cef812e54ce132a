"""The two sides of a booking talk to each other."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import QueryParameter

from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.messaging import queries, rules, service
from tourpad.core.messaging.queries import Thread
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.messages import MessageOut, message_out
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=rules.LONGEST)]


class BeginIn(Input):
    """About which booking; and, if wished, the first words."""

    booking_id: UUID
    message: Words | None = None


class MessageIn(Input):
    """What is said."""

    content: Words


class ParticipantOut(Output):
    """One side."""

    user_id: UUID
    role: str
    name: str
    read_until: datetime | None
    """When the last message was written that they have read."""


class ConversationOut(Output):
    """A conversation as one of its sides sees it."""

    id: UUID
    booking_id: UUID
    booking_status: str
    subject: str | None
    participants: list[ParticipantOut]
    unread: int
    last_message: MessageOut | None
    last_message_at: datetime | None
    read_until: datetime | None
    created_at: datetime


class ConversationsOut(Output):
    """One page, the liveliest first."""

    conversations: list[ConversationOut]
    pagination: Pagination


class MessagesOut(Output):
    """A stretch of history, newest first. `nextCursor` leads further back; none at the beginning."""

    messages: list[MessageOut]
    next_cursor: str | None


def _participant(thread: Thread, side: UUID, role: str, looks: UUID) -> ParticipantOut:
    read_until = thread.read_until if side == looks else thread.other_read_until
    return ParticipantOut(user_id=side, role=role, name=thread.name_of(side), read_until=read_until)


def _conversations(work: Work, threads: list[Thread], user_id: UUID) -> list[ConversationOut]:
    ids = [thread.id for thread in threads]
    last, unread = queries.last_messages(work, ids), queries.unread(work, ids, user_id)
    return [
        ConversationOut(
            id=thread.id,
            booking_id=thread.booking_id,
            booking_status=thread.booking_state.value,
            subject=thread.subject,
            participants=[
                _participant(thread, thread.artist_user_id, "artist", user_id),
                _participant(thread, thread.host_user_id, "host", user_id),
            ],
            unread=unread[thread.id],
            last_message=message_out(thread, last[thread.id], user_id) if thread.id in last else None,
            last_message_at=thread.last_message_at,
            read_until=thread.read_until,
            created_at=thread.created_at,
        )
        for thread in threads
    ]


@get("/api/conversations", **needs(Permission.MESSAGE), tags=["conversations"])
def list_conversations(
    platform: Platform, principal: Principal, page: PageParam = 1, limit: LimitParam = 20
) -> ConversationsOut:
    """Own conversations, the liveliest first."""
    with platform.work(principal.actor) as work:
        threads, total = queries.of_user(work, principal.user_id, page=page, limit=limit)
        return ConversationsOut(
            conversations=_conversations(work, threads, principal.user_id),
            pagination=pagination(page=page, limit=limit, total=total),
        )


@post("/api/conversations", **needs(Permission.MESSAGE), tags=["conversations"])
def begin_conversation(data: BeginIn, platform: Platform, principal: Principal) -> ConversationOut:
    """Talk to the other side of a booking. Asked for again, it answers the same conversation."""
    with platform.work(principal.actor) as work:
        thread = service.begin(work, booking_id=data.booking_id, user_id=principal.user_id)
        if data.message is not None:
            service.send(work, conversation_id=thread.id, user_id=principal.user_id, content=data.message)
        work.commit()
        thread = queries.get(work, conversation_id=thread.id, user_id=principal.user_id)
        return _conversations(work, [thread], principal.user_id)[0]


@get("/api/conversations/{conversation_id:uuid}/messages", **needs(Permission.MESSAGE), tags=["conversations"])
def list_messages(
    conversation_id: UUID,
    platform: Platform,
    principal: Principal,
    before: Annotated[str | None, QueryParameter(name="before", max_length=200)] = None,
    limit: LimitParam = 20,
) -> MessagesOut:
    """History, newest first; `before` takes the page's `nextCursor`."""
    place = rules.read_cursor(before) if before else None
    with platform.work(principal.actor) as work:
        thread = queries.get(work, conversation_id=conversation_id, user_id=principal.user_id)
        rows = queries.history(work, conversation_id, before=place, limit=limit + 1)
    shown = rows[:limit]
    more = len(rows) > limit
    return MessagesOut(
        messages=[message_out(thread, row, principal.user_id) for row in shown],
        next_cursor=rules.cursor(shown[-1].created_at, shown[-1].id) if more else None,
    )


@post("/api/conversations/{conversation_id:uuid}/messages", **needs(Permission.MESSAGE), tags=["conversations"])
def send_message(conversation_id: UUID, data: MessageIn, platform: Platform, principal: Principal) -> MessageOut:
    """Say something. Phone numbers, mail addresses and links are hidden until the booking is confirmed."""
    with platform.work(principal.actor) as work:
        message = service.send(work, conversation_id=conversation_id, user_id=principal.user_id, content=data.content)
        work.commit()
        thread = queries.get(work, conversation_id=conversation_id, user_id=principal.user_id)
        return message_out(thread, message, principal.user_id)


@post(
    "/api/conversations/{conversation_id:uuid}/read",
    status_code=200,
    **needs(Permission.MESSAGE),
    tags=["conversations"],
)
def read_conversation(conversation_id: UUID, platform: Platform, principal: Principal) -> ConversationOut:
    """Mark everything up to now as read."""
    with platform.work(principal.actor) as work:
        service.mark_read(work, conversation_id=conversation_id, user_id=principal.user_id)
        work.commit()
        thread = queries.get(work, conversation_id=conversation_id, user_id=principal.user_id)
        return _conversations(work, [thread], principal.user_id)[0]


ROUTES = (list_conversations, begin_conversation, list_messages, send_message, read_conversation)
