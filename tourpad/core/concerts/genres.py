"""Kinds of music as bits of one number, so that search can ask for any of several with one comparison (pure)."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

KNOWN = (
    "folk", "indie folk", "americana", "singer-songwriter", "acoustic", "country", "alt-country",
    "bluegrass", "old-time", "roots", "blues", "soul", "r&b", "gospel", "funk", "jazz", "swing",
    "bossa nova", "latin", "salsa", "flamenco", "tango", "cumbia", "reggae", "ska", "afrobeat", "world",
    "celtic", "klezmer", "balkan", "classical", "chamber", "chamber pop", "choral", "opera", "baroque",
    "pop", "indie pop", "dream pop", "rock", "indie rock", "indie", "alternative", "punk", "post-punk",
    "emo", "metal", "psychedelic", "shoegaze", "electronic", "ambient", "experimental", "hip hop",
    "spoken word", "comedy", "cabaret", "musical theatre", "children's",
)  # fmt: skip
"""Each has the bit of its place here. Never reorder or remove: append (up to 62), and rebuild the search table."""

OTHER = 1 << 62
"""The bit of every genre that is not listed. Who asks for one of those is answered by a look at the words."""

_BITS = {genre: 1 << place for place, genre in enumerate(KNOWN)}


def genre_mask(genres: Iterable[str]) -> int:
    """The bits of some genres; 0 for none."""
    return reduce(or_, (_BITS.get(genre.lower(), OTHER) for genre in genres), 0)


def is_exact(mask: int) -> bool:
    """Whether two masks share a bit only if they share a genre: no unlisted genre is asked for."""
    return not mask & OTHER
