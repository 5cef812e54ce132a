"""Being of age, and what admins note about people."""

import sqlalchemy as sa
from alembic import op

revision = "0029_agreements_and_notes"
down_revision = "0028_mail_attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both."""
    op.add_column("users", sa.Column("adult_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "user_notes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_label", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_notes_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_user_notes_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_notes")),
    )
    op.create_index(op.f("ix_user_notes_user_id"), "user_notes", ["user_id"])


def downgrade() -> None:
    """Take both back."""
    op.drop_table("user_notes")
    op.drop_column("users", "adult_confirmed_at")
