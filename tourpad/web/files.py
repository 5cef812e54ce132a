"""Sending a file that lies on this machine, whole or the one part that a player asks for (RFC 9110, 14)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from litestar import Request, Response
from litestar.response import Stream

from tourpad.core.errors import NotFoundError

_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def send_file(
    request: Request[Any, Any, Any], path: Path, *, mime_type: str, headers: dict[str, str]
) -> Response[Any] | Stream:
    """Answer with a file: 200, 206 for one range of it, 416 for a range outside of it.

    Raises:
        NotFoundError: there is none.
    """
    if not path.is_file():
        raise NotFoundError("There is no such file.")
    size = path.stat().st_size
    headers = {**headers, "Accept-Ranges": "bytes", "Content-Disposition": "inline"}
    start, end = 0, size - 1
    status = 200
    wanted = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if wanted and (wanted[1] or wanted[2]):
        if wanted[1]:
            start = int(wanted[1])
            end = min(int(wanted[2]), end) if wanted[2] else end
        else:
            start = max(0, size - int(wanted[2]))
        if start > end:
            return Response(b"", status_code=416, headers={"Content-Range": f"bytes */{size}"}, media_type=mime_type)
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    headers["Content-Length"] = str(end - start + 1)
    return Stream(_part(path, start, end - start + 1), status_code=status, media_type=mime_type, headers=headers)


def _part(path: Path, start: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as source:
        source.seek(start)
        while length > 0 and (chunk := source.read(min(_CHUNK, length))):
            length -= len(chunk)
            yield chunk
