"""Sockets over two processes of the API, one of them this one, with Redis and with PostgreSQL alone."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests import plain_http
from tests.cli.test_api import SERVE
from tests.factories.bookings import Pair, make_booking, make_pair
from tests.factories.profiles import make_person
from tests.redis_server import RedisServer, needs_redis
from tests.web.live import served
from tests.web.sockets import Listener, token_of
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.core.platform import Platform

ACTOR = operator("test")


@dataclass
class House:
    """Two processes of the API on one database and one Redis, and a platform beside them that has no Redis."""

    addresses: tuple[str, str]
    process: subprocess.Popen[str]
    """The first of them; the second is this one."""
    platform: "Platform"
    redis: RedisServer


@pytest.fixture(scope="module")
def house(server: "TestServer", tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    needs_redis()
    folder, database = tmp_path_factory.mktemp("live"), server.clone()
    redis = RedisServer(folder)
    redis.start()
    environment = {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(folder / "home"),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "DATABASE_URL": database,
    }
    with_redis = {**environment, "REDIS_URL": redis.url}
    process = subprocess.Popen(SERVE, env=os.environ | with_redis, cwd=folder, stdout=subprocess.PIPE, text=True)
    plain, other = (Platform.open(load_settings(environ=e, folder=folder)) for e in (environment, with_redis))
    try:
        with served(other) as second:
            assert process.stdout is not None
            first = next(word for word in process.stdout.readline().split() if word.startswith("http"))
            yield House((first, second), process, plain, redis)
    finally:
        process.kill()
        process.communicate()
        for platform in (plain, other):
            platform.close()
        redis.stop()
        server.drop(database)


@dataclass
class Talk:
    """A conversation about a booking, and tokens for whoever is in it, and for a stranger."""

    id: UUID
    pair: Pair
    artist: str
    host: str
    stranger: str


def talk_of(platform: "Platform", state: str = "pending") -> Talk:
    from tourpad.core.messaging import service

    with platform.work(ACTOR) as work:
        pair = make_pair(work)
        booking = make_booking(work, pair, state=state)
        thread = service.begin(work, booking_id=booking.id, user_id=pair.artist_user)
        stranger = make_person(work, "artist").id
        work.commit()
    tokens = [token_of(platform, one) for one in (pair.artist_user, pair.host_user, stranger)]
    return Talk(thread.id, pair, *tokens)


def post(address: str, path: str, token: str, body: Any = None) -> dict[str, Any]:
    answer = plain_http.post(f"{address}{path}", headers={"Authorization": f"Bearer {token}"}, json=body, timeout=30)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else {}


def write(platform: "Platform", talk: Talk, content: str) -> None:
    """The artist writes in this process, which has no Redis."""
    from tourpad.core.messaging import service

    with platform.work(ACTOR) as work:
        service.send(work, conversation_id=talk.id, user_id=talk.pair.artist_user, content=content)
        work.commit()


def test_both_sides_hear_in_every_process_and_nobody_else_does(house: House) -> None:
    """By Redis what the API's processes do, by PostgreSQL what this one does."""
    first, second = house.addresses
    talk = talk_of(house.platform)
    path = f"/api/conversations/{talk.id}"
    with (
        Listener(first, talk.artist) as artist,
        Listener(second, talk.host) as host,
        Listener(second, talk.stranger) as stranger,
    ):
        sent = post(first, f"{path}/messages", talk.artist, {"content": "Mail me: ada@example.org"})
        heard = {one["type"]: one for one in (host.next(), host.next())}
        assert heard.keys() == {"message", "notification"}
        assert heard["message"]["conversationId"] == str(talk.id)
        assert heard["message"]["message"] == {**sent, "isOwn": False}
        assert heard["message"]["message"]["isMasked"]
        listed = plain_http.get(f"{first}/api/notifications", headers={"Authorization": f"Bearer {talk.host}"}).json()
        assert heard["notification"]["notification"] == listed["notifications"][0]
        assert heard["notification"]["unread"] == listed["unread"]
        assert artist.next()["message"] == sent  # on the sender's other devices, too

        read = post(second, f"{path}/read", talk.host)
        for side in (artist, host):
            receipt = side.next()
            assert (receipt["type"], receipt["userId"]) == ("receipt", str(talk.pair.host_user))
            assert receipt["readUntil"] == read["readUntil"] == sent["createdAt"]
        people = plain_http.get(f"{first}/api/conversations", headers={"Authorization": f"Bearer {talk.artist}"}).json()
        sides = {p["role"]: p["readUntil"] for p in people["conversations"][0]["participants"]}
        assert sides == {"artist": None, "host": sent["createdAt"]}

        write(house.platform, talk, "Seven o'clock?")
        assert host.next("message")["message"]["content"] == "Seven o'clock?"
        assert artist.next("message")["message"]["isOwn"]
        assert stranger.everything() == []


def test_a_session_that_ends_anywhere_ends_its_sockets_everywhere(house: House) -> None:
    from tourpad.core.identity.service import users

    first, second = house.addresses
    talk = talk_of(house.platform)
    other_session = token_of(house.platform, talk.pair.host_user)
    with (
        Listener(second, talk.host) as gone,
        Listener(second, other_session) as stays,
        Listener(second, talk.artist) as suspended,
    ):
        began = time.monotonic()
        post(first, "/api/auth/logout", talk.host)
        assert gone.closed() == (4401, "the session has ended")
        assert stays.everything() == []
        with house.platform.work(ACTOR) as work:
            users.suspend(work, user_id=talk.pair.artist_user, reason="spam")
            work.commit()
        assert suspended.closed() == (4401, "the session has ended")
        assert time.monotonic() - began < 5


def test_who_comes_back_elsewhere_is_told_what_they_missed(house: House) -> None:
    first, second = house.addresses
    talk = talk_of(house.platform)
    with Listener(first, talk.host) as before:
        seen = before.resume(before.ready["id"])  # the request for the booking
        write(house.platform, talk, "one")
        seen += [before.next(), before.next()]
    write(house.platform, talk, "two")
    post(first, f"/api/conversations/{talk.id}/read", talk.artist)
    with Listener(second, talk.host) as after:
        told = after.resume(seen[-1]["id"])
        known = {one["id"] for one in seen}
        new = [one for one in told if one["id"] not in known]
        assert [one["type"] for one in new] == ["message", "receipt"]
        assert new[0]["message"]["content"] == "two"
        assert [one["at"] for one in told] == sorted(one["at"] for one in told)
        after.say("resume", after=f"{1_600_000_000_000_000}-{'0' * 32}")
        assert after.next() == {"type": "refetch", "reason": "too_long_ago"}


def test_one_connection_listens_for_all_sockets_of_a_process(house: House) -> None:
    talk = talk_of(house.platform)
    with Listener(house.addresses[0], talk.artist), Listener(house.addresses[1], talk.artist):
        crowd = [Listener(house.addresses[0], talk.host) for _ in range(8)]
        with house.platform.autocommit.connect() as connection:
            listening = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'tourpad live' AND datname = current_database()"
            )
            assert listening.scalar() == 2
        for one in crowd:
            one.close()


def test_without_redis_postgresql_carries_on(house: House) -> None:
    first, second = house.addresses
    talk = talk_of(house.platform)
    with Listener(second, talk.host) as host:
        house.redis.stop()
        post(first, f"/api/conversations/{talk.id}/messages", talk.artist, {"content": "Still there?"})
        assert host.next("message")["message"]["content"] == "Still there?"
        house.redis.start()
        assert host.next("refetch") == {"type": "refetch", "reason": "interrupted"}  # what Redis told meanwhile is lost


def test_a_server_that_stops_says_so(house: House) -> None:
    """The last one: it ends a process."""
    talk = talk_of(house.platform)
    with Listener(house.addresses[0], talk.host) as host:
        house.process.send_signal(signal.SIGTERM)
        assert host.closed()[0] == 1012
        assert house.process.wait(10) == 0
