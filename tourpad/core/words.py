"""Words as search compares them: what is stored and what is typed go through the same (pure)."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

MOST_WORDS: Final = 8
"""Of a search; what follows is not looked at."""
LONGEST_WORD: Final = 40
SHORTEST_FORGIVEN: Final = 4
"""Letters. Of shorter words every other one is only a letter away."""
LEAST_LIKE: Final = 0.33
"""No word that is less like the typed one (strict word similarity of pg_trgm) is taken for it."""
MOST_NEEDED: Final = 0.45

_NO_DECOMPOSITION = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
_NO_WORD = re.compile(r"[^\w]+|_")
_APOSTROPHES = re.compile("['’‘`´]")  # noqa: RUF001 - that is what people type


def plain(text: str) -> str:
    """Without case, accents and punctuation: `Señor O’Neil & the Jar` is `senor oneil the jar`."""
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(_NO_WORD.sub(" ", letters.translate(_NO_DECOMPOSITION)).split())


def joined(parts: Iterable[str | None]) -> str:
    """What search reads of one entry: its parts in plain words, each word once, in their order."""
    return " ".join(dict.fromkeys(plain(" ".join(part for part in parts if part)).split()))


def typed(text: str) -> list[str]:
    """The words of a search, each once."""
    return [word[:LONGEST_WORD] for word in dict.fromkeys(plain(text).split())][:MOST_WORDS]


def spellings(word: str) -> str:
    """A regular expression for the word, and for it with any two neighbouring letters changed over.

    People hit the right keys in the wrong order more often than anything else, and it is what counting letters
    in threes forgives least.
    """
    if len(word) < SHORTEST_FORGIVEN:
        return rf"\m{word}" if len(word) < 3 else word  # noqa: PLR2004 - one or two letters begin a word
    swapped = (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1))
    return "|".join(dict.fromkeys([word, *swapped]))


def likeness_needed(word: str) -> float | None:
    """How like the typed word another must be to be taken for it: as much as one wrong letter leaves.

    A word of n letters has n + 1 groups of three; a wrong letter spoils three of them on both sides, a missing one
    two of what was typed. Four letters may lack one; shorter words are forgiven nothing.
    """
    letters = len(word)
    if letters < SHORTEST_FORGIVEN:
        return None
    spoiled = 1 if letters == SHORTEST_FORGIVEN else 2
    return round(min(MOST_NEEDED, (letters - spoiled) / (letters + 4)) - 0.005, 3)
