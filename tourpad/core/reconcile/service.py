"""Holding what was fetched from Stripe against our side, in one unit of work."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ledger import service as ledger
from tourpad.core.ledger.rules import Finding
from tourpad.core.memberships import rules as memberships
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments import service as payments
from tourpad.core.payments.rules import id_in
from tourpad.core.payments.service.disputes import STATES as DISPUTE_WORDS
from tourpad.core.payouts import service as payouts
from tourpad.core.payouts.rules import short
from tourpad.core.payouts.service.payees import can_receive
from tourpad.core.reconcile import advice, queries, rules
from tourpad.core.reconcile.rules import Entry, Moved
from tourpad.core.values import Value
from tourpad.core.work import Work

EVENT_PATIENCE = timedelta(minutes=10)
CLEARING_PATIENCE = timedelta(hours=1)
MARGIN = timedelta(hours=1)
"""Between Stripe making a thing and our recording it, for the edge of the time that is looked at."""

REFUND_WORDS = {"pending": "sent", "requires_action": "sent", "succeeded": "succeeded"}


class StripeSide(Value, kw_only=True):
    """All that was fetched."""

    since: datetime | None
    """From when on things are listed; None: from the beginning."""
    entries: Sequence[Entry]
    balance: Mapping[str, int]
    """Available and pending, by currency."""
    transfers: Sequence[StripeDict]
    refunds: Sequence[StripeDict]
    disputes: Sequence[StripeDict]
    subscriptions: Sequence[StripeDict]
    accounts: Mapping[str, StripeDict | None]
    """Connected accounts by id; None where Stripe knows none."""
    charges: Mapping[str, StripeDict]
    """Charges that no journal has, by id."""


class Comparison(Value):
    """What came of it."""

    findings: tuple[Finding, ...]
    checked: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    ledger: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """The ledger's `stripe_balance` by currency, in cents."""
    balance: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    """Stripe's, likewise."""


def compare(work: Work, side: StripeSide, *, replayed: bool = False) -> Comparison:
    """Every difference between Stripe and the books, and within the books. Changes nothing.

    Args:
        work: the unit of work.
        side: Stripe's.
        replayed: all that had come was tried just now; an event that failed excuses nothing.
    """
    begun = work.now - EVENT_PATIENCE
    waiting = queries.waiting_objects(work, begun, failed=not replayed) | _under_way(work, side)
    sums = queries.sums(work)
    findings = [
        *rules.compare_entries(
            side.entries, queries.posted(work, side.since), waiting=waiting, charges=charges_here(work, side.charges)
        ),
        *_sums(work, side, sums),
        *_moved(work, side, waiting),
        *rules.judge_clearing(queries.in_clearing(work), before=work.now - CLEARING_PATIENCE),
        *_members(work, side, waiting),
        *_events(work, failed=replayed),
        *_payees(work, side),
        *ledger.verify(work),
        *payments.verify(work),
        *payouts.verify(work),
    ]
    return Comparison(
        tuple(advice.advised(finding) for finding in findings),
        checked={
            "balance_transactions": len(side.entries),
            "transfers": len(side.transfers),
            "refunds": len(side.refunds),
            "disputes": len(side.disputes),
            "subscriptions": len(side.subscriptions),
            "payees": len(side.accounts),
        },
        ledger={s.currency: s.ledger for s in sums},
        balance=dict(side.balance),
    )


def _under_way(work: Work, side: StripeSide) -> set[str]:
    """Transfers and refunds that Stripe has made, and whose sender has not recorded it yet: a run may be going on."""
    calls = {str(row["id"]): id_in(row, "intent_id") for row in (*side.transfers, *side.refunds)}
    being_made = queries.under_way(work, [call_id for call_id in calls.values() if call_id])
    return {name for name, call_id in calls.items() if call_id in being_made}


def charges_here(work: Work, charges: Mapping[str, StripeDict]) -> dict[str, rules.Charge]:
    """What is known here of charges (by their ids, as Stripe has them) that no journal has."""
    wanted = {charge_id: id_in(charge, "charge_id") for charge_id, charge in charges.items()}
    paid_by = queries.paid_by(work, [payment_id for payment_id in wanted.values() if payment_id])
    customers = {charge_id: charge.get("customer") for charge_id, charge in charges.items()}
    ours = queries.known_customers(work, [str(customer) for customer in customers.values() if customer])
    return {
        charge_id: rules.Charge(
            payment_id=payment_id if payment_id in paid_by else None,
            paid_by=paid_by.get(payment_id) if payment_id else None,
            is_ours=payment_id in paid_by or customers[charge_id] in ours,
            is_refunded=bool(charges[charge_id]["refunded"]),
        )
        for charge_id, payment_id in wanted.items()
    }


def _sums(work: Work, side: StripeSide, sums: Sequence[queries.Sums]) -> Iterator[Finding]:
    posted = {journal.entry_id for journal in queries.posted(work, side.since)}
    before, left_before = queries.kept_before(work, side.since) if side.since else ({}, {})
    by_currency = {s.currency: s for s in sums}
    for currency in sorted({*by_currency, *side.balance, *(e.currency for e in side.entries)}):
        ours = by_currency.get(currency, queries.Sums(currency, 0, 0))
        entries = [e for e in side.entries if e.currency == currency]
        yield from rules.compare_sums(
            currency=currency,
            ledger=ours.ledger,
            kept=ours.kept,
            listed=before.get(currency, 0) + sum(e.net for e in entries),
            balance=side.balance.get(currency, 0),
            unposted=left_before.get(currency, 0) + sum(e.net for e in entries if e.id not in posted),
        )


def _moved(work: Work, side: StripeSide, waiting: set[str]) -> Iterator[Finding]:
    start = side.since + MARGIN if side.since else None
    undone = queries.undone(work)

    def stripes(rows: Sequence[StripeDict], kind: str) -> list[Moved]:
        return [
            Moved(
                id=str(row["id"]),
                amount=int(row["amount"]),
                state=_word(kind, row),
                returned=int(row.get("amount_reversed") or 0),
                hint=_help_with_transfer(row) if kind == "transfer" else None,
            )
            for row in rows
            if row["id"] not in undone
        ]

    for kind, theirs, (ours, at) in (
        ("transfer", side.transfers, queries.transfers(work)),
        ("refund", side.refunds, queries.refunds(work)),
        ("dispute", side.disputes, queries.disputes(work)),
    ):
        since = [name for name, when in at.items() if start is None or when >= start]
        yield from rules.compare_moved(kind, stripes(theirs, kind), ours, since=since, waiting=waiting)


def _help_with_transfer(transfer: StripeDict) -> str | None:
    """What to do about one that nobody here knows: that a payout of ours made, by what it carries; or taken back."""
    payout_id = id_in(transfer, "payout_id")
    if payout_id is None:
        return advice.FIX if transfer["reversed"] else None
    return f"{advice.FIX} gives it back to {short(payout_id)}. Should it stay: tourpad payouts hold, before any run."


def _word(kind: str, row: StripeDict) -> str:
    """Stripe's status in our words."""
    if kind == "transfer":
        return "reversed" if row["reversed"] else "made"
    status = str(row["status"])
    if kind == "refund":
        return REFUND_WORDS.get(status, "failed")
    word = DISPUTE_WORDS.get(status)
    return word.value if word else status


def _members(work: Work, side: StripeSide, waiting: set[str]) -> Iterator[Finding]:
    means: dict[str, str] = {}
    for subscription in side.subscriptions:
        truth = memberships.read(subscription)
        state = memberships.target(truth, now=work.now, grace_days=work.settings.membership_grace_days)
        means[truth.subscription_id] = state.value
    yield from rules.compare_members(
        queries.members(work),
        means,
        live={state.value for state in memberships.LIVE},
        ending=queries.endings(work),
        waiting=waiting,
    )


def _events(work: Work, *, failed: bool) -> Iterator[Finding]:
    for event in payment_queries.unhandled_since(work, work.now - EVENT_PATIENCE, failed=failed):
        dead = event.item_state is ItemState.DEAD
        name = f"The event {event.stripe_event_id} ({event.type})"
        since = f"{event.received_at:%d %b %Y %H:%M} UTC"
        why = f": {event.last_error.rstrip('.')}" if event.last_error else ""
        yield Finding(
            "event_dead" if dead else "event_unhandled",
            event.stripe_event_id,
            f"{name} was given up{why}." if dead else f"{name} of {since} is not processed{why}.",
            hint=advice.FIX,
        )


def _payees(work: Work, side: StripeSide) -> Iterator[Finding]:
    for payee in queries.connected_payees(work):
        account_id = str(payee.stripe_account_id)
        if account_id not in side.accounts:
            continue  # connected while this was running
        account = side.accounts[account_id]
        if account is None:
            text = f"The account {account_id} of the payee {payee.user_id} is not known to Stripe."
            yield Finding("payee_unknown", account_id, text)
        elif can_receive(account) != payee.can_receive:
            there, here = (_can(known) for known in (can_receive(account), payee.can_receive))
            text = f"The payee {payee.user_id} {there} by Stripe's word, and {here} by ours."
            yield Finding("payee_ability", account_id, text, hint=advice.FIX)


def _can(able: bool) -> str:  # noqa: FBT001 - one word of a sentence
    return "can receive" if able else "can't receive"


def entry_of(row: StripeDict) -> Entry:
    """One of Stripe's balance transactions, taken apart."""
    source: Any = row.get("source")
    return Entry(
        id=str(row["id"]),
        type=str(row["type"]),
        source=str(source["id"]) if isinstance(source, dict) else source,
        amount=int(row["amount"]),
        fee=int(row["fee"]),
        net=int(row["net"]),
        currency=str(row["currency"]).upper(),
        created=datetime.fromtimestamp(row["created"], UTC),
    )
