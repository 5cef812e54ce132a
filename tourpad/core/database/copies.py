"""Copies of the whole database in one file, and the way back: PostgreSQL's own programs, from the wheel.

A copy holds everything that the house knows, exact addresses included: its file is its owner's alone.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote, urlsplit, urlunsplit

from tourpad.core.database import embedded, migrate
from tourpad.core.database.engine import plain_url
from tourpad.core.database.roles import HOT, SEARCH
from tourpad.core.errors import ConfigurationError, ConflictError, InvalidInputError, NotFoundError, RefusedError
from tourpad.core.values import Value

if TYPE_CHECKING:
    from psycopg import Connection

APPLICATION: Final = "tourpad"
"""How the API, the jobs and the commands name their connections."""
_MINE_ALONE: Final = 0o600
_QUIET: Final = "SET client_min_messages = warning;"
_EMPTY: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC;"
"""PostgreSQL makes the schema like this in a new database."""
_ROLE: Final = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;
    IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
        EXECUTE format('GRANT {role} TO %I', current_user);
    END IF;
END $$;
"""
"""Roles belong to the server, and are in no copy."""


class Copy(Value):
    """A file that holds a database."""

    file: Path
    size_bytes: int
    revision: str
    """The migration that its database stood at."""


class Standing(Value):
    """What a database holds now."""

    name: str
    revision: str | None
    """The migration that it stands at; nothing where it is empty."""
    people: int


def file_for(folder: Path, *, now: datetime) -> Path:
    """Where a copy goes that nobody named: its name says when it was made, and no two have the same."""
    return folder / "backups" / f"tourpad-{now:%Y%m%dT%H%M%SZ}.dump"


def back_up(url: str, file: Path) -> Copy:
    """Copy the whole database, as it is at this moment, into a file. Nobody has to stop working.

    The file has its name only once it is complete.

    Raises:
        ConflictError: there is such a file.
        ConfigurationError: the file can't be written, or the database can't be read.
    """
    if file.exists():
        raise ConflictError(f"{file} is there already.", hint="A copy never replaces another one: take another name.")
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MINE_ALONE))
    except OSError as error:
        raise ConfigurationError(f"{file} can't be written: {error.strerror}.", hint="Take another place.") from error
    try:
        _run("pg_dump", "--format=custom", f"--file={part}", url=url)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        copy = look_into(part)
        part.rename(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Copy(file=file, size_bytes=copy.size_bytes, revision=copy.revision)


def look_into(file: Path) -> Copy:
    """What a file holds, read from its beginning to its end: one that is cut off or damaged does not pass.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: it holds no database of TourPad's, or not all of it.
    """
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}.", hint="`tourpad db backup` says where it puts a copy.")
    try:
        _run("pg_restore", "--file=/dev/null", str(file))
        said = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file))
    except ConfigurationError as error:
        msg = f"{file} is no copy of a database, or not a whole one: {error.message}"
        raise InvalidInputError(
            message=msg, hint="Take one that `tourpad db backup` or `pg_dump --format=custom` made."
        ) from error
    lines = said.splitlines()
    begins = next((place for place, line in enumerate(lines) if line.startswith("COPY public.alembic_version")), None)
    if begins is None:
        msg = f"{file} holds a database, but none of TourPad's."
        raise InvalidInputError(message=msg, hint="It has no alembic_version.")
    return Copy(file=file, size_bytes=file.stat().st_size, revision=lines[begins + 1])


def standing(url: str) -> Standing:
    """What is in a database now.

    Raises:
        psycopg.OperationalError: it does not answer.
    """
    with _connected(url) as connection:
        name = str(connection.info.dbname)
        if migrate.is_empty(url):
            return Standing(name=name, revision=None, people=0)
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
        (people,) = connection.execute("SELECT count(*) FROM users").fetchone() or (0,)
    return Standing(name=name, revision=revision, people=people)


def check_restorable(url: str, copy: Copy) -> None:
    """Refuse what would leave a database that nobody can use.

    Raises:
        RefusedError: the copy is of a newer version, or somebody works in the database.
    """
    if copy.revision not in migrate.revisions():
        msg = f"The copy stands at {copy.revision}, which this version does not know."
        raise RefusedError(msg, hint="Restore it with the version that made it, or a newer one.")
    with _connected(url) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
            (APPLICATION,),
        )
        (others,) = rows.fetchone() or (0,)
    if others:
        msg = f"{others} connections of the API, the jobs or a command are open in this database."
        raise RefusedError(msg, hint="Stop them first: nothing may be sent from books that are behind.")


def restore(url: str, copy: Copy) -> None:
    """Put a copy in the place of all that the database holds, in one transaction: all of it, or nothing.

    Raises:
        ConfigurationError: the database refused; it is as it was.
    """
    begin = ["BEGIN;", _QUIET, *(_ROLE.format(role=role) for role in (SEARCH, HOT))]
    if standing(url).revision is not None:
        begin.append(_EMPTY)
    # Owners and comments on extensions are the server's; grants to our roles come along.
    reading = _started("pg_restore", "--no-owner", "--no-comments", "--file=-", str(copy.file), reads=True)
    writing = _started(
        "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", url=url, writes=True
    )
    with reading as reader, writing as writer:
        whole = _poured(begin, reader, writer)
        for process in (writer, reader):
            code, said = process.wait(), _said(process.stderr)
            if code or not whole:
                msg = f"The copy was not restored: {said}"
                raise ConfigurationError(
                    msg, hint="The database is as it was. docs/operations.md, Restoring, says what it takes."
                )


def _poured(begin: Sequence[str], reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]") -> bool:
    """Pass on what one program reads to the other that writes it; answers whether all of it went over."""
    source, sink = cast("IO[bytes]", reader.stdout), cast("IO[bytes]", writer.stdin)
    try:
        sink.write("\n".join(begin).encode())
        shutil.copyfileobj(source, sink)
        whole = reader.wait() == 0
        if whole:
            # Without this word all of it is taken back: it is said only once the last line was read.
            sink.write(b"\nCOMMIT;\n")
        sink.close()
    except BrokenPipeError:  # the writer has stopped, and says itself why
        return False
    else:
        return whole
    finally:
        source.close()  # a reader that is still at it ends by this
        with suppress(BrokenPipeError):
            sink.close()


def shell(url: str, *, writes: bool, command: str | None = None) -> int:
    """PostgreSQL's own terminal, or one statement in it. Answers its exit code.

    Args:
        url: the database.
        writes: whether anything may be changed; without it each transaction is read-only.
        command: a statement; without one, whoever sits at the terminal types them, or standard input holds them.
    """
    arguments = ["--no-psqlrc", "--set=ON_ERROR_STOP=1", *(["--command", command] if command else [])]
    options = "" if writes else "-c default_transaction_read_only=on"
    address, environment = _without_password(url)
    environment |= {"PGOPTIONS": options, "PGAPPNAME": "tourpad-shell"}
    # Ctrl-C is psql's: it ends a statement there, and must not end us around it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(
            [embedded.program("psql"), *arguments, address],
            env=environment,
            check=False,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _connected(url: str) -> "Connection[tuple[Any, ...]]":
    import psycopg  # noqa: PLC0415 - heavy

    return psycopg.connect(plain_url(url), connect_timeout=5, application_name="tourpad-copies")


def _run(name: str, *arguments: str, url: str | None = None) -> str:
    """One of PostgreSQL's programs; answers what it printed."""
    process = _started(name, *arguments, url=url, reads=True)
    printed, said = process.communicate()
    if process.returncode:
        raise ConfigurationError(_first_line(said), hint="tourpad doctor looks at DATABASE_URL and the rest.")
    return printed.decode(errors="replace")


def _started(
    name: str, *arguments: str, url: str | None = None, reads: bool = False, writes: bool = False
) -> "subprocess.Popen[bytes]":
    address: Sequence[str] = ()
    environment = dict(os.environ)
    if url is not None:
        where, environment = _without_password(url)
        address = (f"--dbname={where}",)
    return subprocess.Popen(
        [embedded.program(name), *arguments, *address],
        env=environment | {"LC_ALL": "C", "PGAPPNAME": "tourpad-copies"},
        stdin=subprocess.PIPE if writes else subprocess.DEVNULL,
        stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address for a command line, which everybody on the machine can read, and what goes beside it."""
    parts = urlsplit(plain_url(url))
    environment = dict(os.environ)
    if parts.password is None:
        return plain_url(url), environment
    environment["PGPASSWORD"] = unquote(parts.password)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{host}")), environment


def _said(stream: IO[bytes] | None) -> str:
    return _first_line(stream.read() if stream else b"")


def _first_line(said: bytes) -> str:
    """What a program complained of: its first error, without its own name and place in front."""
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    line = next((line for line in lines if "error:" in line.lower()), lines[0] if lines else "no word why")
    found = line.partition("error: ")[2] or line.partition("ERROR:")[2].strip() or line
    return f"{found.removeprefix('ERROR:').strip().rstrip('.')}."
