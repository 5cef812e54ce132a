"""Where a reviewer sits: a screen with single keys, or plain lines in a pipe. The walk is the same on both."""

import sys
from typing import TYPE_CHECKING, Protocol

from tourpad.cli.applications_card import Card, plain
from tourpad.cli.keys import ESCAPE, read_key
from tourpad.cli.output import console

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

KEYS = "a approve  r reject…  q ask…  n note  v all  s skip  u undo  ? keys  Esc leave"
EXPLAINED = """\
a  approve: the mail's subject stands below the page; it leaves after two minutes
r  reject: type the reason, see the mail, then y sends it
q  ask: type one question a line, an empty line ends; see the mail, then y sends it
n  note for other reviewers; the applicant never sees it
v  show the whole page, however long
s  skip: stays in the queue
u  undo the last decision; its mail is taken back if it has not left
Esc or x  leave"""

LEAVE = ESCAPE


class Desk(Protocol):
    """What the walk needs of whatever the reviewer looks at."""

    def show(self, heading: str, page: Card, *, said: list[str], whole: bool) -> None:
        """Show one page: where we are, the person, and what was just said."""
        ...

    def tell(self, text: str) -> None:
        """Show some lines and go on."""
        ...

    def key(self, prompt: str = "") -> str:
        """One key; `LEAVE` when the reviewer leaves or the input ends."""
        ...

    def line(self, prompt: str) -> str:
        """One line of text; empty to think better of it."""
        ...

    def close(self) -> None:
        """Give the terminal back."""
        ...


class Lines:
    """Plain text in and out: for pipes, `--no-tui`, and terminals without single keys."""

    def show(self, heading: str, page: Card, *, said: list[str], whole: bool) -> None:  # noqa: ARG002 - always whole
        """Print the page."""
        print("\n".join([*said, "", heading, "", plain(page), ""]))

    def tell(self, text: str) -> None:
        """Print it."""
        print(text)

    def key(self, prompt: str = "") -> str:
        """The first letter of a line."""
        while True:
            typed = self._read(f"{prompt or KEYS} > ")
            if typed is None:
                return LEAVE
            if typed.strip():
                return LEAVE if typed.strip().lower() in ("x", "esc") else typed.strip()[0].lower()

    def line(self, prompt: str) -> str:
        """One line."""
        return self._read(f"{prompt} > ") or ""

    def close(self) -> None:
        """Nothing was taken."""

    def _read(self, prompt: str) -> str | None:
        print(prompt, end="", flush=True)
        typed = sys.stdin.readline()
        if not sys.stdin.isatty():
            print()
        return typed.rstrip("\r\n") if typed else None


class Screen:
    """A full screen: one page a person, one key a decision."""

    def __init__(self) -> None:
        self._console: Console = console()
        self._console.set_alt_screen(True)

    def show(self, heading: str, page: Card, *, said: list[str], whole: bool) -> None:
        """Draw the page anew, cut to the height of the terminal unless the whole is wanted."""
        from rich.panel import Panel
        from rich.text import Text

        self._console.clear()
        for line in said:
            self._console.print(Text(line, style="green"), overflow="ellipsis", no_wrap=True)
        self._console.print(Text(f" {heading}", style="bold"), overflow="ellipsis", no_wrap=True)
        # Besides: the heading, the border, the keys (two lines where narrow), what `a` sends, the line one types on.
        room = None if whole else self._console.height - 7 - len(said)
        body = _body(self._console, page, room)
        self._console.print(Panel(body, title=page.kind, title_align="left", padding=(0, 1)))
        self._console.print(Text(f" {KEYS}", style="dim"))

    def tell(self, text: str) -> None:
        """Print it below the page."""
        from rich.text import Text

        self._console.print(Text(text))

    def key(self, prompt: str = "") -> str:
        """One keypress."""
        if prompt:
            self._console.print(f"{prompt} ", end="", markup=False)
        while True:
            try:
                pressed = read_key()
            except EOFError:
                return LEAVE
            if pressed:
                return LEAVE if pressed == "x" else pressed.lower()

    def line(self, prompt: str) -> str:
        """One line, typed as usual."""
        try:
            return input(f" {prompt} > ").strip()
        except EOFError:
            return ""

    def close(self) -> None:
        """Back to the screen as it was."""
        self._console.set_alt_screen(False)


def _body(to: "Console", page: Card, room: int | None) -> "Text":
    from rich.text import Text

    width = max(20, to.width - 4)

    def wrapped(text: str, style: str = "") -> list[Text]:
        return [part for line in text.splitlines() for part in Text(line, style=style).wrap(to, width)]

    head = [*wrapped(page.head, "bold"), *wrapped(page.who, "dim")]
    tail = [part for fact in page.facts for part in wrapped(fact)]
    if page.talk:
        tail.append(Text("─" * width, style="dim"))
        tail += [part for said in page.talk for part in wrapped(said)]
    long = wrapped(page.long)
    if room is not None:
        spare = room - len(head) - len(tail)
        if len(long) > max(2, spare):
            long = [*long[: max(1, spare - 1)], Text("… v shows all of it", style="dim")]
        over = len(head) + len(long) + len(tail) - room
        if over > 0:
            tail = [*tail[: max(0, len(tail) - over - 1)], Text("… v shows the rest", style="dim")]
    return Text("\n").join([*head, *long, *tail])
