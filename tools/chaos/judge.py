"""What came of a run, seen from outside: Stripe's own state against what was due, then the books against Stripe."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from tools.chaos.world import Due
from tourpad.core.actors import operator

if TYPE_CHECKING:
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ME = operator("chaos")
Obj = dict[str, Any]
Key = TypeVar("Key")


@dataclass(slots=True)
class Verdict:
    """What is wrong, in sentences; nothing where all is well."""

    doubled: list[str] = field(default_factory=list[str])
    """Done more than once at Stripe, posted twice, or told twice."""
    lost: list[str] = field(default_factory=list[str])
    """Due, and never done at Stripe, or done there and in nobody's books."""
    findings: list[str] = field(default_factory=list[str])
    """What `ledger verify` and `reconcile` say, and events and calls that are left over."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing at all is wrong."""
        return not (self.doubled or self.lost or self.findings)


def judge(platform: "Platform", state: Obj, due: Due) -> Verdict:
    """Judge one run that has come to its end.

    Args:
        platform: on the run's database and Stripe.
        state: all of Stripe's objects by type, as the sandbox shows them.
        due: what should have come of it.
    """
    verdict = Verdict()
    with platform.work(ME) as work:
        _transfers(work, state, due, verdict)
        _refunds(work, state, due, verdict)
        _charges(work, due, verdict)
        _answers(state, due, verdict)
        _left_over(work, state, verdict)
        _told(work, due, verdict)
        verdict.findings += _books(work, state)
    verdict.findings += _reconciled(platform)
    return verdict


def _transfers(work: "Work", state: Obj, due: Due, verdict: Verdict) -> None:
    from tourpad.core.payouts.models import Payout

    transfers: list[Obj] = state.get("transfer", [])
    known = {row.stripe_transfer_id for row in work.session.query(Payout)}
    for payout_id, made in _by(transfers, lambda t: str(t["metadata"].get("payout_id"))).items():
        standing = [t for t in made if not t["reversed"]]
        if len(standing) > 1:
            verdict.doubled.append(f"the payout {payout_id} was sent {len(standing)} times")
    verdict.lost += [f"the transfer {t['id']} is in no payout" for t in transfers if t["id"] not in known]
    sent = _by(transfers, lambda t: str(t["destination"]))
    for account in {*sent, *due.payees}:
        total = sum(t["amount"] - t["amount_reversed"] for t in sent.get(account, []))
        _, should = due.payees.get(account, (None, 0))
        _compare(verdict, f"{account} was sent", total, should)


def _refunds(work: "Work", state: Obj, due: Due, verdict: Verdict) -> None:
    from tourpad.core.payments.models import Refund
    from tourpad.core.payments.states import RefundState

    refunds: list[Obj] = state.get("refund", [])
    ours = {row.stripe_refund_id: row for row in work.session.query(Refund)}
    for dead, wanted in ((False, due.refunds), (True, due.failing)):
        made = _by(
            [r for r in refunds if (r["status"] in ("failed", "canceled")) is dead], lambda r: str(r["payment_intent"])
        )
        for intent in {*made, *wanted}:
            there, should = Counter(r["amount"] for r in made.get(intent, [])), Counter(wanted.get(intent, []))
            word = "refunds that failed" if dead else "refunds"
            verdict.doubled += [f"{intent} has one of {cents} too many among its {word}" for cents in there - should]
            verdict.lost += [f"{intent} lacks one of {cents} among its {word}" for cents in should - there]
    for refund in refunds:
        row = ours.get(refund["id"])
        if row is None or row.state is not RefundState(refund["status"]):
            verdict.lost.append(f"the refund {refund['id']} is {refund['status']} at Stripe and not so here")


def _charges(work: "Work", due: Due, verdict: Verdict) -> None:
    from tourpad.core.payments.models import Payment

    rows = _by(work.session.query(Payment).all(), lambda p: str(p.stripe_payment_intent_id))
    for intent, cents in due.charges.items():
        posted = [row for row in rows.get(intent, []) if row.stripe_balance_transaction_id is not None]
        _compare(verdict, f"{intent} is in the books with", sum(row.amount_cents for row in posted), cents)


def _answers(state: Obj, due: Due, verdict: Verdict) -> None:
    given = {row["id"]: row["evidence_details"]["submission_count"] for row in state.get("dispute", [])}
    for dispute_id, should in due.answers.items():
        if given[dispute_id] > should:
            verdict.doubled.append(f"the bank was answered {given[dispute_id]} times on {dispute_id}, not {should}")
        elif given[dispute_id] < should:
            verdict.lost.append(f"the bank was not answered on {dispute_id}")


def _left_over(work: "Work", state: Obj, verdict: Verdict) -> None:
    from tourpad.core.outbox.states import ItemState
    from tourpad.core.payments import queries
    from tourpad.core.payments.inbox.subjects import subject_of
    from tourpad.core.payments.models import StripeEvent

    rows = {row.stripe_event_id: row for row in work.session.query(StripeEvent)}
    for event in rows.values():
        if event.item_state is not ItemState.DONE:
            verdict.lost.append(
                f"the event {event.stripe_event_id} ({event.type}) is {event.item_state}: {event.last_error}"
            )
    for event in state.get("event", []):
        if event["id"] not in rows and subject_of(_as_row(event)) is not None:
            verdict.lost.append(f"the event {event['id']} ({event['type']}) never came in")
    for call in queries.open_intents(work):
        if call.operation.value != "charge":
            verdict.lost.append(f"the {call.operation} {call.id} is still {call.state}: {call.error_message}")


def _as_row(event: Obj) -> Any:
    from tourpad.core.payments.models import StripeEvent

    obj = event.get("data", {}).get("object", {})
    return StripeEvent(type=event["type"], object_id=obj.get("id"), payload=event)


def _told(work: "Work", due: Due, verdict: Verdict) -> None:
    """Whoever money was sent to has a mail about it (one: its key is unique), and so have guests of no show."""
    from tourpad.core.outbox.models import Mail
    from tourpad.core.payments.models import Refund
    from tourpad.core.payments.states import RefundState
    from tourpad.core.payouts.models import Payout

    written = work.session.query(Mail).filter(Mail.template == "concert_cancelled")
    guests = Counter(mail.user_id for mail in written)
    verdict.lost += [f"nobody told {fan} that there is no show" for fan in due.called_off if not guests[fan]]
    verdict.doubled += [f"{fan} was told twice that there is no show" for fan in due.called_off if guests[fan] > 1]
    mails = {str(mail.dedupe_key).partition("|")[0] for mail in work.session.query(Mail)}
    sent = [f"payout_sent:{row.id}" for row in work.session.query(Payout) if row.stripe_transfer_id]
    # Of one that had failed before we heard that it was made, nobody is told that it is on its way.
    arrived = work.session.query(Refund).filter(Refund.state != RefundState.FAILED)
    returned = [f"payment_refunded:{row.id}" for row in arrived if row.stripe_refund_id]
    verdict.lost += [f"nobody was told: {key}" for key in (*sent, *returned) if key not in mails]


def _books(work: "Work", state: Obj) -> Iterator[str]:
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.payments import service as payments
    from tourpad.core.payouts import service as payouts

    for finding in (*ledger.verify(work), *payments.verify(work), *payouts.verify(work)):
        yield f"{finding.code}: {finding.message}"
    there = sum(entry["net"] for entry in state.get("balance_transaction", []))
    here = ledger.balance(work, accounts.STRIPE_BALANCE).cents
    if there != here:
        yield f"Stripe's balance is {there} cents, the ledger's stripe_balance {here}"
    for account in (accounts.TRANSFER_CLEARING, accounts.REFUND_CLEARING):
        left = ledger.balance(work, account).cents
        if left:
            yield f"{left} cents are left in {account}"


def _reconciled(platform: "Platform") -> Iterator[str]:
    from tourpad.core.reconcile.procedures import reconcile

    for finding in reconcile(platform, ME, whole=True).findings:
        yield f"{finding.code}: {finding.message}"


def _compare(verdict: Verdict, what: str, there: int, should: int) -> None:
    if there > should:
        verdict.doubled.append(f"{what} {there} cents, {should} were due")
    elif there < should:
        verdict.lost.append(f"{what} {there} cents, {should} were due")


def _by(rows: list[Any], key: Callable[[Any], Key]) -> dict[Key, list[Any]]:
    found: dict[Key, list[Any]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found
