"""The API's own description: the OpenAPI document and a page made of it. Nothing in it is loaded from elsewhere."""

from functools import cache
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.datastructures import State

from tourpad.web.needs import PUBLIC
from tourpad.web.openapi import document
from tourpad.web.pages import TEMPLATES, environment


class Docs(Controller):
    """Rendered on first use and kept: it changes only with the code."""

    path = ""
    opt = {"needs": (PUBLIC,)}  # noqa: RUF012 - Litestar reads it from the class
    include_in_schema = False

    @get("/openapi.json", sync_to_thread=True)
    def openapi_json(self, request: Request[Any, Any, Any], state: State) -> Response[bytes]:
        """The OpenAPI document."""
        if "openapi_json" not in state:
            state.openapi_json = msgspec.json.encode(document(request.app))
        return Response(state.openapi_json, media_type="application/json", headers={"cache-control": "no-cache"})

    @get("/docs", sync_to_thread=True)
    def page(self, request: Request[Any, Any, Any], state: State) -> Response[bytes]:
        """The same for people, as one plain page."""
        if "docs_page" not in state:
            state.docs_page = render(document(request.app))
        return Response(state.docs_page, media_type="text/html")

    @get("/docs/style.css", sync_to_thread=False)
    def style(self) -> Response[bytes]:
        """How the page looks."""
        return Response(_style(), media_type="text/css", headers={"cache-control": "max-age=3600"})


@cache
def _style() -> bytes:
    return (TEMPLATES / "docs.css").read_bytes()


def render(schema: dict[str, Any]) -> bytes:
    """The page for one OpenAPI document."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                tag = (operation.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append({"path": path, "method": method.upper(), **operation})
    page = (
        environment()
        .get_template("docs.html")
        .render(info=schema["info"], groups=groups, schemas=schema["components"]["schemas"], type_of=type_of)
    )
    return page.encode()


def type_of(schema: dict[str, Any]) -> list[tuple[str, str | None]]:
    """A type in words: pieces of text, each with the name of the schema that it links to, if any."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [(name, name)]
    if "enum" in schema:
        return [(" | ".join(str(value) for value in schema["enum"]), None)]
    for key in ("oneOf", "anyOf"):
        if key in schema:
            parts: list[tuple[str, str | None]] = []
            for one in schema[key]:
                parts += [(" | ", None), *type_of(one)] if parts else type_of(one)
            return parts
    kind = schema.get("type", "any")
    if kind == "array":
        return [("list of ", None), *type_of(schema.get("items", {}))]
    if isinstance(kind, list):
        kind = " | ".join(kind)
    return [(f"{kind} ({schema['format']})" if schema.get("format") else str(kind), None)]
