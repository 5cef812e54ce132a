"""What a file is by its first bytes, whatever it is called."""

from typing import Final

HEAD: Final = 4096
"""So many bytes are enough to tell."""

_ISO_STILL: Final = frozenset({b"avif", b"avis"})
_ISO_HEIF: Final = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_ISO_AUDIO: Final = frozenset({b"M4A ", b"M4B ", b"F4A "})
_ISO_VIDEO: Final = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"avc1"}
    | {b"M4V ", b"MSNV", b"dash", b"mmp4", b"3gp4", b"3gp5", b"3gp6", b"3gp7"}
)

_PLAIN: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"%PDF", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
)


def sniff(head: bytes) -> str | None:
    """The type that the first `HEAD` bytes tell, or nothing where they tell none."""
    for magic, mime_type in _PLAIN:
        if head.startswith(magic):
            return mime_type
    if head[4:8] == b"ftyp":
        return _iso(head)
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:  # noqa: PLR2004 - frame sync, layer III
        return "audio/mpeg"
    return _text(head)


def _iso(head: bytes) -> str:
    """Of the ISO base media family, by its brands: the main one first."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[i : i + 4] for i in range(16, size - 3, 4))]
    for brand in brands:
        for known, mime_type in (
            (_ISO_STILL, "image/avif"),
            (_ISO_AUDIO, "audio/mp4"),
            (_ISO_VIDEO, "video/mp4"),
            ({b"qt  "}, "video/quicktime"),
        ):
            if brand in known:
                return mime_type
        if brand in _ISO_HEIF and not _ISO_STILL.intersection(brands):
            return "image/heic"
    return "application/mp4"


def _text(head: bytes) -> str | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith(b"<svg") or (
        start.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head.lower()
    ):
        return "image/svg+xml"
    if start.startswith((b"<!doctype html", b"<html", b"<script", b"<head", b"<body")):
        return "text/html"
    if start.startswith((b"#!", b"<?php")):
        return "text/x-script"
    return None
