"""Changes of `/v1/subscriptions`: items with proration, trials, pauses, endings."""

from datetime import UTC, datetime
from typing import NamedTuple

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, StripeError, missing, part, refused
from tourpad.sandbox.operations import billing, invoicing, subscriptions
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse


class Change(NamedTuple):
    """What a change comes to: prorated lines, the lines of a period that begins with it, and whether it bills now."""

    lines: list[Obj]
    fresh: list[Obj]
    bills_now: bool


@operation("POST", "/v1/subscriptions/{subscription_exposed_id}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a subscription."""
    subscription, given = tx.live(call.id, "subscription"), call.params
    refuse(given, *subscriptions.NOT_DONE)
    if given.get("payment_behavior") == "pending_if_incomplete":
        message = "The sandbox does no pending updates."
        raise refused(message, param="payment_behavior")
    if subscription["status"] in billing.ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        if set(given) - {"cancellation_details", "metadata"}:
            raise refused(message)
    before = {
        **subscription,
        "items": {**subscription["items"], "data": [dict(item) for item in billing.rows(subscription)]},
    }
    shown = {name: value for name, value in before.items() if name not in ("_", "object", "id")}
    change = apply(tx, subscription, given)
    if not change.bills_now:
        if change.lines:
            subscription["_"].setdefault("pending", []).extend(change.lines)
        billing.told(tx, subscription, shown)
        return subscription
    _bill(tx, subscription, change, shown, str(given.get("payment_behavior", "allow_incomplete")))
    return tx.get(subscription["id"], "subscription")


def apply(tx: Tx, subscription: Obj, given: Obj) -> Change:
    """Make a change on the object alone; `given` are the parameters of an update, or of a preview of one."""
    _plain_changes(tx, subscription, given)
    lines, now = _change_items(tx, subscription, given)
    if given.get("trial_end"):
        now = _move_trial(tx, subscription, given) or now
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = billing.period(subscription)[1]
    subscription["_"]["price"] = billing.rows(subscription)[0]["price"]["id"]
    behavior = given.get("proration_behavior", "create_prorations")
    begin, finish = billing.period(subscription)
    return Change(
        lines=lines if behavior != "none" else [],
        fresh=billing.lines_for(tx, subscription, begin, finish) if now else [],
        bills_now=bool(now or (lines and behavior == "always_invoice")),
    )


def _bill(tx: Tx, subscription: Obj, change: Change, shown: Obj, behavior: str) -> None:
    """Invoice a change and collect. `error_if_incomplete` leaves nothing of a change that is not paid at once."""
    begin, finish = billing.period(subscription)
    lines = [*change.lines, *change.fresh]
    error = billing.bill(
        tx,
        subscription,
        lines,
        "subscription_update",
        start=begin,
        finish=finish,
        before=shown,
        collect=behavior != "default_incomplete",
    )
    if behavior != "error_if_incomplete":
        return
    if error is None:
        made = tx.get(subscription["id"], "subscription")["latest_invoice"]
        if tx.get(made, "invoice")["status"] != "open" or subscription["collection_method"] == "send_invoice":
            return
        message = (
            "Payment for this subscription requires additional user action before it can be completed "
            "successfully. Payment can be completed using the PaymentIntent associated with "
            "`subscription.latest_invoice`."
        )
        error = StripeError(message, status=402, kind="card_error", code="subscription_payment_intent_requires_action")
    error.keep = False
    raise error


def _plain_changes(tx: Tx, subscription: Obj, given: Obj) -> None:
    for name in ("description", "trial_settings", "days_until_due", "collection_method"):
        if name in given:
            subscription[name] = render.cleared(given[name])
    if "metadata" in given:
        subscription["metadata"] = render.metadata(subscription["metadata"], given["metadata"])
    if given.get("default_payment_method"):
        subscription["default_payment_method"] = subscriptions.own_method(
            tx, subscription, given["default_payment_method"]
        )
    for name, value in part(given, "cancellation_details").items():
        subscription["cancellation_details"][name] = render.cleared(value)
    for name in ("save_default_payment_method", "payment_method_types"):
        if name in part(given, "payment_settings"):
            subscription["payment_settings"][name] = render.cleared(given["payment_settings"][name])
    if "cancel_at" in given:
        subscriptions.set_cancel_at(tx, subscription, render.cleared(given["cancel_at"]))
    if "cancel_at_period_end" in given:
        ends = given["cancel_at_period_end"]
        subscription.update(
            cancel_at_period_end=ends,
            canceled_at=tx.now if ends else None,
            cancel_at=billing.period(subscription)[1] if ends else None,
        )
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if ends else None
    if "pause_collection" in given:
        pause = render.cleared(given["pause_collection"])
        subscription["pause_collection"] = {"resumes_at": None, **pause} if pause else None
        tx.unschedule("subscription.resume", subscription["id"])
        if pause and pause.get("resumes_at"):
            tx.schedule("subscription.resume", subscription["id"], pause["resumes_at"])


def _change_items(tx: Tx, subscription: Obj, given: Obj) -> tuple[list[Obj], bool]:
    """Apply `items`.

    Returns the prorated lines and whether a new period begins now (another interval, or anchor `now`).
    """
    old_start, old_end = billing.period(subscription)
    rows = billing.rows(subscription)
    kept = {item["id"]: item for item in rows}
    removed: list[Obj] = []
    added: list[Obj] = []
    for n, entry in enumerate(given.get("items") or ()):
        old = kept.get(entry.get("id", ""))
        if entry.get("id") and old is None:
            raise missing("subscription item", entry["id"], f"items[{n}][id]")
        if old is not None:
            removed.append(dict(old))
            del kept[old["id"]]
            if entry.get("deleted"):
                continue
        merged: Obj = (
            {"price": old["price"]["id"], "quantity": old["quantity"], "metadata": old["metadata"], **entry}
            if old
            else entry
        )
        item = subscriptions.make_item(tx, subscription["id"], merged, n)
        item["id"] = old["id"] if old else item["id"]
        item["current_period_start"], item["current_period_end"] = old_start, old_end
        added.append(item)
    result = [*kept.values(), *added]
    removed, charged = _differing(removed, added)
    if not result:
        message = "A subscription must have at least one active plan."
        raise refused(message, param="items")
    subscriptions.check_interval(result)
    interval = rows[0]["price"]["recurring"]
    fresh = result[0]["price"]["recurring"] != interval or given.get("billing_cycle_anchor") == "now"
    subscription["items"]["data"] = result
    if subscription["status"] == "trialing":
        return [], False
    at = given.get("proration_date", tx.now)
    if not old_start <= at <= old_end:
        message = "The proration date must lie in the current billing period."
        raise refused(message, param="proration_date")
    if fresh:
        # Everything begins anew: what is left of the old period goes back, of items that stay as they are, too.
        lines = _prorate(tx, rows, [], (old_start, old_end), at)
    else:
        lines = _prorate(tx, removed, charged, (old_start, old_end), at)
    if fresh:
        subscription["billing_cycle_anchor"] = tx.now
        billing.set_period(tx, subscription, tx.now, billing.following(subscription, tx.now))
    return lines, fresh


def _differing(removed: list[Obj], added: list[Obj]) -> tuple[list[Obj], list[Obj]]:
    """Leave out items that are given as they are: what does not change is not prorated."""
    before, after = (
        {(item["id"], item["price"]["id"], item["quantity"]) for item in side} for side in (removed, added)
    )
    same = before & after

    def other(items: list[Obj]) -> list[Obj]:
        return [item for item in items if (item["id"], item["price"]["id"], item["quantity"]) not in same]

    return other(removed), other(added)


def _prorate(tx: Tx, removed: list[Obj], added: list[Obj], period: tuple[int, int], at: int) -> list[Obj]:
    """Credit the unused rest of what goes, debit the rest of what comes: to the second, rounded half up."""
    begin, finish = period
    left, whole = max(0, finish - at), max(1, finish - begin)
    day = f"{datetime.fromtimestamp(at, UTC):%-d %b %Y}"
    lines: list[Obj] = []
    for items, sign, what in ((removed, -1, "Unused time on"), (added, 1, "Remaining time on")):
        for item in items:
            amount = sign * ((2 * billing.cost(item) * left + whole) // (2 * whole))
            text = what + " {name} after " + day
            lines.append(invoicing.line(tx, item, amount=amount, start=at, end=finish, proration=True, text=text))
    return lines


def _move_trial(tx: Tx, subscription: Obj, given: Obj) -> bool:
    """Move the end of a trial; `now` ends it and begins the first paid period."""
    if given["trial_end"] == "now":
        if subscription["status"] != "trialing":
            return False
        subscription.update(status="active", trial_end=tx.now, billing_cycle_anchor=tx.now)
        billing.set_period(tx, subscription, tx.now, billing.following(subscription, tx.now))
        return True
    trial_end = subscriptions.read_trial_end(tx, given)
    if trial_end is not None:
        subscription.update(status="trialing", trial_end=trial_end, billing_cycle_anchor=trial_end)
        subscription["trial_start"] = subscription["trial_start"] or tx.now
        billing.set_period(tx, subscription, billing.period(subscription)[0], trial_end)
        tx.schedule("subscription.trial_notice", subscription["id"], max(tx.now, trial_end - billing.TRIAL_NOTICE))
    return False


@operation("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel(tx: Tx, call: Call) -> Obj:
    """End a subscription at once; with `prorate` the unused time is credited to the customer's balance."""
    subscription, given = tx.live(call.id, "subscription"), call.params
    if subscription["status"] in billing.ENDED:
        raise missing("subscription", call.id)
    for name, value in part(given, "cancellation_details").items():
        subscription["cancellation_details"][name] = render.cleared(value)
    begin, finish = billing.period(subscription)
    lines = _prorate(tx, billing.rows(subscription), [], (begin, finish), tx.now) if given.get("prorate") else []
    lines = [*subscription["_"].pop("pending", []), *lines]
    billing.end(tx, subscription, reason="cancellation_requested")
    if given.get("invoice_now") and lines:
        invoice = invoicing.make(tx, subscription, lines, "manual", start=begin, end=tx.now)
        subscription["latest_invoice"] = invoice["id"]
        tx.save(subscription)
        invoicing.finalize(tx, invoice)
        if invoice["status"] == "open":
            invoicing.attempt(tx, invoice["id"], invoicing.default_method(tx, subscription))
    return tx.get(subscription["id"], "subscription")
