"""Disputes and early fraud warnings: https://docs.stripe.com/disputes."""

from tourpad.sandbox import config, money, render
from tourpad.sandbox.clock import DAY
from tourpad.sandbox.errors import Obj, part, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.registry import Call, due, operation
from tourpad.sandbox.store import Tx

RESPONSE_DAYS = 9
REVIEW_DAYS = 60
LONGEST_EVIDENCE = 150_000
WINNING = "winning_evidence"
LOSING = "losing_evidence"
ESCALATING = "escalate_inquiry_evidence"
NETWORK_CODES = {
    "fraudulent": "10.4",
    "product_not_received": "13.1",
    "duplicate": "12.6.1",
    "general": "13.3",
}
EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)
FILES = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
OPEN = ("needs_response", "warning_needs_response")


def begin(tx: Tx, charge: Obj, *, reason: str, amount: int | None = None, response_days: int = RESPONSE_DAYS) -> Obj:
    """Dispute a charge: funds and fee are withdrawn at once, except for an inquiry."""
    inquiry = reason == "inquiry"
    reason = "general" if inquiry else reason
    face = charge["payment_method_details"]["card"]
    dispute: Obj = {
        "id": tx.new_id("du_1", 23).replace("du_1_", "du_1"),
        "object": "dispute",
        "amount": charge["amount"] if amount is None else amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": tx.now + response_days * DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": face["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network_reason_code": NETWORK_CODES.get(reason, "13.3"),
            },
            "type": "card",
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    charge["disputed"] = True
    tx.save(charge)
    tx.add(dispute)
    tx.schedule("dispute.expire", dispute["id"], dispute["evidence_details"]["due_by"])
    if inquiry:
        emit(tx, "charge.dispute.created", dispute)
        return dispute
    _withdraw(tx, dispute)
    emit(tx, "charge.dispute.created", dispute)
    emit(tx, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _withdraw(tx: Tx, dispute: Obj) -> None:
    entry = money.post(
        tx,
        "adjustment",
        amount=-dispute["amount"],
        fee=config.DISPUTE_FEE,
        fee_description="Dispute fee",
        source=dispute["id"],
        currency=dispute["currency"],
        description=f"Chargeback withdrawal for {dispute['charge']}",
        category="dispute",
    )
    dispute["balance_transactions"].append(entry)
    tx.save(dispute)


def warn(tx: Tx, charge: Obj, *, fraud_type: str = "made_with_stolen_card") -> Obj:
    """Write an early fraud warning."""
    warning: Obj = {
        "id": tx.new_id("issfr_1", 23).replace("issfr_1_", "issfr_1"),
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": charge["id"],
        "created": tx.now,
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
    tx.add(warning)
    emit(tx, "radar.early_fraud_warning.created", warning)
    return warning


def resolve(tx: Tx, dispute: Obj, outcome: str, *, return_fee: bool = False) -> Obj:
    """Close a dispute as won or lost. Won funds come back; the fee only where `return_fee` says so."""
    if dispute["status"] in ("won", "lost", "warning_closed"):
        message = f"This dispute is already closed ({dispute['status']})."
        raise refused(message)
    tx.unschedule("dispute.expire", dispute["id"])
    before = {"status": dispute["status"]}
    inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_closed" if inquiry else outcome
    dispute["is_charge_refundable"] = inquiry or outcome == "won"
    reinstated = outcome == "won" and not inquiry
    if reinstated:
        entry = money.post(
            tx,
            "adjustment",
            amount=dispute["amount"],
            fee=-config.DISPUTE_FEE if return_fee else 0,
            fee_description="Dispute fee refund",
            source=dispute["id"],
            currency=dispute["currency"],
            description=f"Chargeback reversal for {dispute['charge']}",
            category="dispute_reversal",
        )
        dispute["balance_transactions"].append(entry)
    tx.save(dispute)
    if reinstated:
        emit(tx, "charge.dispute.funds_reinstated", dispute)
    emit(tx, "charge.dispute.closed", dispute, before)
    return dispute


@due("dispute.expire")
def expire(tx: Tx, dispute_id: str) -> None:
    """Lose a dispute that nobody answered, or that the bank decided after the review."""
    dispute = tx.get(dispute_id, "dispute")
    if dispute["status"] in OPEN:
        dispute["evidence_details"]["past_due"] = True
    resolve(tx, dispute, "lost")


@operation("GET", "/v1/disputes/{dispute}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a dispute."""
    return tx.get(call.id, "dispute")


@operation("GET", "/v1/disputes")
def index(tx: Tx, call: Call) -> Obj:
    """List disputes."""
    return render.page(tx, "dispute", call.params, "/v1/disputes")


@operation("POST", "/v1/disputes/{dispute}")
def update(tx: Tx, call: Call) -> Obj:
    """Stage or submit evidence. Stripe's test texts decide at once; anything else goes under review."""
    dispute, given = tx.live(call.id, "dispute"), call.params
    if "metadata" in given:
        dispute["metadata"] = render.metadata(dispute["metadata"], given["metadata"])
    evidence: Obj = part(given, "evidence")
    if evidence and dispute["status"] not in OPEN:
        message = f"This dispute's evidence cannot be changed because it has a status of {dispute['status']}."
        raise refused(message, param="evidence")
    texts = {**dispute["evidence"], **evidence}
    length = sum(len(text) for name in EVIDENCE if isinstance(text := texts.get(name), str))
    if length > LONGEST_EVIDENCE:
        message = (
            f"The combined character count of all evidence fields is limited to {LONGEST_EVIDENCE:,}; it is {length:,}."
        )
        raise refused(message, param="evidence")
    for name, value in evidence.items():
        if name in FILES and value:
            _check_file(tx, value, name)
        if name in EVIDENCE:
            dispute["evidence"][name] = render.cleared(value)
    dispute["evidence_details"]["has_evidence"] = any(dispute["evidence"][name] for name in EVIDENCE)
    before = {"status": dispute["status"]}
    submitted = dispute["status"] in OPEN and (given.get("submit", bool(evidence)))
    if submitted:
        dispute["status"] = "warning_under_review" if dispute["status"].startswith("warning") else "under_review"
        dispute["evidence_details"]["submission_count"] += 1
        tx.schedule("dispute.expire", dispute["id"], tx.now + REVIEW_DAYS * DAY)
    tx.save(dispute)
    emit(tx, "charge.dispute.updated", dispute, before if submitted else {})
    return _decide(tx, dispute) if submitted else dispute


def _check_file(tx: Tx, file_id: str, name: str) -> None:
    """A file must be there, and must have been uploaded to be evidence."""
    found = tx.find(file_id, "file")
    if found is None or found["purpose"] != "dispute_evidence":
        message = f"No such file upload for evidence: '{file_id}'"
        raise refused(message, code="resource_missing", param=f"evidence[{name}]")


def _decide(tx: Tx, dispute: Obj) -> Obj:
    text = dispute["evidence"]["uncategorized_text"]
    if text == ESCALATING and dispute["status"] == "warning_under_review":
        dispute["status"] = "needs_response"
        dispute["is_charge_refundable"] = False
        dispute["payment_method_details"]["card"]["case_type"] = "chargeback"
        tx.schedule("dispute.expire", dispute["id"], tx.now + RESPONSE_DAYS * DAY)
        _withdraw(tx, dispute)
        emit(tx, "charge.dispute.funds_withdrawn", dispute)
        return dispute
    if text in (WINNING, LOSING):
        return resolve(tx, dispute, "won" if text == WINNING else "lost")
    return dispute


@operation("POST", "/v1/disputes/{dispute}/close")
def close(tx: Tx, call: Call) -> Obj:
    """Accept a dispute: it is lost."""
    dispute = tx.live(call.id, "dispute")
    if dispute["status"] not in OPEN:
        message = f"This dispute cannot be closed because it has a status of {dispute['status']}."
        raise refused(message)
    return resolve(tx, dispute, "lost")


@operation("GET", "/v1/radar/early_fraud_warnings")
def warnings(tx: Tx, call: Call) -> Obj:
    """List early fraud warnings."""
    return render.page(tx, "radar.early_fraud_warning", call.params, "/v1/radar/early_fraud_warnings")


@operation("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning}")
def warning(tx: Tx, call: Call) -> Obj:
    """Return an early fraud warning."""
    return tx.get(call.id, "radar.early_fraud_warning")
