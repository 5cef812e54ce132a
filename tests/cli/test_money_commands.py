"""`tourpad ledger`, `payments`, `disputes` and `stripe`, on money that moved in a sandbox."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import plain_http
from tests.command import Command
from tests.conftest import START
from tests.factories.payments import ACTOR, begin, make_due, paid, refund
from tests.factories.payouts import paid_show
from tourpad.core.clock import SharedClock
from tourpad.core.identity.models import User
from tourpad.core.payouts import procedures as payouts

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Payment
    from tourpad.core.platform import Platform


@pytest.fixture
def cli(
    environment: dict[str, str],
    sandbox: "Sandbox",
    platform: "Platform",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """The command on the platform's database, against the same sandbox, at the same time."""
    monkeypatch.chdir(tmp_path)
    return Command(
        {
            **environment,
            "DATABASE_URL": platform.database_url,
            "STRIPE_API_BASE": sandbox.running.url,
            "TOURPAD_CLOCK": sandbox.clock.now().isoformat(),
        }
    )


@pytest.fixture
def payment(sandbox: "Sandbox") -> "Payment":
    """One door fee of $15, paid and posted."""
    return paid(sandbox, make_due(1500))


def test_balances_add_up_to_nothing(cli: Command, payment: "Payment") -> None:
    said = cli("ledger", "balances", "--json").json

    assert said["sum_cents"] == 0
    assert [(row["account"], row["cents"], row["side"]) for row in said["balances"]] == [
        ("stripe_balance", 1426, "debit"),
        (f"held:{payment.concert_id}", -1500, "credit"),
        ("stripe_fees", 74, "debit"),
    ]
    assert cli("ledger", "balances", "--account", "held:").rows[1][0] == f"held:{payment.concert_id}"


def test_balances_of_another_day(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    assert cli("ledger", "balances", "--at", "1d", "--json").json["balances"] == []
    assert len(cli("ledger", "balances", "--at", "2026-03-02", "--json").json["balances"]) == 3
    wrong = cli("ledger", "balances", "--at", "yesterday")
    assert (wrong.exit_code, "no day or instant" in wrong.stderr) == (2, True)


def test_the_journal_is_found_by_its_charge_and_its_account(cli: Command, payment: "Payment") -> None:
    by_charge = cli("ledger", "journal", "--source", payment.stripe_charge_id or "", "--json").json
    by_account = cli("ledger", "journal", "--account", "held:", "--since", "1d", "--json").json

    assert by_charge == by_account
    (journal,) = by_charge["journals"]
    assert (journal["purpose"], journal["concert_id"]) == ("paid", str(payment.concert_id))
    assert [(line["account"], line["amount_cents"]) for line in journal["lines"]] == [
        ("stripe_balance", 1426),
        ("stripe_fees", 74),
        (f"held:{payment.concert_id}", -1500),
    ]
    assert len(cli("ledger", "journal").rows) == 4
    assert cli("ledger", "journal", "--until", "1d", "--json").json["total"] == 0
    assert cli("ledger", "journal", "--payout", "abcdef").exit_code == 3


def test_verify_is_content_or_exits_4(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    content = cli("ledger", "verify", "--json")
    assert (content.exit_code, content.json) == (0, {"findings": [], "journals": 1})

    with sandbox.platform.work(ACTOR) as work:
        from tourpad.core.payments import queries

        queries.get_payment_for_update(work, payment.id).refunded_cents = 10
        work.commit()

    found = cli("ledger", "verify", "--json")
    assert found.exit_code == 4
    (finding,) = json.loads(found.stdout)["findings"]
    assert (finding["code"], finding["hint"]) == (
        "payment_returned",
        f"tourpad payments show {payment.id}",
    )


def test_payments_are_listed_and_shown(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    begin(sandbox)

    listed = cli("payments", "list", "--json").json
    done = cli("payments", "list", "--state", "completed", "--json").json

    assert (listed["total"], done["total"]) == (2, 1)
    assert done["payments"][0]["id"] == str(payment.id)
    for name in (
        str(payment.id)[-8:],
        str(payment.id)[-8:-3],
        payment.stripe_charge_id,
        payment.stripe_payment_intent_id,
    ):
        shown = cli("payments", "show", name or "", "--json").json
        assert (shown["id"], shown["fee_cents"], shown["is_posted"]) == (str(payment.id), 74, True)
    assert "amount_cents\t1500" in cli("payments", "show", str(payment.id)).stdout
    assert cli("payments", "list", "--kind", "booking", "--json").json["payments"] == []
    assert cli("payments", "show", "00000000").exit_code == 3


def test_a_refund_is_shown_asked_and_made(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    looked = cli("payments", "refund", str(payment.id), "--amount", "5", "--dry-run")
    assert looked.exit_code == 0
    assert "goes back        $5.00" in looked.stdout
    assert "taken from       $5.00  held until the show is settled" in looked.stdout
    assert "left of it then  $10.00" in looked.stdout
    assert "refund" not in sandbox.state()
    nobody = cli("payments", "refund", str(payment.id))
    assert (nobody.exit_code, "--yes" in nobody.stderr) == (4, True)

    stale = cli("payments", "refund", str(payment.id), "--amount", "5.00", "--yes", "--quote", "0123456789abcdef")
    assert (stale.exit_code, sandbox.state().get("refund")) == (4, None)

    made = cli("payments", "refund", str(payment.id), "--amount", "5.00", "--yes", "--json").json

    assert (made["state"], made["amount_cents"], made["left_after_cents"]) == ("succeeded", 500, 1000)
    assert [r["id"] for r in sandbox.state()["refund"]] == [made["stripe_refund_id"]]
    (call,) = [
        call
        for call in cli("payments", "show", str(payment.id), "--json").json["calls"]
        if call["operation"] == "refund"
    ]
    assert (call["state"], call["tries"], call["stripe_object_id"]) == ("done", 1, made["stripe_refund_id"])
    rest = cli("payments", "refund", str(payment.id), "--yes")
    assert rest.exit_code == 0
    assert "$10.00 is on its way back" in rest.stdout
    too_much = cli("payments", "refund", str(payment.id), "--amount", "0.01", "--yes")
    assert (too_much.exit_code, "can't be refunded" in too_much.stderr) == (4, True)


def test_a_refund_sends_no_other_refund_along(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    other = paid(sandbox, make_due(2000))
    refund(sandbox.platform, other.id, 100)

    cli("payments", "refund", str(payment.id), "--yes")

    assert [r["amount"] for r in sandbox.state()["refund"]] == [1500]


def test_a_refund_that_stripe_refuses_says_so(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    sandbox.stripe.create_refund({"charge": payment.stripe_charge_id}, key="dashboard")

    said = cli("payments", "refund", str(payment.id), "--yes")

    assert said.exit_code == 5
    assert "already been refunded" in said.stderr
    assert "call to Stripe  refund  failed, 1 try" in cli("payments", "show", str(payment.id)).stdout


def test_a_refund_names_the_payees_who_bear_it(cli: Command, sandbox: "Sandbox") -> None:
    show = paid_show(sandbox, door=(5000,) * 2)
    payouts.settle_due(sandbox.platform, ACTOR)

    looked = cli("payments", "refund", str(show.payments[0]), "--dry-run").stdout

    with sandbox.platform.work(ACTOR) as work:
        names = [work.session.get_one(User, user_id).name for user_id in (show.artist_user, show.host_user)]
    assert all(f"owed to {name}" in looked for name in names), looked


@pytest.mark.parametrize("amount", ["", "-5", "5.001", "lots", "0"])
def test_an_amount_is_dollars(cli: Command, payment: "Payment", amount: str) -> None:
    said = cli("payments", "refund", str(payment.id), "--amount", amount or "x", "--yes")

    assert said.exit_code in (2, 4)
    assert len(said.stderr.splitlines()) <= 2


def test_disputes_are_listed_and_shown(cli: Command, sandbox: "Sandbox", payment: "Payment") -> None:
    assert cli("disputes", "list", "--json").json == {"disputes": [], "total": 0}
    opened = sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"reason": "fraudulent"})
    sandbox.news()

    (dispute,) = cli("disputes", "list", "--json").json["disputes"]
    shown = cli("disputes", "show", opened["id"], "--json").json

    assert (dispute["state"], dispute["reason"], dispute["amount_cents"]) == ("needs_response", "fraudulent", 1500)
    assert (shown["id"], shown["withdrawn_cents"], shown["fee_cents"]) == (dispute["id"], 1500, 1500)
    sandbox.control(f"disputes/{opened['id']}/resolve", {"outcome": "won"})
    sandbox.news()
    assert cli("disputes", "list", "--json").json["total"] == 0
    assert cli("disputes", "list", "--all", "--json").json["total"] == 1


def test_events_are_listed_with_what_came_of_them(cli: Command, payment: "Payment") -> None:
    said = cli("stripe", "events", "--type", "payment_intent.", "--json").json

    (event,) = said["events"]
    assert (event["type"], event["state"], event["outcome"], event["object_id"]) == (
        "payment_intent.succeeded",
        "done",
        "completed and posted",
        payment.stripe_payment_intent_id,
    )
    assert cli("stripe", "events", "--state", "dead", "--json").json["total"] == 0


def test_a_replay_brings_what_never_came(cli: Command, sandbox: "Sandbox") -> None:
    lost = begin(sandbox)
    sandbox.pay(lost)
    sandbox.pending()

    looked = cli("stripe", "replay", "--since", "1d", "--dry-run", "--json").json
    done = cli("stripe", "replay", "--since", "1d", "--json").json

    assert looked["missing"] == done["missing"] > 0
    assert done["dead"] == 0
    assert cli("payments", "show", str(lost.id), "--json").json["state"] == "completed"


def test_a_dead_event_is_revived(cli: Command, sandbox: "Sandbox") -> None:
    from tourpad.core.outbox.states import ItemState
    from tourpad.core.payments import queries

    lost = begin(sandbox)
    sandbox.pay(lost)
    sandbox.receive()
    with sandbox.platform.work(ACTOR) as work:
        for event in queries.events(work)[0]:
            event.item_state, event.attempts = ItemState.DEAD, 12
        work.commit()
        name = queries.events(work)[0][-1].stripe_event_id
    doctor = cli("stripe", "doctor", "--json")
    assert doctor.exit_code == 1
    assert {part["part"]: part["state"] for part in json.loads(doctor.stdout)["parts"]}["inbox"] == "failed"

    said = cli("stripe", "revive", name)

    assert "done: completed and posted" in said.stdout
    assert cli("stripe", "revive", name).exit_code == 4
    assert cli("stripe", "revive", "evt_nothing").exit_code == 3


def test_setup_makes_prices_and_the_doctor_is_content(cli: Command, payment: "Payment") -> None:
    before = {part["part"]: part["state"] for part in cli("stripe", "doctor", "--json").json["parts"]}
    first = cli("stripe", "setup", "--json").json
    again = cli("stripe", "setup", "--json").json
    after = {part["part"]: part["state"] for part in cli("stripe", "doctor", "--json").json["parts"]}

    assert (before["prices"], after["prices"]) == ("warning", "ok")
    assert (first["created"], again["created"], again["kept"]) == (4, 0, 4)
    assert after == {"key": "ok", "balance": "ok", "books": "ok", "webhooks": "ok", "prices": "ok", "events": "ok"}


def test_the_sandbox_runs_on_its_own_records_and_ends_when_asked(environment: dict[str, str], tmp_path: Path) -> None:
    """In the time in which its home's data lives, too: a demo has left a clock there."""
    record, home = tmp_path / "exchanges.jsonl", Path(environment["TOURPAD_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    SharedClock(home / "clock", START)
    with subprocess.Popen(
        [sys.executable, "-m", "tourpad", "stripe", "sandbox", "--port", "0", "--record", str(record)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            found = re.search(r"http://\S+", process.stdout.readline() if process.stdout else "")
            assert found is not None
            answer = plain_http.get(f"{found[0]}/v1/balance", auth=("sk_test_tourpad_sandbox", ""), timeout=10)
            assert answer.json()["object"] == "balance"
            assert plain_http.get(f"{found[0]}/_sandbox/clock").json()["now"] == int(START.timestamp())
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)
    (line,) = [json.loads(line) for line in record.read_text().splitlines()]
    assert (line["method"], line["url"], line["status"]) == ("get", "/v1/balance", 200)


def test_the_sandbox_refuses_production_by_name(environment: dict[str, str]) -> None:
    said = Command({**environment, "TOURPAD_ENV": "staging"})("stripe", "sandbox")

    assert said.exit_code == 4
    assert "this is staging" in said.stderr


def test_the_sandbox_says_where_it_can_not_listen(environment: dict[str, str], sandbox: "Sandbox") -> None:
    port = sandbox.running.url.rpartition(":")[2]

    said = Command(environment)("stripe", "sandbox", "--port", port)

    assert said.exit_code == 1
    assert f"127.0.0.1:{port}" in said.stderr


def test_instants_as_people_type_them(sandbox: "Sandbox") -> None:
    from tourpad.cli.instants import instant

    now = sandbox.clock.now()
    assert instant("3d", field="x", now=now) == now - timedelta(days=3)
    assert instant("2026-03-01", field="x", now=now) == now - timedelta(hours=12)
    assert instant("2026-03-01T13:00+01:00", field="x", now=now) == now


def test_what_to_enter_at_stripe_is_printed(cli: Command) -> None:
    from tourpad.core.gateways.stripe.wanted import PLATFORM_EVENTS

    platform, connect = cli("stripe", "endpoints", "--json").json["endpoints"]
    assert (platform["url"], platform["secret"]) == (
        "http://127.0.0.1:8000/api/payments/webhook",
        "STRIPE_WEBHOOK_SECRET",
    )
    assert platform["events"] == list(PLATFORM_EVENTS)
    assert (connect["listens_to"], connect["events"][-1]) == ("connected accounts", "v2.core.account[…].*")
    rows = cli("stripe", "endpoints").rows
    assert [row[-1] for row in rows[1:]] == platform["events"] + connect["events"]
