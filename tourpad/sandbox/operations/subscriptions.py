"""`/v1/subscriptions`: https://docs.stripe.com/billing/subscriptions/overview."""

from typing import Any

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, StripeError, part, refused
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


@operation("POST", "/v1/subscriptions")
def create(tx: Tx, call: Call) -> Obj:
    """Create a subscription and collect its first invoice."""
    return start(tx, call.params)


def start(tx: Tx, given: Obj, *, on_session: str | None = None) -> Obj:
    """Create a subscription; `on_session` is where Checkout returns to after 3D Secure."""
    refuse(given, *NOT_DONE)
    if part(given, "automatic_tax").get("enabled") or given.get("payment_behavior") == "pending_if_incomplete":
        message = "The sandbox does no automatic tax and no pending updates."
        raise refused(message)
    for name in ("customer", "items"):
        if not given.get(name):
            message = f"Missing required param: {name}."
            raise refused(message, code="parameter_missing", param=name)
    customer = tx.get(given["customer"], "customer", "customer")
    subscription_id = tx.new_id("sub_1", 23).replace("sub_1_", "sub_1")
    items = [make_item(tx, subscription_id, entry, n) for n, entry in enumerate(given["items"])]
    check_interval(items)
    trial_end = read_trial_end(tx, given)
    anchor = given.get("billing_cycle_anchor") or trial_end or tx.now
    settings: Obj = part(given, "payment_settings")
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
        subscription["default_payment_method"] = own_method(tx, subscription, given["default_payment_method"])
    finish = trial_end or billing.following(subscription, tx.now)
    billing.set_period(tx, subscription, tx.now, finish)
    tx.add(subscription)
    lines = billing.lines_for(tx, subscription, tx.now, finish, free=bool(trial_end))
    invoice = invoicing.make(tx, subscription, lines, "subscription_create", start=tx.now, end=tx.now)
    subscription["latest_invoice"] = invoice["id"]
    tx.save(subscription)
    invoicing.finalize(tx, invoice)
    if trial_end:
        tx.schedule("subscription.trial_notice", subscription_id, max(tx.now, trial_end - billing.TRIAL_NOTICE))
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
        set_cancel_at(tx, subscription, given["cancel_at"])
    tx.save(subscription)
    emit(tx, "customer.subscription.created", subscription)
    return subscription


def make_item(tx: Tx, subscription_id: str, entry: Obj, n: int) -> Obj:
    """Make an item out of `items[n]`."""
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


def check_interval(items: list[Obj]) -> None:
    """Refuse items that would be billed by different intervals."""
    intervals = {
        (item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]) for item in items
    }
    if len(intervals) > 1:
        message = "The sandbox bills all prices of a subscription by one interval."
        raise refused(message, param="items")


def read_trial_end(tx: Tx, given: Obj) -> int | None:
    """Return the end of the trial that was asked for, if one was."""
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


def own_method(tx: Tx, subscription: Obj, given: str) -> str:
    """Return a payment method's id; one that is not the customer's is refused."""
    method = payment_methods.resolve(tx, given, "default_payment_method")
    if method["customer"] != subscription["customer"]:
        message = (
            f"The customer does not have a payment method with the ID {given}. The payment method "
            "must be attached to the customer."
        )
        raise refused(message, code="resource_missing", param="default_payment_method")
    return method["id"]


def set_cancel_at(tx: Tx, subscription: Obj, at: Any) -> None:
    """Agree on an instant to end at, or (None) on none."""
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
