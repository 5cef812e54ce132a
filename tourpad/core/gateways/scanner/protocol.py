"""What TourPad asks of a virus scanner."""

from pathlib import Path
from typing import Protocol


class ScannerGateway(Protocol):
    """A scanner, or what stands in for it. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Where it is, in words for an operator."""
        ...

    def version(self) -> str:
        """What it says of itself: its version and the age of its signatures.

        Raises:
            ScannerDown: it does not answer.
        """
        ...

    def scan(self, file: Path) -> str | None:
        """Look at one file. Answers the name of what was found, nothing where it is clean.

        Raises:
            ScannerDown: there is no verdict.
        """
        ...
