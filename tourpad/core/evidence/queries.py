"""Every SELECT of evidence: its versions, and what other features know about the thing that was paid for."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from tourpad.core.artists.models import Artist
from tourpad.core.audit.models import AuditEntry
from tourpad.core.bookings.models import Booking, Offer
from tourpad.core.concerts.models import Concert, Rsvp
from tourpad.core.concerts.states import RsvpState
from tourpad.core.evidence.facts import Moment, OtherCharge
from tourpad.core.evidence.models import DisputeEvidence
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import AddressLook, Host
from tourpad.core.identity.models import AuthSession
from tourpad.core.memberships.models import Membership, MembershipPlan
from tourpad.core.messaging.models import Conversation, Message, Participant
from tourpad.core.messaging.states import MessageKind
from tourpad.core.money import Money
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.models import Dispute, MoneyIntent, Payment
from tourpad.core.payments.rules import PAID
from tourpad.core.payments.states import DisputeState, IntentOperation, IntentState, PaymentKind
from tourpad.core.values import Value
from tourpad.core.work import Work

ANSWERS = (IntentOperation.DISPUTE_EVIDENCE, IntentOperation.DISPUTE_CLOSE)
MOST = 500
"""Of each kind of moment, the latest: far more than a bank reads."""
SEATS_SAID = {
    "rsvp.approve": "the host approved the request",
    "rsvp.decline": "the host declined the request",
    "rsvp.lapse": "the request ended: it was not paid or taken in time",
    "rsvp.cancel": "the payer gave the seats back",
    "rsvp.shrink": "the payer gave some of the seats back",
    "rsvp.check_in": "the host checked the party in at the door",
}
BOOKING_SAID = {
    "booking.request": "the artist asked for the date",
    "booking.counter": "other terms were proposed",
    "booking.approve": "the terms were agreed on",
    "booking.confirm": "the date was confirmed",
    "booking.complete": "the show was over",
    "booking.cancel": "the show was called off",
}


class ShowRow(Value):
    """A show: as a concert where there is one, else as its booking says."""

    booking: Booking
    concert: Concert | None
    artist: str
    artist_user_id: UUID
    host_user_id: UUID
    city: str
    region: str


# versions


def newest(work: Work, dispute_id: UUID) -> DisputeEvidence | None:
    """The latest version of the evidence for a dispute."""
    return work.session.scalar(
        select(DisputeEvidence)
        .where(DisputeEvidence.dispute_id == dispute_id)
        .order_by(DisputeEvidence.version.desc())
        .limit(1)
    )


def get_evidence(work: Work, evidence_id: UUID) -> DisputeEvidence:
    """One version. The id is known to exist."""
    return work.session.get_one(DisputeEvidence, evidence_id)


def answer_under_way(work: Work, dispute_id: UUID) -> MoneyIntent | None:
    """A call that answers or gives up the dispute, and whose outcome is not known yet."""
    return work.session.scalar(
        select(MoneyIntent)
        .where(
            MoneyIntent.subject_id == dispute_id,
            MoneyIntent.operation.in_(ANSWERS),
            MoneyIntent.state.in_((IntentState.PLANNED, IntentState.SENDING)),
        )
        .limit(1)
    )


def unanswered_due(work: Work, *, until: datetime) -> list[UUID]:
    """Disputes that nobody has answered and whose day is near, the most urgent first."""
    return list(
        work.session.scalars(
            select(Dispute.id)
            .where(
                Dispute.state == DisputeState.NEEDS_RESPONSE,
                Dispute.evidence_due_at > work.now,
                Dispute.evidence_due_at <= until,
            )
            .order_by(Dispute.evidence_due_at, Dispute.id)
        )
    )


# what was bought


def show_of(work: Work, concert_id: UUID) -> ShowRow | None:
    """The show of a pot."""
    row = work.session.execute(
        select(Booking, Concert, Artist.stage_name, Artist.user_id, Host.user_id, Host.city, Host.state)
        .join(Artist, Artist.id == Booking.artist_id)
        .join(Host, Host.id == Booking.host_id)
        .outerjoin(Concert, Concert.booking_id == Booking.id)
        .where(Booking.concert_id == concert_id)
    ).one_or_none()
    return None if row is None else ShowRow(*row)


def checked_in(work: Work, concert_id: UUID) -> int:
    """How many parties came."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Rsvp)
            .where(Rsvp.concert_id == concert_id, Rsvp.state == RsvpState.CHECKED_IN)
        )
        or 0
    )


def rsvp(work: Work, rsvp_id: UUID) -> Rsvp | None:
    """A party's seats."""
    return work.session.get(Rsvp, rsvp_id)


def offer_moments(work: Work, booking_id: UUID) -> list[Moment]:
    """When terms were proposed, and by which side."""
    rows = work.session.execute(
        select(Offer.created_at, Offer.made_by).where(Offer.booking_id == booking_id).order_by(Offer.number).limit(MOST)
    )
    return [Moment(at, f"the {side} proposed terms") for at, side in rows]


def membership(work: Work, membership_id: UUID) -> tuple[Membership, MembershipPlan] | None:
    """A membership and its plan."""
    row = work.session.execute(
        select(Membership, MembershipPlan)
        .join(MembershipPlan, MembershipPlan.code == Membership.plan_code)
        .where(Membership.id == membership_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def uses_since(work: Work, user_id: UUID, since: datetime) -> int:
    """Requests for seats (a fan's) and for dates (an artist's) since a moment."""
    seats = (
        select(func.count())
        .select_from(Rsvp)
        .join(Fan, Fan.id == Rsvp.fan_id)
        .where(Fan.user_id == user_id, Rsvp.requested_at >= since)
    )
    dates = (
        select(func.count())
        .select_from(Booking)
        .join(Artist, Artist.id == Booking.artist_id)
        .where(Artist.user_id == user_id, Booking.requested_at >= since)
    )
    return (work.session.scalar(seats) or 0) + (work.session.scalar(dates) or 0)


def earlier_charges(work: Work, payment: Payment) -> int:
    """Charges of the same membership before this one."""
    return (
        work.session.scalar(
            select(func.count())
            .select_from(Payment)
            .where(
                Payment.kind == PaymentKind.MEMBERSHIP,
                Payment.reference_id == payment.reference_id,
                Payment.state.in_(PAID),
                Payment.completed_at < payment.completed_at,
            )
        )
        or 0
    )


def other_charges(work: Work, payment: Payment) -> list[OtherCharge]:
    """What the same person was charged in the same weeks."""
    if payment.completed_at is None:
        return []
    rows = work.session.execute(
        select(
            Payment.stripe_charge_id, Payment.completed_at, Payment.amount_cents, Payment.currency, Payment.description
        )
        .where(
            Payment.user_id == payment.user_id,
            Payment.id != payment.id,
            Payment.state.in_(PAID),
            Payment.stripe_charge_id.is_not(None),
            Payment.completed_at.between(
                payment.completed_at - timedelta(days=60), payment.completed_at + timedelta(days=60)
            ),
        )
        .order_by(Payment.completed_at)
        .limit(MOST)
    )
    return [
        OtherCharge(charge_id=charge, at=at, amount=Money(cents, currency), description=description)
        for charge, at, cents, currency, description in rows
        if charge is not None and at is not None
    ]


# what happened


def audit_moments(work: Work, *, target_type: str, target_id: UUID, said: dict[str, str]) -> list[Moment]:
    """What the audit log says of one thing, in words."""
    rows = work.session.execute(
        select(AuditEntry.at, AuditEntry.action)
        .where(
            AuditEntry.target_type == target_type, AuditEntry.target_id == target_id, AuditEntry.action.in_(list(said))
        )
        .order_by(AuditEntry.number.desc())
        .limit(MOST)
    )
    return [Moment(at, said[action]) for at, action in rows]


def mail_moments(work: Work, *, user_id: UUID, about: list[UUID]) -> list[Moment]:
    """Mails that were sent to a person about these things. Their subjects only: no mail's subject holds an address."""
    if not about:
        return []
    rows = work.session.execute(
        select(Mail.sent_at, Mail.subject)
        .where(
            Mail.user_id == user_id,
            Mail.sent_at.is_not(None),
            or_(*(Mail.dedupe_key.contains(str(thing), autoescape=True) for thing in about)),
        )
        .order_by(Mail.sent_at.desc())
        .limit(MOST)
    )
    return [Moment(at, f"a mail was sent to the payer: {subject}") for at, subject in rows if at is not None]


def looks(work: Work, *, user_id: UUID, concert_id: UUID) -> list[datetime]:
    """When a person was shown the exact address of a show."""
    return list(
        work.session.scalars(
            select(AddressLook.at)
            .where(AddressLook.user_id == user_id, AddressLook.concert_id == concert_id)
            .order_by(AddressLook.at.desc())
            .limit(MOST)
        )
    )


def message_moments(work: Work, *, user_id: UUID, with_users: list[UUID]) -> list[Moment]:
    """When a person and the others of a show wrote to each other: the times, and who; never what."""
    other = aliased(Participant)
    rows = work.session.execute(
        select(Message.created_at, Message.sender_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Participant, (Participant.conversation_id == Conversation.id) & (Participant.user_id == user_id))
        .where(
            Message.kind == MessageKind.TEXT,
            Message.sender_id.in_([user_id, *with_users]),
            select(other.id).where(other.conversation_id == Conversation.id, other.user_id.in_(with_users)).exists(),
        )
        .order_by(Message.created_at.desc())
        .limit(MOST)
    )
    return [
        Moment(at, "the payer wrote a message" if sender == user_id else "a message was written to the payer")
        for at, sender in rows
    ]


def sign_ins(work: Work, user_id: UUID) -> list[AuthSession]:
    """A person's sign-ins that are still known, the latest first (housekeeping clears old ones away)."""
    return list(
        work.session.scalars(
            select(AuthSession)
            .where(AuthSession.user_id == user_id)
            .order_by(AuthSession.created_at.desc(), AuthSession.id.desc())
            .limit(MOST)
        )
    )


def disputes_of_payer(user_id: UUID) -> Select[UUID]:
    """The disputes of what a person has paid."""
    return select(Dispute.id).join(Payment, Dispute.payment_id == Payment.id).where(Payment.user_id == user_id)
