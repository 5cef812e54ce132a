"""Paying at the door: by link and QR, what one can, and walk-ups; each against the sandbox's own pages."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import segno
from PIL import Image

from tests import plain_http
from tests.factories.bookings import make_pair
from tests.factories.concerts import ask, make_concert, make_fan
from tests.factories.payments import ACTOR, balances, findings
from tests.stripe_sandbox import Sandbox
from tests.web.api import Api, opened
from tourpad.core.actors import job_actor
from tourpad.core.bookings.states import DoorMode

JOB = job_actor("test")


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Api]:
    with opened(sandbox.platform) as api:
        yield api


class Door:
    """A concert tonight, its host, and a party of two that owes for its seats."""

    def __init__(self, api: Api, sandbox: Sandbox, *, hours_before: int = 3, **terms: Any) -> None:
        self.api, self.sandbox = api, sandbox
        with api.setting() as work:
            self.pair = make_pair(work, address=True)
            concert = make_concert(work, self.pair, capacity=6, **terms)
            self.concert_id, starts_at = concert.id, concert.starts_at
            self.fan = make_fan(work, name="Cleo Okafor")
        sandbox.clock.set(starts_at - timedelta(hours=hours_before))
        sandbox.running.engine.run_due()
        with api.setting() as work:
            self.rsvp_id = ask(work, concert, 2, fan=self.fan).id

    def link(self, who: UUID, rsvp_id: Any = None) -> Any:
        return self.api.client.get(f"/api/rsvps/{rsvp_id or self.rsvp_id}/pay-link", headers=self.api.sign_in(who))

    def url(self, rsvp_id: Any = None) -> str:
        answer = self.link(self.pair.host_user, rsvp_id)
        assert answer.status_code == 200, answer.text
        return answer.json()["payLink"]["url"]

    def walk_up(self, guests: int, name: str = "Ben Lee", who: UUID | None = None) -> Any:
        return self.api.client.post(
            f"/api/concerts/{self.concert_id}/walk-ups",
            headers=self.api.sign_in(who or self.pair.host_user),
            json={"name": name, "guestsCount": guests},
        )

    def press(self, url: str, **form: str) -> Any:
        return self.api.client.post(path_of(url), data={"go": "1", **form})

    def guests(self) -> dict[str, Any]:
        answer = self.api.client.get(
            f"/api/concerts/{self.concert_id}/rsvps", headers=self.api.sign_in(self.pair.host_user)
        )
        return {guest["name"]: guest for guest in answer.json()["rsvps"]}

    def held(self) -> int:
        return -balances(self.sandbox.platform).get(f"held:{self.concert_id}", 0)


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def stripe_page(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return re.findall(r'href="([^"]+/checkout/[^"]+)"', answer.text)[0]


def pay_there(page: str, card: str = "pm_card_visa") -> httpx.Response:
    return plain_http.post(page, data={"payment_method": card}, follow_redirects=False)


def test_a_guest_pays_at_the_door_by_the_hosts_link(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox)
    link = door.link(door.pair.host_user).json()["payLink"]
    assert (link["amountCents"], link["namedByPayer"]) == (3_000, False)
    shown = api.client.get(path_of(link["url"]))
    assert "2 seats: Juniper Vale" in shown.text
    assert "Pay $30.00" in shown.text
    for private in ("Cleo", "Mill Lane", "Columbus", str(door.rsvp_id), str(door.fan)):
        assert private not in shown.text

    page = stripe_page(door.press(link["url"]))
    assert stripe_page(door.press(link["url"])) == page  # pressed twice is one page
    assert "$30.00" in plain_http.get(page).text
    declined = pay_there(page, "pm_card_chargeDeclined")
    assert declined.status_code == 402
    sandbox.news()
    assert stripe_page(door.press(link["url"])) == page  # the next card, on the same payment
    back = pay_there(page).headers["location"]
    assert back == f"{link['url']}?paid=1"
    waits = api.client.get(path_of(back)).text
    assert "about to tell us" in waits  # the news has not come: nobody is asked to pay a second time
    assert "Pay $30.00" not in waits
    assert "It is paid" in door.press(link["url"]).text  # although the news has not come
    sandbox.news()

    assert "It is paid" in api.client.get(path_of(link["url"])).text
    assert "It is paid" in api.client.get(path_of(back)).text
    assert door.guests()["Cleo Okafor"]["paidAt"] is not None
    (payment,) = api.client.get("/api/payments", headers=api.sign_in(door.fan)).json()["payments"]
    assert (payment["status"], payment["amountCents"]) == ("completed", 3_000)
    intents = sandbox.state()["payment_intent"]
    assert [(i["amount"], i["transfer_group"]) for i in intents] == [(3_000, f"concert_{door.concert_id}")]
    assert set(intents[0]["metadata"]) == {"kind", "concert_id", "charge_id", "intent_id"}
    assert (door.held(), findings(sandbox.platform)) == (3_000, [])
    assert door.link(door.fan).json()["code"] == "already_paid"


def test_three_d_secure_on_the_page(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox)
    page = stripe_page(door.press(door.url()))
    bank = pay_there(page, "pm_card_authenticationRequired").headers["location"]
    sandbox.news()
    assert door.guests()["Cleo Okafor"]["paidAt"] is None
    plain_http.post(bank, data={"success": "true"})
    sandbox.news()
    assert (door.held(), door.guests()["Cleo Okafor"]["paidAt"] is not None) == (3_000, True)


def test_app_and_link_are_one_payment_at_a_time(api: Api, sandbox: Sandbox) -> None:
    """Whoever begins in the app, then by the link, then in the app again can't pay twice."""
    door = Door(api, sandbox)
    begin = {"paymentType": "door_fee", "rsvpId": str(door.rsvp_id)}

    def in_app() -> Any:
        return api.client.post("/api/payments/create-intent", headers=api.sign_in(door.fan), json=begin).json()

    first = in_app()
    page = stripe_page(door.press(door.url()))
    ended = sandbox.stripe.get_payment_intent(first["paymentIntentId"])
    assert ended["status"] == "canceled"
    again = in_app()
    assert plain_http.get(page).status_code == 410
    sandbox.stripe.confirm_payment_intent(again["paymentIntentId"], {"payment_method": "pm_card_visa"}, key="app")
    sandbox.news()
    assert door.held() == 3_000
    assert len([c for c in sandbox.state()["charge"] if c["status"] == "succeeded"]) == 1


def test_a_page_whose_answer_was_lost_is_the_same_page(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox)
    url = door.url()
    sandbox.fault(operation="POST /v1/checkout/sessions", fault="drop_reply", times=3)
    assert door.press(url).status_code == 502
    page = stripe_page(door.press(url))
    assert len(sandbox.state()["checkout.session"]) == 1
    pay_there(page)
    sandbox.news()
    assert door.held() == 3_000


def test_links_are_signed_and_short_lived_and_for_those_whom_they_concern(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox)
    url = door.url()
    assert door.link(door.pair.artist_user).status_code == 404
    with api.setting() as work:
        stranger = make_fan(work)
    assert door.link(stranger).status_code == 404
    token = url.rsplit("/", 1)[1]
    flipped = token[:10] + ("A" if token[10] != "A" else "B") + token[11:]
    for bad in (flipped, token[:-3], "x", "%00", token + "A"):
        assert api.client.get(f"/pay/{bad}").status_code == 404, bad
        assert api.client.post(f"/pay/{bad}", data={"go": "1"}).status_code == 404
    svg = api.client.get(f"/api/rsvps/{door.rsvp_id}/pay-link/qr", headers=api.sign_in(door.fan))
    png = api.client.get(f"/api/rsvps/{door.rsvp_id}/pay-link/qr?format=png", headers=api.sign_in(door.fan))
    wanted = io.BytesIO()
    segno.make(url, error="m").save(wanted, kind="svg", scale=8, border=4)
    assert (svg.headers["content-type"], svg.content) == ("image/svg+xml", wanted.getvalue())
    picture = Image.open(io.BytesIO(png.content))
    assert (picture.format, picture.width > 200) == ("PNG", True)
    sandbox.advance(timedelta(hours=3))
    assert api.client.get(path_of(url)).status_code == 404


def test_guests_who_pay_what_they_can(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox, mode=DoorMode.PAY_WHAT_YOU_CAN, door=0, minimum=500, suggested=1_500)
    me = api.sign_in(door.fan)
    seen = api.client.get(f"/api/concerts/{door.concert_id}", headers=me).json()["concert"]
    assert (seen["doorMode"], seen["doorFeeCents"], seen["doorMinimumCents"], seen["doorSuggestedCents"]) == (
        "pay_what_you_can",
        0,
        500,
        1_500,
    )

    def begin(**amount: Any) -> Any:
        body = {"paymentType": "door_fee", "rsvpId": str(door.rsvp_id), **amount}
        return api.client.post("/api/payments/create-intent", headers=me, json=body)

    silent, less = begin(), begin(amountCents=999)
    assert (silent.status_code, silent.json()["errors"][0]["field"]) == (422, "amountCents")
    assert (less.status_code, less.json()["code"], less.json()["details"]["minimumCents"]) == (
        409,
        "amount_below_minimum",
        1_000,
    )
    assert "payment_intent" not in sandbox.state()
    named = begin(amountCents=1_001).json()
    assert named["amountCents"] == 1_001

    url = door.url()
    asked = api.client.get(path_of(url)).text
    assert 'value="30.00"' in asked
    assert "from $10.00 on" in asked
    assert "is less than $10.00" in door.press(url, amount="9.99").text
    assert "Name what you pay: $10.00 or more." in door.press(url, amount="ten").text
    for nonsense in ("", "ten", "1e9", "-5", "10.005", "NaN", "12,35", "10001"):
        assert door.press(url, amount=nonsense).status_code in (409, 422), nonsense
    pay_there(stripe_page(door.press(url, amount="$12.35")))
    sandbox.news()

    guest = door.guests()["Cleo Okafor"]
    assert (guest["feeCents"], guest["paidAt"] is not None, door.held()) == (1_235, True, 1_235)
    assert sandbox.stripe.get_payment_intent(named["paymentIntentId"])["status"] == "canceled"
    assert findings(sandbox.platform) == []


def test_with_no_floor_seats_are_certain_and_a_gift_is_welcome_until_the_end(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox, mode=DoorMode.PAY_WHAT_YOU_CAN, door=0)
    guest = door.guests()["Cleo Okafor"]
    assert (guest["status"], guest["feeCents"], guest["expiresAt"]) == ("approved", 0, None)
    sandbox.advance(timedelta(hours=3, minutes=30))
    from tourpad.core.concerts.procedures import advance_due

    advance_due(sandbox.platform, JOB)
    url = door.url()
    assert "is less than $0.50, the least that a card can be charged" in door.press(url, amount="0.49").text
    pay_there(stripe_page(door.press(url, amount="20")))
    sandbox.news()
    assert (door.held(), door.guests()["Cleo Okafor"]["feeCents"]) == (2_000, 2_000)


def test_a_walk_up_fits_pays_by_the_link_and_comes_in(api: Api, sandbox: Sandbox) -> None:
    door = Door(api, sandbox)
    assert door.walk_up(5).json()["code"] == "no_room"
    assert [door.walk_up(1, who=who).status_code for who in (door.pair.artist_user, door.fan)] == [403, 403]
    assert door.walk_up(1, name=" ").json()["errors"][0]["field"] == "name"
    made = door.walk_up(3).json()
    assert (made["rsvp"]["status"], made["payLink"]["amountCents"]) == ("approved", 4_500)
    url, rsvp_id = made["payLink"]["url"], made["rsvp"]["id"]
    host = api.sign_in(door.pair.host_user)
    check_in = f"/api/concerts/{door.concert_id}/check-in"
    early = api.client.post(check_in, headers=host, json={"rsvpId": rsvp_id})
    assert early.json()["code"] == "not_confirmed"

    page = stripe_page(door.press(url))
    pay_there(page, "pm_card_chargeDeclined")
    sandbox.news()
    pay_there(page)
    sandbox.news()

    assert api.client.post(check_in, headers=host, json={"rsvpId": rsvp_id}).json()["status"] == "checked_in"
    (payment,) = api.client.get("/api/payments", headers=host).json()["payments"]
    receipt = api.client.get(f"/api/payments/{payment['id']}/receipt", headers=host).json()
    assert (receipt["payerName"], receipt["totalCents"]) == ("Ben Lee", 4_500)
    with sandbox.platform.work(ACTOR) as work:
        from tests.factories.bookings import told

        assert not {"payment_failed", "rsvp_paid"} & set(told(work, door.pair.host_user))
    assert (door.held(), findings(sandbox.platform)) == (4_500, [])


def test_a_walk_up_who_does_not_pay_loses_the_seats_and_late_money_goes_back(api: Api, sandbox: Sandbox) -> None:
    from tourpad.core.concerts.procedures import lapse_due
    from tourpad.core.payments.procedures import send_refunds

    door = Door(api, sandbox)
    made = door.walk_up(4).json()
    page = stripe_page(door.press(made["payLink"]["url"]))
    assert door.walk_up(1).json()["code"] == "no_room"
    sandbox.advance(timedelta(minutes=31))
    assert lapse_due(sandbox.platform, JOB) == {"lapsed": 1}
    assert door.walk_up(1).status_code == 201

    assert pay_there(page).status_code == 303  # Stripe's page outlives ours by minutes
    sandbox.news()
    assert send_refunds(sandbox.platform, JOB)["sent"] == 1
    sandbox.news()
    assert (door.held(), door.guests()["Ben Lee"]["status"]) == (0, "approved")
    assert sandbox.state()["charge"][0]["refunded"] is True
    assert findings(sandbox.platform) == []
