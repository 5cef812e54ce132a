import pytest
import stripe

from tests.sandbox.conftest import World, client, raw
from tests.sandbox.test_idempotency import with_key


def test_a_dropped_reply_leaves_the_work_done(world: World) -> None:
    world.control("POST", "faults", [{"operation": "POST /v1/payment_intents", "fault": "drop_reply", "times": 1}])
    with pytest.raises(stripe.APIConnectionError):
        with_key(world, "k1")
    intent = with_key(world, "k1")
    assert [row.id for row in world.v1.payment_intents.list().data] == [intent.id]


@pytest.mark.parametrize("status", [409, 429, 500])
def test_a_status_comes_instead_of_the_work(world: World, status: int) -> None:
    world.control("POST", "faults", {"operation": "POST /v1/*", "fault": "status", "status": status, "times": 1})
    with pytest.raises(stripe.StripeError) as failed:
        with_key(world, "k1")
    assert failed.value.http_status == status
    assert world.v1.payment_intents.list().data == []
    assert with_key(world, "k1").status == "succeeded"


def test_a_share_of_calls_fails_the_same_for_the_same_seed(world: World) -> None:
    def outcomes() -> list[bool]:
        world.control("DELETE", "faults")
        world.control("POST", "faults", {"operation": "GET /v1/balance", "fault": "status", "share": 0.5, "seed": 7})
        return [
            raw(world.url, "GET", "/v1/balance", headers={"Authorization": "Bearer sk_test_tourpad_sandbox"})[0] == 500
            for _ in range(20)
        ]

    first = outcomes()
    assert 0 < sum(first) < 20
    rules = world.control("GET", "faults")["faults"]
    assert (rules[0]["seen"], rules[0]["hits"]) == (20, sum(first))
    world.control("DELETE", "faults")
    assert world.balance() == (0, 0)


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "status"},
        {"operation": "*", "fault": "duplicate"},
        {"operation": "*", "fault": "delay", "share": 2},
        {"operation": "*", "fualt": 1},
        7,
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(world: World, rule: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        world.control("POST", "faults", [rule])
    assert world.control("GET", "faults")["faults"] == []


@pytest.mark.parametrize("key", ["", "pk_test_1234567", "hello"])
def test_a_wrong_key_is_a_401(world: World, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    assert raw(world.url, "GET", "/v1/balance", headers=headers)[0] == 401


@pytest.mark.stripe_unrecorded
def test_what_is_not_there_is_a_404(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        world.v1.customers.retrieve("cus_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert raw(world.url, "GET", "/v1/unicorns", headers={"Authorization": "Bearer sk_test_1234567"})[0] == 404
    assert raw(world.url, "POST", "/_sandbox/nothing", "{}")[0] == 404
    assert raw(world.url, "GET", "/nothing")[0] == 404


def test_the_sdks_own_retries_get_through(world: World) -> None:
    world.control("POST", "faults", {"operation": "POST /v1/customers", "fault": "drop_reply", "times": 2})
    stubborn = stripe.StripeClient("sk_test_tourpad_sandbox", base_addresses={"api": world.url}, max_network_retries=2)
    stubborn.v1.customers.create({"email": "fan@example.com"})
    assert len(world.v1.customers.list().data) == 1


def test_any_well_formed_secret_key_is_taken(world: World) -> None:
    assert client(world.url, "sk_test_51abcdefgh").v1.balance.retrieve().object == "balance"
