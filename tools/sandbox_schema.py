"""Cut what the sandbox speaks out of Stripe's OpenAPI document.

usage: python tools/sandbox_schema.py OPENAPI.json[.gz]

Writes two files. `tourpad/sandbox/data/operations.json.gz` holds the parameters of each operation that the sandbox
answers, as small trees, and the fields that can be expanded; it is shipped and read at run time.
`tests/sandbox/data/answers.json.gz` holds the schemas of requests and answers, only for the tests. Run it again when
the sandbox learns an operation (`tools/sandbox_sdk.py`, too) or Stripe publishes a new version.
"""

import gzip
import json
import pathlib
import sys
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tourpad.sandbox.routes import ROUTES  # noqa: E402 - the clone it stands in, installed or not

Node = dict[str, Any]
# SDKs of API version 2026-10-28.endive and newer send the second name for the first
RENAMED = {"payment_method_types": "allowed_payment_method_types"}
NOISE = {
    "description",
    "example",
    "x-stripeBypassValidation",
    "x-expansionResources",
    "x-expandableFields",
    "title",
}


def parameters(node: Node, schemas: Node) -> Node:
    """Reduce a parameter's schema to what the check needs: kind, enum, length, members."""
    if "$ref" in node:
        return parameters(schemas[node["$ref"].rsplit("/", 1)[1]], schemas)
    options = node.get("anyOf") or node.get("oneOf")
    if options:
        return {"k": "any", "of": [parameters(option, schemas) for option in options]}
    kind = node.get("type", "string")
    out: Node = {"k": kind}
    if "enum" in node:
        out["enum"] = node["enum"]
    if "maxLength" in node:
        out["max"] = node["maxLength"]
    if kind == "array":
        out["items"] = parameters(node["items"], schemas)
    if kind == "object":
        members = {name: parameters(value, schemas) for name, value in node.get("properties", {}).items()}
        for old, new in RENAMED.items():
            if old in members and new not in members:
                members[new] = members[old]
        out["props"] = members
        out["req"] = node.get("required", [])
        extra = node.get("additionalProperties")
        if isinstance(extra, dict):
            out["extra"] = parameters(extra, schemas)
        elif extra is True or not members:
            out["extra"] = {"k": "string"}
    return out


def request_schema(operation: Node) -> Node:
    """Return the schema of what a request may carry: the body's, or the query parameters as one object."""
    content = operation.get("requestBody", {}).get("content", {})
    for body in content.values():
        schema = body["schema"]
        if schema.get("properties"):
            return schema
    query = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {p["name"]: p["schema"] for p in query},
        "required": [p["name"] for p in query if p.get("required")],
    }


def bare(node: Any) -> Any:
    """Drop prose and rewrite OpenAPI's `nullable` as JSON Schema's anyOf null."""
    if isinstance(node, list):
        return [bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    nullable = node.get("nullable") is True
    out: Node = {}
    for key, value in node.items():
        if key == "properties":
            out[key] = {name: bare(member) for name, member in value.items()}
        elif not (key in NOISE or (key == "nullable" and nullable)):
            out[key] = bare(value)
    return {"anyOf": [out, {"type": "null"}]} if nullable else out


def references(node: Any) -> set[str]:
    """Return the names of the schemas that a node points to."""
    if isinstance(node, list):
        return set().union(*(references(item) for item in node)) if node else set()
    if not isinstance(node, dict):
        return set()
    found = set().union(*(references(value) for value in node.values())) if node else set()
    if isinstance(node.get("$ref"), str):
        found.add(node["$ref"].rsplit("/", 1)[1])
    return found


def expandable(schemas: Node) -> dict[str, list[str]]:
    """Return, by the kind of object, the fields that `expand` may name; some are absent while they are empty."""
    found: dict[str, list[str]] = {}
    for schema in schemas.values():
        kinds = schema.get("properties", {}).get("object", {}).get("enum", [])
        if len(kinds) == 1 and "x-expandableFields" in schema:
            found[kinds[0]] = sorted({*found.get(kinds[0], []), *schema["x-expandableFields"]})
    return found


def write(path: pathlib.Path, data: Node) -> None:
    """Write reproducibly: same document, same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(text, mtime=0))
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")


def main(source: str) -> None:
    """Read the document and write both extracts."""
    raw = pathlib.Path(source).read_bytes()
    document = json.loads(gzip.decompress(raw) if source.endswith(".gz") else raw)
    schemas = document["components"]["schemas"]
    operations: Node = {}
    answers: Node = {}
    for method, path in ROUTES:
        operation = document["paths"][path][method.lower()]
        name = f"{method} {path}"
        request = request_schema(operation)
        operations[name] = parameters({"type": "object", **request}, schemas)
        answers[name] = {
            "request": bare(request),
            "answers": {
                status: bare(answer["content"]["application/json"]["schema"])
                for status, answer in operation["responses"].items()
                if "application/json" in answer.get("content", {})
            },
        }
    version = document["info"]["version"]
    write(
        ROOT / "tourpad/sandbox/data/operations.json.gz",
        {"version": version, "operations": operations, "expandable": expandable(schemas)},
    )
    kept: Node = {}
    wanted = references(answers)
    while wanted:
        name = wanted.pop()
        kept[name] = bare(schemas[name])
        wanted |= references(kept[name]) - kept.keys()
    write(
        ROOT / "tests/sandbox/data/answers.json.gz",
        {"version": version, "operations": answers, "components": {"schemas": kept}},
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 - the script and one argument
        sys.exit(__doc__)
    main(sys.argv[1])
