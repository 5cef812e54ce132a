"""From a command to the platform, and from what people type to ids."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tourpad.cli import state
from tourpad.core.actors import Actor, operator

if TYPE_CHECKING:
    from tourpad.core.identity.models import User
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Settings
    from tourpad.core.work import Work


def load(*, serves: bool = False) -> "Settings":
    """The settings of this process.

    Args:
        serves: whether it runs until it is stopped, so that its log is read later.
    """
    from tourpad.core.settings import load_settings
    from tourpad.core.watch.begin import begin_watching

    settings = load_settings()
    begin_watching(settings, plainly=sys.stderr.isatty() and not (serves or state.debug))
    return settings


def only_for_development(what: str, *, hint: str) -> None:
    """Refuse a command outside of dev and test by its name, before anything else is looked at.

    Raises:
        RefusedError: this is staging or production.
    """
    from tourpad.core.errors import RefusedError
    from tourpad.core.settings import Env, environment_of

    env = environment_of()
    if env not in (Env.DEV, Env.TEST):
        msg = f"tourpad {what} is for development and tests; this is {env}."
        raise RefusedError(msg, hint=hint)


@contextmanager
def platform(*, migrated: bool = True, serves: bool = False) -> Generator["Platform"]:
    """The platform for one command. An embedded database that is still empty is migrated first.

    Args:
        migrated: whether the command needs the tables (`db upgrade` does not).
        serves: whether it runs until it is stopped.
    """
    from tourpad.core.database import migrate
    from tourpad.core.platform import Platform

    settings = load(serves=serves)
    opened = Platform.open(settings)
    try:
        if migrated and settings.database_url is None and migrate.is_empty(opened.database_url):
            migrate.upgrade(opened.database_url)
        yield opened
    finally:
        opened.close()


def check_migrated(opened: "Platform") -> None:
    """Refuse to serve a database that stands at another migration.

    Raises:
        ConfigurationError: with the command that brings it there.
    """
    from tourpad.core.database import migrate
    from tourpad.core.errors import ConfigurationError

    current, wanted = migrate.current_revision(opened.engine), migrate.head_revision()
    if current != wanted:
        raise ConfigurationError(
            f"The database is at {current or 'no migration'}, and this version needs {wanted}.",
            hint="tourpad db upgrade brings it there.",
        )


def me() -> Actor:
    """Whoever sits at the terminal."""
    return operator(login())


def login() -> str:
    """Their login on the machine, as the system knows it: variables of the environment are anybody's to set.

    Linux remembers who logged in even after `sudo`, so that a shared account of the service has a person behind it.
    """
    import pwd

    try:
        number = int(_LOGGED_IN.read_text(encoding="ascii"))
    except (OSError, ValueError):
        number = _NOBODY_LOGGED_IN
    try:
        return pwd.getpwuid(os.getuid() if number == _NOBODY_LOGGED_IN else number).pw_name
    except KeyError:
        return "unknown"


_LOGGED_IN = Path("/proc/self/loginuid")
_NOBODY_LOGGED_IN = 2**32 - 1
"""A service or a container: nobody came by way of a login."""


def find_person(work: "Work", who: str) -> "User":
    """The person of a mail address, or of any unique part of an id.

    Raises:
        NotFoundError: nobody.
        RefusedError: several people.
    """
    from tourpad.core.database.lookup import by_id_part
    from tourpad.core.identity import queries
    from tourpad.core.identity.models import User

    if "@" in who:
        return queries.get_by_email(work, who)
    return queries.get_user(work, by_id_part(work, User, who, noun="person", list_command="tourpad users list"))
