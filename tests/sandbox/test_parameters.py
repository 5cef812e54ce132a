"""Requests are held against Stripe's document and, where they name its version, the SDK's typed parameters."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import World, raw
from tools import sandbox_sdk
from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.gateways.stripe.client import StripeApi
from tourpad.sandbox import schema
from tourpad.sandbox.registry import Table

HEADERS = {"Authorization": "Bearer sk_test_tourpad_sandbox"}
TRANSFER: dict[str, Any] = {"amount": 100, "currency": "usd", "destination": "acct_1"}


def refusal(world: World, method: str, path: str, body: str, version: str) -> tuple[int, str | None, str | None]:
    status, answer = raw(world.url, method, path, body, {**HEADERS, "Stripe-Version": version})
    error = answer.get("error", {})
    return status, error.get("code"), error.get("param")


def test_the_schema_is_that_of_the_installed_sdk() -> None:
    """After an upgrade of the SDK: `python -m tools.sandbox_sdk`."""
    shipped = {"version": schema.sdk().version, "operations": schema.sdk().operations}
    assert json.loads(json.dumps(sandbox_sdk.read())) == shipped


def test_every_call_of_the_gateway_has_a_schema() -> None:
    """Each method is called once, and what it would ask Stripe for is looked up."""
    asked: list[tuple[str, str]] = []

    class Listening(StripeApi):
        def _call(self, method: str, path: str, params: StripeDict, **options: str | None) -> StripeDict:  # noqa: ARG002
            asked.append((method.upper(), path))
            return {"data": [], "has_more": False}

    gateway, methods = Listening("sk_test_1", base_url="http://127.0.0.1:9"), 0
    for name, method in inspect.getmembers(gateway, inspect.ismethod):
        if name.startswith("_") or name in ("close", "verify_webhook"):
            continue
        wanted = [p for p in inspect.signature(method).parameters.values() if p.default is p.empty]
        made_up: dict[str, Any] = {"params": {}, "content": b"%PDF-"}
        given = {p.name: made_up.get(p.name, "xx_1") for p in wanted if p.kind is not p.VAR_KEYWORD}
        answer = method(**given)
        methods += 1
        if isinstance(answer, Iterator):
            list(answer)
    gateway.close()

    table = Table()
    names = {found[0] for call in asked if (found := table.find(*call))}
    assert len(asked) == methods >= 45
    assert len(names) == len(set(asked))
    assert names <= schema.sdk().operations.keys() & schema.document().operations.keys()


def test_the_sdk_names_the_version_whose_parameters_are_checked(world: World) -> None:
    assert world.stripe._requestor._options.stripe_version == schema.sdk().version


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"amonut": 1}, "parameter_unknown", "amonut"),
        ({"metadata": {"a": {"b": "c"}}}, None, "metadata[a]"),
        ({"amount": "ten"}, "parameter_invalid_integer", "amount"),
        ({"source_type": {"card": "x"}}, None, "source_type"),
        ({"expand": "destination"}, None, "expand"),
        ({"currency": None}, "parameter_missing", "currency"),
    ],
)
def test_unknown_missing_and_malformed_parameters_are_refused(
    world: World, change: dict[str, Any], code: str | None, param: str
) -> None:
    params = {name: value for name, value in (TRANSFER | change).items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.transfers.create(params)  # type: ignore[arg-type]
    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


def test_what_the_sdks_version_dropped_is_refused_in_it_and_taken_in_the_documents(world: World) -> None:
    body = "amount=500&currency=usd&payment_method_types[0]=card"
    newer, older = schema.sdk().version, schema.document().version
    unknown = (400, "parameter_unknown", "payment_method_types")
    assert refusal(world, "POST", "/v1/payment_intents", body, newer) == unknown
    assert refusal(world, "POST", "/v1/payment_intents", body, older)[0] == 200


@pytest.mark.stripe_unrecorded  # the document is older than the version that these calls are made in
def test_account_links_in_the_sdks_version_name_no_configurations(world: World) -> None:
    onboarding = {"refresh_url": "https://example.com/again"}
    wanted: Any = {
        "account": world.payee(onboarded=False),
        "use_case": {"type": "account_onboarding", "account_onboarding": onboarding},
    }
    assert world.v2.core.account_links.create(wanted).url.startswith(world.url)
    onboarding["configurations"] = ["recipient"]  # type: ignore[assignment]
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter: use_case"):
        world.v2.core.account_links.create(wanted)
    assert refusal(
        world, "POST", "/v2/core/account_links", json.dumps({**wanted, "use_case": {
            "type": "account_onboarding", "account_onboarding": {"refresh_url": "https://example.com"},
        }}), schema.document().version,
    )[0] == 400  # fmt: skip
