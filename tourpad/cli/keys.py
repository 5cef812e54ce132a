"""One keypress at a time, on terminals that can; elsewhere whoever asks reads lines."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

ESCAPE = "\x1b"
_ALONE_SECONDS = 0.05
"""A key that sends a sequence (arrows) sends all of it within this time; Escape comes alone."""
_ENDS_SEQUENCE = (0x40, 0x7E)
"""The last byte of a sequence lies in this range (ECMA-48)."""


def can_read_keys() -> bool:
    """Whether a person sits at both ends, and the terminal can give single keys."""
    try:
        import termios  # noqa: F401 - absent on Windows
    except ImportError:
        return False
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


@contextmanager
def _unbuffered(descriptor: int) -> Generator[None]:
    """Keys arrive as they are pressed and are not shown. Ctrl-C still interrupts."""
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    try:
        # TCSADRAIN: keys that were pressed already are kept for the next question.
        tty.setcbreak(descriptor, termios.TCSADRAIN)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def read_key() -> str:
    """Wait for one key. Arrows and other keys that send a sequence answer an empty text.

    Raises:
        EOFError: the terminal is gone.
    """
    descriptor = sys.stdin.fileno()
    with _unbuffered(descriptor):
        first = os.read(descriptor, 1)
        if not first:
            raise EOFError
        if first == ESCAPE.encode():
            return "" if _swallow_sequence(descriptor) else ESCAPE
        more = b"".join(_soon(descriptor) for _ in range(_following(first[0])))
    return (first + more).decode(errors="ignore")


def _swallow_sequence(descriptor: int) -> bool:
    """Read what follows an Escape at once, as far as it belongs to the same key. False: nothing did."""
    following = _soon(descriptor)
    if following in (b"[", b"O"):
        while (part := _soon(descriptor)) and not _ENDS_SEQUENCE[0] <= part[0] <= _ENDS_SEQUENCE[1]:
            pass
    return bool(following)


def _soon(descriptor: int) -> bytes:
    """The next byte, if it is here or comes at once."""
    import select

    return os.read(descriptor, 1) if select.select([descriptor], [], [], _ALONE_SECONDS)[0] else b""


def _following(first: int) -> int:
    """How many bytes of UTF-8 follow a first one."""
    return 0 if first < 0xC0 else 1 if first < 0xE0 else 2 if first < 0xF0 else 3  # noqa: PLR2004 - RFC 3629
