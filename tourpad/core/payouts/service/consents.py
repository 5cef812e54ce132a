"""Requests of admins that let payouts leave: which there are for a payout, and what is left of one that was used."""

from uuid import UUID

from tourpad.core.approvals import queries as approvals
from tourpad.core.approvals import rules as requests
from tourpad.core.approvals import service as approval
from tourpad.core.approvals.states import ApprovalKind, ApprovalState
from tourpad.core.identity import queries as people
from tourpad.core.money import Money
from tourpad.core.payouts import queries
from tourpad.core.payouts.models import Payout
from tourpad.core.payouts.rules import PAYOUTS, Consent
from tourpad.core.work import Work


def consents_by_payout(work: Work, *, lock: bool = False) -> dict[UUID, list[Consent]]:
    """Requests that can still be decided or used, by payout. One whose parameters were changed is none."""
    found: dict[UUID, list[Consent]] = {}
    live = approvals.live(work, ApprovalKind.PAYOUTS, lock=lock)
    names = people.names_of(work, {request.asked_by_id for request in live}) if live else {}
    for request in live:
        if requests.params_hash(request.kind, request.params) != request.params_hash:
            continue
        for payout_id, cents in request.params[PAYOUTS].items():
            found.setdefault(UUID(payout_id), []).append(
                Consent(
                    approval_id=request.id,
                    name=requests.short(request.id),
                    amount=Money(int(cents), request.currency),
                    asked_by=names[request.asked_by_id],
                    is_approved=request.state is ApprovalState.APPROVED,
                )
            )
    return found


def claim_under(work: Work, payout: Payout, approval_id: UUID) -> None:
    """A payout leaves under a consent: it is good for nothing more to this payout, and at the last one to none."""
    payout.approval_id = approval_id
    work.session.flush()
    request = approvals.get_for_update(work, approval_id)
    together = [UUID(payout_id) for payout_id in request.params[PAYOUTS]]
    if queries.claimed_under(work, approval_id, together) == len(together):
        approval.use(work, request)
