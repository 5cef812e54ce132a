"""`tourpad payments receipt`, `concerts settlement`, `payouts earnings`: for people, spreadsheets and programs."""

import csv
import io
from pathlib import Path

import pytest

from tests.command import Command
from tests.factories.papers import earnings_sheet, pages_of
from tests.factories.payouts import Show, make_show
from tourpad.cli import papers
from tourpad.core.actors import operator
from tourpad.core.papers.pages import page
from tourpad.core.payments.models import Payment
from tourpad.core.payouts import service
from tourpad.core.platform import Platform

ME = operator("test")


@pytest.fixture
def show(platform: Platform) -> Show:
    """A settled show of ten days ago."""
    with platform.work(ME) as work:
        made = make_show(work, door=(1500,) * 10, guarantee=5000, days_ago=10)
        work.session.get_one(Payment, made.payments[0]).receipt_number = "TP-000000000001"
        service.settle(work, concert_id=made.concert_id)
        work.commit()
    return made


def test_a_receipt_in_every_form(cli: Command, show: Show) -> None:
    payment = str(show.payments[0])

    told = cli("payments", "receipt", payment[-8:], "--json").json
    assert (told["receipt_number"], told["total_cents"], told["payment_id"]) == ("TP-000000000001", 1500, payment)
    (row,) = csv.DictReader(io.StringIO(cli("payments", "receipt", payment, "--csv").stdout, newline=""))
    assert (row["amount"], row["receipt_number"]) == ("15.00", "TP-000000000001")
    heading, piped = cli("payments", "receipt", payment).rows
    assert dict(zip(heading, piped, strict=True)) == row
    on_paper = f"TP-{payment[-12:].upper()}"
    assert cli("payments", "receipt", on_paper, "--json").json["payment_id"] == payment
    written = cli("payments", "receipt", payment, "--pdf", "receipt.pdf")
    assert (written.exit_code, written.stdout) == (0, "Receipt, TP-000000000001: written to receipt.pdf.\n")
    (said,) = pages_of(Path("receipt.pdf").read_bytes())
    assert "Paid $15.00" in said
    assert cli("payments", "receipt", str(show.payments[1])).exit_code == 4  # nothing was given a number


def test_a_settlement_and_a_year(cli: Command, show: Show) -> None:
    sheet = cli("concerts", "settlement", str(show.concert_id)[-8:], "--json").json
    assert sheet["stage"] == "final"
    assert sheet["result"]["total_cents"] == 20000
    assert ["result", "", "In all", "117.36", "64.67", "17.97", "200.00", "USD"] in [
        row[:8] for row in cli("concerts", "settlement", str(show.concert_id)).rows
    ]
    year = cli("payouts", "earnings", str(show.artist_user), "--year", "2026", "--json").json
    assert (year["totals"]["earned_cents"], year["totals"]["closing_cents"]) == (11736, 11736)
    everybody = csv.DictReader(io.StringIO(cli("payouts", "earnings", "--all", "--csv").stdout, newline=""))
    assert {row["user_id"]: (row["gross"], row["guarantee_returned"], row["closing"]) for row in everybody} == {
        str(show.artist_user): ("120.00", "0.00", "117.36"),
        str(show.host_user): ("15.00", "50.00", "64.67"),
    }
    assert cli("payouts", "earnings", "--all", "--year", "2026", "--pdf", "all.pdf").exit_code == 0
    assert "2 payees $135.00" in pages_of(Path("all.pdf").read_bytes())[0]


def test_what_can_not_be_is_said_in_a_line(cli: Command, show: Show) -> None:
    payment = str(show.payments[0])
    for arguments, code, said in (
        (["payments", "receipt", payment, "--csv", "--json"], 2, "One form at a time"),
        (["payments", "receipt", payment, "--pdf", "no/such/folder/a.pdf"], 2, "can't be written"),
        (["payments", "receipt", "ffffffff"], 3, "No payment"),
        (["concerts", "settlement", "ffffffff"], 3, "No concert"),
        (["payouts", "earnings"], 2, "Name a payee"),
        (["payouts", "earnings", "a@b.example", "--all"], 2, "Name a payee"),
        (["payouts", "earnings", "--all", "--year", "1066"], 2, "between 2020 and 2026"),
        (["payouts", "earnings", "nobody@people.example"], 3, "nobody@people.example"),
    ):
        answer = cli(*arguments)
        assert (answer.exit_code, answer.stdout, said in answer.stderr) == (code, "", True), answer.stderr


def test_a_person_sees_the_same_paper(capsys: pytest.CaptureFixture[str]) -> None:
    papers.show(page(earnings_sheet(2)))

    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("Earnings 2026 Łucja Ñandú <b>& Sons</b> Payee Łucja Ñandú")
    assert "Owed to you on 1 Jan 2026 $0.00" in said
    assert "Paid $631.42" in said
    assert said.endswith("As a file: --pdf FILE or --csv")
