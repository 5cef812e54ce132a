"""What a person sees while the season runs: one screen that stays in place; in a pipe, plain lines."""

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tourpad.cli.output import console, is_terminal
from tourpad.core.clock import stopwatch

if TYPE_CHECKING:
    from rich.console import RenderableType

NEWS = 7
"""Lines of news on the screen."""


class Display:
    """Chapters, counters, and the latest news. Threads may tell it things."""

    def __init__(self, *, title: str, begins: datetime, ends: datetime, quiet: bool = False) -> None:
        self._title = title
        self._begins = begins
        self._ends = ends
        self._now = begins
        self._quiet = quiet
        self._started = stopwatch()
        self._chapter = ""
        self._progress = (0, 0)
        self._counts: dict[str, int] = {}
        self._news: deque[str] = deque(maxlen=NEWS)
        self._lock = threading.Lock()
        self._live: Any = None

    @contextmanager
    def showing(self) -> Generator["Display"]:
        """Show it until the block ends."""
        if self._quiet or not is_terminal():
            yield self
            return
        from rich.live import Live

        with Live(console=console(), get_renderable=self._render, refresh_per_second=8, transient=True) as live:
            self._live = live
            yield self
        self._live = None

    @property
    def seconds(self) -> float:
        """Real time since it began."""
        return stopwatch() - self._started

    def moment(self, now: datetime) -> None:
        """The season has come to this instant."""
        self._now = now

    def chapter(self, text: str) -> None:
        """Something new begins."""
        with self._lock:
            self._chapter = text
            self._progress = (0, 0)
        if self._live is None and not self._quiet:
            print(f"{self._now:%Y-%m-%d}  {text}", flush=True)

    def expect(self, total: int) -> None:
        """So many steps lie ahead in this chapter."""
        with self._lock:
            self._progress = (0, total)

    def step(self) -> None:
        """One of them is done."""
        with self._lock:
            done, total = self._progress
            self._progress = (done + 1, total)

    def count(self, what: str, by: int = 1) -> None:
        """Something happened that is counted."""
        with self._lock:
            self._counts[what] = self._counts.get(what, 0) + by

    def tell(self, text: str) -> None:
        """Something happened that one would tell a friend."""
        line = f"{self._now:%d %b}  {text}"
        with self._lock:
            self._news.append(line)
        if self._live is None and not self._quiet:
            print(f"{self._now:%Y-%m-%d}  · {text}", flush=True)

    def _render(self) -> "RenderableType":
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        with self._lock:
            counts, news = dict(self._counts), list(self._news)
            done, total = self._progress
            chapter = self._chapter
        head = Table.grid(expand=True)
        head.add_column()
        head.add_column(justify="right")
        head.add_row(
            Text(f" {self._title}", style="bold"),
            Text(f"{self._now:%a} {self._now.day} {self._now:%b %Y}   {self.seconds:.0f} s "),
        )
        season = (self._now - self._begins) / (self._ends - self._begins)
        bar = ProgressBar(total=1000, completed=max(0, min(1000, round(season * 1000))))
        tally = Table.grid(padding=(0, 3))
        for _ in range(4):
            tally.add_column()
        cells = [Text.assemble((f"{n:>6,} ", "bold"), what) for what, n in counts.items()]
        for row in range(0, len(cells), 4):
            tally.add_row(*cells[row : row + 4])
        steps = f"  {min(done, total):,} of {total:,}" if total else ""
        return Group(
            head,
            bar,
            Text(f" {chapter}{steps}", style="cyan", no_wrap=True, overflow="ellipsis"),
            Text(""),
            tally,
            Text(""),
            *(Text(f" {line}", style="dim", no_wrap=True, overflow="ellipsis") for line in news),
        )
