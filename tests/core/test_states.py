"""One guard for all state machines, and tables that hold together."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

import pytest

import tourpad.core
from tourpad.core.errors import IllegalMoveError
from tourpad.core.identity.states import MOVES, UserState
from tourpad.core.states import check_move


def _tables() -> Iterator[Any]:
    for package in pkgutil.iter_modules(tourpad.core.__path__, "tourpad.core."):
        if package.ispkg and importlib.util.find_spec(f"{package.name}.states"):
            module = importlib.import_module(f"{package.name}.states")
            for name, value in vars(module).items():
                if name.endswith("MOVES") and isinstance(value, Mapping):
                    yield pytest.param(value, id=f"{package.name.removeprefix('tourpad.core.')}.{name}")


@pytest.mark.parametrize("table", list(_tables()))
def test_every_state_is_in_its_table_and_can_be_reached(table: Mapping[StrEnum, frozenset[StrEnum]]) -> None:
    states = set(type(next(iter(table))))
    assert set(table) == states
    reachable = {next(iter(type(next(iter(table)))))}
    while True:
        more = reachable | {to for state in reachable for to in table[state]}
        if more == reachable:
            break
        reachable = more
    entered = {to for moves in table.values() for to in moves} | reachable
    assert entered <= states


def test_a_move_off_the_table_names_what_would_be_allowed() -> None:
    with pytest.raises(IllegalMoveError) as caught:
        check_move(MOVES, entity="user", now=UserState.ERASED, to=UserState.ACTIVE)
    assert caught.value.message == "A user that is erased can't become active."
    assert "end state" in str(caught.value.hint)
    check_move(MOVES, entity="user", now=UserState.PENDING, to=UserState.APPROVED)


@pytest.mark.parametrize("entity", ["An application", "An event", "An rsvp", "A booking"])
def test_it_is_said_as_people_say_it(entity: str) -> None:
    with pytest.raises(IllegalMoveError, match=f"^{entity} that is erased"):
        check_move(MOVES, entity=entity.split()[1], now=UserState.ERASED, to=UserState.ACTIVE)
