"""Each of our own rules finds what it is for, and leaves alone what it is not for."""

from pathlib import Path, PurePosixPath

import pytest

from tools.house_rules import MAX_LINES, check, tree_files

MIGRATION = '''"""Add bookings."""
from alembic import op
def upgrade(): op.create_table("bookings")
def downgrade(): op.drop_table("bookings")
'''

BROKEN = [
    (
        "no-commit-in-core",
        "tourpad/core/bookings/service.py",
        "def cancel(work):\n    work.session.commit()\n",
        2,
    ),
    ("no-commit-in-core", "tourpad/core/audit/log.py", "work.commit()", 1),
    ("select-in-queries", "tourpad/core/bookings/service.py", "rows = session.scalars(select(Booking))", 1),
    ("select-in-queries", "tourpad/core/bookings/rules.py", "rows = sa.select(Booking)", 1),
    ("select-in-queries", "tourpad/core/bookings/service.py", 'session.execute(text("  select 1"))', 1),
    ("select-in-queries", "tourpad/web/routes/bookings.py", "select(Booking)", 1),
    ("select-in-queries", "tourpad/jobs/runner.py", 'sqlalchemy.text("WITH due AS (SELECT 1) SELECT 1")', 1),
    ("ask-the-clock", "tourpad/core/bookings/service.py", "at = datetime.now(UTC)", 1),
    ("ask-the-clock", "tourpad/web/app.py", "import datetime\nat = datetime.datetime.utcnow()", 2),
    ("ask-the-clock", "tourpad/sandbox/server.py", "at = time.time()", 1),
    ("ask-the-clock", "tourpad/cli/stats.py", "day = date.today()", 1),
    ("no-float-money", "tourpad/core/money.py", "share = float(cents)", 1),
    ("no-float-money", "tourpad/core/payouts/rules.py", "def share(cents: float): ...", 1),
    ("no-float-money", "tourpad/core/ledger/rules.py", "fee = cents * 0.1", 1),
    ("no-float-money", "tourpad/core/payments/rules.py", "half = cents / 2", 1),
    ("short-files", "tourpad/core/bookings/service.py", "x = 1\n" * (MAX_LINES + 1), MAX_LINES + 1),
    ("fast-help", "tourpad/cli/payouts.py", "import stripe", 1),
    ("fast-help", "tourpad/cli/payouts.py", "from sqlalchemy.orm import Session", 1),
    (
        "reversible-migrations",
        "migrations/versions/0001.py",
        MIGRATION.removeprefix('"""Add bookings."""'),
        1,
    ),
    ("reversible-migrations", "migrations/versions/0001.py", MIGRATION.replace("op.drop_table", "pass #"), 4),
    ("reversible-migrations", "migrations/versions/0001.py", MIGRATION.rpartition("def downgrade")[0], 1),
    (
        "reversible-migrations",
        "migrations/versions/0001.py",
        MIGRATION.replace('op.drop_table("bookings")', 'raise RuntimeError("no way back")'),
        4,
    ),
    ("forbidden-words", "docs/map.md", f"one\n{'TO' + 'DO'}: write this", 2),
    ("forbidden-words", "tourpad/core/a.py", f"# {'FIX' + 'ME'} later", 1),
    ("forbidden-words", "tourpad/core/a.py", f"raise {'Not' + 'ImplementedError'}", 1),
    ("forbidden-words", "Makefile", f"cd {'/wo' + 'rk'}/main && make", 1),
    ("forbidden-words", "docs/a.md", f"see {'/ro' + 'ot'}/.cache", 1),
    ("forbidden-words", "requirements.lock", f"--index-url https://{'py' + 'pi'}.org/simple", 1),
    ("syntax", "tourpad/core/a.py", "def broken(:\n", 1),
]

KEPT = [
    ("tourpad/core/work.py", "def commit(self): self.session.commit()"),
    ("tourpad/core/database/backup.py", "connection.commit()"),
    ("tourpad/core/payouts/procedures.py", "work.commit()"),
    ("tourpad/cli/bookings.py", "work.commit()"),
    ("tourpad/core/bookings/queries.py", "select(Booking)"),
    ("tourpad/core/concerts/queries/search.py", "select(Concert)"),
    ("tourpad/core/outbox/queue.py", 'session.execute(text("SELECT 1"))'),
    ("tourpad/cli/pick.py", 'chosen = questions.select("Which?")'),
    ("tourpad/cli/output.py", 'text("select all")'.replace("select all", "all of it")),
    ("tourpad/core/clock.py", "datetime.now(UTC)"),
    ("tourpad/sandbox/clock.py", "time.time()"),
    ("tests/core/test_clock.py", "datetime.now(UTC)"),
    ("tourpad/core/bookings/service.py", "at = clock.now()"),
    ("tourpad/core/ledger/rules.py", "half = cents // 2"),
    ("tourpad/core/hosts/rules.py", "distance = float(miles) / 2"),
    ("tourpad/core/bookings/service.py", "x = 1\n" * MAX_LINES),
    ("tests/core/test_long.py", "x = 1\n" * (MAX_LINES + 1)),
    ("tourpad/cli/payouts.py", "def run():\n    import stripe\n"),
    ("tourpad/cli/payouts.py", "if TYPE_CHECKING:\n    from sqlalchemy import Engine\n"),
    ("tourpad/web/app.py", "import litestar"),
    ("migrations/versions/0001.py", MIGRATION),
    ("docs/map.md", "A network of homes; route /api/work/x; see docs/root.md."),
]


@pytest.mark.parametrize(("rule", "path", "text", "line"), BROKEN)
def test_a_broken_rule_is_found_where_it_is_broken(rule: str, path: str, text: str, line: int) -> None:
    findings = check(PurePosixPath(path), text)

    assert [(finding.rule, finding.line) for finding in findings] == [(rule, line)]


@pytest.mark.parametrize(("path", "text"), KEPT)
def test_what_is_allowed_is_left_alone(path: str, text: str) -> None:
    assert check(PurePosixPath(path), text) == []


def test_a_tree_without_git_is_read_whole(tmp_path: Path) -> None:
    for name in ("tourpad/core/a.py", ".venv/lib/b.py", "tourpad/__pycache__/c.pyc", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    assert [p.relative_to(tmp_path).as_posix() for p in tree_files(tmp_path)] == [
        "README.md",
        "tourpad/core/a.py",
    ]
