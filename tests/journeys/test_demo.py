"""`tourpad demo` from outside: no database, no key, nothing set but a folder. Then the commands on what it leaves."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Done, Shell
from tests.postgres import TestServer

PEOPLE = "20"
LONG = 600
"""Seconds that a season may take on a machine with other things to do."""


@pytest.fixture(scope="module")
def shell(home: Path) -> Shell:
    return Shell(home)


@pytest.fixture(scope="module")
def cut_short(shell: Shell) -> Done:
    """A season in the same folder that somebody ended with Ctrl-C when people had begun to register."""
    with subprocess.Popen(
        [sys.executable, "-m", "tourpad", "demo", "--people", PEOPLE],
        env=shell.environment({}),
        cwd=shell.home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What a shell starts in the background is deaf to Ctrl-C, and so is whatever that starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = ""
        while "·" not in said and (line := process.stdout.readline()):
            said += line  # up to the first news of somebody
        process.send_signal(signal.SIGINT)
        said += process.stdout.read()
        return Done(process.wait(LONG), said, process.stderr.read())


@pytest.fixture(scope="module")
def season(shell: Shell, cut_short: Done) -> Done:
    return shell("demo", "--people", PEOPLE, "--json", timeout=LONG)


def test_ended_by_ctrl_c_it_says_plain_lines_and_leaves_quietly(cut_short: Done) -> None:
    assert cut_short.code != 0
    assert "People register" in cut_short.out
    assert "\x1b" not in cut_short.out
    assert "Traceback" not in cut_short.err


def test_again_in_the_same_folder_it_begins_anew(shell: Shell, season: Done) -> None:
    assert season.code == 0, season.err
    assert shell("users", "list", "--json").json["total"] == int(PEOPLE)


@pytest.fixture(scope="module")
def preview(shell: Shell, season: Done) -> Any:
    return shell("payouts", "preview", "--json").json


def test_it_plays_through_and_the_books_agree(season: Done) -> None:
    told = season.json
    assert told["ok"] is True
    assert told["faults"] == []
    assert told["bookings"]["completed"] > 0
    assert told["people"]["artist"]["active"] > 0


def test_the_money_line_adds_up(season: Done) -> None:
    money: dict[str, int] = season.json["money"]
    assert money["in"] > 0
    assert money["in"] == sum(cents for part, cents in money.items() if part != "in")


def test_the_accounts_add_up_to_zero_and_so_say_the_commands(shell: Shell, season: Done) -> None:
    accounts: dict[str, int] = season.json["accounts"]
    balances = shell("ledger", "balances", "--json").json["balances"]
    assert sum(accounts.values()) == 0
    assert sum(row["cents"] for row in balances) == 0
    kinds: dict[str, int] = {}
    for row in balances:
        kind = row["account"].partition(":")[0]
        kinds[kind] = kinds.get(kind, 0) + row["cents"]
    assert {kind: cents for kind, cents in kinds.items() if cents} == {k: c for k, c in accounts.items() if c}


def test_it_names_commands_that_work_on_its_data(shell: Shell, season: Done) -> None:
    told = season.json
    assert [command.split()[0] for command in told["next"]] == ["tourpad"] * 5
    waiting = shell("applications", "list", "--json").json["applications"]
    states = told["applications"]
    assert len(waiting) == sum(states.get(s, 0) for s in ("submitted", "in_review", "questions_asked"))


def test_it_shows_what_is_planned_otherwise_than_by_a_request(shell: Shell, season: Done) -> None:
    plans = season.json["plans"]
    assert (plans["trips"], plans["invited"], plans["with_minimum"], plans["calendars"]) == (2, 1, 1, 1)
    assert plans["moved"] in (0, 1)  # none where no date of October was agreed on
    assert len(shell("availability", "trips", "--json").json["trips"]) == 1  # the other one is over


@pytest.mark.parametrize("command", [("ledger", "verify"), ("reconcile",)])
def test_whoever_checks_again_finds_nothing(shell: Shell, season: Done, command: tuple[str, ...]) -> None:
    done = shell(*command, "--json")
    assert done.json["findings"] == []


def test_the_preview_adds_up(preview: Any, season: Done) -> None:
    rows = preview["payouts"]
    assert preview["total_cents"] == sum(row["pays_cents"] for row in rows)
    assert preview["held_total_cents"] == sum(row["held_cents"] for row in rows)
    # At the season's end what could leave has left: whatever is kept back has its reason.
    assert all(row["reason"] for row in rows if not row["pays_cents"])


def test_every_cent_of_a_payout_is_explained(shell: Shell, season: Done) -> None:
    rows = shell("payouts", "list", "--json", "--limit", "100").json["payouts"]
    sent = next(row for row in rows if row["state"] in ("sent", "settled"))
    for payout in (sent, rows[0]):
        told = shell("payouts", "explain", payout["id"], "--json").json
        assert sum(line["amount_cents"] for line in told["lines"]) == told["total_cents"]
        came_in = sum(line["amount_cents"] for line in told["came_in"])
        assert came_in == sum(c["amount_cents"] - c["refunded_cents"] for c in told["charges"])


def test_the_mails_are_there_to_be_read(shell: Shell, season: Done) -> None:
    listed = shell("mail", "list", "--template", "verify_email", "--json").json
    assert listed["total"] == int(PEOPLE)
    mail = shell("mail", "show", listed["mails"][0]["id"], "--json").json
    assert any("/verify-email?token=" in str(link) for link in mail["links"])


@pytest.fixture
def inhabited(shell: Shell, server: TestServer) -> Iterator[str]:
    url = server.clone()
    made = shell("users", "create-admin", "mara@porch.example", "--name", "Mara", DATABASE_URL=url)
    assert made.code == 0, made.err
    yield url
    server.drop(url)


def test_it_leaves_other_people_alone(shell: Shell, inhabited: str, season: Done) -> None:
    refused = shell("demo", "--people", PEOPLE, DATABASE_URL=inhabited)
    assert refused.code == 4
    assert refused.lines[0] == "The database holds 1 people whom no demo made. It stays as it is."
    assert len(refused.lines) == 2
    left = shell("users", "list", "--json", DATABASE_URL=inhabited).json
    assert [user["email"] for user in left["users"]] == ["mara@porch.example"]
