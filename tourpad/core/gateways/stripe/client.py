# ruff: noqa: D102 - the protocol says what each method does
"""The real side: the SDK's client, set up as measured, answering plain dictionaries."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn
from urllib.parse import quote

import stripe

from tourpad.core.gateways.stripe import signature
from tourpad.core.gateways.stripe.errors import StripeDeclined, StripeUncertain
from tourpad.core.gateways.stripe.protocol import StripeDict
from tourpad.core.gateways.stripe.transport import TIMEOUT_S, PlainClient
from tourpad.core.watch import traces

RETRIES = 2
PAGE = 100
"""Rows a page of a list; Stripe's largest."""
ACCOUNT_LINKS_VERSION = "2026-05-27.dahlia"
"""The version in which these calls are made: that of the document that ours are held against, which requires
`configurations`. From 2026-09-30.endive on it is refused
(https://docs.stripe.com/changelog/endive/2026-09-30/removes-configurations-parameter-from-v2-core-account-links-api).
"""
SERVER_ERROR = 500
UNCERTAIN_STATUS = frozenset({401, 403, 409, 429})
"""Beside 5xx. 401 and 403: our key is not good, and nothing was looked at. 409: another call is at it."""
_AN_ID: Final = re.compile(r"[a-z]+_(?=\w*[0-9A-Z])\w{6,}")


class StripeApi:
    """`StripeGateway` over HTTP. Threads may share it: each has its own kept-alive connection."""

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str | None = None,
        is_sandbox: bool = False,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        """Talk to Stripe, or to the server at `base_url`; `on_close` stops what was started for it."""
        self._base_url = (base_url or stripe.DEFAULT_API_BASE).rstrip("/")
        self._is_sandbox = is_sandbox
        self._on_close = on_close
        plain = self._base_url.startswith("http://")
        self._http = PlainClient() if plain else stripe.RequestsClient(timeout=TIMEOUT_S)
        self._client = stripe.StripeClient(
            api_key,
            # Stripe takes files at an address of its own, any other server at its one.
            base_addresses={"api": self._base_url, "files": base_url or stripe.DEFAULT_UPLOAD_API_BASE},
            max_network_retries=RETRIES,
            http_client=self._http,
        )

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self._base_url

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the local sandbox."""
        return self._is_sandbox

    def close(self) -> None:
        """Give back connections and stop what was started for it."""
        self._http.close()
        if self._on_close is not None:
            self._on_close()
            self._on_close = None

    # files

    def upload_evidence(self, name: str, content: bytes, *, key: str) -> StripeDict:
        file = io.BytesIO(content)
        file.name = name  # what the SDK calls it in the form
        params = {"purpose": "dispute_evidence", "file": file}
        form = "multipart/form-data"
        return self._call("post", "/v1/files", params, base="files", content_type=form, idempotency_key=key)

    # customers

    def create_customer(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/customers", params, key=key)

    def update_customer(self, customer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/customers/{_id(customer_id)}", params, key=key)

    def get_customer(self, customer_id: str) -> StripeDict:
        return self._get(f"/v1/customers/{_id(customer_id)}")

    # money in

    def create_payment_intent(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/payment_intents", params, key=key)

    def get_payment_intent(self, intent_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/payment_intents/{_id(intent_id)}", expand=expand)

    def confirm_payment_intent(self, intent_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/payment_intents/{_id(intent_id)}/confirm", params, key=key)

    def cancel_payment_intent(self, intent_id: str, *, key: str) -> StripeDict:
        return self._post(f"/v1/payment_intents/{_id(intent_id)}/cancel", {}, key=key)

    def get_charge(self, charge_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/charges/{_id(charge_id)}", expand=expand)

    def get_early_fraud_warning(self, warning_id: str) -> StripeDict:
        return self._get(f"/v1/radar/early_fraud_warnings/{_id(warning_id)}")

    # money back

    def create_refund(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/refunds", params, key=key)

    def get_refund(self, refund_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/refunds/{_id(refund_id)}", expand=expand)

    def list_refunds(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/refunds", filters)

    def get_dispute(self, dispute_id: str) -> StripeDict:
        return self._get(f"/v1/disputes/{_id(dispute_id)}")

    def list_disputes(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/disputes", filters)

    def update_dispute(self, dispute_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/disputes/{_id(dispute_id)}", params, key=key)

    def close_dispute(self, dispute_id: str, *, key: str) -> StripeDict:
        return self._post(f"/v1/disputes/{_id(dispute_id)}/close", {}, key=key)

    # the platform's balance

    def get_balance(self) -> StripeDict:
        return self._get("/v1/balance")

    def get_balance_transaction(self, transaction_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/balance_transactions/{_id(transaction_id)}", expand=expand)

    def list_balance_transactions(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/balance_transactions", filters)

    def create_payout(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/payouts", params, key=key)

    def get_payout(self, payout_id: str, *, account: str | None = None, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/payouts/{_id(payout_id)}", account=account, expand=expand)

    def list_payouts(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/payouts", filters)

    # money on

    def create_transfer(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/transfers", params, key=key)

    def get_transfer(self, transfer_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/transfers/{_id(transfer_id)}", expand=expand)

    def list_transfers(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/transfers", filters)

    def reverse_transfer(self, transfer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/transfers/{_id(transfer_id)}/reversals", params, key=key)

    def list_reversals(self, transfer_id: str) -> Iterator[StripeDict]:
        return self._pages(f"/v1/transfers/{_id(transfer_id)}/reversals", {})

    # connected accounts

    def create_account(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v2/core/accounts", params, key=key)

    def get_account(self, account_id: str, *, include: Sequence[str] = ()) -> StripeDict:
        params: StripeDict = {"include": list(include)} if include else {}
        return self._call("get", f"/v2/core/accounts/{_id(account_id)}", params)

    def create_account_link(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v2/core/account_links", params, key=key, version=ACCOUNT_LINKS_VERSION)

    # memberships

    def create_checkout_session(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/checkout/sessions", params, key=key)

    def get_checkout_session(self, session_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/checkout/sessions/{_id(session_id)}", expand=expand)

    def expire_checkout_session(self, session_id: str, *, key: str) -> StripeDict:
        return self._post(f"/v1/checkout/sessions/{_id(session_id)}/expire", {}, key=key)

    def create_portal_session(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/billing_portal/sessions", params, key=key)

    def get_subscription(self, subscription_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/subscriptions/{_id(subscription_id)}", expand=expand)

    def list_subscriptions(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/subscriptions", filters)

    def update_subscription(self, subscription_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/subscriptions/{_id(subscription_id)}", params, key=key)

    def cancel_subscription(self, subscription_id: str, *, key: str) -> StripeDict:
        return self._call("delete", f"/v1/subscriptions/{_id(subscription_id)}", {}, idempotency_key=key)

    def get_invoice(self, invoice_id: str, *, expand: Sequence[str] = ()) -> StripeDict:
        return self._get(f"/v1/invoices/{_id(invoice_id)}", expand=expand)

    def void_invoice(self, invoice_id: str, *, key: str) -> StripeDict:
        return self._post(f"/v1/invoices/{_id(invoice_id)}/void", {}, key=key)

    def preview_invoice(self, params: StripeDict) -> StripeDict:
        return self._call("post", "/v1/invoices/create_preview", _ordered(params))

    def list_invoice_payments(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/invoice_payments", filters)

    def create_credit(self, customer_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/customers/{_id(customer_id)}/balance_transactions", params, key=key)

    def list_credits(self, customer_id: str) -> Iterator[StripeDict]:
        return self._pages(f"/v1/customers/{_id(customer_id)}/balance_transactions", {})

    def create_portal_configuration(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/billing_portal/configurations", params, key=key)

    def update_portal_configuration(self, configuration_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/billing_portal/configurations/{_id(configuration_id)}", params, key=key)

    def list_portal_configurations(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/billing_portal/configurations", filters)

    def list_prices(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/prices", filters)

    def create_price(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/prices", params, key=key)

    def update_price(self, price_id: str, params: StripeDict, *, key: str) -> StripeDict:
        return self._post(f"/v1/prices/{_id(price_id)}", params, key=key)

    def list_products(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/products", filters)

    def create_product(self, params: StripeDict, *, key: str) -> StripeDict:
        return self._post("/v1/products", params, key=key)

    # events

    def list_events(self, **filters: Any) -> Iterator[StripeDict]:
        return self._pages("/v1/events", filters)

    def get_event(self, event_id: str) -> StripeDict:
        return self._get(f"/v1/events/{_id(event_id)}")

    def verify_webhook(self, payload: bytes, header: str, secret: str, now: datetime) -> StripeDict:
        """See `signature.verify`."""
        return signature.verify(payload, header, secret, now)

    # how a call is made

    def _get(self, path: str, *, expand: Sequence[str] = (), account: str | None = None, **params: Any) -> StripeDict:
        if expand:
            params["expand"] = list(expand)
        return self._call("get", path, params, stripe_account=account)

    def _post(self, path: str, params: StripeDict, *, key: str, version: str | None = None) -> StripeDict:
        return self._call("post", path, _ordered(params), idempotency_key=key, stripe_version=version)

    def _pages(self, path: str, filters: StripeDict) -> Iterator[StripeDict]:
        """Every row of a list, newest first. Filters that are None are left out; `account` is whose it is."""
        params = {name: value for name, value in filters.items() if value is not None}
        account = params.pop("account", None)
        params.setdefault("limit", PAGE)
        while True:
            page = self._call("get", path, params, stripe_account=account)
            rows: list[StripeDict] = page["data"]
            yield from rows
            if not page.get("has_more") or not rows:
                return
            params["starting_after"] = rows[-1]["id"]

    def _call(self, method: str, path: str, params: StripeDict, **options: str | None) -> StripeDict:
        given = {name: value for name, value in options.items() if value}
        try:
            with traces.span(f"stripe {method} {_resource(path)}", kind="client"):
                answer: Any = self._client.raw_request(method, path, **params, **given)
        except stripe.StripeError as error:
            _raise(error)
        return answer.data


def _ordered(value: Any) -> Any:
    """The same parameters in one order: a stored call that is sent again must be the same to the byte."""
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def _resource(path: str) -> str:
    """`/v1/payment_intents/pi_…/confirm` without the ids, which are of too many values."""
    return "/".join("{id}" if _AN_ID.fullmatch(part) else part for part in path.split("/"))


def _id(text: str) -> str:
    """An id as one segment of a path, whatever is in it."""
    return quote(text, safe="")


def _raise(error: stripe.StripeError) -> NoReturn:
    """Sort the SDK's errors into a definitive no and not knowing."""
    status = error.http_status
    message = str(error.user_message or error) or type(error).__name__
    unknown = status is None or status >= SERVER_ERROR or status in UNCERTAIN_STATUS
    if unknown or isinstance(error, stripe.IdempotencyError):
        raise StripeUncertain(f"Stripe: {message}", status=status, stripe_code=error.code) from error
    body: Any = error.json_body
    details: Any = body.get("error", {}) if isinstance(body, dict) else {}
    raise StripeDeclined(
        message,
        code=details.get("code") or error.code,
        decline_code=details.get("decline_code"),
        param=details.get("param"),
        status=status,
        request_id=error.request_id,
    ) from error
