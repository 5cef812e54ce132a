"""Search: who can't on any day of a span, told to the role that serves search without any reason."""

from alembic import op

revision = "0039_busy_people"
down_revision = "0038_seats_at_once"
branch_labels = None
depends_on = None

# The same rule as `availability.rules.Calendar`: a show counts most, then the word on the day, then feeds and patterns.
# It reads what the role of search may not, and answers with accounts alone.
BUSY = """
CREATE FUNCTION busy_people(first date, last date) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH days AS (SELECT d::date AS day FROM generate_series(first, last, interval '1 day') AS d),
shows AS (
    SELECT a.user_id, b.requested_date AS day FROM bookings b JOIN artists a ON a.id = b.artist_id
    WHERE b.state IN ('confirmed', 'completed') AND b.requested_date BETWEEN first AND last
    UNION
    SELECT h.user_id, b.requested_date FROM bookings b JOIN hosts h ON h.id = b.host_id
    WHERE b.state IN ('confirmed', 'completed') AND b.requested_date BETWEEN first AND last
),
words AS (SELECT user_id, day, kind FROM availability_days WHERE day BETWEEN first AND last),
others AS (
    SELECT f.user_id, b.day FROM feed_busy_days b JOIN calendar_feeds f ON f.id = b.feed_id
    WHERE b.day BETWEEN first AND last
    UNION
    SELECT p.user_id, d.day FROM availability_patterns p CROSS JOIN days d
    WHERE p.kind = 'blocked' AND d.day >= p.starts_on AND (p.ends_on IS NULL OR d.day <= p.ends_on)
      AND CASE p.repeats
        WHEN 'weekly' THEN
            (date_trunc('week', d.day)::date - date_trunc('week', p.starts_on)::date) / 7 % p.every = 0
            AND (ARRAY['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'])[extract(isodow FROM d.day)::int] = ANY (p.weekdays)
        ELSE
            ((extract(year FROM d.day) - extract(year FROM p.starts_on)) * 12
                + extract(month FROM d.day) - extract(month FROM p.starts_on))::int % p.every = 0
            AND CASE p.repeats
                WHEN 'monthly_day' THEN
                    extract(day FROM d.day)::int = ANY (p.month_days)
                    OR (-1 = ANY (p.month_days) AND extract(day FROM d.day + 1) = 1)
                ELSE
                    (ARRAY['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'])[extract(isodow FROM d.day)::int]
                        = ANY (p.weekdays)
                    AND ((extract(day FROM d.day)::int - 1) / 7 + 1 = ANY (p.weeks)
                        OR (-1 = ANY (p.weeks) AND extract(month FROM d.day + 7) <> extract(month FROM d.day)))
            END
        END
),
taken AS (
    SELECT user_id, day FROM shows
    UNION
    SELECT user_id, day FROM words WHERE kind = 'blocked'
    UNION
    SELECT o.user_id, o.day FROM others o
    WHERE NOT EXISTS (SELECT FROM words w WHERE w.user_id = o.user_id AND w.day = o.day)
)
SELECT user_id FROM taken GROUP BY user_id HAVING count(*) > last - first
$$
"""


def upgrade() -> None:
    """Make the function, and let the role that serves search call it."""
    op.execute(BUSY)
    op.execute("REVOKE ALL ON FUNCTION busy_people(date, date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION busy_people(date, date) TO tourpad_search")


def downgrade() -> None:
    """Take it back."""
    op.execute("DROP FUNCTION busy_people(date, date)")
