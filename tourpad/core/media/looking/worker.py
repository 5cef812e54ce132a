"""The process that looks into one file: limits first, then everything that could go wrong.

Run as `python -m tourpad.core.media.looking.worker` with a job (JSON) on standard input; answers with JSON on standard
output. `child.py` starts it.
"""

import hashlib
import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tourpad.core.media.looking import mp4, ogg, sound, webm
from tourpad.core.media.looking.pieces import Container, Damaged, write
from tourpad.core.media.looking.sniff import HEAD, sniff

MEMORY = 1_500_000_000
"""Bytes of address space: 50 million pixels four times over, and Pillow."""
CPU_SECONDS = 60
OPEN_FILES = 64

_CONTAINERS = {
    "video/mp4": mp4.look,
    "audio/mp4": mp4.look,
    "application/mp4": mp4.look,
    "video/webm": webm.look,
    "audio/mpeg": sound.look_mp3,
    "audio/wav": sound.look_wav,
    "audio/flac": sound.look_flac,
    "audio/ogg": ogg.look,
}
_NAMES = {
    "image/heic": "is a HEIC picture; save it as JPEG",
    "image/svg+xml": "is an SVG, which may hold programs; save it as PNG",
    "image/tiff": "is a TIFF picture; save it as JPEG or PNG",
    "video/quicktime": "is a QuickTime film; save it as MP4",
    "video/x-matroska": "is a Matroska film; save it as WebM or MP4",
    "video/x-msvideo": "is an AVI film; save it as MP4",
}


def confine(most_bytes: int) -> None:
    """Take from this process what it will not need. Each limit holds where the system has it.

    Args:
        most_bytes: of the largest file that it may write.
    """
    for name, limit in (
        ("RLIMIT_AS", MEMORY),
        ("RLIMIT_CPU", CPU_SECONDS),
        ("RLIMIT_FSIZE", most_bytes),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_CORE", 0),
    ):
        number = getattr(resource, name, None)
        if number is not None:
            with suppress(OSError, ValueError):
                resource.setrlimit(number, (limit, limit))


def look(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job: `source`, `folder`, `kind`, `widths`. Answers with what was made, or with `refused`.

    Raises:
        Damaged: the file is not what it should be.
    """
    source, folder, kind = Path(job["source"]), Path(job["folder"]), job["kind"]
    with source.open("rb") as opened:
        head = opened.read(HEAD)
        mime_type = sniff(head)
        if mime_type is None:
            raise Damaged(f"is no {kind} that is known here")
        if mime_type.startswith("image/") and mime_type not in _NAMES:
            if kind != "photo":
                raise Damaged(f"is a picture and no {kind}")
            return _picture(source, mime_type, folder, job["widths"])
        look_into = _CONTAINERS.get(mime_type)
        if look_into is None:
            raise Damaged(_NAMES.get(mime_type, f"is no {kind} but {mime_type}"))
        if kind == "photo":
            raise Damaged(f"is no photo but {mime_type}")
        container = look_into(opened)
        if container.mime_type.partition("/")[0] != kind:
            raise Damaged(f"has no picture in it: it is {container.mime_type}" if kind == "video" else "is a video")
        target = folder / "whole"
        write(opened, container.pieces, target)
    return _whole(container, target)


def _picture(source: Path, mime_type: str, folder: Path, widths: list[int]) -> dict[str, Any]:
    from tourpad.core.media.looking import picture  # noqa: PLC0415 - Pillow only where there is a picture

    drawn = picture.draw(source, mime_type, folder, widths)
    return {
        "mime_type": mime_type,
        "width": drawn.width,
        "height": drawn.height,
        "blur_hash": drawn.blur_hash,
        "made": [_made(d.file, d.mime_type, d.width, d.height) for d in drawn.drawings],
    }


def _whole(container: Container, target: Path) -> dict[str, Any]:
    return {
        "mime_type": container.mime_type,
        "width": container.width or None,
        "height": container.height or None,
        "blur_hash": None,
        "made": [_made(target, container.mime_type, 0, 0)],
    }


def _made(file: Path, mime_type: str, width: int, height: int) -> dict[str, Any]:
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return {
        "file": file.name,
        "mime_type": mime_type,
        "width": width,
        "height": height,
        "size": file.stat().st_size,
        "sha256": sha256,
    }


def main() -> int:
    """Read a job, do it, answer."""
    job = json.loads(sys.stdin.read())
    confine(job["most_bytes"])
    try:
        answer = look(job)
    except Damaged as refusal:
        answer = {"refused": str(refusal)}
    except (MemoryError, RecursionError):
        answer = {"refused": "needs far more memory to be read than a file of its kind should"}
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
