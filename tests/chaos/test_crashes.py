"""Real processes are killed with SIGKILL while they pay, refund and listen to Stripe; nothing is doubled or lost."""

from pathlib import Path

from tests.postgres import TestServer
from tools.chaos.drive import Chaos
from tourpad.core.checkpoints import POINTS

RUNS = 20
AT_MOST = 35
"""More runs than twenty only where by bad luck a label was not hit yet."""


def test_killed_at_every_label_nothing_is_doubled_or_lost(server: TestServer, tmp_path: Path) -> None:
    with Chaos(server, tmp_path, seed="suite") as chaos:
        for number in range(AT_MOST):
            run = chaos.run(number)
            assert (run.verdict.doubled, run.verdict.lost, run.verdict.findings, run.errors) == ([], [], [], []), number
            if number + 1 >= RUNS and all(chaos.kills[label] for label in POINTS):
                break

    assert [label for label in POINTS if not chaos.kills[label]] == []
    assert chaos.kills["a random moment"] > 0
