"""The verbs of evidence. Nothing here commits or calls Stripe; `procedures.py` does."""

from tourpad.core.evidence.service.answering import (
    before_sending,
    check_answerable,
    plan_acceptance,
    plan_submission,
    record_accepted,
    record_refused,
    record_submitted,
)
from tourpad.core.evidence.service.drafting import Draft, draft, save
from tourpad.core.evidence.service.gathering import facts_of
from tourpad.core.evidence.service.reminding import remind

__all__ = [
    "Draft",
    "before_sending",
    "check_answerable",
    "draft",
    "facts_of",
    "plan_acceptance",
    "plan_submission",
    "record_accepted",
    "record_refused",
    "record_submitted",
    "remind",
    "save",
]
