"""A sheet as one document for programs: the API and `--json` say the same."""

from typing import Any

from tourpad.core.money import Money
from tourpad.core.values import Value


def record(sheet: Value) -> dict[str, Any]:
    """Snake_case names, amounts as `…_cents`; days, instants and ids stay what they are.

    What a sheet computes from its fields (a total, what is kept) is in it, too.
    """
    kind = type(sheet)
    names = list(kind.__struct_fields__)
    names += [name for name, value in vars(kind).items() if isinstance(value, property)]
    told: dict[str, Any] = {}
    for name in names:
        value = getattr(sheet, name)
        is_money = isinstance(value, Money) or (value is None and "Money" in str(_hint(kind, name)))
        told[f"{name}_cents" if is_money else name] = _plain(value)
    return told


def _hint(kind: type, name: str) -> Any:
    """The type of a field, by which an amount that is not there is still called by its name."""
    return kind.__annotations__.get(name, "")


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.cents
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Value):
        return record(value)
    return value
