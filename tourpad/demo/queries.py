"""What the summary reads, straight from the tables: counts by state, and money by account."""

from typing import Any

from sqlalchemy import text

from tourpad.core.work import Work


def counts(work: Work, table: str, *columns: str) -> dict[tuple[str, ...], int]:
    """Rows of a table by the values of some columns. Names are ours, never a person's input."""
    names = ", ".join(columns)
    rows = work.session.execute(text(f"SELECT {names}, count(*) FROM {table} GROUP BY {names}"))  # noqa: S608 - see above
    return {tuple(str(v) for v in row[:-1]): int(row[-1]) for row in rows}


def seats(work: Work) -> dict[str, int]:
    """Seats of all shows that were not called off: how many there were, how many were taken, who waited, who got in."""
    row = work.session.execute(
        text("""
            SELECT
                (SELECT coalesce(sum(max_capacity), 0) FROM concerts WHERE state <> 'cancelled') AS offered,
                (SELECT coalesce(sum(r.guests_count), 0) FROM rsvps r JOIN concerts c ON c.id = r.concert_id
                  WHERE c.state <> 'cancelled' AND r.state IN ('approved', 'checked_in', 'no_show')) AS taken,
                (SELECT coalesce(sum(guests_count), 0) FROM rsvps WHERE was_waitlisted) AS waited,
                (SELECT coalesce(sum(guests_count), 0) FROM rsvps
                  WHERE was_waitlisted AND state IN ('approved', 'checked_in', 'no_show')) AS got_in
        """)
    ).one()
    return {name: int(value) for name, value in zip(("offered", "taken", "waited", "got_in"), row, strict=True)}


def plans(work: Work) -> dict[str, int]:
    """What was planned otherwise than by an artist's request: trips, invitations, minimums, other dates, calendars."""
    row = (
        work.session.execute(
            text("""
                SELECT (SELECT count(*) FROM trips) AS trips,
                    (SELECT count(*) FROM bookings WHERE requested_by = 'host') AS invited,
                    count(*) FILTER (WHERE minimum_attendance > 0) AS with_minimum,
                    count(*) FILTER (WHERE minimum_reached_at IS NOT NULL) AS reached,
                    count(*) FILTER (WHERE moved_count > 0) AS moved,
                    (SELECT count(*) FROM rsvps r JOIN concerts c ON c.id = r.concert_id
                      WHERE c.moved_count > 0 AND r.state = 'cancelled') AS went,
                    (SELECT count(*) FROM rsvps r JOIN concerts c ON c.id = r.concert_id
                      WHERE c.moved_count > 0 AND r.state IN ('approved', 'checked_in', 'no_show')) AS stayed,
                    (SELECT count(*) FROM calendar_links WHERE read_at IS NOT NULL) AS calendars
                FROM concerts
            """)
        )
        .mappings()
        .one()
    )
    return {name: int(value) for name, value in row.items()}


def accounts(work: Work) -> dict[str, int]:
    """Every ledger account with its balance in cents; those of one concert or person are summed up by kind."""
    rows = work.session.execute(
        text("SELECT split_part(account, ':', 1) AS kind, sum(amount_cents) FROM ledger_lines GROUP BY 1 ORDER BY 1")
    )
    return {str(kind): int(cents) for kind, cents in rows}


def money_in(work: Work) -> int:
    """Cents that payers were charged, by what the ledger says of charges."""
    return int(
        work.session.execute(
            text("""
                SELECT coalesce(sum(-l.amount_cents), 0)
                FROM ledger_lines l JOIN ledger_journals j ON j.id = l.journal_id
                WHERE j.purpose = 'paid' AND (l.account LIKE 'held:%' OR l.account = 'membership_revenue')
                  AND l.amount_cents < 0
            """)
        ).scalar_one()
    )


def stripe_moves(work: Work) -> dict[str, int]:
    """Cents that left Stripe's balance, by what caused it: the ledger's lines on `stripe_balance`, by source."""
    rows = work.session.execute(
        text("""
            SELECT j.source_type, sum(l.amount_cents) FROM ledger_lines l JOIN ledger_journals j ON j.id = l.journal_id
            WHERE l.account = 'stripe_balance' GROUP BY 1
        """)
    )
    return {str(source): int(cents) for source, cents in rows}


def one(work: Work, sql: str) -> Any:
    """One value of one of the summary's own statements."""
    return work.session.execute(text(sql)).scalar_one()


def payouts(work: Work) -> list[dict[str, Any]]:
    """Payouts that were decided, by state and reason: how many, and how many cents."""
    rows = work.session.execute(
        text("""
            SELECT state, hold_reason, count(*),
                   sum(CASE WHEN state IN ('sent', 'settled') THEN amount_cents ELSE earned_cents END)
            FROM payouts WHERE state NOT IN ('planned', 'held') GROUP BY 1, 2 ORDER BY 1, 2
        """)
    )
    return [
        {
            "state": str(state),
            "reason": str(reason).replace("_", " ") if reason else None,
            "count": int(count),
            "cents": int(cents),
        }
        for state, reason, count, cents in rows
    ]
