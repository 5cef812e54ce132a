from pathlib import Path

import pytest

from tests.command import Command
from tests.factories.notifications import person
from tourpad.core.actors import operator
from tourpad.core.notifications.service import mail_only, tell
from tourpad.core.notifications.states import Category
from tourpad.core.outbox import service
from tourpad.core.platform import Platform


@pytest.fixture
def written(platform: Platform) -> None:
    """Two mails to Ada, one to Ben that is dead."""
    with platform.work(operator("test")) as work:
        ada = person(work)
        mail_only(work, user_id=ada.id, template="verify_email", token="t0ken", expires_at=work.now)
        tell(work, user_id=ada.id, template="password_changed", category=Category.CONCERT)
        service.put(work, to_address="ben@", template="t", subject="s", text="t", html="h")
        work.commit()


def test_list_filters_and_counts(cli: Command, written: None) -> None:
    said = cli("mail", "list", "--json").json
    assert said["total"] == 3
    assert [m["to"] for m in said["mails"]] == ["ben@", "ada@example.org", "ada@example.org"]
    assert {m["state"] for m in said["mails"]} == {"waiting"}
    one = cli("mail", "list", "--to", "ADA", "--template", "verify_email", "--limit", "5", "--json").json
    assert [m["subject"] for m in one["mails"]] == ["Is this your mail address?"]
    assert cli("mail", "list", "--to", "%", "--json").json == {"mails": [], "total": 0}


def test_delivery_changes_what_waits(cli: Command, platform: Platform, written: None) -> None:
    from tourpad.core.outbox.procedures import deliver_mail

    deliver_mail(platform, operator("test"))
    assert cli("mail", "list", "--waiting", "--json").json["total"] == 0
    header, *rows = cli("mail", "list").rows
    assert [dict(zip(header, row, strict=True))["state"] for row in rows] == ["dead", "sent", "sent"]


def test_show_is_the_mail_as_it_would_be_sent(cli: Command, written: None) -> None:
    verify, reset = (
        next(m["id"] for m in cli("mail", "list", "--json").json["mails"] if m["template"] == template)
        for template in ("verify_email", "password_changed")
    )
    mail = cli("mail", "show", verify[-8:], "--json").json
    link = "http://127.0.0.1:8000/verify-email?token=t0ken"
    assert mail["links"] == [link]
    assert mail["headers"]["To"] == "Ada <ada@example.org>"
    assert mail["headers"]["Subject"] == "Is this your mail address?"
    assert link in mail["text"]
    assert f'href="{link}"' in mail["html"]
    other = cli("mail", "show", reset, "--json").json
    assert other["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert other["headers"]["List-Unsubscribe"].strip("<>") == other["links"][-1]


def test_show_names_what_is_missing(cli: Command) -> None:
    said = cli("mail", "show", "abcdef")
    assert said.exit_code == 3
    assert said.stderr.splitlines()[-1] == "tourpad mail list shows them."


def test_a_mail_to_no_address_can_still_be_looked_at(cli: Command, written: None) -> None:
    (mail,) = cli("mail", "list", "--to", "ben", "--json").json["mails"]
    assert cli("mail", "show", mail["id"], "--json").json["headers"]["To"] == "ben@"


def test_send_test_goes_past_the_queue(cli: Command) -> None:
    said = cli("mail", "send-test", "mara@example.org", "--json").json
    folder = Path(cli.environment["TOURPAD_HOME"]) / "outbox"
    assert [p.name for p in folder.iterdir()] == [f"{said['id']}.eml"]
    assert cli("mail", "list", "--json").json["total"] == 0


@pytest.mark.parametrize(("address", "code"), [("nobody", 2), ("a b@example.org", 2), ("a@b@c", 2)])
def test_send_test_refuses_what_is_no_address(cli: Command, address: str, code: int) -> None:
    said = cli("mail", "send-test", address)
    assert (said.exit_code, said.stdout) == (code, "")
    assert "address" in said.stderr
