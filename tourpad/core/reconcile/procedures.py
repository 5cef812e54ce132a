"""Fetching Stripe's side, comparing, and replaying what is missing."""

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.concerts import service as concerts
from tourpad.core.errors import NotFoundError, RefusedError
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.identity import queries as people
from tourpad.core.ledger.rules import REFUND_CLEARING, TRANSFER_CLEARING, Finding
from tourpad.core.notifications import service as notifications
from tourpad.core.notifications.states import Category
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import procedures as payments
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments import service as payment_service
from tourpad.core.payments.events import SubscriptionNews
from tourpad.core.payments.inbox.healing import CHARGES
from tourpad.core.payments.rules import id_in
from tourpad.core.payouts import service as payouts
from tourpad.core.payouts.procedures import RECIPIENT
from tourpad.core.reconcile import queries
from tourpad.core.reconcile.advice import after_fix
from tourpad.core.reconcile.service import Comparison, StripeSide, charges_here, compare, entry_of
from tourpad.core.values import Value

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)

OVERLAP = timedelta(days=2)
"""Looked at again before the last time that all was well: Stripe may list things late."""
EVENT_LIFE = timedelta(days=30)
"""For so long Stripe lists its events."""
THE_BEGINNING = datetime(2011, 9, 29, tzinfo=UTC)
"""Nothing at Stripe is older than Stripe."""
TRANSFER_PARTS = ("balance_transaction", "reversals.data.balance_transaction")
CHARGES_LOOKED_AT = 200
"""Of charges without a journal; there are more only where everything is missing."""
TOLD = 5
"""Findings that a mail to admins names."""
TRIES = 5
ROUNDS = 50
NIGHTLY_PATIENCE = timedelta(seconds=20)


class Report(Value, kw_only=True):
    """What a comparison found."""

    findings: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    """Found first, and gone after the replay."""
    replayed: dict[str, int]
    """What the replay did, in counts."""
    since: datetime | None
    """From when on Stripe's lists were read; None: from the beginning."""
    checked: dict[str, int]
    ledger: dict[str, int]
    balance: dict[str, int]

    @property
    def is_clean(self) -> bool:
        """Whether Stripe and the books agree to the cent."""
        return not self.findings


def reconcile(
    platform: "Platform",
    actor: Actor,
    *,
    fix: bool = False,
    since: datetime | None = None,
    whole: bool = False,
    patience: timedelta = timedelta(0),
    owed_only: bool = False,
) -> Report:
    """Compare Stripe with the books.

    Args:
        platform: the platform.
        actor: who asks.
        fix: replay what is missing, and look again.
        since: read Stripe's lists from then on. Unless given: two days before the last time that all was well.
        whole: from the beginning.
        patience: look twice, so far apart, and tell only what is found both times: what Stripe has just done
            may not have reached us yet.
        owed_only: ask Stripe about the payees only who are still to be paid, not about all.

    Raises:
        StripeUncertain: Stripe does not answer.
    """
    start = None if whole else since or _start(platform, actor)
    found = _look(platform, actor, start, patience, owed_only=owed_only)
    fixed: tuple[Finding, ...] = ()
    replayed: dict[str, int] = {}
    if fix and found.findings:
        replayed = _replay(platform, actor, start)
        after = _compare(platform, actor, start, owed_only=owed_only, replayed=True)
        left = {_key(finding) for finding in after.findings}
        fixed = tuple(finding for finding in found.findings if _key(finding) not in left)
        found = Comparison(tuple(map(after_fix, after.findings)), after.checked, after.ledger, after.balance)
    if not found.findings:
        with platform.work(actor) as work:
            work.audit(queries.CLEAN, target_type="ledger", checked=found.checked)
            work.commit()
    return Report(
        findings=found.findings,
        fixed=fixed,
        replayed=replayed,
        since=start,
        checked=found.checked,
        ledger=found.ledger,
        balance=found.balance,
    )


def reconcile_nightly(platform: "Platform", actor: Actor, *, patience: timedelta = NIGHTLY_PATIENCE) -> dict[str, int]:
    """The nightly job: replay what is missing, and say loudly what is left."""
    report = reconcile(platform, actor, fix=True, patience=patience, owed_only=True)
    for finding in report.findings:
        log.error("reconcile: %s: %s", finding.code, finding.message)
    if report.findings:
        _tell_admins(platform, actor, report)
    return {"findings": len(report.findings), "fixed": len(report.fixed), **report.checked}


def _tell_admins(platform: "Platform", actor: Actor, report: Report) -> None:
    """Once a night: a log line is read by nobody."""
    with platform.work(actor) as work:
        for admin in people.admins(work):
            notifications.tell(
                work,
                user_id=admin.id,
                template="reconcile_findings",
                category=Category.SYSTEM,
                dedupe_key=f"reconcile_findings:{work.now.date()}",
                count=len(report.findings),
                first=[finding.message for finding in report.findings[:TOLD]],
            )
        work.commit()


def _start(platform: "Platform", actor: Actor) -> datetime | None:
    with platform.work(actor) as work:
        clean = queries.last_clean(work)
    return clean - OVERLAP if clean else None


def _look(
    platform: "Platform", actor: Actor, start: datetime | None, patience: timedelta, *, owed_only: bool
) -> Comparison:
    found = _compare(platform, actor, start, owed_only=owed_only)
    if found.findings and patience:
        time.sleep(patience.total_seconds())
        first = {_key(finding) for finding in found.findings}
        again = _compare(platform, actor, start, owed_only=owed_only)
        both = tuple(finding for finding in again.findings if _key(finding) in first)
        found = Comparison(both, again.checked, again.ledger, again.balance)
    return found


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.subject


def _compare(
    platform: "Platform", actor: Actor, start: datetime | None, *, owed_only: bool, replayed: bool = False
) -> Comparison:
    side = _fetch(platform, actor, start, owed_only=owed_only)
    with platform.work(actor) as work:
        return compare(work, side, replayed=replayed)


def _fetch(platform: "Platform", actor: Actor, start: datetime | None, *, owed_only: bool = False) -> StripeSide:
    """Stripe's side. Its balance and its transactions are of one moment: read again while they move."""
    stripe = platform.stripe
    created = {"gte": int(start.timestamp())} if start else None
    balance, entries = _balance(stripe.get_balance()), list[StripeDict]()
    for _ in range(TRIES):
        before = balance
        entries = list(stripe.list_balance_transactions(created=created))
        balance = _balance(stripe.get_balance())
        if balance == before:
            break
    with platform.work(actor) as work:
        account_ids = [str(payee.stripe_account_id) for payee in queries.connected_payees(work, owed_only=owed_only)]
        charges = [entry for entry in entries if entry["type"] in CHARGES]
        posted = payment_queries.posted_balance_transactions(work, [entry["id"] for entry in charges])
    unposted = [entry for entry in charges if entry["id"] not in posted][:CHARGES_LOOKED_AT]
    return StripeSide(
        since=start,
        entries=[entry_of(row) for row in reversed(entries)],
        balance=balance,
        transfers=list(stripe.list_transfers(created=created)),
        refunds=list(stripe.list_refunds(created=created)),
        disputes=list(stripe.list_disputes(created=created)),
        subscriptions=list(stripe.list_subscriptions()),
        accounts={account_id: _account(platform, account_id) for account_id in account_ids},
        charges={entry["source"]: stripe.get_charge(entry["source"]) for entry in unposted},
    )


def _balance(answer: StripeDict) -> dict[str, int]:
    """What Stripe has of ours, available and pending, by currency."""
    total: dict[str, int] = {}
    for row in (*answer["available"], *answer["pending"]):
        currency = str(row["currency"]).upper()
        total[currency] = total.get(currency, 0) + int(row["amount"])
    return total


def _account(platform: "Platform", account_id: str) -> StripeDict | None:
    try:
        return platform.stripe.get_account(account_id, include=list(RECIPIENT))
    except StripeDeclined as error:
        if error.is_missing:
            return None
        raise


def _replay(platform: "Platform", actor: Actor, start: datetime | None) -> dict[str, int]:
    """Let what never came, or was given up, come again. Nothing is invented: all of it is Stripe's word."""
    counts = {
        "events": 0,
        "revived": 0,
        "transfers": 0,
        "posted": 0,
        "settled": 0,
        "payees": 0,
        "subscriptions": 0,
        "undone": 0,
    }
    oldest = platform.clock.now() - EVENT_LIFE
    replayed = payments.replay(platform, actor, since=max(start or oldest, oldest))
    counts["events"] = replayed["missing"]
    counts["revived"] = replayed["revived"] + _revive(platform, actor)
    for _ in range(ROUNDS):
        if not payments.process_events(platform, actor)["processed"]:
            break
    counts["transfers"], forgotten = _adopt_transfers(platform, actor, start)
    collected = payments.collect_balance_transactions(platform, actor, since=start or THE_BEGINNING)
    counts["posted"] = collected["posted"]
    # A transfer follows its settlement: what is in the pot is known now, so that can be made up for.
    counts["settled"] = _settle(platform, actor, forgotten)
    if counts["settled"]:
        counts["transfers"] += _adopt_transfers(platform, actor, start)[0]
    side = _fetch(platform, actor, start)
    counts["undone"] = _post_undone(platform, actor, side)
    counts["payees"] = _refresh_payees(platform, actor, side.accounts.values())
    counts["subscriptions"] = _refresh_members(platform, actor)
    return counts


def _revive(platform: "Platform", actor: Actor) -> int:
    with platform.work(actor) as work:
        dead = [
            event.stripe_event_id
            for event in payment_queries.unhandled_since(work, work.now)
            if event.item_state is ItemState.DEAD
        ]
        for event_id in dead:
            payment_service.revive(work, stripe_event_id=event_id)
        work.commit()
    return len(dead)


def _adopt_transfers(platform: "Platform", actor: Actor, start: datetime | None) -> tuple[int, list[UUID]]:
    """Give transfers of ours that the books have forgotten (an older backup was restored) back to their payouts.

    Returns:
        How many were; and the concerts of those that could not be, each once.
    """
    created = {"gte": int(start.timestamp())} if start else None
    listed = [str(transfer["id"]) for transfer in platform.stripe.list_transfers(created=created)]
    with platform.work(actor) as work:
        known = {*queries.transfers(work)[0], *queries.undone(work)}
    adopted, left = 0, dict[UUID, None]()
    for transfer_id in reversed(listed):  # oldest first: a later one may have taken along what an earlier one left
        if transfer_id in known:
            continue
        transfer = platform.stripe.get_transfer(transfer_id, expand=TRANSFER_PARTS)
        with platform.work(actor) as work:
            if payouts.adopt_transfer(work, transfer=transfer) is None:
                if concert_id := id_in(transfer, "concert_id"):
                    left[concert_id] = None
                continue
            work.commit()
        adopted += 1
    return adopted, list(left)


def _settle(platform: "Platform", actor: Actor, concert_ids: Sequence[UUID]) -> int:
    """Divide the money of shows that were, and whose transfers are made, though the books do not know of it."""
    with platform.work(actor) as work:
        forgotten = queries.unsettled(work, concert_ids)
    settled = 0
    for concert_id in forgotten:
        with platform.work(actor) as work:
            try:
                concerts.advance(work, concert_id=concert_id)  # it may not even have been over
                payouts.settle(work, concert_id=concert_id)
            except (NotFoundError, RefusedError) as error:
                log.warning("concert %s, which transfers were made for, can't be settled: %s", concert_id, error)
                continue
            work.commit()
        settled += 1
    return settled


def _post_undone(platform: "Platform", actor: Actor, side: StripeSide) -> int:
    """Put into the books what somebody made by hand at Stripe, for nobody here, and took back there whole.

    A transfer that one of our calls made is none of these, unless a person has accepted it: what it paid is owed again,
    and its payout has to know.
    """
    reversed_ones = [transfer for transfer in side.transfers if transfer["reversed"]]
    with platform.work(actor) as work:
        known = {*queries.transfers(work)[0], *queries.undone(work)}
        accepted = payment_queries.known_or_accepted(work, [str(transfer["id"]) for transfer in reversed_ones])
        here = charges_here(work, side.charges)
    made = {
        str(transfer["id"]): TRANSFER_CLEARING
        for transfer in reversed_ones
        if transfer["id"] not in known and (id_in(transfer, "intent_id") is None or transfer["id"] in accepted)
    }
    made |= {name: REFUND_CLEARING for name, c in here.items() if c.is_refunded and c.is_strange(name)}
    posted = 0
    for name, clearing in made.items():
        entries = _entries_of(platform, name)
        with platform.work(actor) as work:
            if payment_service.post_undone(work, made=name, clearing=clearing, entries=entries):
                work.audit("reconcile.undone", target_type="stripe", reason="made by hand and taken back", object=name)
                work.commit()
                posted += 1
    return posted


def _entries_of(platform: "Platform", name: str) -> list[StripeDict]:
    """The balance transactions of a transfer or charge, and of all that took it back, the oldest first."""
    stripe = platform.stripe
    if name.startswith("tr_"):
        rows = [stripe.get_transfer(name), *stripe.list_reversals(name)]
    else:
        rows = [stripe.get_charge(name), *stripe.list_refunds(charge=name)]
    parts = [row.get(part) for row in rows for part in ("balance_transaction", "failure_balance_transaction")]
    names = [part["id"] if isinstance(part, dict) else str(part) for part in parts if part]
    entries = [stripe.get_balance_transaction(entry) for entry in names]
    return sorted(entries, key=lambda entry: int(entry["created"]))


def _refresh_payees(platform: "Platform", actor: Actor, accounts: Iterable[StripeDict | None]) -> int:
    with platform.work(actor) as work:
        known = [account for account in accounts if account is not None]
        for account in known:
            payouts.take_account(work, account=account)
        work.commit()
    return len(known)


def _refresh_members(platform: "Platform", actor: Actor) -> int:
    """Tell memberships anew what their subscriptions say, ended ones too."""
    with platform.work(actor) as work:
        names = [member.subscription_id for member in queries.members(work)]
        look = payment_queries.next_look(work)
    listed = {str(s["id"]): s for s in platform.stripe.list_subscriptions()}
    names += [name for name in listed if name not in names]
    for name in names:
        subscription = listed.get(name) or platform.stripe.get_subscription(name)
        with platform.work(actor) as work:
            news = SubscriptionNews(type="customer.subscription.updated", subscription=subscription, look=look)
            work.emit(news)
            work.commit()
    return len(names)
