"""Connected accounts: `/v2/core/accounts`, account links, and their `/v1/accounts` face."""

from typing import Any

from tourpad.sandbox import clock, config, render, v2
from tourpad.sandbox.errors import Obj, StripeError, missing, part
from tourpad.sandbox.events import emit, emit_thin
from tourpad.sandbox.registry import Call, operation
from tourpad.sandbox.store import Tx

INCLUDES = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
ONBOARDING = (
    "identity.individual.given_name",
    "identity.individual.surname",
    "identity.individual.date_of_birth",
    "identity.individual.address",
    "identity.individual.id_numbers",
    "identity.attestations.terms_of_service.account",
    "configuration.recipient.default_outbound_destination",
)
LINK_LIFE = 300


@operation("POST", "/v2/core/accounts")
def create(tx: Tx, call: Call) -> Obj:
    """Create an account; a recipient can't receive before it has been onboarded."""
    given = call.params
    configuration: Obj = part(given, "configuration")
    for name in ("customer", "merchant"):
        if name in configuration:
            message = f"The sandbox's accounts are recipients; it does not do configuration.{name}."
            raise StripeError(message, code="account_configuration_not_supported")
    recipient = _recipient(configuration)
    identity: Obj = part(given, "identity")
    if recipient and not identity.get("country"):
        message = "identity.country is required to request a recipient configuration."
        raise StripeError(message, code="identity_country_required")
    defaults: Obj = part(given, "defaults")
    responsibilities: Obj = part(defaults, "responsibilities")
    account: Obj = {
        "id": tx.new_id("acct_1", 16).replace("acct_1_", "acct_1"),
        "object": "v2.core.account",
        "applied_configurations": ["recipient"] if recipient else [],
        "closed": False,
        "configuration": {"recipient": recipient} if recipient else {},
        "created": clock.rfc3339(tx.now),
        "dashboard": given.get("dashboard", "none"),
        "defaults": {
            "currency": defaults.get("currency", config.CURRENCY),
            "locales": defaults.get("locales", []),
            "profile": defaults.get("profile") or {},
            "responsibilities": {
                "fees_collector": responsibilities.get("fees_collector", "application"),
                "losses_collector": responsibilities.get("losses_collector", "application"),
                "requirements_collector": "stripe",
            },
        },
        "identity": identity,
        "livemode": False,
        "metadata": render.metadata({}, given.get("metadata")),
        "_": {"needs": list(ONBOARDING) if recipient else [], "created": tx.now},
    }
    for name in ("contact_email", "contact_phone", "display_name"):
        if given.get(name):
            account[name] = given[name]
    tx.add(account)
    emit_thin(tx, "v2.core.account.created", account["id"])
    return _shown(tx, account, given.get("include"))


def _recipient(configuration: Obj) -> Obj | None:
    if "recipient" not in configuration:
        return None
    balance = part(part(configuration["recipient"], "capabilities"), "stripe_balance")
    asked = part(balance, "stripe_transfers")
    if not asked.get("requested"):
        return {"applied": True, "capabilities": {}}
    details = [{"code": "requirements_past_due", "resolution": "provide_info"}]
    capability = {"status": "restricted", "status_details": details}
    return {"applied": True, "capabilities": {"stripe_balance": {"stripe_transfers": capability}}}


def transfers_capability(account: Obj) -> Obj | None:
    """Return the `stripe_transfers` capability of an account, where it was requested."""
    recipient = part(account["configuration"], "recipient")
    return part(part(recipient, "capabilities"), "stripe_balance").get("stripe_transfers")


def can_receive(account: Obj) -> bool:
    """Tell whether transfers to the account are possible."""
    capability = transfers_capability(account)
    return capability is not None and capability["status"] == "active"


def _requirements(tx: Tx, account: Obj) -> Obj:
    restricted = {
        "capability": "stripe_balance.stripe_transfers",
        "configuration": "recipient",
        "deadline": {"status": "currently_due"},
    }
    entries: list[Obj] = [
        {
            "awaiting_action_from": "user",
            "description": need,
            "errors": [],
            "impact": {"restricts_capabilities": [restricted]},
            "minimum_deadline": {"status": "currently_due"},
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for need in account["_"]["needs"]
    ]
    answer: Obj = {"entries": entries}
    if entries:
        answer["summary"] = {"minimum_deadline": {"status": "currently_due", "time": clock.rfc3339(tx.now)}}
    return answer


def _shown(tx: Tx, account: Obj, include: Any) -> Obj:
    """Leave out what was not asked for by `include`, as `/v2` does."""
    wanted: set[str] = set(include or ())
    shown = {key: value for key, value in account.items() if key not in ("configuration", "defaults", "identity", "_")}
    parts = {
        name.split(".")[1]: account["configuration"].get(name.split(".")[1])
        for name in wanted
        if name.startswith("conf")
    }
    if parts:
        shown["configuration"] = {name: value for name, value in parts.items() if value}
    for name in ("defaults", "identity"):
        if name in wanted:
            shown[name] = account[name]
    if "requirements" in wanted:
        shown["requirements"] = _requirements(tx, account)
    if "future_requirements" in wanted:
        shown["future_requirements"] = {"entries": []}
    return shown


def full(tx: Tx, account: Obj) -> Obj:
    """Return an account with all that can be included."""
    return _shown(tx, account, ("configuration.recipient", "defaults", "identity", "requirements"))


def load(tx: Tx, account_id: str) -> Obj:
    """Return an account; raises `/v2`'s 404."""
    account = tx.find(account_id, "v2.core.account")
    if account is None:
        raise v2.missing(account_id)
    return account


@operation("GET", "/v2/core/accounts/{id}")
def get(tx: Tx, call: Call) -> Obj:
    """Return an account."""
    return _shown(tx, load(tx, call.id), call.params.get("include"))


@operation("POST", "/v2/core/accounts/{id}")
def update(tx: Tx, call: Call) -> Obj:
    """Change an account, or ask for the recipient's capability later."""
    account, given = load(tx, call.id), call.params
    for name in ("contact_email", "contact_phone", "display_name", "dashboard"):
        if name in given:
            account[name] = given[name]
    if "metadata" in given:
        account["metadata"] = render.metadata(account["metadata"], given["metadata"])
    for name in ("identity", "defaults"):
        account[name] = {**account[name], **(given.get(name) or {})}
    recipient = _recipient(part(given, "configuration"))
    if recipient and transfers_capability(account) is None:
        account["configuration"]["recipient"] = recipient
        account["applied_configurations"] = ["recipient"]
        account["_"]["needs"] = list(ONBOARDING)
    tx.save(account)
    emit_thin(tx, "v2.core.account.updated", account["id"])
    return _shown(tx, account, given.get("include"))


@operation("GET", "/v2/core/accounts")
def index(tx: Tx, call: Call) -> Obj:
    """List accounts that are not closed (or, with `closed`, that are)."""
    where: Obj = {"closed": call.params.get("closed", False)}
    answer = v2.page(tx, "v2.core.account", call.params, "/v2/core/accounts", where)
    wanted = set(call.params.get("applied_configurations") or ())
    rows = [row for row in answer["data"] if wanted <= set(row["applied_configurations"])]
    return {**answer, "data": [_shown(tx, row, None) for row in rows]}


@operation("POST", "/v2/core/accounts/{id}/close")
def close(tx: Tx, call: Call) -> Obj:
    """Close an account for good."""
    account = load(tx, call.id)
    account["closed"] = True
    capability = transfers_capability(account)
    if capability:
        capability.update(
            status="restricted", status_details=[{"code": "restricted_other", "resolution": "no_resolution"}]
        )
    tx.save(account)
    emit_thin(tx, "v2.core.account.closed", account["id"])
    return _shown(tx, account, None)


def onboard(tx: Tx, account: Obj, needs: list[str]) -> Obj:
    """Take what the payee gave: with nothing left to give the account can receive, else it can't (again)."""
    before = can_receive(account)
    changed = account["_"]["needs"] != needs
    account["_"]["needs"] = needs
    capability = transfers_capability(account)
    if capability is not None:
        details = [{"code": "requirements_past_due", "resolution": "provide_info"}] if needs else []
        capability.update(status="restricted" if needs else "active", status_details=details)
    tx.save(account)
    if changed:
        emit_thin(tx, "v2.core.account[requirements].updated", account["id"])
    if can_receive(account) != before:
        kind = "v2.core.account[configuration.recipient].capability_status_updated"
        emit_thin(tx, kind, account["id"], {"updated_capability": "stripe_balance.stripe_transfers"})
        there = tx.scoped(account["id"])
        emit(there, "account.updated", v1_face(account))
    return account


@operation("POST", "/v2/core/account_links")
def link(tx: Tx, call: Call) -> Obj:
    """Return a page of the sandbox where the payee onboards by one click; good for five minutes."""
    given = call.params
    account = load(tx, given["account"])
    use_case: Obj = given["use_case"]
    details = use_case.get(use_case["type"])
    if not details:
        message = f"use_case.{use_case['type']} is required for use_case.type {use_case['type']}."
        raise StripeError(message, code="invalid_use_case")
    token = tx.new_id("alink", 24)
    tx.add(
        {
            "id": token,
            "object": "sandbox.account_link",
            "created": tx.now,
            "account": account["id"],
            "expires_at": tx.now + LINK_LIFE,
            "return_url": details.get("return_url"),
            "refresh_url": details["refresh_url"],
        }
    )
    return {
        "object": "v2.core.account_link",
        "account": account["id"],
        "created": clock.rfc3339(tx.now),
        "expires_at": clock.rfc3339(tx.now + LINK_LIFE),
        "livemode": False,
        "url": f"{tx.store.base_url}/onboard/{token}",
        "use_case": {**use_case, use_case["type"]: {"configurations": account["applied_configurations"], **details}},
    }


def v1_face(account: Obj) -> Obj:
    """Return an account as `/v1/accounts` shows it."""
    active = can_receive(account)
    needs: list[str] = account["_"]["needs"]
    empty: Obj = {"alternatives": [], "current_deadline": None, "disabled_reason": None, "errors": []}
    lists: Obj = {
        "currently_due": needs,
        "eventually_due": needs,
        "past_due": needs,
        "pending_verification": [],
    }
    nothing: Obj = {"currently_due": [], "eventually_due": [], "past_due": [], "pending_verification": []}
    return {
        "id": account["id"],
        "object": "account",
        "business_profile": None,
        "business_type": "individual",
        "capabilities": {"transfers": "active" if active else "inactive"},
        "charges_enabled": False,
        "controller": {
            "fees": {"payer": "application"},
            "is_controller": True,
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": account["dashboard"]},
            "type": "application",
        },
        "country": str(account["identity"].get("country", config.COUNTRY)).upper(),
        "created": account["_"]["created"],
        "default_currency": config.CURRENCY,
        "details_submitted": not needs,
        "email": account.get("contact_email"),
        "external_accounts": render.listing([], f"/v1/accounts/{account['id']}/external_accounts"),
        "future_requirements": {**empty, **nothing},
        "metadata": account["metadata"],
        "payouts_enabled": active,
        "requirements": {**empty, **lists, "disabled_reason": "requirements.past_due" if needs else None},
        "settings": None,
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None},
        "type": "none",
    }


@operation("GET", "/v1/accounts/{account}")
def classic(tx: Tx, call: Call) -> Obj:
    """Return a connected account in its `/v1` form."""
    account = tx.find(call.id, "v2.core.account")
    if account is None:
        raise missing("account", call.id)
    return v1_face(account)


@operation("GET", "/v1/account")
def own(tx: Tx, call: Call) -> Obj:  # noqa: ARG001 - every handler's signature
    """Return the platform's account, or with `Stripe-Account` that one."""
    if tx.account:
        return v1_face(load(tx.scoped(""), tx.account))
    platform: Obj = {
        "id": config.PLATFORM_ACCOUNT,
        "configuration": {},
        "contact_email": "money@tourpad.example",
        "dashboard": "full",
        "identity": {"country": config.COUNTRY},
        "metadata": {},
        "_": {"needs": [], "created": 0},
    }
    face = {**v1_face(platform), "charges_enabled": True, "payouts_enabled": True, "type": "standard"}
    face["controller"] = {"type": "account"}
    return face
