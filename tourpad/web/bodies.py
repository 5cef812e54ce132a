"""Request bodies: JSON, decoded strictly into the declared type, with every fault named by its field.

Litestar would decode leniently (`"20"` passes for a number) and rewrites some paths; here the body becomes the
declared struct in one strict step before Litestar looks at it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import ClientException
from msgspec import inspect

from tourpad.core.concerts.queries.hot import NOTHING_MORE
from tourpad.core.errors import FieldError, InvalidInputError
from tourpad.web.hot import hot_statements
from tourpad.web.needs import CLAIMS
from tourpad.web.unknown import UNKNOWN, UnknownNames

_WHERE: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?:(?P<key>key) in )?\$(?P<path>.*)`)?$", re.DOTALL)
_NAMED: Final = re.compile(r"^Object (?P<kind>contains unknown|missing required) field `(?P<name>.*)`$", re.DOTALL)
_TYPES: Final = re.compile(r"^Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`$")
_LENGTH: Final = re.compile(
    r"^Expected `(?P<of>str|array|object|bytes)` of (?P<kind>matching regex|length) (?P<rest>.*)$", re.DOTALL
)
_BOUND: Final = re.compile(r"^Expected `(?:int|float|decimal)` (?P<rest>.*)$")
_ENUM: Final = re.compile(r"^Invalid enum value (?P<value>.*)$", re.DOTALL)

_ENCODED: Final = re.compile(r"^Invalid (?:RFC3339 encoded (?P<when>datetime|date|time)|(?P<id>UUID))$")

_NAIVE: Final = "Expected `datetime` with a timezone component"

_MISSING: Final = "is required"

_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "uuid": "an id (UUID)",
    "datetime": "an instant (RFC 3339)",
    "date": "a date (YYYY-MM-DD)",
    "time": "a time (HH:MM:SS)",
}
_COMPARE: Final = {"<=": "at most", ">=": "at least", "==": "exactly", "<": "less than", ">": "more than"}


class ApiRequest(Request[Any, Any, Any]):
    """A request whose JSON body has the handler's declared type."""

    async def json(self) -> Any:
        """The body, decoded into the type of the handler's `data`.

        Raises:
            ClientException: it is no JSON.
            InvalidInputError: it has another shape; the field is named.
        """
        field = self.route_handler.parsed_data_field
        if field is None:
            return await super().json()
        try:
            return decode(await self.body(), field.annotation)
        except (ClientException, InvalidInputError):
            if self.scope.get(CLAIMS) is not None:
                # Signed in by the handler, which is not reached now: faults are told to whoever may send such a body.
                await hot_statements(self).read(self, NOTHING_MORE)
            raise


@cache
def _decoder(annotation: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(annotation)


def decode(body: bytes, annotation: Any) -> Any:
    """Decode one JSON document strictly.

    Raises:
        ClientException: it is no JSON.
        InvalidInputError: it has another shape, or holds characters that no text may hold.
    """
    try:
        value = _decoder(annotation).decode(body)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), annotation, body) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientException(detail=f"The body is no JSON: {str(error).lower()}.") from None
    except RecursionError:
        raise ClientException(detail="The body is nested too deeply.") from None
    if b"\\u0000" in body:
        # PostgreSQL stores no NUL; found here, where the field still has a name.
        for path in _with_nul(msgspec.to_builtins(value), ()):
            raise InvalidInputError(FieldError(path, "must not contain the character NUL"))
    return value


def _refusal(message: str, annotation: Any, body: bytes) -> InvalidInputError:
    said = fault(message, annotation)
    if said.message not in (UNKNOWN, _MISSING):
        return InvalidInputError(said)
    *keys, name = said.field.split(".")
    prefix = "".join(f"{key}." for key in keys)
    fields = [
        f for one in _alternatives(_at(annotation, keys)) if isinstance(one, inspect.StructType) for f in one.fields
    ]
    if said.message == UNKNOWN:
        return UnknownNames([name], {f.encode_name for f in fields}, prefix=prefix)
    # The decoder stops at the first one; whoever fills in a form wants to hear of all that is missing.
    given = _given(body, keys)
    missing = [f.encode_name for f in fields if f.required and f.encode_name not in given] if given is not None else []
    return InvalidInputError(
        *(FieldError(f"{prefix}{one}", _MISSING) for one in (missing if name in missing else [name]))
    )


def _given(body: bytes, keys: list[str]) -> dict[str, Any] | None:
    """What was sent at a place of a body that is JSON; nothing where that is no object."""
    found: Any = msgspec.json.decode(body)
    for key in keys:
        inner = found[int(key) : int(key) + 1] if isinstance(found, list) and key.isdecimal() else ()  # pyright: ignore[reportUnknownVariableType] - any JSON
        found = inner[0] if inner else found.get(key) if isinstance(found, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - as above
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType] - as above


def fault(message: str, annotation: Any = None) -> FieldError:
    """One of msgspec's messages as a field and a sentence. `annotation` is what was asked for, to list choices."""
    match = _WHERE.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    keys = [part for part in re.split(r"[.\[\]]+", path) if part and part != "..."]
    named = _NAMED.match(what)
    if named:
        said = UNKNOWN if named["kind"].startswith("contains") else _MISSING
        return FieldError(".".join([*keys, named["name"]]), said)
    if match and match["key"]:
        return FieldError(".".join(keys), f"a key in it {_said(what, None)}")
    return FieldError(".".join(keys), _said(what, _choices(annotation, keys)))


def _said(what: str, choices: list[str] | None) -> str:
    if types := _TYPES.match(what):
        wanted = " or ".join(_WORDS.get(t.strip(), t.strip()) for t in types["wanted"].split("|"))
        return f"must be {wanted}, not {_WORDS.get(types['got'], types['got'])}"
    if length := _LENGTH.match(what):
        if length["kind"] != "length":
            return "does not have the expected form"
        unit = "characters" if length["of"] == "str" else "entries"
        return f"must have {_compared(length['rest'])} {unit}"
    if bound := _BOUND.match(what):
        return f"must be {_compared(bound['rest'])}"
    if what == _NAIVE:
        return "must be an instant with its offset (like Z)"
    if encoded := _ENCODED.match(what):
        return f"must be {_WORDS[encoded['when'] or 'uuid']}"
    if (enum := _ENUM.match(what)) and choices:
        return f"must be one of {', '.join(choices)}, not {enum['value']}"
    return what[:1].lower() + what[1:]


def _compared(rest: str) -> str:
    sign, _, number = rest.partition(" ")
    return f"{_COMPARE[sign]} {number.removesuffix('.0')}" if sign in _COMPARE else rest


def _choices(annotation: Any, keys: list[str]) -> list[str] | None:
    """The values that an enumeration at this place of the body may have."""
    if annotation is None:
        return None
    found = _at(annotation, keys)
    # A parameter of a query may be given several times: its values are those of the list's entries.
    entries = [inner for one in _alternatives(found) for inner in _inside(one, "")]
    for one in _alternatives([*found, *entries]):
        if isinstance(one, inspect.EnumType):
            return [str(member.value) for member in one.cls]
        if isinstance(one, inspect.LiteralType):
            return [str(value) for value in one.values]
    return None


def _at(annotation: Any, keys: list[str]) -> list[inspect.Type]:
    """What is declared at a place of the body."""
    found = [inspect.type_info(annotation)]
    for key in keys:
        found = [inner for one in found for inner in _inside(one, key)]
    return found


def _alternatives(types: list[inspect.Type]) -> Iterator[inspect.Type]:
    for one in types:
        if isinstance(one, inspect.UnionType):
            yield from one.types
        else:
            yield one


def _inside(one: inspect.Type, key: str) -> Iterator[inspect.Type]:
    for alternative in _alternatives([one]):
        if isinstance(alternative, inspect.StructType):
            yield from (f.type for f in alternative.fields if f.encode_name == key)
        elif isinstance(alternative, inspect.ListType | inspect.VarTupleType | inspect.SetType):
            yield alternative.item_type
        elif isinstance(alternative, inspect.DictType):
            yield alternative.value_type


def _with_nul(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str):
        if "\0" in value:
            yield ".".join(path)
    elif isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType] - any JSON
            if "\0" in str(key):  # pyright: ignore[reportUnknownArgumentType] - as above
                yield ".".join(path)
            yield from _with_nul(inner, (*path, str(key)))  # pyright: ignore[reportUnknownArgumentType] - as above
    elif isinstance(value, list):
        for number, inner in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - as above
            yield from _with_nul(inner, (*path, str(number)))
