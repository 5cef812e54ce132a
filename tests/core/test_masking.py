import pytest
from hypothesis import given
from hypothesis import strategies as st

from tourpad.core.masking import HIDDEN, mask


@pytest.mark.parametrize(
    "secret",
    [
        "ada@example.org",
        "ada.lovelock+shows@mail.example.co.uk",
        "ada [at] example [dot] org",
        "ada(at)example(dot)org",
        "ada at example dot org",
        "ADA @ EXAMPLE.ORG",
        "https://ada.example/x?y=1",
        "http://127.0.0.1/x",
        "www.ada-lovelock.example",
        "adalovelock.com",
        "adalovelock.bandcamp.com/album/one",
        "linktr.ee.co/ada",
        "instagram[dot]com/ada",
        "(614) 555-0133",
        "614-555-0133",
        "614.555.0133",
        "+1 614 555 0133",
        "+49 (0)30 901820",
        "6145550133",
        "555-0133",
        "6 1 4 5 5 5 0 1 3 3",
        "614/555/0133",
        "\uff16\uff11\uff14-\uff15\uff15\uff15-\uff10\uff11\uff13\uff13",
        "614\u200b555\u200b0133",
        "six one four five five five zero one three three",
        "six-one-four, five-five-five, oh-one-three-three",
    ],
)
def test_ways_out_are_hidden(secret: str) -> None:
    assert mask(secret) == (HIDDEN, True)
    text, is_masked = mask(f"Reach me: {secret}, or write here.")
    assert is_masked
    assert HIDDEN in text
    assert text.startswith("Reach me: ")
    assert text.endswith("or write here.")
    assert not any(part in text for part in ("example", "0133", "lovelock", "901820"))


@pytest.mark.parametrize(
    "text",
    [
        "We'd love to play on 2026-11-21 at 7:30 pm.",
        "Either 11/21/2026 or 11/22/2026, 8 pm?",
        "21.11.2026, 19:30",
        "Our fee is $1,200.00, or $350 and the door.",
        "20 people fit, 35 in summer; doors 6:45, show 7:30, over by 10.",
        "Season 2026-2027, or 2027 – 2028.",
        "From 2024 to 2026 we played 140 shows in 38 states.",
        "We bring 2 guitars, 1 bass, i.e. no drums... and a dog. See you!",
        "At 9 we load out. One, two, three songs more at most.",
        "Set list: 1. Opener 2. Ballad 3. Closer",
        "Is anybody allergic? I look at you, and dot the i.",
        "zero one two",
        "",
    ],
)
def test_dates_money_and_plain_talk_stay(text: str) -> None:
    assert mask(text) == (text, False)


def test_a_link_s_sentence_keeps_its_end() -> None:
    assert mask("Listen at adalovelock.com/live. It is loud!").text == f"Listen at {HIDDEN}. It is loud!"


@given(st.text(max_size=300) | st.text("ab1 @.-/(", max_size=40))
def test_any_text_is_masked_at_once_and_for_good(text: str) -> None:
    once, is_masked = mask(text)
    assert is_masked or once == text
    assert mask(once) == (once, False)


@given(st.integers(2_000_000_000, 9_999_999_999), st.sampled_from(["", " ", "-", ".", "/", " - "]))
def test_no_ten_digits_get_through(number: int, between: str) -> None:
    digits = str(number)
    written = between.join((digits[:3], digits[3:6], digits[6:]))
    assert mask(f"call {written} now") == (f"call {HIDDEN} now", True)
