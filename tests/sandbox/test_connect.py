from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import World, raw

INCLUDE: Any = {"include": ["configuration.recipient", "requirements"]}


def capability(world: World, account_id: str) -> tuple[str, int]:
    account = world.v2.core.accounts.retrieve(account_id, INCLUDE).to_dict()
    status = account["configuration"]["recipient"]["capabilities"]["stripe_balance"]["stripe_transfers"]["status"]
    return status, len(account["requirements"]["entries"])


def test_a_payee_onboards_on_the_page_of_an_account_link(world: World) -> None:
    payee = world.payee(onboarded=False)
    assert capability(world, payee) == ("restricted", 7)
    onboarding = {
        "configurations": ["recipient"],
        "refresh_url": "https://example.com/again",
        "return_url": "https://example.com/done",
    }
    wanted: Any = {
        "account": payee,
        "use_case": {"type": "account_onboarding", "account_onboarding": onboarding},
    }
    link = world.v2.core.account_links.create(wanted, {"stripe_version": "2026-05-27.dahlia"})
    path = link.url.removeprefix(world.url)
    assert "Ada Payee" in raw(world.url, "GET", path)[1]["text"]
    status, answer = raw(world.url, "POST", path, "do=all")
    assert (status, answer["Location"]) == (303, "https://example.com/done")
    assert capability(world, payee) == ("active", 0)
    world.advance(seconds=301)
    assert raw(world.url, "GET", path)[1]["Location"] == "https://example.com/again"


def test_a_payee_can_stop_being_able_to_receive(world: World) -> None:
    payee = world.payee()
    assert world.v1.accounts.retrieve(payee).payouts_enabled
    world.control("POST", f"accounts/{payee}/onboard", {"requirements": ["identity.individual.id_numbers"]})
    assert capability(world, payee) == ("restricted", 1)
    needs = world.v1.accounts.retrieve(payee).to_dict()["requirements"]["currently_due"]
    assert needs == ["identity.individual.id_numbers"]


def test_what_is_not_asked_for_is_absent(world: World) -> None:
    account = world.v2.core.accounts.retrieve(world.payee()).to_dict()
    assert account.keys().isdisjoint({"configuration", "requirements", "identity", "defaults"})
    with pytest.raises(stripe.StripeError) as refused:
        world.v2.core.accounts.retrieve("acct_nobody")
    assert refused.value.http_status == 404


def test_accounts_are_listed_by_pages_and_closed_ones_leave(world: World) -> None:
    payees = [world.payee(onboarded=False) for _ in range(3)]
    listed = [account.id for account in world.v2.core.accounts.list({"limit": 2}).auto_paging_iter()]
    assert listed == payees[::-1]
    world.v2.core.accounts.close(payees[0], {"applied_configurations": ["recipient"]})
    assert [account.id for account in world.v2.core.accounts.list().data] == payees[:0:-1]


def test_a_transfer_moves_available_money_only(world: World) -> None:
    payee = world.payee()
    world.pay(5000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.transfers.create({"amount": 100, "currency": "usd", "destination": payee})
    assert refused.value.code == "balance_insufficient"
    world.advance(days=3)
    transfer = world.v1.transfers.create(
        {
            "amount": 4825,
            "currency": "usd",
            "destination": payee,
            "transfer_group": "concert_1",
            "metadata": {"intent_id": "t1"},
        }
    )
    assert world.balance() == (0, 0)
    there = world.v1.balance.retrieve(options={"stripe_account": payee})
    assert there.available[0].amount == 4825
    found = world.v1.transfers.list({"transfer_group": "concert_1", "destination": payee}).data
    assert [(row.id, row.metadata["intent_id"]) for row in found] == [(transfer.id, "t1")]
    assert world.v1.transfers.list({"transfer_group": "concert_2"}).data == []
    assert world.event_types("transfer.*") == ["transfer.created"]


@pytest.mark.parametrize(
    ("onboarded", "closed", "code"),
    [(False, False, "insufficient_capabilities_for_transfer"), (True, True, "resource_missing")],
)
def test_a_payee_who_cannot_receive_gets_nothing(world: World, onboarded: bool, closed: bool, code: str) -> None:
    payee = world.payee(onboarded=onboarded)
    if closed:
        world.v2.core.accounts.close(payee, {"applied_configurations": ["recipient"]})
    world.pay(5000, "pm_card_bypassPending")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.transfers.create({"amount": 100, "currency": "usd", "destination": payee})
    assert refused.value.code == code
    assert world.balance() == (4825, 0)


def test_a_transfer_is_reversed_in_parts(world: World) -> None:
    payee = world.payee()
    world.pay(5000, "pm_card_bypassPending")
    transfer = world.v1.transfers.create({"amount": 1000, "currency": "usd", "destination": payee})
    reversal = world.v1.transfers.reversals.create(transfer.id, {"amount": 400})
    assert world.balance() == (4225, 0)
    with pytest.raises(stripe.InvalidRequestError):
        world.v1.transfers.reversals.create(transfer.id, {"amount": 601})
    world.v1.transfers.reversals.create(transfer.id)
    done = world.v1.transfers.retrieve(transfer.id)
    assert (done.amount_reversed, done.reversed, len(done.reversals.data)) == (1000, True, 2)
    assert world.v1.transfers.reversals.retrieve(transfer.id, reversal.id).amount == 400
    assert world.entries()[-1]["type"] == "transfer_refund"
    assert world.event_types("transfer.*") == ["transfer.created", "transfer.reversed", "transfer.reversed"]


def test_a_reversal_takes_no_more_than_the_payee_has(world: World) -> None:
    payee = world.payee()
    world.pay(5000, "pm_card_bypassPending")
    transfer = world.v1.transfers.create({"amount": 1000, "currency": "usd", "destination": payee})
    world.v1.payouts.create({"amount": 900, "currency": "usd"}, options={"stripe_account": payee})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.transfers.reversals.create(transfer.id)
    assert refused.value.code == "balance_insufficient"


def test_a_payout_reaches_the_bank_or_comes_back(world: World) -> None:
    world.pay(9000, "pm_card_bypassPending")
    first = world.v1.payouts.create({"amount": 1000, "currency": "usd"})
    second = world.v1.payouts.create({"amount": 2000, "currency": "usd"})
    third = world.v1.payouts.create({"amount": 3000, "currency": "usd"})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.payouts.create({"amount": 5000, "currency": "usd"})
    assert refused.value.code == "balance_insufficient"
    world.v1.payouts.cancel(second.id)
    world.advance(days=3)
    world.control("POST", f"payouts/{third.id}/resolve", {"outcome": "failed"})
    statuses = {row.id: row.status for row in world.v1.payouts.list().data}
    assert statuses == {first.id: "paid", second.id: "canceled", third.id: "failed"}
    assert world.balance() == (9000 - 291 - 1000, 0)
    assert world.event_types("payout.*") == ["payout.created"] * 3 + [
        "payout.canceled",
        "payout.paid",
        "payout.paid",
        "payout.failed",
    ]


def test_the_balance_is_the_sum_of_its_transactions(world: World) -> None:
    payee = world.payee()
    for card in ("pm_card_visa", "pm_card_bypassPending", "pm_card_createDispute", "pm_card_refundFail"):
        intent = world.pay(7000, card)
        if card != "pm_card_createDispute":
            world.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    world.v1.transfers.create({"amount": 10, "currency": "usd", "destination": payee}) if world.balance()[
        0
    ] > 10 else None
    world.advance(days=1)
    world.pay(1234)
    now = world.now()
    rows = world.entries()
    assert world.balance() == (
        sum(row["net"] for row in rows if row["available_on"] <= now),
        sum(row["net"] for row in rows if row["available_on"] > now),
    )
    assert all(
        row["net"] == row["amount"] - row["fee"] == row["amount"] - sum(f["amount"] for f in row["fee_details"])
        for row in rows
    )
