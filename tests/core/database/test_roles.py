"""The roles that serve search and the hot statements can do what these need; the database refuses everything else."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.factories.bookings import make_pair
from tests.factories.concerts import make_concert
from tests.web.api import Api, opened
from tourpad.core.actors import operator
from tourpad.core.database import migrate
from tourpad.core.database.roles import HOT, SEARCH
from tourpad.core.errors import ConfigurationError
from tourpad.core.hosts import queries as hosts

if TYPE_CHECKING:
    from tests.postgres import TestServer
    from tourpad.core.platform import Platform

READABLE = {
    "artists": None,
    "hosts": None,
    "concerts": None,
    "concert_search": None,
    "concert_facts": None,
    "users": {"id", "name", "user_type", "state"},
    "user_profiles": {"user_id", "website_url", "social_links"},
}
"""Tables, and the columns where it is not all of them. A table that search needs is granted by a migration."""
HOT_READABLE = {
    "artists": {"id", "user_id", "stage_name", "genres"},
    "hosts": {
        *("id", "user_id", "venue_name", "city", "state", "time_zone", "indoor_capacity", "outdoor_capacity"),
        *("public_latitude", "public_longitude"),
    },
    "concerts": None,
    "concert_search": None,
    "concert_invitations": {"concert_id", "user_id"},
    "fans": {"id", "user_id"},
    "rsvps": None,
    "auth_sessions": {"id", "user_id", "ended_at", "expires_at"},
    "second_factors": {"user_id", "confirmed_at"},
    "users": {
        *("id", "name", "user_type", "state", "adult_confirmed_at", "terms_version", "privacy_version"),
        "sign_ins_valid_from",
    },
}


@pytest.fixture
def api(platform: "Platform") -> Iterator[Api]:
    with opened(platform) as api:
        yield api


def test_search_can_t_read_an_address_whatever_it_is_asked(platform: "Platform") -> None:
    with platform.work(operator("test")) as work:
        host_id = make_pair(work, address=True).host_id
        work.commit()
    with platform.work(operator("test")) as work:
        assert hosts.get_address(work, host_id=host_id) is not None
    for statement in (
        "SELECT street FROM host_addresses",
        "SELECT count(*) FROM host_addresses",
        "SELECT h.id FROM hosts h JOIN host_addresses a ON a.host_id = h.id ORDER BY a.latitude",
        "SELECT email FROM users",
        "SELECT * FROM users",
        "SELECT password_hash FROM credentials",
        "UPDATE hosts SET city = 'x'",
        "DELETE FROM concert_search",
    ):
        with platform.searching(operator("test")) as work, pytest.raises(ProgrammingError, match="permission denied"):
            work.session.execute(text(statement))
    with platform.searching(operator("test")) as work, pytest.raises(ProgrammingError, match="permission denied"):
        hosts.get_address(work, host_id=host_id)


@pytest.mark.parametrize(
    ("role", "expected", "writable"),
    [(SEARCH, READABLE, []), (HOT, HOT_READABLE, ["concerts", "rsvp_news", "rsvps"])],
)
def test_what_a_role_may_do_is_what_is_listed_here(
    platform: "Platform", role: str, expected: dict[str, Any], writable: list[str]
) -> None:
    with platform.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT c.relname, a.attname, has_table_privilege(:role, c.oid, 'SELECT') FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
                " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm')"
                " AND has_column_privilege(:role, c.oid, a.attnum, 'SELECT')"
            ),
            {"role": role},
        ).all()
        writes = connection.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE n.nspname = 'public' AND c.relkind = 'r'"
                " AND (has_table_privilege(:role, c.oid, 'DELETE, TRUNCATE')"
                " OR has_any_column_privilege(:role, c.oid, 'INSERT, UPDATE')) ORDER BY 1"
            ),
            {"role": role},
        ).all()
    readable: dict[str, set[str] | None] = {}
    for table, column, whole in rows:
        if whole:
            readable[table] = None
        else:
            columns = readable.setdefault(table, set())
            assert columns is not None
            columns.add(column)
    assert readable == expected
    assert [row[0] for row in writes] == writable


def test_a_hot_statement_can_t_read_an_address_or_write_anything_else(api: Api) -> None:
    with api.setting() as work:
        make_pair(work, address=True)
    statements = api.client.app.state.hot_statements  # type: ignore[attr-defined]  # it is a Litestar

    async def attempt(said: str) -> tuple[Any, ...] | None:
        return next(iter(await statements.execute(said)), None)

    portal = api.client.blocking_portal
    assert portal.call(attempt, "SELECT current_user, session_user <> current_user") == (HOT, True)
    for said in (
        "SELECT street FROM host_addresses",
        "SELECT count(*) FROM host_addresses",
        "SELECT h.id FROM hosts h JOIN host_addresses a ON a.host_id = h.id ORDER BY a.latitude",
        "SELECT email FROM users",
        "SELECT refresh_hash FROM auth_sessions",
        "SELECT sealed_secret FROM second_factors",
        "SELECT password_hash FROM credentials",
        "SELECT lodging_details FROM hosts",
        "UPDATE rsvps SET state = 'approved'",
        "UPDATE concerts SET max_capacity = 1000",
        "UPDATE users SET state = 'active'",
        "DELETE FROM rsvps",
        "INSERT INTO mails DEFAULT VALUES",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            portal.call(attempt, said)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/api/hosts?location=Columbus OH&radius=30&limit=5", "artist"),
        ("/api/artists?location=Asheville NC&radius=30&genres=folk", "host"),
        ("/api/concerts?location=Columbus OH&radius=30&facets=true", "fan"),
        ("/api/concerts?q=columbus&facets=true&seats=1&priceMaxCents=5000&venueType=home", "fan"),
    ],
)
def test_every_statement_of_a_search_runs_as_that_role(api: Api, path: str, role: str) -> None:
    with api.setting() as work:
        make_concert(work, make_pair(work, address=True))
    who = api.person(role)
    seen: list[tuple[str, str]] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("SET LOCAL ROLE") and "auth_sessions" not in statement:
            seen.append((cursor.connection.execute("SELECT current_user").fetchone()[0], statement))

    event.listen(api.platform.engine, "after_cursor_execute", note)
    answer = api.client.get(path, headers=who)
    event.remove(api.platform.engine, "after_cursor_execute", note)
    assert answer.status_code == 200, answer.text
    assert answer.json()["pagination"]["total"] == 1
    assert len(seen) >= 2
    # Pictures come afterwards, for what was found; they have no place.
    assert [said for user, said in seen if user != SEARCH and not said.startswith("SELECT media.")] == []


def test_the_role_ends_with_the_transaction(platform: "Platform") -> None:
    with platform.searching(operator("test")) as work:
        work.session.execute(text("SELECT 1"))
    with platform.work(operator("test")) as work:
        assert work.session.execute(text("SELECT current_user")).scalar_one() != SEARCH


def test_a_schema_that_was_made_anew_is_open_to_it(server: "TestServer") -> None:
    url = server.empty()
    try:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("DROP SCHEMA public CASCADE")
            admin.execute("CREATE SCHEMA public")
            migrate.upgrade(url)
            for role in (SEARCH, HOT):
                admin.execute(f"SET ROLE {role}")
                assert admin.execute("SELECT count(id) FROM hosts").fetchone() == (0,)
                admin.execute("RESET ROLE")
    finally:
        server.drop(url)


def test_a_user_with_few_rights_is_told_what_an_administrator_runs(server: "TestServer") -> None:
    few = f"few_{uuid4().hex[:8]}"
    urls = (server.clone("few_rights"), server.empty())
    theirs = [make_url(url).set(username=few, password="x").render_as_string(hide_password=False) for url in urls]
    with psycopg.connect(urls[0], autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {few} LOGIN PASSWORD 'x'".encode())
        admin.execute(f"GRANT ALL ON alembic_version TO {few}".encode())
        admin.execute("UPDATE alembic_version SET version_num = '0034_invitation_links'")
        try:
            with pytest.raises(ConfigurationError, match="This database user may not make roles") as refused:
                migrate.upgrade(theirs[0])
            admin.execute((refused.value.hint or "").partition("run: ")[2].partition(";")[2].encode())
            with pytest.raises(ConfigurationError, match="permission denied for schema public") as refused:
                migrate.upgrade(theirs[1])
            assert refused.value.hint == migrate.RIGHTS_ARE_MISSING
            assert admin.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", (few, SEARCH)).fetchone() == (True,)
        finally:
            admin.execute(f"DROP OWNED BY {few}".encode())
            admin.execute(f"DROP ROLE {few}".encode())
    for url in urls:
        server.drop(url)
