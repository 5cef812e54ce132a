"""Where a reviewer sits: a screen with single keys, or plain lines in a pipe. The walk is the same on both."""

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from tourpad.cli import keys
from tourpad.cli.applications_card import plain
from tourpad.cli.applications_screen import Frame, Page, Row, View, compose, wrap
from tourpad.cli.output import console, folded

if TYPE_CHECKING:
    from rich.text import Text

LEAVE = keys.ESCAPE

EXPLAINED = """\
a  approve: the mail's subject stands above the keys; it leaves after two minutes
r  reject: numbers of reasons, your own words, or both; see the mail, then y sends
q  ask: one question a line, an empty line ends; see the mail, then y sends
h  approve and hold: nobody is told until  tourpad applications release
w  approve, and want a second opinion of another admin (with --as)
y d  a second opinion that another admin wants: agree, or disagree with a reason
1-5  score the criterion that is marked, 0 takes it back; Tab goes to the next
n  note for other reviewers; the applicant never sees it
o  open the links, or show them whole where there is no browser
p  where a host lives; the look is on record, and the host can see it
s  skip: comes last the next time        t  take over from another reviewer
u  undo the last decision; its mail is taken back if it has not left
space PgDn PgUp arrows  read on and back
=name or Tab in a question, a reason or a note takes a template
Esc or x  leave; tourpad applications review goes on from here"""


class Desk(Protocol):
    """What the walk needs of whatever the reviewer looks at."""

    def page(self, page: Page) -> str:
        """Show one page and wait for a key; `LEAVE` when the reviewer leaves or the input ends."""
        ...

    def block(self, lines: Sequence[str]) -> None:
        """Show something below the page, until the next page."""
        ...

    def key(self, prompt: str) -> str:
        """One key, for a question."""
        ...

    def line(self, prompt: str, *, choices: Sequence[str] = ()) -> str:
        """One line of text; empty to think better of it. `choices` are texts that Tab goes through."""
        ...

    def __enter__(self) -> Self:
        """Take the terminal."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back, whatever happened."""
        ...


class Lines:
    """Plain text in and out: for pipes, `--no-tui`, and terminals without single keys."""

    def __enter__(self) -> Self:
        """Nothing is taken."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was taken."""

    def page(self, page: Page) -> str:
        """Print the page, and take the first letter of a line."""
        head = "   ".join(part for part in (page.heading, page.progress, page.mine) if part)
        tail = [page.sends] if page.sends else []
        lines = [*page.said, "", head, "", *plain(page.card).split("\n"), "", *tail]
        self.block(lines)
        return self.key("  ".join(page.keys))

    def block(self, lines: Sequence[str]) -> None:
        """Print it."""
        print(_fitted("\n".join(lines)))

    def key(self, prompt: str) -> str:
        """The first letter of a line."""
        while True:
            typed = self._read(prompt)
            if typed is None:
                return LEAVE
            if typed.strip():
                return LEAVE if typed.strip().lower() in ("x", "esc") else typed.strip()[0].lower()

    def line(self, prompt: str, *, choices: Sequence[str] = ()) -> str:  # noqa: ARG002 - templates go by name here
        """One line."""
        return (self._read(prompt) or "").strip()

    def _read(self, prompt: str) -> str | None:
        fitting = folded(prompt, console().width - 3) if sys.stdout.isatty() else [prompt]
        print("\n".join(fitting), end=" > ", flush=True)
        typed = sys.stdin.readline()
        if not sys.stdin.isatty():
            print()
        return typed.rstrip("\r\n") if typed else None


def _fitted(text: str) -> str:
    """Broken between words where a person reads it."""
    return "\n".join(wrap(text, console().width)) if sys.stdout.isatty() else text


class Screen:
    """A full screen: one page a person, one key a decision. Drawn with the plainest sequences that there are."""

    def __init__(self) -> None:
        self._console = console()
        self._unicode = "utf" in (sys.stdout.encoding or "").lower()
        self._page: Page | None = None
        self._view = View()
        self._frame: Frame | None = None
        self._keyboard = keys.Keyboard(pause=self._hide, resume=self._show)

    def __enter__(self) -> Self:
        """The other screen, so that what was there before is there again afterwards."""
        self._keyboard.__enter__()
        self._show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Back to the screen as it was."""
        self._hide()
        self._keyboard.__exit__(kind, error, trace)

    def page(self, page: Page) -> str:
        """Draw it, and wait for a key that is not for reading on."""
        if self._page is None or page.card.who != self._page.card.who:
            self._view = View()
        self._view.block, self._view.prompt, self._view.typed = [], "", None
        self._page = page
        return self._wait()

    def block(self, lines: Sequence[str]) -> None:
        """Lay it over the lower part of the page."""
        self._view.block, self._view.block_scroll = [part for line in lines for part in line.split("\n")], 0

    def key(self, prompt: str) -> str:
        """One keypress."""
        self._view.prompt, self._view.typed = prompt, None
        pressed = self._wait()
        self._view.prompt = ""
        return pressed

    def line(self, prompt: str, *, choices: Sequence[str] = ()) -> str:
        """A line, typed and mended at the foot of the page."""
        view = self._view
        view.prompt, view.typed, view.cursor = prompt, "", 0
        place = -1
        while True:
            self._draw()
            try:
                pressed = self._keyboard.read()
            except EOFError:
                pressed = keys.ESCAPE
            if pressed == keys.TAB and choices:
                place = (place + 1) % len(choices)
                view.typed, view.cursor = choices[place], len(choices[place])
            elif pressed in (keys.ENTER, keys.ESCAPE):
                said = "" if pressed == keys.ESCAPE else view.typed.strip()
                view.prompt, view.typed = "", None
                return said
            else:
                view.typed, view.cursor = edit(view.typed, view.cursor, pressed)

    def _wait(self) -> str:
        while True:
            self._draw()
            try:
                pressed = self._keyboard.read()
            except EOFError:
                return LEAVE
            if pressed in ("", keys.REDRAW) or self._turned(pressed):
                continue
            return LEAVE if pressed == "x" else pressed.lower()

    def _turned(self, pressed: str) -> bool:
        """Whether the key was for reading on, in what lies over the page or in the page."""
        room = self._frame.room if self._frame else 1
        way = {
            " ": room,
            keys.PAGE_DOWN: room,
            keys.PAGE_UP: -room,
            keys.DOWN: 1,
            keys.UP: -1,
            "j": 1,
            "k": -1,
            keys.HOME: -100_000,
            keys.END: 100_000,
        }.get(pressed)
        if way is None:
            return False
        if self._view.block:
            self._view.block_scroll = max(0, self._view.block_scroll + way)
        else:
            self._view.scroll = max(0, self._view.scroll + way)
        return True

    def _draw(self) -> None:
        if self._page is None:
            return
        width, height = self._console.size
        frame = self._frame = compose(self._page, self._view, width=width, height=height, unicode=self._unicode)
        out = ["\x1b[?25l"]
        with self._console.capture() as drawn:
            for number, row in enumerate(frame.rows, 1):
                self._console.print(_text(row), end="\n" if number < len(frame.rows) else "", crop=True, no_wrap=True)
        lines = drawn.get().split("\n")
        out += [f"\x1b[{number};1H{line}\x1b[K" for number, line in enumerate(lines, 1)]
        out.append("\x1b[J")
        if frame.cursor is not None:
            out.append(f"\x1b[{frame.cursor[0] + 1};{frame.cursor[1] + 1}H\x1b[?25h")
        sys.stdout.write("".join(out))
        sys.stdout.flush()

    def _show(self) -> None:
        sys.stdout.write("\x1b[?1049h\x1b[2J\x1b[?25l")
        sys.stdout.flush()

    def _hide(self) -> None:
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()


def edit(typed: str, cursor: int, pressed: str) -> tuple[str, int]:
    """What one key makes of a line that is being typed, and where the cursor is then."""
    before, after = typed[:cursor], typed[cursor:]
    if len(pressed) == 1:
        return before + pressed + after, cursor + 1
    moves = {
        keys.LEFT: max(0, cursor - 1),
        keys.RIGHT: min(len(typed), cursor + 1),
        keys.HOME: 0,
        keys.END: len(typed),
    }
    if pressed in moves:
        return typed, moves[pressed]
    word = before.rstrip().rpartition(" ")[0]
    left = {
        keys.BACKSPACE: before[:-1],
        keys.DELETE_LINE: "",
        keys.DELETE_WORD: f"{word} " if word else "",
    }.get(pressed, before)
    return left + after, len(left)


def _text(row: Row) -> "Text":
    from rich.text import Text

    return Text.assemble(*row) if row else Text("")
