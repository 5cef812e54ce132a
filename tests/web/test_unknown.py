"""A name that a route does not know is refused with the nearest that it does, by whoever may ask at all."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.web.api import Api
from tests.web.test_app import assert_problem
from tests.web.test_description import handlers
from tourpad.web.needs import PUBLIC, wanted_by
from tourpad.web.unknown import KNOWN, LIST

if TYPE_CHECKING:
    from litestar.testing import TestClient

CONCERTS = (
    "Known here: after, doorMode, end, facets, genres, limit, location, page, priceMaxCents, q, radius, seats, sort,"
    " start, state, venueType."
)


def test_a_list_does_not_ignore_what_it_was_asked(api: Api) -> None:
    fan = api.person("fan")
    for query, fields, hint in (
        ("dateFrom=2026-04-01", ["dateFrom"], CONCERTS),
        ("genre=folk&radius=5&location=Columbus OH", ["genre"], f"Did you mean genres? {CONCERTS}"),
        ("venue_type=home&pricemaxcents=1&x", ["venue_type", "pricemaxcents", "x"], None),
        ("genres%5B%5D=folk", ["genres[]"], f"Did you mean genres? {CONCERTS}"),
        ("%00=1&%ff=2", ["\0", "\ufffd"], CONCERTS),
    ):
        refused = assert_problem(api.client.get(f"/api/concerts?{query}", headers=fan), 422, "invalid_input")
        assert [fault["field"] for fault in refused["errors"]] == fields
        assert {fault["message"] for fault in refused["errors"]} == {"is not known here"}
        assert hint is None or refused["hint"] == hint
    names = assert_problem(api.client.get("/api/concerts?venue_type=home", headers=fan), 422, "invalid_input")
    assert names["title"] == "venue_type is not known here"
    assert names["hint"].startswith("Did you mean venueType? ")
    # A list that is answered by the ordinary way, a single thing, and something that is done.
    assert_problem(api.client.get("/api/artists?ratingMax=3", headers=fan), 422, "invalid_input")
    plain = assert_problem(api.client.get("/api/users/me?expand=all", headers=fan), 422, "invalid_input")
    assert plain["hint"] == "It takes none."
    with api.client.websocket_connect("/api/ws?of=old", headers=fan) as socket:
        assert socket.receive_json()["type"] == "ready"
    assert_problem(api.client.post("/api/auth/logout?everwhere=true", headers=fan), 422, "invalid_input")
    assert api.client.get("/api/users/me", headers=fan).status_code == 200


@pytest.mark.parametrize("query", ["_=1764460800", "limit=5&_cache=no", "&limit=5&", "page=1&limit=5", "%6Cimit=5", ""])
def test_what_programs_hang_on_and_every_list_has_is_not_refused(api: Api, query: str) -> None:
    fan = api.person("fan")
    for path in ("/api/concerts", "/api/artists", "/api/auth/sessions"):
        assert api.client.get(f"{path}?{query}", headers=fan).status_code == 200


def test_who_may_not_ask_is_told_that_and_nothing_else(api: Api) -> None:
    pending = api.person("fan", state="pending")
    for path in ("/api/concerts?x=1", "/api/artists?x=1"):
        assert_problem(api.client.get(path), 401, "unauthenticated")
        assert_problem(api.client.get(path, headers=pending), 403, "forbidden")
        assert_problem(api.client.get(path, headers={"Authorization": "Bearer x"}), 401, "invalid_token")
    ended = api.person("fan")
    api.client.post("/api/auth/logout", headers=ended)
    assert_problem(api.client.get("/api/concerts?x=1", headers=ended), 401, "invalid_token")


def test_links_that_others_carry_keep_what_was_hung_on_to_them(api: Api) -> None:
    for path in ("/healthz", "/api/auth/oauth", "/verify-email?token=x", "/docs"):
        assert api.client.get(f"{path}{'&' if '?' in path else '?'}utm_source=mail").status_code == 200


def test_every_route_with_a_sign_in_knows_its_parameters(client: "TestClient[Any]") -> None:
    described = client.get("/openapi.json").json()["paths"]
    for path, handler in handlers(client):
        if PUBLIC in wanted_by(handler):
            assert handler.opt[KNOWN] is None
            continue
        for method in handler.http_methods:
            plain = "".join(part.partition(":")[0] + "}" * (":" in part) for part in path.split("}"))
            operation = described[plain][method.lower()]
            names = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"}
            always = set(LIST) if method == "GET" else set[str]()
            assert {name.decode() for name in handler.opt[KNOWN]} == names | always, path
            assert "422" in operation["responses"]


def test_a_body_is_told_the_nearest_name_as_it_was_sent(api: Api) -> None:
    host = api.person("host")
    said = api.client.patch("/api/hosts/me", headers=host, json={"venue_name": "x"})
    refused = assert_problem(said, 422, "invalid_input")
    assert refused["errors"] == [{"field": "venue_name", "message": "is not known here"}]
    assert refused["hint"].startswith("Did you mean venueName? Known here: address, bio, ")
    said = api.client.patch("/api/hosts/me", headers=host, json={"address": {"street": "1 Elm St", "zip": "43215"}})
    refused = assert_problem(said, 422, "invalid_input")
    assert refused["errors"] == [{"field": "address.zip", "message": "is not known here"}]
    assert refused["hint"].startswith("Known here: arrivalNotes, ")
