"""Money that comes in: what is owed becomes one open payment, and Stripe's intent moves it forward."""

from datetime import datetime
from uuid import UUID

from tourpad.core.gateways.stripe import StripeDict
from tourpad.core.ids import new_id
from tourpad.core.money import Money
from tourpad.core.payments import intents, queries, rules
from tourpad.core.payments.errors import (
    AlreadyPaidError,
    AmountsDifferError,
    BelowMinimumError,
    NothingOwedError,
)
from tourpad.core.payments.events import PaymentCompleted, PaymentFailed
from tourpad.core.payments.models import MoneyIntent, Payment
from tourpad.core.payments.rules import Due
from tourpad.core.payments.service import posting
from tourpad.core.payments.states import PAYMENT_MOVES, IntentOperation, IntentState, PaymentKind, PaymentState
from tourpad.core.states import check_move
from tourpad.core.work import Work


def check_due(due: Due) -> None:
    """Refuse what can't be charged.

    Raises:
        NothingOwedError: nothing.
        BelowMinimumError: less than fifty cents.
    """
    if due.amount.cents <= 0:
        msg = "There is nothing to pay."
        raise NothingOwedError(msg)
    if due.amount.currency == rules.MINIMUM.currency and due.amount < rules.MINIMUM:
        msg = f"{due.amount} is less than {rules.MINIMUM}, the least that a card can be charged."
        raise BelowMinimumError(msg, minimum_cents=rules.MINIMUM.cents)


def open_payment(work: Work, *, due: Due, user_id: UUID) -> Payment:
    """The one open payment of a reference, locked; made if there is none. Its amount may be an older one.

    Guards against two tabs that begin to pay at once: the second waits, and gets the first one's payment.

    Raises:
        NothingOwedError: there is nothing to pay.
        BelowMinimumError: less than Stripe charges.
        AlreadyPaidError: it is paid.
    """
    check_due(due)
    payment = queries.standing_payment_for_update(work, due.reference_type, due.reference_id)
    if payment is None:
        payment = queries.insert_open_payment(work, _new_payment(work, due=due, user_id=user_id))
    if payment is None:
        payment = queries.standing_payment_for_update(work, due.reference_type, due.reference_id)
    if payment is None or payment.state in rules.PAID:
        msg = "This is paid already."
        raise AlreadyPaidError(msg, reference_id=str(due.reference_id))
    return payment


def matches(payment: Payment, due: Due, user_id: UUID, *, on_page: bool = False) -> bool:
    """Whether an open payment is for what is owed now, by this payer and in this way; else it is ended first.

    Args:
        payment: the open one.
        due: what is owed now.
        user_id: who pays.
        on_page: on a page of Stripe's; else with Stripe's form inside the app.
    """
    has_page = payment.stripe_checkout_session_id is not None
    if has_page != on_page and (has_page or payment.stripe_payment_intent_id is not None):
        return False
    return (payment.amount_cents, payment.currency, payment.user_id, payment.concert_id) == (
        due.amount.cents,
        due.amount.currency,
        user_id,
        due.concert_id,
    )


def begin_charge(work: Work, *, payment: Payment, params: StripeDict) -> MoneyIntent:
    """Store the call that makes a payment's intent (or page) at Stripe, and mark it as being sent.

    Commit before the call. `params` are `charge_params` or `page_params`.

    One that was begun before and whose outcome is unknown is begun again with the same key.
    """
    intent = queries.get_intent_for_update(work, payment.id)
    if intent is None:
        return intents.plan(
            work,
            operation=IntentOperation.CHARGE,
            subject_id=payment.id,
            params=params,
            intent_id=payment.id,
            at_once=True,
        )
    is_other = ("mode" in intent.params) != ("mode" in params)
    if intent.state is IntentState.FAILED or is_other or intents.is_stale(intent, work.now):
        # Nobody has ever seen the secret or the address of what an older attempt may have made: it can't be paid.
        intents.replan(work, intent, params=params)
    intents.begin(work, intent)
    if payment.state is PaymentState.FAILED:
        _retry(work, payment)
    return intent


def keep_charge(work: Work, *, payment: Payment, made: StripeDict) -> bool:
    """Remember the intent that Stripe made for a payment, which must be locked. Answers whether this was the first.

    Here the payment is locked before its call, as where the call is begun: both have one id.
    """

    def record(_work: Work, _intent: MoneyIntent, found: StripeDict) -> None:
        payment.stripe_payment_intent_id = found["id"]
        payment.client_secret = found.get("client_secret")
        payment.updated_at = work.now

    return intents.settle(work, intent_id=payment.id, found=made, record=record)


def keep_page(work: Work, *, payment: Payment, made: StripeDict) -> bool:
    """Remember the page that Stripe made for a payment, which must be locked. Answers whether this was the first."""

    def record(_work: Work, _intent: MoneyIntent, found: StripeDict) -> None:
        payment.stripe_checkout_session_id = found["id"]
        payment.updated_at = work.now

    return intents.settle(work, intent_id=payment.id, found=made, record=record)


def ready(work: Work, payment: Payment) -> None:
    """A payer comes back to a payment that failed before: the same intent takes another card."""
    if payment.state is PaymentState.FAILED:
        _retry(work, payment)


def cancel(work: Work, payment: Payment) -> None:
    """End an open payment. Should it be paid all the same, it completes late and is refunded by who refused it."""
    if payment.state in rules.PAID or payment.state is PaymentState.CANCELLED:
        return
    _move(work, payment, PaymentState.CANCELLED)
    work.session.flush()


def apply_payment_intent(work: Work, found: StripeDict) -> str:
    """Bring a payment to where its intent stands at Stripe, forward only; answers what it came to in a word.

    Post what it brought in as soon as its balance transaction is known. Safe to repeat, and in any order.

    Args:
        work: the unit of work.
        found: the payment intent as Stripe has it now, with `latest_charge.balance_transaction` expanded.
    """
    payment = _payment_of(work, found)
    if payment is None:
        return "not ours"
    status = found["status"]
    if status == "succeeded":
        return _succeed(work, payment, found)
    if payment.state in rules.PAID:
        return "nothing to do"
    if status == "canceled":
        if payment.state is not PaymentState.CANCELLED:
            _move(work, payment, PaymentState.CANCELLED)
            return "cancelled"
        return "nothing to do"
    if status == "requires_payment_method" and found.get("last_payment_error"):
        return _fail(work, payment, found["last_payment_error"])
    if status in ("processing", "requires_action"):
        return _wait(work, payment, needs_action=status == "requires_action")
    return "nothing to do"


def record_membership_charge(
    work: Work,
    *,
    user_id: UUID,
    membership_id: UUID,
    payment_intent_id: str,
    charge_id: str | None,
    amount: Money,
    description: str,
    at: datetime,
) -> Payment:
    """Record what a paid invoice of a membership brought in, as a completed payment. Repeatable.

    It is posted right after the `InvoiceNews` that it is called from, or by `charge.updated` when its balance
    transaction is known.

    Args:
        work: the unit of work.
        user_id: whose membership it is.
        membership_id: the reference.
        payment_intent_id: Stripe's, which paid the invoice.
        charge_id: its charge, where known.
        amount: what was paid.
        description: for people, on the receipt.
        at: when it was paid.
    """
    known = queries.payment_by_intent_for_update(work, payment_intent_id)
    if known is not None:
        return known
    due = Due(
        kind=PaymentKind.MEMBERSHIP,
        reference_type="membership",
        reference_id=membership_id,
        concert_id=None,
        amount=amount,
        description=description,
    )
    payment = _new_payment(work, due=due, user_id=user_id)
    payment.stripe_payment_intent_id = payment_intent_id
    work.add(payment)
    _complete(work, payment, charge_id=charge_id, at=at)
    return payment


def _payment_of(work: Work, found: StripeDict) -> Payment | None:
    """Our payment for an intent of Stripe's: by its id, or by what we told Stripe when we made it."""
    payment = queries.payment_by_intent_for_update(work, found["id"])
    ours = rules.id_in(found, "charge_id")
    if payment is not None or ours is None:
        return payment
    # The call was made and its record lost, or is just being written.
    payment = queries.find_payment_for_update(work, ours)
    if payment is None or payment.stripe_payment_intent_id not in (None, found["id"]):
        return None
    if not keep_charge(work, payment=payment, made=found):
        payment.stripe_payment_intent_id = found["id"]
    return payment


def _succeed(work: Work, payment: Payment, found: StripeDict) -> str:
    charge = found.get("latest_charge")
    if not isinstance(charge, dict):
        return "no charge yet"
    if int(found["amount_received"]) != payment.amount_cents:
        got, asked = posting.money_of(found, "amount_received"), Money(payment.amount_cents, payment.currency)
        msg = f"Stripe received {got} for a payment of {asked}."
        raise AmountsDifferError(msg, hint=f"tourpad payments show {payment.id}")
    entry = charge.get("balance_transaction")
    posted = isinstance(entry, dict) and posting.post_charge(work, payment, entry, charge_id=charge["id"])
    payment.stripe_charge_id = charge["id"]
    payment.card_brand, payment.card_last4 = _card(charge)
    if payment.state in rules.UNPAID:
        _complete(work, payment, charge_id=charge["id"], at=posting.instant(charge["created"]))
        return "completed and posted" if posted else "completed"
    work.session.flush()
    return "posted" if posted else "nothing to do"


def _card(charge: StripeDict) -> tuple[str | None, str | None]:
    """Brand and last digits of the card that paid, as a receipt names it; nothing where it was no card."""
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    return card.get("brand"), card.get("last4")


def _complete(work: Work, payment: Payment, *, charge_id: str | None, at: datetime) -> None:
    """The money is there. What came of it is for whoever waits for it to say, in the same transaction."""
    _move(work, payment, PaymentState.COMPLETED)
    payment.completed_at = at
    payment.stripe_charge_id = charge_id
    payment.receipt_number = rules.receipt_number(payment.id)
    payment.failure_code = payment.failure_message = None
    work.session.flush()
    work.emit(
        PaymentCompleted(
            payment_id=payment.id,
            kind=payment.kind,
            reference_type=payment.reference_type,
            reference_id=payment.reference_id,
            user_id=payment.user_id,
            concert_id=payment.concert_id,
        )
    )


def _wait(work: Work, payment: Payment, *, needs_action: bool) -> str:
    """A card was given, and the payer or their bank still has something to say."""
    moved = payment.state is PaymentState.FAILED
    if moved:
        _retry(work, payment)
    if payment.state is PaymentState.PENDING:
        payment.needs_action = needs_action
    return "pending" if moved else "nothing to do"


def _fail(work: Work, payment: Payment, error: StripeDict) -> str:
    code = error.get("decline_code") or error.get("code")
    message = error.get("message")
    if payment.state is PaymentState.CANCELLED:
        return "nothing to do"
    first = payment.state is not PaymentState.FAILED
    if first:
        _move(work, payment, PaymentState.FAILED)
    payment.failure_code, payment.failure_message = code, message
    payment.updated_at = work.now
    work.session.flush()
    if first:
        work.emit(
            PaymentFailed(
                payment_id=payment.id,
                kind=payment.kind,
                reference_type=payment.reference_type,
                reference_id=payment.reference_id,
                user_id=payment.user_id,
                concert_id=payment.concert_id,
                code=code,
                message=message,
            )
        )
    return "failed" if first else "nothing to do"


def _retry(work: Work, payment: Payment) -> None:
    _move(work, payment, PaymentState.PENDING)
    payment.failure_code = payment.failure_message = None


def _move(work: Work, payment: Payment, to: PaymentState) -> None:
    check_move(PAYMENT_MOVES, entity="payment", now=payment.state, to=to)
    payment.state = to
    payment.needs_action = False
    payment.updated_at = work.now


def _new_payment(work: Work, *, due: Due, user_id: UUID) -> Payment:
    return Payment(
        id=new_id(),
        user_id=user_id,
        payer_name=due.payer_name,
        kind=due.kind,
        reference_type=due.reference_type,
        reference_id=due.reference_id,
        concert_id=due.concert_id,
        amount_cents=due.amount.cents,
        currency=due.amount.currency,
        refunded_cents=0,
        lost_cents=0,
        needs_action=False,
        state=PaymentState.PENDING,
        description=due.description,
        created_at=work.now,
        updated_at=work.now,
    )
