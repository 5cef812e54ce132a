"""The role that serves search: it reads what search may show, and nothing else."""

from alembic import op

revision = "0035_search_role"
down_revision = "0034_invitation_links"
branch_labels = None
depends_on = None

MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tourpad_search') THEN
        CREATE ROLE tourpad_search NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'tourpad_search', 'MEMBER') THEN
        EXECUTE format('GRANT tourpad_search TO %I', current_user);
    END IF;
EXCEPTION
    -- Roles belong to the whole server: the migration of another database on it may have been quicker.
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'This database user may not make roles.' USING HINT = format(
            'Have an administrator of the server run: CREATE ROLE tourpad_search NOLOGIN; GRANT tourpad_search TO %I;',
            current_user);
END $$
"""

WHOLE = ("artists", "hosts", "concerts", "concert_search", "concert_facts")
PARTS = {
    "users": ("id", "name", "user_type", "state", "profile_image_url"),
    "user_profiles": ("user_id", "website_url", "social_links"),
}


def upgrade() -> None:
    """Make the role where the server has none, and say what it may read here."""
    op.execute(MAKE)
    # A schema that was made anew, as after a restore, is open to nobody but its owner.
    op.execute("GRANT USAGE ON SCHEMA public TO tourpad_search")
    for what in readable():
        op.execute(f"GRANT SELECT {what} TO tourpad_search")


def downgrade() -> None:
    """Take back what it may read here. The role itself stays: other databases of the server may use it."""
    for what in readable():
        op.execute(f"REVOKE SELECT {what} FROM tourpad_search")  # noqa: S608 - names from above
    op.execute("REVOKE USAGE ON SCHEMA public FROM tourpad_search")


def readable() -> list[str]:
    """Tables, and parts of tables, as GRANT names them."""
    parts = [f"({', '.join(columns)}) ON {table}" for table, columns in PARTS.items()]
    return [*(f"ON {table}" for table in WHOLE), *parts]
