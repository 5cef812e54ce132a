"""Lines of text that are found by a key: one block of memory instead of ten thousands of objects."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_END = "\U0010ffff"
"""Sorts behind whatever a key may hold."""


class Sorted:
    """Lines in the order of their keys; of lines with the same key the first stays the first.

    A search looks at some fifteen keys, which takes about ten microseconds. Keys and lines hold no line ends, keys no
    tabulators.
    """

    def __init__(self, keyed: Iterable[tuple[str, str]]) -> None:
        lines = [f"{key}\t{line}\n".encode() for key, line in sorted(keyed, key=lambda pair: pair[0])]
        self._text = b"".join(lines)
        self._starts = array("L", [0])
        for line in lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, key: str) -> Iterator[str]:
        """The lines of one key."""
        for number in range(self._first(key), len(self)):
            known, line = self._at(number)
            if known != key:
                return
            yield line

    def beginning(self, letters: str) -> Iterator[tuple[str, str]]:
        """Keys that begin with these letters, each with its line."""
        if letters:
            for number in range(self._first(letters), self._first(letters + _END)):
                yield self._at(number)

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self._starts) - 1

    def _first(self, key: str) -> int:
        return bisect_left(range(len(self)), key, key=lambda number: self._at(number)[0])

    def _at(self, number: int) -> tuple[str, str]:
        key, _, line = self._text[self._starts[number] : self._starts[number + 1] - 1].decode().partition("\t")
        return key, line
