"""`/v1/webhook_endpoints`: where events are POSTed."""

import secrets

from tourpad.sandbox import render, targets
from tourpad.sandbox.errors import Obj, refused
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx


@operation("POST", "/v1/webhook_endpoints")
def create(tx: Tx, call: Call) -> Obj:
    """Register an endpoint; its secret is told once. `connect` makes it hear connected accounts."""
    given = call.params
    _check_url(given["url"])
    endpoint: Obj = {
        "id": tx.new_id("we_1", 23).replace("we_1_", "we_1"),
        "object": "webhook_endpoint",
        "api_version": given.get("api_version"),
        "application": None,
        "created": tx.now,
        "description": render.cleared(given.get("description")),
        "enabled_events": given["enabled_events"],
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "status": "enabled",
        "url": given["url"],
        "_": {"connect": bool(given.get("connect")), "secret": f"whsec_{secrets.token_hex(16)}"},
    }
    tx.add(endpoint)
    _register(tx, endpoint)
    return {**endpoint, "secret": endpoint["_"]["secret"]}


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        message = "Invalid URL: an explicit scheme (such as https) must be provided."
        raise refused(message, code="url_invalid", param="url")


def _register(tx: Tx, endpoint: Obj) -> None:
    hidden = endpoint["_"]
    if endpoint["status"] == "enabled":
        target = targets.WebhookTarget(
            endpoint["id"],
            endpoint["url"],
            hidden["secret"],
            connect=hidden["connect"],
            events=tuple(endpoint["enabled_events"]),
        )
        targets.register(tx.db, target)
    else:
        targets.forget(tx.db, endpoint["id"])


@operation("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def get(tx: Tx, call: Call) -> Obj:
    """Return an endpoint (without its secret)."""
    return tx.get(call.id, "webhook_endpoint")


@operation("GET", "/v1/webhook_endpoints")
def index(tx: Tx, call: Call) -> Obj:
    """List endpoints."""
    return render.page(tx, "webhook_endpoint", call.params, "/v1/webhook_endpoints")


@operation("POST", "/v1/webhook_endpoints/{webhook_endpoint}")
def update(tx: Tx, call: Call) -> Obj:
    """Change an endpoint, or turn it off and on."""
    endpoint, given = tx.live(call.id, "webhook_endpoint"), call.params
    if "url" in given:
        _check_url(given["url"])
    for name in ("url", "enabled_events", "description"):
        if name in given:
            endpoint[name] = render.cleared(given[name])
    if "disabled" in given:
        endpoint["status"] = "disabled" if given["disabled"] else "enabled"
    if "metadata" in given:
        endpoint["metadata"] = render.metadata(endpoint["metadata"], given["metadata"])
    _register(tx, endpoint)
    return tx.save(endpoint)


@operation("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete(tx: Tx, call: Call) -> Obj:
    """Remove an endpoint and what was still to be delivered to it."""
    endpoint = tx.live(call.id, "webhook_endpoint")
    targets.forget(tx.db, endpoint["id"])
    tx.delete(endpoint)
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
