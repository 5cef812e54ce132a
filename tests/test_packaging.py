"""The wheel holds all that the program needs, and nothing that it does not."""

import email
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools.house_rules import tree_files

ROOT = Path(__file__).resolve().parent.parent

DATA = (
    "tourpad/py.typed",
    "tourpad/_migrations/env.py",
    "tourpad/_migrations/script.py.mako",
    "tourpad/data/us_towns.tsv.gz",
    "tourpad/sandbox/data/operations.json.gz",
)
"""What is no module and must be there by name."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without network by the locked build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> set[str]:
    """The names of all files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_file_of_the_package_and_every_migration(shipped: set[str]) -> None:
    ours = [path.relative_to(ROOT).as_posix() for path in tree_files(ROOT)]
    wanted = {name for name in ours if name.startswith("tourpad/")}
    wanted |= {f"tourpad/_{name}" for name in ours if name.startswith("migrations/")}

    assert {name for name in shipped if ".dist-info/" not in name} == wanted


@pytest.mark.parametrize("name", DATA)
def test_the_wheel_holds_the_data_that_no_import_would_miss(shipped: set[str], name: str) -> None:
    assert name in shipped


def test_the_wheel_brings_the_command_and_says_what_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        commands = archive.read(entries).decode()
        about = email.message_from_bytes(archive.read(metadata))

    assert "tourpad = tourpad.cli.main:run" in commands
    assert (about["Name"], about["Requires-Python"], about["License-Expression"]) == (
        "tourpad",
        ">=3.11",
        "MIT",
    )


def test_unpacked_elsewhere_it_finds_its_own_migrations(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    asked = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tourpad.core.database import migrate\n"
        "print(migrate.migrations_folder()); print(migrate.head_revision())"
    )
    command = [sys.executable, "-c", asked, str(tmp_path)]
    answered = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()

    newest = max(path.stem for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    assert answered == [str(tmp_path / "tourpad" / "_migrations"), newest]
