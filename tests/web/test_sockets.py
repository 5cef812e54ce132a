"""One socket: who may open it, how long it stays, what is too much."""

import socket as network
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests import plain_http
from tests.factories.profiles import make_person
from tests.web.live import served
from tests.web.sockets import PROTOCOL, Listener, dial, token_of
from tests.web.test_auth import mailed_token
from tests.web.test_live import talk_of, write
from tourpad.core.actors import operator
from tourpad.core.identity.permissions import PERMISSIONS, Permission
from tourpad.core.identity.service import users
from tourpad.core.live import sending
from tourpad.core.live.signals import Kind, Signal, payloads

if TYPE_CHECKING:
    from uuid import UUID

    from tests.postgres import TestServer
    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

ACTOR = operator("test")
PAGE = "https://app.tourpad.test"


@pytest.fixture(scope="module")
def clock() -> "VirtualClock":
    from tests.conftest import START
    from tourpad.core.clock import VirtualClock

    return VirtualClock(START)


@pytest.fixture(scope="module")
def platform(
    server: "TestServer", clock: "VirtualClock", tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[Platform]":
    """One for all of this file: what it costs is the server on it."""
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    folder, database = tmp_path_factory.mktemp("sockets"), server.clone()
    environment = {
        "TOURPAD_ENV": "test",
        "TOURPAD_HOME": str(folder),
        "TOURPAD_SECRET": "a secret for tests that is long enough to sign with",
        "TOURPAD_CORS_ORIGINS": PAGE,
        "DATABASE_URL": database,
    }
    opened = Platform.open(load_settings(environ=environment, folder=folder), clock=clock)
    yield opened
    opened.close()
    server.drop(database)


@pytest.fixture(scope="module")
def here(platform: "Platform") -> Iterator[str]:
    with served(platform) as address:
        yield address


def somebody(platform: "Platform", role: str = "fan", **more: Any) -> "UUID":
    with platform.work(ACTOR) as work:
        user_id = make_person(work, role, **more).id
        work.commit()
    return user_id


def refused(address: str, token: str | None = None, **more: Any) -> httpx.Response:
    """The answer to a request for a socket that is not given."""
    with pytest.raises(InvalidStatus) as error, dial(address, token, **more):
        pass
    answer = error.value.response
    return httpx.Response(answer.status_code, headers=list(answer.headers.raw_items()), content=bytes(answer.body))


def tell(platform: "Platform", user_id: "UUID", title: str, *, count: int = 1, message: str | None = None) -> None:
    """News for somebody."""
    from tourpad.core.ids import new_id
    from tourpad.core.notifications.events import NotificationListed
    from tourpad.core.notifications.models import Notification
    from tourpad.core.notifications.states import Category

    with platform.work(ACTOR) as work:
        what = {"user_id": user_id, "category": Category.SYSTEM, "title": title, "message": message}
        rows = [Notification(id=new_id(), created_at=work.now, **what) for _ in range(count)]
        work.add(*rows)
        for row in rows:
            work.emit(NotificationListed(user_id=user_id, notification_id=row.id))
        work.commit()


def test_whoever_brings_no_good_token_gets_the_answer_of_any_route(here: str, platform: "Platform") -> None:
    user_id = somebody(platform)
    good = token_of(platform, user_id)
    nobody = refused(here)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert nobody.headers["content-type"] == "application/problem+json"
    assert nobody.headers["x-content-type-options"] == "nosniff"
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert refused(here, good[:-2]).status_code == 401
    with platform.work(ACTOR) as work:
        users.suspend(work, user_id=user_id, reason="spam")
        work.commit()
    assert refused(here, good).status_code == 401
    assert plain_http.get(f"{here}/api/ws").status_code == 405


def test_a_token_in_the_address_counts_for_nothing(here: str, platform: "Platform") -> None:
    """Addresses end up in logs and histories."""
    token = token_of(platform, somebody(platform))
    assert refused(f"{here}/api/ws?token={token}&x=").status_code == 401


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (PAGE, True),
        ("http://127.0.0.1:8000", True),
        ("https://evil.test", False),
        ("null", False),
        (f"{PAGE}.evil", False),
    ],
)
def test_only_pages_of_the_list_may_open_one(here: str, platform: "Platform", origin: str, may: bool) -> None:
    token = token_of(platform, somebody(platform))
    if may:
        Listener(here, token, by_message=True, headers={"Origin": origin}).close()
    else:
        answer = refused(here, token, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")


def test_a_browser_sends_its_token_first(here: str, platform: "Platform") -> None:
    token = token_of(platform, somebody(platform))
    with Listener(here, token, by_message=True) as browser:
        assert browser.socket.subprotocol == PROTOCOL
        assert browser.everything() == []
    for first in ('{"type": "authenticate", "token": "made.up.one"}', '{"type": "ping"}', "{", b"\x00"):
        with dial(here, subprotocols=[PROTOCOL]) as one:
            one.send(first)
            with pytest.raises(Exception, match="4401"):
                one.recv(timeout=5)


def test_each_role_in_each_state_may_listen_and_hears_what_it_may_read(here: str, platform: "Platform") -> None:
    from tourpad.core.identity.models import User

    talk = talk_of(platform)
    wrong: list[str] = []
    for (role, state), allowed in PERMISSIONS.items():
        with platform.work(ACTOR) as work:
            host = work.session.get_one(User, talk.pair.host_user)
            host.user_type, host.state = role, state
            work.commit()
        with Listener(here, talk.host) as listener:
            write(platform, talk, "Hello")
            tell(platform, talk.pair.host_user, "News")
            heard: set[str] = set()
            while (event := listener.next()).get("notification", {}).get("title") != "News":
                heard.add(event["type"])
            again = {event["type"] for event in listener.resume(listener.ready["id"])}
        expected = {"notification", *({"message"} if Permission.MESSAGE in allowed else ())}
        if (heard | {"notification"}, again) != (expected, expected):
            wrong.append(f"{role} {state} hears {heard}, and again {again}")
    assert wrong == []


def test_a_signal_that_names_somebody_else_tells_them_nothing(here: str, platform: "Platform") -> None:
    """Whoever may connect to the database may notify: what is told is decided where it is read."""
    from tourpad.core.ids import new_id

    talk = talk_of(platform)
    stranger, listed = somebody(platform, "artist"), somebody(platform, "host")
    write(platform, talk, "Between us")
    tell(platform, listed, "Only for the host")
    with platform.engine.connect() as connection:
        message = connection.exec_driver_sql("SELECT id FROM messages ORDER BY created_at DESC LIMIT 1").scalar_one()
        news = connection.exec_driver_sql("SELECT id FROM notifications WHERE user_id = %s", (listed,)).scalar_one()
    forged = [
        Signal(Kind.MESSAGE, (stranger,), (talk.id, message)),
        Signal(Kind.RECEIPT, (stranger,), (talk.id, talk.pair.host_user)),
        Signal(Kind.NOTIFICATION, (stranger,), (news,)),
        Signal(Kind.NOTIFICATION, (stranger,), (new_id(),)),
    ]
    with Listener(here, token_of(platform, stranger)) as listener, platform.autocommit.connect() as connection:
        for text in (*payloads(forged), "notification x y z", "message"):
            connection.exec_driver_sql("SELECT pg_notify('tourpad_live', %s)", (text,))
        tell(platform, stranger, "Mine")
        assert listener.next()["notification"]["title"] == "Mine"
        assert listener.everything() == []


def test_a_token_that_ends_ends_the_socket_unless_a_fresh_one_comes(
    here: str, platform: "Platform", clock: "VirtualClock"
) -> None:
    user_id = somebody(platform)
    with Listener(here, token_of(platform, user_id)) as kept, Listener(here, token_of(platform, user_id)) as lost:
        clock.advance(timedelta(minutes=14))
        kept.say("authenticate", token=token_of(platform, user_id))
        fresh = kept.next("authenticated")
        assert fresh["expiresAt"] > kept.ready["expiresAt"]
        clock.advance(timedelta(minutes=2))
        assert lost.closed() == (4401, "the access token has expired")
        assert kept.everything() == []
        kept.say("authenticate", token="made.up.one")
        assert kept.next()["code"] == "invalid_token"
        kept.say("authenticate", token=token_of(platform, somebody(platform)))
        assert kept.closed() == (4401, "the token is somebody else's")


def test_events_are_as_the_description_of_the_api_says(here: str, platform: "Platform") -> None:
    schema = plain_http.get(f"{here}/openapi.json", timeout=60).json()
    described = schema["paths"]["/api/ws"]["get"]
    shape = described["responses"]["101"]["content"]["application/json"]["schema"]
    talk = talk_of(platform)
    with Listener(here, talk.host) as host:
        write(platform, talk, "Hello")
        host.say("authenticate", token=token_of(platform, talk.pair.host_user))
        host.say("resume", after="nowhere")
        host.say("resume", after=f"{1_600_000_000_000_000}-{'0' * 32}")
        told = [host.ready, *host.everything(), *host.resume(host.ready["id"])]
        assert {"ready", "authenticated", "error", "refetch", "message", "notification"} <= {e["type"] for e in told}
        for event in told:
            jsonschema.validate(event, {**shape, "components": schema["components"]})
    page = plain_http.get(f"{here}/docs", timeout=60).text
    assert "GET</b> <code>/api/ws" in page
    assert "LiveReceipt" in page


def test_nothing_reaches_a_session_that_ended_without_a_word(here: str, platform: "Platform") -> None:
    """Its end was lost on the way: the sessions are read before anything is told."""
    user_id = somebody(platform)
    with Listener(here, token_of(platform, user_id)) as listener:
        with platform.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE auth_sessions SET ended_at = now() WHERE user_id = %s", (user_id,))
        tell(platform, user_id, "Secret")
        assert listener.closed() == (4401, "the session has ended")


def test_a_password_that_is_set_anew_closes_every_socket(here: str, platform: "Platform") -> None:
    """By the link in the mail, as people do it; whoever has another account hears on."""
    with platform.work(ACTOR) as work:
        user = make_person(work, "fan")
        user_id, email = user.id, user.email
        work.commit()
    tokens = [token_of(platform, user_id) for _ in range(2)]
    with Listener(here, tokens[0]) as one, Listener(here, tokens[1]) as two:
        with Listener(here, token_of(platform, somebody(platform))) as stranger:
            asked = plain_http.post(f"{here}/api/auth/password/forgot", json={"email": email}, timeout=30)
            assert asked.status_code == 202
            token = mailed_token(platform, "reset_password", email)
            given = {"token": token, "password": "nine quiet lanterns by the lake"}
            assert plain_http.post(f"{here}/api/auth/password/reset", json=given, timeout=30).status_code < 300
            assert [one.closed(), two.closed()] == [(4401, "the session has ended")] * 2
            assert stranger.everything() == []
        assert refused(here, tokens[0]).status_code == 401


def test_one_person_has_ten_and_no_more(here: str, platform: "Platform") -> None:
    user_id = somebody(platform)
    token = token_of(platform, user_id)
    with ExitStack() as open_ones:
        ten = [open_ones.enter_context(Listener(here, token)) for _ in range(10)]
        answer = refused(here, token)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_sockets")
        with dial(here, subprotocols=[PROTOCOL]) as late:
            late.send(f'{{"type": "authenticate", "token": "{token}"}}')
            with pytest.raises(Exception, match="4429"):
                late.recv(timeout=5)
        Listener(here, token_of(platform, somebody(platform))).close()
        ten[0].close()
        tell(platform, user_id, "News")
        assert {one.next()["type"] for one in ten[1:]} == {"notification"}
        Listener(here, token).close()


def test_what_makes_no_sense_is_told_and_too_much_ends_it(here: str, platform: "Platform") -> None:
    token = token_of(platform, somebody(platform))
    with Listener(here, token) as listener:
        for nonsense in (
            "{",
            "[]",
            '{"type": "shout"}',
            '{"type": "ping", "loud": true}',
            '{"type": "resume", "after": "x"}',
        ):
            listener.socket.send(nonsense)
            assert listener.next()["type"] == "error"
        assert listener.everything() == []
        for _ in range(60):
            listener.say("ping")
        assert listener.closed() == (4429, "too many messages")
    with Listener(here, token) as listener:
        listener.socket.send("x" * 9_000)
        assert listener.closed()[0] == 1009


def test_a_client_that_takes_nothing_is_closed_and_holds_up_nobody(here: str, platform: "Platform") -> None:
    user_id = somebody(platform)
    token = token_of(platform, user_id)
    with network.socket() as raw, ExitStack() as open_ones:
        raw.setsockopt(network.SOL_SOCKET, network.SO_RCVBUF, 4_096)
        raw.connect(("127.0.0.1", int(here.rpartition(":")[2])))
        open_ones.enter_context(suppress(ConnectionClosed))
        open_ones.enter_context(dial(here, token, sock=raw, max_queue=1))
        quick = open_ones.enter_context(Listener(here, token))
        for _ in range(4):
            tell(platform, user_id, "News", count=60, message="x" * 40_000)
            assert [quick.next()["type"] for _ in range(60)] == ["notification"] * 60
        assert quick.everything() == []
        for _ in range(100):
            if 'tourpad_sockets_closed_total{code="4408"} 1.0' in plain_http.get(f"{here}/metrics", timeout=30).text:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("the slow one is still there")
        raw.close()


def test_what_is_rolled_back_is_told_to_nobody(here: str, platform: "Platform") -> None:
    talk = talk_of(platform)
    with Listener(here, talk.host) as host:
        from tourpad.core.messaging import service

        with platform.work(ACTOR) as work:
            service.send(work, conversation_id=talk.id, user_id=talk.pair.artist_user, content="Never mind")
            assert [signal.kind for signal in sending.noted(work)] == [Kind.NOTIFICATION, Kind.MESSAGE]
            work.session.rollback()
            assert sending.noted(work) == []
            work.commit()
        write(platform, talk, "Hello")
        assert host.next("message")["message"]["content"] == "Hello"
        assert host.everything() == []


def test_whoever_listens_again_after_a_gap_says_so(here: str, platform: "Platform") -> None:
    user_id = somebody(platform)
    with Listener(here, token_of(platform, user_id)) as listener:
        with platform.autocommit.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'tourpad live' AND datname = current_database()"
            )
        assert listener.next() == {"type": "refetch", "reason": "interrupted"}
        tell(platform, user_id, "News")
        assert listener.next()["notification"]["title"] == "News"
