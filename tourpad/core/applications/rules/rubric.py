"""What reviewers look at, and how much each of it weighs. Pure."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from tourpad.core.applications.states import ApplicationKind
from tourpad.core.errors import invalid
from tourpad.core.values import Value

LEAST, MOST = 1, 5
"""A score: 1 is not at all, 5 is wonderful."""


class Criterion(Value):
    """One thing to look at."""

    code: str
    title: str
    weight: Fraction
    """Its share; the shares of one kind are 1 together."""
    question: str
    """What the reviewer asks themselves."""


RUBRICS: dict[ApplicationKind, tuple[Criterion, ...]] = {
    ApplicationKind.ARTIST: (
        Criterion("live_video", "live video", Fraction(40, 100), "Does a whole song, live, hold the room?"),
        Criterion("music", "music", Fraction(35, 100), "Is it good, whatever one’s own taste?"),
        Criterion("fit", "fit", Fraction(25, 100), "Would it work in a living room, unamplified or nearly so?"),
    ),
    ApplicationKind.HOST: (
        Criterion("room", "room", Fraction(40, 100), "Can a dozen people and more sit and hear well?"),
        Criterion("welcome", "welcome", Fraction(35, 100), "Would artists and guests be in good hands?"),
        Criterion("clarity", "clarity", Fraction(25, 100), "Do photos and answers show what to expect?"),
    ),
}


def criterion(kind: ApplicationKind, code: str) -> Criterion:
    """One criterion of a kind, by its code.

    Raises:
        InvalidInputError: there is none of that name.
    """
    for found in RUBRICS[kind]:
        if found.code == code:
            return found
    raise invalid("criterion", f"must be one of {', '.join(c.code for c in RUBRICS[kind])}")


def check_score(value: int) -> int:
    """A score in range.

    Raises:
        InvalidInputError: it is not from 1 to 5.
    """
    if not LEAST <= value <= MOST:
        raise invalid("score", f"must be between {LEAST} and {MOST}")
    return value


def weighted(kind: ApplicationKind, scores: Mapping[str, int]) -> Fraction | None:
    """One reviewer's scores together; of criteria without a score the others' weights make up. Nothing for none."""
    given = [(c.weight, scores[c.code]) for c in RUBRICS[kind] if c.code in scores]
    if not given:
        return None
    return sum((w * s for w, s in given), Fraction(0)) / sum((w for w, _ in given), Fraction(0))


def together(kind: ApplicationKind, by_reviewer: Iterable[Mapping[str, int]]) -> Fraction | None:
    """The mean of what each reviewer's scores come to: everyone counts the same, however much they filled in."""
    each = [w for scores in by_reviewer if (w := weighted(kind, scores)) is not None]
    return sum(each, Fraction(0)) / len(each) if each else None


def one_place(score: Fraction | None) -> str | None:
    """A score as people read it: `4.1`. Halves go up."""
    if score is None:
        return None
    tenths = int(score * 10 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"
