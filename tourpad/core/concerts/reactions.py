"""What concerts do when something happens: bookings lead, payments make seats certain, people are told."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tourpad.core.artists.events import ArtistChanged
from tourpad.core.bookings import policies
from tourpad.core.bookings.events import BookingCancelled, BookingCompleted, BookingConfirmed, BookingRescheduled
from tourpad.core.bookings.moments import local_today, on_the_wall
from tourpad.core.bookings.queries import ARRIVED, get_view, is_first_payment
from tourpad.core.bookings.states import BookingState, DoorMode
from tourpad.core.concerts import rules, service
from tourpad.core.concerts.events import (
    GuestInvited,
    MinimumReached,
    RsvpApproved,
    RsvpAskedAgain,
    RsvpCalledOff,
    RsvpCancelled,
    RsvpDeclined,
    RsvpEvent,
    RsvpLapsed,
    RsvpMoved,
    RsvpPaid,
    RsvpPayable,
    RsvpReleased,
    RsvpReminded,
    RsvpRequested,
    RsvpWaitlisted,
    SeatOffered,
)
from tourpad.core.concerts.models import Rsvp
from tourpad.core.concerts.queries import seats as queries
from tourpad.core.concerts.queries import shows
from tourpad.core.concerts.queries.shows import ConcertView
from tourpad.core.concerts.service import addresses, advancing, calendars, calling_off, minimum, moving, search, seats
from tourpad.core.hosts.errors import ShowsAhead
from tourpad.core.hosts.events import HostAddressChanged, HostChanged, HostMoved
from tourpad.core.hosts.rules import takes_along
from tourpad.core.identity.events import ErasureRequested, UserErased, UserReinstated, UserSuspended
from tourpad.core.money import Money
from tourpad.core.notifications.service import tell
from tourpad.core.notifications.states import Category
from tourpad.core.payments import service as payments
from tourpad.core.payments.events import DisputeClosed, PaymentCompleted
from tourpad.core.payments.models import Payment
from tourpad.core.payments.rules import left_of
from tourpad.core.payments.states import PaymentKind
from tourpad.core.work import Work


def on_booking_confirmed(work: Work, event: BookingConfirmed) -> None:
    """The date is held: announce the concert."""
    service.announce(work, booking_id=event.booking_id)


def on_booking_cancelled(work: Work, event: BookingCancelled) -> None:
    """A confirmed booking was called off, and its concert with it."""
    if event.was is BookingState.CONFIRMED:
        booking = get_view(work, event.booking_id).booking
        calling_off.close(work, booking_id=event.booking_id, reason=booking.cancel_reason)


def on_booking_completed(work: Work, event: BookingCompleted) -> None:
    """The show was played."""
    advancing.complete(work, booking_id=event.booking_id)


def on_booking_rescheduled(work: Work, event: BookingRescheduled) -> None:
    """Both have agreed on another date: the concert is then, and its guests are asked."""
    moving.move(work, booking_id=event.booking_id, was=event.was)


def on_host_moved(work: Work, event: HostMoved) -> None:
    """Search finds shows by the host's public point, which is another one now; so far shows do not move along.

    Raises:
        ShowsAhead: a show is agreed, and it would be in another part of the country or on another clock.
    """
    for concert in shows.upcoming_of_host(work, event.host_id):
        if not takes_along(metres=event.metres, time_zone=event.time_zone, show_time_zone=concert.time_zone):
            raise ShowsAhead(
                f"{concert.title} is agreed for {concert.date}, and can't move to {event.town}.",
                hint="Change your place once the show is over, or call it off first: POST /api/concerts/{id}/cancel.",
                concert_id=str(concert.id),
            )
        search.refresh(work, concert)


def on_host_changed(work: Work, event: HostChanged) -> None:
    """Search finds shows by what the host's place is called and is."""
    if event.fields & {"venue_name", "venue_type", "city", "state"}:
        for concert in shows.upcoming_of_host(work, event.host_id):
            search.refresh(work, concert)


def on_artist_changed(work: Work, event: ArtistChanged) -> None:
    """Search finds shows by the artist's name, genres and standing."""
    if event.fields & {"stage_name", "genres", "standing"}:
        for concert in shows.upcoming_of_artist(work, event.artist_id):
            search.refresh(work, concert)


def on_standing_of_person(work: Work, event: UserSuspended | UserReinstated) -> None:
    """Shows of somebody who is suspended are not found until they are back."""
    for concert in shows.upcoming_of_person(work, event.user_id):
        search.refresh(work, concert)


def on_payment_completed(work: Work, event: PaymentCompleted) -> None:
    """A door fee is paid: the seats are certain. What comes too late, twice, or is too much goes back by itself."""
    if event.reference_type != "rsvp":
        return
    concert = shows.lock_by_rsvp(work, event.reference_id)
    rsvp, fan_user_id = queries.get(work, event.reference_id)
    payment = work.session.get_one(Payment, event.payment_id)
    if rsvp.paid_at is not None and is_first_payment(work, payment):
        return  # the event came twice
    if not seats.is_payable(work, concert, rsvp):
        _give_back(work, payment, Money(payment.amount_cents, payment.currency), "the payment came too late")
        return
    rsvp.paid_at = work.now
    rsvp.expires_at = rsvp.keep_by = None  # whoever pays comes
    if concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN:
        rsvp.fee_cents = payment.amount_cents
    over = Money(payment.amount_cents - rsvp.fee_cents, payment.currency)
    if over.cents > 0:
        _give_back(work, payment, over, "the party had become smaller")
    work.emit(RsvpPaid(rsvp_id=rsvp.id, concert_id=concert.id, fan_user_id=fan_user_id))


def on_dispute_closed(work: Work, event: DisputeClosed) -> None:
    """Money that a bank had taken may be back: if its show was cancelled, it goes on to the payer."""
    payment = work.session.get_one(Payment, event.payment_id)
    if payment.reference_type == "rsvp" and payment.state in ARRIVED and payment.concert_id is not None:
        calling_off.reopen_refunds(work, concert_id=payment.concert_id)


def on_rsvp_requested(work: Work, event: RsvpRequested) -> None:
    """Tell the host that somebody asks."""
    view = shows.get_view(work, event.concert_id)
    guest = queries.guest(work, event.rsvp_id)
    _tell(
        work,
        view,
        view.sides.host_user_id,
        "rsvp_requested",
        guest.rsvp,
        fan=guest.name.split()[0],
        message=guest.rsvp.special_requests,
    )


def on_rsvp_approved(work: Work, event: RsvpApproved) -> None:
    """Tell the fan what is to be paid, or that the seats are certain: then it goes into their calendar."""
    view = shows.get_view(work, event.concert_id)
    certain = seats.is_paid(work.session.get_one(Rsvp, event.rsvp_id)) and not minimum.is_awaited(view.concert)
    files = (calendars.file_for(work, view),) if certain else ()
    _tell_fan(work, event, "rsvp_approved", view=view, attachments=files)


def on_rsvp_declined(work: Work, event: RsvpDeclined) -> None:
    """Tell the fan."""
    _tell_fan(work, event, "rsvp_declined")


def on_rsvp_waitlisted(work: Work, event: RsvpWaitlisted) -> None:
    """Tell the fan that they wait, and how many wait before them."""
    before = queries.waiting_before(work, work.session.get_one(Rsvp, event.rsvp_id))
    _tell_fan(work, event, "rsvp_waitlisted", before=before)


def on_seat_offered(work: Work, event: SeatOffered) -> None:
    """Tell the fan that seats are free for them, and until when."""
    _tell_fan(work, event, "seat_offered")


def on_rsvp_lapsed(work: Work, event: RsvpLapsed) -> None:
    """Tell the fan."""
    _tell_fan(work, event, "rsvp_lapsed", was=event.was.value)


def on_rsvp_paid(work: Work, event: RsvpPaid) -> None:
    """Tell the fan that the seats are certain."""
    view = shows.get_view(work, event.concert_id)
    _tell_fan(
        work,
        event,
        "rsvp_paid",
        view=view,
        attachments=(calendars.file_for(work, view),),
        address_from=rules.address_from(view.concert.starts_at),
    )


def on_rsvp_cancelled(work: Work, event: RsvpCancelled) -> None:
    """Tell the fan what comes back, and take it out of their calendar."""
    view = shows.get_view(work, event.concert_id)
    files = (calendars.file_for(work, view, is_gone=True),) if event.was_certain else ()
    _tell_fan(work, event, "rsvp_cancelled", view=view, attachments=files, refund=_money(event.refund_cents))


def on_rsvp_called_off(work: Work, event: RsvpCalledOff) -> None:
    """Tell the fan that there is no show, and what comes back."""
    view = shows.get_view(work, event.concert_id)
    _tell_fan(
        work,
        event,
        "concert_cancelled",
        view=view,
        attachments=(calendars.file_for(work, view),),
        reason=view.concert.cancel_reason,
        refund=_money(event.refund_cents),
    )


def on_rsvp_reminded(work: Work, event: RsvpReminded) -> None:
    """Tell the fan that the show is near. Where it is stands behind the link."""
    _tell_fan(work, event, "concert_reminder")


def on_rsvp_payable(work: Work, event: RsvpPayable) -> None:
    """Tell the fan that the show takes place, and what is to be paid; where nothing is, it goes into their calendar."""
    view = shows.get_view(work, event.concert_id)
    certain = seats.is_paid(work.session.get_one(Rsvp, event.rsvp_id))
    files = (calendars.file_for(work, view),) if certain else ()
    _tell_fan(work, event, "rsvp_payable", view=view, attachments=files)


def on_minimum_reached(work: Work, event: MinimumReached) -> None:
    """Tell the artist and the host that their show takes place."""
    view = shows.get_view(work, event.concert_id)
    for user_id in (view.sides.artist_user_id, view.sides.host_user_id):
        _tell(work, view, user_id, "minimum_reached", None, people=view.concert.minimum_attendance)


def on_rsvp_asked_again(work: Work, event: RsvpAskedAgain) -> None:
    """Ask the fan whether they come on the new date. The entry in their calendar moves with the show."""
    rsvp = work.session.get_one(Rsvp, event.rsvp_id)
    view = shows.get_view(work, event.concert_id)
    files = (calendars.file_for(work, view),) if seats.is_paid(rsvp) else ()
    _tell_fan(
        work,
        event,
        "rsvp_asked_again",
        view=view,
        attachments=files,
        was=_day(view, event.was),
        keep_by=rsvp.keep_by,
        keep_link=moving.link_of(work, rsvp),
        paid=_money(rsvp.fee_cents) if rsvp.paid_at else None,
    )


def on_rsvp_moved(work: Work, event: RsvpMoved) -> None:
    """Tell a fan without certain seats that the show has moved."""
    view = shows.get_view(work, event.concert_id)
    _tell_fan(work, event, "rsvp_moved", view=view, was=_day(view, event.was))


def on_rsvp_released(work: Work, event: RsvpReleased) -> None:
    """Tell the fan that the seats have gone on, and that all of the money comes back; their calendar drops the show."""
    view = shows.get_view(work, event.concert_id)
    files = (calendars.file_for(work, view, is_gone=True),)
    refund = _money(event.refund_cents)
    _tell_fan(work, event, "rsvp_released", view=view, attachments=files, refund=refund, said_no=event.said_no)


def on_guest_invited(work: Work, event: GuestInvited) -> None:
    """Tell a fan that they may come to a private show."""
    view = shows.get_view(work, event.concert_id)
    _tell(work, view, event.user_id, "concert_invitation", None)


def on_host_address_changed(work: Work, event: HostAddressChanged) -> None:
    """Whoever has looked up where a show is would go to the wrong door. Who has not yet will read the new one."""
    for concert in shows.upcoming_of_host(work, event.host_id):
        view = shows.get_view(work, concert.id)
        for user_id, look in addresses.knowing(work, view).items():
            tell(
                work,
                user_id=user_id,
                template="show_address_changed",
                category=Category.CONCERT,
                dedupe_key=f"show_address_changed:{look}",  # once, until they have looked again
                related=("concert", concert.id),
                title=concert.title,
                concert_id=concert.id,
                date=concert.date,
                city=view.sides.city,
            )


def _give_back(work: Work, payment: Payment, amount: Money, reason: str) -> None:
    refund = min(amount, left_of(payment))
    if refund and payment.state in ARRIVED:
        payments.plan_refund(work, payment_id=payment.id, amount=refund, reason=reason)


def _day(view: ConcertView, instant: datetime) -> date:
    return local_today(instant, view.concert.time_zone)


def _money(cents: int) -> Money | None:
    return Money(cents) if cents else None


def _tell_fan(work: Work, event: RsvpEvent, template: str, *, view: ConcertView | None = None, **more: Any) -> None:
    if event.fan_user_id is None:
        return
    view = view or shows.get_view(work, event.concert_id)
    rsvp = work.session.get_one(Rsvp, event.rsvp_id)
    _tell(work, view, event.fan_user_id, template, rsvp, **more)


def _tell(work: Work, view: ConcertView, user_id: UUID, template: str, rsvp: Rsvp | None, **more: Any) -> None:
    """Tell one person of one party, once for one reason: on one date no party comes to the same state twice."""
    concert = view.concert
    moved = f":{concert.moved_count}" if concert.moved_count else ""
    seats_of = (
        {}
        if rsvp is None
        else {
            "guests": rsvp.guests_count,
            "fee": Money(rsvp.fee_cents, concert.currency),
            "is_paid": seats.is_paid(rsvp),
            "until": rsvp.expires_at,
            "is_awaited": minimum.is_awaited(concert),
            "people": concert.minimum_attendance,
            "minimum_by": concert.minimum_by,
            "by_choice": concert.door_mode is DoorMode.PAY_WHAT_YOU_CAN,
            "suggested": Money(concert.door_suggested_cents * rsvp.guests_count, concert.currency),
            "policy": policies.in_words(PaymentKind.DOOR_FEE, rsvp.door_policy),
        }
    )
    tell(
        work,
        user_id=user_id,
        template=template,
        category=Category.CONCERT,
        dedupe_key=f"{template}:{rsvp.id if rsvp else concert.id}{moved}",
        related=("concert", concert.id),
        title=concert.title,
        concert_id=concert.id,
        date=concert.date,
        time=concert.start_time,
        city=view.sides.city,
        **on_the_wall(seats_of | more, concert.time_zone),
    )


def on_erasure_requested(work: Work, event: ErasureRequested) -> None:
    """Not while they have seats at shows to come."""
    service.refuse_erasure(work, user_id=event.user_id)


def on_user_erased(work: Work, event: UserErased) -> None:
    """Shows stay, without the name."""
    service.forget(work, user_id=event.user_id)
