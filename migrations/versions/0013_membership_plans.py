"""The plans that are offered: what artists and fans pay a year or a month."""

from alembic import op

revision = "0013_membership_plans"
down_revision = "0012_guards"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        INSERT INTO membership_plans (id, code, user_type, name, amount_cents, currency, "interval", updated_at)
        VALUES
            ('0196b000-0000-7000-8000-000000000001', 'artist_yearly', 'artist', 'Artist, by the year',
             12000, 'USD', 'year', '2026-01-01T00:00:00Z'),
            ('0196b000-0000-7000-8000-000000000002', 'artist_monthly', 'artist', 'Artist, by the month',
             1200, 'USD', 'month', '2026-01-01T00:00:00Z'),
            ('0196b000-0000-7000-8000-000000000003', 'fan_yearly', 'fan', 'Fan, by the year',
             3000, 'USD', 'year', '2026-01-01T00:00:00Z'),
            ('0196b000-0000-7000-8000-000000000004', 'fan_monthly', 'fan', 'Fan, by the month',
             300, 'USD', 'month', '2026-01-01T00:00:00Z')
        ON CONFLICT (code) DO NOTHING
    """)


def downgrade() -> None:
    # Those that somebody has taken stay until the tables themselves go.
    op.execute("""
        DELETE FROM membership_plans AS p
        WHERE code IN ('artist_yearly', 'artist_monthly', 'fan_yearly', 'fan_monthly')
          AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.plan_code = p.code)
          AND NOT EXISTS (SELECT 1 FROM membership_checkouts c WHERE c.plan_code = p.code)
    """)
