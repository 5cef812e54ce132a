"""`make chaos RUNS=500 SEED=…`: kills real processes while they move money, and counts what is doubled or lost."""

import argparse
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.postgres import TestServer, remove_server
from tools.chaos.drive import chaos
from tools.chaos.report import Report

DEEP = 50


def main() -> int:
    """Do the runs, print what came of them. 0 when nothing was doubled, lost or wrong in the books, else 1."""
    options = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    options.add_argument("--runs", type=int, default=20, help="how many")
    options.add_argument("--seed", default=None, help="what the runs are drawn by; one is drawn and printed")
    options.add_argument("--lanes", type=int, default=os.cpu_count() or 1, help="how many at once: one a core")
    given = options.parse_args()
    if given.runs < 1 or given.lanes < 1:
        options.error("--runs and --lanes are at least 1.")
    seed = given.seed or secrets.token_hex(4)
    # A socket's path holds 107 characters, so a deep temporary folder will not do.
    short = "/tmp" if len(tempfile.gettempdir()) > DEEP and os.access("/tmp", os.W_OK) else None  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="tourpad-chaos-", dir=short))
    report = Report(seed=seed, runs=given.runs, log=folder)
    report.begin()
    try:
        server = TestServer.start(folder / "pg")
        outcome = chaos(server, folder, seed=seed, runs=given.runs, lanes=given.lanes, tell=report.tell)
        report.end(outcome)
    finally:
        remove_server(folder / "pg")
    if outcome.is_clean:
        shutil.rmtree(folder, ignore_errors=True)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
