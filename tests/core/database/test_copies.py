"""A copy of the database holds all of it, comes back whole or not at all, and is nobody else's to read."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests.command import Command
from tests.postgres import TestServer
from tourpad.core.database import copies, embedded, migrate
from tourpad.core.database.copies import Copy
from tourpad.core.errors import ConfigurationError, ConflictError, InvalidInputError, NotFoundError, RefusedError


@pytest.fixture(scope="module")
def original(server: TestServer) -> Iterator[str]:
    """A database with one admin in it, only ever copied."""
    url = server.clone(f"house_{uuid4().hex[:8]}")
    assert tourpad(url, "users", "create-admin", "mara@shows.test", "--name", "Mara").returncode == 0
    yield url
    server.drop(url)


@pytest.fixture(scope="module")
def copy(original: str, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return copies.back_up(original, tmp_path_factory.mktemp("copies") / "kept" / "house.dump")


@pytest.fixture
def house(server: TestServer, original: str) -> Iterator[str]:
    """The same people in a database whose schema may be replaced."""
    url = server.clone(f"house_{uuid4().hex[:8]}", of=urlsplit(original).path.lstrip("/"))
    yield url
    server.drop(url)


def tourpad(url: str, *words: str, home: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "TOURPAD_ENV": "test",
        "TOURPAD_SECRET": "a secret that is long enough to sign with",
        "DATABASE_URL": url,
        "TOURPAD_HOME": str(home or Path("/nowhere")),
    }
    return subprocess.run(
        [sys.executable, "-m", "tourpad", *words], env=environment, capture_output=True, text=True, check=False
    )


def names(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM users ORDER BY created_at")]


def change(url: str) -> None:
    """What was done after the copy was made."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE users SET name = 'Somebody else'")


def test_a_copy_is_a_file_of_its_owner_alone_and_complete(house: str, copy: Copy) -> None:
    assert stat.S_IMODE(copy.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.file.parent.stat().st_mode) == 0o700
    assert (copy.revision, copy.size_bytes) == (migrate.head_revision(), copy.file.stat().st_size)
    assert [file.name for file in copy.file.parent.iterdir()] == ["house.dump"]
    with pytest.raises(ConflictError):
        copies.back_up(house, copy.file)


def test_a_copy_takes_the_place_of_what_came_after(house: str, copy: Copy) -> None:
    change(house)

    copies.restore(house, copy)

    assert names(house) == ["Mara"]
    with psycopg.connect(house) as connection:
        # What search and the hot statements read by comes along; so do the guards of the ledger.
        connection.execute("SET ROLE tourpad_search")
        connection.execute("SELECT id, name FROM users")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT email FROM users")


def test_a_copy_fills_an_empty_database(server: TestServer, copy: Copy) -> None:
    url = server.empty()
    assert copies.standing(url).revision is None
    copies.restore(url, copy)
    found = copies.standing(url)
    assert (found.revision, found.people) == (migrate.head_revision(), 1)
    server.drop(url)


@pytest.mark.parametrize("ends", [1, 0])
def test_half_a_copy_changes_nothing(
    house: str, copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: int
) -> None:
    change(house)
    whole = subprocess.run(
        [embedded.program("pg_restore"), "--no-owner", "--file=-", copy.file], capture_output=True, check=True
    ).stdout
    half = tmp_path / "half.sql"
    # All tables and nothing in them, as if the reader had died; and a statement that the database does not take.
    damaged = whole[: whole.index(b"COPY public.")] if ends else whole.replace(b"CREATE INDEX", b"CREATE INDEKS")
    half.write_bytes(damaged)
    program = tmp_path / "pg_restore"
    program.write_text(f"#!/bin/sh\ncat {half}\nexit {ends}\n")
    program.chmod(0o755)
    real = embedded.program
    monkeypatch.setattr(embedded, "program", lambda name: program if name == "pg_restore" else real(name))

    with pytest.raises(ConfigurationError, match="not restored"):
        copies.restore(house, copy)

    assert names(house) == ["Somebody else"]


@pytest.mark.parametrize("damage", ["cut off", "not a copy", "of another house"])
def test_what_is_no_whole_copy_is_told_so(damage: str, server: TestServer, copy: Copy, tmp_path: Path) -> None:
    file = tmp_path / "given.dump"
    if damage == "of another house":
        url = server.empty()
        subprocess.run([embedded.program("pg_dump"), "--format=custom", f"--file={file}", url], check=True)
        server.drop(url)
    else:
        file.write_bytes(copy.file.read_bytes()[:-2_000] if damage == "cut off" else b"hello")
    with pytest.raises(InvalidInputError):
        copies.look_into(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        copies.look_into(tmp_path / "nothing.dump")


def test_nobody_may_work_in_it_meanwhile_and_the_copy_must_be_known(house: str, copy: Copy) -> None:
    copies.check_restorable(house, copy)
    with psycopg.connect(house, application_name=copies.APPLICATION), pytest.raises(RefusedError, match="1 connection"):
        copies.check_restorable(house, copy)
    newer = Copy(file=copy.file, size_bytes=copy.size_bytes, revision="9999_of_next_year")
    with pytest.raises(RefusedError, match="9999_of_next_year"):
        copies.check_restorable(house, newer)


def test_a_password_is_in_no_command_line(house: str) -> None:
    given = house.replace("postgresql://postgres:@", "postgresql://postgres:s3cret%40@")
    address, environment = copies._without_password(given)
    assert "s3cret" not in address
    assert environment["PGPASSWORD"] == "s3cret@"


def test_the_commands(house: str, tmp_path: Path) -> None:
    made = tourpad(house, "db", "backup", home=tmp_path)
    assert made.returncode == 0, made.stderr
    file = made.stdout.splitlines()[0].split("\t")[1]
    change(house)

    done = tourpad(house, "db", "restore", file, "--yes", home=tmp_path)
    assert (done.returncode, names(house)) == (0, ["Mara"]), done.stderr
    assert "tourpad reconcile --fix" in done.stdout
    before = next((tmp_path / "backups").glob("before-restore-*"))
    copies.restore(house, copies.look_into(before))
    assert names(house) == ["Somebody else"]


def test_the_shell_reads_and_writes_only_when_told(house: str, capfd: pytest.CaptureFixture[str]) -> None:
    rename = "UPDATE users SET name = 'Typed'"
    assert copies.shell(house, writes=False, command="SELECT name FROM users") == 0
    assert "Mara" in capfd.readouterr().out
    assert copies.shell(house, writes=False, command=rename) == 1
    assert "read-only" in capfd.readouterr().err
    assert names(house) == ["Mara"]
    assert copies.shell(house, writes=True, command=rename) == 0
    assert names(house) == ["Typed"]


def test_nothing_is_restored_unasked(cli: Command, copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "check_restorable", lambda *_: None)  # this process itself is connected
    unasked = cli("db", "restore", str(copy.file))
    assert (unasked.exit_code, unasked.stderr.splitlines()[0]) == (
        4,
        "This needs a yes, and nobody is at the terminal.",
    )
    assert cli("db", "restore", str(copy.file), "--dry-run").exit_code == 0
    assert cli("users", "list", "--json").json["users"] == []


def test_opening_the_shell_goes_on_record(cli: Command, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli("db", "shell", "--command", "SELECT 6 * 7").exit_code == 0
    assert "42" in capfd.readouterr().out
    assert [entry["action"] for entry in cli("audit", "list", "--json").json["entries"]] == ["database.shell"]
