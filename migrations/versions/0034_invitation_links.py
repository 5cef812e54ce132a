"""Links that invite to a concert, and who came by them."""

import sqlalchemy as sa
from alembic import op

revision = "0034_invitation_links"
down_revision = "0033_calendars"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is invited already was invited by name."""
    op.create_table(
        "invitation_links",
        sa.Column("concert_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("max_uses", sa.BigInteger(), nullable=True),
        sa.Column("uses", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("max_uses >= 1", name=op.f("ck_invitation_links_max_uses")),
        sa.CheckConstraint(
            "uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name=op.f("ck_invitation_links_uses")
        ),
        sa.ForeignKeyConstraint(
            ["concert_id"], ["concerts.id"], name=op.f("fk_invitation_links_concert_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_invitation_links_created_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_links")),
    )
    op.create_index(op.f("ix_invitation_links_concert_id"), "invitation_links", ["concert_id"])
    op.create_index(op.f("ix_invitation_links_created_by"), "invitation_links", ["created_by"])
    op.add_column("concert_invitations", sa.Column("link_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_concert_invitations_link_id"),
        "concert_invitations",
        "invitation_links",
        ["link_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(op.f("ix_concert_invitations_link_id"), "concert_invitations", ["link_id"])


def downgrade() -> None:
    """Whoever was invited stays so."""
    op.drop_column("concert_invitations", "link_id")
    op.drop_table("invitation_links")
