"""Drafts: made of the facts, changed by people, each save a version of its own."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tourpad.core.evidence import queries, rules
from tourpad.core.evidence.models import DisputeEvidence
from tourpad.core.evidence.service.answering import check_answerable
from tourpad.core.evidence.service.gathering import facts_of
from tourpad.core.ids import new_id
from tourpad.core.payments import queries as payment_queries
from tourpad.core.values import Value
from tourpad.core.work import Work


class Draft(Value, kw_only=True):
    """What would be sent now."""

    fields: dict[str, str]
    version: int | None
    """Of the saved version; None where nobody has saved one and this is made of the facts alone."""
    saved_by: str | None
    saved_at: datetime | None
    submitted_at: datetime | None
    doubts: list[str]
    """What speaks against us."""


def draft(work: Work, *, dispute_id: UUID, fresh: bool = False) -> Draft:
    """The newest version that was saved, or one made of the facts where there is none (or `fresh` asks for it).

    Raises:
        NotFoundError: no such dispute.
    """
    facts = facts_of(work, dispute_id=dispute_id)
    saved = None if fresh else queries.newest(work, dispute_id)
    return Draft(
        fields=dict(saved.fields) if saved else rules.check(rules.draft(facts)),
        version=saved.version if saved else None,
        saved_by=saved.made_by if saved else None,
        saved_at=saved.created_at if saved else None,
        submitted_at=saved.submitted_at if saved else None,
        doubts=rules.doubts(facts),
    )


def save(work: Work, *, dispute_id: UUID, fields: Mapping[str, str]) -> DisputeEvidence:
    """Keep a version of the evidence. The same as the newest is not kept twice.

    Args:
        work: the unit of work.
        dispute_id: which dispute.
        fields: all of the texts, by Stripe's field; empty ones are left out.

    Raises:
        InvalidInputError: a field that Stripe does not know, or a text that is too long.
        NotAnswerableError: the dispute does not wait for an answer.
        TooLateError: its day has passed.
        NotFoundError: no such dispute.
    """
    kept = rules.check(fields)
    dispute = payment_queries.get_dispute(work, dispute_id, for_update=True)
    check_answerable(work, dispute)
    newest = queries.newest(work, dispute_id)
    if newest is not None and newest.submitted_at is None and newest.fields == kept:
        return newest
    saved = DisputeEvidence(
        id=new_id(),
        dispute_id=dispute_id,
        version=newest.version + 1 if newest else 1,
        fields=dict(kept),
        made_by=work.actor.label,
        created_at=work.now,
    )
    work.add(saved)
    work.audit("dispute.draft", target_type="dispute", target_id=dispute_id, version=saved.version, fields=list(kept))
    return saved
