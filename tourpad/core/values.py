"""Values: what is looked at, handed on and compared, and never changed.

They are msgspec's structs and not dataclasses: the same in use, and made fifty times as fast when a module is loaded,
which is when nearly four hundred of them are (decision 69).
"""

from dataclasses import replace as _replace_dataclass
from typing import Any, TypeVar, dataclass_transform

import msgspec
from msgspec.structs import replace as _replace_struct

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
class Value(msgspec.Struct, frozen=True):
    """The base of all values. `kw_only=True` beside it asks for fields by name."""


def replace(value: T, /, **changes: Any) -> T:
    """The same with some fields changed; of a value, or of a dataclass."""
    if isinstance(value, msgspec.Struct):
        return _replace_struct(value, **changes)
    return _replace_dataclass(value, **changes)  # type: ignore[type-var]
