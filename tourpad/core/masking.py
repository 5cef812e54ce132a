"""Hiding phone numbers, mail addresses and links in what people write to each other before a booking is confirmed.

It stops what people would do without thinking, and the usual tricks; it does not stop somebody who is set on it.
Dates, times and amounts of money stay.
"""

import re
import unicodedata
from typing import Final, NamedTuple

HIDDEN: Final = "[hidden until the booking is confirmed]"

_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")

_AT: Final = r"(?:\s*@\s*|\s*[\[({<]\s*at\s*[\])}>]\s*)"
_DOT: Final = r"(?:\.|\s*[\[({<]\s*dot\s*[\])}>]\s*)"
_SPOKEN_DOT: Final = r"(?:\.|\s*[\[({<]\s*dot\s*[\])}>]\s*|\s+dot\s+)"
_LABEL: Final = r"[\w-]+"
_MAIL: Final = re.compile(
    rf"[\w.+-]+{_AT}{_LABEL}(?:{_SPOKEN_DOT}{_LABEL})+"  # ada@example.org, ada [at] example [dot] org
    rf"|[\w.+-]+\s+at\s+{_LABEL}(?:\s+dot\s+{_LABEL})+",  # ada at example dot org
    re.IGNORECASE,
)

_TLDS: Final = (
    "com|net|org|edu|info|biz|io|co|me|us|uk|ca|de|fr|eu|tv|fm|ly|gg|app|dev|link|page|site|online|music|band|live|"
    "to|be|im|xyz|club|art|studio"
)
_LINK: Final = re.compile(
    rf"\b(?:https?|ftp)://\S+|\bwww\.\S+|\b(?:{_LABEL}{_DOT})+(?:{_TLDS})\b(?:/\S*)?", re.IGNORECASE
)

_NUMBER: Final = re.compile(r"(?<![\w$€£#])[+(]{0,2}\d(?:[\d\s().\-–/+]*\d)?(?!\w)")
_DATES: Final = re.compile(
    r"(?<!\d)(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"  # 2026-11-21
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?!\d)"  # 11/21/2026, 21.11.26
)
_YEARS: Final = re.compile(r"(?:19|20)\d{2}\s*[-–/]\s*(?:19|20)\d{2}")
_FEWEST_DIGITS: Final = 7
_DIGIT: Final = "zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple"
_SPELLED: Final = re.compile(rf"\b(?:(?:{_DIGIT})\b[\s,.\-–]*){{7,}}", re.IGNORECASE)


class Masked(NamedTuple):
    """A text as the other side sees it."""

    text: str
    is_masked: bool


def mask(text: str) -> Masked:
    """Hide what would let two people leave the platform. What holds nothing of the kind is answered as it is."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    result = _MAIL.sub(HIDDEN, plain)
    result = _LINK.sub(_kept_punctuation, result)
    result = _NUMBER.sub(_phone, result)
    result = _SPELLED.sub(f"{HIDDEN} ", result)
    if result == plain:
        return Masked(text, is_masked=False)
    return Masked(result.strip(), is_masked=True)


def _kept_punctuation(found: re.Match[str]) -> str:
    """A sentence's end is not part of the link."""
    rest = found[0].rstrip(".,;:!?)")
    return HIDDEN + found[0][len(rest) :]


def _phone(found: re.Match[str]) -> str:
    """A run of digits and what people put between them: hidden where it is long enough without its dates."""
    if _YEARS.fullmatch(found[0]):
        return found[0]
    digits = sum(c.isdigit() for c in _DATES.sub(" ", found[0]))
    return HIDDEN if digits >= _FEWEST_DIGITS else found[0]
