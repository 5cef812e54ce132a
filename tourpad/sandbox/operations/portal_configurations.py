"""`/v1/billing_portal/configurations`: what members may do on the portal's page."""

from tourpad.sandbox import render
from tourpad.sandbox.errors import Obj, part
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse

FEATURES: Obj = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False, "payment_method_configuration": None},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
PLAIN = ("active", "default_return_url", "name")


@operation("POST", "/v1/billing_portal/configurations")
def create(tx: Tx, call: Call) -> Obj:
    """Make a configuration; what it does not name is off."""
    made: Obj = {
        "id": tx.new_id("bpc_1", 23).replace("bpc_1_", "bpc_1"),
        "object": "billing_portal.configuration",
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": tx.now,
        "default_return_url": None,
        "features": FEATURES,
        "is_default": not tx.select("billing_portal.configuration", limit=1),
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": tx.now,
    }
    return tx.add(_changed(made, call.params))


@operation("POST", "/v1/billing_portal/configurations/{configuration}")
def update(tx: Tx, call: Call) -> Obj:
    """Change a configuration."""
    found = tx.live(call.id, "billing_portal.configuration")
    found["updated"] = tx.now
    return tx.save(_changed(found, call.params))


@operation("GET", "/v1/billing_portal/configurations/{configuration}")
def get(tx: Tx, call: Call) -> Obj:
    """Return a configuration."""
    return tx.get(call.id, "billing_portal.configuration")


@operation("GET", "/v1/billing_portal/configurations")
def index(tx: Tx, call: Call) -> Obj:
    """List configurations, by whether they are active or the default."""
    return render.page(tx, "billing_portal.configuration", call.params, "/v1/billing_portal/configurations")


def _changed(found: Obj, given: Obj) -> Obj:
    refuse(part(part(given, "features"), "subscription_update"), "products", "schedule_at_period_end")
    refuse(part(given, "login_page"), "enabled")
    found.update({name: render.cleared(given[name]) for name in PLAIN if name in given})
    for name, value in part(given, "business_profile").items():
        found["business_profile"] = {**found["business_profile"], name: render.cleared(value)}
    if "metadata" in given:
        found["metadata"] = render.metadata(found["metadata"], given["metadata"])
    features = dict(found["features"])
    for name, value in part(given, "features").items():
        features[name] = {**features[name], **{key: render.cleared(new) for key, new in value.items()}}
    return {**found, "features": features}
