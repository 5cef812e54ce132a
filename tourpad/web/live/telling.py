"""What each person is told of a signal: read when it comes, by the rules of whoever is told, and never from a cache.

Before anything is read the sessions are: nothing reaches a socket whose session has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from tourpad.core.actors import NOBODY
from tourpad.core.errors import NotFoundError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.identity.queries import sign_ins
from tourpad.core.live.signals import Kind, Signal
from tourpad.core.messaging import queries as messaging
from tourpad.core.messaging.models import Message, Participant
from tourpad.core.notifications import queries as notifications
from tourpad.core.notifications.models import Notification
from tourpad.core.platform import Platform
from tourpad.core.work import Work
from tourpad.web.auth import Rules, principal_of
from tourpad.web.live.connection import Connection
from tourpad.web.live.places import Place
from tourpad.web.live.shapes import LiveMessage, LiveNotification, LiveReceipt, RefetchReason, encode
from tourpad.web.messages import message_out
from tourpad.web.notices import notification_out

OVERLAP: Final = timedelta(minutes=5)
"""What happened so long before an event is told again to whoever resumes: it may have been committed after it, and
clocks of processes may be apart. Ids tell what is known already."""
LONGEST_AGO: Final = timedelta(hours=24)
MOST_MISSED: Final = 200
"""Events; whoever missed more reads pages over HTTP."""
MOST_TEXT: Final = 192 * 1024
"""Characters of all of them: what one client may have waiting is bounded."""


@dataclass(slots=True)
class News:
    """What one round found."""

    ended: list[Connection] = field(default_factory=list[Connection])
    told: list[tuple[Connection, str]] = field(default_factory=list[tuple[Connection, str]])


def look(platform: Platform, signals: Sequence[Signal], connections: Sequence[Connection]) -> News:
    """What these sockets are told of these signals, and which of them have ended. One unit of work."""
    news = News()
    with platform.work(NOBODY) as work:
        people = _standing(work, connections, news)
        listed = [i for signal in signals if signal.kind is Kind.NOTIFICATION for i in signal.ids]
        rows = {row.id: row for row in notifications.of_ids(work, listed)} if listed else {}
        unread = notifications.unread_of(work, {row.user_id for row in rows.values()}) if rows else {}
        for signal in signals:
            for user_id in dict.fromkeys(signal.users):
                if user_id not in people:
                    continue
                principal, own = people[user_id]
                text = None
                if signal.kind is Kind.NOTIFICATION and (row := rows.get(signal.ids[0])) and row.user_id == user_id:
                    text = encode(_news(row, unread.get(user_id, 0)))
                elif signal.kind is Kind.MESSAGE:
                    text = _message(work, principal, signal)
                elif signal.kind is Kind.RECEIPT:
                    text = _receipt(work, principal, signal)
                if text is not None:
                    news.told += [(connection, text) for connection in own]
    return news


def missed(platform: Platform, principal: Principal, after: Place) -> list[str] | RefetchReason:
    """What a person was not told since an event, oldest first, or why they must read it over HTTP."""
    with platform.work(NOBODY) as work:
        if after.at < work.now - LONGEST_AGO:
            return RefetchReason.TOO_LONG_AGO
        user_id, since, most = principal.user_id, after.at - OVERLAP, MOST_MISSED + 1
        found: list[LiveMessage | LiveReceipt | LiveNotification] = []
        rows = notifications.since(work, user_id, since, limit=most)
        unread = notifications.unread(work, user_id) if rows else 0
        found += [_news(row, unread) for row in rows]
        if Permission.MESSAGE in principal.permissions:
            for message in messaging.messages_since(work, user_id, since, limit=most):
                thread = messaging.get(work, conversation_id=message.conversation_id, user_id=user_id)
                found.append(_said(thread, message, user_id))
            for reading in messaging.readings_since(work, user_id, since, limit=most):
                found += _read(reading)
    if len(found) > MOST_MISSED:
        return RefetchReason.TOO_MUCH
    texts = [encode(event) for event in sorted(found, key=lambda event: event.at) if event.id != str(after)]
    return RefetchReason.TOO_MUCH if sum(map(len, texts)) > MOST_TEXT else texts


def _standing(
    work: Work, connections: Sequence[Connection], news: News
) -> dict[UUID, tuple[Principal, list[Connection]]]:
    """Who is signed in of these, with their sockets; the others have ended."""
    claims = [connection.claims for connection in connections]
    good = sign_ins(work, [(one.session_id, one.user_id, one.issued_at) for one in claims])
    people: dict[UUID, tuple[Principal, list[Connection]]] = {}
    for place, connection in enumerate(connections):
        if place not in good:
            news.ended.append(connection)
            continue
        principal = principal_of(claims[place], good[place], Rules.of(work.settings))
        people.setdefault(connection.user_id, (principal, []))[1].append(connection)
    return people


def _message(work: Work, principal: Principal, signal: Signal) -> str | None:
    conversation_id, message_id = signal.ids
    if Permission.MESSAGE not in principal.permissions:
        return None
    try:
        thread = messaging.get(work, conversation_id=conversation_id, user_id=principal.user_id)
    except NotFoundError:
        return None
    message = messaging.message_in(work, conversation_id=conversation_id, message_id=message_id)
    return encode(_said(thread, message, principal.user_id)) if message else None


def _receipt(work: Work, principal: Principal, signal: Signal) -> str | None:
    conversation_id, reader = signal.ids
    if Permission.MESSAGE not in principal.permissions:
        return None
    if messaging.reading_of(work, conversation_id=conversation_id, user_id=principal.user_id) is None:
        return None
    reading = messaging.reading_of(work, conversation_id=conversation_id, user_id=reader)
    read = _read(reading) if reading else []
    return encode(read[0]) if read else None


def _news(row: Notification, unread: int) -> LiveNotification:
    place = Place(row.created_at, row.id)
    return LiveNotification(id=str(place), at=row.created_at, notification=notification_out(row), unread=unread)


def _said(thread: messaging.Thread, message: Message, user_id: UUID) -> LiveMessage:
    return LiveMessage(
        id=str(Place(message.created_at, message.id)),
        at=message.created_at,
        conversation_id=thread.id,
        message=message_out(thread, message, user_id),
    )


def _read(reading: Participant) -> list[LiveReceipt]:
    if reading.read_at is None or reading.read_until is None:
        return []
    return [
        LiveReceipt(
            id=str(Place(reading.read_at, reading.id)),
            at=reading.read_at,
            conversation_id=reading.conversation_id,
            user_id=reading.user_id,
            read_until=reading.read_until,
        )
    ]
