"""Do the books say of payments what the payments say of themselves?"""

from collections.abc import Iterator

from tourpad.core.ledger import queries as ledger_queries
from tourpad.core.ledger.rules import DISPUTES_HELD, REFUND_CLEARING, Finding, Source
from tourpad.core.money import Money
from tourpad.core.payments import queries, rules
from tourpad.core.payments.service.losses import LOST, WON_AFTER_ALL
from tourpad.core.payments.states import DisputeState, RefundState
from tourpad.core.work import Work

IN_CLEARING = frozenset({RefundState.PLANNED, RefundState.SENDING, RefundState.SENT})


def verify(work: Work) -> list[Finding]:
    """Hold charges, refunds, disputes and calls against the ledger; answers everything that does not agree."""
    return [*_charges(work), *_refunds(work), *_disputes(work), *_payments(work), *_calls(work)]


def _charges(work: Work) -> Iterator[Finding]:
    """Each charge whose balance transaction is known has its posting, and each posting its charge."""
    posted = {source for source, purpose in ledger_queries.sources(work, Source.CHARGE) if purpose == "paid"}
    known: set[str] = set()
    for payment in queries.posted_payments(work):
        source = payment.charge_id or str(payment.payment_id)
        known.add(source)
        if source not in posted:
            yield Finding(
                "charge_not_posted",
                f"payment {payment.payment_id}",
                f"The payment {payment.payment_id} counts as posted, and no journal has its charge.",
                hint=f"tourpad payments show {payment.payment_id}",
            )
    for source in sorted(posted - known):
        yield Finding("charge_unknown", source, f"A journal posts the charge {source}, which no payment has.")


def _refunds(work: Work) -> Iterator[Finding]:
    """Each refund has left clearing exactly what its state says."""
    in_clearing = ledger_queries.by_source(work, REFUND_CLEARING, source_type=Source.REFUND)
    known: set[str] = set()
    for refund in queries.refund_facts(work):
        source = str(refund.refund_id)
        known.add(source)
        left = in_clearing.get(source, 0)
        waits = refund.state in IN_CLEARING
        if left not in ((0, -refund.amount_cents) if waits else (0,)):
            yield Finding(
                "refund_clearing",
                f"refund {source}",
                f"The refund {source} is {refund.state}, and {Money(left)} of it is in clearing.",
                hint=f"tourpad payments show {refund.payment_id}",
            )
    for source in sorted(set(in_clearing) - known):
        yield Finding("refund_unknown", source, f"A journal posts the refund {source}, which is not there.")


def _disputes(work: Work) -> Iterator[Finding]:
    """A closed dispute holds nothing; an open one exactly what was withdrawn. Each says itself what that was."""
    held = ledger_queries.by_source(work, DISPUTES_HELD, source_type=Source.DISPUTE)
    moved = ledger_queries.by_source(work, DISPUTES_HELD, source_type=Source.DISPUTE, besides=(LOST, WON_AFTER_ALL))
    for dispute in queries.dispute_facts(work):
        left, withdrawn = held.pop(dispute.stripe_id, 0), moved.get(dispute.stripe_id, 0)
        if withdrawn != dispute.withdrawn_cents:
            yield Finding(
                "dispute_held",
                f"dispute {dispute.stripe_id}",
                f"The dispute {dispute.stripe_id} says that {Money(dispute.withdrawn_cents)} was withdrawn for it; "
                f"the journals say {Money(withdrawn)}.",
            )
            continue
        should = 0 if dispute.state is DisputeState.LOST else dispute.withdrawn_cents
        if left != should:
            yield Finding(
                "dispute_held",
                f"dispute {dispute.stripe_id}",
                f"The dispute {dispute.stripe_id} is {dispute.state}; {Money(left)} is held for it, "
                f"not {Money(should)}.",
            )
    for source in sorted(held):
        yield Finding("dispute_unknown", source, f"A journal posts the dispute {source}, which is not there.")


def _payments(work: Work) -> Iterator[Finding]:
    """What is counted as gone back is the sum of the refunds and disputes behind it, and the state says so."""
    for fact in queries.returned_facts(work):
        wrong = fact.refunded_cents != fact.refunds_cents or fact.lost_cents != fact.disputes_cents
        state = rules.paid_state(
            amount=fact.amount_cents,
            returned=fact.refunded_cents + fact.lost_cents,
            disputed=fact.is_disputed,
        )
        if wrong or state is not fact.state:
            counts = Money(fact.refunded_cents + fact.lost_cents)
            meant = f", which means {state}" if state is not fact.state else ""
            behind = Money(fact.refunds_cents + fact.disputes_cents)
            yield Finding(
                "payment_returned",
                f"payment {fact.payment_id}",
                f"The payment {fact.payment_id} is {fact.state} and counts {counts} as gone back{meant}; "
                f"its refunds and disputes add up to {behind}.",
                hint=f"tourpad payments show {fact.payment_id}",
            )


def _calls(work: Work) -> Iterator[Finding]:
    """The parameters of a stored call are the ones that were decided."""
    for intent in queries.open_intents(work):
        if rules.params_hash(intent.params) != intent.params_hash:
            yield Finding("call_changed", f"call {intent.id}", f"The stored call {intent.id} was changed.")
