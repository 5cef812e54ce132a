"""From a command to the platform, and from what people type to ids."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor, operator

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.settings import Settings


def load() -> "Settings":
    """The settings of this process."""
    from tourpad.core.settings import load_settings  # noqa: PLC0415 - keeps help quick

    return load_settings()


@contextmanager
def platform(*, migrated: bool = True) -> Iterator["Platform"]:
    """The platform for one command. An embedded database that is still empty is migrated first.

    Args:
        migrated: whether the command needs the tables (`db upgrade` does not).
    """
    from tourpad.core.database import migrate  # noqa: PLC0415 - keeps help quick
    from tourpad.core.platform import Platform  # noqa: PLC0415 - as above

    settings = load()
    opened = Platform.open(settings)
    try:
        if migrated and settings.database_url is None and not _has_tables(opened):
            migrate.upgrade(opened.database_url)
        yield opened
    finally:
        opened.close()


def _has_tables(opened: "Platform") -> bool:
    from sqlalchemy import text  # noqa: PLC0415 - as above

    with opened.engine.connect() as connection:
        return connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is not None


def me() -> Actor:
    """Whoever sits at the terminal."""
    try:
        return operator(getpass.getuser())
    except (KeyError, OSError):
        return operator("unknown")
