"""Keys as they are pressed, on terminals that can; elsewhere whoever asks reads lines."""

import os
import select
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

ESCAPE, ENTER, TAB, BACKSPACE = "esc", "enter", "tab", "backspace"
UP, DOWN, LEFT, RIGHT = "up", "down", "left", "right"
PAGE_UP, PAGE_DOWN, HOME, END = "page up", "page down", "home", "end"
DELETE_LINE, DELETE_WORD, REDRAW = "ctrl-u", "ctrl-w", "redraw"
UNKNOWN = ""
"""A key that sends something which nobody here knows."""

_ALONE_SECONDS = 0.05
"""A key that sends a sequence (arrows) sends all of it within this time; Escape comes alone."""
_ENDS_SEQUENCE = (0x40, 0x7E)
"""The last byte of a sequence lies in this range (ECMA-48)."""

_SINGLE = {
    "\r": ENTER,
    "\n": ENTER,
    "\t": TAB,
    "\x7f": BACKSPACE,
    "\x08": BACKSPACE,
    "\x15": DELETE_LINE,
    "\x17": DELETE_WORD,
    "\x0c": REDRAW,
}
_SEQUENCES = {
    "A": UP,
    "B": DOWN,
    "C": RIGHT,
    "D": LEFT,
    "H": HOME,
    "F": END,
    "1~": HOME,
    "7~": HOME,
    "4~": END,
    "8~": END,
    "5~": PAGE_UP,
    "6~": PAGE_DOWN,
}


def can_read_keys() -> bool:
    """Whether a person sits at both ends, and the terminal can give single keys."""
    try:
        import termios  # noqa: F401 - absent on Windows
    except ImportError:
        return False
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "")


class Keyboard:
    """The keyboard for as long as it is open: no echo, key by key, and the terminal as it was afterwards.

    Ctrl-C interrupts as always. A terminal that ends, and a kind `kill`, leave through the same door as an error:
    what `with` has set is set back.
    """

    def __init__(self, *, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        """`pause` and `resume` are called around Ctrl-Z, for whoever draws."""
        self._descriptor = sys.stdin.fileno()
        self._pause, self._resume = pause, resume
        self._before: list[Any] = []
        self._handlers: dict[int, Any] = {}
        self._woken, self._wake = -1, -1

    def __enter__(self) -> Self:
        import termios

        self._before = termios.tcgetattr(self._descriptor)
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        for number, handler in (
            (signal.SIGWINCH, self._on_change),
            (signal.SIGTERM, _leave),
            (signal.SIGHUP, _leave),
            (signal.SIGTSTP, self._on_stop),
        ):
            self._handlers[number] = signal.signal(number, handler)
        self._take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give_back()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._woken)
        os.close(self._wake)

    def read(self) -> str:
        """Wait for one key: a character, or one of the names above; `REDRAW` when the window has changed.

        Raises:
            EOFError: the terminal is gone.
        """
        ready, _, _ = select.select([self._descriptor, self._woken], [], [])
        if self._woken in ready:
            os.read(self._woken, 1024)
            return REDRAW
        first = os.read(self._descriptor, 1)
        if not first:
            raise EOFError
        if first == b"\x1b":
            return self._sequence()
        more = b"".join(self._soon() for _ in range(_following(first[0])))
        text = (first + more).decode(errors="ignore")
        return _SINGLE.get(text, text if text.isprintable() else UNKNOWN)

    def _sequence(self) -> str:
        """What an Escape begins: nothing more is the key itself."""
        opening = self._soon()
        if not opening:
            return ESCAPE
        if opening not in (b"[", b"O"):
            return UNKNOWN
        body = b""
        while part := self._soon():
            body += part
            if _ENDS_SEQUENCE[0] <= part[0] <= _ENDS_SEQUENCE[1]:
                break
        return _SEQUENCES.get(body.decode(errors="ignore"), UNKNOWN)

    def _soon(self) -> bytes:
        """The next byte, if it is here or comes at once."""
        return os.read(self._descriptor, 1) if select.select([self._descriptor], [], [], _ALONE_SECONDS)[0] else b""

    def _take(self) -> None:
        import termios
        import tty

        # TCSADRAIN: keys that were pressed already are kept for the next question.
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)

    def _give_back(self) -> None:
        import contextlib
        import termios

        with contextlib.suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def _on_change(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as signals call it
        import contextlib

        with contextlib.suppress(BlockingIOError):  # full means that it is to be drawn anyway
            os.write(self._wake, b".")

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: the shell gets its terminal as it was; `fg` brings the page back."""
        self._pause()
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._on_stop)
        self._take()
        self._resume()
        self._on_change(number, frame)


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signals call it
    """End as a shell expects it of a program that was asked to, through every `finally`."""
    raise SystemExit(128 + number)


def _following(first: int) -> int:
    """How many bytes of UTF-8 follow a first one."""
    return 0 if first < 0xC0 else 1 if first < 0xE0 else 2 if first < 0xF0 else 3  # noqa: PLR2004 - RFC 3629
