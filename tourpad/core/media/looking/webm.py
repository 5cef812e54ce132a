"""WebM: EBML elements (RFC 8794, RFC 9559), of which WebM has a few. Tags and attachments become empty space."""

from dataclasses import dataclass, field
from typing import BinaryIO, Final

from tourpad.core.media.looking.pieces import Container, Damaged, Keep, Piece, Zeros, read, size_of
from tourpad.core.values import Value

MOST_ELEMENTS: Final = 2_000_000
_EBML, _SEGMENT, _CLUSTER, _TRACKS, _INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B, 0x1549A966
_DOC_TYPE, _TRACK, _TYPE, _CODEC = 0x4282, 0xAE, 0x83, 0x86
_VIDEO, _WIDTH, _HEIGHT, _VOID, _CRC = 0xE0, 0xB0, 0xBA, 0xEC, 0xBF
_TAGS, _ATTACHMENTS, _CHAPTERS = 0x1254C367, 0x1941A469, 0x1043A770
_SEEK_HEAD, _CUES = 0x114D9B74, 0x1C53BB6B
_LEVEL_1: Final = frozenset({_CLUSTER, _TRACKS, _INFO, _SEEK_HEAD, _CUES, _VOID, _CRC, _TAGS, _ATTACHMENTS, _CHAPTERS})
_EMPTIED: Final = frozenset({_TAGS, _ATTACHMENTS, _VOID})
_IN_CLUSTER: Final = frozenset({0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854, _VOID, _CRC})
_CODECS: Final = frozenset({b"V_VP8", b"V_VP9", b"V_AV1", b"A_OPUS", b"A_VORBIS"})
_SHORTEST_LONG_VOID: Final = 9


class _Element(Value):
    id: int
    start: int
    body: int
    end: int | None
    """Nothing where the size is unknown, as in what browsers record."""


@dataclass(slots=True)
class _Walk:
    source: BinaryIO
    end: int
    seen: int = 0
    codecs: set[bytes] = field(default_factory=set[bytes])
    size: tuple[int, int] = (0, 0)
    clusters: int = 0
    emptied: list[_Element] = field(default_factory=list[_Element])

    def element(self, at: int, limit: int) -> _Element:
        """The element there, which must end by `limit`."""
        self.seen += 1
        if self.seen > MOST_ELEMENTS:
            raise Damaged("has far too many parts")
        self.source.seek(at)
        head = self.source.read(12)
        id_length = _length(head[:1], most=4)
        size_length = _length(head[id_length : id_length + 1], most=8)
        body = at + id_length + size_length
        if len(head) < id_length + size_length:
            raise Damaged("ends too early")
        raw = int.from_bytes(head[id_length : id_length + size_length], "big")
        ones = (1 << 7 * size_length) - 1
        size = raw & ones
        if size == ones:
            return _Element(int.from_bytes(head[:id_length], "big"), at, body, None)
        if body + size > limit:
            raise Damaged("is cut off, or has something after its end")
        return _Element(int.from_bytes(head[:id_length], "big"), at, body, body + size)


def look(source: BinaryIO) -> Container:
    """Understand a WebM.

    Raises:
        Damaged: it is none, or is cut off.
    """
    walk = _Walk(source, size_of(source))
    header = walk.element(0, walk.end)
    if header.id != _EBML or header.end is None or _value(walk, header, _DOC_TYPE) != b"webm":
        raise Damaged("is no WebM (other Matroska files are not taken)")
    segment = walk.element(header.end, walk.end)
    if segment.id != _SEGMENT or segment.end not in (None, walk.end):
        raise Damaged("has something before or after its content")
    _segment(walk, segment)
    if not walk.clusters or not walk.codecs:
        raise Damaged("has neither picture nor sound")
    if any(codec.startswith(b"V_") for codec in walk.codecs):
        return Container("video/webm", _pieces(walk), *walk.size)
    return Container("audio/webm", _pieces(walk))


def _segment(walk: _Walk, segment: _Element) -> None:
    at = segment.body
    while at < walk.end:
        element = walk.element(at, walk.end)
        if element.id not in _LEVEL_1:
            raise Damaged("holds parts that do not belong into a WebM")
        if element.id == _CLUSTER:
            walk.clusters += 1
            at = element.end if element.end is not None else _open_cluster(walk, element)
            continue
        if element.end is None:
            raise Damaged("has a part without an end")
        if element.id == _TRACKS:
            _tracks(walk, element, element.end)
        elif element.id in _EMPTIED:
            walk.emptied.append(element)
        at = element.end


def _open_cluster(walk: _Walk, cluster: _Element) -> int:
    """Where a cluster of unknown size ends: before the next element that is none of its own."""
    at = cluster.body
    while at < walk.end:
        inner = walk.element(at, walk.end)
        if inner.id not in _IN_CLUSTER:
            return at
        if inner.end is None:
            raise Damaged("has a part without an end")
        at = inner.end
    return at


def _tracks(walk: _Walk, tracks: _Element, end: int) -> None:
    at = tracks.body
    while at < end:
        track = walk.element(at, end)
        if track.end is None:
            raise Damaged("has a part without an end")
        if track.id == _TRACK:
            codec = _value(walk, track, _CODEC)
            if codec not in _CODECS:
                raise Damaged("is coded in a way that WebM does not have (VP8, VP9, AV1, Opus, Vorbis)")
            walk.codecs.add(codec)
            video = _find(walk, track, _VIDEO)
            if video is not None:
                width, height = (int.from_bytes(_value(walk, video, i), "big") for i in (_WIDTH, _HEIGHT))
                walk.size = max(walk.size, (width, height))
        at = track.end


def _find(walk: _Walk, parent: _Element, wanted: int) -> _Element | None:
    at, end = parent.body, parent.end or parent.body
    while at < end:
        child = walk.element(at, end)
        if child.id == wanted:
            return child
        if child.end is None:
            raise Damaged("has a part without an end")
        at = child.end
    return None


def _value(walk: _Walk, parent: _Element, wanted: int) -> bytes:
    found = _find(walk, parent, wanted)
    if found is None or found.end is None or found.end - found.body > 64:  # noqa: PLR2004 - names and numbers
        return b""
    return read(walk.source, found.body, found.end - found.body).rstrip(b"\0")


def _length(first: bytes, *, most: int) -> int:
    """How many bytes a number has, by the first of them."""
    length = 9 - first[0].bit_length() if first and first[0] else 0
    if not 1 <= length <= most:
        raise Damaged("is no WebM inside")
    return length


def _pieces(walk: _Walk) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for element in walk.emptied:
        end = element.end or element.body
        length = end - element.start
        if length < _SHORTEST_LONG_VOID:
            head = bytes([_VOID, 0x80 | (length - 2)])
        else:
            head = bytes([_VOID, 0x01]) + (length - _SHORTEST_LONG_VOID).to_bytes(7, "big")
        pieces += [Keep(at, element.start - at), head, Zeros(length - len(head))]
        at = end
    pieces.append(Keep(at, walk.end - at))
    return pieces
