"""`tourpad payouts` from preview to explain, as a pipe and a program see it."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.command import Command
from tests.factories.bookings import told as told_of
from tests.factories.payouts import Show, control, dispute, fund, make_show, onboard
from tests.factories.profiles import make_person
from tourpad.cli import payouts
from tourpad.cli.amounts import dollars, plain
from tourpad.core.actors import operator
from tourpad.core.clock import VirtualClock
from tourpad.core.errors import InvalidInputError, RefusedError
from tourpad.core.money import usd
from tourpad.core.payments.models import Dispute
from tourpad.core.payments.states import DisputeState
from tourpad.core.payouts import queries, service
from tourpad.core.platform import Platform
from tourpad.core.settings import Env, Settings
from tourpad.core.values import replace

ME = operator("test")
ARTIST, HOST = 11760, 1470
Shows = Callable[..., Show]


@pytest.fixture
def show(platform: Platform) -> Show:
    """A settled show of ten days ago: the artist can be paid, the host's share is below the minimum."""
    fund(platform, 100_000)
    with platform.work(ME) as work:
        made = make_show(work, door=(1500,) * 10, days_ago=10)
        service.settle(work, concert_id=made.concert_id)
        work.commit()
    onboard(platform, made.artist_user, made.host_user)
    return made


def email(platform: Platform, user_id: object) -> str:
    from tourpad.core.identity.models import User

    with platform.work(ME) as work:
        return work.session.get_one(User, user_id).email


def test_preview_adds_up_and_changes_nothing(cli: Command, show: Show) -> None:
    said = cli("payouts", "preview", "--json").json

    assert (said["transfers"], said["payees"], said["total_cents"]) == (1, 1, ARTIST)
    assert (said["held"], said["held_total_cents"]) == (1, HOST)
    assert said["available_cents"] - said["total_cents"] == said["after_cents"]
    for row in said["payouts"]:
        assert row["earned_cents"] + row["carried_cents"] == row["pays_cents"] + row["held_cents"]
    assert cli("payouts", "preview", "--json").json["payouts"] == said["payouts"]
    header, *rows = cli("payouts", "preview").rows
    assert header[:3] == ["id", "email", "payee"]
    assert [row[header.index("reason")] for row in rows] == ["", "below_minimum"]


def test_run_sends_what_preview_said(cli: Command, show: Show) -> None:
    ran = cli("payouts", "run", "--yes", "--json")

    assert ran.exit_code == 0
    [sent] = ran.json["payouts"]
    assert (sent["amount_cents"], sent["state"]) == (ARTIST, "sent")
    assert (ran.json["sent_total_cents"], ran.json["ledger_balanced"]) == (ARTIST, True)
    listed = cli("payouts", "list", "--json").json
    assert {(row["amount_cents"], row["state"]) for row in listed["payouts"]} == {(ARTIST, "sent"), (HOST, "held")}
    assert cli("payouts", "list", "--state", "sent", "--json").json["total"] == 1
    assert cli("payouts", "run", "--yes", "--json").json["payouts"] == []


def test_run_asks_first(cli: Command, show: Show) -> None:
    refused = cli("payouts", "run")
    assert refused.exit_code == 4
    assert "--yes" in refused.stderr
    assert cli("payouts", "run", "--dry-run", "--json").json["total_cents"] == ARTIST
    wrong = cli("payouts", "run", "--yes", "--confirm-amount", "117.61")
    assert (wrong.exit_code, "$117.60" in wrong.stderr) == (4, True)
    assert cli("payouts", "list", "--state", "sent", "--json").json["total"] == 0
    assert cli("payouts", "run", "--confirm-amount", "117.60").exit_code == 0


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (["--max-total", "117.59"], 0),
        (["--max-total", "117.60"], 1),
        (["--only", "nobody@example.org"], None),
    ],
)
def test_run_within_bounds(cli: Command, show: Show, options: list[str], sent: int | None) -> None:
    ran = cli("payouts", "run", "--yes", "--json", *options)

    if sent is None:
        assert (ran.exit_code, ran.stdout) == (3, "")
    else:
        assert (ran.exit_code, ran.json["sent"]) == (0, sent)


def test_of_two_that_may_leave_only_what_was_shown_does(cli: Command, platform: Platform, show: Show) -> None:
    with platform.work(ME) as work:
        other = make_show(work, door=(3000,) * 10, days_ago=9)
        service.settle(work, concert_id=other.concert_id)
        work.commit()
    onboard(platform, other.artist_user)
    both = cli("payouts", "preview", "--json").json
    last = next(row["id"] for row in both["payouts"] if row["email"] == email(platform, other.artist_user))
    assert both["transfers"] == 2

    first = cli("payouts", "run", "--yes", "--json", "--limit", "1").json
    again = cli("payouts", "run", "--yes", "--json", "--max-total", "1.00").json
    named = cli("payouts", "run", "--yes", "--json", "--only", last).json

    assert [row["amount_cents"] for row in first["payouts"]] == [ARTIST]
    assert again["payouts"] == []
    assert [row["id"] for row in named["payouts"]] == [last]


def test_only_one_payee(cli: Command, platform: Platform, show: Show) -> None:
    host = email(platform, show.host_user)
    artist = email(platform, show.artist_user)

    narrowed = cli("payouts", "preview", "--json", "--only", host).json
    assert {row["email"] for row in narrowed["payouts"]} == {host}
    assert (narrowed["held_total_cents"], narrowed["total_cents"]) == (HOST, 0)
    assert cli("payouts", "run", "--yes", "--json", "--only", host).json["sent"] == 0
    assert cli("payouts", "run", "--yes", "--json", "--only", artist).json["sent"] == 1


def test_a_narrowed_preview_offers_the_run_that_sends_what_it_showed() -> None:
    assert payouts._narrowed(None, None, None) == ""
    assert payouts._narrowed(["mara@x.example", "po_7f3a"], 3, usd(150_000)) == (
        " --only mara@x.example --only po_7f3a --limit 3 --max-total 1500.00"
    )
    assert dollars(plain(usd(120_407)), field="--max-total") == usd(120_407)


def test_failures_exit_1_and_can_be_retried(cli: Command, platform: Platform, show: Show) -> None:
    """No run sends it by itself, so that every preview shows it, and admins have a mail."""
    with platform.work(ME) as work:
        admin = make_person(work, "admin").id
        work.commit()
        payee = queries.payee_of(work, show.artist_user)
        assert payee is not None
    account = payee.stripe_account_id
    needs = {"requirements": ["identity.individual.date_of_birth"]}
    control(platform, f"accounts/{account}/onboard", needs)

    ran = cli("payouts", "run", "--yes", "--json")

    assert ran.exit_code == 1
    [failed] = json.loads(ran.stdout)["payouts"]
    assert (failed["state"], failed["failure_code"]) == ("failed", "insufficient_capabilities_for_transfer")
    told = cli("payouts", "explain", failed["id"], "--json").json
    assert told["note"].startswith("Stripe refused it: ")
    assert told["command"] == f"tourpad payouts retry po_{failed['id'][-8:]}"
    [stuck] = cli("payouts", "preview", "--json").json["to_retry"]
    assert (stuck["amount_cents"], stuck["state"], stuck["command"]) == (ARTIST, "failed", told["command"])
    with platform.work(ME) as work:
        assert told_of(work, admin) == ["payout_failed"]
    control(platform, f"accounts/{account}/onboard", {})
    assert cli("payouts", "retry", failed["id"][-8:]).exit_code == 0
    assert cli("payouts", "preview", "--json").json["to_retry"] == []
    assert cli("payouts", "run", "--yes").exit_code == 0
    again = cli("payouts", "retry", failed["id"])
    assert (again.exit_code, "Only one that failed or came back" in again.stderr) == (4, True)


def test_stripe_down_exits_5(cli: Command, platform: Platform, show: Show) -> None:
    control(platform, "faults", {"operation": "POST /v1/transfers", "fault": "status", "status": 500})
    ran = cli("payouts", "run", "--yes", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["uncertain"]) == (5, 1)
    busy = cli("payouts", "hold", json.loads(ran.stdout)["payouts"][0]["id"], "--reason", "why not")
    assert busy.exit_code == 4
    assert "still being sent" in busy.stderr
    control(platform, "faults", {"operation": "GET /v1/balance", "fault": "status", "status": 500})
    assert cli("payouts", "preview").exit_code == 5


def test_explain_adds_up_to_the_transfer(cli: Command, platform: Platform, show: Show) -> None:
    cli("payouts", "run", "--yes")
    [sent] = cli("payouts", "list", "--state", "sent", "--json").json["payouts"]

    told = cli("payouts", "explain", sent["id"][-8:], "--json").json

    assert sum(line["amount_cents"] for line in told["lines"]) == told["total_cents"] == ARTIST
    assert [line["kind"] for line in told["lines"]] == ["door_share", "processing_fees"]
    assert [line["description"] for line in told["came_in"]] == ["10 door fees of $15.00"]
    assert (len(told["charges"]), told["stripe_transfer_id"][:3]) == (10, "tr_")
    rows = cli("payouts", "explain", sent["id"]).rows
    assert [row[:2] for row in rows[1:]] == [
        ["door_share", "12000"],
        ["processing_fees", "-240"],
        ["total", "11760"],
    ]
    header, *charges = cli("payouts", "explain", sent["id"], "--charges").rows
    left, fees = (sum(int(row[header.index(name)]) for row in charges) for name in ("left_cents", "fee_cents"))
    assert (left, fees) == (told["came_in"][0]["amount_cents"], 300)
    assert "artist's share of $3.00 in card fees" in told["lines"][1]["description"]


def test_holds_are_told_with_what_helps(cli: Command, platform: Platform, show: Show) -> None:
    with platform.work(ME) as work:
        dispute(work, show.payments[0], due_at=work.now + timedelta(days=9))
        work.commit()

    [row] = [r for r in cli("payouts", "preview", "--json").json["payouts"] if r["earned_cents"] == ARTIST]

    assert row["reason"] == "dispute"
    assert "on one charge, answer due Tue 10 Mar 2026" in row["note"]
    assert row["command"] == f"tourpad disputes show {row['note'].split()[0]}"
    assert cli(*row["command"].split()[1:]).exit_code == 0

    with platform.work(ME) as work:
        work.session.execute(update(Dispute).values(state=DisputeState.UNDER_REVIEW))
        work.commit()
    [row] = [r for r in cli("payouts", "preview", "--json").json["payouts"] if r["earned_cents"] == ARTIST]
    assert row["note"].endswith("on one charge, with the bank")


def test_a_payee_is_shown_with_what_keeps_money_from_them(cli: Command, platform: Platform, show: Show) -> None:
    """Where the hint of `not receiving` leads."""
    artist, host = email(platform, show.artist_user), email(platform, show.host_user)
    with platform.work(ME) as work:
        payee = queries.payee_of(work, show.host_user)
        assert payee is not None
        payee.can_receive, payee.requirements = False, ["individual.date_of_birth", "individual.address"]
        work.commit()

    able, unable = (cli("users", "show", who, "--json").json for who in (artist, host))

    assert (able["can_receive"], able["stripe_asks_for"], able["owed_to_them_cents"]) == (True, [], ARTIST)
    assert (unable["can_receive"], unable["owed_to_them_cents"]) == (False, HOST)
    assert unable["stripe_asks_for"] == ["a date of birth", "an address"]
    assert unable["stripe_account"].startswith("acct_")


def test_hold_and_release(cli: Command, platform: Platform, show: Show) -> None:
    artist = email(platform, show.artist_user)
    for whom in (artist, cli("payouts", "list", "--payee", artist, "--json").json["payouts"][0]["id"]):
        assert cli("payouts", "hold", whom, "--reason", "a look first").exit_code == 0
        held = cli("payouts", "preview", "--json").json["payouts"]
        assert [r["note"] for r in held if r["email"] == artist] == ["a look first"]
        assert cli("payouts", "release", whom).exit_code == 0
        assert cli("payouts", "release", whom).exit_code == 4
    assert cli("payouts", "preview", "--json").json["transfers"] == 1
    assert cli("payouts", "hold", artist, "--reason", " ").exit_code == 2


def test_show_and_what_is_not_there(cli: Command, show: Show) -> None:
    [first, *_] = cli("payouts", "list", "--json").json["payouts"]

    assert cli("payouts", "show", first["id"], "--json").json["total_cents"] == first["amount_cents"]
    assert ["state", first["state"]] in cli("payouts", "show", first["id"][-6:]).rows
    missing = cli("payouts", "show", "po_ffffffffff")
    assert (missing.exit_code, missing.stdout) == (3, "")


@pytest.mark.parametrize(
    ("text", "cents"), [("500", 50000), ("500.00", 50000), ("$1,204.5", 120450), ("0.07", 7), (" 12.34 ", 1234)]
)
def test_dollars_are_read_exactly(text: str, cents: int) -> None:
    assert dollars(text, field="--max-total").cents == cents


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1e3", "12,34", "five", "1.", "٣"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        dollars(text, field="--max-total")


def test_production_wants_the_total_as_a_number(settings: Settings, clock: VirtualClock) -> None:
    live = Platform(settings=replace(settings, env=Env.PRODUCTION), database_url="", clock=clock)

    with pytest.raises(RefusedError) as refused:
        payouts._may_send(live, usd(72630), None, yes=True)

    assert refused.value.hint == "Add --confirm-amount 726.30"
    assert payouts._may_send(live, usd(72630), "726.30", yes=False)
