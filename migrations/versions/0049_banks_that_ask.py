"""A payment that a bank only asks about is not disputed (decision 78): those that were so before it was decided."""

from alembic import op

revision = "0049_banks_that_ask"
down_revision = "0048_imported_ids"
branch_labels = None
depends_on = None

OPEN = "d.payment_id = payments.id AND d.state IN ('needs_response', 'under_review')"


def upgrade() -> None:
    """Their state follows from the cents that went back, as of any other: what goes back by itself waits no longer."""
    op.execute(f"""
        UPDATE payments SET state = CASE
            WHEN refunded_cents + lost_cents = 0 THEN 'completed'
            WHEN refunded_cents + lost_cents >= amount_cents THEN 'refunded'
            ELSE 'partly_refunded'
        END
        WHERE state = 'disputed' AND EXISTS (SELECT FROM disputes d WHERE {OPEN} AND d.is_inquiry)
            AND NOT EXISTS (SELECT FROM disputes d WHERE {OPEN} AND NOT d.is_inquiry)
    """)  # noqa: S608 - of words written here


def downgrade() -> None:
    """Whatever a bank asks about is disputed, as it was."""
    op.execute(f"""
        UPDATE payments SET state = 'disputed'
        WHERE state IN ('completed', 'partly_refunded', 'refunded') AND EXISTS (SELECT FROM disputes d WHERE {OPEN})
    """)  # noqa: S608 - of words written here
