"""Alembic, called as a library: the same migrations from a clone and from a wheel."""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tourpad.core.database.engine import driver_url, plain_url
from tourpad.core.errors import ConfigurationError
from tourpad.core.values import Value

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine

_REVISION = re.compile(r"""^(revision|down_revision)\s*=\s*["']([^"']*)["']""", re.MULTILINE)

RIGHTS_ARE_MISSING = 'docs/operations.md, "A database user with few rights", has what an administrator runs once.'


class MigrationStatus(Value):
    """Where a database stands: its revision (none: empty), the newest one, and those in between, oldest first."""

    current: str | None
    head: str
    pending: tuple[str, ...]


def migrations_folder() -> Path:
    """`migrations/` of a clone, or the copy inside the wheel."""
    package = Path(__file__).resolve().parents[2]
    shipped = package / "_migrations"
    return shipped if shipped.is_dir() else package.parent / "migrations"


def config(url: str) -> "Config":
    """Alembic's configuration for one database."""
    from alembic.config import Config  # noqa: PLC0415 - costs a second of CPU

    result = Config()
    result.set_main_option("script_location", str(migrations_folder()))
    result.attributes["url"] = driver_url(url)
    return result


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`. Safe to repeat; two at once wait for each other.

    Raises:
        ConfigurationError: the database's user may not do what a migration does; the hint says what an administrator
            of the server has to run. Migrations before that one are done.
    """
    from alembic import command  # noqa: PLC0415 - as above
    from psycopg.errors import InsufficientPrivilege, RaiseException  # noqa: PLC0415 - as above
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - as above

    try:
        command.upgrade(config(url), revision)
    except DBAPIError as error:
        # A migration that sees that it may not go on says so by itself, with what to do.
        if not isinstance(error.orig, InsufficientPrivilege | RaiseException):
            raise
        said = error.orig.diag
        msg = f"The migrations can't go on: {(said.message_primary or str(error.orig)).rstrip('.')}."
        raise ConfigurationError(msg, hint=said.message_hint or RIGHTS_ARE_MISSING) from error


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision` (`-1`, a revision, or `base`). Data of dropped tables is lost."""
    from alembic import command  # noqa: PLC0415 - as above

    command.downgrade(config(url), revision)


def status(url: str) -> MigrationStatus:
    """Compare the database with the migrations that this version ships."""
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above
    from sqlalchemy import create_engine  # noqa: PLC0415 - as above

    script = ScriptDirectory.from_config(config(url))
    head = script.get_current_head() or ""
    engine = create_engine(driver_url(url), connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    pending = [rev.revision for rev in script.walk_revisions("base", "head")]
    pending.reverse()
    if current in pending:
        pending = pending[pending.index(current) + 1 :]
    return MigrationStatus(current=current, head=head, pending=tuple(pending))


def is_empty(url: str) -> bool:
    """Whether the database was never migrated. Cheap: one query, and no Alembic."""
    import psycopg  # noqa: PLC0415 - heavy

    with psycopg.connect(plain_url(url), connect_timeout=5) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version') IS NULL").fetchone()
    return bool(row and row[0])


@cache
def _followers() -> dict[str, str]:
    """Each revision that this version ships, and the one that it follows. Not by Alembic, which costs a second."""
    found = [
        dict(_REVISION.findall(file.read_text(encoding="utf-8")))
        for file in (migrations_folder() / "versions").glob("*.py")
    ]
    return {one["revision"]: one.get("down_revision", "") for one in found}


def revisions() -> frozenset[str]:
    """All revisions that this version ships."""
    return frozenset(_followers())


def head_revision() -> str:
    """The newest revision that this version ships. Asks no database."""
    heads = revisions() - set(_followers().values())
    return next(iter(heads)) if len(heads) == 1 else ""


def current_revision(engine: "Engine") -> str | None:
    """Where the database stands; nothing if it was never migrated. One query, and no Alembic."""
    from sqlalchemy import text  # noqa: PLC0415 - as above

    with engine.connect() as connection:
        if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
