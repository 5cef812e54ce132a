"""The pages that Stripe would host.

3D Secure, onboarding, checkout, portal, receipts. Plain forms that work without scripts.
"""

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qsl

from tourpad.sandbox.engine import Reply, Request
from tourpad.sandbox.errors import Obj, StripeError
from tourpad.sandbox.operations import (
    accounts,
    billing,
    completing,
    invoices,
    paying,
    payment_methods,
    setup_intents,
    subscription_changes,
)
from tourpad.sandbox.registry import Call
from tourpad.sandbox.store import Store, Tx

STYLE = """
:root { color-scheme: light dark; --edge: color-mix(in srgb, CanvasText 30%, transparent) }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText }
main { max-width: 30rem; margin: 8vh auto; padding: 2rem; border: 1px solid var(--edge); border-radius: 12px }
h1 { font-size: 1.3rem; margin: 0 0 .5rem }
p { margin: .5rem 0 }
small { opacity: .7 }
label { display: block; margin: 1rem 0 .25rem }
select, button { font: inherit; width: 100%; padding: .6rem }
select, button { border-radius: 8px; border: 1px solid var(--edge) }
button { margin-top: 1rem; background: #4b3fd6; color: #fff; border: 0; cursor: pointer }
button.plain { background: transparent; color: inherit; border: 1px solid var(--edge) }
.bad { color: #c0262d }
"""
View = Callable[[Tx, str, Obj | None], Reply]


def html(title: str, body: str, *, status: int = 200) -> Reply:
    """Return a page; `body` is markup already."""
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><main><h1>{escape(title)}</h1>{body}"
        "<p><small>TourPad’s Stripe sandbox. No real money moves.</small></p></main></html>"
    )
    return Reply(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def go(url: str) -> Reply:
    """Send the browser on."""
    return Reply(303, b"", {"Location": url.replace("\r", "").replace("\n", ""), "Content-Type": "text/html"})


def dollars(cents: int) -> str:
    """Write an amount for people."""
    return f"${cents / 100:,.2f}"


class Pages:
    """Finds the page of a path and runs it in one transaction."""

    def __init__(self, store: Store) -> None:
        """Show what the store holds."""
        self.store = store

    def handle(self, request: Request) -> Reply:
        """Answer a GET with the page, a POST of its form with what follows."""
        parts = request.path.strip("/").split("/")
        view = VIEWS.get(parts[0]) if len(parts) == 2 else None  # noqa: PLR2004 - /page/id
        if view is None or request.method not in ("GET", "POST"):
            return html("No such page", "<p>The sandbox has no page here.</p>", status=404)
        form: Obj | None = dict(parse_qsl(request.body.decode(errors="replace"))) if request.method == "POST" else None
        try:
            return self._run(view, parts[1], form)
        except StripeError as error:
            return html("That did not work", f'<p class="bad">{escape(error.message)}</p>', status=error.status)

    def _run(self, view: View, object_id: str, form: Obj | None) -> Reply:
        """Run a page in one transaction; a declined card stays declined although it is an error."""
        with self.store.transaction():
            try:
                return view(Tx(self.store, self.store.now()), object_id, form)
            except StripeError as error:
                if not error.keep:
                    raise
                kept = error
        raise kept


def three_d_secure(tx: Tx, intent_id: str, form: Obj | None) -> Reply:
    """Let the payer authenticate, or fail to."""
    intent = tx.live(intent_id, "payment_intent")
    back = intent["_"].get("return_url")
    if form is None:
        return html(
            "3D Secure",
            f"<p>Your bank asks whether you want to pay <b>{dollars(intent['amount'])}</b>.</p>"
            '<form method="post"><button name="success" value="true">Complete</button>'
            '<button class="plain" name="success" value="false">Fail</button></form>',
        )
    intent = paying.authenticate(tx, intent, success=form.get("success") == "true")
    if not back:
        return html("3D Secure", f"<p>The payment is now: {escape(intent['status'])}.</p>")
    sign = "&" if "?" in back else "?"
    outcome = "succeeded" if intent["status"] == "succeeded" else "failed"
    query = f"payment_intent={intent['id']}&payment_intent_client_secret={intent['client_secret']}"
    return go(f"{back}{sign}{query}&redirect_status={outcome}")


def onboarding(tx: Tx, token: str, form: Obj | None) -> Reply:
    """Let a payee give what Stripe asks, by one click."""
    link = tx.live(token, "sandbox.account_link")
    if link["expires_at"] < tx.now:
        return go(link["refresh_url"])
    account = accounts.load(tx, link["account"])
    if form is None:
        needs = "".join(f"<li>{escape(need)}</li>" for need in account["_"]["needs"]) or "<li>nothing</li>"
        return html(
            "Get paid",
            f"<p>{escape(account.get('display_name', account['id']))}, still needed:</p><ul>{needs}</ul>"
            '<form method="post"><button name="do" value="all">Give everything and continue</button>'
            '<button class="plain" name="do" value="later">Leave for later</button></form>',
        )
    if form.get("do") == "all":
        accounts.onboard(tx, account, [])
    return go(link["return_url"] or link["refresh_url"])


def receipt(tx: Tx, charge_id: str, form: Obj | None) -> Reply:
    """Show what was paid."""
    charge = tx.live(charge_id, "charge")
    if form is not None:
        return html("Receipt", "<p>There is nothing to send here.</p>", status=400)
    refunded = f"<p>Refunded: {dollars(charge['amount_refunded'])}</p>" if charge["amount_refunded"] else ""
    about = escape(charge["description"] or charge["id"])
    return html("Receipt", f"<p>{about}: <b>{dollars(charge['amount'])}</b></p>{refunded}")


CHOICES = (
    ("pm_card_visa", "Visa 4242: pays"),
    ("pm_card_mastercard", "Mastercard 4444: pays"),
    ("pm_card_bypassPending", "Visa 0077: pays, available at once"),
    ("pm_card_authenticationRequired", "Visa 3184: asks for 3D Secure"),
    ("pm_card_chargeDeclined", "Visa 0002: declined"),
    ("pm_card_chargeDeclinedInsufficientFunds", "Visa 9995: insufficient funds"),
    ("pm_card_chargeCustomerFail", "Visa 0341: can be kept, then fails"),
    ("pm_card_createDispute", "Visa 0259: pays, then is disputed"),
)


def checkout(tx: Tx, session_id: str, form: Obj | None) -> Reply:
    """Let somebody pay with a test card of their choice."""
    session = tx.live(session_id, "checkout.session")
    done = str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
    if session["status"] == "complete":
        return go(done)
    if session["status"] == "expired":
        return html("This page has expired", "<p>Go back and begin again.</p>", status=410)
    if form is None:
        lines = "".join(
            f"<li>{row['quantity']} × {escape(row['description'] or '')}: {dollars(row['amount_total'])}</li>"
            for row in session["_"]["lines"]
        )
        back = f'<p><a href="{escape(session["cancel_url"])}">Back</a></p>' if session["cancel_url"] else ""
        verb = {"payment": "Pay", "subscription": "Subscribe", "setup": "Keep this card"}[session["mode"]]
        total = f" {dollars(session['amount_total'])}" if session["amount_total"] else ""
        trial = (session["_"]["data"].get("subscription_data") or {}).get("trial_period_days")
        if trial:
            lines += f"<li>{trial} days for nothing; then{total}</li>"
            total = ", free trial"
        return html(
            verb,
            f'<ul>{lines}</ul><form method="post">{_cards()}<button>{verb}{total}</button></form>{back}',
        )
    session = completing.complete(tx, session, form.get("payment_method", "pm_card_visa"), email=form.get("email"))
    if session["status"] == "complete":
        return go(done)
    return go(completing.authentication_url(tx, session) or f"/checkout/{session_id}")


def portal(tx: Tx, session_id: str, form: Obj | None) -> Reply:
    """Let a member cancel at the end of the period, take that back, or change the card."""
    session = tx.live(session_id, "billing_portal.session")
    members = [
        row
        for row in tx.select("subscription", {"customer": session["customer"]})
        if row["status"] not in billing.ENDED
    ]
    if form is not None:
        chosen = next((row for row in members if row["id"] == form.get("subscription")), None)
        if chosen is None:
            return html("No such subscription", "<p>It has ended, or is not yours.</p>", status=404)
        if form.get("do") == "card":
            method = payment_methods.resolve(tx, form.get("payment_method", "pm_card_visa"), "payment_method")
            payment_methods.attach_to(tx, method, chosen["customer"])
            change: Obj = {"default_payment_method": method["id"]}
        else:
            change = {"cancel_at_period_end": form.get("do") == "cancel"}
        subscription_changes.update(tx, Call((chosen["id"],), change))
        return go(f"/portal/{session_id}")
    parts = [
        f"<p>{escape(_priced(row['items']['data'][0]['price']))}: <b>{escape(row['status'])}</b>"
        f"{', ends with the period' if row['cancel_at_period_end'] else ''}</p>"
        f'<form method="post"><input type="hidden" name="subscription" value="{row["id"]}">'
        f'<button name="do" value="{"resume" if row["cancel_at_period_end"] else "cancel"}">'
        f"{'Resume' if row['cancel_at_period_end'] else 'Cancel at the end of the period'}</button></form>"
        f'<form method="post"><input type="hidden" name="subscription" value="{row["id"]}">{_cards()}'
        '<button class="plain" name="do" value="card">Pay by this card from now on</button></form>'
        for row in members
    ]
    parts += [
        f'<p><a href="/invoices/{row["id"]}">Pay the open invoice of {dollars(row["amount_due"])}</a></p>'
        for row in tx.select("invoice", {"customer": session["customer"], "status": "open"})
    ]
    back = f'<p><a href="{escape(session["return_url"])}">Back</a></p>' if session["return_url"] else ""
    return html("Your membership", ("".join(parts) or "<p>No subscription.</p>") + back)


def _priced(price: Obj) -> str:
    """A price as a person knows it."""
    each = f"{dollars(price['unit_amount'])} a {price['recurring']['interval']}"
    return f"{price['nickname']}, {each}" if price["nickname"] else each


def invoice(tx: Tx, invoice_id: str, form: Obj | None) -> Reply:
    """Show an invoice, and let its payer pay an open one with a test card: their own try, apart from the retries."""
    found = tx.live(invoice_id, "invoice")
    if form is not None:
        given = {"payment_method": form.get("payment_method", "pm_card_visa"), "off_session": False}
        invoices.pay(tx, Call((invoice_id,), given))
        intent = tx.get(found["_"]["intent"], "payment_intent")
        asks = intent["status"] == "requires_action"
        return go(f"/3ds/{intent['id']}" if asks else f"/invoices/{invoice_id}")
    lines = "".join(
        f"<li>{escape(row['description'])}: {dollars(row['amount'])}</li>" for row in found["lines"]["data"]
    )
    pay = ""
    if found["status"] == "open":
        pay = f'<form method="post">{_cards()}<button>Pay {dollars(found["amount_due"])}</button></form>'
    return html(
        f"Invoice {found['number'] or ''}",
        f"<ul>{lines}</ul><p>{dollars(found['amount_due'])}: {escape(found['status'])}</p>{pay}",
    )


def _cards() -> str:
    options = "".join(f'<option value="{name}">{escape(text)}</option>' for name, text in CHOICES)
    return f'<label for="card">Card</label><select id="card" name="payment_method">{options}</select>'


def set_up(tx: Tx, intent_id: str, form: Obj | None) -> Reply:
    """Let somebody authenticate a card that is to be kept."""
    intent = tx.live(intent_id, "setup_intent")
    back = intent["_"].get("return_url")
    if form is None:
        return html(
            "3D Secure",
            "<p>Your bank asks whether this card may be kept.</p>"
            '<form method="post"><button name="success" value="true">Complete</button>'
            '<button class="plain" name="success" value="false">Fail</button></form>',
        )
    intent = setup_intents.authenticate(tx, intent, success=form.get("success") == "true")
    if not back:
        return html("3D Secure", f"<p>The card is now: {escape(intent['status'])}.</p>")
    sign = "&" if "?" in back else "?"
    return go(f"{back}{sign}setup_intent={intent['id']}&redirect_status={intent['status']}")


VIEWS: dict[str, View] = {
    "3ds": three_d_secure,
    "checkout": checkout,
    "invoices": invoice,
    "onboard": onboarding,
    "portal": portal,
    "receipts": receipt,
    "setup": set_up,
}
