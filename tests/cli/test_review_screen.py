"""The review on a real terminal: keys decide, the page fits, and the terminal is as it was afterwards."""

import os
import signal
import subprocess
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.command import Command
from tests.factories.applications import make_application
from tests.tmux import Terminal, needs_tmux, terminal
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

pytestmark = needs_tmux

Open = Callable[..., AbstractContextManager[Terminal]]
SENDS = "a sends: You are in"


@pytest.fixture
def queue(platform: "Platform") -> list[str]:
    """Three who wait; the first says a great deal."""
    with platform.work(operator("test")) as work:
        bio = "We have played forty living rooms on the east coast and bring our own small PA. " * 40
        made = [
            make_application(work, name="Ada Ames", stage_name="Ada and the Attic", bio=bio),
            make_application(work, name="Ben Okafor", stage_name="Ben of the Barn"),
            make_application(work, "host", name="Mara Lovelock", venue_name="Mill Lane House"),
        ]
        work.commit()
        return [str(a.id) for a in made]


@pytest.fixture
def opened(cli: Command, tmp_path: Path) -> Open:
    @contextmanager
    def of(
        *arguments: str, width: int = 80, height: int = 24, aside: bool = False, **more: str
    ) -> "Generator[Terminal]":
        variables = {**cli.environment, **more}
        with terminal(
            ["applications", *arguments], variables, tmp_path, width=width, height=height, aside=aside
        ) as screen:
            yield screen

    return of


def states(platform: "Platform", queue: list[str]) -> list[str]:
    from tourpad.core.applications import queries

    with platform.work(operator("test")) as work:
        return [queries.get(work, UUID(i)).state.value for i in queue]


def told(platform: "Platform") -> list[str]:
    from sqlalchemy import text

    with platform.engine.connect() as connection:
        mails = connection.execute(text("SELECT template FROM mails WHERE template <> 'application_received'"))
        return list(mails.scalars())


def test_an_evening(opened: Open, queue: list[str], platform: "Platform") -> None:
    """Score, read on, approve, undo, reject with a reason and words, ask, leave, and go on where one stopped."""
    with opened("review") as screen:
        first = screen.wait_for(SENDS, "Ada and the Attic", "1 of 3", "more lines: space")
        assert len(screen.lines) == 24
        assert max(len(line) for line in screen.lines) <= 80
        assert "Esc leave" in screen.lines[-1]
        for part in ("guarantee from", "video.example"):
            assert part not in first  # it is below, and the next key but one brings it
        screen.press("4", "5", "3")
        screen.wait_for("live video ●●●●○", "music ●●●●●", "fit ●●●○○", "weighted 4.1")
        screen.press("End")
        screen.wait_for("guarantee from $250", "video.example/juniper", "▲")
        screen.press("a")
        screen.wait_for("2 of 3", "Ben of the Barn", "Ada and the Attic is in. u takes it back.", "1 decided tonight")
        screen.press("u")
        screen.wait_for("1 of 3", "Undone; the mail was taken back.")
        assert told(platform) == []
        screen.press("r")
        screen.wait_for("1  no live video", "Why: numbers")
        screen.type("1 4 Do send us onex")
        screen.press("BSpace", "Enter")
        screen.wait_for("We could not find a live recording", "y send")
        screen.press("End")
        screen.wait_for("Do send us one", gone="onex")
        screen.press("y")
        screen.wait_for("2 of 3", "Ada and the Attic is rejected.")
        screen.press("q")
        screen.wait_for("Question (empty: that is all)")
        screen.type("How loud are you?")
        screen.press("Enter")
        screen.wait_for("- How loud are you?")
        screen.press("Enter")
        screen.wait_for("Subject: A question about your application", "Send this?")
        screen.press("n")
        screen.wait_for("Nothing asked.")
        screen.press("Escape")
        code, left = screen.end()
    assert code == 0
    assert "1 rejected; 2 still wait." in left
    assert "icanon" in left
    assert "-icanon" not in left
    assert (states(platform, queue)[0], told(platform)) == ("rejected", ["application_rejected"])


def test_resuming_another_size_and_a_terminal_without_colour_or_unicode(
    opened: Open, queue: list[str], platform: "Platform"
) -> None:
    with opened("review") as screen:
        screen.wait_for("1 of 3", "Ada and the Attic")
        screen.press("s")
        screen.wait_for("2 of 3", "Ben of the Barn")
        screen.resize(120, 40)
        screen.wait_for("│ ── looks like")  # the second column
        assert len(screen.lines) == 40
        screen.resize(60, 16)
        small = screen.wait_for("2 of 3", "Esc leave", gone="│")
        assert max(len(line) for line in small.split("\n")) <= 60
        screen.press("x")
        assert "1 skipped; 2 still wait." in screen.end()[1]
    with opened(
        "review", NO_COLOR="1", LC_ALL="POSIX", LANG="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    ) as screen:
        shown = screen.wait_for(
            "Going on where you stopped", "1 that you skipped come last", "Ben of the Barn", "1 of 3"
        )
        assert "----" in shown
        assert not set(shown) & set("●○─▸")
        drawn = screen.tmux("capture-pane", "-p", "-e", "-t", "t")
        assert "\x1b[3" not in drawn.replace("\x1b[39m", "")
        screen.press("x")
        screen.end()


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda screen: screen.press("C-c"), 130),
        (lambda screen: _kill(screen, signal.SIGTERM), 143),
    ],
    ids=["interrupt", "terminate"],
)
def test_whatever_ends_it_gives_the_terminal_back(
    opened: Open, queue: list[str], platform: "Platform", end: Callable[[Terminal], None], code: int
) -> None:
    with opened("review") as screen:
        screen.wait_for(SENDS)
        end(screen)
        ended, left = screen.end()
        assert (ended, "-icanon" in left, "-echo" in left, "Ada" in left) == (code, False, False, False)
        assert screen.tmux("display-message", "-p", "-t", "t", "#{alternate_on} #{cursor_flag}").split() == ["0", "1"]
    assert told(platform) == []


def test_ctrl_z_gives_the_terminal_back_for_a_while(opened: Open, queue: list[str]) -> None:
    with opened("review", aside=True) as screen:
        screen.wait_for(SENDS, "1 of 3")
        screen.press("C-z")
        left = screen.wait_for("put aside")
        assert {"icanon", "echo"} <= set(left.split())
        assert "Ada" not in left
        assert screen.tmux("display-message", "-p", "-t", "t", "#{alternate_on} #{cursor_flag}").split() == ["0", "1"]
        screen.resize(100, 30)
        screen.press("Enter")
        screen.wait_for(SENDS, "1 of 3")
        assert len(screen.lines) == 30
        screen.press("4")
        screen.wait_for("live video ●●●●○")
        screen.press("x")
        assert screen.end()[0] == 0


def _program(screen: Terminal) -> int:
    """The program that the shell in the window has started."""
    children = subprocess.run(["pgrep", "-P", str(screen.pid)], check=True, capture_output=True, text=True).stdout
    return int(children.split()[0])


def _kill(screen: Terminal, number: int) -> None:
    """End the program that the shell in the window has started."""
    os.kill(_program(screen), number)


@pytest.mark.parametrize(("arguments", "term"), [(("review",), "dumb"), (("review", "--no-tui"), "tmux-256color")])
def test_a_dumb_terminal_and_whoever_wants_them_get_plain_questions(
    opened: Open, queue: list[str], platform: "Platform", arguments: tuple[str, ...], term: str
) -> None:
    with opened(*arguments, TERM=term, height=80, width=100) as screen:
        screen.wait_for("leave >", "Ada and the Attic")
        screen.type("a\n")
        screen.wait_for("Ada and the Attic is in.", "Ben Okafor")
        screen.type("x\n")
        assert screen.end()[0] == 0
    assert states(platform, queue)[0] == "approved"


def test_approving_at_a_terminal_shows_the_mail_and_asks(opened: Open, queue: list[str], platform: "Platform") -> None:
    with opened("approve", queue[2], height=40) as screen:
        asked = screen.wait_for("To Mill Lane House:", "Subject: You are in: your place is listed", "Approve and send?")
        assert "  may ask you for a date. You decide about each one." in asked.splitlines()  # between words
        screen.type("n\n")
        assert screen.end()[0] == 0
    assert states(platform, queue)[2] == "submitted"


def test_the_list_at_a_terminal_closes_with_what_to_do(opened: Open, queue: list[str]) -> None:
    with opened("list", NO_COLOR="1", TOURPAD_CLOCK="2026-03-04T12:00:00Z") as screen:
        code, shown = screen.end()
    assert code == 0
    assert "3 applications, 3 past their 48 h.  Decide:  tourpad applications review" in shown
    assert [line.split()[0] for line in shown.split("\n")[1:4]] == [i[-8:] for i in queue]


def test_a_list_that_is_narrowed_counts_what_it_shows(opened: Open, queue: list[str]) -> None:
    arguments = ("list", "--kind", "host", "--text", "Mill Lane")
    with opened(*arguments, NO_COLOR="1", TOURPAD_CLOCK="2026-03-04T12:00:00Z") as screen:
        assert "1 application, 1 past their 48 h." in screen.end()[1]


def test_an_id_that_names_nothing_is_said_before_a_reason_is_asked_for(opened: Open) -> None:
    with opened("reject", "ffffffff") as screen:
        code, said = screen.end()
    assert (code, "ffffffff" in said, "Reason" in said) == (3, True, False)
