"""A payer goes for good: what a bank was told of them goes, too. While it decides, nobody goes."""

from uuid import UUID

from sqlalchemy import update

from tourpad.core.evidence import queries
from tourpad.core.evidence.models import DisputeEvidence
from tourpad.core.work import Work


def forget(work: Work, *, user_id: UUID) -> None:
    """Blank the evidence of every dispute of this person's payments; that there was some, and when, stays."""
    mine = queries.disputes_of_payer(user_id)
    work.session.execute(update(DisputeEvidence).where(DisputeEvidence.dispute_id.in_(mine)).values(fields={}))
