"""Bookings, by the verbs, in whatever state a test needs; payments as rows where Stripe does not matter."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.factories.profiles import make_artist, make_host
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tourpad.core.bookings.models import Booking
    from tourpad.core.outbox.models import Mail
    from tourpad.core.payments.models import Payment
    from tourpad.core.work import Work

DAYS_AHEAD = 40
"""Far enough that a host who cancels gets everything back."""


SHORT = {"mode": "door_mode", "minimum": "door_minimum_cents", "suggested": "door_suggested_cents"}
"""Names of terms that tests may shorten."""


@dataclass
class Pair:
    """An artist and a host who may book."""

    artist_id: UUID
    artist_user: UUID
    host_id: UUID
    host_user: UUID


def make_pair(work: "Work", *, address: bool = False, **host: Any) -> Pair:
    """A listed artist and a listed host in Columbus OH (30 people fit)."""
    artist = make_artist(work)
    host.setdefault("venue_name", "Mill Lane House")
    home = make_host(work, address=address, **host)
    return Pair(artist.id, artist.user_id, home.id, home.user_id)


def make_request(
    work: "Work",
    pair: Pair | None = None,
    *,
    day: date | None = None,
    at: time = time(19, 30),
    fee: int = 20_000,
    door: int = 1_500,
    attendance: int = 20,
    duration: int = 90,
    message: str | None = "We would love to play your porch.",
    by: str = "artist",
    trip_id: "UUID | None" = None,
    **terms: Any,
) -> "Booking":
    """A request that waits for the host (or an invitation for the artist). Amounts are cents."""
    from tourpad.core.bookings import service
    from tourpad.core.bookings.terms import Terms

    pair = pair or make_pair(work)
    asks = by == "artist"
    return service.request(
        work,
        user_id=pair.artist_user if asks else pair.host_user,
        host_id=pair.host_id if asks else None,
        artist_id=None if asks else pair.artist_id,
        trip_id=trip_id,
        terms=Terms(
            date=day or in_days(work, DAYS_AHEAD),
            time=at,
            duration=duration,
            artist_fee_cents=fee,
            door_fee_cents=door,
            expected_attendance=attendance,
            **{SHORT.get(name, name): value for name, value in terms.items()},
        ),
        message=message,
    )


def make_booking(work: "Work", pair: Pair | None = None, *, state: str = "confirmed", **terms: Any) -> "Booking":
    """A booking brought to a state the way people bring it there; its fee is paid where it must be."""
    from tourpad.core.bookings import service
    from tourpad.core.bookings.service.answering import Answer

    pair = pair or make_pair(work)
    booking = make_request(work, pair, **terms)
    if state == "pending":
        return booking
    if state == "cancelled":
        service.cancel(work, booking_id=booking.id, user_id=pair.artist_user)
        return booking
    if state == "countered":
        return service.respond(
            work,
            booking_id=booking.id,
            user_id=pair.host_user,
            status=None,
            response="A little earlier?",
            counter={"time": time(18)},
        )
    verdict = Answer.REJECTED if state == "rejected" else Answer.APPROVED
    service.respond(work, booking_id=booking.id, user_id=pair.host_user, status=verdict, response=None)
    if state in ("rejected", "approved"):
        return booking
    if booking.artist_fee_cents:
        pay(work, booking, pair.host_user)
    else:
        service.confirm(work, booking_id=booking.id, user_id=pair.host_user)
    return booking


def pay(work: "Work", booking: "Booking", user_id: UUID, *, cents: int | None = None) -> "Payment":
    """The fee arrives, as Stripe's news tells it."""
    return arrive(
        work,
        kind="booking",
        reference=("booking", booking.id),
        concert_id=booking.concert_id,
        user_id=user_id,
        cents=booking.artist_fee_cents if cents is None else cents,
    )


def arrive(
    work: "Work", *, kind: str, reference: tuple[str, UUID], concert_id: UUID, user_id: UUID, cents: int
) -> "Payment":
    """A payment that has completed, posted to its pot, and told."""
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd
    from tourpad.core.payments.events import PaymentCompleted
    from tourpad.core.payments.models import Payment
    from tourpad.core.payments.states import PaymentKind, PaymentState

    payment = Payment(
        id=new_id(),
        user_id=user_id,
        kind=PaymentKind(kind),
        reference_type=reference[0],
        reference_id=reference[1],
        concert_id=concert_id,
        amount_cents=cents,
        currency="USD",
        refunded_cents=0,
        fee_cents=30,
        state=PaymentState.COMPLETED,
        description=kind,
        stripe_payment_intent_id=f"pi_{new_id().hex}",
        stripe_charge_id=f"ch_{new_id().hex}",
        created_at=work.now,
        completed_at=work.now,
        updated_at=work.now,
    )
    work.add(payment)
    ledger.post(
        work,
        source_type=accounts.Source.CHARGE,
        source_id=payment.id,
        purpose="paid",
        lines=[
            (accounts.STRIPE_BALANCE, usd(cents - 30)),
            (accounts.STRIPE_FEES, usd(30)),
            (accounts.held(concert_id), usd(-cents)),
        ],
        description=f"{kind} paid",
        concert_id=concert_id,
    )
    work.emit(
        PaymentCompleted(
            payment_id=payment.id,
            kind=payment.kind,
            reference_type=reference[0],
            reference_id=reference[1],
            user_id=user_id,
            concert_id=concert_id,
        )
    )
    return payment


def in_days(work: "Work", days: int) -> date:
    """A date so many days from the present."""
    return work.now.date() + timedelta(days=days)


def told(work: "Work", user_id: UUID) -> list[str]:
    """The templates of all mails to a person, in the order in which they were written."""
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    return list(work.session.scalars(select(Mail.template).where(Mail.user_id == user_id).order_by(Mail.id)))


def last_mail(work: "Work", user_id: UUID, template: str) -> "Mail":
    """The last mail of one template to a person."""
    from sqlalchemy import select

    from tourpad.core.outbox.models import Mail

    mine = select(Mail).where(Mail.user_id == user_id, Mail.template == template).order_by(Mail.id.desc()).limit(1)
    return work.session.scalars(mine).one()
