"""The log on standard error: whole where a process serves, a line where somebody waits for one command."""

import logging
import re

import pytest

from tourpad.core.watch.logs import begin_logging, hushed


@pytest.mark.parametrize(
    ("plainly", "said"),
    [
        (True, r"txn_1 could not be posted: KeyError: 'away\\nnow'\n"),
        (
            False,
            r"\d{4}-\d\d-\d\d [\d:,]+ ERROR a\.b: txn_1 could not be posted\nTraceback [^$]*KeyError: 'away\\nnow'\n",
        ),
    ],
)
def test_a_line_or_all_of_it(plainly: bool, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        begin_logging(plainly=plainly)
        try:
            _ = {}["away\nnow"]
        except KeyError:
            logging.getLogger("a.b").exception("%s could not be posted", "txn_1")
    finally:
        begin_logging()

    assert re.fullmatch(said, capsys.readouterr().err)


def test_a_part_is_silent_while_its_answer_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    begin_logging(plainly=True)
    try:
        with hushed("tourpad.core.media"):
            for name in ("tourpad.core.media", "tourpad.core.media.procedures", "tourpad.core.mediation"):
                logging.getLogger(name).warning("of %s", name)
        logging.getLogger("tourpad.core.media").warning("again")
    finally:
        begin_logging()
    assert capsys.readouterr().err.splitlines() == ["of tourpad.core.mediation", "again"]
