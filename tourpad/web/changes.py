"""Bodies in which what is not mentioned stays: only the fields that were sent reach the verb."""

from typing import Any

import msgspec

from tourpad.web.shapes import Input


def sent(data: msgspec.Struct) -> dict[str, Any]:
    """The fields that were sent, by their snake_case names, with what is inside them as plain values."""
    return {
        name: _plain(value) for name in data.__struct_fields__ if (value := getattr(data, name)) is not msgspec.UNSET
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Input):
        return sent(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
