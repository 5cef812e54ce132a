"""The verbs of payments. Nothing here commits or calls Stripe; `procedures.py` does."""

from tourpad.core.payments.service.charges import (
    apply_payment_intent,
    begin_charge,
    cancel,
    check_due,
    keep_charge,
    keep_page,
    matches,
    open_payment,
    ready,
    record_membership_charge,
)
from tourpad.core.payments.service.customers import customer_changed, customer_params
from tourpad.core.payments.service.disputes import apply_dispute, borne_by, flag_early_warning
from tourpad.core.payments.service.erasing import forget, forget_names, refuse_erasure
from tourpad.core.payments.service.inbox import CONNECT, PLATFORM, revive, store_event, store_missing, tell_dead
from tourpad.core.payments.service.params import charge_params, page_params
from tourpad.core.payments.service.posting import (
    keep_balance_transaction,
    post_charge,
    post_from_stripe,
    post_other,
    post_undone,
)
from tourpad.core.payments.service.refunds import (
    apply_refund,
    before_sending,
    check_refundable,
    plan_refund,
    quote_refund,
    record_refused,
    record_sent,
)
from tourpad.core.payments.service.verify import verify

__all__ = [
    "CONNECT",
    "PLATFORM",
    "apply_dispute",
    "apply_payment_intent",
    "apply_refund",
    "before_sending",
    "begin_charge",
    "borne_by",
    "cancel",
    "charge_params",
    "check_due",
    "check_refundable",
    "customer_changed",
    "customer_params",
    "flag_early_warning",
    "forget",
    "forget_names",
    "keep_balance_transaction",
    "keep_charge",
    "keep_page",
    "matches",
    "open_payment",
    "page_params",
    "plan_refund",
    "post_charge",
    "post_from_stripe",
    "post_other",
    "post_undone",
    "quote_refund",
    "ready",
    "record_membership_charge",
    "record_refused",
    "record_sent",
    "refuse_erasure",
    "revive",
    "store_event",
    "store_missing",
    "tell_dead",
    "verify",
]
