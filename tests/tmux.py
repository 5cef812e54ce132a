"""A terminal as a person has it: tmux draws what a program sends, and tests read the screen."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is missing (apt-get install tmux)")

PATIENCE = 60.0
"""Seconds. A busy machine takes its time to start Python."""


class Terminal:
    """One program in one window."""

    def __init__(self, socket: str) -> None:
        self.socket = socket

    def tmux(self, *arguments: str) -> str:
        """Run one command of tmux on this server."""
        command = ["tmux", "-S", self.socket, "-f", "/dev/null", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    @property
    def screen(self) -> str:
        """What is to be seen now."""
        return self.tmux("capture-pane", "-p", "-t", "t")

    @property
    def lines(self) -> list[str]:
        """The same, line by line."""
        return self.screen.split("\n")[:-1]

    def wait_for(self, *texts: str, gone: str = "") -> str:
        """Look until all of these are on the screen (and `gone` is not); answer the screen."""
        end = time.monotonic() + PATIENCE
        shown = self.screen
        while not all(text in shown for text in texts) or (gone and gone in shown):
            assert time.monotonic() < end, f"no {texts!r} (or still {gone!r}) on the screen:\n{shown}"
            time.sleep(0.05)
            shown = self.screen
        return shown

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: `a`, `Enter`, `Escape`, `PageDown`, `C-c`."""
        self.tmux("send-keys", "-t", "t", *keys)

    def type(self, text: str) -> None:
        """Type letters as they are."""
        self.tmux("send-keys", "-t", "t", "-l", text)

    def resize(self, width: int, height: int) -> None:
        """Make the window another size."""
        self.tmux("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self.tmux("display-message", "-p", "-t", "t", "#{pane_pid}"))

    def end(self) -> tuple[int, str]:
        """Wait until the program has ended; answer its exit code and what is to be seen then."""
        shown = self.wait_for("ended with ")
        return int(shown.rpartition("ended with ")[2].split()[0]), shown


@contextmanager
def terminal(
    arguments: list[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    width: int = 80,
    height: int = 24,
    aside: bool = False,
) -> "Generator[Terminal]":
    """Open a window with `tourpad` in it, in a shell that says how it ended and what the terminal is like then.

    Args:
        arguments: of `tourpad`.
        environment: its variables, beside the few that any program needs.
        folder: where the terminal's socket goes.
        width: columns.
        height: lines.
        aside: the shell lets it be put aside by Ctrl-Z, says so, and brings it back at the next line that is typed.
    """
    socket = f"/tmp/tourpad-{uuid4().hex[:12]}" if len(str(folder)) > 60 else str(folder / "t")  # noqa: S108 - a socket's path is short
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "PYTHONPATH")}
    variables = {**keep, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment}
    program = " ".join(f"'{part}'" for part in [sys.executable, "-m", "tourpad", *arguments])
    # The shell outlives Ctrl-C, as one that a person types to does; `stty` says whether lines are read and echoed.
    told = "stty -a | grep -o -e '-\\?icanon' -e ' -\\?echo '"
    if aside:
        program = f'set -m; {program}; echo "put aside" $({told}); read line; fg'
    script = f'trap : INT; {program}; code=$?; echo; echo "ended with $code" $({told}); sleep 600'
    opened = Terminal(socket)
    try:
        subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "-s", "t",
             "-x", str(width), "-y", str(height), "env", "-i", *(f"{k}={v}" for k, v in variables.items()),
             "TERM=tmux-256color" if "TERM" not in environment else f"TERM={environment['TERM']}",
             "/bin/sh", "-c", script],
            check=True, capture_output=True,
        )  # fmt: skip
        yield opened
    finally:
        subprocess.run(["tmux", "-S", socket, "kill-server"], check=False, capture_output=True)
