"""A folder, or a ZIP file of one, read line by line. Nothing is unpacked, and nothing in it is trusted."""

import json
import shutil
import zipfile
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NoReturn, Protocol, cast

from tourpad.core.errors import InvalidInputError, NotFoundError
from tourpad.core.relocation.shape import MANIFEST, MEDIA, Fault, Line, Manifest, check_manifest, nearest
from tourpad.core.relocation.states import Kind
from tourpad.core.values import Value

LONGEST_LINE: Final = 1_000_000
"""Bytes."""
_ENCRYPTED: Final = 1
"""The flag of an entry of a ZIP file that takes a password."""
_FILES: Final = (MANIFEST, *(f"{kind}.jsonl" for kind in Kind))


class Package(Protocol):
    """Named files, wherever they lie."""

    def names(self) -> Iterable[str]:
        """All files, with `/` between folder and name."""
        ...

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where there is none."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read."""
        ...


class Contents(Value):
    """All that was read."""

    manifest: Manifest
    lines: dict[Kind, list[Line]]
    faults: list[Fault]
    """What can't even be read as a line."""


@contextmanager
def opened(path: Path) -> Generator[Package]:
    """A folder or a ZIP file.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: it is neither, or a ZIP file that can't be read to its end.
    """
    if path.is_dir():
        yield _Folder(path.resolve())
    elif not path.exists():
        raise NotFoundError(
            f"There is no {path}.", hint="Give a folder with a manifest.json in it, or a ZIP file of one."
        )
    elif not zipfile.is_zipfile(path):
        raise InvalidInputError(message=f"{path} is neither a folder nor a ZIP file.")
    else:
        try:
            with zipfile.ZipFile(path) as archive:
                if any(info.flag_bits & _ENCRYPTED for info in archive.infolist()):
                    raise InvalidInputError(message=f"{path} is locked with a password: unpack it first.")
                yield _Archive(archive)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise InvalidInputError(message=f"{path} is damaged: {error}.") from error


def read(package: Package) -> Contents:
    """Read everything but the media.

    Raises:
        InvalidInputError: there is no manifest that can be read.
    """
    if package.size(MANIFEST) is None:
        raise InvalidInputError(
            message=f"There is no {MANIFEST} in it.", hint="docs/how-to/bring-people-from-another-system.md shows one."
        )
    with package.open(MANIFEST) as file:
        said, fault = _parse(file.read(LONGEST_LINE))
    manifest, faults = check_manifest(said) if fault is None else (None, [Fault(MANIFEST, None, None, fault)])
    if manifest is None:
        raise InvalidInputError(message="; ".join(f"{f.file}: {f.field or ''} {f.message}" for f in faults))
    lines: dict[Kind, list[Line]] = {}
    for kind in Kind:
        lines[kind] = []
        name = f"{kind}.jsonl"
        if package.size(name) is not None:
            with package.open(name) as file:
                for one in _lines(kind, file):
                    if isinstance(one, Line):
                        lines[kind].append(one)
                    else:
                        faults.append(one)
    return Contents(manifest, lines, faults + _strangers(package))


def copy(package: Package, name: str, to: Path) -> None:
    """Copy one file out of it."""
    with package.open(name) as source, to.open("wb") as target:
        shutil.copyfileobj(source, target)


def _strangers(package: Package) -> list[Fault]:
    """Files whose names say nothing here: `user.jsonl` would else be left out without a word."""
    faults: list[Fault] = []
    for name in package.names():
        if name in _FILES or name.startswith((f"{MEDIA}/", ".", "__MACOSX/")):
            continue
        meant = nearest(name, _FILES)
        faults.append(
            Fault(name, None, None, f"is no file here; the nearest is {meant}" if meant else "is no file here")
        )
    return faults


def _lines(kind: Kind, file: IO[bytes]) -> Iterator[Line | Fault]:
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        name = f"{kind}.jsonl"
        if len(raw) > LONGEST_LINE:
            yield Fault(name, number, None, f"is longer than {LONGEST_LINE:,} bytes; the rest of the file is not read")
            return
        if not raw.strip():
            continue
        said, fault = _parse(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)
        if fault is None and not isinstance(said, dict):
            fault = "must be an object"
        if fault is not None:
            yield Fault(name, number, None, fault)
            continue
        fields = cast("dict[str, Any]", said)
        yield Line(kind, number, {key: _plain(key, value) for key, value in fields.items() if value is not None})


def _plain(key: str, value: Any) -> Any:
    """Ids are text, whether they were numbers elsewhere or not."""
    is_id = (key == "id" or key.endswith("_id")) and isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_id else value


def _parse(raw: bytes) -> tuple[Any, str | None]:
    """What a line says, or what is wrong with it."""
    try:
        return json.loads(raw, object_pairs_hook=_once, parse_constant=_no_number), None
    except UnicodeDecodeError:
        return None, "is not UTF-8"
    except RecursionError:
        return None, "is nested too deeply"
    except json.JSONDecodeError as error:
        return None, f"is no JSON: {error.msg} at character {error.colno}"
    except ValueError as error:
        return None, str(error)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, in which each name stands once: of two the last would win without a word."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            msg = f"says {name} twice"
            raise ValueError(msg)
        made[name] = value
    return made


def _no_number(name: str) -> NoReturn:
    msg = f"has {name}, which is no number"
    raise ValueError(msg)


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> Iterable[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())

    def size(self, name: str) -> int | None:
        found = self._inside(name)
        return found.stat().st_size if found else None

    def open(self, name: str) -> IO[bytes]:
        found = self._inside(name)
        if found is None:
            raise NotFoundError(f"There is no {name} in it.")
        return found.open("rb")

    def _inside(self, name: str) -> Path | None:
        """The file, where it is one and lies in the folder: neither `..` nor a link leads out."""
        found = (self.root / name).resolve()
        return found if found.is_relative_to(self.root) and found.is_file() else None


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        files = [info.filename for info in archive.infolist() if not info.is_dir()]
        manifest = min((n for n in files if n.rpartition("/")[2] == MANIFEST), key=len, default=MANIFEST)
        self.top = manifest.removesuffix(MANIFEST)
        """The folder within, where a whole folder was packed."""
        self.files = {n.removeprefix(self.top): n for n in files if n.startswith(self.top)}

    def names(self) -> Iterable[str]:
        return sorted(self.files)

    def size(self, name: str) -> int | None:
        found = self.files.get(name)
        return self.archive.getinfo(found).file_size if found else None

    def open(self, name: str) -> IO[bytes]:
        if name not in self.files:
            raise NotFoundError(f"There is no {name} in it.")
        return self.archive.open(self.files[name])
