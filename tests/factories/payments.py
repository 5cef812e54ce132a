"""Payers, what they owe, and payments in whatever state a test needs; made by the real procedures and the sandbox."""

from typing import TYPE_CHECKING
from uuid import UUID

from tests.factories.profiles import make_person
from tourpad.core.actors import operator
from tourpad.core.ids import new_id

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Payment
    from tourpad.core.payments.rules import Due
    from tourpad.core.platform import Platform
    from tourpad.core.work import Work

ACTOR = operator("test")


def make_due(
    cents: int = 1500,
    *,
    kind: str = "door_fee",
    concert_id: UUID | None = None,
    reference_id: UUID | None = None,
) -> "Due":
    """What somebody owes: a door fee of $15 for a concert of its own, unless told otherwise."""
    from tourpad.core.money import usd
    from tourpad.core.payments.rules import Due
    from tourpad.core.payments.states import PaymentKind

    return Due(
        kind=PaymentKind(kind),
        reference_type="test",  # of no feature, so that none reacts
        reference_id=reference_id or new_id(),
        concert_id=concert_id or new_id(),
        amount=usd(cents),
        description="Door fee, Juniper Vale in Columbus OH",
    )


def make_payer(platform: "Platform") -> UUID:
    """Somebody who can pay, committed."""
    with platform.work(ACTOR) as work:
        user = make_person(work, "fan")
        work.commit()
        return user.id


def begin(sandbox: "Sandbox", due: "Due | None" = None, *, user_id: UUID | None = None) -> "Payment":
    """An open payment with its intent at Stripe."""
    from tourpad.core.payments.procedures import create_intent

    payer = user_id or make_payer(sandbox.platform)
    return create_intent(sandbox.platform, ACTOR, due=due or make_due(), user_id=payer)


def paid(
    sandbox: "Sandbox",
    due: "Due | None" = None,
    *,
    card: str = "pm_card_visa",
    user_id: UUID | None = None,
) -> "Payment":
    """A payment that was paid at Stripe, and heard of."""
    payment = begin(sandbox, due, user_id=user_id)
    sandbox.pay(payment, card)
    sandbox.news()
    return fresh(sandbox.platform, payment.id)


def fresh(platform: "Platform", payment_id: UUID) -> "Payment":
    """The payment as it is in the database now."""
    from tourpad.core.payments import queries

    with platform.work(ACTOR) as work:
        return queries.get_payment(work, payment_id)


def refund(platform: "Platform", payment_id: UUID, cents: int, *, reason: str = "the show was cancelled") -> UUID:
    """Plan a refund and commit it; answers its id."""
    from tourpad.core.money import usd
    from tourpad.core.payments import service

    with platform.work(ACTOR) as work:
        planned = service.plan_refund(work, payment_id=payment_id, amount=usd(cents), reason=reason)
        work.commit()
        return planned.id


def balances(platform: "Platform") -> dict[str, int]:
    """What stands on every account that is not zero, in cents."""
    from tourpad.core.ledger import service as ledger

    with platform.work(ACTOR) as work:
        return {account: amount.cents for account, amount in ledger.balances(work)}


def findings(platform: "Platform") -> list[str]:
    """The codes of everything that the ledger and the payments disagree about."""
    from tourpad.core.ledger import service as ledger
    from tourpad.core.payments import service

    with platform.work(ACTOR) as work:
        return [finding.code for finding in (*ledger.verify(work), *service.verify(work))]


def settle_pot(work: "Work", *, concert_id: UUID, cents: int, shares: dict[str, int]) -> None:
    """Divide a pot as a settlement does: `shares` are cents by account."""
    from tourpad.core.ledger import rules
    from tourpad.core.ledger import service as ledger
    from tourpad.core.money import usd

    ledger.post(
        work,
        source_type=rules.Source.SETTLEMENT,
        source_id=concert_id,
        purpose="settled",
        lines=[
            (rules.held(concert_id), usd(cents)),
            *((account, usd(-part)) for account, part in shares.items()),
        ],
        description="settled",
        concert_id=concert_id,
    )
