"""Search: plain words with an index that forgives typing, ratings, and what concerts are narrowed by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tourpad.core.database.likeness import require_extension
from tourpad.core.places.towns import STATES
from tourpad.core.words import joined

revision = "0027_search"
down_revision = "0026_companions"
branch_labels = None
depends_on = None

PROFILES = {
    "artists": ("stage_name", "city", "state", "genres"),
    "hosts": ("venue_name", "city", "state", "preferred_genres"),
}


def upgrade() -> None:
    """Add columns and indexes, make the table, and fill both."""
    require_extension(op.get_bind())
    for table in PROFILES:
        op.add_column(table, sa.Column("words", sa.Text(), server_default="", nullable=False))
        op.add_column(table, sa.Column("rating_total", sa.BigInteger(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("rating_count", sa.BigInteger(), server_default="0", nullable=False))
        op.add_column(table, sa.Column("standing", sa.Float(), server_default="4", nullable=False))
    op.create_table(
        "concert_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("genres", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("venue_type", sa.String(length=40), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("price_cents", sa.BigInteger(), nullable=False),
        sa.Column("door_mode", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "venue_type IN ('home', 'loft', 'warehouse', 'other')", name=op.f("ck_concert_facts_venue_type")
        ),
        sa.CheckConstraint("door_mode IN ('fixed', 'pay_what_you_can')", name=op.f("ck_concert_facts_door_mode")),
        sa.ForeignKeyConstraint(["id"], ["concert_search.id"], name=op.f("fk_concert_facts_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concert_facts")),
    )
    _fill()
    for table in PROFILES:
        op.create_index(
            f"ix_{table}_listed", table, ["approved_at", "id"], postgresql_where=sa.text("approved_at IS NOT NULL")
        )
    op.create_index("ix_artists_genres", "artists", ["genres"], postgresql_using="gin")
    for table in (*PROFILES, "concert_facts"):
        op.create_index(
            f"ix_{table}_words",
            table,
            ["words"],
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        )


def downgrade() -> None:
    """Drop all of it."""
    op.drop_table("concert_facts")
    op.drop_index("ix_artists_genres", "artists")
    for table in PROFILES:
        op.drop_index(f"ix_{table}_words", table)
        op.drop_index(f"ix_{table}_listed", table)
        for column in ("words", "rating_total", "rating_count", "standing"):
            op.drop_column(table, column)
    op.execute("DROP EXTENSION IF EXISTS pg_trgm")


def _fill() -> None:
    bind = op.get_bind()
    for table, columns in PROFILES.items():
        rows = bind.execute(sa.text(f"SELECT id, {', '.join(columns)} FROM {table}"))  # noqa: S608 - from above
        found = [
            {"id": row[0], "words": joined([row[1], row[2], row[3], STATES.get(row[3] or ""), *row[4]])} for row in rows
        ]
        if found:
            bind.execute(sa.text(f"UPDATE {table} SET words = :words WHERE id = :id"), found)  # noqa: S608 - as above
        about = (
            f"UPDATE {table} SET rating_total = r.total, rating_count = r.number,"  # noqa: S608 - as above
            " standing = (r.total + 12.0) / (r.number + 3) FROM (SELECT reviewee_id, sum(rating) AS total,"
            " count(*) AS number FROM reviews WHERE published_at IS NOT NULL AND is_public GROUP BY reviewee_id) r"
            f" WHERE r.reviewee_id = {table}.user_id"
        )
        op.execute(about)
    concerts = bind.execute(
        sa.text(
            "SELECT s.id, c.title, a.stage_name, h.venue_name, h.city, h.state, a.genres, h.venue_type, c.door_mode,"
            " CASE c.door_mode WHEN 'fixed' THEN c.door_fee_cents ELSE c.door_minimum_cents END AS price_cents,"
            " a.standing FROM concert_search s JOIN concerts c USING (id) JOIN artists a ON a.id = c.artist_id"
            " JOIN hosts h ON h.id = c.host_id"
        )
    )
    facts = [
        {
            **dict(row),
            "words": joined(
                [
                    *(row[name] for name in ("title", "stage_name", "venue_name", "city", "state")),
                    STATES.get(row["state"]),
                    *row["genres"],
                ]
            ),
        }
        for row in concerts.mappings()
    ]
    if facts:
        bind.execute(
            sa.text(
                "INSERT INTO concert_facts (id, words, genres, venue_type, state, price_cents, door_mode, standing)"
                " VALUES (:id, :words, :genres, :venue_type, :state, :price_cents, :door_mode, :standing)"
            ),
            facts,
        )
