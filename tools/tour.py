"""The README's tour: plays the demo in a home of its own and writes what the commands say, as on a terminal.

`python -m tools.tour` replaces what stands between the README's marks; everything there is real output. With
`--home FOLDER` the data of an earlier demo is shown again (its end is then left as it stands).
"""

import argparse
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
TOURPAD = Path(sys.executable).parent / "tourpad"
BEGIN, END = "<!-- tour -->", "<!-- end of tour -->"
COLUMNS = 118
LONGEST = 24
"""Lines of one command; what is beyond is left out, but for the closing line, and said so."""

Arguments = Callable[[Path], list[str]]

STOPS: tuple[tuple[str, Arguments], ...] = (
    ("Who is due what, and why not:", lambda _: ["payouts", "preview"]),
    ("Every cent of one payout, back to the charges:", lambda home: ["payouts", "explain", _sent_payout(home)]),
    ("The books, which add up to zero:", lambda _: ["ledger", "balances"]),
    ("Who waits to be let in:", lambda _: ["applications", "list"]),
)


def main() -> int:
    """Play, look, write."""
    parser = argparse.ArgumentParser(description="Write the README's tour anew.")
    parser.add_argument("--home", type=Path, help="The TOURPAD_HOME of a demo that was played before.")
    given: Path | None = parser.parse_args().home
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    with tempfile.TemporaryDirectory(prefix="tourpad-tour-") as scratch:
        home = given or Path(scratch)
        home.chmod(0o755)  # as root the database's own user has to reach it
        parts = (
            [_block("How it ends:", ["demo"], _ending(_on_terminal(home, ["demo"])))] if given is None else [_kept(old)]
        )
        for sentence, arguments in STOPS:
            command = arguments(home)
            parts.append(_block(sentence, command, _cut(_on_terminal(home, command))))
    shown = "\n\n".join(filter(None, parts))
    README.write_text(f"{before}{BEGIN}\n\n{shown}\n\n{END}{after}", encoding="utf-8")
    return 0


def _on_terminal(home: Path, arguments: Sequence[str]) -> list[str]:
    """What a command prints to somebody who watches, without its colours."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    settings = {"TOURPAD_HOME": str(home), "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(COLUMNS)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "USER") if name in os.environ}
    with subprocess.Popen(
        [str(TOURPAD), *arguments], stdin=follower, stdout=follower, stderr=follower, env=kept | settings, cwd=home
    ) as process:
        os.close(follower)
        said = bytearray()
        try:
            while piece := os.read(leader, 65_536):
                said += piece
        except OSError:  # the other end was closed: it has said all
            pass
        finally:
            os.close(leader)
    lines = [_plain(line) for line in said.decode().splitlines()]
    if process.returncode:
        raise SystemExit(f"tourpad {' '.join(arguments)} ended with {process.returncode}:\n" + "\n".join(lines[-20:]))
    return lines


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).split("\r")[-1].rstrip()


def _ending(lines: list[str]) -> list[str]:
    """The demo's last page, without the moving one before it."""
    title = max(number for number, line in enumerate(lines) if "A season of house concerts:" in line)
    return lines[title:]


def _cut(lines: list[str]) -> list[str]:
    lines = "\n".join(lines).strip("\n").split("\n")
    if len(lines) <= LONGEST + 4:
        return lines
    closing = lines[-2:] if not lines[-2].strip() else lines[-1:]
    left = len(lines) - LONGEST - len(closing)
    return [*lines[:LONGEST], f"… {left} lines more", *closing]


def _block(sentence: str, command: Sequence[str], lines: Sequence[str]) -> str:
    shown = "\n".join(lines).strip("\n")
    return f"{sentence}\n\n```console\n$ tourpad {' '.join(command)}\n{shown}\n```"


def _kept(old: str) -> str:
    found = re.match(r"\s*(How it ends:.*?\n```\n)", old, re.DOTALL)
    return found[1].strip() if found else ""


def _sent_payout(home: Path) -> str:
    """A payout that has left and has something to tell: the one with the most lines, then the largest."""
    listed = _json(home, ["payouts", "list", "--state", "settled", "--limit", "50"])["payouts"]
    told = [_json(home, ["payouts", "explain", row["id"]]) for row in listed[:20]]
    best = max(told, key=lambda one: (len(one["lines"]), one["total_cents"]))
    return f"po_{best['id'].replace('-', '')[-8:]}"


def _json(home: Path, arguments: Sequence[str]) -> Any:
    command = [str(TOURPAD), *arguments, "--json"]
    environment = {**os.environ, "TOURPAD_HOME": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
