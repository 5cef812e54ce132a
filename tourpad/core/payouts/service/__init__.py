"""The verbs of payouts: settle, preview, explain, hold, release, retry, what two admins decide; a transfer's steps."""

from tourpad.core.payouts.queries import PayoutFilter
from tourpad.core.payouts.service.admin import hold, hold_payee, release, release_payee, retry
from tourpad.core.payouts.service.adopting import adopt_transfer
from tourpad.core.payouts.service.approving import (
    approve,
    ask_payouts,
    ask_write_off,
    debt_of,
    waiting_for_two,
)
from tourpad.core.payouts.service.approving import refuse as refuse_request
from tourpad.core.payouts.service.deciding import CURRENCY, PreviewRow, preview
from tourpad.core.payouts.service.explaining import ExplainedLine, Explanation, explain
from tourpad.core.payouts.service.lists import PayoutRow, list_payouts
from tourpad.core.payouts.service.payees import (
    connect,
    ensure_payee,
    forget,
    refuse_erasure,
    take_account,
    take_bank_news,
)
from tourpad.core.payouts.service.reversing import (
    before_reversing,
    lost_by,
    plan_reversals,
    record_reversal,
    refuse_reversal,
)
from tourpad.core.payouts.service.sending import (
    Claim,
    claim,
    look_again,
    overdraws,
    record,
    refuse,
    tell_who_waits,
)
from tourpad.core.payouts.service.settling import check_ours, settle
from tourpad.core.payouts.service.sweeps import take_platform_payout
from tourpad.core.payouts.service.telling import take_transfer
from tourpad.core.payouts.service.verify import verify

__all__ = [
    "CURRENCY",
    "Claim",
    "ExplainedLine",
    "Explanation",
    "PayoutFilter",
    "PayoutRow",
    "PreviewRow",
    "adopt_transfer",
    "approve",
    "ask_payouts",
    "ask_write_off",
    "before_reversing",
    "check_ours",
    "claim",
    "connect",
    "debt_of",
    "ensure_payee",
    "explain",
    "forget",
    "hold",
    "hold_payee",
    "list_payouts",
    "look_again",
    "lost_by",
    "overdraws",
    "plan_reversals",
    "preview",
    "record",
    "record_reversal",
    "refuse",
    "refuse_erasure",
    "refuse_request",
    "refuse_reversal",
    "release",
    "release_payee",
    "retry",
    "settle",
    "take_account",
    "take_bank_news",
    "take_platform_payout",
    "take_transfer",
    "tell_who_waits",
    "verify",
    "waiting_for_two",
]
