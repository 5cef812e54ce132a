"""PDFs say what the sheets say, in any number of pages, and the same sheet is the same file."""

import io
from typing import Any

from tests.factories.papers import AT, HARD_NAME, earnings_sheet, pages_of, receipt_sheet
from tourpad.core.papers import pdf
from tourpad.core.papers.pages import page
from tourpad.core.values import replace


def test_a_receipt_says_who_paid_what_for_what_and_what_remains() -> None:
    (said,) = pages_of(pdf.render(page(receipt_sheet())))

    for part in (
        "TourPad LLC",
        "EIN 12-3456789",
        "TP-5F2A9C0B11D3",
        HARD_NAME,
        "Juniper Vale, 3 Jan 2026, Columbus OH",
        "Visa ending in 4242",
        "1 Dec 2026 2 seats: A show $30.00",
        "3 Dec 2026 Refund −$15.00",
        "Remains paid $15.00",
        "Page 1 of 1",
    ):
        assert part in said


def test_what_the_font_can_not_write_is_marked_and_loses_nothing_else() -> None:
    (said,) = pages_of(pdf.render(page(receipt_sheet(payer_name="Mei 美 Θάλεια Жанна 🎻"))))

    assert "Mei □ Θάλεια Жанна □" in said


def test_fonts_travel_with_the_file() -> None:
    from pypdf import PdfReader

    first: Any = PdfReader(io.BytesIO(pdf.render(page(receipt_sheet())))).pages[0]

    embedded = [font.get_object() for font in first["/Resources"]["/Font"].values()]
    assert {"Lato-Regular", "Lato-Bold"} <= {str(font["/BaseFont"]).partition("+")[2] for font in embedded}
    assert all("/FontFile2" in f["/FontDescriptor"] for f in embedded if f["/Subtype"] == "/TrueType")


def test_many_rows_flow_on_under_their_heading() -> None:
    pages = pages_of(pdf.render(page(earnings_sheet(60))))

    assert len(pages) > 3
    for number, said in enumerate(pages, 1):
        assert f"Page {number} of {len(pages)}" in said
    headed = [said for said in pages if "Door share Guarantee Fees Earned" in said]
    assert len(headed) > 1
    assert sum(said.count("$315.71") for said in pages) == 120  # each show and each transfer once
    assert any("60 shows $20,160.00 $0.00 −$1,217.40 $18,942.60" in said for said in pages)


def test_the_same_sheet_is_the_same_file_dated_by_its_own_clock() -> None:
    from pypdf import PdfReader

    sheet = earnings_sheet(3)
    made = pdf.render(page(sheet))

    assert made == pdf.render(page(sheet))
    assert made != pdf.render(page(replace(sheet, is_over=True)))
    told = PdfReader(io.BytesIO(made)).metadata
    assert told is not None
    assert (told.creation_date, told.author, told.title) == (AT, "TourPad", f"Earnings 2026, {HARD_NAME}")
