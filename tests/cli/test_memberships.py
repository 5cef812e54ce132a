from datetime import timedelta
from uuid import UUID

import pytest

from tests.command import Command
from tests.factories.memberships import ACTOR, mails_to, make_joiner, make_member, membership_of, user_state
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.gifts import procedures as gifts
from tourpad.core.memberships.states import MembershipState
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.platform import Platform


def _email(platform: Platform, user_id: UUID) -> str:
    with platform.work(ACTOR) as work:
        return get_user(work, user_id).email


def test_granting_asks_shows_and_lets_in(cli: Command, platform: Platform) -> None:
    user_id = make_joiner(platform, "artist")
    email = _email(platform, user_id)
    grant = ("memberships", "grant", email, "--reason", "opening night", "--until", "2026-06-30")
    refused = cli(*grant)
    assert (refused.exit_code, "needs a yes" in refused.stderr) == (4, True)
    assert cli(*grant, "--dry-run").exit_code == 0
    assert user_state(platform, user_id) is UserState.APPROVED
    said = cli(*grant, "--yes")
    assert said.exit_code == 0, said.stderr
    # Until its last day, which is not the midnight after it.
    assert "until the end of 30 Jun 2026" in said.stdout
    assert "until Tuesday 30 June 2026" in mails_to(platform, user_id)["membership_granted"]
    again = cli(*grant, "--yes")
    assert (again.exit_code, f"tourpad memberships expire {email}" in again.stderr) == (4, True)
    assert user_state(platform, user_id) is UserState.ACTIVE
    shown = cli("memberships", "show", email, "--json").json
    assert (shown["state"], shown["plan"], shown["is_granted"], shown["current_period_end"]) == (
        "active",
        "artist_yearly",
        True,
        "2026-07-01T00:00:00Z",
    )
    assert cli("memberships", "show", shown["id"][-8:], "--json").json == shown
    listed = cli("memberships", "list", "--state", "active", "--role", "artist", "--json").json
    assert (listed["total"], [m["email"] for m in listed["memberships"]]) == (1, [email])
    assert cli("memberships", "list", "--role", "fan", "--json").json["memberships"] == []
    assert cli("memberships", "list", "--search", "no such", "--json").json["total"] == 0
    again = cli(*grant, "--yes")
    assert (again.exit_code, again.stdout) == (4, "")


@pytest.mark.parametrize("until", ["tomorrow", "2026-02-30", "2020-01-01"])
def test_an_end_that_is_none_is_named(cli: Command, platform: Platform, until: str) -> None:
    email = _email(platform, make_joiner(platform))
    said = cli("memberships", "grant", email, "--reason", "x", "--until", until, "--yes")
    assert (said.exit_code, "until" in said.stderr) == (2, True)


def test_expiring_ends_it_here_and_at_stripe(cli: Command, sandbox: Sandbox) -> None:
    user_id = make_member(sandbox)
    email = _email(sandbox.platform, user_id)
    cli.environment |= {"STRIPE_API_BASE": sandbox.running.url, "STRIPE_SECRET_KEY": sandbox.running.secret_key}
    expire = ("memberships", "expire", email, "--reason", "sold seats on")
    assert cli(*expire, "--dry-run", "--json").json["dry_run"] is True
    assert membership_of(sandbox.platform, user_id).state is MembershipState.ACTIVE
    said = cli(*expire, "--yes", "--json").json
    assert (said["state"], said["dry_run"]) == ("expired", False)
    assert membership_of(sandbox.platform, user_id).state is MembershipState.EXPIRED
    assert [s["status"] for s in sandbox.state()["subscription"]] == ["canceled"]
    assert cli(*expire, "--yes").exit_code == 4


def _at(cli: Command, sandbox: Sandbox) -> None:
    cli.environment |= {"STRIPE_API_BASE": sandbox.running.url, "STRIPE_SECRET_KEY": sandbox.running.secret_key}


def test_a_plan_is_changed_after_a_look_at_what_it_costs(cli: Command, sandbox: Sandbox) -> None:
    _at(cli, sandbox)
    email = _email(sandbox.platform, make_member(sandbox))
    change = ("memberships", "change", email, "--plan", "yearly")
    refused = cli(*change)
    assert (refused.exit_code, "$27.00  charged to the card now" in refused.stdout) == (4, True)
    dry = cli(*change, "--dry-run", "--json").json
    assert (dry["charge_cents"], dry["credit_cents"], dry["dry_run"]) == (2700, 0, True)
    assert cli(*change, "--yes", "--json").json["to_plan"] == "fan_yearly"
    sandbox.news()
    shown = cli("memberships", "show", email, "--json").json
    assert shown["plan"] == "fan_yearly"
    assert [(row["reason"], row["paid_cents"]) for row in shown["invoices"]] == [
        ("subscription_update", 2700),
        ("subscription_create", 300),
    ]
    assert cli(*change, "--yes").exit_code == 4
    payment = shown["invoices"][0]["payment_id"]
    assert cli("payments", "refund", payment, "--dry-run", "--json").json["ends_membership"] is True
    part = cli("payments", "refund", payment, "--amount", "1.00", "--dry-run", "--json").json
    assert part["ends_membership"] is False
    # Back to the month: what the year has left is credit, which goes with a refund of the year.
    assert cli("memberships", "change", email, "--plan", "monthly", "--yes").exit_code == 0
    sandbox.news()
    dry = cli("payments", "refund", payment, "--dry-run", "--json").json
    assert (dry["ends_membership"], dry["voided_credit_cents"]) == (True, 2700)
    assert "$27.00 of credit at Stripe is voided" in cli("payments", "refund", payment, "--dry-run").stdout


def test_prices_are_changed_in_one_table_and_taken_to_stripe(cli: Command, sandbox: Sandbox) -> None:
    _at(cli, sandbox)
    dry = cli("stripe", "setup", "--dry-run", "--json").json
    assert [step["does"] for step in dry["steps"]] == ["create"] * 7
    assert "price" not in sandbox.state()
    assert cli("stripe", "setup", "--json").json["created"] == 4
    assert {step["does"] for step in cli("stripe", "setup", "--json").json["steps"]} == {"keep"}
    plan = ("memberships", "plans", "set", "fan_monthly")
    assert cli(*plan, "--price", "0.49", "--yes").exit_code == 2
    assert cli("memberships", "plans", "set", "nobody_yearly", "--price", "5", "--yes").exit_code == 3
    assert cli(*plan, "--price", "3.50", "--trial-days", "14", "--dry-run").exit_code == 0
    said = cli(*plan, "--price", "3.50", "--trial-days", "14", "--yes")
    assert (said.exit_code, "$3.00 → $3.50" in said.stdout) == (0, True)
    # What Stripe still has charges $3.00: nobody joins by it until set-up has made the other one.
    (prices,) = [p for p in cli("stripe", "doctor", "--json").json["parts"] if p["part"] == "prices"]
    assert (prices["state"], "fan_monthly" in prices["seen"]) == ("warning", True)
    assert cli("memberships", "plans", "set", "artist_monthly", "--withdrawn", "--yes").exit_code == 0
    does = {step["name"]: step["does"] for step in cli("stripe", "setup", "--dry-run", "--json").json["steps"]}
    assert (does["fan_monthly"], does["artist_monthly"], does["fan_yearly"]) == ("replace", "retire", "keep")
    done = cli("stripe", "setup", "--json").json
    assert (done["replaced"], done["retired"], done["kept"]) == (1, 1, 2)
    active = {p["unit_amount"] for p in sandbox.state()["price"] if p["active"]}
    assert active == {12000, 3000, 350}
    listed = {row["code"]: row for row in cli("memberships", "plans", "list", "--json").json["plans"]}
    assert (listed["fan_monthly"]["trial_days"], listed["artist_monthly"]["stripe_price_id"]) == (14, None)


def test_gifts_are_listed_mailed_again_and_refunded(cli: Command, sandbox: Sandbox) -> None:
    _at(cli, sandbox)
    giver = make_joiner(sandbox.platform)
    gift, payment = gifts.give(
        sandbox.platform, ACTOR, giver_id=giver, plan="fan_yearly", to_address="ben@friends.test"
    )
    sandbox.pay(payment)
    sandbox.news()
    listed = cli("memberships", "gifts", "list", "--state", "paid", "--json").json
    assert (listed["total"], listed["gifts"][0]["to_address"]) == (1, "ben@friends.test")
    short = str(gift.id)[-8:]
    said = cli("memberships", "gifts", "resend", short, "--to", "ben@elsewhere.test", "--yes", "--json")
    assert said.json["to_address"] == "ben@elsewhere.test", said.stderr
    (mailed,) = cli("mail", "list", "--to", "ben@elsewhere", "--json").json["mails"]
    assert "replaces the one that we mailed before" in cli("mail", "show", mailed["id"], "--json").json["text"]
    refund = ("memberships", "gifts", "refund", short, "--reason", "the wrong friend")
    assert cli(*refund, "--dry-run", "--json").json["dry_run"] is True
    assert cli("memberships", "gifts", "show", short, "--json").json["state"] == "paid"
    sandbox.fault(operation="POST /v1/refunds", fault="status", status=503, times=10)
    done = cli(*refund, "--yes")
    assert (done.exit_code, "Stripe has not answered yet" in done.stdout) == (0, True)
    sandbox.control("faults", method="DELETE")
    sandbox.advance(timedelta(minutes=10))
    send_refunds(sandbox.platform, ACTOR)
    assert cli("memberships", "gifts", "show", short, "--json").json["state"] == "refunded"
    assert [r["amount"] for r in sandbox.state()["refund"]] == [3000]
    assert cli(*refund, "--yes").exit_code == 4


def test_whoever_has_none_is_named(cli: Command, platform: Platform) -> None:
    email = _email(platform, make_joiner(platform))
    said = cli("memberships", "show", email)
    assert (said.exit_code, said.stderr.splitlines()[0]) == (3, f"{email} has no membership.")
    assert cli("memberships", "show", "abcdef").exit_code == 3
