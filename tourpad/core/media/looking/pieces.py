"""What is kept of a sound or a video: pieces of the file as it was sent, with other bytes in place of the rest."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from tourpad.core.values import Value

CHUNK = 1 << 20


class Damaged(Exception):
    """The file is not built as its kind is built. The message finishes the sentence "This file …"."""


class Keep(Value):
    """Bytes of the source."""

    start: int
    length: int


class Zeros(Value):
    """So many bytes of nothing."""

    length: int


Piece = Keep | Zeros | bytes


class Container(Value):
    """A sound or a video, understood."""

    mime_type: str
    pieces: Sequence[Piece]
    width: int = 0
    """Pixels; 0 for sound."""
    height: int = 0


def write(source: BinaryIO, pieces: Sequence[Piece], target: Path) -> None:
    """Put the pieces together in a new file."""
    with target.open("wb") as out:
        for piece in pieces:
            if isinstance(piece, bytes):
                out.write(piece)
            elif isinstance(piece, Zeros):
                for start in range(0, piece.length, CHUNK):
                    out.write(bytes(min(CHUNK, piece.length - start)))
            else:
                source.seek(piece.start)
                left = piece.length
                while left:
                    chunk = source.read(min(CHUNK, left))
                    if not chunk:
                        raise Damaged("ends too early")
                    out.write(chunk)
                    left -= len(chunk)


def read(source: BinaryIO, start: int, length: int) -> bytes:
    """Exactly so many bytes from there.

    Raises:
        Damaged: the file ends before.
    """
    source.seek(start)
    data = source.read(length)
    if len(data) != length:
        raise Damaged("ends too early")
    return data


def size_of(source: BinaryIO) -> int:
    """Bytes of the whole file."""
    return source.seek(0, 2)
