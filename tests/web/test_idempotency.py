"""`Idempotency-Key` through the API."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest
from litestar.testing import TestClient

from tests.factories.identity import bearer, person
from tests.web.test_app import app_with, assert_problem
from tests.web.test_auth import ADA, login, mails
from tourpad.core.actors import NOBODY
from tourpad.core.errors import RefusedError
from tourpad.core.identity.permissions import Permission
from tourpad.core.platform import Platform
from tourpad.core.requests import idempotency
from tourpad.web.needs import needs
from tourpad.web.shapes import Input, Output

if TYPE_CHECKING:
    Client = TestClient[Any]

KEY = {"Idempotency-Key": "2f1c9a3e-1f0b-4f0e-9a55-8f3f6f6f0001"}


class WorkIn(Input):
    note: Annotated[str, msgspec.Meta(max_length=20)] = ""
    fail: bool = False


class WorkOut(Output):
    done: int


def app_that_counts(platform: Platform, *, wait: Barrier | None = None) -> Any:
    """An application with one route that does something countable."""
    from litestar import post

    @post("/work", **needs(Permission.ACCOUNT))
    def do_work(data: WorkIn, platform: Platform) -> WorkOut:
        if data.fail:
            raise RefusedError("Not today.")
        if wait is not None:
            wait.wait(10)
            wait.wait(10)
        with platform.work(NOBODY) as work:
            work.audit("work.done", target_type="work", note=data.note)
            work.commit()
        return WorkOut(done=count(platform))

    return app_with(platform, do_work)


def count(platform: Platform) -> int:
    with platform.autocommit.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM audit_log WHERE action = 'work.done'").scalar_one()


def test_the_same_key_and_body_do_the_work_once(platform: Platform) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    with TestClient(app_that_counts(platform)) as client:
        first = client.post("/work", headers=head, json={"note": "a"})
        second = client.post("/work", headers=head, json={"note": "a"})
    assert (first.status_code, first.json()) == (second.status_code, second.json()) == (201, {"done": 1})
    assert first.headers["content-type"] == second.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


def test_without_a_key_it_is_done_again(platform: Platform) -> None:
    head = bearer(platform, person(platform))
    with TestClient(app_that_counts(platform)) as client:
        assert [client.post("/work", headers=head, json={}).json()["done"] for _ in range(2)] == [1, 2]


def test_another_body_or_path_with_the_key_is_a_conflict(platform: Platform) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    with TestClient(app_that_counts(platform)) as client:
        client.post("/work", headers=head, json={"note": "a"})
        assert_problem(client.post("/work", headers=head, json={"note": "b"}), 409, "idempotency_key_reused")
        assert_problem(client.post("/work?_x=1", headers=head, json={"note": "a"}), 409, "idempotency_key_reused")
    assert count(platform) == 1


def test_callers_do_not_see_each_others_keys(platform: Platform) -> None:
    heads = [{**bearer(platform, person(platform)), **KEY} for _ in range(2)]
    with TestClient(app_that_counts(platform)) as client:
        assert [client.post("/work", headers=h, json={}).json()["done"] for h in heads] == [1, 2]


def test_a_refusal_that_was_decided_is_an_answer_like_any_other(platform: Platform) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    with TestClient(app_that_counts(platform)) as client:
        first = client.post("/work", headers=head, json={"fail": True})
        second = client.post("/work", headers=head, json={"fail": True})
    assert_problem(first, 409, "refused")
    assert_problem(second, 409, "refused")
    assert second.headers["idempotency-replayed"] == "true"


def test_wrong_input_leaves_the_key_free(platform: Platform) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    with TestClient(app_that_counts(platform)) as client:
        assert_problem(client.post("/work", headers=head, json={"note": 7}), 422, "invalid_input")
        assert client.post("/work", headers=head, json={"note": "seven"}).json() == {"done": 1}


def test_of_two_at_once_one_works_and_one_is_told_to_wait(platform: Platform) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    inside = Barrier(2)
    with TestClient(app_that_counts(platform, wait=inside)) as client, ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/work", headers=head, json={})
        inside.wait(10)  # the first is at work
        busy = client.post("/work", headers=head, json={})
        inside.wait(10)
        assert first.result().json() == {"done": 1}
        assert_problem(busy, 409, "idempotency_key_in_use")
        assert busy.headers["retry-after"] == "1"
        assert client.post("/work", headers=head, json={}).json() == {"done": 1}


def test_the_works_own_commit_marks_the_claim(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    head = {**bearer(platform, person(platform)), **KEY}
    with TestClient(app_that_counts(platform), raise_server_exceptions=False) as client:
        with monkeypatch.context() as dying:
            # The process dies between the work's commit and the keeping of its answer.
            dying.setattr(idempotency, "_FINISH", "SELECT %s::int, %s::text, %s::bytea, %s::uuid")
            assert client.post("/work", headers=head, json={}).json() == {"done": 1}
        platform.clock.advance(idempotency.LEASE)  # type: ignore[attr-defined]  # a virtual one
        assert_problem(client.post("/work", headers=head, json={}), 409, "idempotency_answer_lost")
    assert count(platform) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\tb"])
def test_keys_that_are_none(platform: Platform, key: str) -> None:
    signed_in = bearer(platform, person(platform))
    head = {k.encode(): v.encode("latin-1") for k, v in {**signed_in, "Idempotency-Key": key}.items()}
    with TestClient(app_that_counts(platform)) as client:
        problem = assert_problem(client.post("/work", headers=head, json={}), 422, "invalid_input")
    assert [e["field"] for e in problem["errors"]] == ["Idempotency-Key"]


def test_reads_take_no_key(client: "Client") -> None:
    assert client.get("/healthz", headers={"Idempotency-Key": ""}).status_code == 200


def test_registering_twice_with_a_key_is_registering_once(client: "Client", platform: Platform) -> None:
    answers = [client.post("/api/auth/register", headers=KEY, json=ADA).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert mails(platform) == ["verify_email"]


def test_tokens_are_never_stored(client: "Client", platform: Platform) -> None:
    person(platform, email="ada@shows.test")
    client.headers.update(KEY)
    first, second = login(client).json(), login(client).json()
    assert first["accessToken"] != second["accessToken"] or first["refreshToken"] != second["refreshToken"]
    with platform.autocommit.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM idempotency_keys").scalar_one() == 0
