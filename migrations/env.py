"""Alembic's environment. One migration runs at a time (an advisory lock), each in a transaction of its own."""

from alembic import context
from sqlalchemy import create_engine, text

from tourpad.core.models import Base

LOCK = 7_264_001
"""The advisory lock that keeps two upgrades apart."""


def run() -> None:
    """Migrate the database that `tourpad.core.database.migrate` names."""
    engine = create_engine(context.config.attributes["url"], connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
            connection.commit()
            context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
    finally:
        engine.dispose()


run()
