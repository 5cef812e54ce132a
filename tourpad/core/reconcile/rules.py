"""Stripe's side held against ours: every difference is a finding with a name. Pure.

Amounts are cents. A finding says what is wrong in a sentence, and where one can help, the command that does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tourpad.core.ledger.rules import Finding
from tourpad.core.money import Money
from tourpad.core.reconcile.advice import FIX
from tourpad.core.values import Value

EMPTY: Mapping[str, "Charge"] = {}

KNOWN_TYPES = frozenset(
    {
        *("charge", "payment"),
        *("refund", "payment_refund", "refund_failure", "payment_failure_refund"),
        *("transfer", "transfer_refund", "transfer_cancel", "transfer_failure"),
        *("payout", "payout_failure", "payout_cancel"),
        *("stripe_fee", "network_cost", "stripe_fx_fee", "tax_fee"),
        "adjustment",
    }
)
"""Types of balance transactions that we post (https://docs.stripe.com/reports/balance-transaction-types)."""
FEE_TYPES = frozenset({"stripe_fee", "network_cost", "stripe_fx_fee", "tax_fee"})
"""Those whose whole amount is a fee."""


class Entry(Value, kw_only=True):
    """One of Stripe's balance transactions."""

    id: str
    type: str
    source: str | None
    amount: int
    fee: int
    net: int
    currency: str
    created: datetime


class Charge(Value, kw_only=True):
    """What is known here of one of Stripe's charges that no journal has."""

    payment_id: UUID | None
    """The payment that it says it is for, where there is such a one."""
    paid_by: str | None
    """The charge that this payment is known to be paid by."""
    is_ours: bool
    """Whether an event could still bring it: it is for a payment of ours, or from a customer of ours."""
    is_refunded: bool = False
    """Whether all of it has gone back."""

    def is_strange(self, charge_id: str) -> bool:
        """Whether no event will ever bring it: it is for nobody here, or for what another charge has paid."""
        return not self.is_ours or self.paid_by not in (None, charge_id)


class Posted(Value, kw_only=True):
    """One journal that touches `stripe_balance`."""

    number: int
    entry_id: str | None
    """The balance transaction that it says it comes from."""
    net: int
    fee: int
    occurred_at: datetime


class Moved(Value, kw_only=True):
    """A transfer, refund or dispute, on one of the two sides."""

    id: str
    amount: int
    state: str
    """On Stripe's side its status; on ours what Stripe's should be."""
    returned: int = 0
    """Of a transfer: taken back."""
    subject: str | None = None
    """Ours: what it is here, for people."""
    hint: str | None = None
    """What helps where the other side does not know it, or knows it otherwise."""


def compare_entries(
    entries: Sequence[Entry],
    posted: Sequence[Posted],
    *,
    waiting: Collection[str],
    charges: Mapping[str, Charge] = EMPTY,
) -> Iterator[Finding]:
    """Each balance transaction has exactly one journal, of the same amounts; each journal its transaction.

    Args:
        entries: Stripe's, of a time.
        posted: ours of the same time.
        waiting: ids of objects whose event, or whose maker's record, is to be expected any moment.
        charges: what is known of charges that no journal has, by their ids.
    """
    journals: dict[str, list[Posted]] = {}
    for journal in posted:
        if journal.entry_id is None:
            yield Finding(
                "journal_unproven",
                f"journal {journal.number}",
                f"Journal {journal.number} moves {Money(journal.net)} of Stripe's balance, "
                "and names no balance transaction.",
                hint=_look_at([journal]),
            )
        else:
            journals.setdefault(journal.entry_id, []).append(journal)
    for entry in entries:
        yield from _entry(entry, journals.pop(entry.id, []), waiting, charges)
    for entry_id, left in journals.items():
        yield Finding(
            "journal_without_transaction",
            f"journal {left[0].number}",
            f"Journal {left[0].number} posts {Money(left[0].net)} from {entry_id}, which Stripe does not list.",
            hint=_look_at(left),
        )


def _entry(
    entry: Entry, journals: Sequence[Posted], waiting: Collection[str], charges: Mapping[str, Charge]
) -> Iterator[Finding]:
    what = f"{entry.type} {entry.id} of {Money(entry.amount, entry.currency)}"
    if not journals:
        if entry.type not in KNOWN_TYPES:
            text = f"Stripe lists a balance transaction of a type that is not known here: {what}."
            yield Finding("unknown_type", entry.id, text, hint="Look it up in Stripe's dashboard.")
        elif entry.source not in waiting and (unknown := _unknown_charge(entry, charges.get(entry.source or ""))):
            yield unknown
        elif entry.source not in waiting:
            source = f" for {entry.source}" if entry.source else ""
            yield Finding("missing_journal", entry.id, f"Stripe lists the {what}{source}; no journal has it.", hint=FIX)
        return
    if len(journals) > 1:
        numbers = ", ".join(str(j.number) for j in journals)
        text = f"The {what} is posted by {len(journals)} journals: {numbers}."
        yield Finding("posted_twice", entry.id, text, hint=_look_at(journals))
        return
    journal = journals[0]
    fee = entry.fee if entry.type not in FEE_TYPES else entry.fee - entry.amount
    if (journal.net, journal.fee) != (entry.net, fee):
        yield Finding(
            "amount_differs",
            entry.id,
            f"Stripe says net {Money(entry.net)} and fee {Money(fee)} for the {what}; "
            f"journal {journal.number} says {Money(journal.net)} and {Money(journal.fee)}.",
            hint=_look_at([journal]),
        )


def _look_at(journals: Sequence[Posted]) -> str:
    numbers = "".join(f" --number {journal.number}" for journal in journals)
    return f"tourpad ledger journal{numbers}; it is corrected by another journal"


def _unknown_charge(entry: Entry, charge: Charge | None) -> Finding | None:
    """A charge that no event will ever bring: for what is paid already, or for nobody here."""
    if charge is None or not charge.is_strange(str(entry.source)):
        return None
    what = f"the charge {entry.source} of {Money(entry.amount, entry.currency)}"
    if charge.paid_by is not None:
        text = f"Stripe has {what} for the payment {charge.payment_id}, which {charge.paid_by} had paid."
        hint = f"Refund {entry.source} at Stripe; tourpad payments show {charge.payment_id}"
        return Finding("charged_twice", entry.id, text, hint=FIX if charge.is_refunded else hint)
    text = f"Stripe has {what}; no payment here is for it, and it is of no customer of ours."
    hint = FIX if charge.is_refunded else "Made by hand at Stripe? Refund it there."
    return Finding("unknown_charge", entry.id, text, hint=hint)


def compare_sums(
    *, currency: str, ledger: int, kept: int, listed: int, balance: int, unposted: int
) -> Iterator[Finding]:
    """The sums: of the ledger, of the transactions kept here, of all that Stripe lists, and Stripe's own balance.

    Args:
        currency: which.
        ledger: the ledger's `stripe_balance`.
        kept: the net of all transactions that are kept here and posted.
        listed: the net of all of Stripe's transactions, from the beginning.
        balance: what Stripe says it has of ours, available and pending.
        unposted: of `listed`, what is not posted (each is a finding of its own, or its event is on the way).
    """

    def say(cents: int) -> Money:
        return Money(cents, currency)

    if ledger != kept:
        yield Finding(
            "ledger_sum",
            "stripe_balance",
            f"The ledger's stripe_balance is {say(ledger)}; "
            f"the balance transactions posted in it add up to {say(kept)}.",
            hint="tourpad ledger journal --account stripe_balance",
        )
    if balance != listed:
        yield Finding(
            "balance_differs",
            "stripe balance",
            f"Stripe's balance is {say(balance)}; its balance transactions add up to {say(listed)}.",
        )
    if balance - unposted != ledger:
        off = say(balance - unposted - ledger)
        yield Finding(
            "cents_off",
            "stripe_balance",
            f"Stripe's balance is {say(balance)}, {say(unposted)} of it not posted; "
            f"the ledger's stripe_balance is {say(ledger)}: {off} off.",
        )


def compare_moved(
    kind: str, stripes: Sequence[Moved], ours: Mapping[str, Moved], *, since: Collection[str], waiting: Collection[str]
) -> Iterator[Finding]:
    """Transfers, refunds or disputes: each of Stripe's is known here, with the same amount and in the same state.

    Args:
        kind: `transfer`, `refund` or `dispute`; it begins the findings' names.
        stripes: Stripe's, of a time.
        ours: all of ours that are named by the same ids.
        since: ids of those of ours that should be among Stripe's.
        waiting: ids of objects whose event, or whose maker's record, is to be expected any moment.
    """
    for theirs in stripes:
        if theirs.id in waiting:
            continue
        own = ours.get(theirs.id)
        amount = Money(theirs.amount)
        if own is None:
            text = f"Stripe has the {kind} {theirs.id} of {amount} ({theirs.state}); nobody here knows it."
            yield Finding(f"unknown_{kind}", theirs.id, text, hint=theirs.hint or _help_with_unknown(kind))
            continue
        faults = [
            f"{name} is {there} at Stripe and {here} here"
            for name, there, here in (
                ("the amount", amount, Money(own.amount)),
                ("what was taken back", Money(theirs.returned), Money(own.returned)),
                ("it", theirs.state, own.state),
            )
            if there != here
        ]
        if faults:
            yield Finding(f"{kind}_differs", theirs.id, f"{own.subject}: {', '.join(faults)}.", hint=own.hint or FIX)
    listed = {theirs.id for theirs in stripes}
    for missing in sorted(set(since) - listed):
        own = ours[missing]
        text = f"{own.subject} names {missing}, which Stripe does not list."
        yield Finding(f"{kind}_missing", missing, text, hint=own.hint)


def _help_with_unknown(kind: str) -> str:
    if kind == "transfer":
        return "Made by hand at Stripe? Take it back there, or send it by tourpad payouts run."
    return FIX


class InClearing(Value):
    """What one refund or transfer has left in clearing, and since when."""

    account: str
    source_type: str
    source_id: str
    cents: int
    since: datetime


def judge_clearing(left: Sequence[InClearing], *, before: datetime) -> Iterator[Finding]:
    """Nothing stays in clearing for more than an hour."""
    for row in left:
        if row.since < before:
            yield Finding(
                "clearing_old",
                f"{row.source_type} {row.source_id}",
                f"{Money(-row.cents)} of the {row.source_type} {row.source_id} is in {row.account} "
                f"since {row.since:%d %b %Y %H:%M} UTC.",
                hint="tourpad jobs run payouts-resume" if row.source_type == "transfer" else FIX,
            )


class Member(Value):
    """A membership on Stripe Billing, as we have it."""

    membership_id: UUID
    subscription_id: str
    state: str
    is_live: bool


def compare_members(
    ours: Sequence[Member],
    stripes: Mapping[str, str],
    *,
    live: Collection[str],
    ending: Collection[str],
    waiting: Collection[str],
) -> Iterator[Finding]:
    """Each membership is in the state that its subscription means.

    Args:
        ours: memberships that have a subscription.
        stripes: the state that each subscription means, those that have ended left out.
        live: states in which somebody is a member.
        ending: subscriptions that we are about to end.
        waiting: ids of objects whose event, or whose maker's record, is to be expected any moment.
    """
    known = {member.subscription_id: member for member in ours}
    for member in ours:
        means = stripes.get(member.subscription_id)
        if member.subscription_id in waiting or (means is None and not member.is_live):
            continue
        if means != member.state:
            there = means or "ended"
            yield Finding(
                "membership_status",
                f"membership {member.membership_id}",
                f"The membership {member.membership_id} is {member.state}; "
                f"its subscription {member.subscription_id} says {there}.",
                hint=FIX,
            )
    for subscription_id, means in sorted(stripes.items()):
        if means in live and subscription_id not in known and subscription_id not in {*ending, *waiting}:
            text = f"Stripe has the subscription {subscription_id} ({means}), which is nobody's membership."
            yield Finding("unknown_subscription", subscription_id, text, hint=FIX)
