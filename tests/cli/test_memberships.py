from uuid import UUID

import pytest

from tests.command import Command
from tests.factories.memberships import ACTOR, make_joiner, make_member, membership_of, user_state
from tests.stripe_sandbox import Sandbox
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.states import UserState
from tourpad.core.memberships.states import MembershipState
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


def test_whoever_has_none_is_named(cli: Command, platform: Platform) -> None:
    email = _email(platform, make_joiner(platform))
    said = cli("memberships", "show", email)
    assert (said.exit_code, said.stderr.splitlines()[0]) == (3, f"{email} has no membership.")
    assert cli("memberships", "show", "abcdef").exit_code == 3
