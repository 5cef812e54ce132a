"""Artists, hosts with their addresses apart, fans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_profiles"
down_revision = "0005_payments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "artists",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("stage_name", sa.Text(), nullable=False),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("genres", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("typical_set_length", sa.BigInteger(), nullable=True),
        sa.Column("equipment_needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("travel_radius", sa.BigInteger(), nullable=True),
        sa.Column("min_guarantee_cents", sa.BigInteger(), nullable=True),
        sa.Column("preferred_booking_advance", sa.BigInteger(), nullable=True),
        sa.Column("performance_video_url", sa.Text(), nullable=True),
        sa.Column("music_profile_url", sa.Text(), nullable=True),
        sa.Column("music_samples", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("min_guarantee_cents >= 0", name=op.f("ck_artists_guarantee")),
        sa.CheckConstraint("typical_set_length BETWEEN 10 AND 480", name=op.f("ck_artists_set_length")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_artists_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artists")),
        sa.UniqueConstraint("user_id", name=op.f("uq_artists_user_id")),
    )
    op.create_table(
        "fans",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("favorite_genres", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("travel_radius", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_fans_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fans")),
        sa.UniqueConstraint("user_id", name=op.f("uq_fans_user_id")),
    )
    op.create_table(
        "hosts",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("venue_name", sa.Text(), nullable=False),
        sa.Column(
            "venue_type",
            sa.Enum(
                "home",
                "loft",
                "warehouse",
                "other",
                name="venue_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("bio", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), server_default="US", nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("public_latitude", sa.Double(), nullable=True),
        sa.Column("public_longitude", sa.Double(), nullable=True),
        sa.Column("indoor_capacity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("outdoor_capacity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("preferred_genres", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("hosting_experience", sa.BigInteger(), nullable=True),
        sa.Column("typical_show_length", sa.BigInteger(), nullable=True),
        sa.Column("house_rules", sa.Text(), nullable=True),
        sa.Column("offers_lodging", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("lodging_details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(public_latitude IS NULL) = (public_longitude IS NULL)", name=op.f("ck_hosts_public_point")
        ),
        sa.CheckConstraint("indoor_capacity >= 0 AND outdoor_capacity >= 0", name=op.f("ck_hosts_capacity")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_hosts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hosts")),
        sa.UniqueConstraint("user_id", name=op.f("uq_hosts_user_id")),
    )
    op.create_index("ix_hosts_place", "hosts", ["public_latitude", "public_longitude"], unique=False)
    op.create_table(
        "address_looks",
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("concert_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_address_looks_host_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_address_looks_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_looks")),
    )
    op.create_index("ix_address_looks_host", "address_looks", ["host_id", "at"], unique=False)
    op.create_index(op.f("ix_address_looks_user_id"), "address_looks", ["user_id"], unique=False)
    op.create_table(
        "host_addresses",
        sa.Column("host_id", sa.Uuid(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("arrival_notes", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("is_approximate", sa.Boolean(), nullable=False),
        sa.Column("anchor_latitude", sa.Double(), nullable=False),
        sa.Column("anchor_longitude", sa.Double(), nullable=False),
        sa.Column("point_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["host_id"], ["hosts.id"], name=op.f("fk_host_addresses_host_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_addresses")),
        sa.UniqueConstraint("host_id", name=op.f("uq_host_addresses_host_id")),
    )


def downgrade() -> None:
    """Drop them, and what is in them."""
    op.drop_table("host_addresses")
    op.drop_table("address_looks")
    op.drop_table("hosts")
    op.drop_table("fans")
    op.drop_table("artists")
