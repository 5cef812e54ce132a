"""`tourpad rollout`, and what the doctor says of it."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command import Command, Said


@pytest.fixture
def people(cli: "Command") -> "Command":
    """An admin and an artist who are signed in."""
    from tests.factories.bookings import make_pair
    from tests.factories.concerts import make_concert
    from tests.factories.identity import make_user
    from tourpad.core.actors import operator
    from tourpad.core.identity.service import sessions
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    platform = Platform.open(load_settings(environ=cli.environment))
    with platform.work(operator("test")) as work:
        for role, email in (("admin", "mara@shows.test"), ("artist", "ada@shows.test"), ("fan", "ben@shows.test")):
            sessions.begin(work, user=make_user(work, role, email=email))
        make_concert(work, make_pair(work))
        work.commit()
    platform.close()
    return cli


def doors(cli: "Command") -> dict[str, Any]:
    shown = cli("rollout", "show", "--json").json
    return {key: value for key, value in shown.items() if key not in ("since", "group")} | {
        "group": [(one["email"], one["registered"]) for one in shown["group"]]
    }


def test_everybody_is_let_in_at_first(people: "Command") -> None:
    assert people("rollout", "show", "--json").json == {
        "stage": "everyone",
        "since": None,
        "by": None,
        "people_in": 5,
        "people_out": 0,
        "sessions_in": 3,
        "sessions_out": 0,
        "group": [],
    }
    assert [row[0] for row in people("doctor").rows if row[0] == "rollout"] != ["rollout"]


def test_a_change_is_shown_then_made_then_shown(people: "Command", tmp_path: "Path") -> None:
    listed = tmp_path / "friends.txt"
    listed.write_text("# the first ones\nADA@shows.test\ncleo@shows.test\n")
    change = ("rollout", "set", "beta", "--add-file", str(listed))
    looked = people(*change, "--dry-run")
    assert looked.exit_code == 0
    assert looked.stdout.splitlines() == [
        "Let in now: everybody.  Then: admins and the group.",
        "Into the group: ada@shows.test, cleo@shows.test.",
        "Lose access: 3 people.",
        "  1 session ends.",
        "  2 of them play or host a show ahead.",
        "  All of that goes on, and mails about it still come. But they can't sign in to see or change it.",
        "Gain access: 0 people with an account.",
        "Nothing was changed (--dry-run).",
    ]
    asked: Said = people(*change)
    assert (asked.exit_code, doors(people)["stage"]) == (4, "everyone")
    assert "--yes" in asked.stderr

    done = people(*change, "--yes", "--reason", "the first week", "--json").json
    assert (done["stage"], done["before"], done["people_shut_out"], done["sessions_ended"]) == (
        "beta",
        "everyone",
        3,
        1,
    )
    assert (done["under_way"]["people"], done["changed"]) == (2, True)
    by = people("rollout", "show", "--json").json["by"]
    assert by.startswith("operator ")
    assert doors(people) == {
        "stage": "beta",
        "by": by,
        "people_in": 2,
        "people_out": 3,
        "sessions_in": 2,
        "sessions_out": 0,
        "group": [("ada@shows.test", True), ("cleo@shows.test", False)],
    }
    entry = next(one for one in people("audit", "list", "--json").json["entries"] if one["action"] == "rollout.set")
    assert (entry["actor"], entry["reason"]) == (by, "the first week")
    (row,) = (row for row in people("doctor").rows if row[0] == "rollout")
    assert row[1:] == ["warning", row[2], "tourpad rollout show"]
    assert row[2].startswith("only admins and the group are let in, since ")

    shown = {
        who: people("users", "show", f"{who}@shows.test", "--json").json["let_in"] for who in ("mara", "ada", "ben")
    }
    assert shown == {"mara": True, "ada": True, "ben": False}

    again = people("rollout", "set", "beta", "--yes")
    assert (again.exit_code, again.stdout) == (0, "Let in: admins and the group, as before. Nothing was changed.\n")
    out = people("rollout", "set", "--remove", "ada@shows.test", "--yes", "--json").json
    assert (out["removed"], out["people_shut_out"], out["sessions_ended"]) == (["ada@shows.test"], 1, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "STAGE"),
        (("nobody",), 2, "nobody"),
        (("beta", "--add", "ada"), 2, "ada"),
        (("beta", "--add-file", "/nowhere/at/all"), 2, "/nowhere/at/all"),
        (("--remove", "dot@shows.test", "--yes"), 3, "is not in the group"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_done(
    cli: "Command", arguments: tuple[str, ...], code: int, said: str
) -> None:
    answer = cli("rollout", "set", *arguments)
    assert answer.exit_code == code
    assert said in answer.stderr
    assert doors(cli)["stage"] == "everyone"
