"""The one way to say what may become what.

Each entity has a `StrEnum` and a `MOVES` table in its feature's `states.py`; `check_move` is the only guard.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from tourpad.core.errors import IllegalMoveError

S = TypeVar("S", bound=StrEnum)


def check_move(moves: Mapping[S, frozenset[S]], *, entity: str, now: S, to: S) -> None:
    """Refuse a move that the table does not list.

    Raises:
        IllegalMoveError: naming the entity, both states, and the moves that would be allowed.
    """
    if to not in moves.get(now, frozenset()):
        allowed = ", ".join(sorted(moves.get(now, frozenset()))) or "nothing: this is an end state"
        article = "An" if entity[0] in "aeio" or entity == "rsvp" else "A"  # a user, an event
        msg = f"{article} {entity} that is {now} can't become {to}."
        raise IllegalMoveError(msg, hint=f"From {now} it may become: {allowed}.", entity=entity, now=now, to=to)
