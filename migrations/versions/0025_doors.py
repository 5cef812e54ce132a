"""The door of an evening: tickets, who of a party is in, scans of devices that were offline."""

import sqlalchemy as sa
from alembic import op

revision = "0025_doors"
down_revision = "0024_oauth_sign_ins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever was ticked off before came with all of the party, by one scan that bears the party's id."""
    op.add_column("concerts", sa.Column("door_turn", sa.BigInteger(), server_default="1", nullable=False))
    op.create_check_constraint(op.f("ck_concerts_door_turn"), "concerts", "door_turn BETWEEN 1 AND 65535")
    op.add_column("rsvps", sa.Column("ticket_issue", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("rsvps", sa.Column("arrived_count", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE rsvps SET arrived_count = guests_count WHERE checked_in_at IS NOT NULL")
    op.create_check_constraint(op.f("ck_rsvps_ticket_issue"), "rsvps", "ticket_issue BETWEEN 1 AND 65535")
    op.create_check_constraint(op.f("ck_rsvps_arrived"), "rsvps", "arrived_count BETWEEN 0 AND guests_count")
    op.create_table(
        "door_scans",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("rsvp_id", sa.Uuid(), nullable=True),
        sa.Column("guests", sa.BigInteger(), nullable=True),
        sa.Column("let_in", sa.BigInteger(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "let_in", "duplicate", "refused", name="outcome", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("by_user_id", sa.Uuid(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("guests >= 1", name=op.f("ck_door_scans_guests")),
        sa.CheckConstraint("let_in >= 0 AND (guests IS NULL OR let_in <= guests)", name=op.f("ck_door_scans_let_in")),
        sa.CheckConstraint("(outcome = 'let_in') = (let_in > 0)", name=op.f("ck_door_scans_outcome_let_in")),
        sa.CheckConstraint("(outcome = 'refused') = (reason IS NOT NULL)", name=op.f("ck_door_scans_outcome_reason")),
        sa.ForeignKeyConstraint(["concert_id"], ["concerts.id"], name=op.f("fk_door_scans_concert_id")),
        sa.ForeignKeyConstraint(["rsvp_id"], ["rsvps.id"], name=op.f("fk_door_scans_rsvp_id")),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_door_scans_by_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_scans")),
    )
    op.create_index("ix_door_scans_concert", "door_scans", ["concert_id", "scanned_at"])
    op.create_index("ix_door_scans_rsvp", "door_scans", ["rsvp_id"])
    op.create_index(op.f("ix_door_scans_by_user_id"), "door_scans", ["by_user_id"])
    op.execute(
        """
        INSERT INTO door_scans (id, concert_id, rsvp_id, let_in, outcome, scanned_at, heard_at)
        SELECT id, concert_id, id, guests_count, 'let_in', checked_in_at, checked_in_at
        FROM rsvps WHERE checked_in_at IS NOT NULL
        """
    )


def downgrade() -> None:
    """A party was ticked off or not."""
    op.drop_table("door_scans")
    op.drop_constraint(op.f("ck_rsvps_arrived"), "rsvps")
    op.drop_constraint(op.f("ck_rsvps_ticket_issue"), "rsvps")
    op.drop_column("rsvps", "arrived_count")
    op.drop_column("rsvps", "ticket_issue")
    op.drop_constraint(op.f("ck_concerts_door_turn"), "concerts")
    op.drop_column("concerts", "door_turn")
