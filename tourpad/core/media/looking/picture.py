"""Drawing a picture anew: its pixels and nothing else reach what is published.

No EXIF (and so no place and no thumbnail), no ICC profile (colours are converted to sRGB first), no comments, nothing
that followed the picture or hid between its parts. Of something that moves the first frame is shown.
"""

import io
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, UnidentifiedImageError

from tourpad.core.media.looking.blurhash import encode
from tourpad.core.media.looking.pieces import Damaged
from tourpad.core.values import Value

MOST_PIXELS: Final = 50_000_000
MOST_SIDE: Final = 20_000
MOST_FRAMES: Final = 1_000
MOST_PROFILE: Final = 4_000_000
"""Bytes of a colour profile that is still looked at."""
_THUMB: Final = 32

FORMATS: Final = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}
OUTPUTS: Final[dict[str, dict[str, Any]]] = {
    "image/webp": {"format": "WEBP", "quality": 80, "method": 4},
    "image/avif": {"format": "AVIF", "quality": 60, "speed": 8, "max_threads": 1},
}
"""What is made, and how. AVIF at speed 8 takes a fifth of the time of 6 for files of the same size."""


class Drawing(Value):
    """One file that was drawn."""

    file: Path
    mime_type: str
    width: int
    height: int


class Picture(Value):
    """A picture, and all that was made of it. Sizes are of the original, upright."""

    width: int
    height: int
    blur_hash: str
    drawings: Sequence[Drawing]


def draw(source: Path, mime_type: str, folder: Path, widths: Sequence[int]) -> Picture:
    """Decode one picture with the decoder of its own kind, and draw it in every width.

    Args:
        source: the file.
        mime_type: its kind, as `sniff` tells it.
        folder: where the new files go.
        widths: the widths wanted, in pixels; larger ones than the picture's own are one of its own.

    Raises:
        Damaged: it can't be decoded, or is beyond the limits.
        MemoryError: it needs more than this process may have.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    with warnings.catch_warnings():
        # Pillow only warns up to twice its limit.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image, size = _decode(source, FORMATS[mime_type], max(widths))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise Damaged(f"has more than {MOST_PIXELS // 1_000_000} million pixels") from None
        except UnidentifiedImageError:
            raise Damaged("can't be read as a picture") from None
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, ArithmeticError) as error:
            raise Damaged("is a damaged or cut off picture") from error
    own = min(image.width, max(widths))
    drawings = [
        _write(image, width, mime, options, folder)
        for width in [*(w for w in sorted(widths) if w < own), own]
        for mime, options in OUTPUTS.items()
    ]
    return Picture(*size, _blur(image), drawings)


def _decode(source: Path, kind: str, largest: int) -> tuple[Image.Image, tuple[int, int]]:
    """The first frame, upright, in sRGB, without anything but its pixels; and the size it had."""
    with Image.open(source, formats=[kind]) as image:
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise Image.DecompressionBombError
        if max(width, height) > MOST_SIDE:
            raise Damaged(f"has a side of more than {MOST_SIDE:,} pixels")
        if getattr(image, "n_frames", 1) > MOST_FRAMES:
            raise Damaged(f"has more than {MOST_FRAMES:,} frames")
        image.seek(0)
        if kind == "JPEG":
            # Decoded at half or a quarter of its size where that is still enough: much less memory.
            image.draft(None, (min(width, 2 * largest), min(height, 2 * largest)))
        image.load()
        turned: Any = image
        with suppress(Exception):  # an EXIF block that can't be read turns nothing
            turned = ImageOps.exif_transpose(image)
        is_turned = turned.size != image.size
        plain = _plain(turned)
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    return clean, (height, width) if is_turned else (width, height)


def _plain(image: Image.Image) -> Image.Image:
    """Eight bits a channel, RGB or RGBA, in sRGB."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode.startswith("I") or image.mode == "F":
        # Sixteen bits of grey: Pillow would cut off everything above 255.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    profile = image.info.get("icc_profile")
    if profile and len(profile) <= MOST_PROFILE and image.mode in ("RGB", "RGBA", "CMYK", "L"):
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            output = "RGBA" if image.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(image, given, ImageCms.createProfile("sRGB"), outputMode=output)
            image = converted if converted is not None else image
    return image.convert(mode)


def _write(image: Image.Image, width: int, mime_type: str, options: dict[str, Any], folder: Path) -> Drawing:
    height = max(1, round(image.height * width / image.width))
    sized = image if image.width == width else image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    sized.info = {}
    file = folder / f"{width}.{mime_type.rpartition('/')[2]}"
    sized.save(file, **options)
    return Drawing(file, mime_type, sized.width, sized.height)


def _blur(image: Image.Image) -> str:
    """Of a small copy on white."""
    small = image.resize((min(_THUMB, image.width), min(_THUMB, image.height)), Image.Resampling.BOX)
    ground = Image.new("RGB", small.size, "white")
    ground.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    data = ground.tobytes()
    pixels = [(data[i], data[i + 1], data[i + 2]) for i in range(0, len(data), 3)]
    return encode(pixels, *ground.size)
