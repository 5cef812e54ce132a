"""Seats asked for in one statement: what is still to be told, and the role that the hot statements run as."""

import sqlalchemy as sa
from alembic import op

revision = "0038_seats_at_once"
down_revision = "0037_read_at"
branch_labels = None
depends_on = None

MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tourpad_hot') THEN
        CREATE ROLE tourpad_hot NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'tourpad_hot', 'MEMBER') THEN
        EXECUTE format('GRANT tourpad_hot TO %I', current_user);
    END IF;
EXCEPTION
    -- Roles belong to the whole server: the migration of another database on it may have been quicker.
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'This database user may not make roles.' USING HINT = format(
            'Have an administrator of the server run: CREATE ROLE tourpad_hot NOLOGIN; GRANT tourpad_hot TO %I;',
            current_user);
END $$
"""

READS = {
    "artists": ("id", "user_id", "stage_name", "genres"),
    "hosts": (
        *("id", "user_id", "venue_name", "city", "state", "time_zone", "indoor_capacity", "outdoor_capacity"),
        *("public_latitude", "public_longitude"),
    ),
    "concerts": None,
    "concert_search": None,
    "concert_invitations": ("concert_id", "user_id"),
    "fans": ("id", "user_id"),
    "rsvps": None,
    "auth_sessions": ("id", "user_id", "ended_at", "expires_at"),
    "second_factors": ("user_id", "confirmed_at"),
    "users": (
        *("id", "name", "user_type", "state", "adult_confirmed_at", "terms_version", "privacy_version"),
        "sign_ins_valid_from",
    ),
}
"""Tables, and the columns where it is not all of them. Neither a mail address nor a place nor a hash is among them."""
WRITES = ("UPDATE (seats_taken) ON concerts", "INSERT ON rsvps", "INSERT ON rsvp_news")


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "rsvp_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "item_state",
            sa.Enum(
                *("waiting", "working", "done", "dead"),
                name="item_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="waiting",
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["rsvps.id"], name=op.f("fk_rsvp_news_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rsvp_news")),
    )
    op.create_index(
        "ix_rsvp_news_due",
        "rsvp_news",
        ["due_at"],
        unique=False,
        postgresql_where="item_state IN ('waiting', 'working')",
    )
    op.execute(MAKE)
    op.execute("GRANT USAGE ON SCHEMA public TO tourpad_hot")
    for what in allowed():
        op.execute(f"GRANT {what} TO tourpad_hot")


def downgrade() -> None:
    """Drop the table, and take back what the role may do here. The role itself stays, as search's does."""
    for what in allowed():
        op.execute(f"REVOKE {what} FROM tourpad_hot")
    op.execute("REVOKE USAGE ON SCHEMA public FROM tourpad_hot")
    op.drop_table("rsvp_news")


def allowed() -> list[str]:
    """Everything, as GRANT names it."""
    reads = [
        f"SELECT ON {table}" if columns is None else f"SELECT ({', '.join(columns)}) ON {table}"
        for table, columns in READS.items()
    ]
    return [*reads, *WRITES]
