"""The verbs of papers: each reads, changes nothing, and answers a sheet that adds up."""

from tourpad.core.papers.service.agreements import agreement, outlook_of, signatures
from tourpad.core.papers.service.earnings import earnings, earnings_of_all
from tourpad.core.papers.service.guest_lists import guest_list
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.service.receipts import receipt
from tourpad.core.papers.service.settlements import settlement

__all__ = [
    "agreement",
    "earnings",
    "earnings_of_all",
    "guest_list",
    "merchant",
    "outlook_of",
    "receipt",
    "settlement",
    "signatures",
]
