"""`tourpad ledger journal` and `balances`: each filter, days and zones, for people, pipes and programs."""

import pytest

from tests.command import Command
from tests.factories.payments import refund
from tests.factories.payouts import Show, fund, make_show, onboard, owe
from tests.factories.seasons import ARTIST, DOOR, HOST, ME
from tourpad.core.identity.models import User
from tourpad.core.payments.models import Refund
from tourpad.core.payouts import procedures, service
from tourpad.core.platform import Platform

TEN_CHARGES = 10


@pytest.fixture
def shows(platform: Platform) -> tuple[Show, Show]:
    """Two shows of one artist and host, paid out; the host's first share went along with the second, less a debt."""
    fund(platform, 100_000)
    with platform.work(ME) as work:
        first = make_show(work, door=DOOR, days_ago=10)
        second = make_show(work, door=DOOR, days_ago=8, like=first)
        for show in (first, second):
            service.settle(work, concert_id=show.concert_id)
        owe(work, first.host_user, 200)
        work.commit()
    onboard(platform, first.artist_user, first.host_user)
    procedures.run_payouts(platform, ME)
    return first, second


def found(cli: Command, *options: str) -> list[tuple[str, str]]:
    """Source and purpose of each journal, oldest first."""
    said = cli("ledger", "journal", "--limit", "100", "--json", *options).json
    assert len(said["journals"]) == said["total"]
    return [(row["source_type"], row["purpose"]) for row in said["journals"]][::-1]


CHARGES = [("charge", "paid")] * TEN_CHARGES
SETTLED = [("settlement", "settled")]
SENT = [("transfer", "intent"), ("transfer", "done")]


def test_journals_of_a_concert_and_of_a_person(cli: Command, platform: Platform, shows: tuple[Show, Show]) -> None:
    first, second = shows
    with platform.work(ME) as work:
        host = work.session.get_one(User, first.host_user).email

    assert sorted(found(cli, "--concert", str(first.concert_id))) == sorted(CHARGES + SETTLED + SENT)
    assert sorted(found(cli, "--concert", str(second.concert_id)[-12:])) == sorted(CHARGES + SETTLED + SENT * 2)
    assert sorted(found(cli, "--person", str(first.artist_user))) == sorted(SETTLED * 2 + SENT * 2)
    assert sorted(found(cli, "--person", host)) == sorted([*SETTLED * 2, *SENT, ("refund", "intent")])
    assert found(cli, "--person", host, "--concert", str(first.concert_id)) == SETTLED


def test_journals_behind_one_payout(cli: Command, platform: Platform, shows: tuple[Show, Show]) -> None:
    """Both shows of the host's one payout, the debt that came off, its transfer; not what the artist was sent."""
    first, second = shows
    rows = cli("payouts", "list", "--json").json["payouts"]

    def payout(show: Show, side: str) -> str:
        [row] = [r for r in rows if (r["concert_id"], r["side"]) == (str(show.concert_id), side)]
        return row["id"]

    host = found(cli, "--payout", payout(second, "host"))
    artist = found(cli, "--payout", f"po_{payout(first, 'artist')[-8:]}")

    assert sorted(host) == sorted([*CHARGES * 2, *SETTLED * 2, ("refund", "intent"), *SENT])
    assert sorted(artist) == sorted([*CHARGES, *SETTLED, *SENT])
    assert {r["amount_cents"] for r in rows if r["state"] == "sent"} == {ARTIST, 2 * HOST - 200}


def test_journals_of_one_source_by_any_of_its_names(cli: Command, platform: Platform, shows: tuple[Show, Show]) -> None:
    payment_id = shows[0].payments[0]
    sent = cli("payouts", "list", "--state", "sent", "--json").json["payouts"]
    refund_id = refund(platform, payment_id, 500)
    with platform.work(ME) as work:
        work.session.get_one(Refund, refund_id).stripe_refund_id = "re_1"
        work.commit()

    assert [found(cli, "--source", row["stripe_transfer_id"]) for row in sent] == [SENT] * 3
    assert found(cli, "--source", str(payment_id)[-8:]) == [("charge", "paid"), ("refund", "intent")]
    for name in ("re_1", str(refund_id)):
        assert found(cli, "--source", name) == [("refund", "intent")]
    assert found(cli, "--source", "re_2") == []


def test_an_account_that_is_none_is_refused_with_those_that_are(cli: Command, shows: tuple[Show, Show]) -> None:
    assert found(cli, "--account", "payable") == found(cli, "--account", "payable:") == found(cli, "--account", "paya*")
    for command in ("journal", "balances"):
        refused = cli("ledger", command, "--account", "payables:")
        assert refused.exit_code == 2
        assert "stripe_balance, " in refused.stderr


def test_a_journal_by_the_number_that_a_finding_names(cli: Command, shows: tuple[Show, Show]) -> None:
    said = cli("ledger", "journal", "--number", "3", "--number", "1", "--json").json
    assert [row["number"] for row in said["journals"]] == [3, 1]


def test_days_and_zones(cli: Command, shows: tuple[Show, Show]) -> None:
    """All of it was posted at noon of 1 March in UTC."""
    for option, text, is_in in (
        ("--since", "2026-03-01", True),
        ("--since", "2026-03-01T07:00-05:00", True),
        ("--since", "2026-03-01T07:01-05:00", False),
        ("--since", "1h", True),
        ("--until", "2026-03-01", False),
        ("--until", "2026-03-02", True),
        ("--until", "2026-03-01T12:00", False),
        ("--until", "2026-03-01T13:00+00:59", True),
    ):
        assert bool(found(cli, "--concert", str(shows[0].concert_id), option, text)) is is_in, (option, text)


def test_balances_of_any_past_moment(cli: Command, shows: tuple[Show, Show]) -> None:
    for at, is_in in (
        ("2026-02-28", False),
        ("2026-03-01", True),  # the end of that day
        ("2026-03-01T06:59:59-05:00", False),
        ("2026-03-01T07:00-05:00", True),
        ("2026-03-01T11:59", False),
        ("1h", False),
    ):
        said = cli("ledger", "balances", "--at", at, "--json").json
        assert (said["sum_cents"], bool(said["balances"])) == (0, is_in), at
        assert said["at"].endswith("Z")


def test_pipes_get_whole_ids_and_cents(cli: Command, shows: tuple[Show, Show]) -> None:
    header, *rows = cli("ledger", "journal", "--source", str(shows[0].concert_id)).rows

    assert header == ["number", "occurred_at", "description", "account", "debit_cents", "credit_cents", "source"]
    assert [row[3:6] for row in rows] == [
        [f"held:{shows[0].concert_id}", "15000", ""],
        [f"payable:{shows[0].host_user}", "", "1470"],
        ["platform_revenue", "", "1770"],
        [f"payable:{shows[0].artist_user}", "", "11760"],
    ]
    assert all(row[1] == "2026-03-01T12:00:00Z" for row in rows)
    assert cli("ledger", "journal", "--number", "999").rows == [header]
