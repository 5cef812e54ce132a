"""Two admins at one terminal: each by their own account and password."""

import pytest

from tests.command import Command
from tests.factories.identity import PASSWORD
from tests.factories.identity import person as make_person
from tests.factories.payouts import fund, make_show, onboard, owe
from tourpad.core.actors import operator
from tourpad.core.identity.models import User
from tourpad.core.payouts import service
from tourpad.core.platform import Platform

ME = operator("test")
ARTIST = 35280


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "TOURPAD_PAYOUT_APPROVAL_CENTS": "20000"}


@pytest.fixture
def admins(platform: Platform) -> tuple[User, User]:
    return make_person(platform, "admin"), make_person(platform, "admin")


@pytest.fixture
def artist(platform: Platform) -> User:
    """One who is due $352.80, which is more than one admin may let leave; the host owes $5.00."""
    fund(platform, 100_000)
    with platform.work(ME) as work:
        show = make_show(work, door=(1500,) * 30, days_ago=10)
        service.settle(work, concert_id=show.concert_id)
        owe(work, show.host_user, 4410 + 500)
        work.commit()
        found = work.session.get_one(User, show.artist_user)
    onboard(platform, show.artist_user)
    return found


def signed(user: User, password: str = PASSWORD) -> dict[str, str]:
    return {"typed": f"{password}\n"}


def as_(user: User) -> list[str]:
    return ["--as", user.email, "--password-stdin"]


def test_a_large_payout_from_preview_to_sent(cli: Command, admins: tuple[User, User], artist: User) -> None:
    mara, ben = admins
    [row] = [r for r in cli("payouts", "preview", "--json").json["payouts"] if r["email"] == artist.email]
    assert (row["reason"], row["pays_cents"]) == ("approval", 0)
    assert row["note"] == "$352.80 is above $200.00: waits for a second admin"
    assert cli("payouts", "run", "--yes", "--json").json["sent"] == 0
    asks = row["command"].split()[1:]

    alone = cli(*asks, "--reason", "sold out twice")
    assert (alone.exit_code, "--as you@example.org" in alone.stderr) == (4, True)
    wrong = cli(*asks, "--reason", "sold out twice", *as_(mara), typed="guessed it\n")
    assert (wrong.exit_code, "password is wrong" in wrong.stderr) == (4, True)
    asked = cli(*asks, "--reason", "sold out twice", "--json", *as_(mara), **signed(mara)).json
    same = cli("payouts", "approve", asked["id"], *as_(mara), **signed(mara))
    assert (same.exit_code, "another admin" in same.stderr) == (4, True)
    [waiting] = cli("payouts", "approvals", "--json").json["approvals"]
    assert (waiting["state"], waiting["asked_by"], waiting["whom"]) == ("asked", mara.name, artist.name)
    looked = cli("payouts", "approve", asked["id"][-8:], "--dry-run")
    assert "The reason given: sold out twice" in looked.stdout
    assert artist.name in looked.stdout

    approved = cli("payouts", "approve", asked["id"][-8:], *as_(ben), **signed(ben))

    assert approved.exit_code == 0, approved.stderr
    assert cli("payouts", "run", "--yes", "--json").json["sent_total_cents"] == ARTIST
    assert cli("payouts", "approvals", "--json").json["approvals"] == []
    [used] = cli("payouts", "approvals", "--all", "--json").json["approvals"]
    assert (used["state"], used["decided_by"]) == ("used", ben.name)


def test_a_debt_is_written_off_by_two(
    cli: Command, platform: Platform, admins: tuple[User, User], artist: User
) -> None:
    mara, ben = admins
    [debt] = [
        r for r in cli("ledger", "balances", "--account", "payable:", "--json").json["balances"] if r["cents"] > 0
    ]
    host = debt["account"].partition(":")[2]

    asked = cli("payouts", "write-off", host, "--reason", "closed", "--json", *as_(mara), **signed(mara)).json
    assert (asked["kind"], asked["amount_cents"]) == ("write_off", 500)
    no = cli("payouts", "refuse", asked["id"], "--reason", "ask them first", *as_(ben), **signed(ben))
    assert no.exit_code == 0
    assert cli("payouts", "approve", asked["id"], *as_(ben), **signed(ben)).exit_code == 4
    again = cli("payouts", "write-off", host, "--reason", "asked", "--json", *as_(mara), **signed(mara)).json
    done = cli("payouts", "approve", again["id"], "--json", *as_(ben), **signed(ben)).json

    assert (done["state"], done["used_at"] is not None) == ("used", True)
    [posted] = cli("ledger", "journal", "--source", again["id"], "--json").json["journals"]
    assert [(line["account"], line["amount_cents"]) for line in posted["lines"]] == [
        ("dispute_losses", 500),
        (f"payable:{host}", -500),
    ]
    assert "payable" not in cli("ledger", "verify").stdout
    small = cli("payouts", "write-off", artist.email, "--reason", "x", *as_(mara), **signed(mara))
    assert (small.exit_code, "owes us nothing" in small.stderr) == (4, True)
