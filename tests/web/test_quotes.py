"""Quotes over HTTP: the same numbers before and after, the same as the command's; stale ones are refused."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.factories.bookings import make_pair
from tests.factories.concerts import fan_of, make_concert, seat
from tests.web.api import Api

if TYPE_CHECKING:
    from tests.command import Command
    from tourpad.core.clock import VirtualClock


def snake(value: Any) -> Any:
    """The API's names as the command writes them."""
    if isinstance(value, dict):
        return {"".join(f"_{c.lower()}" if c.isupper() else c for c in k): snake(v) for k, v in value.items()}
    return [snake(v) for v in value] if isinstance(value, list) else value


def test_a_host_sees_what_it_costs_before_it_is_done(api: Api, clock: "VirtualClock", cli: "Command") -> None:
    with api.setting() as work:
        pair = make_pair(work)
        concert = make_concert(work, pair, fee=20_000)
        seat(work, concert, 2)
        starts_at, path = concert.starts_at, f"/api/concerts/{concert.id}"
    clock.set(starts_at - timedelta(days=10))
    host, artist = api.sign_in(pair.host_user), api.sign_in(pair.artist_user)

    quote = api.client.get(f"{path}/cancellation", headers=host).json()["quote"]
    same = api.client.get(f"/api/bookings/{concert.booking_id}/cancellation", headers=host).json()["quote"]
    assert quote == same
    assert (quote["paidCents"], quote["refundCents"], quote["staysCents"]) == (23_000, 13_000, 10_000)
    assert [(p["role"], p["refundCents"], p["staysWith"]) for p in quote["parts"]] == [
        ("host", 10_000, "Juniper Vale"),
        ("guests", 3_000, None),
    ]
    assert quote["lessFrom"] == (starts_at - timedelta(days=7)).isoformat().replace("+00:00", "Z")
    with api.setting() as work:
        other = make_pair(work)
    stranger = api.sign_in(other.host_user)
    assert api.client.get(f"{path}/cancellation", headers=stranger).status_code == 404

    by_artist = snake(api.client.get(f"{path}/cancellation", headers=artist).json()["quote"])
    by_admin = cli("concerts", "cancel", str(concert.id), "--dry-run", "--json").json["quote"]
    for name in ("quote_id", "by"):
        del by_artist[name], by_admin[name]
    assert by_artist == by_admin

    clock.set(starts_at - timedelta(days=6))
    host = api.sign_in(pair.host_user)
    stale = api.client.post(f"{path}/cancel", headers=host, json={"quoteId": quote["quoteId"]})
    assert (stale.status_code, stale.json()["code"], stale.json()["details"]["backCents"]) == (
        409,
        "quote_changed",
        3_000,
    )
    now = api.client.get(f"{path}/cancellation", headers=host).json()["quote"]
    done = api.client.post(f"{path}/cancel", headers=host, json={"quoteId": now["quoteId"]}).json()
    assert (done["quote"]["quoteId"], done["refundCents"]) == (now["quoteId"], 0)
    refunds = api.client.get(path, headers=host).json()["concert"]["refunds"]
    assert (refunds["total"], refunds["totalCents"], refunds["sent"], refunds["done"]) == (1, 3_000, 0, False)
    over = api.client.get(f"{path}/cancellation", headers=host)
    assert (over.status_code, over.json()["code"]) == (409, "illegal_move")


def test_a_fan_sees_what_comes_back_before_giving_seats_back(api: Api, clock: "VirtualClock") -> None:
    with api.setting() as work:
        pair = make_pair(work)
        concert = make_concert(work, pair)
        rsvp = seat(work, concert, 3)
        fan, starts_at = fan_of(work, rsvp), concert.starts_at
    path = f"/api/concerts/{concert.id}/rsvp"
    clock.set(starts_at - timedelta(days=5))
    me = api.sign_in(fan)
    assert api.client.get(path, headers=me).json()["rsvp"]["policyText"].startswith("all until 7 days before the show")
    whole = api.client.get(f"{path}/cancellation", headers=me).json()["quote"]
    some = api.client.get(f"{path}/cancellation?guestsCount=2", headers=me).json()["quote"]
    assert [(q["paidCents"], q["refundCents"], q["staysCents"]) for q in (whole, some)] == [
        (4_500, 2_250, 2_250),
        (1_500, 750, 750),
    ]
    assert api.client.get(f"{path}/cancellation?guestsCount=4", headers=me).status_code == 422
    refused = api.client.patch(
        f"/api/rsvps/{rsvp.id}", headers=me, json={"guestsCount": 2, "quoteId": whole["quoteId"]}
    )
    assert refused.json()["code"] == "quote_changed"
    kept = api.client.patch(f"/api/rsvps/{rsvp.id}", headers=me, json={"guestsCount": 2, "quoteId": some["quoteId"]})
    assert kept.status_code == 200
    assert api.client.delete(f"{path}?quoteId={whole['quoteId']}", headers=me).json()["code"] == "quote_changed"
    rest = api.client.get(f"{path}/cancellation", headers=me).json()["quote"]
    assert api.client.delete(f"{path}?quoteId={rest['quoteId']}", headers=me).json()["refundCents"] == 1_500


def test_policies_and_modes_travel_with_the_offer(api: Api) -> None:
    with api.setting() as work:
        pair = make_pair(work)
    artist, host = api.sign_in(pair.artist_user), api.sign_in(pair.host_user)
    wish = {
        "hostId": str(pair.host_id),
        "requestedDate": "2026-05-09",
        "requestedTime": "19:30",
        "estimatedDuration": 90,
        "expectedAttendance": 20,
        "artistFeeCents": 0,
        "doorMode": "pay_what_you_can",
        "doorMinimumCents": 500,
        "feePolicy": "strict",
    }
    wrong = api.client.post("/api/bookings", headers=artist, json=wish | {"doorFeeCents": 900, "doorPolicy": "kind"})
    assert wrong.status_code == 422
    wrong = api.client.post("/api/bookings", headers=artist, json=wish | {"doorFeeCents": 900})
    assert [e["field"] for e in wrong.json()["errors"]] == ["doorFeeCents"]
    made = api.client.post("/api/bookings", headers=artist, json=wish).json()["booking"]
    assert (made["doorMode"], made["doorMinimumCents"], made["feePolicy"], made["doorPolicy"]) == (
        "pay_what_you_can",
        500,
        "strict",
        "moderate",
    )
    path = f"/api/bookings/{made['id']}"
    counter = {"counterOffer": {"doorMode": "fixed", "doorFeeCents": 1_200, "doorPolicy": "flexible"}}
    api.client.patch(f"{path}/respond", headers=host, json=counter)
    api.client.patch(f"{path}/respond", headers=artist, json={"status": "approved"})
    api.client.post(f"{path}/confirm", headers=host)
    concert_id = api.client.get(path, headers=host).json()["booking"]["concertId"]
    concert = api.client.get(f"/api/concerts/{concert_id}", headers=host).json()["concert"]
    assert (concert["doorMode"], concert["doorFeeCents"], concert["doorMinimumCents"], concert["doorPolicy"]) == (
        "fixed",
        1_200,
        0,
        "flexible",
    )
    changed = api.client.patch(f"/api/concerts/{concert_id}", headers=artist, json={"doorPolicy": "strict"})
    assert changed.json()["concert"]["doorPolicy"] == "strict"
