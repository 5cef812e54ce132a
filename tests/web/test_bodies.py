"""Bodies are decoded strictly, and every fault names its field."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from litestar.exceptions import ClientException

from tourpad.core.errors import InvalidInputError
from tourpad.web.bodies import decode
from tourpad.web.shapes import Input


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Song(Input):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
    long_minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 3


class Everything(Input):
    name: str = ""
    count: int = 0
    loud: bool = False
    share: float = 0.0
    of_id: UUID | None = None
    at: datetime | None = None
    colour: Colour | None = None
    size: Literal["small", "large"] = "small"
    songs: Annotated[list[Song], msgspec.Meta(max_length=2)] = msgspec.field(default_factory=list[Song])
    links: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class Concert(Input):
    title: str
    day: str
    songs: list[Song]
    venue: str = ""


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("{}", ["title", "day", "songs"]),
        ('{"day": "x", "venue": "y"}', ["title", "songs"]),
        ('{"title": "x", "day": "x", "songs": [{"title": "a"}, {"longMinutes": 3}]}', ["songs.1.title"]),
    ],
)
def test_all_that_is_missing_is_named_at_once(body: str, fields: list[str]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        decode(body.encode(), Concert)
    assert [(e.field, e.message) for e in refused.value.errors] == [(field, "is required") for field in fields]


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ('{"role": "admin"}', "role", "is not known here"),
        ('{"songs": [{"title": "a"}, {"titel": "b"}]}', "songs.1.titel", "is not known here"),
        ('{"songs": [{}]}', "songs.0.title", "is required"),
        ('{"songs": [{"title": ""}]}', "songs.0.title", "must have at least 1 characters"),
        ('{"songs": [{"title": "too long"}]}', "songs.0.title", "must have at most 5 characters"),
        ('{"songs": [{"title": "a", "longMinutes": 61}]}', "songs.0.longMinutes", "must be at most 60"),
        ('{"songs": [{"title": "a"}, {"title": "b"}, {"title": "c"}]}', "songs", "must have at most 2 entries"),
        ('{"songs": {}}', "songs", "must be a list, not an object"),
        ('{"name": 7}', "name", "must be text, not a whole number"),
        ('{"name": null}', "name", "must be text, not null"),
        ('{"count": "20"}', "count", "must be a whole number, not text"),
        ('{"count": 1.5}', "count", "must be a whole number, not a number"),
        ('{"count": true}', "count", "must be a whole number, not true or false"),
        ('{"loud": "true"}', "loud", "must be true or false, not text"),
        ('{"share": "1"}', "share", "must be a number, not text"),
        ('{"ofId": "7"}', "ofId", "must be an id (UUID)"),
        ('{"ofId": 7}', "ofId", "must be an id (UUID) or null, not a whole number"),
        ('{"at": "tomorrow"}', "at", "must be an instant (RFC 3339)"),
        ('{"colour": "blue"}', "colour", "must be one of red, green, not 'blue'"),
        ('{"size": "huge"}', "size", "must be one of large, small, not 'huge'"),
        ('{"links": {"web": 7}}', "links", "must be text, not a whole number"),
        ('{"name": "a\\u0000b"}', "name", "must not contain the character NUL"),
        ('{"links": {"a": "\\u0000"}}', "links.a", "must not contain the character NUL"),
        ("[]", "", "must be an object, not a list"),
        ("null", "", "must be an object, not null"),
    ],
)
def test_faults_are_named(body: str, field: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        decode(body.encode(), Everything)
    assert [(e.field, e.message) for e in caught.value.errors] == [(field, message)]


@pytest.mark.parametrize(
    "body", [b"{", b"", b"nope", b'{"name": "a"}}', b"\xff\xfe", b'{"name": "\xff"}', b'"\\ud800"']
)
def test_what_is_no_json_is_said_so(body: bytes) -> None:
    with pytest.raises(ClientException, match="no JSON"):
        decode(body, Everything)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(ClientException, match="nested too deeply"):
        decode(b"[" * 100_000, Any)


def test_good_input_is_taken() -> None:
    song = decode(b'{"songs": [{"title": "Row", "longMinutes": 4}], "colour": "green", "share": 1}', Everything)
    assert song == Everything(songs=[Song(title="Row", long_minutes=4)], colour=Colour.GREEN, share=1.0)
