"""Dividing a concert's money, once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tourpad.core.bookings.states import CancelledBy, Side
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.states import ConcertState
from tourpad.core.ledger import rules as accounts
from tourpad.core.ledger import service as ledger
from tourpad.core.money import Money, format_money
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts import queries
from tourpad.core.payouts.errors import NotSettleableError, PotMismatchError, UndecidedChargesError
from tourpad.core.payouts.events import ConcertSettled
from tourpad.core.payouts.models import Payout, Settlement, SettlementLine
from tourpad.core.payouts.queries import PotPayment, Terms
from tourpad.core.payouts.rules import SettlementResult, SettlementTerms, business_days_after
from tourpad.core.payouts.rules import settle as divide
from tourpad.core.payouts.service.payees import ensure_payee
from tourpad.core.payouts.states import PayoutState
from tourpad.core.work import Work

ABANDONED_AFTER = timedelta(hours=24)
"""A payment begun and not finished for so long is not waited for (a late success is given back by itself)."""


def settle(work: Work, *, concert_id: UUID) -> Settlement:
    """Divide the money of a concert that was played, and plan what each side is paid. Safe to repeat.

    A concert that its host called off too late for a refund is settled, too: the rest of the guarantee is the
    artist's.

    Args:
        work: the unit of work.
        concert_id: the concert.

    Returns:
        Its settlement: the one that was made now, or before.

    Raises:
        NotFoundError: there is no such concert.
        NotSettleableError: it is not over, or was cancelled and its payers have not had their money back.
        UndecidedChargesError: a charge or refund of it is on its way; ask again.
        PotMismatchError: the ledger disagrees with the payments.
    """
    concert = queries.lock_concert(work, concert_id)
    done = queries.settlement_of(work, concert_id)
    if done is not None:
        return done
    if concert.state not in (ConcertState.COMPLETED, ConcertState.CANCELLED):
        msg = f"The concert is {concert.state}: it is settled once it was played."
        raise NotSettleableError(msg)
    offer = queries.terms_of(work, concert_id)
    check_ours(offer)
    # A refund that is planned meanwhile waits here, and then takes from those who got the money.
    ledger.lock(work, accounts.held(concert_id))
    waiting = queries.undecided(work, concert_id, abandoned_before=work.now - ABANDONED_AFTER)
    if waiting:
        things = "charge or refund is" if waiting == 1 else "charges and refunds are"
        msg = f"{waiting} {things} still on the way."
        raise UndecidedChargesError(msg, hint="It is settled by itself when Stripe has decided.")
    pot = queries.pot_of(work, concert_id)
    terms = _terms(work, concert, pot, offer)
    _check_pot(work, concert, terms)
    if concert.state is ConcertState.CANCELLED:
        _check_cancelled(terms, offer)
    return _record(work, concert, terms, divide(terms), offer, pot)


def check_ours(offer: Terms) -> None:
    """Only what was paid here is divided here.

    Raises:
        NotSettleableError: the show was played before its people came here from another system.
    """
    if offer.brought_from is not None:
        msg = f"This show was played and paid at {offer.brought_from}: none of its money was here."
        raise NotSettleableError(msg, hint="It is on record for the reviews and for who played where.")


def _terms(work: Work, concert: Concert, pot: Sequence[PotPayment], offer: Terms) -> SettlementTerms:
    def money(cents: int) -> Money:
        return Money(cents, concert.currency)

    door = [p for p in pot if p.kind is PaymentKind.DOOR_FEE]
    accepted = offer.offer_accepted_at
    return SettlementTerms(
        door_paid=money(sum(p.amount_cents for p in door)),
        door_returned=money(sum(p.amount_cents - p.left_cents for p in door)),
        door_lost=money(sum(p.lost_cents for p in door)),
        door_price=money(concert.door_fee_cents),
        guarantee=money(sum(p.left_cents for p in pot if p.kind is PaymentKind.BOOKING)),
        processing_fees=money(sum(p.fee_cents or 0 for p in pot if p.left_cents > 0)),
        platform_fee_bps=work.settings.platform_fee_bps,
        artist_door_bps=offer.artist_door_bps,
        offer_number=offer.offer_number,
        offer_accepted_on=accepted.date() if accepted else None,
        is_forfeited=concert.state is ConcertState.CANCELLED,
    )


def _check_pot(work: Work, concert: Concert, terms: SettlementTerms) -> None:
    """The ledger and the payments must tell the same story before anybody is paid by it."""
    held = Money(queries.held_cents(work, concert.id), concert.currency)
    paid = terms.door + terms.guarantee
    if held != paid or min(terms.door.cents, terms.guarantee.cents) < 0:
        msg = f"The ledger holds {format_money(held)} for the concert, its payments say {format_money(paid)}."
        raise PotMismatchError(
            msg,
            hint=f"tourpad ledger journal --concert {concert.id}",
            held_cents=held.cents,
            paid_cents=paid.cents,
        )


def _check_cancelled(terms: SettlementTerms, offer: Terms) -> None:
    """Of a cancelled concert only the guarantee that a late host forfeits goes to anybody but its payers."""
    if terms.door or (terms.guarantee and offer.cancelled_by is not CancelledBy.HOST):
        left = format_money(terms.door + terms.guarantee)
        msg = f"The concert was cancelled, and {left} has not gone back to those who paid."
        raise NotSettleableError(msg, hint="Refund them: tourpad payments list shows the payments.")


def _record(  # noqa: PLR0917 - one call, above
    work: Work,
    concert: Concert,
    terms: SettlementTerms,
    result: SettlementResult,
    offer: Terms,
    pot: Sequence[PotPayment],
) -> Settlement:
    settlement = Settlement(
        concert_id=concert.id,
        door_cents=terms.door.cents,
        guarantee_cents=terms.guarantee.cents,
        processing_fee_cents=terms.processing_fees.cents,
        platform_cents=result.platform.cents,
        currency=concert.currency,
        terms={
            "door_paid_cents": terms.door_paid.cents,
            "door_returned_cents": terms.door_returned.cents,
            "door_lost_cents": terms.door_lost.cents if terms.door_lost else 0,
            "door_price_cents": terms.door_price.cents,
            "platform_fee_bps": terms.platform_fee_bps,
            "artist_door_bps": terms.artist_door_bps,
            "offer_number": terms.offer_number,
            "is_forfeited": terms.is_forfeited,
            "offer_accepted_on": terms.offer_accepted_on.isoformat() if terms.offer_accepted_on else None,
            "charges": [p.charge_id for p in pot if p.charge_id],
        },
        created_at=work.now,
    )
    work.add(settlement)
    for side in Side:
        _record_side(work, concert, settlement, result, side=side, user_id=offer.user_of(side))
    _post(work, concert, terms, result, offer)
    concert.settled_at = work.now
    work.audit(
        "concert.settle",
        target_type="concert",
        target_id=concert.id,
        artist_cents=result.total(Side.ARTIST).cents,
        host_cents=result.total(Side.HOST).cents,
        platform_cents=result.platform.cents,
    )
    work.emit(ConcertSettled(concert_id=concert.id))
    return settlement


def _record_side(
    work: Work,
    concert: Concert,
    settlement: Settlement,
    result: SettlementResult,
    *,
    side: Side,
    user_id: UUID,
) -> None:
    lines = result.lines(side)
    work.add(
        *(
            SettlementLine(
                settlement_id=settlement.id,
                side=side,
                user_id=user_id,
                position=position,
                kind=line.kind,
                amount_cents=line.amount.cents,
                description=line.description,
            )
            for position, line in enumerate(lines)
        )
    )
    if not any(line.amount for line in lines):
        return
    ensure_payee(work, user_id=user_id)
    earned = result.total(side).cents
    over = concert.cancelled_at or concert.ends_at
    work.add(
        Payout(
            concert_id=concert.id,
            user_id=user_id,
            side=side,
            earned_cents=earned,
            amount_cents=max(earned, 0),
            currency=concert.currency,
            state=PayoutState.PLANNED,
            due_at=business_days_after(over, work.settings.payout_hold_business_days),
            created_at=work.now,
            updated_at=work.now,
        )
    )


def _post(work: Work, concert: Concert, terms: SettlementTerms, result: SettlementResult, offer: Terms) -> None:
    """Out of the pot, to whom it belongs."""
    lines = [
        (accounts.held(concert.id), terms.door + terms.guarantee),
        (accounts.PLATFORM_REVENUE, -result.platform),
        *((accounts.payable(offer.user_of(side)), -result.total(side)) for side in Side),
    ]
    if any(amount for _, amount in lines):
        ledger.post(
            work,
            source_type=accounts.Source.SETTLEMENT,
            source_id=concert.id,
            purpose="settled",
            lines=lines,
            description=f"show of {concert.date:%d %b %Y} settled",
            concert_id=concert.id,
        )
