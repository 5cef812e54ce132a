"""The rules of payouts, all pure: how a concert's money is divided, when it is due, whether it may leave."""

from tourpad.core.payouts.rules.calendar import bank_holidays, business_days_after, is_business_day
from tourpad.core.payouts.rules.decisions import (
    BROUGHT_ALONG,
    PAYOUTS,
    Allowance,
    Budget,
    Consent,
    Decision,
    Hold,
    Later,
    Pay,
    PayeeFacts,
    PayoutFacts,
    decide,
    decide_all,
)
from tourpad.core.payouts.rules.settlement import (
    Line,
    SettlementResult,
    SettlementTerms,
    door_text,
    guarantee_text,
    settle,
)
from tourpad.core.payouts.rules.wording import FOR_PAYEES, WRITTEN_OFF, DisputeFact, requirement_text, short

__all__ = [
    "BROUGHT_ALONG",
    "FOR_PAYEES",
    "PAYOUTS",
    "WRITTEN_OFF",
    "Allowance",
    "Budget",
    "Consent",
    "Decision",
    "DisputeFact",
    "Hold",
    "Later",
    "Line",
    "Pay",
    "PayeeFacts",
    "PayoutFacts",
    "SettlementResult",
    "SettlementTerms",
    "bank_holidays",
    "business_days_after",
    "decide",
    "decide_all",
    "door_text",
    "guarantee_text",
    "is_business_day",
    "requirement_text",
    "settle",
    "short",
]
