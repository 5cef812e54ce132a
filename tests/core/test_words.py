"""Words as search compares them."""

import pytest

from tourpad.core.words import joined, likeness_needed, plain, spellings, typed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Señor O’Neil & the JAR", "senor oneil the jar"),
        ("Mötley_Crüe", "motley crue"),
        ("Bjørn Łukasz Æon Þór", "bjorn lukasz aeon thor"),
        ("  St.  Paul,MN ", "st paul mn"),
        ("ﬁddle № 9", "fiddle no 9"),
        ("STRASSE Straße", "strasse strasse"),
        ("東京 jazz", "東京 jazz"),
        ("%_\\ .* ()", ""),
        ("", ""),
    ],
)
def test_plain_words(text: str, words: str) -> None:
    assert plain(text) == words


def test_what_is_read_has_each_word_once_in_its_order() -> None:
    assert joined(["Juniper Vale", None, "", "Vale Asheville", "NC", "North Carolina"]) == (
        "juniper vale asheville nc north carolina"
    )


def test_what_is_typed_is_cut_to_a_measure() -> None:
    assert typed("folk FOLK  night!") == ["folk", "night"]
    assert typed("...") == []
    assert typed(" ".join(f"w{n}" for n in range(30))) == [f"w{n}" for n in range(8)]
    assert typed("x" * 500) == ["x" * 40]


@pytest.mark.parametrize(
    ("word", "pattern"), [("o", r"\mo"), ("oh", r"\moh"), ("ada", "ada"), ("mara", "mara|amra|mraa|maar")]
)
def test_spellings_of_a_word(word: str, pattern: str) -> None:
    assert spellings(word) == pattern


def test_longer_words_are_forgiven_a_letter_and_short_ones_nothing() -> None:
    needed = {n: likeness_needed("x" * n) for n in (1, 3, 4, 5, 6, 7, 12)}
    assert needed == {1: None, 3: None, 4: 0.37, 5: 0.328, 6: 0.395, 7: 0.445, 12: 0.445}
