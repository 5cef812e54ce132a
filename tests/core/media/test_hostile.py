"""The corpus of hostile files, item by item: each is refused by name, or comes out as pixels or sound alone.

`docs/concepts/media.md` has the same list for people.
"""

import gzip
import io
import shutil
import struct
import subprocess
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from tests import plain_http
from tests.factories import media as files
from tests.factories.media import CANARY, EICAR, picture_with_place
from tests.factories.profiles import make_person
from tests.storages import s3_variables
from tourpad.core.actors import job_actor, operator
from tourpad.core.media import procedures, queries, rules
from tourpad.core.media.looking import worker
from tourpad.core.media.looking.pieces import Damaged
from tourpad.core.media.states import MediaCategory, MediaKind

if TYPE_CHECKING:
    from collections.abc import Generator

    from tourpad.core.clock import VirtualClock
    from tourpad.core.platform import Platform

HTML = b"<script>alert(document.domain)</script>"
BOMB = 60_000_000
"""Bytes that a bomb unpacks to; packed it is a thousandth."""


def packed(size: int = BOMB) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def png_with(*chunks: bytes) -> bytes:
    """An honest PNG with chunks of ours behind its header."""
    png = files.picture("PNG")
    return png[:33] + b"".join(chunks) + png[33:]


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG that says it has so many pixels."""
    jpeg = files.picture("JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :]


def gif_of(width: int, height: int) -> bytes:
    gif = files.picture("GIF")
    return gif[:6] + struct.pack("<HH", width, height) + gif[10:]


def webp_of(width: int, height: int) -> bytes:
    """A WebP whose canvas is so large; its one frame is not."""
    body = files.picture("WEBP")[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    head = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas
    return b"RIFF" + struct.pack("<I", len(body) + len(head) + 4) + b"WEBP" + head + body


def webp_moving(frames: int) -> bytes:
    """A WebP of many tiny frames."""
    still = files.picture("WEBP", (8, 8))[12:]
    frame = bytes(6) + b"\x07\0\0" + b"\x07\0\0" + b"\x0a\0\0\0" + still
    anmf = b"ANMF" + struct.pack("<I", len(frame)) + frame
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\x07\0\0" * 2 + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    body = head + anmf * frames
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def png_moving(frames: int) -> bytes:
    """A PNG that says so many frames follow."""
    return png_with(files.png_chunk(b"acTL", struct.pack(">II", frames, 0)))


def avif_of(width: int, height: int) -> bytes:
    avif = files.picture("AVIF")
    at = avif.index(b"ispe") + 8
    return avif[:at] + struct.pack(">II", width, height) + avif[at + 8 :]


def with_comment(words: bytes) -> bytes:
    return files.picture("JPEG", comment=words)


def jar() -> bytes:
    """A GIF that Java runs: an archive is read from its end."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil\n")
        archive.writestr("Evil.class", b"\xca\xfe\xba\xbe")
    return files.picture("GIF") + out.getvalue()


def mp3_with_picture() -> bytes:
    """A cover of a megabyte that is a page."""
    cover = b"\0text/html\0\x03\0" + HTML * 25_000
    size = len(cover) + 10
    sized = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + sized + b"APIC" + sized + b"\0\0" + cover + files.mp3()


XXE = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>'
PAST = "has more than 50 million pixels"


@dataclass(frozen=True)
class Case:
    """What is sent, as what, and what becomes of it: words of the refusal, or nothing where it is published clean."""

    make: Callable[[], bytes]
    refused: str | None = None
    kind: str = "photo"


CORPUS: dict[str, Case] = {
    # What is no picture at all
    "nothing": Case(lambda: b"", "is no photo that is known"),
    "one byte": Case(lambda: b"\xff", "is no photo that is known"),
    "an archive called a picture": Case(lambda: b"PK\x03\x04" + bytes(200), "application/zip"),
    "SVG that reads files": Case(lambda: XXE, "is an SVG"),
    "SVG called PNG": Case(lambda: b"<svg onload='alert(1)'/>", "is an SVG"),
    "packed SVG": Case(lambda: gzip.compress(XXE), "is no photo that is known"),
    "a signature of PNG before a page": Case(lambda: b"\x89PNG\r\n\x1a\n" + HTML * 9, "can't be read|damaged"),
    "a signature of GIF before a script": Case(lambda: b"GIF89a=1;" + HTML, "can't be read|damaged"),
    "a signature of JPEG before PHP": Case(lambda: b"\xff\xd8\xff\xe0<?php system(1);?>", "can't be read|damaged"),
    # Pictures that are something else as well
    "GIF and Java archive": Case(jar),
    "JPEG with a page as its comment": Case(lambda: with_comment(HTML)),
    "JPEG with PHP as its comment": Case(lambda: with_comment(b"<?php system($_GET[0]); ?>")),
    "PNG with a page in its text": Case(lambda: png_with(files.png_chunk(b"tEXt", b"Comment\0" + HTML))),
    "PNG with a private chunk": Case(lambda: png_with(files.png_chunk(b"evIl", HTML + CANARY.encode()))),
    "picture with the test virus behind": Case(lambda: files.picture("PNG") + EICAR),
    # Bombs
    "JPEG bomb": Case(lambda: jpeg_of(65_000, 65_000), PAST),
    "GIF bomb": Case(lambda: gif_of(65_535, 65_535), PAST),
    "WebP bomb": Case(lambda: webp_of(16_383, 16_383), f"{PAST}|damaged"),
    "AVIF bomb": Case(lambda: avif_of(60_000, 60_000), f"{PAST}|damaged|can't be read"),
    "PNG bomb": Case(lambda: files.png_bomb(19_999, 19_999), PAST),
    "TIFF bomb": Case(lambda: b"II*\0" + bytes(100), "is a TIFF picture"),
    "WebP of too many frames": Case(lambda: webp_moving(1_001), "has more than 1,000 frames"),
    "PNG of four thousand million frames": Case(lambda: png_moving(2**32 - 1)),
    "text bomb in PNG": Case(
        lambda: png_with(files.png_chunk(b"zTXt", b"Comment\0\0" + packed())), "damaged|can't be read"
    ),
    "international text bomb in PNG": Case(
        lambda: png_with(files.png_chunk(b"iTXt", b"Comment\0\x01\0\0\0" + packed())), "damaged|can't be read"
    ),
    "profile bomb in PNG": Case(
        lambda: png_with(files.png_chunk(b"iCCP", b"icc\0\0" + packed())), "damaged|can't be read"
    ),
    "profile that is none": Case(lambda: files.picture("JPEG", icc_profile=b"acsp" + bytes(5_000))),
    "profile of five megabytes": Case(lambda: files.picture("JPEG", icc_profile=bytes(5_000_000))),
    # Where it was taken
    "JPEG with a place": Case(lambda: picture_with_place("JPEG")),
    "PNG with a place": Case(lambda: picture_with_place("PNG")),
    "WebP with a place": Case(lambda: picture_with_place("WEBP")),
    "AVIF with a place": Case(lambda: picture_with_place("AVIF")),
    # Sound and video
    "a page called MP4": Case(lambda: HTML * 30, "is no video", kind="video"),
    "MP4 with a page inside": Case(
        lambda: files.mp4(more=files.box(b"free", HTML), tail=files.box(b"free", HTML)), kind="video"
    ),
    "WebM called MP4": Case(files.webm, kind="video"),
    "AVI": Case(lambda: b"RIFF" + struct.pack("<I", 400) + b"AVI " + bytes(400), "is an AVI film", kind="video"),
    "MP4 whose box is larger than the file": Case(
        lambda: files.mp4() + struct.pack(">I", 2**31) + b"mdat", "cut off", kind="video"
    ),
    "MP3 with a page as its cover": Case(mp3_with_picture, kind="audio"),
    "a program behind a tag": Case(lambda: b"ID3\x04\0\0\0\0\0\0MZ" + bytes(2_000), "is no MP3", kind="audio"),
    "picture called sound": Case(lambda: files.picture("PNG"), "is a picture", kind="audio"),
}
HIDDEN = (CANARY.encode(), b"<script", b"<?php", b"PK\x03\x04", b"Evil", b"X5O!", b"Exif", b"xmpmeta", b"evIl")


@pytest.fixture
def look(tmp_path: Path) -> Callable[[bytes, str], Mapping[str, Any]]:
    def look_at(data: bytes, kind: str) -> Mapping[str, Any]:
        source, folder = tmp_path / "sent", tmp_path / "made"
        source.write_bytes(data)
        folder.mkdir()
        return worker.look({"source": str(source), "folder": str(folder), "kind": kind, "widths": list(rules.WIDTHS)})

    return look_at


@pytest.mark.filterwarnings("ignore:Invalid APNG")
@pytest.mark.parametrize("name", CORPUS)
def test_each_is_refused_by_name_or_comes_out_clean(
    look: Callable[[bytes, str], Mapping[str, Any]], tmp_path: Path, name: str
) -> None:
    case = CORPUS[name]
    if case.refused is not None:
        with pytest.raises(Damaged, match=case.refused):
            look(case.make(), case.kind)
        assert list((tmp_path / "made").iterdir()) == []
        return
    looked = look(case.make(), case.kind)
    assert looked["made"]
    for file in (tmp_path / "made").iterdir():
        published = file.read_bytes()
        assert [hidden for hidden in HIDDEN if hidden in published] == []


@contextmanager
def clamd_itself(folder: Path) -> "Generator[str]":
    """clamd with one signature of ours, that finds the test virus anywhere in a file. Answers its socket."""
    folder.chmod(0o755)
    (folder / "test.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n")
    path, conf = folder / "clamd.ctl", folder / "clamd.conf"
    conf.write_text(f"LocalSocket {path}\nDatabaseDirectory {folder}\nForeground yes\nUser root\n")
    with subprocess.Popen(["clamd", "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while not path.exists() and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.05)
            yield str(path)
        finally:
            process.terminate()
            process.wait(timeout=20)


@pytest.fixture
def scanned(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The platform of this test scans with clamd itself, once it runs."""
    folder = tmp_path_factory.mktemp("clamd")
    environment["CLAMD_SOCKET"] = str(folder / "clamd.ctl")
    return str(folder)


@pytest.mark.skipif(not shutil.which("clamd"), reason="clamd is not installed (apt install clamav-daemon)")
def test_from_a_real_s3_through_a_real_scanner(
    environment: dict[str, str], s3: str, scanned: str, clock: "VirtualClock", request: pytest.FixtureRequest
) -> None:
    """Without a scanner nothing is shown; with it the infected is refused by name, and the clean drawn and shown."""
    environment.update(s3_variables(s3, uuid4().hex[:12]))
    platform: Platform = request.getfixturevalue("platform")
    with platform.work(operator("test")) as work:
        artist = make_person(work, "artist").id
        work.commit()
    sent = {
        "clean": send(platform, artist, picture_with_place("JPEG")),
        "infected": send(platform, artist, files.picture("JPEG") + EICAR),
        "a page": send(platform, artist, HTML * 20),
    }
    assert process(platform, sent) == dict.fromkeys(sent, "quarantined")
    with clamd_itself(Path(scanned)):
        clock.advance(timedelta(hours=1))
        assert process(platform, sent) == {"clean": "published", "infected": "refused", "a page": "refused"}
    with platform.work(operator("test")) as work:
        why = {name: queries.get(work, media_id).refusal for name, media_id in sent.items()}
        shown = queries.variants_of(work, [sent["clean"]])[sent["clean"]]
    assert "Eicar-Test" in (why["infected"] or "")
    assert "text/html" in (why["a page"] or "")
    for variant in shown:
        answer = plain_http.get(platform.storage.address(variant.storage_key))
        assert (answer.status_code, CANARY.encode() in answer.content) == (200, False)


def send(platform: "Platform", owner_id: UUID, data: bytes) -> UUID:
    """Upload as a client does, by the form."""
    media, form = procedures.request_upload(
        platform,
        operator("test"),
        owner_id=owner_id,
        kind=MediaKind.PHOTO,
        category=MediaCategory.PRESS,
        mime_type="image/jpeg",
        size_bytes=len(data),
    )
    plain_http.post(form.url, data=dict(form.fields), files={"file": data}).raise_for_status()
    procedures.complete_upload(platform, operator("test"), owner_id=owner_id, media_id=media.id)
    return media.id


def process(platform: "Platform", sent: Mapping[str, UUID]) -> dict[str, str]:
    procedures.process_uploads(platform, job_actor("media-process"))
    with platform.work(operator("test")) as work:
        return {name: queries.get(work, media_id).state.value for name, media_id in sent.items()}
