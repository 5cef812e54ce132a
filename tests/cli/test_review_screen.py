"""The walk on a real terminal of 80 by 24: one keypress decides, and everything fits."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.command import Command
from tests.factories.applications import make_application
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

WIDTH, HEIGHT = 80, 24
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r")

TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""The terminal becomes the program's own, so that Ctrl-C reaches it."""


class Terminal:
    """A program on a terminal, as a person uses it."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def wait_for(self, text: str, *, seconds: float = 60) -> str:
        """Read until `text` is on the screen; answer what came since the last time."""
        before = len(self.seen)
        end = time.monotonic() + seconds
        while text not in CONTROL.sub("", self.seen[before:]):
            assert time.monotonic() < end, f"no {text!r} in {self.seen[before:]!r}"
            if select.select([self.ours], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.ours, 65536).decode(errors="replace")
                except OSError:
                    break
        shown = self.seen[before:]
        assert text in CONTROL.sub("", shown), f"no {text!r} in {shown!r}"
        return shown

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.ours, keys.encode())

    def close(self) -> int:
        """Wait for the end; answer the exit code."""
        with contextlib.suppress(OSError):
            while select.select([self.ours], [], [], 5)[0]:
                chunk = os.read(self.ours, 65536)
                if not chunk:
                    break
                self.seen += chunk.decode(errors="replace")
        code = self.process.wait(20)
        os.close(self.ours)
        return code


@contextmanager
def terminal(cli: Command, *arguments: str, **more: str) -> "Generator[Terminal]":
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONPATH")}
    environment = {**keep, **cli.environment, "TERM": "xterm-256color", "LANG": "C.UTF-8", **more}
    opened = Terminal([sys.executable, "-m", "tourpad", *arguments], environment)
    try:
        yield opened
    finally:
        if opened.process.poll() is None:
            opened.process.kill()
            opened.process.wait()


@pytest.fixture
def queue(platform: "Platform") -> list[str]:
    """Three artists who wait; the first says a great deal."""
    with platform.work(operator("test")) as work:
        bio = "We have played forty living rooms on the east coast and bring our own small PA. " * 40
        made = [
            make_application(work, name="Ada Ames", stage_name="Ada and the Attic", bio=bio),
            make_application(work, name="Ben Okafor", stage_name="Ben of the Barn"),
            make_application(work, "host", name="Mara Lovelock", venue_name="Mill Lane House"),
        ]
        work.commit()
        return [str(a.id) for a in made]


def states(cli: Command, queue: list[str]) -> list[str]:
    return [cli("applications", "show", i, "--json").json["state"] for i in queue]


def test_one_keypress_decides(cli: Command, queue: list[str]) -> None:
    with terminal(cli, "applications", "review") as screen:
        first = screen.wait_for("a sends: You are in")
        assert "Ada and the Attic" in first
        assert "1 of 3" in first
        screen.press("a")
        second = screen.wait_for("a sends: You are in")
        assert "Ada Ames" not in second.replace("Ada and the Attic is in", "")
        assert "Ada and the Attic is in. u takes it back." in CONTROL.sub("", second)
        screen.press("\x1b[A")  # an arrow key decides nothing
        screen.press("s")
        assert "Mill Lane House" in CONTROL.sub("", screen.wait_for("a sends"))
        screen.press("\x1b")
        assert screen.close() == 0
    assert "1 approved, 1 skipped; 1 still wait." in CONTROL.sub("", screen.seen)
    assert states(cli, queue) == ["approved", "submitted", "submitted"]


def test_undo_and_typed_reasons(cli: Command, queue: list[str], platform: "Platform") -> None:
    from sqlalchemy import text

    with terminal(cli, "applications", "review") as screen:
        screen.wait_for("a sends")
        screen.press("a")
        screen.wait_for("a sends")
        screen.press("u")
        assert "Undone; the mail was taken back." in CONTROL.sub("", screen.wait_for("a sends"))
        screen.press("r")
        screen.wait_for("Reason, told to the applicant")
        screen.press("No live video yet.\n")
        shown = CONTROL.sub("", screen.wait_for("Send this?"))
        assert "Subject: About your application" in shown
        assert "The reason: No live video yet." in shown
        screen.press("y")
        screen.wait_for("a sends")
        screen.press("q")
        screen.wait_for("Question")
        screen.press("How loud are you?\n")
        screen.wait_for("Question")
        screen.press("\n")
        assert "- How loud are you?" in CONTROL.sub("", screen.wait_for("Send this?"))
        screen.press("n")
        assert "Nothing asked." in CONTROL.sub("", screen.wait_for("a sends"))
        screen.press("x")
        assert screen.close() == 0
    assert states(cli, queue) == ["rejected", "submitted", "submitted"]
    with platform.engine.connect() as connection:
        told = connection.execute(text("SELECT template FROM mails WHERE template <> 'application_received'")).scalars()
        assert list(told) == ["application_rejected"]


def test_a_page_fits_into_eighty_by_twenty_four(cli: Command, queue: list[str]) -> None:
    with terminal(cli, "applications", "review", NO_COLOR="1") as screen:
        page = screen.wait_for("a sends: You are in: take your membership and book")
        screen.press("v")
        whole = screen.wait_for("a sends: You are in: take your membership and book")
        screen.press("\x1b")
        assert screen.close() == 0
    assert not re.search(r"\x1b\[(?:[0-9]+;)*[349][0-7]m", page)  # no colour
    lines = CONTROL.sub("", page).split("\n")
    assert len(lines) <= HEIGHT
    assert max(len(line) for line in lines) <= WIDTH
    assert "… v shows all of it" in CONTROL.sub("", page)
    for part in ("Ada and the Attic", "video.example/juniper", "guarantee from $250", "1 of 3", "Esc leave"):
        assert part in CONTROL.sub("", page)
    assert CONTROL.sub("", whole).count("forty living") > CONTROL.sub("", page).count("forty living")


def test_an_interrupt_gives_the_terminal_back(cli: Command, queue: list[str]) -> None:
    with terminal(cli, "applications", "review") as screen:
        screen.wait_for("a sends")
        screen.press("\x03")
        assert screen.close() == 130
        assert screen.seen.rstrip().endswith("Stopped. Nothing more was done.")
    assert "\x1b[?1049l" in screen.seen
    assert states(cli, queue) == ["submitted"] * 3


def test_approving_at_a_terminal_shows_the_mail_and_asks(cli: Command, queue: list[str]) -> None:
    with terminal(cli, "applications", "approve", queue[2]) as screen:
        shown = CONTROL.sub("", screen.wait_for("Approve and send?"))
        assert "To Mill Lane House:" in shown
        assert "Subject: You are in: your place is listed" in shown
        screen.press("n\n")
        assert screen.close() == 0
    assert states(cli, queue)[2] == "submitted"
    with terminal(cli, "applications", "approve", queue[2], "--yes") as screen:
        screen.wait_for("Take one back:  tourpad applications undo")
        assert screen.close() == 0
    assert states(cli, queue)[2] == "active" or states(cli, queue)[2] == "approved"


def test_the_list_at_a_terminal_closes_with_what_to_do(cli: Command, queue: list[str]) -> None:
    cli.environment["TOURPAD_CLOCK"] = "2026-03-04T12:00:00Z"
    with terminal(cli, "applications", "list", NO_COLOR="1") as screen:
        shown = CONTROL.sub("", screen.wait_for("tourpad applications review"))
        assert screen.close() == 0
    assert "3 applications, 3 past their 48 h." in shown
    assert max(len(line) for line in shown.split("\n")) <= WIDTH
    assert [line.split()[0] for line in shown.split("\n")[1:4]] == [i[-8:] for i in queue]
