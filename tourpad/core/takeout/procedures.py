"""Making the archive: rows of the database, and the files themselves."""

import json
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.gateways.storage import Area
from tourpad.core.identity.queries import get_user
from tourpad.core.media.states import MediaState
from tourpad.core.takeout import page, queries

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

README = """\
Everything that TourPad holds on {name}, as of {at} UTC.

`index.html` shows it in a browser, without any connection. Beside it is one file of JSON for each table, with its
rows; amounts are whole cents, instants are UTC. `media/` holds the files that were uploaded, as they were sent.

Not in here: hashes of passwords and tokens, keys, notes that reviewers and admins keep among themselves, and what
machines need to do their work. Files that were refused or are still being looked at are listed without the file.
"""


def archive(platform: "Platform", actor: Actor, *, user_id: UUID, to: IO[bytes]) -> dict[str, int]:
    """Write everything that is held on a person into one ZIP file.

    Args:
        platform: the platform.
        actor: who asks: the person, or an operator.
        user_id: the person.
        to: where the archive is written.

    Returns:
        How many rows of each table, and how many `media_files`.

    Raises:
        NotFoundError: nobody has that id.
        StorageDown: the files can't be read.
    """
    counts: dict[str, int] = {}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as made:
        with platform.work(actor) as work:
            user = get_user(work, user_id)
            made.writestr("README.txt", README.format(name=user.name, at=f"{work.now:%Y-%m-%d %H:%M}"))
            tables = list(queries.held(work, user_id))
            for name, rows in tables:
                counts[name] = len(rows)
                made.writestr(f"{name}.json", json.dumps(_plain(rows), ensure_ascii=False, indent=2))
            files = [
                (m.storage_key, f"media/{m.id}.{m.mime_type.rpartition('/')[2]}", m.size_bytes, m.id)
                for m in queries.files(work, user_id)
                if m.state is MediaState.PUBLISHED
            ]
            where = {media_id: path for _, path, _, media_id in files}
            made.writestr("index.html", page.render(name=user.name, at=work.now, tables=tables, files=where))
            work.audit("user.export", target_type="user", target_id=user_id)
            work.commit()
        counts["media_files"] = 0
        with tempfile.TemporaryDirectory() as folder:
            for key, path, size, media_id in files:
                copy = Path(folder) / str(media_id)
                platform.storage.fetch(Area.PRIVATE, key, copy, most=size)
                made.write(copy, path)
                copy.unlink()
                counts["media_files"] += 1
    return counts


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
