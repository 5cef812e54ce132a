"""From a disputed charge to what is known about it: who bought what, what happened, when. Changes nothing."""

from datetime import datetime
from uuid import UUID

from tourpad.core.bookings import policies
from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.states import ConcertState, RsvpState
from tourpad.core.evidence import queries
from tourpad.core.evidence.facts import Buyer, Facts, GivenBack, Moment, Period, Seats, Show
from tourpad.core.identity.models import AuthSession
from tourpad.core.identity.queries import get_user
from tourpad.core.identity.states import UserState
from tourpad.core.money import Money
from tourpad.core.payments import queries as payment_queries
from tourpad.core.payments import rules as payment_rules
from tourpad.core.payments.models import Dispute, Payment
from tourpad.core.payments.states import PaymentKind, RefundState
from tourpad.core.values import replace
from tourpad.core.work import Work

DEVICE = 80
"""Characters of a browser's name for itself that are worth a bank's while."""


def facts_of(work: Work, *, dispute_id: UUID) -> Facts:
    """All that is known about a disputed charge.

    Raises:
        NotFoundError: no such dispute.
    """
    dispute = payment_queries.get_dispute(work, dispute_id)
    payment = payment_queries.get_payment(work, dispute.payment_id)
    sign_ins = [] if payment.payer_name else queries.sign_ins(work, payment.user_id)
    facts = _about(work, payment, _charge(work, dispute, payment, sign_ins))
    looked = _looks(work, payment)
    activity = [*_signed_in(sign_ins, dispute.opened_at), *looked]
    history = [*facts.history, *looked, *_paid(payment), *_mails(work, payment)]
    return replace(facts, history=_in_order(history), activity=_in_order(activity))


def _charge(work: Work, dispute: Dispute, payment: Payment, sign_ins: list[AuthSession]) -> Facts:
    """What the payment itself says."""
    card = f"{payment.card_brand or 'card'} ending in {payment.card_last4}" if payment.card_last4 else None
    return Facts(
        kind=payment.kind,
        reason=dispute.reason,
        disputed=Money(dispute.amount_cents, dispute.currency),
        paid=Money(payment.amount_cents, payment.currency),
        paid_at=payment.completed_at,
        description=payment.description,
        receipt=payment.receipt_number or payment_rules.receipt_number(payment.id),
        card=card,
        buyer=_buyer(work, payment, sign_ins),
        refunds=tuple(
            GivenBack(
                at=refund.created_at,
                amount=Money(refund.amount_cents, refund.currency),
                reason=refund.reason,
                arrived=refund.state is RefundState.SUCCEEDED,
            )
            for refund in payment_queries.refunds_of(work, payment.id)
            if refund.state is not RefundState.FAILED
        ),
        others=tuple(queries.other_charges(work, payment)) if not payment.payer_name else (),
    )


def _about(work: Work, payment: Payment, facts: Facts) -> Facts:
    """The same, with what it was paid for. What is of no kind that is known here is told by its description alone."""
    if payment.kind is PaymentKind.MEMBERSHIP:
        return _of_membership(work, payment, facts)
    row = queries.show_of(work, payment.concert_id) if payment.concert_id else None
    if row is None:
        return facts
    facts = replace(facts, show=_show(work, row))
    if payment.kind is PaymentKind.BOOKING:
        return replace(
            facts,
            policy=policies.in_words(payment.kind, row.booking.fee_policy),
            history=(
                *queries.audit_moments(
                    work, target_type="booking", target_id=row.booking.id, said=queries.BOOKING_SAID
                ),
                *queries.offer_moments(work, row.booking.id),
                *queries.message_moments(work, user_id=payment.user_id, with_users=[row.artist_user_id]),
            ),
        )
    rsvp = queries.rsvp(work, payment.reference_id)
    if rsvp is None:
        return facts
    return replace(
        facts,
        policy=policies.in_words(payment.kind, rsvp.door_policy),
        seats=_seats(work, payment, rsvp),
        history=(
            Moment(rsvp.requested_at, f"the payer asked for {rsvp.guests_count} seats"),
            *queries.audit_moments(work, target_type="rsvp", target_id=rsvp.id, said=queries.SEATS_SAID),
            *queries.message_moments(work, user_id=payment.user_id, with_users=[row.host_user_id, row.artist_user_id]),
        ),
    )


def _show(work: Work, row: queries.ShowRow) -> Show:
    concert, booking = row.concert, row.booking
    state = concert.state if concert else None
    return Show(
        title=concert.title if concert else f"{row.artist} in {row.city}",
        artist=row.artist,
        place=f"{row.city}, {row.region}",
        starts_at=concert.starts_at if concert else booking.starts_at,
        ends_at=concert.ends_at if concert else booking.ends_at,
        time_zone=booking.time_zone,
        was_held=state is ConcertState.COMPLETED,
        called_off=state is ConcertState.CANCELLED or booking.cancelled_at is not None,
        checked_in=queries.checked_in(work, concert.id) if concert else 0,
    )


def _seats(work: Work, payment: Payment, rsvp: Rsvp) -> Seats:
    return Seats(
        guests=rsvp.guests_count,
        checked_in_at=rsvp.checked_in_at,
        given_back_at=rsvp.state_changed_at if rsvp.state is RsvpState.CANCELLED else None,
        knew_address=bool(queries.looks(work, user_id=payment.user_id, concert_id=rsvp.concert_id)),
    )


def _of_membership(work: Work, payment: Payment, facts: Facts) -> Facts:
    found = queries.membership(work, payment.reference_id)
    if found is None:
        return facts
    membership, plan = found
    since = payment.completed_at or payment.created_at
    return replace(
        facts,
        period=Period(
            plan=plan.name,
            interval=plan.interval,
            started_at=membership.started_at,
            cancelled_at=membership.ended_at or membership.cancels_at,
            uses=queries.uses_since(work, payment.user_id, since),
            renewals=queries.earlier_charges(work, payment),
        ),
    )


def _buyer(work: Work, payment: Payment, sign_ins: list[AuthSession]) -> Buyer:
    """Who paid. A walk-up's payment hangs on the host who let them in, of whom nothing is said."""
    user = get_user(work, payment.user_id)
    unknown = bool(payment.payer_name) or user.state is UserState.ERASED
    paid_at = payment.completed_at
    before = [known for known in sign_ins if paid_at and known.created_at <= paid_at and known.address]
    return Buyer(
        name=payment.payer_name or user.name,
        email=None if unknown else user.email,
        since=None if unknown else user.created_at,
        email_verified_at=None if unknown else user.email_verified_at,
        terms=None if unknown else user.terms_version,
        terms_accepted_at=None if unknown else user.terms_accepted_at,
        purchase_ip=before[0].address if before and not unknown else None,
    )


def _paid(payment: Payment) -> list[Moment]:
    paid = Money(payment.amount_cents, payment.currency)
    return [Moment(payment.completed_at, f"{paid} was paid")] if payment.completed_at else []


def _signed_in(sign_ins: list[AuthSession], until: datetime) -> list[Moment]:
    """Sign-ins until the dispute was opened: what came after proves nothing."""
    moments: list[Moment] = []
    for known in sign_ins:
        if known.created_at > until:
            continue
        by = f" with {known.user_agent[:DEVICE]}" if known.user_agent else ""
        moments.append(Moment(known.created_at, f"signed in from {known.address or 'an unknown address'}{by}"))
    return moments


def _looks(work: Work, payment: Payment) -> list[Moment]:
    if payment.concert_id is None or payment.payer_name:
        return []
    seen = queries.looks(work, user_id=payment.user_id, concert_id=payment.concert_id)
    return [Moment(at, "the payer looked up the exact address of the show, signed in") for at in seen]


def _mails(work: Work, payment: Payment) -> list[Moment]:
    if payment.payer_name:
        return []
    about = [payment.id, payment.reference_id, *([payment.concert_id] if payment.concert_id else [])]
    return queries.mail_moments(work, user_id=payment.user_id, about=about)


def _in_order(moments: list[Moment]) -> tuple[Moment, ...]:
    return tuple(sorted(moments, key=lambda moment: moment.at))
