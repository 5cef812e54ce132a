"""`tourpad users`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.factories.identity import PASSWORD, make_user
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command import Command
    from tourpad.core.platform import Platform

ADMIN = ("users", "create-admin", "mara@shows.test", "--name", "Mara")


@pytest.fixture
def opened(cli: "Command", database: str) -> "Iterator[Platform]":
    """What the commands work on."""
    from tourpad.core.platform import Platform
    from tourpad.core.settings import load_settings

    platform = Platform.open(load_settings(environ={**cli.environment, "DATABASE_URL": database}))
    yield platform
    platform.close()


def test_an_admin_is_made_with_a_link_where_nobody_can_be_asked(cli: "Command") -> None:
    made = cli(*ADMIN)
    assert made.exit_code == 0
    first, second, link = made.stdout.splitlines()
    assert first == "Mara <mara@shows.test> is an admin."
    assert "within an hour" in second
    assert link.startswith("http://127.0.0.1:8000/reset-password?token=")
    shown = cli("users", "show", "MARA@shows.test", "--json").json
    assert (shown["role"], shown["state"], shown["email_verified"]) == ("admin", "active", True)
    assert "admin_users" in shown["permissions"]
    piped = cli("users", "show", "MARA@shows.test").stdout.splitlines()
    assert [line for line in piped if "\t" not in line] == []


def test_an_admin_is_made_with_a_password_from_standard_input(cli: "Command", opened: "Platform") -> None:
    from tourpad.core.actors import NOBODY
    from tourpad.core.identity.service import signin

    made = cli(*ADMIN, "--password-stdin", "--json", typed=f"{PASSWORD}\n")
    assert (made.exit_code, made.json["link"]) == (0, None)
    assert PASSWORD not in made.stdout + made.stderr
    with opened.work(NOBODY) as work:
        signed_in = signin.login(work, email="mara@shows.test", password=PASSWORD)
    assert str(signed_in.user.id) == made.json["id"]


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "said"),
    [
        (("no-address", "--link"), "", 2, "email"),
        (("mara@shows.test", "--password-stdin"), "short\n", 2, "password"),
        (("mara@shows.test", "--password-stdin", "--link"), "", 2, "--link"),
    ],
)
def test_what_is_wrong_with_a_new_admin_is_said(
    cli: "Command", arguments: tuple[str, ...], typed: str, code: int, said: str
) -> None:
    made = cli("users", "create-admin", "--name", "Mara", *arguments, typed=typed)
    assert (made.exit_code, made.stdout) == (code, "")
    assert said in made.stderr
    assert cli("users", "list", "--json").json == {"users": [], "total": 0}


def test_the_same_address_twice_is_refused(cli: "Command") -> None:
    cli(*ADMIN)
    again = cli(*ADMIN)
    assert (again.exit_code, again.stderr.splitlines()[0]) == (4, "mara@shows.test already has an account.")


def test_people_are_listed(cli: "Command") -> None:
    cli(*ADMIN)
    heading, row = cli("users", "list").rows
    assert heading == ["id", "email", "name", "role", "state", "email_verified", "last_login_at"]
    assert row[1:5] == ["mara@shows.test", "Mara", "admin", "active"]
    assert cli("users", "list", "--role", "fan", "--json").json == {"users": [], "total": 0}
    assert cli("users", "list", "--search", "ARA@", "--json").json["total"] == 1
    assert cli("users", "list", "--role", "singer").exit_code == 2


def test_one_is_found_by_any_part_of_the_id(cli: "Command") -> None:
    user_id: str = cli(*ADMIN, "--json").json["id"]
    for part in (user_id, user_id[:13], user_id[-8:]):
        assert cli("users", "show", part, "--json").json["email"] == "mara@shows.test"
    missing = cli("users", "show", "nobody@shows.test")
    assert (missing.exit_code, missing.stdout) == (3, "")
    assert missing.stderr.splitlines()[0] == "Nobody has the mail address nobody@shows.test."
    assert cli("users", "show", "fffffff").exit_code == 3


def test_what_somebody_agreed_to_is_dated_for_programs_where_programs_read(cli: "Command", opened: "Platform") -> None:
    with opened.work(operator("test")) as work:
        user = make_user(work, "fan", email="fan@shows.test")
        user.terms_version, user.terms_accepted_at = "2026-01", datetime(2026, 3, 1, 12, tzinfo=UTC)
        work.commit()
    assert cli("users", "show", "fan@shows.test", "--json").json["terms"] == "2026-01, 2026-03-01T12:00:00Z"
    assert "terms\t2026-01, 2026-03-01T12:00:00Z" in cli("users", "show", "fan@shows.test").stdout


def test_suspending_and_reinstating(cli: "Command") -> None:
    cli(*ADMIN)
    cli("users", "token", "mara@shows.test")
    looked = cli("users", "suspend", "mara@shows.test", "--reason", "Two complaints.", "--dry-run")
    assert "Nothing was changed" in looked.stdout
    assert cli("users", "show", "mara@shows.test", "--json").json["state"] == "active"

    done = cli("users", "suspend", "mara@shows.test", "--reason", "Two complaints.", "--until", "2027-01-01")
    assert done.exit_code == 0
    assert "1 sessions have ended" in done.stdout
    shown = cli("users", "show", "mara@shows.test", "--json").json
    assert (shown["state"], shown["suspension_reason"], shown["suspended_until"], shown["sessions"]) == (
        "suspended",
        "Two complaints.",
        "2027-01-01T00:00:00Z",
        0,
    )
    refused = cli("users", "token", "mara@shows.test")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert cli("users", "reinstate", "mara@shows.test").stdout == "mara@shows.test is active again.\n"
    assert "not suspended" in cli("users", "reinstate", "mara@shows.test").stdout


@pytest.mark.parametrize("until", ["tomorrow", "2027-13-01", "2027-01-01T10:00:00", "2020-01-01"])
def test_an_end_that_is_none_is_refused(cli: "Command", until: str) -> None:
    cli(*ADMIN)
    assert cli("users", "suspend", "mara@shows.test", "--reason", "x", "--until", until).exit_code == 2
    assert cli("users", "show", "mara@shows.test", "--json").json["state"] == "active"


def test_erasing_asks_first(cli: "Command") -> None:
    cli(*ADMIN)
    cli("users", "create-admin", "ben@shows.test", "--name", "Ben")
    assert cli("users", "erase", "ben@shows.test").exit_code == 4
    assert cli("users", "erase", "ben@shows.test", "--dry-run").exit_code == 0
    assert cli("users", "show", "ben@shows.test").exit_code == 0
    assert cli("users", "erase", "ben@shows.test", "--yes").exit_code == 0
    assert cli("users", "show", "ben@shows.test").exit_code == 3
    last = cli("users", "erase", "mara@shows.test", "--yes")
    assert (last.exit_code, last.stderr.splitlines()[0]) == (4, "The last admin can't be erased.")


def test_a_token_stands_alone_signs_in_and_is_on_record(cli: "Command", opened: "Platform") -> None:
    from tourpad.core.actors import NOBODY
    from tourpad.core.audit.queries import AuditFilter, list_entries
    from tourpad.core.identity import tokens

    user_id: str = cli(*ADMIN, "--json").json["id"]
    said = cli("users", "token", "MARA@shows.test")
    (token,) = said.stdout.splitlines()
    claims = tokens.read_access(opened.settings.secret, token, now=opened.clock.now())
    assert str(claims.user_id) == user_id
    with opened.work(NOBODY) as work:
        (entry,), total = list_entries(work, AuditFilter(action="user.token"), offset=0, limit=2)
    assert (total, str(entry.target_id), entry.actor_kind) == (1, user_id, "operator")
    assert cli("users", "token", "nobody@shows.test").exit_code == 3


def test_production_refuses_tokens_by_name(cli: "Command") -> None:
    cli(*ADMIN)
    cli.environment |= {"TOURPAD_ENV": "staging"}
    cli.environment.pop("TOURPAD_CLOCK")
    refused = cli("users", "token", "mara@shows.test")
    assert (refused.exit_code, refused.stdout) == (4, "")
    assert "users token is for development and tests; this is staging." in refused.stderr


def test_notes_and_the_timeline_of_one_person(cli: "Command") -> None:
    cli(*ADMIN)
    assert cli("users", "note", "mara@shows.test", "-", typed="Knows the\ncellar keys.\n").exit_code == 0
    assert cli("users", "note", "mara@shows.test", " ").exit_code == 2
    cli("users", "suspend", "mara@shows.test", "--reason", "on leave")
    (note,) = cli("users", "show", "mara@shows.test", "--json").json["notes"]
    assert "Knows the\ncellar keys." in note
    entries = cli("users", "timeline", "mara@shows.test", "--json").json["entries"]
    assert [(e["action"], e["reason"]) for e in entries][:2] == [("user.suspend", "on leave"), ("user.note", None)]
    assert "cellar" not in str(entries)  # the log can't be erased, so it does not say what was noted
    assert cli("users", "timeline", "mara@shows.test").rows[1][2] == "user.suspend"


def test_show_says_that_a_renewal_is_not_paid_and_until_when(cli: "Command", opened: "Platform") -> None:
    from tests.factories.memberships import lapse
    from tourpad.core.identity.states import UserState, UserType
    from tourpad.core.memberships.queries import of_user
    from tourpad.core.memberships.states import MembershipState

    with opened.work(operator("test")) as work:
        fan = make_user(work, "fan", email="fan@shows.test")
        lapse(work, fan.id, UserType.FAN, after=MembershipState.PAST_DUE)
        work.commit()
    lapsed = cli("users", "show", "fan@shows.test", "--json").json
    assert (lapsed["membership"], lapsed["next_step"]) == ("expired", "payment")

    with opened.work(operator("test")) as work:
        found = of_user(work, fan.id)
        assert found is not None
        found.state, found.grace_until = MembershipState.PAST_DUE, datetime(2026, 3, 4, 12, tzinfo=UTC)
        work.session.merge(fan).state = UserState.ACTIVE
        work.commit()
    late = cli("users", "show", "fan@shows.test", "--json").json
    assert (late["membership"], late["next_step"]) == ("past_due", "renewal_payment")
    assert late["membership_grace_until"] == "2026-03-04T12:00:00Z"
