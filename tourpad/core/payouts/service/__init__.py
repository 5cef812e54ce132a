"""The verbs of payouts: settle, preview, explain, hold, release, retry; connect a payee; a transfer's steps."""

from tourpad.core.payouts.queries import PayoutFilter
from tourpad.core.payouts.service.admin import hold, hold_payee, release, release_payee, retry
from tourpad.core.payouts.service.deciding import CURRENCY, PreviewRow, preview
from tourpad.core.payouts.service.explaining import ExplainedLine, Explanation, explain
from tourpad.core.payouts.service.lists import PayoutRow, list_payouts
from tourpad.core.payouts.service.payees import (
    connect,
    ensure_payee,
    take_account,
    take_bank_news,
)
from tourpad.core.payouts.service.sending import (
    Claim,
    anything_to_send,
    claim,
    look_again,
    record,
    refuse,
    take_transfer,
)
from tourpad.core.payouts.service.settling import settle
from tourpad.core.payouts.service.sweeps import take_platform_payout
from tourpad.core.payouts.service.verify import verify

__all__ = [
    "CURRENCY",
    "Claim",
    "ExplainedLine",
    "Explanation",
    "PayoutFilter",
    "PayoutRow",
    "PreviewRow",
    "anything_to_send",
    "claim",
    "connect",
    "ensure_payee",
    "explain",
    "hold",
    "hold_payee",
    "list_payouts",
    "look_again",
    "preview",
    "record",
    "refuse",
    "release",
    "release_payee",
    "retry",
    "settle",
    "take_account",
    "take_bank_news",
    "take_platform_payout",
    "take_transfer",
    "verify",
]
