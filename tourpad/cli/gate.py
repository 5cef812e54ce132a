"""What every command passes first: who sits at the terminal may run it, and it may run here."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from tourpad.cli.context import login, me, only_for_development, platform
from tourpad.cli.needs import DEVELOPMENT_HINTS, Need, Place, needed
from tourpad.core.identity.permissions import Permission

if TYPE_CHECKING:
    import typer

GATED: Final = "gated"
"""Mark of a command that has its gate."""


def guard(app: "typer.Typer", path: str = "") -> None:
    """Put the gate before every command of an application. One that does not say what it needs keeps it from starting.

    Raises:
        ConfigurationError: naming the command.
    """
    for command in app.registered_commands:
        callback: Any = command.callback
        if getattr(callback, GATED, False):
            continue  # its group was put together before, for another command line
        name = command.name or callback.__name__.replace("_", "-")
        command.callback = _gated(callback, f"{path} {name}".strip())
    for group in app.registered_groups:
        inner: Any = group.typer_instance
        guard(inner, f"{path} {group.name or inner.info.name}".strip())


def enter(path: str, need: Need) -> None:
    """Let whoever sits at the terminal run one command.

    Raises:
        RefusedError: it is for development, and this is not.
        NotAnOperator: they may not.
    """
    if need is Place.DEVELOPMENT:
        only_for_development(path, hint=DEVELOPMENT_HINTS[path])
        return
    from tourpad.core.settings import read_settings

    settings, _ = read_settings()
    if not settings.operators:
        return
    from tourpad.core.identity import operators  # after the question: it loads the database's libraries

    operator = operators.listed(operators.parse(settings.operators), login())
    if isinstance(need, Permission):
        operators.account_of(operator, need)  # without one there is no database to ask
        with platform() as p, p.work(me()) as work:
            operators.check_permission(work, operator, need)
    else:
        operators.check_machine(operator)


def _gated(callback: Callable[..., Any], path: str) -> Callable[..., Any]:
    need = needed(path)

    @functools.wraps(callback)
    def run(*args: Any, **options: Any) -> Any:
        enter(path, need)
        return callback(*args, **options)

    setattr(run, GATED, True)
    return run
