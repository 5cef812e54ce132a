"""Shows that were played and paid for, as rows and postings; money in the sandbox; payees who can receive."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests import plain_http
from tests.factories.profiles import make_artist, make_host, make_person
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Dispute, Payment
    from tourpad.core.payouts.models import Payee
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

CARD_FEE = 30
"""What a made-up charge costs us, in cents."""


@dataclass
class Show:
    """A concert with its two sides and its payments."""

    concert_id: UUID
    artist_id: UUID
    host_id: UUID
    artist_user: UUID
    host_user: UUID
    payments: list[UUID]


def make_show(
    work: "Work",
    *,
    door: tuple[int, ...] = (),
    guarantee: int = 0,
    like: Show | None = None,
    state: str = "completed",
    cancelled_by: str | None = None,
    days_ago: int = 0,
    door_price: int = 1500,
    artist_bps: int = 8000,
    card_fee: int = CARD_FEE,
) -> Show:
    """A show of today (or `days_ago`), its door fees and guarantee paid and posted.

    `like` takes the artist and the host of another show. Amounts are cents, one number a payment.
    """
    from tourpad.core.bookings.models import Booking, Offer
    from tourpad.core.bookings.states import BookingState, CancelledBy, OfferState, Side
    from tourpad.core.concerts.models import Concert
    from tourpad.core.concerts.states import ConcertState

    if like is None:
        artist = make_artist(work)
        host = make_host(work, name="The Porch Family")
        like = Show(new_id(), artist.id, host.id, artist.user_id, host.user_id, [])
    ended = work.now - timedelta(days=days_ago)
    day, concert_id = ended.date(), new_id()
    cancelled = state == "cancelled"
    booking = Booking(
        artist_id=like.artist_id,
        host_id=like.host_id,
        concert_id=concert_id,
        state=BookingState.CANCELLED if cancelled else BookingState.COMPLETED,
        requested_date=day,
        requested_time=time(19),
        time_zone="America/New_York",
        estimated_duration=90,
        expected_attendance=20,
        maximum_attendance=30,
        artist_fee_cents=guarantee,
        door_fee_cents=door_price,
        artist_door_bps=artist_bps,
        currency="USD",
        lodging_details={},
        cancelled_by=CancelledBy(cancelled_by) if cancelled_by else None,
        requested_at=ended,
        created_at=ended,
        updated_at=ended,
    )
    work.add(booking)
    work.add(
        Offer(
            booking_id=booking.id,
            number=1,
            made_by=Side.ARTIST,
            date=day,
            time=time(19),
            duration=90,
            artist_fee_cents=guarantee,
            door_fee_cents=door_price,
            artist_door_bps=artist_bps,
            expected_attendance=20,
            maximum_attendance=30,
            lodging_details={},
            state=OfferState.ACCEPTED,
            respond_by=ended,
            expires_at=ended,
            accepted_at=ended - timedelta(days=30),
            created_at=ended - timedelta(days=31),
        )
    )
    concert = Concert(
        id=concert_id,
        booking_id=booking.id,
        artist_id=like.artist_id,
        host_id=like.host_id,
        state=ConcertState(state),
        title="A show",
        date=day,
        start_time=time(19),
        end_time=time(21),
        time_zone="America/New_York",
        starts_at=ended - timedelta(hours=2),
        ends_at=ended,
        max_capacity=40,
        door_fee_cents=door_price,
        currency="USD",
        completed_at=None if cancelled else ended,
        cancelled_at=ended if cancelled else None,
        created_at=ended,
        updated_at=ended,
    )
    work.add(concert)
    show = Show(concert_id, like.artist_id, like.host_id, like.artist_user, like.host_user, [])
    for cents in door:
        fan = make_person(work, "fan")
        show.payments.append(make_payment(work, show, fan.id, cents, kind="door_fee", fee=card_fee).id)
    if guarantee:
        show.payments.append(make_payment(work, show, show.host_user, guarantee, kind="booking", fee=card_fee).id)
    return show


def make_payment(
    work: "Work", show: Show, user_id: UUID, cents: int, *, kind: str, fee: int | None = CARD_FEE
) -> "Payment":
    """One payment of a show's pot: arrived, and posted where its fee is known."""
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd
    from tourpad.core.payments.models import Payment
    from tourpad.core.payments.states import PaymentKind, PaymentState

    payment_id = new_id()
    payment = Payment(
        id=payment_id,
        user_id=user_id,
        kind=PaymentKind(kind),
        reference_type="booking" if kind == "booking" else "rsvp",
        reference_id=new_id(),
        concert_id=show.concert_id,
        amount_cents=cents,
        currency="USD",
        fee_cents=fee,
        state=PaymentState.COMPLETED,
        description=kind,
        stripe_charge_id=f"ch_{payment_id.hex[-16:]}",
        created_at=work.now,
        completed_at=work.now,
        updated_at=work.now,
    )
    work.add(payment)
    if fee is not None:
        ledger.post(
            work,
            source_type=accounts.Source.CHARGE,
            source_id=payment_id,
            purpose="paid",
            lines=[
                (accounts.STRIPE_BALANCE, usd(cents - fee)),
                (accounts.STRIPE_FEES, usd(fee)),
                (accounts.held(show.concert_id), usd(-cents)),
            ],
            description=f"{kind} paid",
            concert_id=show.concert_id,
        )
    return payment


def give_back(work: "Work", show: Show, payment_id: UUID, cents: int) -> None:
    """Refund part of a payment out of the pot."""
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd
    from tourpad.core.payments.models import Payment
    from tourpad.core.payments.states import PaymentState

    payment = work.session.get_one(Payment, payment_id)
    payment.refunded_cents += cents
    whole = payment.refunded_cents == payment.amount_cents
    payment.state = PaymentState.REFUNDED if whole else PaymentState.PARTLY_REFUNDED
    ledger.post(
        work,
        source_type=accounts.Source.REFUND,
        source_id=new_id(),
        purpose="intent",
        lines=[(accounts.held(show.concert_id), usd(cents)), (accounts.REFUND_CLEARING, usd(-cents))],
        description="refund planned",
        concert_id=show.concert_id,
    )


def owe(work: "Work", user_id: UUID, cents: int, why: str = "refund after the settlement") -> None:
    """Post a debt of a payee (below zero: a credit), as a refund of a settled show does."""
    from tourpad.core.ledger import rules as accounts
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd

    ledger.post(
        work,
        source_type=accounts.Source.REFUND,
        source_id=new_id(),
        purpose="intent",
        lines=[(accounts.payable(user_id), usd(cents)), (accounts.REFUND_CLEARING, usd(-cents))],
        description=why,
        person_id=user_id,
    )


def dispute(work: "Work", payment_id: UUID, *, due_at: datetime | None = None) -> "Dispute":
    """An open dispute on a payment."""
    from tourpad.core.payments.models import Dispute
    from tourpad.core.payments.states import DisputeState

    row = Dispute(
        payment_id=payment_id,
        stripe_dispute_id=f"dp_{payment_id.hex[-8:]}",
        amount_cents=1500,
        currency="USD",
        reason="fraudulent",
        state=DisputeState.NEEDS_RESPONSE,
        evidence_due_at=due_at,
        opened_at=work.now,
        updated_at=work.now,
    )
    work.add(row)
    return row


def make_payee(work: "Work", user_id: UUID, *, account: str | None = "acct_test", can_receive: bool = True) -> "Payee":
    """Somebody with a connected account; each its own unless one is given."""
    from tourpad.core.payouts import service

    payee = service.ensure_payee(work, user_id=user_id)
    payee.stripe_account_id = f"acct_{user_id.hex[-12:]}" if account == "acct_test" else account
    payee.can_receive = can_receive
    work.session.flush()
    return payee


def onboard(platform: "Platform", *user_ids: UUID) -> list[str]:
    """Connect people to the sandbox, as if they had gone through Stripe's pages. Answers their accounts."""
    from tourpad.core.actors import operator
    from tourpad.core.payouts import procedures, queries, service

    accounts: list[str] = []
    for user_id in user_ids:
        procedures.start_onboarding(platform, operator("test"), user_id=user_id)
        with platform.work(operator("test")) as work:
            payee = queries.payee_of(work, user_id)
            assert payee is not None
            account = str(payee.stripe_account_id)
            control(platform, f"accounts/{account}/onboard", {})
            service.take_account(work, account=platform.stripe.get_account(account, include=list(procedures.RECIPIENT)))
            work.commit()
        accounts.append(account)
    return accounts


def fund(platform: "Platform", cents: int) -> None:
    """Put money that can be sent at once into the sandbox's balance (a charge, less its fee)."""
    platform.stripe.create_payment_intent(
        {
            "amount": cents,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_bypassPending",
            "off_session": True,
        },
        key=f"fund:{new_id()}",
    )


def control(platform: "Platform", path: str, body: Any) -> Any:
    """Tell the sandbox something that Stripe has no call for (`faults`, `accounts/…/onboard`)."""
    answer = plain_http.post(f"{platform.stripe.base_url}/_sandbox/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


def transfers(platform: "Platform") -> list[dict[str, Any]]:
    """Every transfer at the sandbox, oldest first."""
    return list(platform.stripe.list_transfers())[::-1]


def paid_show(
    sandbox: "Sandbox", *, door: tuple[int, ...] = (), guarantee: int = 0, card: str = "pm_card_bypassPending"
) -> Show:
    """A show of today whose door fees and guarantee were truly paid at the sandbox, and are available at once."""
    from tests.factories.payments import make_due, paid
    from tourpad.core.actors import operator

    with sandbox.platform.work(operator("test")) as work:
        show = make_show(work)
        work.commit()
    for cents in door:
        due = make_due(cents, concert_id=show.concert_id)
        show.payments.append(paid(sandbox, due, card=card).id)
    if guarantee:
        due = make_due(guarantee, kind="booking", concert_id=show.concert_id)
        show.payments.append(paid(sandbox, due, card=card, user_id=show.host_user).id)
    return show
