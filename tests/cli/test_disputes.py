"""`tourpad disputes`: what is urgent, what would be said, sending it once, giving up."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.command import Command
from tests.factories.payments import make_due, paid
from tourpad.core.actors import operator
from tourpad.core.payments.models import Dispute

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


@pytest.fixture
def cli(environment: dict[str, str], sandbox: "Sandbox", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command on the platform's database, against the same sandbox, at the same time."""
    monkeypatch.chdir(tmp_path)
    return Command(
        {
            **environment,
            "DATABASE_URL": sandbox.platform.database_url,
            "STRIPE_API_BASE": sandbox.running.url,
            "TOURPAD_CLOCK": sandbox.clock.now().isoformat(),
        }
    )


@pytest.fixture
def dispute(sandbox: "Sandbox") -> str:
    """A disputed door fee of $15; Stripe's name of it."""
    paid(sandbox, make_due(1500), card="pm_card_createDispute")
    return str(sandbox.state()["dispute"][0]["id"])


def at(cli: Command, sandbox: "Sandbox", ahead: timedelta) -> None:
    sandbox.clock.advance(ahead)
    cli.environment["TOURPAD_CLOCK"] = sandbox.clock.now().isoformat()


def test_the_most_urgent_comes_first(cli: Command, sandbox: "Sandbox", dispute: str) -> None:
    sandbox.clock.advance(timedelta(days=2))
    paid(sandbox, make_due(1500), card="pm_card_createDisputeProductNotReceived")
    at(cli, sandbox, timedelta(days=2, hours=20))

    found = cli("disputes", "list", "--json").json["disputes"]

    assert [(row["reason"], row["left"], row["is_urgent"]) for row in found] == [
        ("fraudulent", "in 4 days", True),
        ("product_not_received", "in 6 days", False),
    ]


def test_one_is_found_by_the_beginning_of_stripe_s_name(cli: Command, sandbox: "Sandbox", dispute: str) -> None:
    assert cli("disputes", "show", dispute[:8], "--json").json["stripe_dispute_id"] == dispute
    assert cli("disputes", "show", "du_%%%").exit_code == 3

    paid(sandbox, make_due(1500), card="pm_card_createMultipleDisputes")
    both = sorted(str(one["id"]) for one in sandbox.state()["dispute"])
    with sandbox.platform.work(operator("test")) as work:
        for row, name in zip(work.session.scalars(select(Dispute)), ("du_same1", "du_same2", both[0]), strict=True):
            row.stripe_dispute_id = name
        work.commit()

    refused = cli("disputes", "show", "du_same")

    assert (refused.exit_code, refused.stderr) == (
        4,
        "du_same is not one dispute: du_same1, du_same2\nGive more of the id.\n",
    )


def test_evidence_is_drafted_changed_and_kept_in_versions(cli: Command, dispute: str, tmp_path: Path) -> None:
    drafted = cli("disputes", "evidence", dispute, "--json").json
    assert (drafted["version"], drafted["fields"]["customer_name"]) == (None, "Cleo Okafor")

    changed = cli("disputes", "evidence", dispute, "--set", "customer_purchase_ip=198.51.100.7", "--set",
                  "uncategorized_text=", "--json").json  # fmt: skip
    assert (changed["version"], changed["fields"]["customer_purchase_ip"]) == (1, "198.51.100.7")
    assert "uncategorized_text" not in changed["fields"]
    assert cli("disputes", "evidence", dispute, "--json").json["version"] == 1

    for wrong, says in (
        ("shoe_size=44", "none of Stripe's fields"),
        ("receipt=file_1", "uploaded file"),
        ("x", "FIELD=TEXT"),
    ):
        refused = cli("disputes", "evidence", dispute, "--set", wrong)
        assert refused.exit_code == 2
        assert says in refused.stderr
    file = tmp_path / "evidence.md"
    file.write_text("## customer_name\nCleo O.\n")
    assert cli("disputes", "evidence", dispute, "--from", str(file), "--json").json["fields"] == {
        "customer_name": "Cleo O."
    }
    again = cli("disputes", "evidence", dispute, "--fresh", "--json").json
    assert (again["version"], again["fields"]["customer_name"]) == (3, "Cleo Okafor")


def test_what_an_editor_left_unusable_is_kept(
    cli: Command, dispute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nprintf '## shoe_size\\n44\\n' > \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    monkeypatch.delenv("VISUAL", raising=False)

    refused = cli("disputes", "evidence", dispute, "--edit")

    assert refused.exit_code == 2
    (kept,) = Path(cli.environment["TOURPAD_HOME"]).glob("evidence-*.md")
    assert kept.name in refused.stderr
    assert "44" in kept.read_text()
    assert cli("disputes", "evidence", dispute, "--json").json["version"] is None


def test_it_is_sent_once_after_a_preview_and_a_yes(cli: Command, sandbox: "Sandbox", dispute: str) -> None:
    looked = cli("disputes", "submit", dispute, "--dry-run")
    assert "customer_name" in looked.stdout
    assert "Against us: It is not known from which network address was paid." in looked.stdout
    assert cli("disputes", "submit", dispute).exit_code != 0  # nobody is there to say yes
    assert sandbox.state()["dispute"][0]["status"] == "needs_response"

    sent = cli("disputes", "submit", dispute, "--yes", "--json").json

    assert (sent["state"], sent["sent"]) == ("under_review", True)
    assert sandbox.state()["dispute"][0]["evidence"]["customer_name"] == "Cleo Okafor"
    again = cli("disputes", "submit", dispute, "--yes")
    assert again.exit_code != 0
    assert "reads no second one" in again.stderr
    shown = cli("disputes", "show", dispute, "--json").json
    assert (shown["submissions"], shown["state"]) == (1, "under_review")


def test_after_its_day_it_is_refused_with_the_day(cli: Command, sandbox: "Sandbox", dispute: str) -> None:
    sandbox.clock.advance(timedelta(days=9, hours=1))
    cli.environment["TOURPAD_CLOCK"] = sandbox.clock.now().isoformat()

    refused = cli("disputes", "submit", dispute, "--yes")

    assert refused.exit_code != 0
    assert "took evidence until 10 March 2026, 12:00 UTC" in refused.stderr


def test_giving_up_says_first_who_bears_it(cli: Command, sandbox: "Sandbox", dispute: str) -> None:
    looked = cli("disputes", "accept", dispute, "--dry-run")
    assert "        $15.00  held until the show is settled: " in looked.stdout
    assert "        $15.00  Stripe's fee, which does not come back" in looked.stdout
    assert sandbox.state()["dispute"][0]["status"] == "needs_response"

    given = cli("disputes", "accept", dispute, "--yes", "--json").json

    assert (given["state"], given["sent"]) == ("lost", True)
    assert cli("disputes", "accept", dispute, "--yes").exit_code != 0


def test_a_file_is_attached_shown_and_taken_away(
    cli: Command, sandbox: "Sandbox", dispute: str, tmp_path: Path
) -> None:
    (tmp_path / "receipt.pdf").write_bytes(b"%PDF-1.7 paid")
    (tmp_path / "notes.txt").write_text("They sang along.")

    made = cli("disputes", "attach", dispute, "receipt", "receipt.pdf", "--json").json
    wrong = cli("disputes", "attach", dispute, "receipt", "notes.txt")
    missing = cli("disputes", "attach", dispute, "receipt", "nowhere.pdf")

    assert made["file"] == sandbox.state()["file"][0]["id"]
    assert (wrong.exit_code, missing.exit_code) == (2, 2)
    assert cli("disputes", "evidence", dispute, "--json").json["fields"]["receipt"] == made["file"]
    assert f"## receipt\n{made['file']}\n" in cli("disputes", "evidence", dispute).stdout
    gone = cli("disputes", "evidence", dispute, "--set", "receipt=", "--json").json
    assert "receipt" not in gone["fields"]
    assert gone["version"] == made["version"] + 1
