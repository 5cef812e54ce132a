"""Dollars as people type them, read exactly."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tourpad.core.money import Money

_DOLLARS = re.compile(r"\$?(?P<whole>\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(?P<cents>\d{1,2}))?", re.ASCII)


def dollars(text: str, *, field: str) -> "Money":
    """An amount of US dollars: `500`, `500.00`, `$1,204.50`.

    Args:
        text: what was typed.
        field: the option, for the error.

    Raises:
        InvalidInputError: anything else, such as fractions of a cent.
    """
    from tourpad.core.errors import invalid
    from tourpad.core.money import usd

    found = _DOLLARS.fullmatch(text.strip())
    if found is None:
        raise invalid(field, f"{text!r} is no amount of dollars", hint="Like 500.00")
    return usd(int(found["whole"].replace(",", "")) * 100 + int((found["cents"] or "").ljust(2, "0")))


def plain(amount: "Money") -> str:
    """An amount as `dollars` reads it, for a command that is shown to be copied: `1204.50`."""
    return f"{amount.cents // 100}.{amount.cents % 100:02}"
