"""A subscription's life in time: periods, renewals, trials, dunning, endings."""

from tourpad.sandbox import clock
from tourpad.sandbox.clock import DAY
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import invoicing
from tourpad.sandbox.registry import due
from tourpad.sandbox.store import Tx

ENDED = ("canceled", "incomplete_expired")
INCOMPLETE_LIFE = 23 * 3600
TRIAL_NOTICE = 3 * DAY


def rows(subscription: Obj) -> list[Obj]:
    """Return the items of a subscription."""
    return subscription["items"]["data"]


def period(subscription: Obj) -> tuple[int, int]:
    """Return the current period of a subscription (all of its items share one)."""
    first = rows(subscription)[0]
    return first["current_period_start"], first["current_period_end"]


def set_period(tx: Tx, subscription: Obj, start: int, end: int) -> None:
    """Move to a period and have its end noticed."""
    for item in rows(subscription):
        item["current_period_start"], item["current_period_end"] = start, end
    tx.schedule("subscription.period", subscription["id"], end)


def following(subscription: Obj, start: int) -> int:
    """Return the end of the period that begins at `start`, counted from the anchor."""
    recurring = rows(subscription)[0]["price"]["recurring"]
    return clock.next_period_end(
        subscription["billing_cycle_anchor"], start, recurring["interval"], recurring["interval_count"]
    )


def cost(item: Obj) -> int:
    """Return what an item costs a period, in cents."""
    return item["price"]["unit_amount"] * item["quantity"]


def lines_for(tx: Tx, subscription: Obj, start: int, end: int, *, free: bool = False) -> list[Obj]:
    """Make the lines of a period; those of a trial are free."""
    text = "Trial period for {name}" if free else None
    return [
        invoicing.line(tx, item, amount=0 if free else cost(item), start=start, end=end, text=text)
        for item in rows(subscription)
    ]


def told(tx: Tx, subscription: Obj, before: Obj) -> None:
    """Store a subscription and tell what changed, unless it is still being created."""
    tx.save(subscription)
    changed = {name: value for name, value in before.items() if subscription.get(name) != value}
    if not subscription["_"].get("quiet"):
        emit(tx, "customer.subscription.updated", subscription, changed)


def set_status(tx: Tx, subscription: Obj, status: str) -> None:
    """Move to a status."""
    if subscription["status"] != status:
        before = {"status": subscription["status"]}
        subscription["status"] = status
        told(tx, subscription, before)


def end(tx: Tx, subscription: Obj, *, reason: str | None, status: str = "canceled") -> Obj:
    """End a subscription now; its open invoice is not collected any more."""
    for kind in ("period", "incomplete", "cancel_at", "trial_notice", "resume"):
        tx.unschedule(f"subscription.{kind}", subscription["id"])
    subscription.update(
        status=status,
        ended_at=tx.now,
        canceled_at=subscription["canceled_at"] or tx.now,
        cancel_at_period_end=False,
    )
    subscription["cancellation_details"]["reason"] = subscription["cancellation_details"]["reason"] or reason
    tx.save(subscription)
    for invoice in tx.select("invoice", {"subscription": subscription["id"], "status": "open"}):
        if status == "incomplete_expired":
            invoicing.void(tx, invoice)
            continue
        tx.unschedule("invoice.retry", invoice["id"])
        invoice.update(auto_advance=False, next_payment_attempt=None)
        tx.save(invoice)
    kind = "deleted" if status == "canceled" else "updated"
    emit(tx, f"customer.subscription.{kind}", subscription)
    return subscription


@due("subscription.period")
def renew(tx: Tx, subscription_id: str) -> None:
    """Begin the next period and bill it, or end where the end was agreed."""
    subscription = tx.get(subscription_id, "subscription")
    if subscription["status"] in (*ENDED, "incomplete", "paused"):
        return
    if subscription["cancel_at_period_end"]:
        end(tx, subscription, reason="cancellation_requested")
        return
    method = invoicing.default_method(tx, subscription)
    if subscription["status"] == "trialing" and method is None and _trial_without_card(tx, subscription):
        return
    before = {"status": subscription["status"], "latest_invoice": subscription["latest_invoice"]}
    start = period(subscription)[1]
    finish = following(subscription, start)
    set_period(tx, subscription, start, finish)
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    bill(
        tx,
        subscription,
        lines_for(tx, subscription, start, finish),
        "subscription_cycle",
        start=start,
        finish=finish,
        before=before,
    )


def bill(
    tx: Tx,
    subscription: Obj,
    lines: list[Obj],
    reason: str,
    *,
    start: int,
    finish: int,
    before: Obj,
    collect: bool = True,
) -> StripeError | None:
    """Invoice these lines and what is pending, tell of the new period, and collect by the default method.

    Returns the card's error where it was not paid; nothing where it was, or asks for 3D Secure.
    """
    lines = [*subscription["_"].pop("pending", []), *lines]
    invoice = invoicing.make(tx, subscription, lines, reason, start=start, end=finish)
    subscription["latest_invoice"] = invoice["id"]
    told(tx, subscription, before)
    paused: Obj | None = subscription["pause_collection"]
    if paused:
        _hold_back(tx, invoice, paused["behavior"])
        return None
    invoicing.finalize(tx, invoice)
    if invoice["status"] != "open" or subscription["collection_method"] != "charge_automatically":
        return None
    if not collect:
        set_status(tx, subscription, "past_due")
        return None
    return invoicing.attempt(tx, invoice["id"], invoicing.default_method(tx, subscription))


def _hold_back(tx: Tx, invoice: Obj, behavior: str) -> None:
    """Do with an invoice what `pause_collection` says."""
    invoice["auto_advance"] = False
    tx.save(invoice)
    if behavior == "keep_as_draft":
        return
    invoicing.finalize(tx, invoice)
    if invoice["status"] != "open":
        return
    if behavior == "void":
        invoicing.void(tx, invoice)
        return
    invoice["status"] = "uncollectible"
    invoice["status_transitions"]["marked_uncollectible_at"] = tx.now
    tx.save(invoice)
    emit(tx, "invoice.marked_uncollectible", invoice)


def _trial_without_card(tx: Tx, subscription: Obj) -> bool:
    """Do what the trial's settings say when no card came; returns whether that was all."""
    behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    if behavior == "cancel":
        end(tx, subscription, reason="cancellation_requested")
    elif behavior == "pause":
        before = {"status": subscription["status"]}
        subscription["status"] = "paused"
        tx.save(subscription)
        emit(tx, "customer.subscription.paused", subscription, before)
    return behavior in ("cancel", "pause")


@due("subscription.trial_notice")
def trial_notice(tx: Tx, subscription_id: str) -> None:
    """Tell three days ahead that a trial ends."""
    subscription = tx.get(subscription_id, "subscription")
    if subscription["status"] == "trialing":
        emit(tx, "customer.subscription.trial_will_end", subscription)


@due("subscription.incomplete")
def expire(tx: Tx, subscription_id: str) -> None:
    """Give a subscription up whose first payment never came."""
    subscription = tx.get(subscription_id, "subscription")
    if subscription["status"] == "incomplete":
        end(tx, subscription, reason=None, status="incomplete_expired")


@due("subscription.cancel_at")
def cancel_at(tx: Tx, subscription_id: str) -> None:
    """End at the agreed instant."""
    subscription = tx.get(subscription_id, "subscription")
    if subscription["status"] not in ENDED and subscription["cancel_at"] is not None:
        end(tx, subscription, reason="cancellation_requested")


@due("subscription.resume")
def resume_collection(tx: Tx, subscription_id: str) -> None:
    """Collect again after a pause that had an end."""
    subscription = tx.get(subscription_id, "subscription")
    before = {"pause_collection": subscription["pause_collection"]}
    subscription["pause_collection"] = None
    told(tx, subscription, before)


def invoice_paid(tx: Tx, invoice: Obj) -> None:
    """Let in again whoever paid the latest invoice."""
    subscription = tx.find(invoice["_"]["subscription"], "subscription")
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] == "incomplete":
        tx.unschedule("subscription.incomplete", subscription["id"])
        intent = tx.find(invoice["_"]["intent"], "payment_intent") if invoice["_"]["intent"] else None
        settings = subscription["payment_settings"]
        if intent and settings["save_default_payment_method"] == "on_subscription":
            subscription["default_payment_method"] = intent["payment_method"]
        set_status(tx, subscription, "active")
    elif subscription["status"] == "past_due":
        set_status(tx, subscription, "active")


def invoice_failed(tx: Tx, invoice: Obj) -> None:
    """Be past due after a failed renewal, and end after the last retry."""
    subscription = tx.find(invoice["_"]["subscription"], "subscription")
    if subscription is None or subscription["status"] not in ("active", "past_due", "trialing"):
        return
    if invoice["next_payment_attempt"] is None and invoice["attempt_count"] > len(invoicing.RETRY_AFTER_DAYS):
        end(tx, subscription, reason="payment_failed")
    elif subscription["latest_invoice"] == invoice["id"]:
        set_status(tx, subscription, "past_due")


invoicing.ON_PAID.append(invoice_paid)
invoicing.ON_FAILED.append(invoice_failed)
