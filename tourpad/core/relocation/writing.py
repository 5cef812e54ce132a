"""A folder, or a ZIP file, that is being written: its owner's alone, and there only once it is whole."""

import os
import shutil
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from tourpad.core.errors import ConfigurationError, ConflictError

_MINE_ALONE: Final = 0o600
_MY_FOLDER: Final = 0o700


class Target(Protocol):
    """Where files go."""

    def write(self, name: str, text: str) -> None:
        """A file of text."""
        ...

    def take(self, name: str, source: Path) -> None:
        """A copy of a file."""
        ...


@contextmanager
def made(path: Path) -> Generator[Target]:
    """A ZIP file where the name ends in `.zip`, else a folder. Broken off, it leaves nothing.

    Raises:
        ConflictError: there is something of that name.
        ConfigurationError: it can't be written there.
    """
    if path.exists():
        raise ConflictError(f"{path} is there already.", hint="An export never replaces anything: take another name.")
    part = path.with_name(f"{path.name}.part")
    _remove(part)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".zip":
            with os.fdopen(_opened(part), "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield _Archive(archive)
        else:
            part.mkdir(mode=_MY_FOLDER)
            yield _Folder(part)
        part.rename(path)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}.", hint="Take another place.") from error
    finally:
        _remove(part)


def _opened(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _MINE_ALONE)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, text: str) -> None:
        with os.fdopen(_opened(self.root / name), "w", encoding="utf-8") as file:
            file.write(text)

    def take(self, name: str, source: Path) -> None:
        place = self.root / name
        place.parent.mkdir(mode=_MY_FOLDER, exist_ok=True)
        with os.fdopen(_opened(place), "wb") as file, source.open("rb") as read:
            shutil.copyfileobj(read, file)


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def write(self, name: str, text: str) -> None:
        self.archive.writestr(name, text)

    def take(self, name: str, source: Path) -> None:
        self.archive.write(source, name)
