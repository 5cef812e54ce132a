"""`tourpad api serve` read without Typer: what is read is what Typer would have read, and the rest is left to it."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import Command
from tourpad.cli import serving
from tourpad.cli.serving import Server, plainly_asked

NAMES = st.sampled_from(["--host", "--port", "--workers"])
VALUES = st.sampled_from(
    [
        *(
            "0",
            "1",
            "64",
            "65",
            "8000",
            "65535",
            "65536",
            "-1",
            "+5",
            "1_0",
            " 7",
            "\u0663",
            "1e3",
            "007",
            "",
            "::",
            "0.0.0.0",  # noqa: S104 - a word, not an address that is listened on
        ),
        *("--port", "--help"),
    ]
)
STRAY = st.sampled_from(["--debug", "--help", "-h", "--port=80", "--prot", "--", "80"])
WORDS = st.lists(st.tuples(NAMES, VALUES) | st.tuples(NAMES, VALUES) | st.tuples(STRAY), max_size=3).map(
    lambda parts: [word for part in parts for word in part]
)
"""Half of them ask for a server in plain words."""


def as_typer_reads(words: list[str]) -> Server | None:
    """What the command is called with by Typer; nothing where Typer refuses, or only explains."""
    called: list[Server] = []

    def become(*, debug: bool, **asked: Any) -> None:
        del debug
        called.append(Server(**asked))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "become", become)
        Command({"TOURPAD_ENV": "test"})(*words)
    return called[0] if called else None


@given(WORDS)
def test_what_is_read_here_is_what_typer_reads(options: list[str]) -> None:
    words = ["api", "serve", *options]
    server = plainly_asked(words)
    if server is not None:
        assert server == as_typer_reads(words)


@pytest.mark.parametrize(
    ("line", "server"),
    [
        ("api serve", Server()),
        ("api serve --port 0", Server(port=0)),
        ("api serve --host 0.0.0.0 --port 80 --workers 4", Server(host="0.0.0.0", port=80, workers=4)),  # noqa: S104
        ("api serve --port 80 --port 81", Server(port=81)),
    ],
)
def test_the_line_that_production_runs_is_read_here(line: str, server: Server) -> None:
    assert plainly_asked(line.split()) == server == as_typer_reads(line.split())


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "api",
            "serve",
            "api serve --help",
            "api serve --port",
            "api serve --port http",
            "api serve --port 65536",
        ),
        *("api serve --workers 0", "api serve --prot 80", "--debug api serve", "api serve --host --port", "jobs start"),
    ],
)
def test_any_other_line_is_left_to_typer(line: str) -> None:
    assert plainly_asked(line.split()) is None


def test_whoever_is_no_operator_starts_no_server() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tourpad", "api", "serve", "--port", "0"],
        env={"TOURPAD_ENV": "test", "TOURPAD_OPERATORS": "nobody-here=nobody@example.org"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 4, done.stderr
    assert "nobody-here" in done.stderr or "operator" in done.stderr.lower()
