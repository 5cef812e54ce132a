"""Answering a dispute or giving it up: decided under its lock, stored as a call, recorded when Stripe took it."""

from uuid import UUID

from tourpad.core.evidence import queries
from tourpad.core.evidence.errors import (
    AnswerUnderWayError,
    NotAnswerableError,
    NothingToSayError,
    TooLateError,
)
from tourpad.core.gateways.stripe import StripeDeclined, StripeDict
from tourpad.core.payments import intents
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments import service as payments
from tourpad.core.payments.models import Dispute, MoneyIntent
from tourpad.core.payments.states import DisputeState, IntentOperation
from tourpad.core.work import Work


def check_answerable(work: Work, dispute: Dispute) -> None:
    """Refuse to answer a dispute that takes none: Stripe would, too.

    A bank reads one answer. One that asks again (an inquiry that became a dispute) waits for an answer again.

    Raises:
        NotAnswerableError: it was answered, decided or given up.
        TooLateError: its day has passed.
    """
    if dispute.state is DisputeState.UNDER_REVIEW:
        msg = "The bank has our answer, and reads no second one."
        raise NotAnswerableError(msg, hint="It decides within two or three months; its word comes by itself.")
    if dispute.state is not DisputeState.NEEDS_RESPONSE:
        msg = f"The dispute is over: {dispute.state}."
        raise NotAnswerableError(msg, state=dispute.state.value)
    due = dispute.evidence_due_at
    if due is not None and work.now >= due:
        msg = f"The bank took evidence until {due:%d %B %Y, %H:%M} UTC."
        raise TooLateError(
            msg, hint="Without an answer it is lost; Stripe tells us so within days.", due_at=due.isoformat()
        )


def plan_submission(work: Work, *, dispute_id: UUID) -> MoneyIntent:
    """Decide to send the newest version of the evidence to the bank. The call is made by `procedures.submit`.

    Raises:
        NothingToSayError: no version was saved, or it is empty.
        NotAnswerableError: it was answered, decided or given up.
        TooLateError: its day has passed.
        AnswerUnderWayError: an answer is being sent.
        NotFoundError: no such dispute.
    """
    dispute = _open(work, dispute_id)
    evidence = queries.newest(work, dispute_id)
    if evidence is None or not evidence.fields:
        msg = "There is no evidence to send."
        raise NothingToSayError(msg, hint="tourpad disputes evidence shows and saves a draft.")
    work.audit("dispute.submit", target_type="dispute", target_id=dispute.id, version=evidence.version)
    return intents.plan(
        work,
        operation=IntentOperation.DISPUTE_EVIDENCE,
        subject_id=dispute.id,
        params={
            "dispute": dispute.stripe_dispute_id,
            "evidence": dict(evidence.fields),
            "submit": True,
            "metadata": {"evidence_id": str(evidence.id)},
        },
    )


def plan_acceptance(work: Work, *, dispute_id: UUID, reason: str) -> MoneyIntent:
    """Decide to give a dispute up: it is lost at once. The call is made by `procedures.accept`.

    Raises:
        NotAnswerableError: it was answered, decided or given up.
        AnswerUnderWayError: an answer is being sent.
        NotFoundError: no such dispute.
    """
    dispute = _open(work, dispute_id, may_be_late=True)
    work.audit("dispute.accept", target_type="dispute", target_id=dispute.id, reason=reason)
    return intents.plan(
        work,
        operation=IntentOperation.DISPUTE_CLOSE,
        subject_id=dispute.id,
        params={"dispute": dispute.stripe_dispute_id},
    )


def before_sending(work: Work, intent: MoneyIntent) -> bool:
    """The last look before a first try: what ended or ran out meanwhile is not answered any more."""
    dispute = payment_queries.get_dispute(work, intent.subject_id, for_update=True)
    try:
        if intent.operation is IntentOperation.DISPUTE_CLOSE and dispute.state is DisputeState.NEEDS_RESPONSE:
            return True
        check_answerable(work, dispute)
    except (NotAnswerableError, TooLateError) as error:
        intents.drop(work, intent, code=error.code, message=error.message)
        return False
    return True


def record_submitted(work: Work, intent: MoneyIntent, found: StripeDict) -> None:
    """Stripe took the evidence: the version is marked, and the dispute stands as Stripe says."""
    evidence = queries.get_evidence(work, UUID(intent.params["metadata"]["evidence_id"]))
    evidence.submitted_at = work.now
    payments.apply_dispute(work, found)


def record_accepted(work: Work, intent: MoneyIntent, found: StripeDict) -> None:  # noqa: ARG001 - what a record is given
    """Stripe closed it: whoever had the money bears it."""
    payments.apply_dispute(work, found)


def record_refused(work: Work, intent: MoneyIntent, error: StripeDeclined) -> None:
    """Stripe refused the answer for good; its reason stays with the call, and another may be tried."""
    work.audit(
        "dispute.answer_refused",
        target_type="dispute",
        target_id=intent.subject_id,
        reason=error.code,
        message=error.message,
    )


def _open(work: Work, dispute_id: UUID, *, may_be_late: bool = False) -> Dispute:
    dispute = payment_queries.get_dispute(work, dispute_id, for_update=True)
    if not (may_be_late and dispute.state is DisputeState.NEEDS_RESPONSE):
        check_answerable(work, dispute)
    under_way = queries.answer_under_way(work, dispute_id)
    if under_way is not None:
        msg = "An answer is being sent; what came of it is not known yet."
        raise AnswerUnderWayError(msg, hint="The job disputes-send goes on with it.", call=str(under_way.id))
    return dispute
