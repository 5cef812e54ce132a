"""What is noted for sockets: when it is told, how short it is, how much may wait."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.identity.service import sessions, users
from tourpad.core.live import sending
from tourpad.core.live.signals import LONGEST, Kind, Signal, payloads, read

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")


def test_what_waits_for_one_client_is_bounded() -> None:
    from datetime import UTC, datetime

    from tourpad.core.identity.tokens import AccessClaims
    from tourpad.core.ids import new_id
    from tourpad.web.live.connection import MOST_WAITING, Connection

    async def story() -> tuple[int, tuple[int, str], bool]:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        one = Connection(AccessClaims(user_id=new_id(), session_id=new_id(), issued_at=now, expires_at=now))
        taken = 0
        while not one.ended.done():
            one.put("x" * 1_024)
            taken += 1
        return taken, one.ended.result(), bool(one._waiting)

    taken, ended, waits = asyncio.run(story())
    assert (taken, ended, waits) == (MOST_WAITING // 1_024 + 1, (4408, "too slow"), False)


def test_a_savepoint_is_no_commit(platform: "Platform") -> None:
    """Told by Redis, which knows no transactions: what is told of must be there to be read."""
    from tourpad.core.database.engine import make_sessions
    from tourpad.core.ids import new_id

    told: list[str] = []

    class Recording(sending.ByRedis):
        def _publish(self, waiting: list[str]) -> None:
            told.extend(waiting)

    sender = Recording("redis://127.0.0.1:1/0", platform.autocommit)
    sessions_of_test = make_sessions(platform.engine)
    sender.attach(sessions_of_test)
    signal = Signal(Kind.SESSIONS, (new_id(),))
    with sessions_of_test() as session:
        work = cast("Work", SimpleNamespace(session=session))
        sending.note(work, signal)
        with session.begin_nested():
            session.connection().exec_driver_sql("SELECT 1")
        with suppress(ZeroDivisionError), session.begin_nested():
            raise ZeroDivisionError
        assert told == []
        session.commit()
        assert told == [str(signal)]
    sender.close()


def test_every_end_of_a_session_is_a_signal(work: "Work") -> None:
    user = make_person(work, "fan")
    first, second = (sessions.begin(work, user=user) for _ in range(2))
    ended = Signal(Kind.SESSIONS, (user.id,))
    sessions.end(work, user_id=user.id, session_id=first.session_id)
    assert sending.noted(work) == [ended]
    sessions.refresh(work, token=second.refresh_token)
    assert sending.noted(work) == [ended]
    assert sessions.refresh(work, token=second.refresh_token) is None  # used twice: stolen
    assert sending.noted(work) == [ended, ended]
    sessions.begin(work, user=user)
    users.suspend(work, user_id=user.id, reason="spam")
    assert sending.noted(work)[2] == ended


def test_payloads_are_short_and_hold_ids_alone() -> None:
    from tourpad.core.ids import new_id

    signals = [Signal(Kind.MESSAGE, (new_id(), new_id()), (new_id(), new_id())) for _ in range(300)]
    texts = list(payloads([*signals, *signals, Signal(Kind.SESSIONS, (new_id(),))]))
    assert max(map(len, texts)) <= LONGEST
    assert [one for text in texts for one in read(text)][:300] == signals
    assert sum(len(read(text)) for text in texts) == 301
    for noise in ("", "message", "shout a b", "message x y", "message  ", "\n\n", "sessions zz "):
        assert [one for one in read(noise) if one.users] == []
