"""Every command says what it needs, and the gate before it holds whoever sits at the terminal to that."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from tests.factories.profiles import make_person
from tools.reference.commands import command, commands
from tourpad.cli import gate
from tourpad.cli.context import login
from tourpad.cli.needs import NEEDS, Place, needed
from tourpad.core.errors import ConfigurationError, ForbiddenError
from tourpad.core.identity.operators import NotAnOperator, Operator, check_permission, parse
from tourpad.core.identity.permissions import PERMISSIONS, P, Permission
from tourpad.core.identity.states import UserState, UserType
from tourpad.core.settings import Env
from tourpad.core.values import replace

if TYPE_CHECKING:
    from tests.command import Command, Said
    from tourpad.core.work import Work

COMMANDS = {path.removeprefix("tourpad "): found for path, found in commands(command())}
OF_ADMINS = {P.ADMIN_APPLICATIONS, P.ADMIN_USERS, P.ADMIN_MONEY, P.ADMIN_AUDIT, P.ADMIN_ANALYTICS}
FOR = {
    need: [path for path in COMMANDS if needed(path) in of]
    for need, of in (("permission", tuple(Permission)), ("machine", (Place.MACHINE,)), ("dev", (Place.DEVELOPMENT,)))
}


def test_every_command_says_what_it_needs() -> None:
    assert len(COMMANDS) > 70
    of_admins = PERMISSIONS[UserType.ADMIN, UserState.ACTIVE]
    needs = {path: needed(path) for path in COMMANDS}
    assert {p for p, need in needs.items() if isinstance(need, Permission) and need not in of_admins} == set()
    assert {need for need in needs.values() if isinstance(need, Permission)} >= OF_ADMINS


def test_no_need_is_said_of_what_is_not_there() -> None:
    said = {key for key in NEEDS if not any(f"{path} ".startswith(f"{key} ") for path in COMMANDS)}
    assert said == set()


def test_a_command_that_does_not_say_keeps_the_terminal_from_starting() -> None:
    grown = typer.Typer()
    grown.command("leak")(lambda: None)
    whole = typer.Typer()
    whole.add_typer(grown, name="secrets")
    with pytest.raises(ConfigurationError, match="tourpad secrets leak does not say what it needs"):
        gate.guard(whole)


def line(path: str) -> list[str]:
    """A command with something for all that it can't do without."""
    given = path.split()
    for parameter in COMMANDS[path].params:
        if not parameter.required:
            continue
        kind: Any = parameter.type_descriptor.annotation
        if isinstance(kind, type) and issubclass(kind, Enum):
            value = str(next(iter(kind)).value)
        else:
            value = {int: "1", Path: __file__}.get(kind, "ab")
        given += [parameter.opts[0], value] if parameter.param_type_name == "option" else [value]
    return given


def refused(cli: "Command", paths: list[str], said: str) -> dict[str, "Said"]:
    """What each command answered that was not refused in these words with exit code 4, before it did anything."""
    answers = {path: cli(*line(path)) for path in paths}
    return {p: a for p, a in answers.items() if a.exit_code != 4 or said not in a.stderr or a.stdout}


def test_whatever_is_for_development_is_refused_in_production_by_name(cli: "Command") -> None:
    cli.environment["TOURPAD_ENV"] = "production"
    assert {p: cli(*line(p)).stderr.partition(" is for ")[0] for p in FOR["dev"]} == {
        p: f"tourpad {p}" for p in FOR["dev"]
    }
    assert refused(cli, FOR["dev"], "for development and tests; this is production") == {}


def test_once_operators_are_named_nobody_else_runs_a_command(cli: "Command") -> None:
    cli.environment["TOURPAD_OPERATORS"] = "somebody-else=mara@shows.test,somebody-else=machine"
    assert refused(cli, FOR["permission"] + FOR["machine"], f"{login()} is no operator here") == {}


def test_whoever_looks_after_the_machine_is_no_admin_by_that(cli: "Command") -> None:
    cli.environment["TOURPAD_OPERATORS"] = f"{login()}=machine"
    assert refused(cli, FOR["permission"], f"{login()} stands for no account here") == {}
    assert cli("config", "show", "--json").json["settings"]


def test_an_admin_does_not_look_after_the_machine_by_that(cli: "Command") -> None:
    cli.environment["TOURPAD_OPERATORS"] = f"{login()}=mara@shows.test"
    assert refused(cli, FOR["machine"], f"{login()} does not look after this machine") == {}


def test_a_login_may_do_what_its_account_may_do_from_one_command_to_the_next(cli: "Command") -> None:
    cli("users", "create-admin", "mara@shows.test", "--link")
    cli("users", "create-admin", "ines@shows.test", "--link")
    asked = ("audit", "list", "--json")
    cli.environment["TOURPAD_OPERATORS"] = f"{login()}=mara@shows.test"
    assert cli(*asked).json["entries"]
    cli("users", "suspend", "mara@shows.test", "--reason", "gone")
    after = cli(*asked)
    assert (after.exit_code, after.stdout) == (4, "")
    assert "mara@shows.test, admin in state suspended: it may not do this (it needs admin_audit)" in after.stderr
    assert cli("users", "reinstate", "mara@shows.test").exit_code == 4
    cli.environment["TOURPAD_OPERATORS"] = f"{login()}=nobody@shows.test"
    assert "stands for no account" in cli(*asked).stderr


def admins_and_others() -> "Iterator[tuple[UserType, UserState]]":
    return ((role, state) for role in UserType for state in UserState)


def test_the_terminal_asks_the_one_table_of_permissions(work: "Work") -> None:
    for role, state in admins_and_others():
        user = make_person(work, role.value, state=state.value)
        for permission in (*OF_ADMINS, Permission.RSVP):
            allowed = permission in PERMISSIONS.get((role, state), ())
            try:
                check_permission(work, Operator("mara", user.email), permission)
            except NotAnOperator:
                assert not allowed, (role, state, permission)
            else:
                assert allowed, (role, state, permission)


def test_in_production_an_admin_without_a_second_factor_does_nothing_at_the_terminal_either(work: "Work") -> None:
    admin = make_person(work, "admin")
    check_permission(work, Operator("mara", admin.email), Permission.ADMIN_MONEY)
    work.settings = replace(work.settings, env=Env.PRODUCTION)
    with pytest.raises(ForbiddenError, match="no second factor yet"):
        check_permission(work, Operator("mara", admin.email), Permission.ADMIN_MONEY)


def test_operators_are_read() -> None:
    found = parse(("mara=mara@shows.test", "mara=machine", "tourpad = machine"))
    assert found == {
        "mara": Operator("mara", "mara@shows.test", machine=True),
        "tourpad": Operator("tourpad", machine=True),
    }


@pytest.mark.parametrize(
    "wrong", ["mara", "mara=", "=mara@shows.test", "mara=admin", "mara=a@shows.test,mara=b@shows.test"]
)
def test_operators_that_can_not_be_read_let_nobody_in(cli: "Command", wrong: str) -> None:
    cli.environment["TOURPAD_OPERATORS"] = wrong
    said = cli("users", "list")
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr.startswith("TOURPAD_OPERATORS: ")


def test_who_sits_there_is_known_by_the_system_and_not_by_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    before = login()
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "mara")
    assert login() == before
