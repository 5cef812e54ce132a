"""Reviewing by several: drafts, submissions, decisions with their fate, claims, scores, marks, templates, walks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_reviewing"
down_revision = "0031_stripe_customers_told"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('second_opinion', 'held')")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _of_application(table: str, *columns: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("application_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f(f"fk_{table}_application_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _reviewer(table: str, column: str, *, ondelete: str = "SET NULL") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)


def upgrade() -> None:
    """Make the tables, and bring what was submitted and decided before into them."""
    op.add_column("applications", sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    for name in ("draft_saved_at", "due_at", "claimed_until"):
        op.add_column("applications", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in ("claimed_by", "claimed_by_label"):
        op.add_column("applications", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("applications", sa.Column("claimed_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_applications_claimed_by_id"), "applications", "users", ["claimed_by_id"], ["id"], ondelete="SET NULL"
    )
    op.create_check_constraint(
        op.f("ck_applications_claim"), "applications", "(claimed_by IS NULL) = (claimed_until IS NULL)"
    )
    op.add_column(
        "applications",
        sa.Column("decision_reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.alter_column("applications", "decision_reason", new_column_name="decision_feedback")
    op.execute("UPDATE applications SET due_at = submitted_at + interval '48 hours'")

    _of_application(
        "application_submissions",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("application_id", "round", name=op.f("uq_application_submissions_application_id_round")),
    )
    op.execute("""
        INSERT INTO application_submissions (id, application_id, round, answers, submitted_at)
        SELECT gen_random_uuid(), id, round, answers, submitted_at FROM applications WHERE submitted_at IS NOT NULL
    """)

    _of_application(
        "application_decisions",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("verdict", _enum("verdict", "approved", "rejected"), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column(
            "state",
            _enum("state", "second_opinion", "held", "effective", "withdrawn", "undone"),
            nullable=False,
        ),
        sa.Column("is_held", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("needs_second_opinion", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by_label", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by_label", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        _reviewer("application_decisions", "decided_by_id"),
        _reviewer("application_decisions", "confirmed_by_id"),
        sa.CheckConstraint("confirmed_by <> decided_by", name=op.f("ck_application_decisions_two_people")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_application_decisions_confirmed")
        ),
        sa.CheckConstraint(
            "state NOT IN ('effective', 'undone') OR effective_at IS NOT NULL",
            name=op.f("ck_application_decisions_effective"),
        ),
        sa.CheckConstraint(
            "NOT needs_second_opinion OR confirmed_at IS NOT NULL OR state IN ('second_opinion', 'withdrawn')",
            name=op.f("ck_application_decisions_second_opinion"),
        ),
    )
    op.create_index(
        "uq_application_decisions_open", "application_decisions", ["application_id"], unique=True, postgresql_where=OPEN
    )
    op.create_index("ix_application_decisions_application", "application_decisions", ["application_id", "decided_at"])
    op.create_index("ix_application_decisions_decided_by", "application_decisions", ["decided_by", "decided_at"])
    op.execute("""
        INSERT INTO application_decisions (id, application_id, round, verdict, feedback, state, decided_by,
                                           decided_by_id, decided_by_label, decided_at, effective_at)
        SELECT gen_random_uuid(), id, round, state, decision_feedback, 'effective',
               coalesce(decided_by::text, 'unknown'), decided_by,
               coalesce('admin ' || right(replace(decided_by::text, '-', ''), 8), 'operator'), decided_at, decided_at
        FROM applications WHERE state IN ('approved', 'rejected') AND decided_at IS NOT NULL
    """)

    _of_application(
        "application_scores",
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewer_label", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        _reviewer("application_scores", "reviewer_id"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_application_scores_score")),
        sa.UniqueConstraint(
            "application_id",
            "round",
            "reviewer",
            "criterion",
            name=op.f("uq_application_scores_application_id_round_reviewer_criterion"),
        ),
    )
    _of_application(
        "application_marks",
        sa.Column("kind", _enum("kind", "link", "name"), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "application_id", "kind", "value", name=op.f("uq_application_marks_application_id_kind_value")
        ),
    )
    op.create_index("ix_application_marks_value", "application_marks", ["kind", "value"])
    # As `rules/likeness.py` writes them, but for videos' names: those come with the next submission.
    op.execute("""
        INSERT INTO application_marks (id, application_id, kind, value)
        SELECT gen_random_uuid(), a.id, 'name', lower(n.name) FROM applications a
        JOIN users u ON u.id = a.user_id
        CROSS JOIN LATERAL (SELECT u.name UNION SELECT a.answers ->> 'stage_name'
                            UNION SELECT a.answers ->> 'venue_name') n (name)
        WHERE length(n.name) >= 4 AND a.submitted_at IS NOT NULL
        ON CONFLICT DO NOTHING
    """)
    op.execute("""
        INSERT INTO application_marks (id, application_id, kind, value)
        SELECT gen_random_uuid(), a.id, 'link',
               regexp_replace(regexp_replace(l.url, '^https?://(www\\.|m\\.)?', ''), '/*([?#].*)?$', '')
        FROM applications a
        CROSS JOIN LATERAL (SELECT a.answers ->> 'performance_video_url' UNION SELECT a.answers ->> 'music_profile_url'
                            UNION SELECT value FROM jsonb_each_text(
                                CASE jsonb_typeof(a.answers -> 'social_links') WHEN 'object'
                                THEN a.answers -> 'social_links' ELSE '{}' END)) l (url)
        WHERE l.url ~ '^https?://[^/?#]+/[^?#]' AND l.url !~ 'youtu' AND a.submitted_at IS NOT NULL
        ON CONFLICT DO NOTHING
    """)
    op.create_table(
        "application_templates",
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", _enum("purpose", "question", "rejection", "note"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reviewer("application_templates", "owner_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_templates")),
        sa.UniqueConstraint("owner", "purpose", "name", name=op.f("uq_application_templates_owner_purpose_name")),
    )
    op.create_table(
        "application_walks",
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("at_id", sa.Uuid(), nullable=True),
        sa.Column("skipped", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reviewer("application_walks", "reviewer_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_walks")),
        sa.UniqueConstraint("reviewer", name=op.f("uq_application_walks_reviewer")),
    )


def downgrade() -> None:
    """Drop the tables; an application keeps the words of its last decision."""
    for table in (
        "application_walks",
        "application_templates",
        "application_marks",
        "application_scores",
        "application_decisions",
        "application_submissions",
    ):
        op.drop_table(table)
    op.alter_column("applications", "decision_feedback", new_column_name="decision_reason")
    for name in (
        "decision_reasons",
        "claimed_by_id",
        "claimed_by_label",
        "claimed_until",
        "claimed_by",
        "due_at",
        "draft_saved_at",
        "draft",
    ):
        op.drop_column("applications", name)
