"""What a show will come to, from what is paid and booked now."""

from tourpad.core.bookings.states import CancelledBy, DoorMode
from tourpad.core.concerts.models import Concert
from tourpad.core.concerts.states import ConcertState
from tourpad.core.money import Money
from tourpad.core.papers import queries, rules
from tourpad.core.papers.rules import Booked
from tourpad.core.papers.service.parts import Parts, at_door, door_facts, shares_text, standing_guests
from tourpad.core.payments.states import PaymentKind
from tourpad.core.payouts import queries as payouts
from tourpad.core.payouts.queries import PotPayment, Terms
from tourpad.core.payouts.rules import SettlementTerms, settle
from tourpad.core.work import Work

TO_COME = (ConcertState.SCHEDULED, ConcertState.LIVE)
"""Guests may still pay."""


def expected(work: Work, concert: Concert, terms: Terms) -> Parts:
    """How the money of a concert that is not settled would be divided."""
    pot = list(payouts.pot_of(work, concert.id))
    paid = _terms_now(work, concert, pot, terms)
    door = door_facts(
        work,
        concert,
        at_door(pot),
        paid=paid.door_paid,
        refunded=Money(sum(p.refunded_cents for p in at_door(pot)), concert.currency),
        lost=Money(sum(p.lost_cents for p in at_door(pot)), concert.currency),
    )
    if concert.state not in TO_COME:
        return Parts(
            terms=paid,
            door=door,
            lines=rules.divided(settle(paid), shares=shares_text(paid)),
            notes=_notes(concert),
        )
    booked = _booked(work, concert)
    likely = rules.expected_terms(paid, booked)
    return Parts(
        terms=likely,
        door=door,
        lines=rules.divided(settle(likely), shares=shares_text(likely)),
        scenarios=rules.scenarios(paid, booked, paid_guests=standing_guests(work, at_door(pot), door) if pot else 0),
        notes=_notes(concert),
    )


def _terms_now(work: Work, concert: Concert, pot: list[PotPayment], terms: Terms) -> SettlementTerms:
    """The terms of a settlement of what has arrived. Of a cancelled show only what a late host forfeits is divided."""

    def money(cents: int) -> Money:
        return Money(cents, concert.currency)

    door = at_door(pot)
    guarantee = sum(p.left_cents for p in pot if p.kind is PaymentKind.BOOKING)
    returned = sum(p.amount_cents - p.left_cents for p in door)
    if concert.state is ConcertState.CANCELLED:
        guarantee = guarantee if terms.cancelled_by is CancelledBy.HOST else 0
        returned = sum(p.amount_cents for p in door)
    accepted = terms.offer_accepted_at
    return SettlementTerms(
        door_paid=money(sum(p.amount_cents for p in door)),
        door_returned=money(returned),
        door_price=money(concert.door_fee_cents),
        guarantee=money(guarantee),
        processing_fees=money(sum(p.fee_cents or 0 for p in pot if p.left_cents > 0)),
        platform_fee_bps=work.settings.platform_fee_bps,
        artist_door_bps=terms.artist_door_bps,
        offer_number=terms.offer_number,
        offer_accepted_on=accepted.date() if accepted else None,
    )


def _booked(work: Work, concert: Concert) -> Booked:
    """What is still to be paid. Where guests pay what they can, the least or what is suggested is counted."""
    pay_what_you_can = concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN
    least = concert.door_minimum_cents if pay_what_you_can else concert.door_fee_cents
    price = max(least, concert.door_suggested_cents) if pay_what_you_can else least
    seats = queries.unpaid_seats(work, concert.id, price_cents=least)
    return Booked(
        unpaid=Money(seats.promised_cents, concert.currency),
        unpaid_parties=seats.parties,
        unpaid_guests=seats.guests,
        free_seats=concert.max_capacity - concert.seats_taken,
        seat_price=Money(price, concert.currency),
    )


def _notes(concert: Concert) -> tuple[str, ...]:
    if concert.state is ConcertState.CANCELLED:
        return ("The show was called off: what guests paid goes back to them.",)
    if concert.state not in TO_COME:
        return ("The show was played; its money is divided when Stripe has decided on every charge and refund.",)
    return (
        "An estimate, not a promise: the division above counts every seat that is booked now, paid or not.",
        "Processing fees of payments to come are estimated at Stripe's standard 2.9 % and 30 cents a charge.",
    )
