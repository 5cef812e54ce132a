from pathlib import Path

import pytest
import stripe

from tests.sandbox.conftest import Start, World


def test_lists_are_newest_first_and_page_both_ways(world: World) -> None:
    made = [world.v1.customers.create({"email": f"fan{n}@example.com"}).id for n in range(7)][::-1]
    first = world.v1.customers.list({"limit": 3})
    assert ([row.id for row in first.data], first.has_more) == (made[:3], True)
    rest = world.v1.customers.list({"limit": 10, "starting_after": made[2]})
    assert ([row.id for row in rest.data], rest.has_more) == (made[3:], False)
    before = world.v1.customers.list({"limit": 2, "ending_before": made[5]})
    assert ([row.id for row in before.data], before.has_more) == (made[3:5], True)
    assert [row.id for row in world.v1.customers.list({"limit": 2}).auto_paging_iter()] == made
    assert [row.id for row in world.v1.customers.list({"email": "fan3@example.com"}).data] == [made[3]]


@pytest.mark.parametrize(
    ("params", "param"),
    [({"limit": 101}, "limit"), ({"limit": 0}, "limit"), ({"starting_after": "cus_no"}, "starting_after")],
)
def test_a_list_that_cannot_be_is_refused(world: World, params: dict[str, object], param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.customers.list(params)  # pyright: ignore[reportArgumentType] - wrong on purpose
    assert refused.value.param == param


def test_lists_are_cut_by_creation(world: World) -> None:
    for _ in range(4):
        world.pay()
        world.advance(days=1)
    now = world.now()
    recent = world.v1.balance_transactions.list({"created": {"gte": now - 2 * 86_400, "lt": now - 86_400}})
    assert [row.created for row in recent.data] == [now - 2 * 86_400]
    assert len(world.v1.balance_transactions.list({"type": "charge"}).data) == 4
    assert world.v1.balance_transactions.list({"type": "payout"}).data == []


def test_expansion_follows_ids_several_levels(world: World) -> None:
    customer = world.v1.customers.create({"email": "fan@example.com"})
    world.pay(customer=customer.id)
    intent = (
        world.v1.payment_intents.list({"expand": ["data.customer", "data.latest_charge.balance_transaction.source"]})
        .data[0]
        .to_dict()
    )
    assert intent["customer"]["email"] == "fan@example.com"
    assert intent["latest_charge"]["balance_transaction"]["source"]["id"] == intent["latest_charge"]["id"]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        world.v1.customers.retrieve(customer.id, {"expand": ["friends"]})  # pyright: ignore[reportArgumentType]


def test_metadata_is_merged_and_emptied(world: World) -> None:
    customer = world.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    changed = world.v1.customers.update(customer.id, {"metadata": {"a": "", "c": "3"}, "name": "Ada"})
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    cleared = world.v1.customers.update(customer.id, {"metadata": "", "address": ""})
    assert (cleared.metadata is not None and cleared.metadata.to_dict(), cleared.address) == ({}, None)
    assert world.events("customer.updated")[0]["data"]["previous_attributes"].keys() == {"metadata", "name"}


def test_a_deleted_customer_is_told_and_not_listed(world: World) -> None:
    customer = world.member()
    world.v1.subscriptions.create({"customer": customer, "items": [{"price": world.price()}]})
    world.v1.customers.delete(customer)
    assert world.v1.customers.retrieve(customer).deleted
    assert world.v1.customers.list().data == []
    assert world.v1.subscriptions.list({"status": "all"}).data[0].status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        world.pay(customer=customer)


def test_prices_are_found_by_lookup_key(world: World) -> None:
    old = world.price(1000, lookup_key="fan_monthly")
    with pytest.raises(stripe.InvalidRequestError, match="already uses"):
        world.price(1200, lookup_key="fan_monthly")
    new = world.price(1200, lookup_key="fan_monthly", transfer_lookup_key=True)
    found = world.v1.prices.list({"lookup_keys": ["fan_monthly"], "expand": ["data.product"]}).data
    assert [(row.id, row.unit_amount) for row in found] == [(new, 1200)]
    assert world.v1.prices.retrieve(old).lookup_key is None
    world.v1.prices.update(new, {"active": False})
    assert [row.id for row in world.v1.prices.list({"active": True}).data] == [old]


def test_products_are_kept(world: World) -> None:
    product = world.v1.products.create(
        {
            "name": "Fan",
            "id": "fan",
            "metadata": {"role": "fan"},
            "default_price_data": {"currency": "usd", "unit_amount": 500},
        }
    )
    assert world.v1.prices.retrieve(str(product.default_price)).unit_amount == 500
    world.v1.products.update("fan", {"name": "Fans"})
    assert [row.name for row in world.v1.products.list({"ids": ["fan"]}).data] == ["Fans"]
    with pytest.raises(stripe.InvalidRequestError):
        world.v1.products.delete("fan")
    other = world.v1.products.create({"name": "Other"})
    assert world.v1.products.delete(other.id).deleted


def test_a_seed_gives_the_same_ids_each_run(start: Start, tmp_path: Path) -> None:
    def run(name: str) -> list[str]:
        world = start(home=tmp_path / name, seed=7)
        world.pay()
        return [row["id"] for rows in world.control("GET", "state")["objects"].values() for row in rows]

    assert run("one") == run("two")


def test_two_processes_worth_of_servers_share_one_home(start: Start) -> None:
    first, second = start(), start()
    customer = first.v1.customers.create({"email": "fan@example.com"})
    assert second.v1.customers.retrieve(customer.id).email == "fan@example.com"
    second.pay(customer=customer.id)
    assert [row.amount for row in first.v1.charges.list({"customer": customer.id}).data] == [5000]
    second.advance(days=3)
    assert first.now() == second.now()
    assert first.balance() == (4825, 0)


def test_state_survives_a_restart(start: Start) -> None:
    world = start()
    intent = world.pay()
    world.advance(days=3)
    world.sandbox.stop()
    again = start()
    assert again.v1.payment_intents.retrieve(intent.id).status == "succeeded"
    assert again.balance() == (4825, 0)


def test_the_platforms_own_account(world: World) -> None:
    assert world.v1.accounts.retrieve_current().charges_enabled
