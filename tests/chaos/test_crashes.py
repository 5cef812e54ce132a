"""Real processes are killed with SIGKILL while they pay, refund and listen to Stripe; nothing is doubled or lost."""

from pathlib import Path

from tests.postgres import TestServer
from tools.chaos.drive import Outcome, chaos
from tourpad.core.checkpoints import POINTS

RUNS = 20
AT_MOST = 35
"""More runs than twenty only where by bad luck a label was not hit yet."""
LANES = 2


def is_enough(so_far: Outcome) -> bool:
    return not so_far.is_clean or (len(so_far.runs) >= RUNS and missed(so_far) == [])


def missed(so_far: Outcome) -> list[str]:
    kills = so_far.kills
    return [label for label in POINTS if not kills[label]]


def test_killed_at_every_label_nothing_is_doubled_or_lost(server: TestServer, tmp_path: Path) -> None:
    outcome = chaos(server, tmp_path, seed="suite", runs=AT_MOST, lanes=LANES, is_enough=is_enough)

    for run in outcome.runs:
        assert (run.verdict.doubled, run.verdict.lost, run.verdict.findings, run.errors) == ([], [], [], []), run.number
    assert len(outcome.runs) >= RUNS
    assert missed(outcome) == []
    assert outcome.kills["a random moment"] > 0
