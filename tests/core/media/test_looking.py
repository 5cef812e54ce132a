"""What becomes of each file: the corpus of what people send, by mistake or by design."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.factories import media as files
from tests.factories.media import CANARY
from tourpad.core.media.errors import FileRefused
from tourpad.core.media.looking import picture, worker
from tourpad.core.media.looking.child import Looked, LookFailed, look_into
from tourpad.core.media.looking.pieces import Damaged
from tourpad.core.media.looking.sniff import sniff
from tourpad.core.media.states import MediaKind

WIDTHS = (320, 640, 1280, 2048)

Look = Callable[..., Mapping[str, Any]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Look into bytes, in this process: the same code without the walls, for speed."""

    def look_at(data: bytes, kind: str = "photo") -> Mapping[str, Any]:
        source, folder = tmp_path / "sent", tmp_path / "made"
        source.write_bytes(data)
        folder.mkdir(exist_ok=True)
        return worker.look({"source": str(source), "folder": str(folder), "kind": kind, "widths": list(WIDTHS)})

    return look_at


def opened(tmp_path: Path, looked: Mapping[str, Any], number: int = -1) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO((tmp_path / "made" / looked["made"][number]["file"]).read_bytes()))


def test_a_picture_is_made_in_both_formats_and_every_width_below_its_own(look: Look, tmp_path: Path) -> None:
    looked = look(files.picture("PNG", (1000, 500)))
    assert (looked["mime_type"], looked["width"], looked["height"]) == ("image/png", 1000, 500)
    assert [(m["mime_type"], m["width"], m["height"]) for m in looked["made"]] == [
        ("image/webp", 320, 160),
        ("image/avif", 320, 160),
        ("image/webp", 640, 320),
        ("image/avif", 640, 320),
        ("image/webp", 1000, 500),
        ("image/avif", 1000, 500),
    ]
    for number, made in enumerate(looked["made"]):
        with opened(tmp_path, looked, number) as image:
            assert (image.format, image.size) == (made["mime_type"][6:].upper(), (made["width"], made["height"]))
            top, bottom = (image.convert("RGB").getpixel((made["width"] // 2, y)) for y in (5, made["height"] - 5))
        assert (top[0] > 180, top[2] < 80, bottom[2] > 150, bottom[0] < 80) == (True, True, True, True)


def test_no_place_no_comment_and_no_profile_survive(look: Look, tmp_path: Path) -> None:
    sent = files.photo_with_place()
    assert CANARY.encode() in sent
    looked = look(sent)
    for number in range(len(looked["made"])):
        with opened(tmp_path, looked, number) as image:
            assert dict(image.getexif()) == {}
            assert not {"exif", "icc_profile", "comment", "xmp"}.intersection(image.info)
    made = b"".join(file.read_bytes() for file in (tmp_path / "made").iterdir())
    for hidden in (CANARY.encode(), b"Exif", b"ICCP", b"EXIF", b"XMP "):
        assert hidden not in made


@pytest.mark.parametrize(("orientation", "upright"), [(1, (60, 40)), (3, (60, 40)), (6, (40, 60)), (8, (40, 60))])
def test_what_was_taken_sideways_is_upright(
    look: Look, tmp_path: Path, orientation: int, upright: tuple[int, int]
) -> None:
    looked = look(files.photo_with_place(orientation=orientation))
    assert (looked["width"], looked["height"]) == upright
    with opened(tmp_path, looked) as image:
        assert image.size == upright
        corner = image.convert("RGB").getpixel((2, 2))
        opposite = image.convert("RGB").getpixel((upright[0] - 3, upright[1] - 3))
    red_first = orientation in (1, 8)
    assert (corner[0] > corner[2], opposite[0] > opposite[2]) == (red_first, not red_first)


def _grey16() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("I;16", (30, 20), 0x8000).save(out, "PNG")
    return out.getvalue()


def _with_a_hole() -> bytes:
    from PIL import Image

    image = Image.new("P", (30, 20), 1)
    image.putpalette([0, 0, 0, 220, 30, 30])
    image.paste(0, (0, 0, 15, 20))
    out = io.BytesIO()
    image.save(out, "PNG", transparency=0)
    return out.getvalue()


def _animated(kind: str, frames: int = 3) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    images = [Image.new("RGB", (30, 20), (220 - i % 200, 30, i % 256)) for i in range(frames)]
    images[0].save(out, kind, save_all=True, append_images=images[1:])
    return out.getvalue()


ODD: dict[str, Callable[[], bytes]] = {
    "CMYK": lambda: files.picture("JPEG", mode="CMYK"),
    "grey": lambda: files.picture("JPEG", mode="L"),
    "palette": lambda: files.picture("PNG", mode="P"),
    "palette with a hole": _with_a_hole,
    "one bit": lambda: files.picture("PNG", mode="1"),
    "grey with alpha": lambda: files.picture("PNG", mode="LA"),
    "16 bit": _grey16,
    "GIF that moves": lambda: _animated("GIF"),
    "WebP that moves": lambda: _animated("WEBP"),
    "PNG that moves": lambda: _animated("PNG"),
    "AVIF": lambda: files.picture("AVIF"),
    "one pixel": lambda: files.picture("PNG", (1, 1)),
    "very long": lambda: files.picture("PNG", (5000, 1)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_but_honest_pictures_are_taken(look: Look, tmp_path: Path, name: str) -> None:
    looked = look(ODD[name]())
    with opened(tmp_path, looked) as image:
        assert (image.mode in ("RGB", "RGBA"), getattr(image, "n_frames", 1)) == (True, 1)
    assert len(looked["blur_hash"]) == 28


def test_sixteen_bits_of_grey_stay_grey(look: Look, tmp_path: Path) -> None:
    with opened(tmp_path, look(_grey16()), 0) as image:
        level = image.convert("L").getpixel((10, 10))
    assert 120 <= level <= 136


def test_a_hole_stays_a_hole(look: Look, tmp_path: Path) -> None:
    with opened(tmp_path, look(_with_a_hole()), 0) as image:
        alpha = image.getchannel("A")
        assert (alpha.getpixel((3, 10)), alpha.getpixel((26, 10))) == (0, 255)


TAILS = {
    "a script": b"<script>alert(1)</script>",
    "an archive": b"PK\x03\x04" + b"evil.exe" * 40,
    "a PHP program": b"<?php system($_GET['c']); ?>",
    "EICAR": files.EICAR,
}


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_follows_a_picture_is_not_published(look: Look, tmp_path: Path, kind: str, tail: str) -> None:
    look(files.picture(kind) + TAILS[tail])
    assert [f.name for f in (tmp_path / "made").iterdir() if TAILS[tail][:16] in f.read_bytes()] == []


def test_a_gif_that_is_a_script_is_only_a_picture_afterwards(look: Look, tmp_path: Path) -> None:
    sent = files.picture("GIF")
    polyglot = b"GIF89a" + sent[6:] + b"*/=1;alert(document.domain);/*"
    with opened(tmp_path, look(polyglot)) as image:
        assert image.format == "AVIF"
    assert not any(b"alert" in f.read_bytes() for f in (tmp_path / "made").iterdir())


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "SVG with a script": (lambda: SVG, "is an SVG, which may hold programs; save it as PNG"),
    "SVG behind a prologue": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->' + SVG, "is an SVG"),
    "HTML called a picture": (lambda: b"<!doctype html><p>hello", "is no photo but text/html"),
    "a PDF": (lambda: b"%PDF-1.7 ...", "is no photo but application/pdf"),
    "a program": (lambda: b"MZ\x90\0" + bytes(200), "is no photo but application/x-msdownload"),
    "a shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", "is no photo but text/x-script"),
    "nothing known": (lambda: bytes(range(256)), "is no photo that is known here"),
    "HEIC": (lambda: files.box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic"), "is a HEIC picture; save it as JPEG"),
    "TIFF": (lambda: files.picture("TIFF"), "is a TIFF picture"),
    "a video called a photo": (files.mp4, "is no photo but video/mp4"),
    "cut off JPEG": (lambda: files.picture("JPEG", (900, 900))[:3000], "is a damaged or cut off picture"),
    "cut off PNG": (lambda: files.picture("PNG", (900, 900))[:-400], "is a damaged or cut off picture"),
    "cut off WebP": (lambda: files.picture("WEBP", (900, 900))[:200], "damaged|can't be read"),
    "nothing but a signature": (lambda: b"\x89PNG\r\n\x1a\n", "can't be read|damaged"),
    "a broken header": (lambda: b"\xff\xd8\xff\xe0" + bytes(100), "can't be read|damaged"),
    "a bomb": (lambda: files.png_bomb(19_999, 19_999), "has more than 50 million pixels"),
    "just above the limit": (lambda: files.png_bomb(8_000, 6_251), "has more than 50 million pixels"),
    "unbelievable dimensions": (lambda: files.png_bomb(2**31 - 1, 2**31 - 1), "has more than 50|damaged|can't be read"),
    "a very long side": (lambda: files.png_bomb(20_001, 8), "has a side of more than 20,000 pixels"),
    "too many frames": (lambda: _animated("GIF", 1_001), "has more than 1,000 frames"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_honest_picture_is_refused_by_name(look: Look, name: str) -> None:
    make, said = REFUSED[name]
    with pytest.raises(Damaged, match=said):
        look(make())


def test_a_picture_is_no_video(look: Look) -> None:
    with pytest.raises(Damaged, match="is a picture and no video"):
        look(files.picture("GIF"), "video")


SOUNDS: dict[str, tuple[str, Callable[[], bytes], str, tuple[int, int] | None]] = {
    "MP4": ("video", files.mp4, "video/mp4", (640, 360)),
    "M4A": ("audio", lambda: files.mp4(video=False, brand=b"M4A "), "audio/mp4", None),
    "WebM": ("video", files.webm, "video/webm", (640, 360)),
    "WebM from a browser": ("video", lambda: files.webm(live=True), "video/webm", (640, 360)),
    "WebM with sound only": ("audio", lambda: files.webm(codec=b"A_OPUS"), "audio/webm", None),
    "MP3": ("audio", files.mp3, "audio/mpeg", None),
    "MP3 with something behind": ("audio", lambda: files.mp3(tail=b"<script>" * 20), "audio/mpeg", None),
    "WAV": ("audio", files.wav, "audio/wav", None),
    "WAV with something behind": ("audio", lambda: files.wav(more=CANARY.encode()), "audio/wav", None),
    "FLAC": ("audio", files.flac, "audio/flac", None),
    "Ogg with Opus": ("audio", files.ogg, "audio/ogg", None),
    "Ogg with Vorbis": ("audio", lambda: files.ogg(first=b"\x01vorbis"), "audio/ogg", None),
    "Ogg with something behind": ("audio", lambda: files.ogg(tail=CANARY.encode() * 9), "audio/ogg", None),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_sound_and_video_are_known_by_their_build_and_lose_their_tags(look: Look, tmp_path: Path, name: str) -> None:
    kind, make, mime_type, size = SOUNDS[name]
    looked = look(make(), kind)
    assert looked["mime_type"] == mime_type
    assert (looked["width"], looked["height"]) == (size or (None, None))
    (made,) = looked["made"]
    published = (tmp_path / "made" / made["file"]).read_bytes()
    assert (len(published), sniff(published[:4096])) == (
        made["size"],
        {"audio/webm": "video/webm"}.get(mime_type, mime_type),
    )
    assert CANARY.encode() not in published
    assert b"<script>" not in published
    again = look(published, kind)
    assert [m["sha256"] for m in again["made"]] == [made["sha256"]]


def test_what_plays_is_not_touched(look: Look, tmp_path: Path) -> None:
    sent = files.mp4()
    looked = look(sent, "video")
    published = (tmp_path / "made" / looked["made"][0]["file"]).read_bytes()
    assert len(published) == len(sent)
    assert published.index(b"sound and picture") == sent.index(b"sound and picture")


NO_SOUND: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "cut off MP4": ("video", lambda: files.mp4()[:-100], "is cut off"),
    "MP4 with something behind": (
        "video",
        lambda: files.mp4(tail=b"<script>alert(1)</script>"),
        "after its end|cut off",
    ),
    "MP4 with a strange part": ("video", lambda: files.mp4(more=files.box(b"evil", b"x")), "do not belong into an MP4"),
    "MP4 without an index": (
        "video",
        lambda: files.box(b"ftyp", b"isom", bytes(4)) + files.box(b"mdat"),
        "no whole MP4",
    ),
    "MP4 of nothing": (
        "video",
        lambda: files.box(b"ftyp", b"isom") + files.box(b"moov") + files.box(b"mdat"),
        "neither",
    ),
    "MP4 that never ends": ("video", lambda: files.mp4() + files.box(b"free") * 100_001, "far too many parts"),
    "sound called a video": ("video", lambda: files.mp4(video=False), "has no picture in it"),
    "video called a sound": ("audio", files.mp4, "is a video"),
    "QuickTime": ("video", lambda: files.mp4(brand=b"qt  ").replace(b"mp42", b"qt  "), "save it as MP4"),
    "Matroska": ("video", lambda: files.webm(doc_type=b"matroska"), "save it as WebM or MP4"),
    "WebM with another codec": ("video", lambda: files.webm(codec=b"V_MPEG4"), "coded in a way"),
    "cut off WebM": ("video", lambda: files.webm()[:-30], "is cut off"),
    "WebM with something behind": ("video", lambda: files.webm(tail=b"x" * 30), "before or after its content"),
    "MP3 of one frame": ("audio", lambda: files.mp3(frames=1), "is no MP3"),
    "a tag and a program": ("audio", lambda: b"ID3\x04\0\0\0\0\0\x04abcdMZ" + bytes(900) + b"x", "is no MP3"),
    "cut off WAV": ("audio", lambda: files.wav(stated=90_000), "is cut off"),
    "WAV of nothing": ("audio", lambda: b"RIFF\x04\0\0\0WAVE", "has no format"),
    "FLAC of nothing": ("audio", lambda: b"fLaC\x84\0\0\x04abcd\xff\xf8", "description of its stream is missing"),
    "Ogg with a film": ("audio", lambda: files.ogg(first=b"\x80theora"), "something else than"),
    "Ogg without sound": ("audio", lambda: files.ogg()[:50], "is cut off|ends before it sounds"),
    "cut off Ogg": ("audio", lambda: files.ogg()[:-10], "is cut off"),
}


@pytest.mark.parametrize("name", NO_SOUND)
def test_broken_and_lying_containers_are_refused_by_name(look: Look, name: str) -> None:
    kind, make, said = NO_SOUND[name]
    with pytest.raises(Damaged, match=said):
        look(make(), kind)


def test_checksums_of_changed_pages_are_right() -> None:
    from tourpad.core.media.looking.ogg import checksum

    assert checksum(b"123456789") == 0x89A1897F  # POSIX cksum without its length and complement


def in_its_own_process(tmp_path: Path, data: bytes, kind: MediaKind = MediaKind.PHOTO) -> Looked:
    source, folder = tmp_path / "sent", tmp_path / "made"
    source.write_bytes(data)
    folder.mkdir()
    return look_into(source, kind=kind, folder=folder, widths=WIDTHS)


def test_a_process_of_its_own_answers_the_same(tmp_path: Path, look: Look) -> None:
    looked = in_its_own_process(tmp_path, files.photo_with_place())
    assert [m.sha256 for m in looked.made] == [m["sha256"] for m in look(files.photo_with_place())["made"]]
    assert all(m.file.stat().st_size == m.size for m in looked.made)


@pytest.mark.parametrize(
    ("data", "said"),
    [(files.png_bomb(19_999, 19_999), "This file has more than 50 million pixels."), (SVG, "This file is an SVG")],
)
def test_a_refusal_comes_back_in_words(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        in_its_own_process(tmp_path, data)


def test_walls_hold_memory_time_and_disk(tmp_path: Path) -> None:
    program = (
        "import json,resource;from tourpad.core.media.looking.worker import confine;confine(1000);"
        "print(json.dumps([resource.getrlimit(getattr(resource,n))[0] for n in"
        " ('RLIMIT_AS','RLIMIT_CPU','RLIMIT_FSIZE','RLIMIT_CORE')]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [worker.MEMORY, worker.CPU_SECONDS, 1000, 0]
    hungry = (
        "from tourpad.core.media.looking.worker import confine;confine(1000)\n"
        "try: bytearray(2_000_000_000)\nexcept MemoryError: print('refused')"
    )
    assert (
        subprocess.run([sys.executable, "-c", hungry], capture_output=True, text=True, check=True).stdout == "refused\n"
    )


@pytest.mark.parametrize(
    ("code", "kind"), [(-11, FileRefused), (-24, FileRefused), (-6, FileRefused), (-9, LookFailed), (1, LookFailed)]
)
def test_a_crash_is_the_files_fault_and_a_kill_is_not(code: int, kind: type[Exception]) -> None:
    from tourpad.core.media.looking.child import _ended

    assert isinstance(_ended(code, "Traceback\nValueError: x"), kind)


def test_limits_are_those_that_the_page_names() -> None:
    assert (picture.MOST_PIXELS, picture.MOST_SIDE, picture.MOST_FRAMES) == (50_000_000, 20_000, 1_000)
