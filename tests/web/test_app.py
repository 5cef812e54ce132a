"""What holds for every route: problems, headers, ids, limits of bodies, what is told of faults."""

import logging
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.factories.identity import bearer, person
from tourpad.core.errors import ConfigurationError, Kind, LimitedError, TourPadError
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from litestar.testing import TestClient

    Client = TestClient[Any]

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-site",
}


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:tourpad:problem:{code}")
    assert body["title"]
    assert_headers(response)
    return body


def assert_headers(response: Any) -> None:
    assert {k: response.headers[k] for k in HEADERS} == HEADERS
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{8,128}", response.headers["x-request-id"])


def test_a_handler_is_read_when_it_is_first_called(platform: Platform) -> None:
    """So a start does not wait for three hundred of them, and one that is wrongly declared is found here."""
    from litestar import get
    from litestar.exceptions import ImproperlyConfiguredException
    from litestar.testing import TestClient

    from tourpad.web.app import create_app
    from tourpad.web.application import read_all
    from tourpad.web.needs import PUBLIC, needs
    from tourpad.web.routes import ROUTES

    read_all(create_app(platform))

    @get("/api/wrong", **needs(PUBLIC))
    def wrong(socket: str) -> str:
        return socket

    app = create_app(platform, routes=(*ROUTES, wrong))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/wrong").status_code == 500
    with pytest.raises(ImproperlyConfiguredException, match="'socket'"):
        read_all(app)


def test_unknown_paths(client: "Client") -> None:
    assert_problem(client.get("/nowhere"), 404, "not_found")
    assert_problem(client.post("/api/nowhere", json={}), 404, "not_found")


def test_wrong_methods_name_the_right_ones(client: "Client") -> None:
    response = client.put("/api/auth/login", json={})
    assert_problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["allow"]


def test_options_are_answered_without_signing_in(client: "Client") -> None:
    response = client.options("/api/users/me")
    assert response.status_code == 204
    assert response.headers["allow"] == "DELETE, GET, OPTIONS, PATCH"


def test_head_is_get_without_the_body(client: "Client") -> None:
    head, get = client.head("/openapi.json"), client.get("/openapi.json")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))
    assert client.head("/nowhere").status_code == 404
    assert 'method="HEAD",route="/openapi.json",status="200"' in client.get("/metrics").text


def test_bodies_that_are_no_json(client: "Client") -> None:
    assert_problem(client.post("/api/auth/login", content=b"{"), 400, "bad_request")
    assert_problem(client.post("/api/auth/login", content=b"email=ada&password=x"), 400, "bad_request")


def test_a_missing_body(client: "Client") -> None:
    assert "missing" in assert_problem(client.post("/api/auth/login"), 422, "invalid_input")["title"]


def test_a_body_that_is_too_large(client: "Client") -> None:
    assert_problem(client.post("/api/auth/login", content=b" " * 1_000_001), 413, "too_large")
    keyed = {"Idempotency-Key": "k"}
    assert_problem(client.post("/api/auth/register", content=b" " * 1_000_001, headers=keyed), 413, "too_large")


def test_faults_of_input_are_named_in_camel_case(client: "Client") -> None:
    body = {"email": "ada@shows.test", "password": "seven green lanterns", "name": "Ada", "userType": "artist"}
    problem = assert_problem(
        client.post("/api/auth/register", json={**body, "profile": {"websiteUrl": "x"}}), 422, "invalid_input"
    )
    assert [e["field"] for e in problem["errors"]] == ["profile.websiteUrl"]
    problem = assert_problem(client.post("/api/auth/register", json={**body, "isAdmin": True}), 422, "invalid_input")
    assert problem["errors"] == [{"field": "isAdmin", "message": "is not known here"}]


def test_an_id_that_is_none_is_an_id_of_nothing(client: "Client", platform: "Platform") -> None:
    me = bearer(platform, person(platform))
    for path in ("/api/auth/sessions/7", "/api/auth/sessions/%00", f"/api/auth/sessions/{new_id()}"):
        assert_problem(client.delete(path, headers=me), 404, "not_found")


def test_parameters_are_named(client: "Client", platform: "Platform") -> None:
    admin = bearer(platform, person(platform, "admin"))
    problem = assert_problem(
        client.get("/api/admin/users?page=0&limit=101&userType=singer", headers=admin), 422, "invalid_input"
    )
    assert {e["field"] for e in problem["errors"]} == {"page", "limit", "userType"}
    assert_problem(client.get("/api/admin/users?page=x", headers=admin), 422, "invalid_input")
    assert_problem(client.get("/api/admin/users?search=%00", headers=admin), 422, "invalid_input")


def test_a_host_that_is_none(client: "Client") -> None:
    assert_problem(client.get("/healthz", headers={"host": "bad host"}), 400, "bad_request")


def test_good_answers_have_the_headers_too(client: "Client") -> None:
    for path in ("/healthz", "/docs", "/openapi.json", "/metrics"):
        response = client.get(path)
        assert response.status_code == 200
        assert_headers(response)
    assert client.get("/healthz").headers["cache-control"] == "no-store"


def test_https_is_made_to_stay(platform: "Platform") -> None:
    from dataclasses import replace

    from litestar.testing import TestClient

    from tourpad.web.app import create_app

    platform.settings = replace(platform.settings, base_url="https://tourpad.example")
    with TestClient(create_app(platform)) as client:
        assert "max-age" in client.get("/nowhere").headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("sent", "kept"), [("trace-12345678", True), ("short", False), ("x" * 129, False), ("a b c d e f g", False)]
)
def test_request_ids_are_taken_over_if_they_are_sane(client: "Client", sent: str, kept: bool) -> None:
    assert (client.get("/healthz", headers={"X-Request-Id": sent}).headers["x-request-id"] == sent) is kept


def test_every_request_has_its_own_id(client: "Client") -> None:
    assert len({client.get("/healthz").headers["x-request-id"] for _ in range(3)}) == 3


# Handlers made for these tests: what happens when a handler fails.


def app_with(platform: "Platform", *handlers: Any) -> Any:
    from tourpad.web.app import create_app

    return create_app(platform, routes=handlers)


def failing(error: Exception) -> Any:
    from litestar import get

    from tourpad.web.needs import PUBLIC, needs

    @get("/fails", **needs(PUBLIC))
    def fails() -> None:
        raise error

    return fails


class Refused(TourPadError):
    code = "no_luck"
    kind = Kind.REFUSED


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("No luck.", hint="Try tomorrow.", seats_left=0), 409, "no_luck"),
        (LimitedError("Slow down.", retry_after=7), 429, "rate_limited"),
        (ConfigurationError("Not set up."), 500, "configuration"),
    ],
)
def test_refusals_of_the_core(platform: "Platform", error: TourPadError, status: int, code: str) -> None:
    from litestar.testing import TestClient

    with TestClient(app_with(platform, failing(error))) as client:
        response = client.get("/fails")
    body = assert_problem(response, status, code)
    assert body["title"] == error.message
    if code == "no_luck":
        assert (body["hint"], body["details"]) == ("Try tomorrow.", {"seatsLeft": 0})
    if code == "rate_limited":
        assert response.headers["retry-after"] == "7"


@pytest.mark.parametrize("error", [RuntimeError("the secret is hunter2"), KeyError("hunter2"), Money])
def test_faults_of_ours_tell_nothing(platform: "Platform", error: Any, caplog: pytest.LogCaptureFixture) -> None:
    from litestar.testing import TestClient

    failure = error if isinstance(error, Exception) else TypeError("hunter2")
    with TestClient(app_with(platform, failing(failure))) as client, caplog.at_level(logging.ERROR):
        response = client.get("/fails")
    body = assert_problem(response, 500, "failed")
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    assert set(body) == {"type", "title", "status", "code", "requestId"}
    assert "unexpected error at GET /fails" in caplog.text


def test_a_database_that_is_away_is_503(platform: "Platform", caplog: pytest.LogCaptureFixture) -> None:
    from dataclasses import replace

    from litestar.testing import TestClient

    from tourpad.core.platform import Platform as Opened
    from tourpad.web.app import create_app

    gone = Opened(
        settings=replace(platform.settings, rate_limits=False),
        database_url="postgresql://nobody@127.0.0.1:1/none",
        clock=platform.clock,
    )
    with TestClient(create_app(gone)) as client:
        login = {"email": "ada@shows.test", "password": "seven green lanterns"}
        assert_problem(client.post("/api/auth/login", json=login), 503, "database_unavailable")
        ready = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert (ready.status_code, ready.json()) == (
        503,
        {"status": "unavailable", "problems": {"database": "OperationalError"}},
    )
    gone.close()


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("INSERT INTO email_tokens SELECT * FROM email_tokens", 409, "conflict"),
        ("UPDATE email_tokens SET user_id = gen_random_uuid()", 409, "conflict"),
        ("UPDATE email_tokens SET purpose = 'hunter2'", 500, "failed"),
        ("SELECT 1 / 0", 422, "invalid_input"),
        ("SET statement_timeout = 1; SELECT pg_sleep(1)", 503, "busy"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", 503, "database_unavailable"),
    ],
)
def test_what_the_database_refuses(
    platform: "Platform", caplog: pytest.LogCaptureFixture, statement: str, status: int, code: str
) -> None:
    from litestar import get
    from litestar.testing import TestClient
    from sqlalchemy import text

    from tests.factories.identity import make_user
    from tourpad.core.actors import NOBODY
    from tourpad.core.identity.service import signin
    from tourpad.web.needs import PUBLIC, needs

    with platform.work(NOBODY) as work:
        signin.reset_link(work, user=make_user(work))
        work.commit()

    @get("/fails", **needs(PUBLIC))
    def fails(platform: Platform) -> None:
        with platform.work(NOBODY) as work:
            work.session.execute(text(statement))

    with TestClient(app_with(platform, fails)) as client:
        response = client.get("/fails")
        assert_problem(response, status, code)
        assert "hunter2" not in response.text
        assert client.get("/fails").status_code == status  # the connection is good again, or a fresh one


def test_parameters_of_statements_stay_out_of_the_log(platform: "Platform", caplog: pytest.LogCaptureFixture) -> None:
    from litestar import get
    from litestar.testing import TestClient

    from tests.factories.identity import make_user
    from tourpad.core.actors import NOBODY
    from tourpad.web.needs import PUBLIC, needs

    @get("/fails", **needs(PUBLIC))
    def fails(platform: Platform) -> None:
        with platform.work(NOBODY) as work:
            user = make_user(work)
            user.email = "canary-without-an-at"
            work.session.flush()

    with TestClient(app_with(platform, fails)) as client:
        assert_problem(client.get("/fails"), 500, "failed")
    assert "table users, constraint ck_users_email_shape" in caplog.text
    assert "in fails" in caplog.text
    assert "canary" not in caplog.text


def test_ready_means_migrated(client: "Client", platform: "Platform") -> None:
    assert client.get("/readyz").json() == {"status": "ok", "problems": {}}
    with platform.autocommit.connect() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001_floor'")
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "0001_floor" in ready.json()["problems"]["migrations"]


def test_a_route_that_does_not_say_what_it_needs_keeps_the_app_from_starting(platform: "Platform") -> None:
    from litestar import get

    @get("/open", sync_to_thread=False)
    def undeclared() -> None:
        return None

    with pytest.raises(ConfigurationError, match="/open does not say"):
        app_with(platform, undeclared)


def test_metrics_count_by_route_and_never_by_id(client: "Client", platform: "Platform") -> None:
    me = bearer(platform, person(platform))
    for _ in range(2):
        client.delete(f"/api/auth/sessions/{uuid4()}", headers=me)
    client.get("/nowhere/at/all")
    text = client.get("/metrics").text
    route = 'route="/api/auth/sessions/{session_id}"'
    assert f'tourpad_http_requests_total{{method="DELETE",{route},status="404"}} 2.0' in text
    assert 'tourpad_http_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert f'tourpad_http_request_duration_seconds_count{{method="DELETE",{route}}} 2.0' in text
    assert "/nowhere" not in text


def test_browsers_of_listed_origins_may_call(platform: "Platform") -> None:
    from dataclasses import replace

    from litestar.testing import TestClient

    from tourpad.web.app import create_app

    platform.settings = replace(platform.settings, cors_origins=("https://app.example",))
    with TestClient(create_app(platform)) as client:
        asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PATCH"}
        allowed = client.options("/api/users/me", headers=asked)
        assert allowed.headers["access-control-allow-origin"] == "https://app.example"
        other = client.get("/healthz", headers={"Origin": "https://evil.example"})
        assert other.headers.get("access-control-allow-origin") != "https://evil.example"
        assert "access-control-allow-credentials" not in allowed.headers
