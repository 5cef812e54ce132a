"""What a person reads at the terminal when people of another system come in, and when they go out."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_output import a_person_looks
from tests.factories.relocation import example, folder_of, user
from tourpad.cli import relocation
from tourpad.core.errors import RefusedError

if TYPE_CHECKING:
    from tests.command import Command


@pytest.fixture
def seen(cli: "Command", monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command as for a person, and answers the lines that they see."""
    for name, value in cli.environment.items():
        monkeypatch.setenv(name, value)

    def run(command: Any, *arguments: Any, **given: Any) -> list[str]:
        with a_person_looks(monkeypatch) as screen:
            try:
                command(*arguments, **given)
            except RefusedError as refusal:
                screen.write(refusal.message)
        plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())
        return [" ".join(line.split()) for line in plain.splitlines() if line.strip()]

    return run


def test_first_what_would_come_then_what_came_then_that_nothing_is_left(seen: Any, tmp_path: Path) -> None:
    folder = example(tmp_path / "[old]")

    looked = seen(relocation.import_records, folder, dry_run=True)
    assert looked[0] == f"From old-tourpad, {folder}"
    assert looked[1:3] == ["kind lines new here already at fault", "users 3 3 0 0"]
    assert looked[-2:] == [
        "Nobody gets a mail, or a password. --invite mails links; “Forgot password” works for everybody.",
        "Nothing was changed (--dry-run).",
    ]

    came = seen(relocation.import_records, folder, yes=True, invite=True)
    assert [line for line in came if line.startswith(("3 ", "Brought", "Looked"))] == [
        "3 people get a mail with a link that sets a password, good for 7 days.",
        "Brought in: 3 users, 1 artist, 1 host, 1 fan, 2 bookings, 1 concert, 1 review, 1 media.",
        "Looked at files: 1 published",
        "3 mails wait to be sent: tourpad mail list",
    ]

    again = seen(relocation.import_records, folder, yes=True, invite=True)
    assert again[2] == "users 3 0 3 0"
    assert again[-1] == "All of it is here already. Nothing was changed."

    out = seen(relocation.export_records, tmp_path / "out.zip", yes=True)
    assert out[-1] == f"11 records are in {tmp_path / 'out.zip'}."


def test_faults_stand_with_their_places_and_what_hangs_on_them_is_counted(seen: Any, tmp_path: Path) -> None:
    lines = [user(1, name=""), user(2, nmae="x"), user(3)]
    folder = folder_of(tmp_path / "old", users=lines, fans=[{"id": "f", "user_id": "1"}])

    said = seen(relocation.import_records, folder, yes=True)

    assert said[-4:] == [
        "where field what",
        "users.jsonl:1 name must not be empty",
        "users.jsonl:2 nmae is no field here; the nearest is name",
        "2 faults, and 1 line that hangs on that: nothing was written.",
    ]
    left_out = seen(relocation.import_records, folder, yes=True, skip_faulty=True)
    assert "Brought in: 1 user." in left_out
