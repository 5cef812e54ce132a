"""From what a person types to one row: a whole id, or any part of it that begins or ends exactly one.

Lists show the last characters of an id (the first ones are the time); the beginning of those is a part, too. Of what
Stripe names, the beginning of its name is enough.
"""

import re
from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Text, cast, func, or_, select

from tourpad.core.database.base import Base
from tourpad.core.errors import NotFoundError, RefusedError
from tourpad.core.work import Work

M = TypeVar("M", bound=Base)

_SHORTEST = 3
_SHORTEST_NAME = 6
"""Of Stripe's names, of which all of a kind begin alike: `evt_`, `tr_`."""
_SHOWN = 8
"""Characters that a list shows (`cli.output.SHORT_ID`)."""


def by_id_part(work: Work, model: type[M], text: str, *, noun: str, list_command: str | None = None) -> UUID:
    """The id that begins or ends with `text`, or is shown by it.

    Dashes do not matter, nor does what stands before it: `po_`, or a receipt's `TP-`.

    Args:
        work: the unit of work.
        model: the table.
        text: what was typed.
        noun: what a row of it is called.
        list_command: what lists them; `tourpad <noun>s list` unless given.

    Raises:
        NotFoundError: no row matches.
        RefusedError: several do; the message shows some of them.
    """
    wanted = re.sub(r"^(?:[a-z]+_|tp-)", "", text.strip().lower()).replace("-", "")
    missing = NotFoundError(
        f"No {noun} has the id {text}.", hint=f"{list_command or f'tourpad {noun}s list'} shows them."
    )
    if not re.fullmatch(r"[0-9a-f]{1,32}", wanted):
        raise missing
    if len(wanted) == 32:  # noqa: PLR2004 - hexadecimal digits of a UUID
        found = work.session.scalars(select(model.id).where(model.id == UUID(wanted))).all()
    else:
        if len(wanted) < _SHORTEST:
            msg = f"{text!r} is too short for an id."
            raise RefusedError(msg, hint=f"Give at least {_SHORTEST} characters of it.")

        digits = func.replace(cast(model.id, Text), "-", "")
        shown = func.right(digits, _SHOWN)
        found = work.session.scalars(
            select(model.id)
            .where(or_(digits.like(f"{wanted}%"), digits.like(f"%{wanted}"), shown.like(f"{wanted}%")))
            .limit(4)
        ).all()
    if not found:
        raise missing
    if len(found) > 1:
        msg = f"{text} is not one {noun}: {', '.join(str(i) for i in found[:3])}{' …' if len(found) > 3 else ''}"  # noqa: PLR2004
        raise RefusedError(msg, hint="Give more of the id.")
    return found[0]


def by_name_part(names: Iterable[str], text: str, *, noun: str) -> str | None:
    """The one of Stripe's names (`evt_…`, `tr_…`) that begins with `text`; None where none does.

    Args:
        names: of all of that kind; or those that begin so, two of them at least where there are several.
        text: what was typed.
        noun: what it is called.

    Raises:
        RefusedError: several begin so, or `text` is too short to tell.
    """
    if len(text) < _SHORTEST_NAME:
        msg = f"{text!r} is too short for one of Stripe's ids."
        raise RefusedError(msg, hint=f"Give at least {_SHORTEST_NAME} characters of it.")
    found = sorted({name for name in names if name.startswith(text)})
    if len(found) > 1 and text not in found:
        msg = f"{text} is not one {noun}: {', '.join(found[:3])}{' …' if len(found) > 3 else ''}"  # noqa: PLR2004
        raise RefusedError(msg, hint="Give more of the id.")
    return text if text in found else found[0] if found else None
