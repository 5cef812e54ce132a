"""Every route says what it needs and refuses what it does not know, and the description of the API is true."""

import re
import types
import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jsonschema
import msgspec

from tests.factories.identity import bearer, person
from tests.web.test_app import assert_problem
from tourpad.core.platform import Platform

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.testing import TestClient

    Client = TestClient[Any]


def handlers(client: "Client") -> "Iterator[tuple[str, HTTPRouteHandler]]":
    from litestar.routes import HTTPRoute

    for route in client.app.routes:  # type: ignore[attr-defined]  # it is a Litestar
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.http_methods != {"OPTIONS"}:
                    yield route.path, handler


def test_every_route_says_what_it_needs(client: "Client") -> None:
    from tourpad.web.needs import wanted_by

    found = list(handlers(client))
    assert len(found) > 20
    assert [path for path, handler in found if not wanted_by(handler)] == []


def test_whatever_is_not_public_wants_a_sign_in(client: "Client") -> None:
    from tourpad.web.needs import PUBLIC, wanted_by

    for path, handler in handlers(client):
        if PUBLIC in wanted_by(handler):
            continue
        url = re.sub(r"\{[^}]*\}", str(uuid4()), path)
        for method in handler.http_methods:
            response = client.request(method, url, json={})
            assert_problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"


def structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    """Every struct inside an annotation, however deep."""
    seen: set[Any] = set()

    def walk(one: Any) -> Iterator[type[msgspec.Struct]]:
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one in seen:
                return
            seen.add(one)
            yield one
            for inner in typing.get_type_hints(one, include_extras=True).values():
                yield from walk(inner)
        for inner in typing.get_args(one):
            yield from walk(inner)
        if isinstance(one, types.UnionType):
            for inner in one.__args__:
                yield from walk(inner)

    return walk(annotation)


def test_every_input_refuses_unknown_fields(client: "Client") -> None:
    checked = 0
    for path, handler in handlers(client):
        field = handler.parsed_data_field
        if field is None:
            continue
        for struct in structs(field.raw):
            checked += 1
            assert struct.__struct_config__.forbid_unknown_fields, f"{path}: {struct.__name__}"
    assert checked > 5


def test_the_description_covers_every_route(client: "Client") -> None:
    schema = client.get("/openapi.json").json()
    described = {(path, method.upper()) for path, item in schema["paths"].items() for method in item}
    actual = {
        (re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", path), method)
        for path, handler in handlers(client)
        if handler.resolve_include_in_schema()
        for method in handler.http_methods
    }
    assert described == actual | {("/api/ws", "GET")}  # a socket begins as one
    ids = [o["operationId"] for item in schema["paths"].values() for o in item.values()]
    assert len(ids) == len(set(ids))


def test_the_description_says_how_one_signs_in_and_what_goes_wrong(client: "Client") -> None:
    schema = client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    me = schema["paths"]["/api/users/me"]["get"]
    assert me["security"] == [{"bearer": []}]
    assert me["x-permissions"] == ["account"]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert me["responses"]["401"]["content"] == problem
    register = schema["paths"]["/api/auth/register"]["post"]
    assert register["security"] == []
    assert register["responses"]["422"]["content"] == problem
    assert "400" not in register["responses"]
    assert [p["name"] for p in register["parameters"]] == ["Idempotency-Key"]
    assert register["summary"] == "Make an account and mail the link that proves its address"
    login = schema["paths"]["/api/auth/login"]["post"]
    assert not login.get("parameters")


def test_answers_have_the_described_shape(client: "Client", platform: "Platform") -> None:
    schema = client.get("/openapi.json").json()
    me = bearer(platform, person(platform, "artist"))
    admin = bearer(platform, person(platform, "admin"))
    calls = [
        ("get", "/api/users/me", "200", client.get("/api/users/me", headers=me)),
        ("get", "/api/auth/sessions", "200", client.get("/api/auth/sessions", headers=me)),
        ("get", "/api/admin/users", "200", client.get("/api/admin/users", headers=admin)),
        ("get", "/api/admin/users", "403", client.get("/api/admin/users", headers=me)),
        ("get", "/api/users/me", "401", client.get("/api/users/me")),
        ("post", "/api/auth/login", "422", client.post("/api/auth/login", json={})),
        ("get", "/healthz", "200", client.get("/healthz")),
    ]
    for method, path, status, response in calls:
        assert str(response.status_code) == status
        described = schema["paths"][path][method]["responses"][status]["content"]
        shape = described[response.headers["content-type"].partition(";")[0]]["schema"]
        jsonschema.validate(response.json(), {**shape, "components": schema["components"]})


def test_the_page_loads_nothing_from_elsewhere(client: "Client") -> None:
    page = client.get("/docs").text
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert "<script" not in page
    assert "POST</b> <code>/api/auth/login" in page
    links = set(re.findall(r'href="#([^"]+)"', page))
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert links <= targets
    assert client.get("/docs/style.css").headers["content-type"].startswith("text/css")
