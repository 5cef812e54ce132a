"""MP4 and M4A: boxes in boxes (ISO 14496-12).

Every box on the outer levels must be a known one and lie within its parent. What says where, when and on what a film
was made (`udta`, `meta`, `uuid`, tracks that are neither picture, sound nor subtitles) becomes empty space of the same
size, so that every offset inside stays right. What follows the last box is no box, so the file is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from tourpad.core.media.looking.pieces import Container, Damaged, Keep, Piece, Zeros, read, size_of
from tourpad.core.values import Value

MOST_BOXES: Final = 100_000
_HEAD: Final = 8
_LONG_HEAD: Final = 16

_TOP: Final = frozenset(
    {b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"ssix", b"styp", b"pdin", b"prft", b"emsg"}
)
_EMPTIED: Final = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"wide"})
_IN_MOOV: Final = frozenset({b"mvhd", b"trak", b"mvex", b"iods"})
_SHOWN: Final = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp"})


class _Box(Value):
    kind: bytes
    start: int
    head: int
    end: int


@dataclass(slots=True)
class _Found:
    """What the walk through a file has seen."""

    handlers: set[bytes] = field(default_factory=set[bytes])
    size: tuple[int, int] = (0, 0)
    emptied: list[_Box] = field(default_factory=list[_Box])
    boxes: int = 0


def look(source: BinaryIO) -> Container:
    """Understand an MP4.

    Raises:
        Damaged: it is none, or is cut off.
    """
    end = size_of(source)
    found = _Found()
    kinds: list[bytes] = []
    for box in _boxes(source, 0, end, found):
        kinds.append(box.kind)
        if box.kind in _EMPTIED:
            found.emptied.append(box)
        elif box.kind not in _TOP:
            raise Damaged("holds parts that do not belong into an MP4")
        elif box.kind == b"moov":
            _movie(source, box, found)
    if kinds[:1] != [b"ftyp"] or kinds.count(b"moov") != 1 or not {b"mdat", b"moof"}.intersection(kinds):
        raise Damaged("is no whole MP4: its beginning, its index or its content is missing")
    if b"vide" in found.handlers:
        return Container("video/mp4", _pieces(found.emptied, end), *found.size)
    if b"soun" in found.handlers:
        return Container("audio/mp4", _pieces(found.emptied, end))
    raise Damaged("has neither picture nor sound")


def _movie(source: BinaryIO, moov: _Box, found: _Found) -> None:
    for box in _boxes(source, moov.start + moov.head, moov.end, found):
        if box.kind == b"trak":
            _track(source, box, found)
        elif box.kind == b"cmov":
            raise Damaged("has a compressed index, which is not taken")
        elif box.kind not in _IN_MOOV:
            found.emptied.append(box)


def _track(source: BinaryIO, trak: _Box, found: _Found) -> None:
    handler, size, inner = b"", (0, 0), list[_Box]()
    for box in _boxes(source, trak.start + trak.head, trak.end, found):
        if box.kind == b"tkhd":
            size = _dimensions(read(source, box.start + box.head, min(box.end - box.start - box.head, 200)))
        elif box.kind in _EMPTIED:
            inner.append(box)
        elif box.kind == b"mdia":
            for part in _boxes(source, box.start + box.head, box.end, found):
                if part.kind == b"hdlr":
                    handler = read(source, part.start + part.head, 12)[8:12]
    if handler not in _SHOWN:
        found.emptied.append(trak)
        return
    found.handlers.add(handler)
    found.emptied += inner
    if handler == b"vide":
        found.size = max(found.size, size)


def _dimensions(tkhd: bytes) -> tuple[int, int]:
    """Width and height in pixels as they are shown: the matrix may turn the picture by a quarter."""
    if len(tkhd) < 44:  # noqa: PLR2004 - matrix and both numbers
        raise Damaged("has a track without a size")
    width, height = (int.from_bytes(tkhd[at : at + 4], "big") >> 16 for at in (len(tkhd) - 8, len(tkhd) - 4))
    turned = tkhd[-44:-40] == bytes(4)
    return (height, width) if turned else (width, height)


def _boxes(source: BinaryIO, start: int, end: int, found: _Found) -> Iterator[_Box]:
    while start < end:
        found.boxes += 1
        if found.boxes > MOST_BOXES:
            raise Damaged("has far too many parts")
        if end - start < _HEAD:
            raise Damaged("has something after its end")
        head = read(source, start, _HEAD)
        size, kind, length = int.from_bytes(head[:4], "big"), head[4:], _HEAD
        if size == 1:
            size, length = int.from_bytes(read(source, start + _HEAD, 8), "big"), _LONG_HEAD
        elif size == 0:
            size = end - start
        if size < length or start + size > end:
            raise Damaged("is cut off, or has something after its end")
        yield _Box(kind, start, length, start + size)
        start += size


def _pieces(emptied: list[_Box], end: int) -> list[Piece]:
    """The whole file, with empty space in place of those boxes (none lies in another of them)."""
    pieces: list[Piece] = []
    at = 0
    for box in sorted(emptied, key=lambda b: b.start):
        pieces += [Keep(at, box.start + 4 - at), b"free", Keep(box.start + _HEAD, box.head - _HEAD)]
        pieces.append(Zeros(box.end - box.start - box.head))
        at = box.end
    pieces.append(Keep(at, end - at))
    return pieces
