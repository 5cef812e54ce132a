"""CSV that a spreadsheet adds up and that computes nothing by itself."""

import csv
import io
from decimal import Decimal

import pytest

from tests.factories.papers import earnings_sheet, receipt_sheet
from tourpad.core.papers import spreadsheet


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_name_is_a_formula(start: str) -> None:
    name = f'{start}HYPERLINK("http://example.org")'

    rows = read(spreadsheet.write(receipt_sheet(payer_name=name)))

    assert [row["payer_name"] for row in rows] == [f"'{name}"] * 2
    assert [row["amount"] for row in rows] == ["30.00", "-15.00"]  # numbers are none


def test_it_is_what_rfc_4180_says() -> None:
    name = 'Łucja "Ñ", the\nsecond'
    text = spreadsheet.write(receipt_sheet(payer_name=name))

    assert text.encode().decode("utf-8").endswith("\r\n")
    assert text.count("\r\n") == 3
    assert '"Łucja ""Ñ"", the\nsecond"' in text
    (paid, back) = read(text)
    assert (paid["payer_name"], paid["at"], back["at"]) == (name, "2026-12-01T09:00:04Z", "2026-12-03T09:00:04Z")
    assert (paid["show_date"], paid["card_last4"], paid["currency"]) == ("2026-01-03", "4242", "USD")


def test_a_year_adds_up_in_one_column() -> None:
    rows = read(spreadsheet.write(earnings_sheet(4)))

    amounts = [Decimal(row["amount"]) for row in rows]
    assert sum(amounts[:-1]) == amounts[-1] == 0  # opening, shows and transfers come to the closing balance
    assert [row["section"] for row in rows] == ["balance", *["show"] * 4, *["transfer"] * 4, "balance"]
