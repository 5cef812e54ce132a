"""From sheets to papers as people read them: which facts, which tables, in which words."""

from tourpad.core.papers.door_sheets import GuestListSheet
from tourpad.core.papers.layout import Layout
from tourpad.core.papers.pages.agreement import agreement_page
from tourpad.core.papers.pages.earnings import earnings_list_page, earnings_page
from tourpad.core.papers.pages.guest_list import guest_list_page
from tourpad.core.papers.pages.receipt import receipt_page
from tourpad.core.papers.pages.settlement import settlement_page
from tourpad.core.papers.sheets import AgreementSheet, EarningsList, EarningsSheet, ReceiptSheet, SettlementSheet
from tourpad.core.papers.spreadsheet import Sheet


def page(sheet: Sheet) -> Layout:
    """The layout of a sheet."""
    match sheet:
        case AgreementSheet():
            return agreement_page(sheet)
        case ReceiptSheet():
            return receipt_page(sheet)
        case SettlementSheet():
            return settlement_page(sheet)
        case EarningsSheet():
            return earnings_page(sheet)
        case EarningsList():
            return earnings_list_page(sheet)
        case GuestListSheet():
            return guest_list_page(sheet)
