"""Work items of every kind that were given up are found at once: doctor, metrics and `jobs dead` ask for them."""

from alembic import op

revision = "0042_dead_items"
down_revision = "0041_words_go"
branch_labels = None
depends_on = None

KINDS = ("mails", "media_tasks", "rsvp_news", "stripe_customers", "stripe_events", "subscription_endings")


def upgrade() -> None:
    """Make one small index a kind; that of Stripe's events was by another column."""
    op.drop_index("ix_stripe_events_dead", "stripe_events")
    for kind in KINDS:
        op.create_index(f"ix_{kind}_dead", kind, ["due_at"], postgresql_where="item_state = 'dead'")


def downgrade() -> None:
    """Take them back."""
    for kind in KINDS:
        op.drop_index(f"ix_{kind}_dead", kind)
    op.create_index("ix_stripe_events_dead", "stripe_events", ["received_at"], postgresql_where="item_state = 'dead'")
