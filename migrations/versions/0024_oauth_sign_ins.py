"""Sign-ins with other providers: those under way, and the issuer of those that are linked."""

import sqlalchemy as sa
from alembic import op

revision = "0024_oauth_sign_ins"
down_revision = "0023_second_factors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a subject is unique with its issuer, not with our name for it."""
    op.create_table(
        "oauth_sign_ins",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("nonce_hash", sa.Text(), nullable=False),
        sa.Column("sealed_verifier", sa.Text(), nullable=False),
        sa.Column(
            "user_type",
            sa.Enum(
                "artist", "host", "fan", "admin", name="user_type", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("return_to", sa.Text(), nullable=True),
        sa.Column("challenge", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ticket_hash", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_sign_ins")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_oauth_sign_ins_state_hash")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_oauth_sign_ins_ticket_hash")),
    )
    op.create_index(op.f("ix_oauth_sign_ins_expires_at"), "oauth_sign_ins", ["expires_at"])
    op.add_column("oauth_identities", sa.Column("issuer", sa.Text(), server_default="", nullable=False))
    op.drop_constraint(op.f("uq_oauth_identities_provider_subject"), "oauth_identities", type_="unique")
    op.create_unique_constraint(op.f("uq_oauth_identities_issuer_subject"), "oauth_identities", ["issuer", "subject"])


def downgrade() -> None:
    """Take it back."""
    op.drop_constraint(op.f("uq_oauth_identities_issuer_subject"), "oauth_identities", type_="unique")
    op.create_unique_constraint(
        op.f("uq_oauth_identities_provider_subject"), "oauth_identities", ["provider", "subject"]
    )
    op.drop_column("oauth_identities", "issuer")
    op.drop_table("oauth_sign_ins")
