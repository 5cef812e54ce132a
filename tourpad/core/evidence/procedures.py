"""Answering disputes at Stripe: the decision first, stored; the call outside any transaction; the record after."""

import hashlib
import logging
from typing import TYPE_CHECKING
from uuid import UUID

from tourpad.core.actors import Actor
from tourpad.core.errors import TourPadError
from tourpad.core.evidence import queries, rules, service
from tourpad.core.evidence.models import DisputeEvidence
from tourpad.core.evidence.service.reminding import BEFORE
from tourpad.core.gateways.stripe import StripeDict, StripeGateway
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments.intents import Record
from tourpad.core.payments.models import MoneyIntent
from tourpad.core.payments.procedures import Call, Find, drain
from tourpad.core.payments.states import IntentOperation

if TYPE_CHECKING:
    from tourpad.core.platform import Platform

log = logging.getLogger(__name__)


def attach(
    platform: "Platform", actor: Actor, *, dispute_id: UUID, field: str, name: str, content: bytes
) -> DisputeEvidence:
    """Upload a file to Stripe, and keep a version of the evidence that names it. Nothing is sent to the bank.

    Safe to repeat: the same file for the same field is one upload.

    Args:
        platform: where.
        actor: who.
        dispute_id: which dispute.
        field: one of `rules.FILES`.
        name: what the file is called, for whoever reads it.
        content: a PDF, JPEG or PNG file.

    Raises:
        InvalidInputError: the field takes no file, or the file can't be evidence.
        NotAnswerableError: it was answered, decided or given up.
        TooLateError: its day has passed.
        NotFoundError: no such dispute.
        StripeDeclined, StripeUncertain: Stripe refused it, or did not answer.
    """
    rules.check_file(field, content)
    with platform.work(actor) as work:
        service.check_answerable(work, payment_queries.get_dispute(work, dispute_id))
    digest = hashlib.sha256(content).hexdigest()
    key = f"tp1:evidence_file:{dispute_id}:{field}:{digest[:24]}"
    made = platform.stripe.upload_evidence(name, content, key=key)
    with platform.work(actor) as work:
        fields = service.draft(work, dispute_id=dispute_id).fields
        saved = service.save(work, dispute_id=dispute_id, fields={**fields, field: str(made["id"])})
        work.audit(
            "dispute.attach",
            target_type="dispute",
            target_id=dispute_id,
            field=field,
            file=made["id"],
            bytes=len(content),
            sha256=digest,
        )
        work.commit()
    return saved


def submit(platform: "Platform", actor: Actor, *, dispute_id: UUID) -> dict[str, int]:
    """Send the newest version of a dispute's evidence to the bank; answers what came of it, as `drain` counts.

    Raises:
        NothingToSayError: no version was saved.
        NotAnswerableError: it was answered, decided or given up.
        TooLateError: its day has passed.
        AnswerUnderWayError: an answer is being sent.
        NotFoundError: no such dispute.
    """
    with platform.work(actor) as work:
        service.plan_submission(work, dispute_id=dispute_id)
        work.commit()
    return _send(platform, actor, IntentOperation.DISPUTE_EVIDENCE, dispute_id=dispute_id)


def accept(platform: "Platform", actor: Actor, *, dispute_id: UUID, reason: str) -> dict[str, int]:
    """Give a dispute up at Stripe; answers what came of it, as `drain` counts.

    Raises:
        NotAnswerableError: it was answered, decided or given up.
        AnswerUnderWayError: an answer is being sent.
        NotFoundError: no such dispute.
    """
    with platform.work(actor) as work:
        service.plan_acceptance(work, dispute_id=dispute_id, reason=reason)
        work.commit()
    return _send(platform, actor, IntentOperation.DISPUTE_CLOSE, dispute_id=dispute_id)


def send_answers(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Make every answer that was decided and not yet made, and resume those whose sender was lost."""
    counts: dict[str, int] = {}
    for operation in queries.ANSWERS:
        for name, count in _send(platform, actor, operation).items():
            counts[name] = counts.get(name, 0) + count
    return counts


def remind_due(platform: "Platform", actor: Actor) -> dict[str, int]:
    """Remind the admins of disputes whose day is near and that nobody has answered."""
    with platform.work(actor) as work:
        due = queries.unanswered_due(work, until=work.now + BEFORE[0])
    counts = {"waiting": 0, "failed": 0}
    for dispute_id in due:
        try:
            with platform.work(actor) as work:
                counts["waiting"] += service.remind(work, dispute_id=dispute_id)
                work.commit()
        except TourPadError:
            log.exception("nobody could be reminded of dispute %s", dispute_id)
            counts["failed"] += 1
    return counts


def _send(
    platform: "Platform", actor: Actor, operation: IntentOperation, *, dispute_id: UUID | None = None
) -> dict[str, int]:
    call, find, record = CALLS[operation]
    return drain(
        platform,
        actor,
        operation=operation,
        call=call,
        record=record,
        refuse=service.record_refused,
        find=find,
        before=service.before_sending,
        subject_id=dispute_id,
    )


def _submit(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict:
    sent = {name: value for name, value in intent.params.items() if name != "dispute"}
    return stripe.update_dispute(intent.params["dispute"], sent, key=intent.idempotency_key)


def _close(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict:
    return stripe.close_dispute(intent.params["dispute"], key=intent.idempotency_key)


def _find_submitted(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict | None:
    """What an older try came to: the dispute names the call that answered it."""
    found = stripe.get_dispute(intent.params["dispute"])
    return found if (found.get("metadata") or {}).get("intent_id") == str(intent.id) else None


def _find_closed(intent: MoneyIntent, stripe: StripeGateway) -> StripeDict | None:
    """What an older try came to: a dispute that is closed needs no second call."""
    found = stripe.get_dispute(intent.params["dispute"])
    return found if found["status"] in ("lost", "won", "warning_closed", "prevented") else None


CALLS: dict[IntentOperation, tuple[Call, Find, Record]] = {
    IntentOperation.DISPUTE_EVIDENCE: (_submit, _find_submitted, service.record_submitted),
    IntentOperation.DISPUTE_CLOSE: (_close, _find_closed, service.record_accepted),
}
