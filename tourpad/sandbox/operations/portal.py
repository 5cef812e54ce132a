"""`/v1/billing_portal/sessions`: a page where a member cancels, resumes, and sees what was paid."""

from tourpad.sandbox import config
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx
from tourpad.sandbox.unsupported import refuse


@operation("POST", "/v1/billing_portal/sessions")
def create(tx: Tx, call: Call) -> Obj:
    """Open the portal for a customer."""
    given = call.params
    refuse(given, "flow_data", "on_behalf_of", "customer_account")
    if not given.get("customer"):
        message = "Missing required param: customer."
        raise refused(message, code="parameter_missing", param="customer")
    customer = tx.get(given["customer"], "customer", "customer")
    session_id = tx.new_id("bps_1", 23).replace("bps_1_", "bps_1")
    session: Obj = {
        "id": session_id,
        "object": "billing_portal.session",
        "configuration": given.get("configuration", config.PORTAL_CONFIGURATION),
        "created": tx.now,
        "customer": customer["id"],
        "flow": None,
        "livemode": False,
        "locale": given.get("locale"),
        "on_behalf_of": None,
        "return_url": given.get("return_url"),
        "url": f"{tx.store.base_url}/portal/{session_id}",
    }
    return tx.add(session)
