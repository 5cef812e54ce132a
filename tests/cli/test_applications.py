"""`tourpad applications`, as a pipe sees it: lists, decisions, and the walk by plain lines."""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.command import Command
from tests.factories.applications import make_application
from tourpad.core.actors import operator
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.platform import Platform


@pytest.fixture
def queue(platform: "Platform") -> dict[str, str]:
    """Four people by name; the first three wait."""
    with platform.work(operator("test")) as work:
        made = {
            "Ada": make_application(work, name="Ada Ames", stage_name="Ada and the Attic"),
            "Ben": make_application(work, "host", name="Ben Okafor", venue_name="Ben’s Barn"),
            "Cleo": make_application(work, state="questions_asked", name="Cleo Vale", stage_name="Cleo Vale"),
            "Dot": make_application(work, state="rejected", name="Dot Day", stage_name="Dot Day"),
        }
        work.commit()
        return {name: str(application.id) for name, application in made.items()}


def state_of(cli: Command, application_id: str) -> str:
    return cli("applications", "show", application_id, "--json").json["state"]


def mails(platform: "Platform", template: str) -> list[str]:
    from sqlalchemy import text

    with platform.engine.connect() as connection:
        found = connection.execute(text("SELECT text_body FROM mails WHERE template = :t ORDER BY id"), {"t": template})
        return list(found.scalars())


def test_the_list_shows_what_is_not_decided(cli: Command, queue: dict[str, str]) -> None:
    said = cli("applications", "list")
    assert (said.exit_code, said.stderr) == (0, "")
    head, *rows = said.rows
    assert head[:6] == ["id", "name", "kind", "town", "state", "age"]
    assert [row[:5] for row in rows] == [
        [queue["Ada"], "Ada and the Attic", "artist", "Asheville NC", "submitted"],
        [queue["Ben"], "Ben’s Barn", "host", "Columbus OH", "submitted"],
        [queue["Cleo"], "Cleo Vale", "artist", "Asheville NC", "questions_asked"],
    ]


def test_the_list_narrows_sorts_and_speaks_json(cli: Command, queue: dict[str, str]) -> None:
    def names(*options: str) -> list[str]:
        return [a["name"] for a in cli("applications", "list", "--json", *options).json["applications"]]

    assert names("--state", "all", "--sort", "newest") == ["Dot Day", "Cleo Vale", "Ben’s Barn", "Ada and the Attic"]
    assert names("--state", "rejected") == ["Dot Day"]
    assert names("--kind", "host") == ["Ben’s Barn"]
    assert names("--limit", "1") == ["Ada and the Attic"]
    document = cli("applications", "list", "--json").json
    assert (document["total"], document["overdue"]) == (3, 0)
    assert document["by_state"] == {"submitted": 2, "questions_asked": 1, "rejected": 1}
    assert cli("applications", "list", "--state", "maybe").exit_code == 2


def test_age_is_held_against_the_promise(cli: Command, queue: dict[str, str]) -> None:
    cli.environment["TOURPAD_CLOCK"] = "2026-03-03T13:00:00Z"
    rows = cli("applications", "list", "--json").json["applications"]
    assert [(a["age"], a["overdue"]) for a in rows] == [("49 h", True), ("49 h", True), ("49 h", False)]
    cli.environment["TOURPAD_CLOCK"] = "2026-03-10T12:00:00Z"
    assert cli("applications", "list", "--json").json["applications"][0]["age"] == "9 d"


def test_one_is_shown_by_part_of_its_id(cli: Command, queue: dict[str, str]) -> None:
    document = cli("applications", "show", queue["Cleo"][-8:], "--json").json
    assert document["id"] == queue["Cleo"]
    assert [q["question"] for q in document["questions"]] == ["How loud are you?", "Who drives?"]
    assert document["answers"]["genres"] == ["indie folk", "americana"]
    piped = cli("applications", "show", queue["Ben"]).rows
    assert ["answers.venue_name", "Ben’s Barn"] in piped
    missing = cli("applications", "show", str(new_id()))
    assert (missing.exit_code, missing.stdout) == (3, "")
    assert "tourpad applications list" in missing.stderr


def test_several_are_approved_and_each_is_told(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    said = cli("applications", "approve", queue["Ada"], queue["Ben"][-8:])
    assert (said.exit_code, said.stderr) == (0, "")
    assert said.rows == [[queue["Ada"], "approved", "Ada and the Attic"], [queue["Ben"], "approved", "Ben’s Barn"]]
    assert [text.split(",")[0] for text in mails(platform, "application_approved")] == [
        "Hello Ada Ames",
        "Hello Ben Okafor",
    ]


def test_ids_come_through_a_pipe_as_a_list_prints_them(cli: Command, queue: dict[str, str]) -> None:
    listed = cli("applications", "list", "--kind", "artist").stdout
    said = cli("applications", "reject", "-", "--reason", "Not this year.", typed=listed)
    assert (said.exit_code, [row[1] for row in said.rows]) == (0, ["rejected", "rejected"])
    assert state_of(cli, queue["Ben"]) == "submitted"
    assert cli("applications", "approve", "-", typed="").exit_code == 2


def test_a_wrong_id_among_many_changes_nothing(cli: Command, queue: dict[str, str]) -> None:
    said = cli("applications", "approve", queue["Ada"], "ffffffff")
    assert (said.exit_code, said.stdout, state_of(cli, queue["Ada"])) == (3, "", "submitted")


def test_one_that_is_decided_is_refused_and_the_others_go_on(cli: Command, queue: dict[str, str]) -> None:
    said = cli("applications", "approve", queue["Dot"], queue["Ada"], "--json")
    assert said.exit_code == 4
    assert [(a["state"], a["error"]) for a in json.loads(said.stdout)["applications"]] == [
        (None, "This application is rejected already."),
        ("approved", None),
    ]
    assert queue["Dot"] in said.stderr
    assert state_of(cli, queue["Ada"]) == "approved"


def test_a_dry_run_changes_nothing(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    said = cli("applications", "reject", queue["Ada"], "--reason", "No.", "--dry-run", "--json")
    assert (said.exit_code, said.json["dry_run"], said.json["applications"][0]["state"]) == (0, True, "rejected")
    assert state_of(cli, queue["Ada"]) == "submitted"
    assert len(mails(platform, "application_rejected")) == 1  # Dot's


def test_asking(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    said = cli("applications", "ask", queue["Ben"], "-q", "Is there a step?", "--question", "And a cat?")
    assert (said.exit_code, said.rows) == (0, [[queue["Ben"], "questions_asked", "Ben’s Barn"]])
    assert "- Is there a step?\n- And a cat?" in mails(platform, "application_questions")[-1]
    assert cli("applications", "ask", queue["Ada"]).exit_code == 2
    empty = cli("applications", "ask", queue["Ada"], "-q", " ")
    assert (empty.exit_code, state_of(cli, queue["Ada"])) == (2, "submitted")


def test_undo_takes_the_mail_back(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    cli("applications", "approve", queue["Ada"])
    looked = cli("applications", "undo", queue["Ada"], "--reason", "Slip.", "--dry-run")
    assert (looked.exit_code, state_of(cli, queue["Ada"])) == (0, "approved")
    again = cli("applications", "approve", queue["Ada"], "--yes")
    assert (again.exit_code, again.stderr.splitlines()[1:]) == (4, ["tourpad applications undo takes that back."])
    said = cli("applications", "undo", queue["Ada"], "--reason", "The wrong Ada.", "--yes")
    assert (said.exit_code, said.stdout) == (0, "Undone: the mail had not left and was taken back.\n")
    assert (state_of(cli, queue["Ada"]), mails(platform, "application_approved")) == ("in_review", [])
    assert cli("applications", "undo", queue["Ada"], "--reason", "Again.").exit_code == 4
    assert cli("applications", "undo", queue["Ben"]).exit_code == 2  # without a reason


def test_a_note_is_kept_with_its_author(cli: Command, queue: dict[str, str]) -> None:
    assert cli("applications", "note", queue["Ada"], "Saw them in March.").exit_code == 0
    notes = cli("applications", "show", queue["Ada"], "--json").json["notes"]
    assert [(n["author"].split()[0], n["note"]) for n in notes] == [("operator", "Saw them in March.")]


def test_nothing_waits(cli: Command) -> None:
    assert cli("applications", "list").rows == [
        [
            "id",
            "name",
            "kind",
            "town",
            "state",
            "age",
            "submitted_at",
            "overdue",
            "email",
            "decision",
            "score",
            "claimed_by",
            "due_at",
        ]
    ]
    said = cli("applications", "review")
    assert (said.exit_code, said.stdout) == (0, "No applications wait, and none was ever decided.\n")


def test_the_walk_by_lines(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    typed = "n\nLovely.\nz\na\nr\nThe barn has no roof.\nn\nr\n\ns\n"
    said = cli("applications", "review", typed=typed)
    assert (said.exit_code, said.stderr) == (0, "")
    assert "'z' is no key here." in said.stdout
    assert "a sends: You are in: take your membership and book" in said.stdout
    assert "The barn has no roof." in said.stdout  # the mail was shown before it was refused
    assert said.stdout.splitlines()[-1].startswith("1 approved, 1 skipped; the queue is through.")
    assert [state_of(cli, queue[name]) for name in ("Ada", "Ben")] == ["approved", "in_review"]


def test_the_walk_rejects_asks_and_undoes(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    typed = "r\nToo loud.\ny\nq\nIs there a step?\nAnd a cat?\n\ny\nu\nu\nx\n"
    said = cli("applications", "review", typed=typed)
    assert said.exit_code == 0, said.stderr
    assert "Subject: A question about your application" in said.stdout
    assert "Nothing decided; 2 still wait." in said.stdout
    # Who decided stands before who ended it and why: a second opinion that differs is another admin's.
    assert "ago: Too loud.; then undone: undone while reviewing" in " ".join(said.stdout.split())
    assert [state_of(cli, queue[name]) for name in ("Ada", "Ben")] == ["in_review", "in_review"]
    assert len(mails(platform, "application_rejected")) == 1  # Dot's
    assert len(mails(platform, "application_questions")) == 1  # Cleo's


def test_the_walk_ends_where_the_input_ends_and_keeps_what_was_decided(cli: Command, queue: dict[str, str]) -> None:
    said = cli("applications", "review", "--kind", "host", typed="a\n")
    assert (said.exit_code, state_of(cli, queue["Ben"])) == (0, "approved")
    said = cli("applications", "review", queue["Ada"], typed="")
    assert (said.exit_code, state_of(cli, queue["Ada"])) == (0, "in_review")  # looked at


def test_somebody_else_was_quicker(cli: Command, queue: dict[str, str]) -> None:
    cli("applications", "approve", queue["Ada"])
    said = cli("applications", "review", queue["Ada"], typed="r\nNo.\ny\n")
    assert (said.exit_code, state_of(cli, queue["Ada"])) == (0, "approved")
    assert "This application is approved already." in said.stdout


def test_a_decision_of_the_walk_waits_two_minutes(cli: Command, queue: dict[str, str], platform: "Platform") -> None:
    from sqlalchemy import text

    cli("applications", "review", typed="a\n")
    with platform.engine.connect() as connection:
        held: Any = connection.execute(
            text("SELECT extract(epoch FROM due_at - created_at) FROM mails WHERE template = 'application_approved'")
        ).scalar()
    assert int(held) == 120


def test_the_page_of_a_host_never_shows_an_address(cli: Command, platform: "Platform") -> None:
    with platform.work(operator("test")) as work:
        address = {"street": "417 Canary Lane", "postcode": "43299"}
        application_id: UUID = make_application(work, "host", address=address).id
        work.commit()
    for arguments in (("show", str(application_id)), ("show", str(application_id), "--json"), ("list",), ("review",)):
        said = cli("applications", *arguments)
        assert said.exit_code == 0
        assert "Canary" not in said.stdout
        assert "43299" not in said.stdout
