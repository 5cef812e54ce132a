"""`api.md`: every route, from the Litestar app and its OpenAPI document. No database is asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from tools.reference.refusals import endings
from tools.reference.text import anchor, attribute_docs, code, codes, doc, page, prose, subclasses, table
from tourpad.core.errors import ConfigurationError, InvalidInputError, Kind
from tourpad.web.live.describing import CLIENT_SAYS

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WIRE = "application/json"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path."""

    method: str
    path: str
    handler: Any
    operation: dict[str, Any]
    """Of the OpenAPI document; empty for what it leaves out."""

    @property
    def name(self) -> str:
        """`GET /api/users/me`."""
        return f"{self.method} {self.path}"

    @property
    def tag(self) -> str:
        """Under which heading it stands."""
        tags = getattr(self.handler, "tags", None) or self.handler.opt.get("tags", ())
        return next(iter(tags), "documents")

    @property
    def function(self) -> Any:
        """The handler as it was written."""
        function: Any = self.handler.fn
        while hasattr(function, "func"):  # what runs it in a thread, once for each time it was wrapped
            function = function.func
        return function


def render() -> str:
    """The page."""
    document = openapi()
    intro = (
        "JSON with `camelCase` fields, RFC 3339 times in UTC, money as whole cents with `currency`. `GET"
        " /openapi.json` is the same for programs. Lists take `page` and `limit` and answer `pagination`. Query"
        " parameters that a route does not know are refused with the nearest that it does, but for names that begin"
        " with `_` and on routes that need no sign-in. A route *needs* one of the named permissions; who has which:"
        " [Permissions](#permissions). Unsafe requests take an `Idempotency-Key` header, but where tokens are"
        " answered: same key, same body, same answer. Problems are those that the code behind a route can raise,"
        " beside what any route may answer: 413 (body too large), 429 (too many requests), 500 and 503. What the"
        " codes mean: [Errors](errors.md)."
    )
    found = endpoints()
    contents = table(
        ("method and path", "needs", "what it does"),
        ((f"[`{e.name}`](#{anchor(e.name)})", _needs(e), prose(_said(e)).split("\n\n")[0]) for e in found),
    )
    parts: list[str] = []
    for tag, group in groupby(found, key=lambda e: e.tag):
        parts += [f"## Routes of {tag}", *(_section(e) for e in group)]
    shapes = document.get("components", {}).get("schemas", {})
    parts += ["## Shapes", *(_shape(name, shapes[name]) for name in sorted(shapes))]
    return page("API", intro, contents, *parts, _permissions())


@cache
def application() -> Any:
    """The app on a platform that is never asked for its database."""
    from tourpad.core.clock import SystemClock
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Env, Settings
    from tourpad.web.app import create_app

    settings = Settings(env=Env.DEV, secret=("no token is ever signed with this",))
    return create_app(Platform(settings=settings, database_url="postgresql://nobody@nowhere/none", clock=SystemClock()))


@cache
def openapi() -> dict[str, Any]:
    """The document that the app serves."""
    from tourpad.web.openapi import document

    return document(application())


def endpoints() -> list[Endpoint]:
    """Everything that answers, by tag in the order in which the tags first come."""
    paths: dict[str, Any] = openapi().get("paths", {})
    found: list[Endpoint] = []
    for route in application().routes:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        handlers = getattr(route, "route_handlers", None) or [route.route_handler]
        for handler in handlers:
            methods = getattr(handler, "http_methods", {"WS"})
            found += [
                Endpoint(method, path, handler, paths.get(path, {}).get(method.lower().replace("ws", "get"), {}))
                for method in methods
                if method in VERBS or method == "WS"
            ]
    tags = list(dict.fromkeys(e.tag for e in found))
    return sorted(found, key=lambda e: (tags.index(e.tag), e.path, VERBS.index(e.method) if e.method in VERBS else -1))


def _said(endpoint: Endpoint) -> str:
    return doc(endpoint.function)


def _needs(endpoint: Endpoint) -> str:
    from tourpad.web.needs import PUBLIC, wanted_by

    wanted = wanted_by(endpoint.handler)
    return "–" if PUBLIC in wanted else " or ".join(code(w) for w in wanted)


def _permissions() -> str:
    """Who may do what, by role and state."""
    from tourpad.core.identity.permissions import PERMISSIONS, Permission

    said = attribute_docs(Permission)
    holders = {
        one: ", ".join(f"{kind} {state}" for (kind, state), held in PERMISSIONS.items() if one in held)
        for one in Permission
    }
    rows = table(
        ("permission", "who has it", "what for"),
        ((code(one), holders[one], said.get(one.name, "")) for one in Permission),
    )
    return f"## Permissions\n\nWhoever is not listed (suspended, erased) may do nothing.\n\n{rows}"


def _section(endpoint: Endpoint) -> str:
    operation = endpoint.operation
    parameters = table(
        ("parameter", "in", "type", "meaning"),
        (
            (
                code(p["name"]),
                p["in"],
                _type(p.get("schema", {})) + ("" if p.get("required") else ", optional"),
                p.get("description", ""),
            )
            for p in operation.get("parameters", [])
            if p["in"] != "header"
        ),
    )
    facts = [f"Needs: {_needs(endpoint)}"]
    body = operation.get("requestBody", {}).get("content", {})
    facts += [
        f"Input: {_type(content.get('schema', {}))}{'' if kind == WIRE else f' ({kind})'}"
        for kind, content in body.items()
    ]
    if CLIENT_SAYS in operation:
        facts.append(f"A client sends: {_type(operation[CLIENT_SAYS])}")
    for status, answer in sorted(operation.get("responses", {}).items()):
        if not status.startswith(("1", "2")):
            continue
        content = answer.get("content", {})
        facts += [
            f"Answers {status}: {_type(c.get('schema', {}))}{'' if kind == WIRE else f' ({kind})'}"
            for kind, c in content.items()
        ] or [f"Answers {status}"]
    problems = _problems(endpoint)
    if problems:
        facts.append(f"Problems: {'; '.join(problems)}")
    listed = "\n".join(f"- {fact}" for fact in facts)
    return "\n\n".join(part for part in (f"### {endpoint.name}", prose(_said(endpoint)), parameters, listed) if part)


def _problems(endpoint: Endpoint) -> list[str]:
    """`404 not_found; 409 booking_taken, illegal_move`."""
    from tourpad.web.errors import STATUS
    from tourpad.web.needs import PUBLIC, wanted_by

    errors = endings(endpoint.function).errors
    pairs = {(STATUS[e.kind], e.code) for e in errors if not issubclass(e, ConfigurationError)}
    if endpoint.operation.get("requestBody") or endpoint.operation.get("parameters"):
        pairs.add((STATUS[Kind.INVALID], InvalidInputError.code))
    if PUBLIC not in wanted_by(endpoint.handler):
        pairs |= {(STATUS[Kind.UNAUTHENTICATED], "unauthenticated"), (STATUS[Kind.FORBIDDEN], "forbidden")}
    grouped = groupby(sorted(pairs), key=lambda pair: pair[0])
    return [f"{status} {codes(name for _, name in group)}" for status, group in grouped]


def _shape(name: str, schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return f"### {name}\n\n{codes(schema['enum'])}"
    struct = _structs().get(name)
    said = _field_docs(struct) if struct else {}
    required = set(schema.get("required", []))
    rows = [
        (
            code(field),
            _type(value) + ("" if field in required else ", optional"),
            value.get("description") or said.get(field, ""),
        )
        for field, value in schema.get("properties", {}).items()
    ]
    text = prose(doc(struct)) if struct else schema.get("description", "")
    return "\n\n".join(part for part in (f"### {name}", text, table(("field", "type", "meaning"), rows)) if part)


@cache
def _structs() -> dict[str, Any]:
    """Inputs and outputs by the name that the document gives them."""
    from tourpad.web.shapes import Input, Output

    application()
    return {cls.__name__: cls for base in (Input, Output) for cls in subclasses(base)}


def _field_docs(struct: Any) -> dict[str, str]:
    said = attribute_docs(struct)
    return {
        wire: said[own]
        for own, wire in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True)
        if own in said
    }


def _type(schema: dict[str, Any]) -> str:
    """A type as people read it, with its limits."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    many = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if many:
        kinds = dict.fromkeys(_type(part) for part in many)
        return " or ".join(kinds) + _limits(schema)
    if "enum" in schema:
        return codes(schema["enum"])
    if "const" in schema:
        return code(schema["const"])
    kind = schema.get("type", "anything")
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}" + _limits(schema)
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        return f"object of {_type(schema['additionalProperties'])}"
    return schema.get("format", kind) + _limits(schema)


def _limits(schema: dict[str, Any]) -> str:
    return "".join(_limit(schema))


def _limit(schema: dict[str, Any]) -> Iterator[str]:
    names = (("minLength", "≥", " characters"), ("maxLength", "≤", " characters"), ("minItems", "≥", " items"))
    for key, sign, unit in (*names, ("maxItems", "≤", " items"), ("minimum", "≥", ""), ("maximum", "≤", "")):
        if schema.get(key) is not None:
            yield f", {sign} {schema[key]:,.0f}{unit}"
    if schema.get("pattern"):
        yield f", like {code(schema['pattern'])}"
