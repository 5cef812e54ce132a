"""Calls that move money: intents, and the limits that hold over all processes."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, Text, and_, cast, exists, or_, select, text

from tourpad.core.audit.models import AuditEntry
from tourpad.core.ids import new_id
from tourpad.core.ledger.models import Journal
from tourpad.core.ledger.rules import Source
from tourpad.core.payments.models import Dispute, MoneyIntent, Payment, Refund
from tourpad.core.payments.states import IntentOperation, IntentState
from tourpad.core.work import Work

TAKE_SLOT = text("""
    INSERT INTO stripe_call_slots AS known (id, endpoint, slots)
    VALUES (:id, :endpoint, ARRAY[clock_timestamp()])
    ON CONFLICT (endpoint) DO UPDATE SET slots =
        known.slots[greatest(1, cardinality(known.slots) - :rate + 2):]
        || greatest(
            clock_timestamp(),
            known.slots[cardinality(known.slots)],
            known.slots[cardinality(known.slots) - :rate + 1] + interval '1 second'
        )
    RETURNING slots[cardinality(slots)] - clock_timestamp()
""")
"""The row's lock makes it exact. A slot lies a second after the one `rate` before it, and never before the last."""


def take_slot(connection: Connection, *, endpoint: str, rate: int) -> timedelta:
    """Reserve the next call to an endpoint; answers how long to wait for it (not above zero: now)."""
    row = connection.execute(TAKE_SLOT, {"id": new_id(), "endpoint": endpoint, "rate": rate}).one()
    wait: timedelta = row[0]
    return wait


def try_lock(connection: Connection, name: str) -> bool:
    """Take an advisory lock of this connection, or answer False."""
    return bool(
        connection.execute(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": name}).scalar()
    )


def is_locked(connection: Connection, name: str) -> bool:
    """Whether any connection to this database has an advisory lock; none is taken for it."""
    return bool(
        connection.execute(
            text(
                "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
                " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
                " AND (l.classid::bigint << 32) | l.objid::bigint = hashtextextended(:name, 0))"
            ),
            {"name": name},
        ).scalar()
    )


def unlock(connection: Connection, name: str) -> None:
    """Give it back."""
    connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), {"name": name})


def claim_intent(
    work: Work, *, operation: IntentOperation, skip: Collection[UUID], subject_id: UUID | None = None
) -> MoneyIntent | None:
    """Lock one intent to send: planned and due, or left behind by a sender whose lease has ended."""
    planned = and_(MoneyIntent.state == IntentState.PLANNED, MoneyIntent.due_at <= work.now)
    abandoned = and_(MoneyIntent.state == IntentState.SENDING, MoneyIntent.lease_until < work.now)
    query = select(MoneyIntent).where(MoneyIntent.operation == operation, or_(planned, abandoned))
    if subject_id is not None:
        query = query.where(MoneyIntent.subject_id == subject_id)
    if skip:
        query = query.where(MoneyIntent.id.not_in(skip))
    return work.session.scalar(
        query.order_by(MoneyIntent.due_at, MoneyIntent.id).limit(1).with_for_update(skip_locked=True)
    )


def has_planned(work: Work, *, operation: IntentOperation, subject_id: UUID | None = None) -> bool:
    """Whether a call is due that was never made."""
    query = select(MoneyIntent.id).where(
        MoneyIntent.operation == operation, MoneyIntent.state == IntentState.PLANNED, MoneyIntent.due_at <= work.now
    )
    if subject_id is not None:
        query = query.where(MoneyIntent.subject_id == subject_id)
    return bool(work.session.scalar(select(exists(query))))


def calls_about(work: Work, subject_ids: Collection[UUID]) -> list[MoneyIntent]:
    """The calls that carry out these refunds, payouts, payments or answers to disputes, oldest first."""
    about = MoneyIntent.subject_id.in_(subject_ids)
    return list(work.session.scalars(select(MoneyIntent).where(about).order_by(MoneyIntent.created_at, MoneyIntent.id)))


ACCEPTED = "stripe.accept"
"""The audit log's word for something at Stripe that the books will never know, and that a person has dealt with."""


def begun_intents(work: Work, intent_ids: Collection[UUID]) -> set[UUID]:
    """Those of these calls that were begun here: being sent, or done."""
    begun = (IntentState.SENDING, IntentState.DONE)
    query = select(MoneyIntent.id).where(MoneyIntent.id.in_(intent_ids), MoneyIntent.state.in_(begun))
    return set(work.session.scalars(query))


def known_or_accepted(work: Work, stripe_ids: Collection[str]) -> set[str]:
    """Those of Stripe's ids that a refund here has, that are posted as a reversal, or that a person has accepted."""
    name = AuditEntry.details["object"].as_string()
    accepted = select(name).where(AuditEntry.action == ACCEPTED, name.in_(stripe_ids))
    refunds = select(Refund.stripe_refund_id).where(Refund.stripe_refund_id.in_(stripe_ids))
    reversals = select(Journal.source_id).where(
        Journal.source_type == Source.TRANSFER, Journal.source_id.in_(stripe_ids), Journal.purpose == "reversed"
    )
    return {str(found) for found in work.session.scalars(accepted.union_all(refunds, reversals))}


def known_subjects(work: Work, names: Collection[str]) -> set[str]:
    """Those names that are a concert's or a payment's here, or Stripe's of a transfer that was made from here."""
    concerts = select(cast(Payment.concert_id, Text)).where(cast(Payment.concert_id, Text).in_(names))
    payments = select(cast(Payment.id, Text)).where(cast(Payment.id, Text).in_(names))
    transfers = select(MoneyIntent.stripe_object_id).where(MoneyIntent.stripe_object_id.in_(names))
    return {str(found) for found in work.session.scalars(concerts.union(payments, transfers))}


def get_intent_for_update(work: Work, intent_id: UUID) -> MoneyIntent | None:
    """Lock one intent. Guards against two recorders of one call (the sender and an event)."""
    return work.session.get(MoneyIntent, intent_id, with_for_update=True, populate_existing=True)


def sources_named(work: Work, name: str) -> set[str]:
    """The sources of the journals of one of Stripe's refunds or transfers, by its id; none where it is not known."""
    sources: set[str] = set()
    for call in work.session.scalars(select(MoneyIntent).where(MoneyIntent.stripe_object_id == name)):
        sources |= {str(call.subject_id), *(f"{call.id}:{number}" for number in range(1, call.attempt + 1))}
    by_hand = work.session.scalar(select(Refund.id).where(Refund.stripe_refund_id == name))
    return sources | ({str(by_hand)} if by_hand else set())


def sources_about(work: Work, payment_id: UUID) -> set[str]:
    """The sources of all journals about one payment: its charge, its refunds, its disputes."""
    charge = work.session.scalar(select(Payment.stripe_charge_id).where(Payment.id == payment_id))
    refunds = work.session.scalars(select(Refund.id).where(Refund.payment_id == payment_id))
    disputes = work.session.scalars(select(Dispute.stripe_dispute_id).where(Dispute.payment_id == payment_id))
    return {str(payment_id), *map(str, refunds), *disputes, *([charge] if charge else [])}


def intents_of(work: Work, subject_id: UUID) -> list[MoneyIntent]:
    """The calls for one refund, payout or payment, oldest first."""
    return list(
        work.session.scalars(
            select(MoneyIntent)
            .where(MoneyIntent.subject_id == subject_id)
            .order_by(MoneyIntent.created_at, MoneyIntent.id)
        )
    )


def open_intents(work: Work) -> list[MoneyIntent]:
    """Calls that are planned or being made, oldest first."""
    return list(
        work.session.scalars(
            select(MoneyIntent)
            .where(MoneyIntent.state.in_((IntentState.PLANNED, IntentState.SENDING)))
            .order_by(MoneyIntent.created_at, MoneyIntent.id)
        )
    )
