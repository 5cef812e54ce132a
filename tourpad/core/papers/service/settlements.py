"""The settlement sheet of a concert: expected until its money is divided, then as the ledger divided it."""

from uuid import UUID

from tourpad.core.bookings import queries as bookings
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.queries import shows as concerts
from tourpad.core.concerts.states import ConcertState
from tourpad.core.money import Money
from tourpad.core.papers import queries
from tourpad.core.papers.service.expecting import expected
from tourpad.core.papers.service.merchant import merchant
from tourpad.core.papers.service.settled import final
from tourpad.core.papers.sheets import SettlementSheet, SheetPayout, Stage, summed
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts import queries as payouts
from tourpad.core.payouts import service as payouts_service
from tourpad.core.payouts.queries import PayoutFilter
from tourpad.core.payouts.rules import FOR_PAYEES
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work

STANDING = {
    PayoutState.SENDING: "being sent",
    PayoutState.FAILED: "Stripe refused it; we look into it",
    PayoutState.REVERSED: "the transfer came back; it is owed again",
    PayoutState.CARRIED: "taken along by another payout",
}
"""What is said of a payout that neither waits nor was sent."""

MOST_PAYOUTS = 50


def settlement(work: Work, *, concert_id: UUID, viewer: UUID | None) -> SettlementSheet:
    """How a concert's money is divided, or will be.

    Artist and host agreed on the terms, so both see the whole division; of the payouts each sees their own.

    Args:
        work: the unit of work.
        concert_id: the concert.
        viewer: who asks; None for whoever may see all of it.

    Raises:
        NotFoundError: there is no such concert, or the viewer is neither its artist nor its host.
        NotSettleableError: it was played and paid in another system.
        PaperMismatchError: the settlement's rows do not add up to what the ledger says.
    """
    view = concerts.get_view(work, concert_id)
    if viewer is not None and view.sides.side_of(viewer) is None:
        raise concerts.unknown()
    concert = view.concert
    terms = payouts.terms_of(work, concert_id)
    payouts_service.check_ours(terms)
    done = payouts.settlement_of(work, concert_id)
    parts = final(work, concert, terms, done) if done else expected(work, concert, terms)
    facts = queries.shows(work, [concert_id])[concert_id]
    booking = bookings.get_view(work, concert.booking_id).booking
    stage = Stage.FINAL if done else Stage.EXPECTED
    if done is None and concert.state is ConcertState.CANCELLED:
        stage = Stage.CANCELLED
    accepted = terms.offer_accepted_at
    return SettlementSheet(
        merchant=merchant(work.settings),
        stage=stage,
        as_of=work.now,
        settled_at=done.created_at if done else None,
        show=facts.show,
        title=concert.title,
        host=facts.host,
        offer_number=terms.offer_number,
        accepted_on=accepted.date() if accepted else None,
        artist_door_bps=parts.terms.artist_door_bps,
        platform_fee_bps=parts.terms.platform_fee_bps,
        door=parts.door,
        guarantee_agreed=Money(booking.artist_fee_cents, concert.currency),
        guarantee_paid=_guarantee_paid(work, concert),
        guarantee_kept=parts.terms.guarantee,
        processing_fees=parts.terms.processing_fees,
        lines=parts.lines,
        adjustments=parts.adjustments,
        result=summed(
            (*parts.lines, *parts.adjustments), "After that" if parts.adjustments else "In all", concert.currency
        ),
        scenarios=parts.scenarios,
        payouts=_payouts(work, concert_id, viewer),
        notes=parts.notes,
    )


def _guarantee_paid(work: Work, concert: Concert) -> Money:
    paid = [p.amount_cents for p in payouts.pot_of(work, concert.id) if p.kind is PaymentKind.BOOKING]
    return Money(sum(paid), concert.currency)


def _payouts(work: Work, concert_id: UUID, viewer: UUID | None) -> tuple[SheetPayout, ...]:
    wanted = PayoutFilter(concert_id=concert_id, user_id=viewer)
    rows, _ = payouts.list_payouts(work, wanted, offset=0, limit=MOST_PAYOUTS)
    told: list[SheetPayout] = []
    for row in sorted(rows, key=lambda row: (row.payout.side.value, row.payout.seq)):
        payout = row.payout
        waits = payout.state in payouts.OPEN
        # Why it stays may have changed since it was written down.
        reason = payouts_service.explain(work, payout_id=payout.id).hold_reason if waits else None
        told.append(
            SheetPayout(
                payout_id=payout.id,
                side=payout.side,
                amount=Money(payout.amount_cents, payout.currency),
                state=payout.state,
                due_at=payout.due_at,
                sent_at=payout.sent_at,
                transfer_id=payout.stripe_transfer_id,
                hold_reason=reason,
                note=FOR_PAYEES.get(reason) if reason else STANDING.get(payout.state),
            )
        )
    return tuple(told)
