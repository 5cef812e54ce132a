"""Paying over HTTP, and the doors that Stripe knocks on."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from tests.factories.bookings import make_booking, make_pair
from tests.factories.concerts import ask, make_concert, make_fan
from tests.factories.payments import ACTOR, balances, refund
from tests.stripe_sandbox import Sandbox
from tests.web.api import Api, opened
from tourpad.core.gateways.stripe import StripeDeclined
from tourpad.core.payments import queries
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.settings import SANDBOX_CONNECT_WEBHOOK_SECRET, SANDBOX_WEBHOOK_SECRET
from tourpad.sandbox.deliver import sign

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

NOWHERE = "01970000-0000-7000-8000-000000000000"
PLATFORM, CONNECT = "/api/payments/webhook", "/api/payments/webhook/connect"


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    """The API on the sandbox's platform."""
    with opened(sandbox.platform) as api:
        yield api


@pytest.fixture
def asked(api: Api) -> tuple[UUID, UUID]:
    """A fan with two approved seats of $15 each: the fan's account and the request."""
    with api.setting() as work:
        fan = make_fan(work)
        return fan, ask(work, make_concert(work), guests=2, fan=fan).id


def intent_of(api: Api, who: UUID, **body: Any) -> Any:
    return api.client.post("/api/payments/create-intent", headers=api.sign_in(who), json=body)


def test_a_payer_is_told_what_to_do_next_and_no_more_than_the_holder_may_know(
    api: Api, sandbox: Sandbox, asked: tuple[UUID, UUID]
) -> None:
    fan, rsvp_id = asked
    body = intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id)).json()
    path = f"/v1/payment_intents/{body['paymentIntentId']}/confirm"

    def seen() -> tuple[Any, ...]:
        sandbox.news()
        (one,) = api.client.get("/api/payments", headers=api.sign_in(fan)).json()["payments"]
        return one["status"], one["nextStep"], one["failureCode"], one["failureMessage"]

    def give(card: str) -> None:
        with suppress(StripeDeclined):
            sandbox.stripe._post(path, {"payment_method": card, "return_url": "https://a.example"}, key=f"try-{card}")  # type: ignore[attr-defined]  # as Stripe's form does

    assert (body["nextStep"], seen()) == ("pay", ("pending", "pay", None, None))
    give("pm_card_visa_chargeDeclinedStolenCard")
    assert seen() == ("failed", "pay", "generic_decline", "Your card was declined.")
    give("pm_card_threeDSecure2Required")
    assert seen() == ("pending", "authenticate", None, None)
    assert intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id)).json()["nextStep"] == "authenticate"
    sandbox.control(f"payment_intents/{body['paymentIntentId']}/authenticate", {"success": False})
    assert seen()[:2] == ("failed", "pay")
    assert seen()[3] == "The confirmation by your bank (3D Secure) did not go through."
    give("pm_card_visa")
    assert seen() == ("completed", None, None, None)


def test_a_fan_pays_the_door_and_has_a_receipt(api: Api, sandbox: Sandbox, asked: tuple[UUID, UUID]) -> None:
    fan, rsvp_id = asked
    made = intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id), amountCents=3000, currency="usd")
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["amountCents"], body["currency"]) == (3000, "USD")
    assert body["clientSecret"].startswith(body["paymentIntentId"])
    assert intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id)).json() == body

    me = api.sign_in(fan)
    path = f"/api/payments/{body['paymentId']}/receipt"
    early = api.client.get(path, headers=me)
    assert (early.status_code, early.json()["code"]) == (409, "nothing_owed")

    sandbox.stripe.confirm_payment_intent(body["paymentIntentId"], {"payment_method": "pm_card_visa"}, key="pay")
    sandbox.news()
    refund(sandbox.platform, UUID(body["paymentId"]), 1000)
    send_refunds(sandbox.platform, ACTOR)

    receipt = api.client.get(path, headers=me).json()
    assert [line["amountCents"] for line in receipt["lines"]] == [3000, -1000]
    assert (receipt["totalCents"], receipt["payerName"]) == (2000, "Cleo Okafor")
    listed = api.client.get("/api/payments", headers=me).json()
    assert listed["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1}
    (payment,) = listed["payments"]
    assert (payment["status"], payment["refundedCents"], payment["receiptNumber"]) == (
        "partly_refunded",
        1000,
        receipt["receiptNumber"],
    )
    assert (payment["paymentType"], payment["referenceId"]) == ("door_fee", str(rsvp_id))


def test_a_host_secures_a_date(api: Api, sandbox: Sandbox) -> None:
    with api.setting() as work:
        pair = make_pair(work)
        booking = make_booking(work, pair, state="approved", fee=20_000)
    body = intent_of(api, pair.host_user, paymentType="booking", bookingId=str(booking.id)).json()

    sandbox.stripe.confirm_payment_intent(body["paymentIntentId"], {"payment_method": "pm_card_visa"}, key="pay")
    sandbox.news()

    me = api.sign_in(pair.host_user)
    assert api.client.get(f"/api/bookings/{booking.id}", headers=me).json()["booking"]["status"] == "confirmed"
    assert balances(sandbox.platform)[f"held:{booking.concert_id}"] == -20_000


def test_another_amount_or_currency_than_what_is_owed_is_refused(api: Api, asked: tuple[UUID, UUID]) -> None:
    fan, rsvp_id = asked

    off = intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id), amountCents=2999)
    foreign = intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id), currency="eur")

    assert (off.status_code, off.json()["code"]) == (422, "amount_mismatch")
    assert off.json()["errors"] == [{"field": "amountCents", "message": "3000 cents are owed, not 2999"}]
    assert (foreign.status_code, foreign.json()["code"]) == (422, "amount_mismatch")
    with api.platform.work(ACTOR) as work:
        assert queries.payments(work, queries.PaymentFilter())[1] == 0


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"paymentType": "booking"}, 422, "invalid_input", "bookingId"),
        ({"paymentType": "door_fee"}, 422, "invalid_input", "rsvpId"),
        ({"paymentType": "tip"}, 422, "invalid_input", "paymentType"),
        ({"paymentType": "door_fee", "rsvpId": "12"}, 422, "invalid_input", "rsvpId"),
        ({"paymentType": "door_fee", "rsvpId": NOWHERE}, 404, "not_found", None),
        ({"paymentType": "booking", "bookingId": NOWHERE}, 404, "not_found", None),
        ({"paymentType": "membership"}, 409, "refused", None),
    ],
)
def test_what_can_not_be_paid_here_is_said(
    api: Api, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    with api.setting() as work:
        fan = make_fan(work)

    answer = intent_of(api, fan, **body)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [error["field"] for error in answer.json().get("errors", [])] == ([field] if field else [])


def test_somebody_else_s_seats_and_receipts_are_not_there(api: Api, asked: tuple[UUID, UUID]) -> None:
    fan, rsvp_id = asked
    with api.setting() as work:
        other = make_fan(work)
    payment_id = intent_of(api, fan, paymentType="door_fee", rsvpId=str(rsvp_id)).json()["paymentId"]

    assert intent_of(api, other, paymentType="door_fee", rsvpId=str(rsvp_id)).status_code == 404
    headers = api.sign_in(other)
    assert api.client.get(f"/api/payments/{payment_id}/receipt", headers=headers).status_code == 404
    assert api.client.get("/api/payments", headers=headers).json()["payments"] == []


# Webhooks.


def event(number: int = 1, **more: Any) -> bytes:
    body: dict[str, Any] = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "charge.updated",
        "created": 1_772_366_400,
        "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "pi_nowhere"}},
    }
    return json.dumps(body | more).encode()


def knock(
    api: Api,
    sandbox: Sandbox,
    body: bytes,
    *,
    path: str = PLATFORM,
    secret: str = SANDBOX_WEBHOOK_SECRET,
    late: int = 0,
) -> Any:
    stamp = int(sandbox.clock.now().timestamp()) - late
    return api.client.post(path, content=body, headers={"stripe-signature": sign(body, secret, stamp)})


def inbox(api: Api) -> list[tuple[str, str]]:
    with api.platform.work(ACTOR) as work:
        return [(row.stripe_event_id, row.endpoint) for row in queries.events(work)[0]]


def test_a_signed_event_is_stored_and_answered_at_once(api: Api, sandbox: Sandbox) -> None:
    answer = knock(api, sandbox, event())

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert inbox(api) == [("evt_1", "platform")]


def test_the_same_event_again_is_taken_and_kept_once(api: Api, sandbox: Sandbox) -> None:
    for _ in range(3):
        assert knock(api, sandbox, event()).status_code == 200

    assert inbox(api) == [("evt_1", "platform")]


def test_each_endpoint_has_its_own_secret(api: Api, sandbox: Sandbox) -> None:
    wrong = knock(api, sandbox, event(), path=CONNECT)
    right = knock(api, sandbox, event(2), path=CONNECT, secret=SANDBOX_CONNECT_WEBHOOK_SECRET)

    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_signature")
    assert right.status_code == 200
    assert inbox(api) == [("evt_2", "connect")]


def test_a_forged_altered_or_stale_event_is_refused(api: Api, sandbox: Sandbox) -> None:
    body = event()
    stamp = int(sandbox.clock.now().timestamp())
    header = sign(body, SANDBOX_WEBHOOK_SECRET, stamp)

    forged = knock(api, sandbox, body, secret="whsec_guessed")
    stale = knock(api, sandbox, body, late=301)
    early = knock(api, sandbox, body, late=-301)
    altered = api.client.post(PLATFORM, content=body + b" ", headers={"stripe-signature": header})
    unsigned = api.client.post(PLATFORM, content=body)
    nonsense = api.client.post(
        PLATFORM, content=body, headers={b"stripe-signature": "t=soon,v1=xyz,v1=ü".encode("latin-1")}
    )

    for answer in (forged, stale, early, altered, unsigned, nonsense):
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert inbox(api) == []
    assert knock(api, sandbox, body, late=299).status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"evt_1"', b'{"id": 1}', b'{"id": "evt_1", "object": "charge"}', b"\xff"]
)
def test_what_is_signed_and_no_event_is_refused(api: Api, sandbox: Sandbox, body: bytes) -> None:
    answer = knock(api, sandbox, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_signature")
    assert inbox(api) == []


def test_an_oversized_event_is_refused_before_it_is_read(api: Api, sandbox: Sandbox) -> None:
    answer = knock(api, sandbox, event(padding="x" * 1_100_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert inbox(api) == []


def test_without_a_secret_there_is_no_endpoint(
    platform: "Platform", environment: dict[str, str], sandbox: Sandbox
) -> None:
    from dataclasses import replace

    from tourpad.core.settings import Env

    platform.settings = replace(platform.settings, env=Env.STAGING)
    with opened(platform) as api:
        for path in (PLATFORM, CONNECT):
            answer = knock(api, sandbox, event(), path=path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert environment["TOURPAD_ENV"] == "test"


def test_a_thin_event_is_stored_with_what_it_is_about(api: Api, sandbox: Sandbox) -> None:
    thin = {
        "id": "evt_test_thin",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-03-01T11:59:00.000Z",
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    answer = knock(api, sandbox, json.dumps(thin).encode(), path=CONNECT, secret=SANDBOX_CONNECT_WEBHOOK_SECRET)

    assert answer.status_code == 200
    with api.platform.work(ACTOR) as work:
        ((row,), _) = queries.events(work)
    assert (row.object_id, row.created_at) == ("acct_1", sandbox.clock.now() - timedelta(minutes=1))
