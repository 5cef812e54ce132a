"""When X happens, do Y: all of it, on one screen.

Features emit events (their `events.py`) and know nothing of who listens. A reaction is a verb that takes the work and
the event; it runs in the same unit of work, so cause and consequence are committed together.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tourpad.core.agenda import reactions as agenda
from tourpad.core.applications import events as application_events
from tourpad.core.applications import reactions as applications
from tourpad.core.approvals import events as approval_events
from tourpad.core.approvals import reactions as approvals
from tourpad.core.artists import events as artist_events
from tourpad.core.artists import reactions as artists
from tourpad.core.availability import reactions as availability
from tourpad.core.bookings import events as booking_events
from tourpad.core.bookings import reactions as bookings
from tourpad.core.concerts import events as concert_events
from tourpad.core.concerts import reactions as concerts
from tourpad.core.events import Event
from tourpad.core.evidence import reactions as evidence
from tourpad.core.fans import reactions as fans
from tourpad.core.hosts import events as host_events
from tourpad.core.hosts import reactions as hosts
from tourpad.core.identity import events as identity
from tourpad.core.live import reactions as live
from tourpad.core.media import reactions as media
from tourpad.core.memberships import events as membership_events
from tourpad.core.memberships import reactions as memberships
from tourpad.core.messaging import events as messaging_events
from tourpad.core.messaging import reactions as messaging
from tourpad.core.notifications import events as notification_events
from tourpad.core.notifications import reactions as notifications
from tourpad.core.payments import events as payment_events
from tourpad.core.payments import reactions as payments
from tourpad.core.payouts import events as payout_events
from tourpad.core.payouts import reactions as payouts
from tourpad.core.relocation import reactions as relocation
from tourpad.core.reviews import events as review_events
from tourpad.core.reviews import reactions as reviews
from tourpad.core.rollout import reactions as rollout
from tourpad.core.takeout import reactions as takeout
from tourpad.core.usage import reactions as usage
from tourpad.core.work import Work

Reaction = Callable[[Work, Any], None]

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {
    identity.EntryRequested: (rollout.on_entry_requested,),
    identity.CameTooEarly: (notifications.on_came_too_early,),
    identity.UserRegistered: (
        artists.on_user_registered,
        hosts.on_user_registered,
        fans.on_user_registered,
    ),
    identity.VerificationRequested: (notifications.on_verification_requested,),
    identity.AddressAlreadyRegistered: (notifications.on_address_already_registered,),
    identity.PasswordResetRequested: (notifications.on_password_reset_requested,),
    identity.AccountBrought: (notifications.on_account_brought,),
    identity.PasswordChanged: (notifications.on_password_changed,),
    identity.SecondFactorChanged: (notifications.on_second_factor_changed,),
    identity.RecoveryCodeUsed: (notifications.on_recovery_code_used,),
    identity.NewDevice: (notifications.on_new_device,),
    identity.ProviderLinked: (notifications.on_provider_linked,),
    identity.AddressChangeRequested: (notifications.on_address_change_requested,),
    identity.AddressChanged: (
        notifications.on_address_changed,
        payments.on_address_changed,
        rollout.on_address_changed,
    ),
    identity.SessionsEnded: (live.on_sessions_ended,),
    identity.UserSuspended: (notifications.on_user_suspended, concerts.on_standing_of_person),
    identity.UserReinstated: (notifications.on_user_reinstated, concerts.on_standing_of_person),
    identity.ErasureRequested: (
        bookings.on_erasure_requested,
        concerts.on_erasure_requested,
        payments.on_erasure_requested,
        payouts.on_erasure_requested,
    ),
    identity.UserErased: (
        takeout.on_user_erased,
        notifications.on_user_erased,
        media.on_user_erased,
        artists.on_user_erased,
        hosts.on_user_erased,
        fans.on_user_erased,
        applications.on_user_erased,
        memberships.on_user_erased,
        availability.on_user_erased,
        agenda.on_user_erased,
        bookings.on_user_erased,
        concerts.on_user_erased,
        payments.on_user_erased,
        payouts.on_user_erased,
        reviews.on_user_erased,
        messaging.on_user_erased,
        evidence.on_user_erased,
        rollout.on_user_erased,
        usage.on_user_erased,
        relocation.on_user_erased,
    ),
    artist_events.ArtistChanged: (concerts.on_artist_changed,),
    host_events.HostChanged: (concerts.on_host_changed,),
    host_events.HostMoved: (bookings.on_host_moved, concerts.on_host_moved),
    host_events.HostAddressChanged: (concerts.on_host_address_changed,),
    booking_events.BookingRequested: (bookings.on_booking_requested,),
    booking_events.OfferMade: (bookings.on_offer_made,),
    booking_events.BookingApproved: (bookings.on_booking_approved,),
    booking_events.BookingReminded: (bookings.on_booking_reminded,),
    booking_events.BookingConfirmed: (concerts.on_booking_confirmed, bookings.on_booking_confirmed),
    booking_events.BookingRejected: (bookings.on_booking_rejected,),
    booking_events.BookingExpired: (bookings.on_booking_expired,),
    booking_events.BookingCancelled: (concerts.on_booking_cancelled, bookings.on_booking_cancelled),
    booking_events.RescheduleProposed: (bookings.on_reschedule_proposed,),
    booking_events.RescheduleEnded: (bookings.on_reschedule_ended,),
    booking_events.BookingRescheduled: (concerts.on_booking_rescheduled, bookings.on_booking_rescheduled),
    booking_events.BookingCompleted: (concerts.on_booking_completed, reviews.on_booking_completed),
    concert_events.GuestInvited: (concerts.on_guest_invited,),
    concert_events.RsvpRequested: (concerts.on_rsvp_requested,),
    concert_events.RsvpApproved: (concerts.on_rsvp_approved,),
    concert_events.RsvpDeclined: (concerts.on_rsvp_declined,),
    concert_events.RsvpWaitlisted: (concerts.on_rsvp_waitlisted,),
    concert_events.SeatOffered: (concerts.on_seat_offered,),
    concert_events.RsvpLapsed: (concerts.on_rsvp_lapsed,),
    concert_events.RsvpPaid: (concerts.on_rsvp_paid,),
    concert_events.RsvpCancelled: (concerts.on_rsvp_cancelled,),
    concert_events.RsvpCalledOff: (concerts.on_rsvp_called_off,),
    concert_events.RsvpReminded: (concerts.on_rsvp_reminded,),
    concert_events.MinimumReached: (concerts.on_minimum_reached,),
    concert_events.RsvpPayable: (concerts.on_rsvp_payable,),
    concert_events.RsvpAskedAgain: (concerts.on_rsvp_asked_again,),
    concert_events.RsvpMoved: (concerts.on_rsvp_moved,),
    concert_events.RsvpReleased: (concerts.on_rsvp_released,),
    review_events.ReviewWritten: (reviews.on_review_written,),
    review_events.ReviewPublished: (reviews.on_review_published,),
    review_events.ReviewAnswered: (reviews.on_review_answered,),
    payment_events.PaymentCompleted: (
        bookings.on_payment_completed,
        concerts.on_payment_completed,
        memberships.on_payment_completed,
    ),
    payment_events.PaymentFailed: (payments.on_payment_failed,),
    payment_events.PaymentRefunded: (
        payments.on_payment_refunded,
        payouts.on_payment_refunded,
        memberships.on_payment_refunded,
    ),
    payment_events.RefundFailed: (payments.on_refund_failed,),
    payment_events.StripeEventDead: (payments.on_stripe_event_dead,),
    payment_events.DisputeOpened: (payments.on_dispute_opened, payouts.on_dispute),
    payment_events.DisputeClosed: (
        payments.on_dispute_closed,
        concerts.on_dispute_closed,
        payouts.on_dispute,
        payouts.tell_dispute_lost,
        memberships.on_dispute_closed,
    ),
    concert_events.ConcertCompleted: (payouts.on_concert_completed,),
    application_events.ApplicationApproved: (applications.open_doors, memberships.on_person_approved),
    application_events.ApplicationRejected: (applications.close_doors,),
    application_events.ApplicationReopened: (applications.back_to_the_door,),
    payment_events.CheckoutNews: (memberships.on_checkout_news,),
    payment_events.SubscriptionNews: (memberships.on_subscription_news,),
    payment_events.InvoiceNews: (memberships.on_invoice_news,),
    membership_events.MembershipActivated: (memberships.on_activated,),
    membership_events.MembershipEnded: (memberships.on_ended,),
    membership_events.MembershipPlanChanged: (memberships.on_plan_changed,),
    membership_events.GiftPaid: (memberships.on_gift_paid,),
    membership_events.GiftRedeemed: (memberships.on_gift_redeemed,),
    membership_events.GiftLapsed: (memberships.on_gift_lapsed,),
    membership_events.MembershipRecovered: (memberships.on_recovered,),
    membership_events.MembershipCancelling: (memberships.on_cancelling,),
    membership_events.MembershipResumed: (memberships.on_resumed,),
    payment_events.TransferNews: (payouts.on_transfer_news,),
    payment_events.AccountNews: (payouts.on_account_news,),
    payment_events.PayeePayoutNews: (payouts.on_payee_payout_news,),
    payment_events.PlatformPayoutNews: (payouts.on_platform_payout_news,),
    payout_events.PayoutSent: (payouts.tell_sent,),
    payout_events.PayoutHeld: (payouts.tell_held,),
    payout_events.PayoutFailed: (payouts.tell_failed,),
    payout_events.PayoutReversed: (payouts.tell_failed,),
    payout_events.TransferTakenBack: (payouts.tell_taken_back,),
    payout_events.PayeeBankRefused: (payouts.tell_bank_refused,),
    payout_events.PayoutsWaitForApproval: (payouts.tell_admins,),
    approval_events.ApprovalAsked: (approvals.on_approval_asked,),
    approval_events.ApprovalDecided: (approvals.on_approval_decided,),
    messaging_events.MessageSent: (live.on_message_sent,),
    messaging_events.ConversationRead: (live.on_conversation_read,),
    notification_events.NotificationListed: (live.on_notification_listed,),
}


def react(work: Work, event: Event) -> None:
    """Run the reactions to one event, in the order listed; and count it, where that is wanted."""
    for reaction in REACTIONS.get(type(event), ()):
        reaction(work, event)
    usage.count(work, event)
