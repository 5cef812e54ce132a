"""`tourpad reconcile`: exit code 0 when Stripe and the books agree, 4 when anything differs."""

import json

from tests.command import Command
from tests.factories.payouts import fund
from tourpad.core.platform import Platform


def test_nothing_at_all_agrees(cli: Command, platform: Platform) -> None:
    said = cli("reconcile", "--json").json

    assert (said["clean"], said["findings"], said["ledger_cents"]) == (True, [], {})
    assert said["checked"]["balance_transactions"] == 0


def test_a_charge_that_is_nobodys_is_found(cli: Command, platform: Platform) -> None:
    fund(platform, 5000)

    said = cli("reconcile")

    assert said.exit_code == 4
    header, row = [line.split("\t") for line in said.stdout.splitlines()]
    assert header == ["code", "message", "hint", "subject"]
    assert (row[0], row[2]) == ("unknown_charge", "Made by hand at Stripe? Refund it there.")
    assert "of $50.00" in row[1]
    mended = cli("reconcile", "--fix")
    assert mended.exit_code == 4  # --fix replays; it invents no payment for it


def test_every_difference_is_named_with_what_to_do(cli: Command, platform: Platform) -> None:
    """On a terminal the same, a line each; piped in four columns."""
    from sqlalchemy import text

    fund(platform, 5000)
    with platform.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO stripe_events (id, stripe_event_id, type, object_id, endpoint, payload, created_at, "
                "received_at, due_at, item_state) SELECT gen_random_uuid(), 'evt_' || n, 'ping', NULL, 'platform', "
                "'{}', now(), now() - interval '1 year', now(), 'dead' FROM generate_series(1, 2) n"
            )
        )

    said = cli("reconcile")

    assert said.exit_code == 4
    rows = said.rows[1:]
    assert sorted(row[0] for row in rows) == ["event_dead", "event_dead", "unknown_charge"]
    assert all(row[2] for row in rows)
    assert [finding["code"] for finding in json.loads(cli("reconcile", "--json").stdout)["findings"]] == [
        row[0] for row in rows
    ]


def test_a_day_that_is_none_is_refused(cli: Command) -> None:
    assert cli("reconcile", "--since", "soon").exit_code == 2


def test_stripe_away_exits_5(cli: Command, platform: Platform) -> None:
    from tests.factories.payouts import control

    fault = {"operation": "GET /v1/balance_transactions", "fault": "status", "status": 500}
    control(platform, "faults", fault)

    said = cli("reconcile")

    assert (said.exit_code, said.stdout) == (5, "")
