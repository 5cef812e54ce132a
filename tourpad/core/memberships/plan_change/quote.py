"""What a change of plan comes to, read from the invoice that Stripe would make of it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from tourpad.core.errors import invalid
from tourpad.core.memberships import rules
from tourpad.core.money import Money
from tourpad.core.values import Value

LASTS: Final = timedelta(hours=1)
"""A quote can be kept to for so long."""
AHEAD: Final = timedelta(minutes=1)
"""Clocks may differ by so much."""


class Line(Value, kw_only=True):
    """One line of the invoice: time that is given back, or taken."""

    description: str
    amount: Money


class Quote(Value, kw_only=True):
    """What happens when the plan is changed as of `at`."""

    from_plan: str
    to_plan: str
    at: datetime
    """Pass it with the change, and exactly this is charged."""
    charge: Money
    """Taken from the card at once; zero or more."""
    credit: Money
    """Kept for the next renewals, beside what is charged now; zero or more."""
    owed: Money
    """Too little to charge (below fifty cents), added to the next renewal; zero or more."""
    renews_at: datetime
    """When the new plan is charged next."""
    renewal: Money
    """By how much, before credit."""
    in_trial: bool
    """The trial goes on, and nothing is charged before it ends."""
    lines: Sequence[Line]


def read(preview: Mapping[str, Any], *, from_plan: str, to_plan: str, renewal: Money, at: datetime) -> Quote:
    """A quote out of Stripe's preview of the change."""
    currency = str(preview["currency"]).upper()
    due, total = int(preview["amount_due"]), int(preview["total"])
    # What is neither charged nor was there before stays on the person's balance: below zero it is credit.
    left = int(preview["starting_balance"]) + total - due
    _, renews_at = rules.invoice_period(preview)
    return Quote(
        from_plan=from_plan,
        to_plan=to_plan,
        at=at,
        charge=Money(due, currency),
        credit=Money(max(0, -left), currency),
        owed=Money(max(0, left), currency),
        renews_at=renews_at,
        renewal=renewal,
        in_trial=False,
        lines=[
            Line(description=line["description"] or "", amount=Money(int(line["amount"]), currency))
            for line in preview["lines"]["data"]
        ],
    )


def for_trial(*, from_plan: str, to_plan: str, renewal: Money, at: datetime, trial_ends_at: datetime) -> Quote:
    """In a trial nothing was paid and nothing is charged: the new plan is what is charged when it ends."""
    nothing = Money(0, renewal.currency)
    return Quote(
        from_plan=from_plan,
        to_plan=to_plan,
        at=at,
        charge=nothing,
        credit=nothing,
        owed=nothing,
        renews_at=trial_ends_at,
        renewal=renewal,
        in_trial=True,
        lines=[],
    )


def check_instant(at: datetime, *, now: datetime, period_start: datetime) -> datetime:
    """The instant of a quote, if it can still be kept to; whole seconds, as Stripe counts.

    Raises:
        InvalidInputError: too old, of an earlier period, or still to come.
    """
    if at > now + AHEAD:
        raise invalid("proration_date", "is still to come")
    if at < now - LASTS or at < period_start:
        raise invalid("proration_date", "is too old; ask for a new quote", hint="GET /api/memberships/change?plan=…")
    return at.replace(microsecond=0)
