"""BlurHash (blurha.sh): a few cosines of a picture in some 28 characters, shown until the picture is there."""

import math
from collections.abc import Sequence
from typing import Final

Color = tuple[float, float, float]

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
_KNEE: Final = 0.04045
"""Below it sRGB is linear (IEC 61966-2-1)."""
_LINEAR: Final = tuple(
    value / 255 / 12.92 if value / 255 <= _KNEE else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)
)


def encode(pixels: Sequence[tuple[int, int, int]], width: int, height: int, *, across: int = 4, down: int = 3) -> str:
    """The hash of a small picture.

    Args:
        pixels: red, green and blue from 0 to 255, row by row.
        width: of the picture.
        height: of the picture.
        across: cosines from left to right, 1 to 9.
        down: cosines from top to bottom, 1 to 9.
    """
    light = [(_LINEAR[red], _LINEAR[green], _LINEAR[blue]) for red, green, blue in pixels]
    horizontal = [[math.cos(math.pi * i * x / width) for x in range(width)] for i in range(across)]
    vertical = [[math.cos(math.pi * j * y / height) for y in range(height)] for j in range(down)]
    factors = [_factor(light, horizontal[i], vertical[j], i or j) for j in range(down) for i in range(across)]
    average, details = factors[0], factors[1:]
    said = _digits(across - 1 + (down - 1) * 9, 1)
    largest = max((abs(channel) for color in details for channel in color), default=0.0)
    step = max(0, min(82, math.floor(largest * 166 - 0.5)))
    said += _digits(step, 1)
    red, green, blue = (_srgb(channel) for channel in average)
    said += _digits(red << 16 | green << 8 | blue, 4)
    for color in details:
        r, g, b = (_quantised(channel / ((step + 1) / 166)) for channel in color)
        said += _digits(r * 19 * 19 + g * 19 + b, 2)
    return said


def _factor(light: Sequence[Color], horizontal: Sequence[float], vertical: Sequence[float], is_detail: int) -> Color:
    red = green = blue = 0.0
    width = len(horizontal)
    for y, down in enumerate(vertical):
        row = y * width
        for x, along in enumerate(horizontal):
            weight = along * down
            r, g, b = light[row + x]
            red, green, blue = red + weight * r, green + weight * g, blue + weight * b
    scale = (2 if is_detail else 1) / (width * len(vertical))
    return red * scale, green * scale, blue * scale


def _srgb(value: float) -> int:
    value = max(0.0, min(1.0, value))
    curved = value * 12.92 if value <= _KNEE / 12.92 else 1.055 * value ** (1 / 2.4) - 0.055
    return int(curved * 255 + 0.5)


def _quantised(value: float) -> int:
    return max(0, min(18, math.floor(math.copysign(abs(value) ** 0.5, value) * 9 + 9.5)))


def _digits(value: int, length: int) -> str:
    return "".join(_DIGITS[value // 83 ** (length - place) % 83] for place in range(1, length + 1))
