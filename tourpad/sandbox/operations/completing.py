"""What happens when somebody presses "pay" on a checkout page."""

from tourpad.sandbox.errors import Obj, StripeError, refused
from tourpad.sandbox.events import emit
from tourpad.sandbox.operations import (
    customers,
    invoicing,
    paying,
    payment_intents,
    payment_methods,
    setup_intents,
    subscriptions,
)
from tourpad.sandbox.registry import Call
from tourpad.sandbox.store import Tx


def complete(tx: Tx, session: Obj, method_name: str, *, email: str | None = None) -> Obj:
    """Pay a session with a payment method or test card.

    Returns the session: complete, or still open where 3D Secure is asked for (`authentication_url` says
    where). Raises a card error that keeps the session open.
    """
    if session["status"] != "open":
        message = f"This Checkout Session is {session['status']}; it can't be paid."
        raise refused(message)
    method = payment_methods.resolve(tx, method_name, "payment_method")
    _customer(tx, session, method, email)
    run = {"payment": _pay, "subscription": _subscribe, "setup": _set_up}[session["mode"]]
    run(tx, session, method)
    return tx.get(session["id"], "checkout.session")


def _customer(tx: Tx, session: Obj, method: Obj, email: str | None) -> None:
    """Make the customer that the session needs, and remember who pays."""
    known: Obj = session["customer_details"] or {}
    address = known.get("email") or email or method["billing_details"]["email"] or "payer@example.com"
    needed = session["customer_creation"] == "always" or session["mode"] == "subscription"
    if session["customer"] is None and needed:
        session["customer"] = customers.create(tx, Call((), {"email": address}))["id"]
    session["customer_details"] = {
        "address": None,
        "email": address,
        "name": method["billing_details"]["name"],
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    tx.save(session)


def _back(tx: Tx, session: Obj) -> str:
    """Return where 3D Secure returns to: the session's page, which then sends the payer on."""
    return f"{tx.store.base_url}/checkout/{session['id']}"


def _pay(tx: Tx, session: Obj, method: Obj) -> None:
    if session["payment_intent"] is None:
        data: Obj = session["_"]["data"].get("payment_intent_data") or {}
        given = {
            "amount": session["amount_total"],
            "currency": session["currency"],
            "customer": session["customer"],
            **data,
        }
        intent = payment_intents.build(tx, given)
        intent["_"]["session"] = session["id"]
        tx.add(intent)
        emit(tx, "payment_intent.created", intent)
        session["payment_intent"] = intent["id"]
        tx.save(session)
    intent = tx.get(session["payment_intent"], "payment_intent")
    payment_intents.use(tx, intent, method["id"])
    tx.save(intent)
    paying.confirm(tx, intent, {"return_url": _back(tx, session)})


def _subscribe(tx: Tx, session: Obj, method: Obj) -> None:
    """Subscribe; a card that will be declined is refused before anything is made, as Checkout does."""
    card = payment_methods.card_of(method)
    waiting = session["_"].get("waiting")
    if waiting:
        if method["customer"] is None:
            payment_methods.attach_to(tx, method, session["customer"])
        subscription = tx.get(waiting, "subscription")
        error = invoicing.attempt(
            tx, subscription["latest_invoice"], method["id"], off_session=False, return_url=_back(tx, session)
        )
        if error is not None:
            raise error
        return
    if card.decline and not card.secure:
        code, decline = card.decline
        message = paying.cards.decline_message(code, decline)
        raise StripeError(message, status=402, kind="card_error", code=code, keep=True, extra={"decline_code": decline})
    payment_methods.attach_to(tx, method, session["customer"])
    data: Obj = session["_"]["data"].get("subscription_data") or {}
    items = [{"price": row["price"]["id"], "quantity": row["quantity"]} for row in session["_"]["lines"]]
    given = {**data, "customer": session["customer"], "items": items, "default_payment_method": method["id"]}
    subscription = subscriptions.start(tx, given, on_session=_back(tx, session))
    session = tx.get(session["id"], "checkout.session")
    session["_"]["waiting"] = subscription["id"]
    tx.save(session)
    if subscription["status"] in ("active", "trialing"):
        finish(tx, session)
        return
    invoice = tx.get(subscription["latest_invoice"], "invoice")
    invoice["_"]["session"] = session["id"]
    tx.save(invoice)


def _set_up(tx: Tx, session: Obj, method: Obj) -> None:
    data: Obj = session["_"]["data"].get("setup_intent_data") or {}
    if session["setup_intent"] is None:
        session["setup_intent"] = setup_intents.make(tx, {**data, "customer": session["customer"]})["id"]
        tx.save(session)
    intent = tx.get(session["setup_intent"], "setup_intent")
    # the page stands for the payer's browser, so 3D Secure of a card that is only kept is done on the spot
    given = {"payment_method": method["id"], "authenticated": True}
    setup_intents.confirm_it(tx, intent, given)
    finish(tx, session)


def finish(tx: Tx, session: Obj) -> None:
    """Complete a session and tell of it."""
    tx.unschedule("checkout.expire", session["id"])
    session.update(status="complete", url=None)
    if session["mode"] != "setup":
        session["payment_status"] = "paid"
    waiting = session["_"].get("waiting")
    if waiting:
        subscription = tx.get(waiting, "subscription")
        session.update(subscription=waiting, invoice=subscription["latest_invoice"])
        if subscription["status"] == "trialing" and session["amount_total"] == 0:
            session["payment_status"] = "no_payment_required"
    tx.save(session)
    emit(tx, "checkout.session.completed", session)


def intent_paid(tx: Tx, intent: Obj) -> None:
    """Complete the session of a payment that just succeeded."""
    if intent["_"].get("session"):
        finish(tx, tx.get(intent["_"]["session"], "checkout.session"))


def invoice_paid(tx: Tx, invoice: Obj) -> None:
    """Complete the session of a subscription whose first invoice was paid after 3D Secure."""
    session_id = invoice["_"].get("session")
    session = tx.get(session_id, "checkout.session") if session_id else None
    if session is not None and session["status"] == "open":
        finish(tx, session)


def authentication_url(tx: Tx, session: Obj) -> str | None:
    """Return where an open session waits for 3D Secure."""
    intent_id = session["payment_intent"]
    if session["_"].get("waiting"):
        subscription = tx.get(session["_"]["waiting"], "subscription")
        intent_id = tx.get(subscription["latest_invoice"], "invoice")["_"]["intent"]
    intent = tx.find(intent_id, "payment_intent") if intent_id else None
    waits = intent is not None and intent["status"] == "requires_action"
    return f"{tx.store.base_url}/3ds/{intent_id}" if waits else None


paying.PAID.append(intent_paid)
invoicing.ON_PAID.append(invoice_paid)
