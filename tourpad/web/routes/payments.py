"""Paying: what is owed becomes an intent at Stripe, Stripe tells what came of it, and payers see what they paid."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_400_BAD_REQUEST

from tourpad.core.bookings import service as bookings
from tourpad.core.concerts import service as concerts
from tourpad.core.errors import FieldError, RefusedError, invalid
from tourpad.core.gateways.stripe import BadSignatureError
from tourpad.core.identity.permissions import Permission, Principal
from tourpad.core.money import Money
from tourpad.core.payments import queries, service
from tourpad.core.payments.declines import for_payer
from tourpad.core.payments.errors import AmountMismatchError
from tourpad.core.payments.inbox.receiving import receive
from tourpad.core.payments.models import Payment
from tourpad.core.payments.procedures import create_intent
from tourpad.core.payments.queries import PaymentFilter
from tourpad.core.payments.rules import Due
from tourpad.core.payments.states import PaymentKind, PaymentState
from tourpad.core.platform import Platform
from tourpad.core.requests import limits
from tourpad.core.work import Work
from tourpad.web.errors import problem
from tourpad.web.idempotency import NO_STORED_ANSWER
from tourpad.web.limits import UNLIMITED, limit
from tourpad.web.needs import PUBLIC, needs
from tourpad.web.shapes import Input, LimitParam, Output, PageParam, Pagination, pagination

_WEBHOOK = needs(PUBLIC, **{UNLIMITED: True, NO_STORED_ANSWER: True})


class NextStep(StrEnum):
    """What the payer of an open payment can do."""

    PAY = "pay"
    AUTHENTICATE = "authenticate"


class CreateIntent(Input):
    """What somebody wants to pay. The server computes the amount; `amountCents` only says what the payer saw.

    Where guests pay what they can, `amountCents` is what this payer names for the whole party.
    """

    payment_type: Literal["booking", "door_fee", "membership"]
    booking_id: UUID | None = None
    """For `booking`."""
    rsvp_id: UUID | None = None
    """For `door_fee`; or"""
    concert_id: UUID | None = None
    """the concert at which the payer has a request."""
    amount_cents: int | None = None
    """Refused when it is not what is owed now."""
    currency: str | None = None
    metadata: dict[str, str] | None = None
    """Taken from older clients, and not kept: what Stripe is told is the server's to say."""


class IntentOut(Output):
    """What Stripe's own form needs to take the card."""

    client_secret: str | None
    payment_intent_id: str | None
    payment_id: UUID
    amount_cents: int
    currency: str
    next_step: NextStep | None
    """See the payment's."""


class PaymentOut(Output):
    """One payment, as its payer sees it."""

    id: UUID
    payment_type: PaymentKind
    status: PaymentState
    amount_cents: int
    refunded_cents: int
    """What went back or is on its way."""
    currency: str
    description: str
    reference_type: str
    reference_id: UUID
    concert_id: UUID | None
    receipt_number: str | None
    next_step: NextStep | None
    """What its payer can do: give a card (`pay`, again where one was refused), or confirm it with their bank
    (`authenticate`: Stripe's form does it by the client secret). Nothing where it is paid or over."""
    failure_code: str | None
    failure_message: str | None
    """Why the last card was refused, in words for its holder."""
    created_at: datetime
    completed_at: datetime | None


class PaymentsAnswer(Output):
    """One page of payments, the newest first."""

    payments: list[PaymentOut]
    pagination: Pagination


class Received(Output):
    """What Stripe is answered."""

    received: bool = True


@post("/api/payments/create-intent", **needs(Permission.PAY), tags=["payments"])
def begin_payment(
    request: Request[Any, Any, Any], data: CreateIntent, platform: Platform, principal: Principal
) -> IntentOut:
    """Begin to pay what one owes. Begun twice it is the same intent; the card goes to Stripe, never here."""
    limit(request, platform, limits.PAY, str(principal.user_id))
    with platform.work(principal.actor) as work:
        due = _owed(work, data, principal.user_id)
    _check_amount(data, due)
    payment = create_intent(platform, principal.actor, due=due, user_id=principal.user_id)
    return intent_out(payment)


@get("/api/payments", **needs(Permission.PAY), tags=["payments"])
def list_own_payments(
    platform: Platform,
    principal: Principal,
    page: PageParam = 1,
    limit: LimitParam = 20,
    status: Annotated[PaymentState | None, QueryParameter(name="status")] = None,
) -> PaymentsAnswer:
    """What one paid, is paying, or failed to pay."""
    wanted = PaymentFilter(
        user_id=principal.user_id,
        states=(status,) if status else (),
    )
    with platform.work(principal.actor) as work:
        rows, total = queries.payments(work, wanted, page=page, limit=limit)
    return PaymentsAnswer(
        payments=[_payment_out(row.payment) for row in rows],
        pagination=pagination(page=page, limit=limit, total=total),
    )


@post("/api/payments/webhook", **_WEBHOOK, status_code=HTTP_200_OK, tags=["payments"])
def platform_webhook(request: Request[Any, Any, Any], body: bytes, platform: Platform) -> Response[Any]:
    """Stripe's events of our own account. The signature is checked, the event stored; a worker does the rest."""
    return _received(request, body, platform, service.PLATFORM)


@post("/api/payments/webhook/connect", **_WEBHOOK, status_code=HTTP_200_OK, tags=["payments"])
def connect_webhook(request: Request[Any, Any, Any], body: bytes, platform: Platform) -> Response[Any]:
    """Stripe's events of connected accounts, with a secret of its own."""
    return _received(request, body, platform, service.CONNECT)


def _received(request: Request[Any, Any, Any], body: bytes, platform: Platform, endpoint: str) -> Response[Any]:
    try:
        receive(platform, payload=body, header=request.headers.get("stripe-signature", ""), endpoint=endpoint)
    except BadSignatureError as error:
        # Stripe reads any 4xx as "not taken"; 400 is what its own examples answer.
        return problem(HTTP_400_BAD_REQUEST, code=error.code, title=error.message, hint=error.hint)
    return Response(Received(), status_code=HTTP_200_OK)


def _owed(work: Work, data: CreateIntent, user_id: UUID) -> Due:
    """What the payer owes for what they name, asked of the feature that knows."""
    if data.payment_type == "booking":
        if data.booking_id is None:
            raise invalid("booking_id", "which booking is to be paid")
        return bookings.what_is_owed(work, booking_id=data.booking_id, user_id=user_id)
    if data.payment_type == "door_fee":
        if data.rsvp_id is None and data.concert_id is None:
            raise invalid("rsvp_id", "which request is to be paid (or the concert's id, as concertId)")
        named = None if data.amount_cents is None else Money(data.amount_cents)
        return concerts.what_is_owed(
            work, user_id=user_id, rsvp_id=data.rsvp_id, concert_id=data.concert_id, named=named
        )
    msg = "Memberships are paid on Stripe's own page."
    raise RefusedError(msg, hint="POST /api/memberships/checkout answers with its address.")


def _check_amount(data: CreateIntent, due: Due) -> None:
    """Hold what the payer saw against what is owed."""
    if data.currency is not None and data.currency.upper() != due.amount.currency:
        raise AmountMismatchError(
            FieldError("currency", f"it is paid in {due.amount.currency}"), hint="Leave it out, or load again."
        )
    if data.amount_cents is not None and data.amount_cents != due.amount.cents:
        raise AmountMismatchError(
            FieldError("amount_cents", f"{due.amount.cents} cents are owed, not {data.amount_cents}"),
            hint="Leave it out, or load again what is owed.",
        )


def intent_out(payment: Payment) -> IntentOut:
    """Shape an open payment for whoever is to pay it."""
    return IntentOut(
        client_secret=payment.client_secret,
        payment_intent_id=payment.stripe_payment_intent_id,
        payment_id=payment.id,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        next_step=_next_step(payment),
    )


def _next_step(payment: Payment) -> NextStep | None:
    if payment.state not in (PaymentState.PENDING, PaymentState.FAILED):
        return None
    return NextStep.AUTHENTICATE if payment.needs_action else NextStep.PAY


def _payment_out(payment: Payment) -> PaymentOut:
    refused = for_payer(payment.failure_code, payment.failure_message)
    return PaymentOut(
        id=payment.id,
        payment_type=payment.kind,
        status=payment.state,
        amount_cents=payment.amount_cents,
        refunded_cents=payment.refunded_cents,
        currency=payment.currency,
        description=payment.description,
        reference_type=payment.reference_type,
        reference_id=payment.reference_id,
        concert_id=payment.concert_id,
        receipt_number=payment.receipt_number,
        next_step=_next_step(payment),
        failure_code=refused.code,
        failure_message=refused.message,
        created_at=payment.created_at,
        completed_at=payment.completed_at,
    )


ROUTES = (
    begin_payment,
    list_own_payments,
    platform_webhook,
    connect_webhook,
)
