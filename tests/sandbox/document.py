"""Holds recorded exchanges against the extract of Stripe's document, requests and answers."""

import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator

from tourpad.sandbox import schema
from tourpad.sandbox.registry import Table

Obj = dict[str, Any]
RENAMED = "allowed_payment_method_types"


def load() -> Obj:
    path = Path(__file__).parent / "data" / "answers.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


class Document:
    def __init__(self) -> None:
        self.data = load()
        self.table = Table()
        self.validators: dict[str, Draft4Validator] = {}

    def faults(self, name: str, value: Any, form: Obj) -> list[str]:
        if name not in self.validators:
            self.validators[name] = Draft4Validator({**form, "components": self.data["components"]})
        found = self.validators[name].iter_errors(value)
        return [f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]

    def check(self, line: Obj) -> list[str]:
        """The faults of one recorded exchange."""
        url = urlsplit(line["url"])
        found = self.table.find(line["method"].upper(), url.path)
        if found is None:
            return [] if line["status"] == 404 else [f"no such operation: {line['method']} {url.path}"]
        operation = self.data["operations"][found[0]]
        faults: list[str] = []
        if line["status"] < 400:
            faults += self.faults(f"{found[0]} request", _request(found[0], line, url.query), operation["request"])
        answers = operation["answers"]
        status = str(line["status"])
        form = answers.get(status) or answers.get("default")
        if form is not None:
            key = status if status in answers else "default"
            faults += self.faults(f"{found[0]} answer {key}", line["response"], form)
        return faults


def _request(operation: str, line: Obj, query: str) -> Obj:
    if line["method"] == "post":
        text = line["body"] or ""
        given = json.loads(text or "{}") if line["url"].startswith("/v2/") else schema.query_or_form(text)
    else:
        given = schema.query_or_form(query or line["body"] or "")
    typed = schema.check(operation, given)
    return json.loads(re.sub(f'"{RENAMED}"', '"payment_method_types"', json.dumps(typed)))
