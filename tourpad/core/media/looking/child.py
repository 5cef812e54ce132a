"""Starting the process that looks into one file, and reading what it says."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tourpad.core.errors import OutsideError
from tourpad.core.media.errors import FileRefused
from tourpad.core.media.states import MediaKind
from tourpad.core.values import Value

log = logging.getLogger(__name__)

PATIENCE = 120.0
"""Seconds of wall-clock for one file."""
_ROOM = 10_000_000
"""Bytes that a file may grow by when it is written anew."""


class LookFailed(OutsideError):
    """The process could not be started, or the system ended it: the same file may work later."""

    code = "look_failed"


class Made(Value):
    """One file to publish."""

    file: Path
    mime_type: str
    width: int
    height: int
    size: int
    sha256: str


class Looked(Value):
    """What a file is, and what was made of it."""

    mime_type: str
    width: int | None
    height: int | None
    blur_hash: str | None
    made: Sequence[Made]


def look_into(source: Path, *, kind: MediaKind, folder: Path, widths: Sequence[int]) -> Looked:
    """Look into one file in a process of its own.

    Args:
        source: the file as it was sent.
        kind: what it should be.
        folder: an empty folder for what is made.
        widths: pixels, for pictures.

    Raises:
        FileRefused: it is not what it should be, or can't be read within the limits.
        LookFailed: it could not be looked at now.
    """
    job = {
        "source": str(source),
        "folder": str(folder),
        "kind": kind.value,
        "widths": list(widths),
        "most_bytes": source.stat().st_size + _ROOM,
    }
    # No secret of ours is in its environment, and -P keeps what lies in the working folder from being imported.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    command = [sys.executable, "-P", "-m", "tourpad.core.media.looking.worker"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(job),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=environment,
            cwd=folder,
        )
    except subprocess.TimeoutExpired:
        raise FileRefused("This file takes far too long to be read.") from None
    except OSError as error:
        raise LookFailed(f"No process can be started to look into files: {error.strerror}.") from error
    if done.returncode != 0:
        raise _ended(done.returncode, done.stderr)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise FileRefused(f"This file {answer['refused']}.")
    made = [Made(**{**item, "file": folder / item["file"]}) for item in answer.pop("made")]
    return Looked(**answer, made=made)


def _ended(code: int, said: str) -> FileRefused | LookFailed:
    """Whose fault it was: the file's, where the decoder crashed or ran into its limits; else the system's, or ours."""
    if code < 0:
        name = signal.Signals(-code).name
        if name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"):
            return LookFailed(f"The process that looked into the file was ended ({name}).")
        log.warning("a file ended its process by %s", name)
        return FileRefused("This file can't be read: it ends the program that tries.")
    last = said.strip().splitlines()[-1:] or ["no word"]
    log.error("looking into a file failed: %s", last[0])
    return LookFailed(f"Looking into the file failed: {last[0]}.")
