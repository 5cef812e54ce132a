"""What all commands share: errors in one line, exit codes, settings, the database, jobs."""

import pytest

from tests.command import Command


def test_the_settings_are_listed_with_their_origin(cli: Command) -> None:
    result = cli("config", "show", "--json")
    rows = {row["variable"]: row for row in result.json["settings"]}
    assert rows["TOURPAD_ENV"] == {
        "variable": "TOURPAD_ENV",
        "value": "test",
        "from": "environment",
        "meaning": "dev, test, staging or production",
        "fault": None,
    }
    assert result.json["faults"] == []
    assert rows["TOURPAD_SECRET"]["value"].startswith("****")
    assert rows["STRIPE_SECRET_KEY"]["value"] is None


def test_what_keeps_production_from_starting_is_shown_and_named(cli: Command) -> None:
    cli.environment.update(TOURPAD_ENV="production", TOURPAD_RATE_LIMITS="off", TOURPAD_DATABASE_POOL="many")
    del cli.environment["TOURPAD_SECRET"]

    shown = cli("config", "show", "--json")
    piped = cli("config", "show")
    started = cli("jobs", "history")

    assert (shown.exit_code, piped.exit_code, started.exit_code) == (0, 0, 1)
    rows = {row["variable"]: row for row in shown.json["settings"]}
    assert rows["TOURPAD_ENV"]["value"] == "production"
    wrong = {name: row["fault"] for name, row in rows.items() if row["fault"]}
    assert wrong["TOURPAD_DATABASE_POOL"] == "TOURPAD_DATABASE_POOL from environment: 'many' is no whole number"
    assert wrong["TOURPAD_RATE_LIMITS"] == "TOURPAD_RATE_LIMITS is off: passwords could be guessed at any speed"
    assert {"TOURPAD_SECRET", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SENDGRID_API_KEY"} <= wrong.keys()
    assert sorted(wrong.values()) == sorted(shown.json["faults"])
    assert "STRIPE_SECRET_KEY\t\tdefault" in piped.stdout
    assert wrong["STRIPE_SECRET_KEY"] in piped.stdout


def test_the_database_is_at_its_newest_migration(cli: Command) -> None:
    status = cli("db", "status", "--json").json
    assert status["up_to_date"] is True
    assert status["pending"] == []
    assert cli("db", "upgrade").stdout == f"Already at {status['head']}.\n"


def test_going_back_asks_and_can_be_only_looked_at(cli: Command) -> None:
    head = cli("db", "status", "--json").json["head"]
    unasked = cli("db", "downgrade", "base")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (4, True)
    assert cli("db", "downgrade", "base", "--dry-run").exit_code == 0
    assert cli("db", "status", "--json").json["current"] == head
    assert cli("db", "downgrade", "base", "--yes").exit_code == 0
    status = cli("db", "status", "--json").json
    assert (status["current"], len(status["pending"]) > 5) == (None, True)
    missing = cli("jobs", "history")
    assert missing.exit_code == 1
    assert "tourpad db upgrade" in missing.stderr
    assert cli("db", "upgrade", "--json").json["to"] == head


def test_one_slot_of_a_job_runs_as_of_an_instant_and_once(cli: Command) -> None:
    at = ("--at", "2026-12-01T09:00:00Z")
    first = cli("jobs", "run", "housekeeping", *at, "--json").json
    assert (first["slot"], first["ran"]) == ("2026-12-01T04:30:00Z", True)
    assert cli("jobs", "run", "housekeeping", *at, "--json").json["ran"] is False
    runs = cli("jobs", "history", "--json").json["runs"]
    assert [(run["job"], run["state"]) for run in runs] == [("housekeeping", "done")]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("jobs", "run", "nonsense"), 3, "housekeeping"),
        (("jobs", "run", "housekeeping", "--at", "tomorrow"), 2, "2026-12-01T09:00:00Z"),
        (("jobs", "fly"), 2, "fly"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_an_error_is_a_line_with_a_hint_and_an_exit_code(
    cli: Command, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    result = cli(*arguments)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr
