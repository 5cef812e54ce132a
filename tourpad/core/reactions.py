"""When X happens, do Y: all of it, on one screen.

Features emit events (their `events.py`) and know nothing of who listens. A reaction is a verb that takes the work and
the event; it runs in the same unit of work, so cause and consequence are committed together.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tourpad.core.applications import reactions as applications
from tourpad.core.artists import reactions as artists
from tourpad.core.concerts import events as concert_events
from tourpad.core.events import Event
from tourpad.core.fans import reactions as fans
from tourpad.core.hosts import reactions as hosts
from tourpad.core.identity import events as identity
from tourpad.core.notifications import reactions as notifications
from tourpad.core.payments import events as payment_events
from tourpad.core.payouts import events as payout_events
from tourpad.core.payouts import reactions as payouts
from tourpad.core.work import Work

Reaction = Callable[[Work, Any], None]

REACTIONS: Mapping[type[Event], tuple[Reaction, ...]] = {
    identity.UserRegistered: (
        artists.on_user_registered,
        hosts.on_user_registered,
        fans.on_user_registered,
    ),
    identity.VerificationRequested: (notifications.on_verification_requested,),
    identity.AddressAlreadyRegistered: (notifications.on_address_already_registered,),
    identity.PasswordResetRequested: (notifications.on_password_reset_requested,),
    identity.PasswordChanged: (notifications.on_password_changed,),
    identity.UserSuspended: (notifications.on_user_suspended,),
    identity.UserReinstated: (notifications.on_user_reinstated,),
    identity.UserErased: (
        notifications.on_user_erased,
        artists.on_user_erased,
        hosts.on_user_erased,
        fans.on_user_erased,
        applications.on_user_erased,
    ),
    concert_events.ConcertCompleted: (payouts.on_concert_completed,),
    payment_events.TransferNews: (payouts.on_transfer_news,),
    payment_events.AccountNews: (payouts.on_account_news,),
    payment_events.PayeePayoutNews: (payouts.on_payee_payout_news,),
    payout_events.PayoutSent: (payouts.tell_sent,),
    payout_events.PayoutHeld: (payouts.tell_held,),
    payout_events.PayeeBankRefused: (payouts.tell_bank_refused,),
}


def react(work: Work, event: Event) -> None:
    """Run the reactions to one event, in the order listed."""
    for reaction in REACTIONS.get(type(event), ()):
        reaction(work, event)
