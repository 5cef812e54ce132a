import threading
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.factories.bookings import make_booking, make_pair
from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.ids import new_id
from tourpad.core.masking import HIDDEN
from tourpad.core.messaging import queries, rules, service
from tourpad.core.messaging.errors import ConversationClosed
from tourpad.core.messaging.models import Conversation, Message, Participant
from tourpad.core.outbox.models import Mail
from tourpad.core.platform import Platform
from tourpad.core.work import Work

SECRET = "Call 614-555-0133 or write to ada@example.org"


class Talk(NamedTuple):
    """A conversation and who is in it."""

    id: UUID
    booking_id: UUID
    artist: UUID
    host: UUID


def _talk(work: Work, state: str = "pending") -> Talk:
    pair = make_pair(work)
    booking = make_booking(work, pair, state=state)
    thread = service.begin(work, booking_id=booking.id, user_id=pair.artist_user)
    return Talk(thread.id, booking.id, pair.artist_user, pair.host_user)


def _say(work: Work, talk: Talk, user_id: UUID, content: str) -> Message:
    return service.send(work, conversation_id=talk.id, user_id=user_id, content=content)


def _mails(work: Work) -> list[tuple[UUID | None, str]]:
    rows = work.session.scalars(
        select(Mail).where(Mail.template == "message_received").order_by(Mail.created_at, Mail.id)
    )
    return [(mail.user_id, mail.text_body) for mail in rows]


def test_both_sides_find_the_same_conversation_and_others_none(work: Work) -> None:
    talk = _talk(work)
    assert service.begin(work, booking_id=talk.booking_id, user_id=talk.host).id == talk.id
    stranger = make_person(work, "artist").id
    with pytest.raises(NotFoundError):
        service.begin(work, booking_id=talk.booking_id, user_id=stranger)
    with pytest.raises(NotFoundError):
        service.begin(work, booking_id=new_id(), user_id=talk.artist)
    with pytest.raises(NotFoundError):
        _say(work, talk, stranger, "hello")
    with pytest.raises(NotFoundError):
        service.mark_read(work, conversation_id=talk.id, user_id=stranger)
    with pytest.raises(NotFoundError):
        queries.get(work, conversation_id=talk.id, user_id=stranger)
    assert queries.of_user(work, stranger, page=1, limit=10) == ([], 0)
    assert work.session.scalars(select(Participant.user_id)).all() == [talk.artist, talk.host]


@pytest.mark.parametrize(
    ("state", "hidden"),
    [("pending", True), ("countered", True), ("approved", True), ("cancelled", True), ("confirmed", False)],
)
def test_ways_out_are_hidden_until_the_booking_is_confirmed(work: Work, state: str, hidden: bool) -> None:
    talk = _talk(work, state)
    message = _say(work, talk, talk.artist, SECRET)
    thread = queries.get(work, conversation_id=talk.id, user_id=talk.host)
    text, is_masked = rules.shown(message.content, confirmed_at=thread.confirmed_at)
    assert is_masked is hidden
    assert text == (f"Call {HIDDEN} or write to {HIDDEN}" if hidden else SECRET)


@pytest.mark.parametrize("state", ["rejected"])
def test_when_it_came_to_nothing_nothing_is_added(work: Work, state: str) -> None:
    talk = _talk(work, state)
    with pytest.raises(ConversationClosed):
        _say(work, talk, talk.artist, "Please?")
    assert queries.history(work, talk.id, before=None, limit=5) == []


@pytest.mark.parametrize("content", ["", "   ", "x" * 4001, "a\x00b"])
def test_words_that_are_none_are_refused(work: Work, content: str) -> None:
    talk = _talk(work)
    with pytest.raises(InvalidInputError) as refused:
        _say(work, talk, talk.artist, content)
    assert [e.field for e in refused.value.errors] == ["content"]


def test_history_goes_back_page_by_page_though_the_clock_stands_still(work: Work) -> None:
    talk = _talk(work)
    said = [_say(work, talk, (talk.artist, talk.host)[n % 2], f"message {n}").id for n in range(7)]
    found: list[UUID] = []
    before = None
    while page := queries.history(work, talk.id, before=before, limit=3):
        found += [message.id for message in page]
        before = rules.read_cursor(rules.cursor(page[-1].created_at, page[-1].id))
    assert found == said[::-1]


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", rules.cursor.__name__])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInputError):
        rules.read_cursor(cursor)


def test_unread_counts_what_others_wrote_since_one_has_read(work: Work) -> None:
    talk = _talk(work)
    for n in range(3):
        _say(work, talk, talk.artist, f"message {n}")
    assert queries.unread(work, [talk.id], talk.host) == {talk.id: 3}
    assert queries.unread(work, [talk.id], talk.artist) == {talk.id: 0}
    for _ in range(2):
        service.mark_read(work, conversation_id=talk.id, user_id=talk.host)
        assert queries.unread(work, [talk.id], talk.host) == {talk.id: 0}
    _say(work, talk, talk.artist, "one more, at the same instant")
    assert queries.unread(work, [talk.id], talk.host) == {talk.id: 1}


def test_the_other_side_is_told_once_until_they_have_read_and_not_what(work: Work) -> None:
    talk = _talk(work)
    for n in range(3):
        _say(work, talk, talk.artist, f"417 Canary Lane {n}")
    assert [to for to, _ in _mails(work)] == [talk.host]
    service.mark_read(work, conversation_id=talk.id, user_id=talk.host)
    _say(work, talk, talk.host, "Thank you")
    _say(work, talk, talk.artist, "See you")
    mails = _mails(work)
    assert sorted(map(str, (to for to, _ in mails))) == sorted(map(str, (talk.host, talk.artist, talk.host)))
    assert not any("Canary" in text for _, text in mails)


def test_the_liveliest_is_on_top(work: Work) -> None:
    pair = make_pair(work)
    talks = [
        service.begin(work, booking_id=make_booking(work, pair, state="pending", day=day).id, user_id=pair.host_user)
        for day in (work.now.date() + timedelta(days=d) for d in (40, 41))
    ]
    service.send(work, conversation_id=talks[0].id, user_id=pair.artist_user, content="hello")
    threads, total = queries.of_user(work, pair.host_user, page=1, limit=10)
    assert ([t.id for t in threads], total) == ([talks[0].id, talks[1].id], 2)
    assert [m.content for m in queries.last_messages(work, [t.id for t in talks]).values()] == ["hello"]


def test_what_an_erased_person_wrote_goes(work: Work) -> None:
    talk = _talk(work)
    _say(work, talk, talk.artist, "my secret")
    _say(work, talk, talk.host, "mine stays")
    service.forget(work, user_id=talk.artist)
    work.session.expire_all()
    assert [m.content for m in queries.history(work, talk.id, before=None, limit=5)] == ["mine stays", "[erased]"]


def test_two_who_begin_and_write_at_once_share_one_conversation(platform: Platform) -> None:
    actor = operator("test")
    with platform.work(actor) as work:
        pair = make_pair(work)
        booking_id = make_booking(work, pair, state="pending").id
        work.commit()
    gate = threading.Barrier(4)
    faults: list[BaseException] = []

    def talk(user_id: UUID) -> None:
        try:
            gate.wait(10)
            with platform.work(actor) as work:
                thread = service.begin(work, booking_id=booking_id, user_id=user_id)
                work.commit()
            for n in range(5):
                with platform.work(actor) as work:
                    service.send(work, conversation_id=thread.id, user_id=user_id, content=f"{n}")
                    work.commit()
                with platform.work(actor) as work:
                    service.mark_read(work, conversation_id=thread.id, user_id=user_id)
                    work.commit()
        except BaseException as fault:  # noqa: BLE001 - told by the assertion below
            faults.append(fault)

    sides = (pair.artist_user, pair.host_user, pair.artist_user, pair.host_user)
    threads = [threading.Thread(target=talk, args=(user_id,)) for user_id in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with platform.work(actor) as work:
        (conversation,) = work.session.scalars(select(Conversation))
        times = work.session.scalars(select(Message.created_at)).all()
    assert len(set(times)) == len(times) == 20
    assert conversation.last_message_at == max(times)
