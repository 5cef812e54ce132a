"""Files as people send them, good and hostile, all made here; and a clamd that speaks the real protocol."""

import io
import socket
import struct
import threading
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from tourpad.core.media.models import Media
    from tourpad.core.work import Work

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The file that every scanner finds (eicar.org); in two parts, so that none finds this one."""
CANARY = "417-canary-lane"
"""Stands for a place: it must not survive."""
GPS = ((39, 58, 31), (83, 0, 7))


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), *, mode: str = "RGB", **options: Any) -> bytes:
    """A picture: red above, blue below, so that turning it shows."""
    from PIL import Image

    image = Image.new("RGB", size, (220, 30, 30))
    image.paste((20, 40, 200), (0, size[1] // 2, size[0], size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def photo_with_place(*, orientation: int = 1) -> bytes:
    """A JPEG as a telephone makes it: EXIF with the place, a comment, an ICC profile."""
    from PIL import Image, ImageCms
    from PIL.ExifTags import GPS as TAGS
    from PIL.ExifTags import IFD, Base

    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.ImageDescription] = CANARY
    place = exif.get_ifd(IFD.GPSInfo)
    place[TAGS.GPSLatitudeRef], place[TAGS.GPSLatitude] = "N", GPS[0]
    place[TAGS.GPSLongitudeRef], place[TAGS.GPSLongitude] = "W", GPS[1]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return picture("JPEG", exif=exif, comment=CANARY.encode(), icc_profile=profile)


XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:li>{CANARY}</rdf:li></x:xmpmeta>'.encode()


def picture_with_place(kind: str) -> bytes:
    """A JPEG, PNG, WebP or AVIF that says where it was taken in every way that its kind knows."""
    from PIL import Image, PngImagePlugin

    with Image.open(io.BytesIO(photo_with_place())) as jpeg:
        exif = jpeg.getexif()
    if kind == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", CANARY)
        words.add_text("Location", CANARY, zip=True)
        words.add_itxt("XML:com.adobe.xmp", XMP.decode())
        return picture(kind, exif=exif, pnginfo=words)
    if kind == "JPEG":
        return picture(kind, exif=exif, xmp=XMP, comment=CANARY.encode())
    return picture(kind, exif=exif, xmp=XMP)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred kilobytes that says it has so many pixels, all of them black."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    size = (1 + (width + 7) // 8) * height
    body = b"".join(packer.compress(bytes(1 << 20)) for _ in range(min(60, size // (1 << 20) + 1))) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")


def box(kind: bytes, *parts: bytes) -> bytes:
    """One box of an MP4."""
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def track(handler: bytes, *, width: int = 0, height: int = 0, extra: bytes = b"") -> bytes:
    """One track of an MP4."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tkhd = box(b"tkhd", bytes(40), matrix, struct.pack(">II", width << 16, height << 16))
    return box(b"trak", tkhd, box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(13))), extra)


def mp4(*, video: bool = True, brand: bytes = b"isom", more: bytes = b"", tail: bytes = b"") -> bytes:
    """A small MP4 that says where it was taken, in the three places where telephones write it."""
    where = box(b"udta", box(b"\xa9xyz", CANARY.encode()))
    tracks = [track(b"vide", width=640, height=360, extra=where)] if video else []
    tracks += [track(b"soun"), track(b"meta", extra=box(b"junk", CANARY.encode()))]
    moov = box(b"moov", box(b"mvhd", bytes(100)), *tracks, where, box(b"meta", bytes(4), CANARY.encode()))
    kind = box(b"ftyp", brand, bytes(4), brand, b"mp42")
    return kind + moov + box(b"free", CANARY.encode()) + more + box(b"mdat", b"sound and picture" * 20) + tail


def element(number: int, body: bytes, *, open_end: bool = False) -> bytes:
    """One element of a WebM."""
    head = number.to_bytes((number.bit_length() + 7) // 8, "big")
    size = b"\x01" + b"\xff" * 7 if open_end else b"\x01" + len(body).to_bytes(7, "big")
    return head + size + body


def webm(*, codec: bytes = b"V_VP9", doc_type: bytes = b"webm", live: bool = False, tail: bytes = b"") -> bytes:
    """A small WebM with a tag that says where; `live` as browsers record it, without sizes."""
    video = element(0xE0, element(0xB0, b"\x02\x80") + element(0xBA, b"\x01\x68")) if codec.startswith(b"V_") else b""
    entry = element(0xAE, element(0x83, b"\x01") + element(0x86, codec) + video)
    cluster = element(0x1F43B675, element(0xE7, b"\0") + element(0xA3, b"frame" * 20), open_end=live)
    tags = element(0x1254C367, element(0x7373, CANARY.encode()))
    body = element(0x1549A966, element(0x4D80, b"tests")) + element(0x1654AE6B, entry) + tags + cluster + cluster
    return element(0x1A45DFA3, element(0x4282, doc_type)) + element(0x18538067, body, open_end=live) + tail


def mp3(*, frames: int = 20, tail: bytes = b"") -> bytes:
    """An MP3 of silence (MPEG 1, layer III, 128 kbit/s, 44.1 kHz) with a tag before and one after."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    text = CANARY.encode()
    tag = b"ID3\x04\0\0" + bytes([0, 0, 0, len(text) + 10]) + b"TXXX" + struct.pack(">I", len(text)) + b"\0\0" + text
    return tag + frame * frames + tail + b"TAG" + CANARY.encode().ljust(125, b"\0")


def wav(*, more: bytes = b"", stated: int | None = None) -> bytes:
    """A WAV of silence with a chunk of text in it."""
    info = b"LIST" + struct.pack("<I", 16) + CANARY.encode().ljust(16, b"\0")
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    body = b"WAVE" + form + info + b"data" + struct.pack("<I", 800) + bytes(800)
    return b"RIFF" + struct.pack("<I", len(body) if stated is None else stated) + body + more


def flac() -> bytes:
    """A FLAC with a comment and a picture in it."""
    text = CANARY.encode()
    return (
        b"fLaC\x00\x00\x00\x22" + bytes(34) + b"\x04" + len(text).to_bytes(3, "big") + text
        + b"\x86" + len(text).to_bytes(3, "big") + text + b"\xff\xf8" + bytes(200)
    )  # fmt: skip


def ogg(*, first: bytes = b"OpusHead", tail: bytes = b"", comment: int = 700) -> bytes:
    """An Ogg of Opus or Vorbis: a beginning, comments over two pages, sound."""

    def page(flags: int, *packets: bytes, lengths: bytes = b"") -> bytes:
        body = b"".join(packets)
        return b"OggS\0" + bytes([flags]) + bytes(8) + b"abcd" + bytes(8) + bytes([len(lengths)]) + lengths + body

    begin = b"OpusTags" if first == b"OpusHead" else b"\x03vorbis"
    tags = (begin + struct.pack("<I", len(CANARY)) + CANARY.encode() * comment)[:comment]
    full, rest = divmod(comment, 255)
    return (
        page(2, first + bytes(11), lengths=bytes([len(first) + 11]))
        + page(0, tags[:255], lengths=b"\xff")
        + page(1, tags[255:], b"setup", lengths=b"\xff" * (full - 1) + bytes([rest, 5]))
        + page(4, b"sound" * 20, lengths=b"\x64")
        + tail
    )


def post_form(client: Any, upload: dict[str, Any], data: bytes, **changed: str) -> Any:
    """Send a file as a browser does, whoever gave out the form: all fields, then the file."""
    url = upload["url"].replace("http://127.0.0.1:8000/", "/")  # in process there is no host
    fields = {**upload["fields"], **changed}
    return client.post(url, data=fields, files={"file": ("IMG_0001.JPG", data, "application/octet-stream")})


class FakeClamd:
    """Answers `zINSTREAM` and `zVERSION` on a socket as clamd(8) says, and finds EICAR in whatever is streamed."""

    def __init__(self, folder: Path, *, most: int = 25_000_000) -> None:
        self.path = folder / "clamd.ctl"
        self.most = most
        self.scanned: list[int] = []
        """Bytes of each stream that came whole."""

    @contextmanager
    def running(self) -> "Generator[FakeClamd]":
        """Listen until the end of the block."""
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self.path))
            listening.listen()
            thread = threading.Thread(target=self._serve, args=(listening,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listening.shutdown(socket.SHUT_RDWR)
                thread.join(timeout=5)
                self.path.unlink()

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.sendall(self._answer(connection) + b"\0")

    def _answer(self, connection: socket.socket) -> bytes:
        command = b""
        while not command.endswith(b"\0"):
            command += connection.recv(1)
        if command == b"zVERSION\0":
            return b"ClamAV 1.4.3/27500/Sun Mar  1 08:00:00 2026"
        if command != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND"
        stream = bytearray()
        while length := struct.unpack(">I", self._exactly(connection, 4))[0]:
            stream += self._exactly(connection, length)
            if len(stream) > self.most:
                return b"INSTREAM size limit exceeded. ERROR"
        self.scanned.append(len(stream))
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in stream else b"stream: OK"

    def _exactly(self, connection: socket.socket, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            part = connection.recv(length - len(got))
            if not part:
                raise ConnectionError
            got += part
        return bytes(got)


def make_published(
    work: "Work", owner_id: UUID, *, category: str = "press", kind: str = "photo", private: bool = False, order: int = 0
) -> "Media":
    """An upload that is shown, as rows: nothing was sent, nothing is stored."""
    from tourpad.core.ids import new_id
    from tourpad.core.media.models import Media, MediaVariant
    from tourpad.core.media.states import MediaCategory, MediaKind, MediaState

    media = Media(
        id=new_id(),
        owner_id=owner_id,
        kind=MediaKind(kind),
        category=MediaCategory(category),
        is_private=private or category == "lodging",
        state=MediaState.PUBLISHED,
        storage_key=f"originals/{new_id().hex}",
        mime_type="image/jpeg",
        size_bytes=1000,
        alt_text=f"{category} {order}",
        sort_order=order,
        created_at=work.now,
        updated_at=work.now,
    )
    work.add(media)
    for width in (320, 640):
        for ending in ("avif", "webp"):
            work.add(
                MediaVariant(
                    id=new_id(),
                    media_id=media.id,
                    mime_type=f"image/{ending}",
                    width=width,
                    height=200,
                    size_bytes=500,
                    storage_key=f"media/{media.id.hex}/{width}.{ending}",
                )
            )
    work.session.flush()
    return media
