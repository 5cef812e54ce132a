"""Every command says what it needs, and what is for development is refused elsewhere."""

from typing import TYPE_CHECKING

import pytest

from tools.reference.commands import command, commands
from tourpad.cli.needs import NEEDS, Place, needed
from tourpad.core.errors import ConfigurationError
from tourpad.core.identity.permissions import PERMISSIONS, Permission
from tourpad.core.identity.states import UserState, UserType

if TYPE_CHECKING:
    from tests.command import Command

PATHS = [path.removeprefix("tourpad ") for path, _ in commands(command())]
ARGUMENTS = {"users token": ("ada@shows.test",)}


def test_every_command_says_what_it_needs() -> None:
    assert len(PATHS) > 70
    of_admins = PERMISSIONS[UserType.ADMIN, UserState.ACTIVE]
    needs = {path: needed(path) for path in PATHS}
    assert {p for p, need in needs.items() if isinstance(need, Permission) and need not in of_admins} == set()
    assert {need for need in needs.values() if isinstance(need, Permission)} >= {
        Permission.ADMIN_APPLICATIONS,
        Permission.ADMIN_USERS,
        Permission.ADMIN_MONEY,
        Permission.ADMIN_AUDIT,
    }


def test_a_command_that_does_not_say_fails() -> None:
    with pytest.raises(ConfigurationError, match="tourpad secrets leak does not say what it needs"):
        needed("secrets leak")


def test_whatever_is_for_development_is_refused_in_production_by_name(cli: "Command") -> None:
    cli.environment["TOURPAD_ENV"] = "production"
    local = [path for path, need in NEEDS.items() if need is Place.DEVELOPMENT]
    said = {path: cli(*path.split(), *ARGUMENTS.get(path, ())) for path in local}
    assert {
        path: (one.exit_code, f"tourpad {path} is for development" in one.stderr) for path, one in said.items()
    } == (dict.fromkeys(local, (4, True)))
