"""`/v1/subscriptions`: https://docs.stripe.com/billing/subscriptions/overview."""

from typing import Any

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, StripeError, missing, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import billing, catalog, invoicing, payment_methods
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse

NOT_DONE = (
    "add_invoice_items",
    "application_fee_percent",
    "backdate_start_date",
    "billing_cycle_anchor_config",
    "billing_schedules",
    "billing_thresholds",
    "default_source",
    "default_tax_rates",
    "discounts",
    "on_behalf_of",
    "pending_invoice_item_interval",
    "transfer_data",
)
TRIAL_DEFAULT = {"end_behavior": {"missing_payment_method": "create_invoice"}}
end = billing.end


@operation("POST", "/v1/subscriptions")
def create(tx: Tx, call: Call) -> Obj:
    """Create a subscription and collect its first invoice."""
    return start(tx, call.params)


def start(tx: Tx, given: Obj, *, on_session: str | None = None) -> Obj:
    """Create a subscription; `on_session` is where Checkout returns to after 3D Secure."""
    refuse(given, *NOT_DONE)
    if (given.get("automatic_tax") or {}).get("enabled") or given.get(
        "payment_behavior"
    ) == "pending_if_incomplete":
        message = "The sandbox does no automatic tax and no pending updates."
        raise refused(message)
    for name in ("customer", "items"):
        if not given.get(name):
            message = f"Missing required param: {name}."
            raise refused(message, code="parameter_missing", param=name)
    customer = tx.get(given["customer"], "customer", "customer")
    subscription_id = tx.new_id("sub_1", 23).replace("sub_1_", "sub_1")
    items = [_item(tx, subscription_id, entry, n) for n, entry in enumerate(given["items"])]
    _same_interval(items)
    trial_end = _trial_end(tx, given)
    anchor = given.get("billing_cycle_anchor") or trial_end or tx.now
    settings: Obj = given.get("payment_settings") or {}
    subscription: Obj = {
        "id": subscription_id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": anchor,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": tx.now,
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": given.get("cancel_at_period_end", False),
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": given.get("collection_method", "charge_automatically"),
        "created": tx.now,
        "currency": items[0]["price"]["currency"],
        "customer": customer["id"],
        "days_until_due": given.get("days_until_due"),
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": given.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": render.listing(items, f"/v1/subscription_items?subscription={subscription_id}"),
        "latest_invoice": None,
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": settings.get("payment_method_types"),
            "save_default_payment_method": settings.get("save_default_payment_method", "off"),
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": tx.now,
        "status": "trialing" if trial_end else "incomplete",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": trial_end,
        "trial_settings": given.get("trial_settings") or TRIAL_DEFAULT,
        "trial_start": tx.now if trial_end else None,
        "_": {"quiet": True, "price": items[0]["price"]["id"]},
    }
    if given.get("default_payment_method"):
        subscription["default_payment_method"] = _own_method(
            tx, subscription, given["default_payment_method"]
        )
    finish = trial_end or billing.following(subscription, tx.now)
    billing.set_period(tx, subscription, tx.now, finish)
    tx.add(subscription)
    lines = billing.lines_for(tx, subscription, tx.now, finish, free=bool(trial_end))
    invoice = invoicing.make(tx, subscription, lines, "subscription_create", start=tx.now, end=tx.now)
    subscription["latest_invoice"] = invoice["id"]
    tx.save(subscription)
    invoicing.finalize(tx, invoice)
    if trial_end:
        tx.schedule(
            "subscription.trial_notice", subscription_id, max(tx.now, trial_end - billing.TRIAL_NOTICE)
        )
    error = None if trial_end else _first_payment(tx, subscription_id, given, on_session)
    return _created(tx, subscription_id, given, error)


def _first_payment(tx: Tx, subscription_id: str, given: Obj, on_session: str | None) -> StripeError | None:
    subscription = tx.get(subscription_id, "subscription")
    invoice = tx.get(subscription["latest_invoice"], "invoice")
    if invoice["status"] == "paid" or given.get("payment_behavior") == "default_incomplete":
        return None
    if subscription["collection_method"] == "send_invoice":
        subscription["status"] = "active"
        tx.save(subscription)
        return None
    method = invoicing.default_method(tx, subscription)
    if method is None:
        message = (
            "This customer has no attached payment source or default payment method. Please consider "
            "adding a default payment method."
        )
        raise refused(message, code="resource_missing")
    on = on_session is not None or given.get("off_session") is False
    return invoicing.attempt(tx, invoice["id"], method, off_session=not on, return_url=on_session)


def _created(tx: Tx, subscription_id: str, given: Obj, error: StripeError | None) -> Obj:
    subscription = tx.get(subscription_id, "subscription")
    if error is not None and given.get("payment_behavior") == "error_if_incomplete":
        error.keep = False
        raise error
    subscription["_"].pop("quiet", None)
    if subscription["status"] == "incomplete":
        tx.schedule("subscription.incomplete", subscription_id, tx.now + billing.INCOMPLETE_LIFE)
    if given.get("cancel_at"):
        _cancel_at(tx, subscription, given["cancel_at"])
    tx.save(subscription)
    emit(tx, "customer.subscription.created", subscription)
    return subscription


def _item(tx: Tx, subscription_id: str, entry: Obj, n: int) -> Obj:
    refuse(entry, "billing_thresholds", "discounts", "tax_rates")
    if entry.get("price"):
        price = catalog.load_price(tx, entry["price"], f"items[{n}][price]")
    elif entry.get("price_data"):
        price = catalog.make_price(tx, entry["price_data"])
    else:
        message = f"Missing required param: items[{n}][price]."
        raise refused(message, code="parameter_missing", param=f"items[{n}][price]")
    if not price["recurring"]:
        message = (
            "The price specified is set to `type=one_time` but this field only accepts prices with "
            f"`type=recurring`: {price['id']}."
        )
        raise refused(message, param=f"items[{n}][price]")
    return {
        "id": tx.new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": tx.now,
        "current_period_end": tx.now,
        "current_period_start": tx.now,
        "discounts": [],
        "metadata": render.metadata({}, entry.get("metadata")),
        "price": price,
        "quantity": entry.get("quantity", 1),
        "subscription": subscription_id,
        "tax_rates": [],
    }


def _same_interval(items: list[Obj]) -> None:
    intervals = {
        (item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"])
        for item in items
    }
    if len(intervals) > 1:
        message = "The sandbox bills all prices of a subscription by one interval."
        raise refused(message, param="items")


def _trial_end(tx: Tx, given: Obj) -> int | None:
    trial_end: Any = given.get("trial_end")
    if given.get("trial_period_days"):
        if trial_end:
            message = "You may only specify one of these parameters: trial_end, trial_period_days."
            raise refused(message, param="trial_end")
        return tx.now + given["trial_period_days"] * billing.DAY
    if trial_end in (None, "now"):
        return None
    if trial_end <= tx.now:
        message = "Invalid timestamp: must be an integer Unix timestamp in the future."
        raise refused(message, param="trial_end")
    return trial_end


def _own_method(tx: Tx, subscription: Obj, given: str) -> str:
    method = payment_methods.resolve(tx, given, "default_payment_method")
    if method["customer"] != subscription["customer"]:
        message = (
            f"The customer does not have a payment method with the ID {given}. The payment method "
            "must be attached to the customer."
        )
        raise refused(message, code="resource_missing", param="default_payment_method")
    return method["id"]


def _cancel_at(tx: Tx, subscription: Obj, at: Any) -> None:  # noqa: ANN401 - an instant or Stripe's words for one
    if isinstance(at, str):
        at = billing.period(subscription)[1] if at in ("min_period_end", "max_period_end") else None
    if at is None:
        subscription["cancel_at"] = subscription["canceled_at"] = None
        tx.unschedule("subscription.cancel_at", subscription["id"])
        return
    if at <= tx.now:
        message = "`cancel_at` must be in the future."
        raise refused(message, param="cancel_at")
    subscription.update(cancel_at=at, canceled_at=tx.now)
    tx.schedule("subscription.cancel_at", subscription["id"], at)


@operation("GET", "/v1/subscriptions/{subscription_exposed_id}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a subscription."""
    return tx.get(call.id, "subscription")


@operation("GET", "/v1/subscriptions")
def index(tx: Tx, call: Call) -> Obj:
    """List subscriptions; canceled ones only when asked for."""
    params = dict(call.params)
    refuse(params, "automatic_tax", "current_period_end", "current_period_start", "test_clock")
    wanted = params.pop("status", None)
    live = ["active", "incomplete", "past_due", "paused", "trialing", "unpaid"]
    where: Obj = (
        {"status": live}
        if wanted is None
        else {"status": list(billing.ENDED)}
        if wanted == "ended"
        else {"status": wanted}
    )
    return render.page(tx, "subscription", params, "/v1/subscriptions", {} if wanted == "all" else where)


@operation("GET", "/v1/subscription_items")
def items(tx: Tx, call: Call) -> Obj:
    """List the items of a subscription."""
    subscription = tx.get(call.params["subscription"], "subscription", "subscription")
    return subscription["items"]


@operation("POST", "/v1/subscriptions/{subscription_exposed_id}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a subscription."""
    subscription, given = tx.live(call.id, "subscription"), call.params
    refuse(given, *NOT_DONE)
    if subscription["status"] in billing.ENDED:
        message = "A canceled subscription can only update its cancellation_details and metadata."
        if set(given) - {"cancellation_details", "metadata"}:
            raise refused(message)
    before = {
        **subscription,
        "items": {**subscription["items"], "data": [dict(item) for item in billing.rows(subscription)]},
    }
    shown = {name: value for name, value in before.items() if name not in ("_", "object", "id")}
    _plain_changes(tx, subscription, given)
    lines, now = _change_items(tx, subscription, given)
    if given.get("trial_end"):
        now = _move_trial(tx, subscription, given) or now
    subscription["_"]["price"] = billing.rows(subscription)[0]["price"]["id"]
    if lines and given.get("proration_behavior", "create_prorations") != "none":
        subscription["_"].setdefault("pending", []).extend(lines)
    if now or (lines and given.get("proration_behavior") == "always_invoice"):
        begin, finish = billing.period(subscription)
        fresh = billing.lines_for(tx, subscription, begin, finish) if now else []
        billing.bill(tx, subscription, fresh, "subscription_update", start=begin, finish=finish, before=shown)
        return tx.get(subscription["id"], "subscription")
    billing.told(tx, subscription, shown)
    return subscription


def _plain_changes(tx: Tx, subscription: Obj, given: Obj) -> None:
    for name in ("description", "trial_settings", "days_until_due", "collection_method"):
        if name in given:
            subscription[name] = render.cleared(given[name])
    if "metadata" in given:
        subscription["metadata"] = render.metadata(subscription["metadata"], given["metadata"])
    if given.get("default_payment_method"):
        subscription["default_payment_method"] = _own_method(
            tx, subscription, given["default_payment_method"]
        )
    for name, value in (given.get("cancellation_details") or {}).items():
        subscription["cancellation_details"][name] = render.cleared(value)
    for name in ("save_default_payment_method", "payment_method_types"):
        if name in (given.get("payment_settings") or {}):
            subscription["payment_settings"][name] = render.cleared(given["payment_settings"][name])
    if "cancel_at" in given:
        _cancel_at(tx, subscription, render.cleared(given["cancel_at"]))
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
        merged = (
            {"price": old["price"]["id"], "quantity": old["quantity"], "metadata": old["metadata"], **entry}
            if old
            else entry
        )
        item = _item(tx, subscription["id"], merged, n)
        item["id"] = old["id"] if old else item["id"]
        item["current_period_start"], item["current_period_end"] = old_start, old_end
        added.append(item)
    result = [*kept.values(), *added]
    if not result:
        message = "A subscription must have at least one active plan."
        raise refused(message, param="items")
    _same_interval(result)
    interval = rows[0]["price"]["recurring"]
    fresh = result[0]["price"]["recurring"] != interval or given.get("billing_cycle_anchor") == "now"
    subscription["items"]["data"] = result
    if subscription["status"] == "trialing":
        return [], False
    lines = _prorate(tx, removed, [] if fresh else added, old_start, old_end)
    if fresh:
        lines += _prorate(tx, [item for item in result if item not in added], [], old_start, old_end)
        subscription["billing_cycle_anchor"] = tx.now
        billing.set_period(tx, subscription, tx.now, billing.following(subscription, tx.now))
    return lines, fresh


def _prorate(tx: Tx, removed: list[Obj], added: list[Obj], begin: int, finish: int) -> list[Obj]:
    """Credit the unused rest of what goes, debit the rest of what comes: to the second, rounded half up."""
    left, whole = max(0, finish - tx.now), max(1, finish - begin)
    lines: list[Obj] = []
    for items, sign, text in ((removed, -1, "Unused time on {name}"), (added, 1, "Remaining time on {name}")):
        for item in items:
            amount = sign * ((2 * billing.cost(item) * left + whole) // (2 * whole))
            lines.append(
                invoicing.line(tx, item, amount=amount, start=tx.now, end=finish, proration=True, text=text)
            )
    return lines


def _move_trial(tx: Tx, subscription: Obj, given: Obj) -> bool:
    """Move the end of a trial; `now` ends it and begins the first paid period."""
    if given["trial_end"] == "now":
        if subscription["status"] != "trialing":
            return False
        subscription.update(status="active", trial_end=tx.now, billing_cycle_anchor=tx.now)
        billing.set_period(tx, subscription, tx.now, billing.following(subscription, tx.now))
        return True
    trial_end = _trial_end(tx, given)
    if trial_end is not None:
        subscription.update(status="trialing", trial_end=trial_end, billing_cycle_anchor=trial_end)
        subscription["trial_start"] = subscription["trial_start"] or tx.now
        billing.set_period(tx, subscription, billing.period(subscription)[0], trial_end)
        tx.schedule(
            "subscription.trial_notice", subscription["id"], max(tx.now, trial_end - billing.TRIAL_NOTICE)
        )
    return False


@operation("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel(tx: Tx, call: Call) -> Obj:
    """End a subscription at once; with `prorate` the unused time is credited to the customer's balance."""
    subscription, given = tx.live(call.id, "subscription"), call.params
    if subscription["status"] in billing.ENDED:
        raise missing("subscription", call.id)
    for name, value in (given.get("cancellation_details") or {}).items():
        subscription["cancellation_details"][name] = render.cleared(value)
    begin, finish = billing.period(subscription)
    lines = _prorate(tx, billing.rows(subscription), [], begin, finish) if given.get("prorate") else []
    lines = [*subscription["_"].pop("pending", []), *lines]
    end(tx, subscription, reason="cancellation_requested")
    if given.get("invoice_now") and lines:
        invoice = invoicing.make(tx, subscription, lines, "manual", start=begin, end=tx.now)
        subscription["latest_invoice"] = invoice["id"]
        tx.save(subscription)
        invoicing.finalize(tx, invoice)
        if invoice["status"] == "open":
            invoicing.attempt(tx, invoice["id"], invoicing.default_method(tx, subscription))
    return tx.get(subscription["id"], "subscription")
