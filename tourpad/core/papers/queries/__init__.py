"""Every SELECT of papers."""

from tourpad.core.papers.queries.earnings import (
    ClearingSums,
    PayableSums,
    Posting,
    SettledPart,
    clearing_sums,
    payable_sums,
    people_named,
    postings,
    settled_parts,
    settled_sums,
    transfers_done,
)
from tourpad.core.papers.queries.shows import (
    Seats,
    SettledLine,
    ShowFacts,
    lines_of_settlement,
    seats_of_payments,
    shows,
    unpaid_seats,
)

__all__ = [
    "ClearingSums",
    "PayableSums",
    "Posting",
    "Seats",
    "SettledLine",
    "SettledPart",
    "ShowFacts",
    "clearing_sums",
    "lines_of_settlement",
    "payable_sums",
    "people_named",
    "postings",
    "seats_of_payments",
    "settled_parts",
    "settled_sums",
    "shows",
    "transfers_done",
    "unpaid_seats",
]
