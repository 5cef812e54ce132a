"""What is held on a person: every table that holds something of people, and whose its rows are.

A test holds this against the database: a table is either here, or in `NOBODYS` with a reason.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, union

from tourpad.core.agenda.models import CalendarLink
from tourpad.core.applications.models import (
    Application,
    ApplicationDecision,
    ApplicationQuestion,
    ApplicationSubmission,
)
from tourpad.core.applications.states import OPEN_DECISION
from tourpad.core.artists.models import Artist
from tourpad.core.audit.models import AuditEntry
from tourpad.core.availability.models import (
    AvailabilityDay,
    AvailabilityPattern,
    CalendarFeed,
    FeedBusyDay,
    Trip,
    TripNotice,
)
from tourpad.core.bookings.models import Booking, BookingSignature, Offer
from tourpad.core.concerts.models import Concert, ConcertInvitation, DoorScan, InvitationLink, Rsvp
from tourpad.core.database.base import Base
from tourpad.core.fans.models import Fan
from tourpad.core.hosts.models import AddressLook, Host, HostAddress
from tourpad.core.identity.models import AuthSession, OAuthIdentity, SecondFactor, User, UserProfile
from tourpad.core.ledger.models import Journal
from tourpad.core.media.models import Media, MediaVariant
from tourpad.core.memberships.models import Membership, MembershipCheckout, MembershipGift, MembershipInvoice
from tourpad.core.messaging.models import Conversation, Message, Participant
from tourpad.core.notifications.models import Notification, NotificationPreference
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.models import Dispute, Payment, Refund, StripeCustomer
from tourpad.core.payouts.models import Payee, Payout, PayoutAdjustment, SettlementLine
from tourpad.core.payouts.queries import requests_about
from tourpad.core.relocation.models import ImportedId
from tourpad.core.reviews.models import Review
from tourpad.core.rollout.models import BetaAddress
from tourpad.core.usage.models import UsagePseudonym
from tourpad.core.values import Value
from tourpad.core.work import Work

Ids = Select[UUID]


class Holding(Value):
    """One table, which of its rows are a person's, and columns that stay with us."""

    model: type[Base]
    whose: Callable[[UUID], ColumnElement[bool]]
    secret: frozenset[str] = frozenset()
    """Keys to something, or words of others that they may not see."""


def _ids(model: type[Base], *conditions: ColumnElement[bool]) -> Ids:
    return select(model.id).where(*conditions)


def _bookings(user_id: UUID) -> Ids:
    artist, host = _ids(Artist, Artist.user_id == user_id), _ids(Host, Host.user_id == user_id)
    return _ids(Booking, or_(Booking.artist_id.in_(artist), Booking.host_id.in_(host)))


def _payments(user_id: UUID) -> Ids:
    return _ids(Payment, Payment.user_id == user_id)


def _threads(user_id: UUID) -> Select[UUID]:
    return select(Participant.conversation_id).where(Participant.user_id == user_id)


def _memberships(user_id: UUID) -> Ids:
    return _ids(Membership, Membership.user_id == user_id)


def _applications(user_id: UUID) -> Ids:
    return _ids(Application, Application.user_id == user_id)


_DESK = frozenset({"claimed_by", "claimed_by_id", "claimed_by_label", "claimed_until"})
_REVIEWERS = frozenset(f"{who}_by{what}" for who in ("decided", "confirmed") for what in ("", "_id", "_label")) | {
    "end_reason"
}
"""Who reviewed, and what reviewers say among themselves; a decision is the person's once they were told of it."""

HOLDINGS: tuple[Holding, ...] = (
    Holding(User, lambda u: User.id == u),
    Holding(UserProfile, lambda u: UserProfile.user_id == u),
    Holding(OAuthIdentity, lambda u: OAuthIdentity.user_id == u),
    Holding(SecondFactor, lambda u: SecondFactor.user_id == u, frozenset({"sealed_secret", "last_step"})),
    Holding(AuthSession, lambda u: AuthSession.user_id == u, frozenset({"refresh_hash"})),
    Holding(
        BetaAddress,
        lambda u: BetaAddress.email.in_(select(func.lower(User.email)).where(User.id == u)),
        frozenset({"added_by"}),
    ),
    Holding(UsagePseudonym, lambda u: UsagePseudonym.user_id == u),
    Holding(Artist, lambda u: Artist.user_id == u),
    Holding(Host, lambda u: Host.user_id == u),
    Holding(HostAddress, lambda u: HostAddress.host_id.in_(_ids(Host, Host.user_id == u)), frozenset({"point_key"})),
    Holding(
        AddressLook, lambda u: or_(AddressLook.user_id == u, AddressLook.host_id.in_(_ids(Host, Host.user_id == u)))
    ),
    Holding(Fan, lambda u: Fan.user_id == u),
    Holding(Application, lambda u: Application.user_id == u, _DESK),
    Holding(ApplicationSubmission, lambda u: ApplicationSubmission.application_id.in_(_applications(u))),
    Holding(
        ApplicationDecision,
        lambda u: (
            ApplicationDecision.application_id.in_(_applications(u)) & ApplicationDecision.state.not_in(OPEN_DECISION)
        ),
        _REVIEWERS,
    ),
    Holding(
        ApplicationQuestion,
        lambda u: ApplicationQuestion.application_id.in_(_applications(u)),
    ),
    Holding(Media, lambda u: Media.owner_id == u),
    Holding(MediaVariant, lambda u: MediaVariant.media_id.in_(_ids(Media, Media.owner_id == u))),
    Holding(Notification, lambda u: Notification.user_id == u),
    Holding(NotificationPreference, lambda u: NotificationPreference.user_id == u),
    Holding(Mail, lambda u: Mail.user_id == u),
    Holding(Membership, lambda u: Membership.user_id == u),
    Holding(MembershipInvoice, lambda u: MembershipInvoice.membership_id.in_(_memberships(u))),
    Holding(MembershipCheckout, lambda u: MembershipCheckout.user_id == u),
    Holding(
        MembershipGift,
        lambda u: or_(MembershipGift.giver_user_id == u, MembershipGift.redeemed_by == u),
        frozenset({"code_hash"}),
    ),
    Holding(AvailabilityDay, lambda u: AvailabilityDay.user_id == u),
    Holding(AvailabilityPattern, lambda u: AvailabilityPattern.user_id == u),
    Holding(CalendarFeed, lambda u: CalendarFeed.user_id == u, frozenset({"sealed_url", "url_hash"})),
    Holding(FeedBusyDay, lambda u: FeedBusyDay.feed_id.in_(_ids(CalendarFeed, CalendarFeed.user_id == u))),
    Holding(Trip, lambda u: Trip.artist_id.in_(_ids(Artist, Artist.user_id == u))),
    Holding(TripNotice, lambda u: TripNotice.host_id.in_(_ids(Host, Host.user_id == u))),
    Holding(CalendarLink, lambda u: CalendarLink.user_id == u, frozenset({"token_hash"})),
    Holding(Booking, lambda u: Booking.id.in_(_bookings(u))),
    Holding(Offer, lambda u: Offer.booking_id.in_(_bookings(u))),
    Holding(BookingSignature, lambda u: BookingSignature.user_id == u),
    Holding(Concert, lambda u: Concert.booking_id.in_(_bookings(u))),
    Holding(Rsvp, lambda u: Rsvp.fan_id.in_(_ids(Fan, Fan.user_id == u))),
    Holding(
        DoorScan,
        lambda u: or_(
            DoorScan.by_user_id == u, DoorScan.rsvp_id.in_(_ids(Rsvp, Rsvp.fan_id.in_(_ids(Fan, Fan.user_id == u))))
        ),
    ),
    Holding(InvitationLink, lambda u: InvitationLink.created_by == u),
    Holding(ConcertInvitation, lambda u: ConcertInvitation.user_id == u),
    Holding(Conversation, lambda u: Conversation.id.in_(_threads(u))),
    Holding(Participant, lambda u: Participant.user_id == u),
    Holding(Message, lambda u: Message.conversation_id.in_(_threads(u))),
    Holding(
        Review, lambda u: or_(Review.reviewer_id == u, (Review.reviewee_id == u) & Review.published_at.is_not(None))
    ),
    Holding(StripeCustomer, lambda u: StripeCustomer.user_id == u),
    Holding(Payment, lambda u: Payment.user_id == u, frozenset({"client_secret"})),
    Holding(Refund, lambda u: Refund.payment_id.in_(_payments(u))),
    Holding(Dispute, lambda u: Dispute.payment_id.in_(_payments(u))),
    Holding(ImportedId, lambda u: ImportedId.user_id == u, frozenset({"foreign_hash", "line_hash"})),
    Holding(Payee, lambda u: Payee.user_id == u),
    Holding(Payout, lambda u: Payout.user_id == u),
    Holding(PayoutAdjustment, lambda u: PayoutAdjustment.user_id == u),
    Holding(SettlementLine, lambda u: SettlementLine.user_id == u),
    Holding(Journal, lambda u: Journal.person_id == u),
    Holding(
        AuditEntry,
        lambda u: or_(AuditEntry.actor_id == u, AuditEntry.target_id == u),
        frozenset({"reason_salt", "reason_digest"}),
    ),
)

NOBODYS: dict[str, str] = {
    "alembic_version": "the database's own",
    "application_marks": "made of links and names of an application that is in the archive",
    "application_notes": "what reviewers think among themselves",
    "application_scores": "what reviewers think among themselves",
    "application_templates": "texts that reviewers use again",
    "application_walks": "where a reviewer stopped",
    "audit_links": "hashes",
    "concert_facts": "made of public facts of concerts",
    "concert_search": "made of public facts of concerts",
    "credentials": "a password's hash",
    "email_tokens": "hashes of links in mails that are in the archive",
    "idempotency_keys": "answers of the last day, all of them to things in the archive",
    "job_runs": "what jobs did",
    "ledger_lines": "amounts on accounts; the person's postings are in the archive",
    "ledger_snapshots": "sums",
    "media_tasks": "work on uploads",
    "membership_plans": "what is for sale",
    "money_intents": "calls to Stripe; what they did is in payments, refunds and payouts",
    "oauth_sign_ins": "sign-ins under way, for minutes",
    "rate_windows": "hashed counters of the last two days",
    "user_notes": "what admins note among themselves",
    "usage_events": "for a minute: names of what happened, under the number that is in the archive",
    "recovery_codes": "hashes",
    "rollout_changes": "how far the doors were open",
    "rsvp_news": "for moments: a request for seats that is in the archive, and who is to hear of it",
    "settlements": "of a whole show; the person's lines are in the archive",
    "stripe_balance_transactions": "Stripe's own lines",
    "stripe_call_slots": "when calls were made",
    "stripe_events": "notes that something changed at Stripe; what changed is in the archive",
    "stripe_funds": "a sum",
    "subscription_endings": "work on subscriptions",
    "approvals": "what admins decided among themselves",
    "dispute_evidence": "what a bank was told in a dispute",
}
"""Tables that are not handed out, and why."""


def held(work: Work, user_id: UUID) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The name of each table, and the person's rows of it."""
    for holding in HOLDINGS:
        columns = [c for c in holding.model.__table__.columns if c.name not in holding.secret]
        rows = work.session.execute(select(*columns).where(holding.whose(user_id)).order_by(holding.model.id))
        yield holding.model.__tablename__, [dict(row) for row in rows.mappings()]


TIMELINE: dict[str, type[Base]] = {
    "application": Application,
    "booking": Booking,
    "concert": Concert,
    "rsvp": Rsvp,
    "review": Review,
    "media": Media,
    "membership": Membership,
    "membership_gift": MembershipGift,
    "payment": Payment,
    "refund": Refund,
    "dispute": Dispute,
    "payout": Payout,
    "payee": Payee,
}
"""What belongs to a person, by the name that the audit log has for it."""


def on_record(user_id: UUID) -> Select[UUID]:
    """Entries of the audit log of what a person did, and of what was done to them and to what is theirs."""
    whose = {holding.model: holding.whose(user_id) for holding in HOLDINGS}
    return select(
        union(
            select(AuditEntry.id).where(AuditEntry.actor_id == user_id),
            select(AuditEntry.id).where(AuditEntry.target_id == user_id),
            *(
                select(AuditEntry.id).where(
                    AuditEntry.target_type == kind, AuditEntry.target_id.in_(select(model.id).where(whose[model]))
                )
                for kind, model in TIMELINE.items()
            ),
        )
        .subquery()
        .c.id
    )


def words_about(user_id: UUID) -> Select[UUID]:
    """Entries whose words may name a person: all that are on record of them, and requests for money that is theirs."""
    asked = select(AuditEntry.id).where(
        AuditEntry.target_type == "approval", AuditEntry.target_id.in_(requests_about(user_id))
    )
    return select(union(on_record(user_id), asked).subquery().c.id)


def timeline(work: Work, user_id: UUID, *, offset: int, limit: int) -> tuple[list[AuditEntry], int]:
    """What a person did, and what was done to them and to what is theirs: the latest first, and how many in all."""
    conditions = [AuditEntry.id.in_(on_record(user_id))]
    total = work.session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
    rows = work.session.scalars(
        select(AuditEntry).where(*conditions).order_by(AuditEntry.number.desc()).offset(offset).limit(limit)
    )
    return list(rows), total


def files(work: Work, user_id: UUID) -> list[Media]:
    """The person's uploads."""
    return list(work.session.scalars(select(Media).where(Media.owner_id == user_id).order_by(Media.id)))
