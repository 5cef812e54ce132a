"""Who hears of money that failed, went back, or is disputed."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.factories.payments import ACTOR, begin, make_due, paid, refund
from tests.factories.profiles import make_person
from tourpad.core.gateways.stripe import StripeDeclined
from tourpad.core.outbox.models import Mail
from tourpad.core.payments.procedures import send_refunds

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def mails(sandbox: "Sandbox") -> list[tuple[object, str]]:
    """To whom, and the subject, in order."""
    with sandbox.platform.work(ACTOR) as work:
        return [(m.user_id, m.subject) for m in work.session.scalars(select(Mail).order_by(Mail.id))]


@pytest.fixture
def admin(sandbox: "Sandbox") -> object:
    with sandbox.platform.work(ACTOR) as work:
        user_id = make_person(work, "admin").id
        work.commit()
        return user_id


def test_a_payer_hears_once_that_the_card_was_declined(sandbox: "Sandbox") -> None:
    payment = begin(sandbox, make_due(1500))
    with pytest.raises(StripeDeclined):
        sandbox.pay(payment, "pm_card_chargeDeclined")
    deliveries = sandbox.pending()
    for _ in range(2):
        sandbox.receive(deliveries)
        sandbox.process()

    assert mails(sandbox) == [(payment.user_id, "Your payment of $15.00 did not go through")]


def test_a_payer_hears_once_that_money_goes_back(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 600, reason="the concert was cancelled")
    assert mails(sandbox) == []

    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    assert mails(sandbox) == [(payment.user_id, "$6.00 is on its way back to you")]


def test_admins_hear_of_a_dispute_and_of_a_refund_that_it_ended(sandbox: "Sandbox", admin: object) -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1500)
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {})
    sandbox.news()
    send_refunds(sandbox.platform, ACTOR)

    assert mails(sandbox) == [
        (admin, "Cleo Okafor's bank disputes $15.00"),
        (admin, "A refund of $15.00 could not be delivered"),
    ]
