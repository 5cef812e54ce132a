"""Calendars: patterns, calendars kept elsewhere, secret addresses; artists' trips."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_calendars"
down_revision = "0032_reviewing"
branch_labels = None
depends_on = None

CATEGORIES = ("booking", "message", "payment", "concert", "review", "system")


def upgrade() -> None:
    """Make the tables; news may be about trips."""
    _days_and_patterns()
    _feeds()
    _trips()
    op.create_table(
        "calendar_links",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_links_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("user_id", name=op.f("uq_calendar_links_user_id")),
    )
    _categories(*CATEGORIES, "trip")


def downgrade() -> None:
    """Drop them, and what was told of trips."""
    for table in ("notifications", "notification_preferences"):
        op.execute(f"DELETE FROM {table} WHERE category = 'trip'")  # noqa: S608 - a name from the line above
    _categories(*CATEGORIES)
    for table in (
        "calendar_links",
        "trip_notices",
        "trips",
        "feed_busy_days",
        "calendar_feeds",
        "availability_patterns",
    ):
        op.drop_table(table)


def _categories(*values: str) -> None:
    """What news may be about."""
    listed = ", ".join(f"'{value}'" for value in values)
    for table in ("notifications", "notification_preferences"):
        op.drop_constraint(op.f(f"ck_{table}_category"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_category"), table, f"category IN ({listed})")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _days_and_patterns() -> None:
    op.create_table(
        "availability_patterns",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", _choice("kind", "open", "blocked"), nullable=False),
        sa.Column("repeats", _choice("repeats", "weekly", "monthly_day", "monthly_weekday"), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("month_days", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("weeks", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("every", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("every BETWEEN 1 AND 12", name=op.f("ck_availability_patterns_every")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_availability_patterns_span")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_availability_patterns_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_availability_patterns")),
        sa.UniqueConstraint("user_id", "position", name=op.f("uq_availability_patterns_user_id_position")),
    )


def _feeds() -> None:
    op.create_table(
        "calendar_feeds",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed_url", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("blocks", _choice("blocks", "evenings", "any"), nullable=False),
        sa.Column("state", _choice("state", "new", "good", "failing", "stopped"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("read_until", sa.Date(), nullable=True),
        sa.Column("left_out", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_fetch_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_calendar_feeds_failures")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_feeds_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("user_id", "url_hash", name=op.f("uq_calendar_feeds_user_id_url_hash")),
    )
    op.create_index(
        "ix_calendar_feeds_due", "calendar_feeds", ["next_fetch_at"], postgresql_where=sa.text("state <> 'stopped'")
    )
    op.create_table(
        "feed_busy_days",
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["calendar_feeds.id"], name=op.f("fk_feed_busy_days_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_busy_days")),
        sa.UniqueConstraint("feed_id", "day", name=op.f("uq_feed_busy_days_feed_id_day")),
    )


def _trips() -> None:
    op.create_table(
        "trips",
        sa.Column("artist_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("radius_miles", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_trips_span")),
        sa.CheckConstraint("(city IS NULL) = (latitude IS NULL)", name=op.f("ck_trips_place")),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_trips_point")),
        sa.CheckConstraint("(city IS NULL) = (radius_miles IS NULL)", name=op.f("ck_trips_radius")),
        sa.ForeignKeyConstraint(["artist_id"], ["artists.id"], name=op.f("fk_trips_artist_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trips")),
    )
    op.create_index("ix_trips_artist", "trips", ["artist_id", "starts_on"])
    op.create_index("ix_trips_ends", "trips", ["ends_on"], postgresql_where=sa.text("cancelled_at IS NULL"))
    op.create_table(
        "trip_notices",
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_trip_notices_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("fk_trip_notices_trip_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trip_notices")),
        sa.UniqueConstraint("trip_id", "host_id", name=op.f("uq_trip_notices_trip_id_host_id")),
    )
    op.create_index(op.f("ix_trip_notices_host_id"), "trip_notices", ["host_id"])
