"""The hash against the published format: https://github.com/woltapp/blurhash/blob/master/Algorithm.md."""

import pytest

from tourpad.core.media.looking.blurhash import _DIGITS, encode


def _number(text: str) -> int:
    value = 0
    for digit in text:
        value = value * 83 + _DIGITS.index(digit)
    return value


def test_black_is_the_known_hash() -> None:
    assert encode([(0, 0, 0)] * 64, 8, 8) == "L00000fQfQfQfQfQfQfQfQfQfQfQ"


@pytest.mark.parametrize("color", [(255, 255, 255), (200, 30, 90), (1, 2, 3)])
def test_the_average_is_exact(color: tuple[int, int, int]) -> None:
    said = encode([color] * 100, 10, 10)
    assert _number(said[2:6]) == color[0] << 16 | color[1] << 8 | color[2]


def test_the_number_of_cosines_is_in_the_first_digit() -> None:
    for across, down in ((1, 1), (4, 3), (9, 9)):
        said = encode([(9, 9, 9)] * 100, 10, 10, across=across, down=down)
        assert (_number(said[0]), len(said)) == (across - 1 + (down - 1) * 9, 4 + 2 * across * down)


def test_light_on_the_left_shows_in_the_first_cosine_across_and_nowhere_down() -> None:
    said = encode([(255, 255, 255) if x < 8 else (0, 0, 0) for _ in range(16) for x in range(16)], 16, 16)
    across, down = _number(said[6:8]), _number(said[12:14])
    red, green, blue = across // 361, across // 19 % 19, across % 19
    assert (red, green, blue) == (18, 18, 18)
    assert abs(down // 361 - 9) <= 3
