"""Ogg with Vorbis or Opus: whole pages, one after the other (RFC 3533). Comments are emptied, what follows is dropped.

The second packet of a stream holds its comments (RFC 7845, 5.2; Vorbis I, 5). It becomes one without any, of the same
length, so that no page moves; only the checksums of its pages are new.
"""

from dataclasses import dataclass, field
from typing import BinaryIO, Final

from tourpad.core.media.looking.pieces import Container, Damaged, Keep, Piece, read, size_of

_HEAD: Final = 27
_FULL: Final = 255
"""A segment of so many bytes goes on in the next one."""
_BEGINS: Final = 0x02
_POLYNOMIAL: Final = 0x04C11DB7
_EMPTY: Final = {b"\x01vorbis": b"\x03vorbis" + bytes(8) + b"\x01", b"OpusHead": b"OpusTags" + bytes(8)}
"""By how a stream begins: its second packet, without vendor and comments."""


@dataclass(slots=True)
class _Stream:
    """One of the streams in a file, as far as its packets are followed: to the end of the second."""

    empty: bytes
    packet: int = 0
    written: int = 0
    """Bytes of the second packet so far."""


@dataclass(slots=True)
class _Walk:
    source: BinaryIO
    pieces: list[Piece] = field(default_factory=list[Piece])
    streams: dict[bytes, _Stream] = field(default_factory=dict[bytes, _Stream])


def look(source: BinaryIO) -> Container:
    """Understand an Ogg with sound.

    Raises:
        Damaged: it is none, holds something else, or is cut off.
    """
    walk = _Walk(source)
    end, at = size_of(source), 0
    while at + _HEAD <= end:
        head = read(source, at, _HEAD)
        if head[:5] != b"OggS\0":
            break
        lengths = read(source, at + _HEAD, head[26])
        size = _HEAD + len(lengths) + sum(lengths)
        if at + size > end:
            raise Damaged("is cut off")
        _page(walk, at, head, lengths, size)
        at += size
    if not walk.streams:
        raise Damaged("is no Ogg with sound in it")
    if any(stream.packet <= 1 for stream in walk.streams.values()):
        raise Damaged("ends before it sounds")
    return Container("audio/ogg", walk.pieces)


def _page(walk: _Walk, at: int, head: bytes, lengths: bytes, size: int) -> None:
    """Keep one page, with nothing in place of what comments it holds."""
    serial = head[14:18]
    if head[5] & _BEGINS:
        start = read(walk.source, at + _HEAD + len(lengths), min(8, sum(lengths)))
        empty = next((e for begin, e in _EMPTY.items() if start.startswith(begin)), None)
        if empty is None:
            raise Damaged("holds something else than Vorbis or Opus")
        walk.streams[serial] = _Stream(empty)
    stream = walk.streams.get(serial)
    if stream is None:
        raise Damaged("has a stream without a beginning")
    if stream.packet > 1:
        walk.pieces.append(Keep(at, size))
        return
    page = bytearray(read(walk.source, at, size))
    where = _HEAD + len(lengths)
    for length in lengths:
        if stream.packet == 1:
            fresh = stream.empty[stream.written : stream.written + length]
            page[where : where + length] = fresh.ljust(length, b"\0")
            stream.written += length
        where += length
        if length < _FULL:
            stream.packet += 1
            if stream.packet > 1 and stream.written < len(stream.empty):
                raise Damaged("has no room for its comments")
    page[22:26] = bytes(4)
    page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
    walk.pieces.append(bytes(page))


def _entry(value: int) -> int:
    value <<= 24
    for _ in range(8):
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80000000 else 0)
    return value & 0xFFFFFFFF


_TABLE: Final = tuple(_entry(value) for value in range(256))


def checksum(data: bytes) -> int:
    """The checksum of a page whose own field is zero."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
