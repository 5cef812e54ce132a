"""Sound files: MP3, WAV and FLAC. Only what sounds is kept: tags, pictures and whatever follows are dropped."""

from typing import BinaryIO, Final

from tourpad.core.media.looking.pieces import Container, Damaged, Keep, Piece, read, size_of

_ID3_HEAD: Final = 10
_ID3_OLD: Final = 128
_LEAST_FRAMES: Final = 4
_LEAST_SHARE: Final = 0.95

_BITRATES_1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def look_mp3(source: BinaryIO) -> Container:
    """Understand an MP3: one frame of layer III after the other (ISO 11172-3, 13818-3).

    Raises:
        Damaged: too little of it is frames.
    """
    begin, end = _without_id3(source)
    at, frames, first = begin, 0, begin
    while at + 4 <= end:
        length = _frame_length(read(source, at, 4))
        if not length or at + length > end + 1:
            break
        at += length
        frames += 1
    at = min(at, end)
    padding = read(source, at, min(end - at, 4096)).strip(b"\0")
    if frames < _LEAST_FRAMES or (padding and at - first < (end - first) * _LEAST_SHARE):
        raise Damaged("is no MP3, or is damaged inside")
    return Container("audio/mpeg", [Keep(first, at - first)])


def look_wav(source: BinaryIO) -> Container:
    """Understand a WAV: a format and samples; every other chunk is dropped.

    Raises:
        Damaged: it is none, or is cut off.
    """
    end = size_of(source)
    stated = int.from_bytes(read(source, 4, 4), "little") + 8
    if stated > end:
        raise Damaged("is cut off")
    kept: list[Piece] = []
    names: list[bytes] = []
    total, at = 4, 12
    while at + 8 <= stated:
        name, length = read(source, at, 4), int.from_bytes(read(source, at + 4, 4), "little")
        if at + 8 + length > stated:
            raise Damaged("is cut off")
        if name == b"fmt ":
            _check_format(read(source, at + 8, min(length, 16)))
        if name in (b"fmt ", b"fact", b"data") and name not in names:
            names.append(name)
            kept.append(Keep(at, 8 + length))
            if length % 2:
                kept.append(b"\0")
            total += 8 + length + length % 2
        at += 8 + length + length % 2
    if b"data" not in names or b"fmt " not in names[: names.index(b"data")]:
        raise Damaged("has no format or no sound in it")
    return Container("audio/wav", [b"RIFF" + total.to_bytes(4, "little") + b"WAVE", *kept])


def look_flac(source: BinaryIO) -> Container:
    """Understand a FLAC: its stream's description, its seek table, its frames (RFC 9639).

    Raises:
        Damaged: it is none, or is cut off.
    """
    begin, end = _without_id3(source)
    if read(source, begin, 4) != b"fLaC":
        raise Damaged("is no FLAC")
    at, last, blocks = begin + 4, False, list[tuple[int, int, int]]()
    while not last:
        head = read(source, at, 4)
        last, kind, length = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
        if at + 4 + length > end:
            raise Damaged("is cut off")
        if kind in (0, 3):
            blocks.append((kind, at + 4, length))
        at += 4 + length
    if not blocks or blocks[0][0] or blocks[0][2] != 34:  # noqa: PLR2004 - bytes of STREAMINFO
        raise Damaged("is no FLAC: the description of its stream is missing")
    if read(source, at, 2) not in (b"\xff\xf8", b"\xff\xf9"):
        raise Damaged("is no FLAC inside")
    pieces: list[Piece] = [b"fLaC"]
    for number, (kind, start, length) in enumerate(blocks, 1):
        flag = 0x80 if number == len(blocks) else 0
        pieces += [bytes([flag | kind]) + length.to_bytes(3, "big"), Keep(start, length)]
    return Container("audio/flac", [*pieces, Keep(at, end - at)])


def _without_id3(source: BinaryIO) -> tuple[int, int]:
    """Where a file begins and ends without the tags of either version."""
    begin, end = 0, size_of(source)
    source.seek(0)
    head = source.read(_ID3_HEAD)
    while len(head) == _ID3_HEAD and head[:3] == b"ID3":
        length = (head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | head[9] & 127
        begin += _ID3_HEAD + length + (_ID3_HEAD if head[5] & 0x10 else 0)
        if begin >= end:
            raise Damaged("is nothing but a tag")
        source.seek(begin)
        head = source.read(_ID3_HEAD)
    if end - begin > _ID3_OLD and read(source, end - _ID3_OLD, 3) == b"TAG":
        end -= _ID3_OLD
    return begin, end


def _frame_length(head: bytes) -> int:
    """Bytes of the frame of layer III that begins so, 0 where none does."""
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:  # noqa: PLR2004
        return 0
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bitrate]  # noqa: PLR2004 - MPEG 1
    samples = 144_000 if version == 3 else 72_000  # noqa: PLR2004 - as above
    return samples * kilobits // _RATES[version][rate] + (head[2] >> 1 & 1)


def _check_format(chunk: bytes) -> None:
    if len(chunk) < 16:  # noqa: PLR2004 - bytes of the smallest format
        raise Damaged("has no format in it")
    tag, channels = int.from_bytes(chunk[:2], "little"), int.from_bytes(chunk[2:4], "little")
    rate = int.from_bytes(chunk[4:8], "little")
    if tag not in (1, 3, 6, 7, 0xFFFE) or not 1 <= channels <= 8 or not 8_000 <= rate <= 192_000:  # noqa: PLR2004
        raise Damaged("holds sound in a form that browsers do not play")
