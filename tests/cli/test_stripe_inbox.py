"""Poison in Stripe's inbox: who sees it, and what heals it."""

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.command import Command
from tests.factories.payments import ACTOR, begin, fresh
from tourpad.core.payments.states import PaymentState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Payment


@pytest.fixture
def cli(environment: dict[str, str], sandbox: "Sandbox", given_up: "Payment") -> Command:
    """The command on the platform's database, against the same sandbox, when the events were given up."""
    more = {"DATABASE_URL": sandbox.platform.database_url, "STRIPE_API_BASE": sandbox.running.url}
    return Command({**environment, **more, "TOURPAD_CLOCK": sandbox.clock.now().isoformat()})


@pytest.fixture
def given_up(sandbox: "Sandbox") -> "Payment":
    """A payment whose two events were given up: Stripe did not let us read the intent for a day and a half."""
    payment = begin(sandbox)
    sandbox.pay(payment)
    sandbox.receive()
    sandbox.fault(operation="GET /v1/payment_intents/{intent}", fault="status", status=403)
    for _ in range(12):
        sandbox.process(rounds=1)
        sandbox.clock.advance(timedelta(hours=7))
    sandbox.control("faults", method="DELETE")
    return payment


def states(said: str) -> dict[str, Any]:
    return {part["part"]: part for part in json.loads(said)["parts"]}


def test_what_was_given_up_is_seen_and_a_replay_heals_it(cli: Command, sandbox: "Sandbox", given_up: "Payment") -> None:
    listed = cli("stripe", "events", "--dead", "--json").json
    doctor = cli("doctor", "--json")

    assert {event["type"] for event in listed["events"]} == {"payment_intent.succeeded", "charge.updated"}
    assert all(event["state"] == "dead" and event["error"] for event in listed["events"])
    assert doctor.exit_code == 1
    inbox = states(doctor.stdout)["inbox"]
    assert (inbox["state"], inbox["seen"], inbox["advice"]) == ("failed", "2 given up", "tourpad stripe events --dead")
    assert states(cli("stripe", "doctor", "--json").stdout)["inbox"] == inbox
    assert cli("stripe", "events", "--dead", "--state", "done").exit_code == 2

    looked = cli("stripe", "replay", "--since", "7d", "--dry-run", "--json").json
    assert fresh(sandbox.platform, given_up.id).state is PaymentState.PENDING
    healed = cli("stripe", "replay", "--since", "7d", "--json").json

    assert looked["revived"] == healed["revived"] == 2
    assert (healed["processed"], healed["dead"]) == (healed["missing"] + 2, 0)
    assert fresh(sandbox.platform, given_up.id).state is PaymentState.COMPLETED
    assert cli("stripe", "events", "--dead", "--json").json["total"] == 0
    assert "inbox" not in states(cli("doctor", "--json").stdout)
    with sandbox.platform.work(ACTOR) as work:
        from tourpad.core.outbox import queries

        assert all(one.dead == 0 for one in queries.standings(work))


def test_one_is_tried_again_by_the_beginning_of_its_name(cli: Command, sandbox: "Sandbox", given_up: "Payment") -> None:
    dead = [event["stripe_event_id"] for event in cli("stripe", "events", "--dead", "--json").json["events"]]

    assert cli("stripe", "revive", "evt_").exit_code == 4
    assert cli("stripe", "revive", "evt_none").exit_code == 3
    said = cli("stripe", "revive", dead[0][:12])

    assert said.stdout.startswith(f"{dead[0]} (")
    assert " is done: " in said.stdout
    assert [e["stripe_event_id"] for e in cli("stripe", "events", "--dead", "--json").json["events"]] == dead[1:]
