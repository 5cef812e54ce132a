"""What is printed: progress while it runs, every fault in full, and how often each label was hit."""

import sys
import time
from pathlib import Path

from tools.chaos.drive import Outcome, Run
from tourpad.core.checkpoints import POINTS

RANDOM = "a random moment"
COLUMNS = 3
"""Of the table, on a terminal; in a pipe each label has its own line."""
EVERY = 10
"""Runs between two lines of progress where nobody looks."""


class Report:
    """Prints to standard output: one line that moves on a terminal, plain lines in a pipe."""

    def __init__(self, *, seed: str, runs: int, log: Path) -> None:
        self.seed = seed
        self.runs = runs
        self.log = log
        self.moves = sys.stdout.isatty()
        self.started = time.perf_counter()
        self.doubled = self.lost = self.kills = self.done = 0

    def begin(self) -> None:
        """Say what will be done."""
        print(f"{_count(self.runs, 'run')}, seed {self.seed}", flush=True)

    def tell(self, run: Run) -> None:
        """One run is over."""
        self.done += 1
        self.doubled += len(run.verdict.doubled)
        self.lost += len(run.verdict.lost)
        self.kills += run.kills.total()
        if not run.is_clean:
            self._faults(run)
        passed = time.perf_counter() - self.started
        line = (
            f"{self.done} of {self.runs} runs, {self.kills} kills, {self.doubled} doubled, {self.lost} lost, "
            f"{passed:.0f} s"
        )
        if self.moves:
            print(f"\r{line}\x1b[K", end="", flush=True)
        elif self.done % EVERY == 0 or self.done == self.runs:
            print(line, flush=True)

    def end(self, outcome: Outcome) -> None:
        """The table, and the line that counts."""
        kills = outcome.kills
        cells = [f"{label:<30}{kills[label] or '–':>5}" for label in (*POINTS, RANDOM)]
        if self.moves:
            print("\n")
            rows = -(-len(cells) // COLUMNS)
            for row in range(rows):
                print("   ".join(cells[row::rows]))
        else:
            print(*cells, sep="\n")
        missed = [label for label in POINTS if not kills[label]]
        if missed:
            print(f"\nNobody was killed at {_count(len(missed), 'label')} (–): more runs reach them.")
        print(
            f"\n{len(outcome.runs)} runs, {kills.total()} kills at {len(POINTS) - len(missed)} of {len(POINTS)} labels "
            f"and {kills[RANDOM]} random moments: {outcome.doubled} doubled, {outcome.lost} lost, seed {outcome.seed}"
        )
        if not outcome.is_clean:
            print(f"What the workers logged: {self.log}/lane-*/workers.log")

    def _faults(self, run: Run) -> None:
        if self.moves:
            print("\r\x1b[K", end="")
        what = (
            ("doubled", run.verdict.doubled),
            ("lost", run.verdict.lost),
            ("wrong", run.verdict.findings),
            ("failed", run.errors),
        )
        for word, sentences in what:
            for sentence in sentences:
                print(f"run {run.number}: {word}: {sentence}", flush=True)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
