"""A whole export, and what it would hold."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tourpad.core.actors import Actor
from tourpad.core.errors import NotFoundError
from tourpad.core.gateways.storage import Area
from tourpad.core.relocation import queries, writing
from tourpad.core.relocation.service import exporting
from tourpad.core.relocation.shape import FORMAT, MANIFEST, OURS, VERSION
from tourpad.core.relocation.states import Kind
from tourpad.core.work import Work

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

Progress = Callable[[str, int, int], None]
"""What is being done, how many of it are done, and how many there are."""


def what_goes(platform: "Platform", actor: Actor, *, source: str | None) -> dict[Kind, int]:
    """How many records of each kind an export would hold.

    Raises:
        NotFoundError: nothing was brought from a system of that name.
    """
    with platform.work(actor) as work:
        names = _names(work, source)
        return {kind: sum(1 for _ in exporting.records(work, kind, names)) for kind in Kind}


def export(
    platform: "Platform", actor: Actor, *, to: Path, source: str | None, on_progress: Progress = lambda *_: None
) -> dict[Kind, int]:
    """Write everything that an import reads, in one view of the database; then the files.

    Args:
        platform: the platform.
        actor: the operator.
        to: a new folder, or a new file that ends in `.zip`.
        source: only what was brought from this system, by its ids there.
        on_progress: told after each file.

    Returns:
        How many records of each kind.

    Raises:
        NotFoundError: nothing was brought from a system of that name.
        ConflictError: there is something of that name.
        ConfigurationError: it can't be written there.
        StorageDown: a file can't be read.
    """
    counts: dict[Kind, int] = {}
    with writing.made(to) as target:
        with platform.work(actor) as work:
            names = _names(work, source)
            work.audit("export.begin", target_type="export", source=source)
            work.commit()
        with platform.reading(actor) as work:
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "source": source or OURS,
                "exported_at": exporting.plain(work.now),
            }
            target.write(MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
            for kind in Kind:
                found = list(exporting.records(work, kind, names))
                lines = (json.dumps(one, ensure_ascii=False, sort_keys=False) + "\n" for one in found)
                target.write(f"{kind}.jsonl", "".join(lines))
                counts[kind] = len(found)
            files = [(m.storage_key, m.size_bytes, name) for m, name in exporting.originals(work, names)]
        with tempfile.TemporaryDirectory(prefix="tourpad-") as folder:
            copy = Path(folder) / "file"
            for number, (key, size, name) in enumerate(files, 1):
                platform.storage.fetch(Area.PRIVATE, key, copy, most=size)
                target.take(name, copy)
                on_progress("files", number, len(files))
    return counts


def _names(work: Work, source: str | None) -> exporting.Names:
    known = queries.sources(work)
    if source is not None and source not in known:
        hint = f"There is {', '.join(known)}." if known else "Nothing was ever brought here."
        raise NotFoundError(f"Nothing was brought from {source}.", hint=hint)
    return exporting.Names(work, source)
