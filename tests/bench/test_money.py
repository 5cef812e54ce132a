"""The benchmark runs; what it finds on a busy machine is not a test's business, what it leaves behind is."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.postgres import TestServer

ROOT = Path(__file__).parents[2]


def test_a_small_run_sends_drains_and_posts_everything_once(server: TestServer, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench",
            "money",
            "4",
            "workers=1",
            "answer_ms=5",
            "crews=1",
            "times=10",
            f"results={tmp_path}",
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": server.url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "# 4 due payouts, 1 processes, Stripe answers in 5 ms\n" in done.stdout
    found = json.loads((tmp_path / "money-4.json").read_text())
    assert found["machine"]["cores"] == os.cpu_count()
    results = found["results"]
    [sent] = results["payouts_checked"]
    assert (sent["sent"], sent["transfers at Stripe"], sent["refused"], sent["ledger findings"]) == (4, 4, 0, 0)
    [drained] = results["webhooks_checked"]
    assert (drained["events left"], drained["completed"], drained["posted"], drained["seats paid"]) == (0, 10, 10, 10)
    [books] = results["ledger_checked"]
    assert (books["wrong snapshots"], books["findings"], books["all accounts"]) == (0, 0, 0)
    assert [row["lines"] for row in results["ledger"]] == [4, 400, 4_000]


def test_an_unknown_benchmark_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "weather"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "Which one? money, shows, timing\n")
