"""What our calls have taken, and may take, of Stripe's available balance: one row a currency."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.values import Value
from tourpad.core.work import Work

TAKE = text("""
    UPDATE stripe_funds SET taken_cents = taken_cents + :cents
    WHERE currency = :currency AND taken_cents + :cents <= ceiling_cents AND looked_at > clock_timestamp() - :fresh
    RETURNING taken_cents
""")
COUNT = text("""
    INSERT INTO stripe_funds AS known (id, currency, taken_cents, ceiling_cents)
    VALUES (:id, :currency, :cents, 0)
    ON CONFLICT (currency) DO UPDATE SET taken_cents = known.taken_cents + excluded.taken_cents
""")
FREE = text("""
    SELECT ceiling_cents - taken_cents FROM stripe_funds
    WHERE currency = :currency AND looked_at > clock_timestamp() - :fresh
""")
UNDER_WAY = text("""
    SELECT clock_timestamp(), known.taken_cents, coalesce(calls.cents, 0), coalesce(calls.young, 0)
    FROM stripe_funds AS known CROSS JOIN (
        SELECT sum(CAST(params->>'amount' AS bigint)) AS cents,
               count(*) FILTER (WHERE lease_until > :young AND error_code IS NULL) AS young
        FROM money_intents
        WHERE state = 'sending' AND operation IN ('transfer', 'refund')
          AND upper(coalesce(params->>'currency', :currency)) = :currency
    ) AS calls
    WHERE known.currency = :currency
""")
"""One statement: a call that begins is counted in both or in none."""
RAISE = text("""
    UPDATE stripe_funds SET ceiling_cents = :ceiling, looked_at = :began
    WHERE currency = :currency AND (looked_at IS NULL OR looked_at < :began)
""")


class UnderWay(Value):
    """The calls of one instant, for a look at Stripe's balance that comes right after."""

    at: datetime
    taken: int
    """Cents, by every call that was ever begun."""
    cents: int
    """By those that are being made."""
    young: int
    """How many of these have just begun."""


def take_funds(work: Work, amount: Money, *, fresh: timedelta) -> bool:
    """Count a call that is about to take from the balance, where a recent look says that there is so much."""
    given = {"currency": amount.currency, "cents": amount.cents, "fresh": fresh}
    return work.session.execute(TAKE, given).scalar() is not None


def count_funds(work: Work, amount: Money) -> None:
    """Count a call that takes from the balance whatever is there."""
    work.session.execute(COUNT, {"id": new_id(), "currency": amount.currency, "cents": amount.cents})


def free_funds(work: Work, currency: str, *, fresh: timedelta) -> Money | None:
    """What may still be taken by the last look; None where there was none recently."""
    cents = work.session.execute(FREE, {"currency": currency, "fresh": fresh}).scalar()
    return None if cents is None else Money(int(cents), currency)


def funds_under_way(connection: Connection, currency: str, *, young: datetime) -> UnderWay:
    """What calls have taken, and which are being made.

    Args:
        connection: with autocommit.
        currency: of the balance.
        young: calls whose lease lasts longer than until then have just begun.
    """
    connection.execute(
        text("""
            INSERT INTO stripe_funds (id, currency, taken_cents, ceiling_cents) VALUES (:id, :currency, 0, 0)
            ON CONFLICT (currency) DO NOTHING
        """),
        {"id": new_id(), "currency": currency},
    )
    at, taken, cents, count = connection.execute(UNDER_WAY, {"currency": currency, "young": young}).one()
    return UnderWay(at, int(taken), int(cents), int(count))


def raise_ceiling(connection: Connection, currency: str, *, ceiling: int, began: datetime) -> None:
    """Keep what a look came to, unless a later one has been there."""
    connection.execute(RAISE, {"currency": currency, "ceiling": ceiling, "began": began})
