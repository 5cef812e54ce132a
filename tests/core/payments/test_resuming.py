"""A refund whose sender was lost: looked up, never sent again, whenever its key grows too old."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.factories.payments import ACTOR, make_due, paid, refund
from tourpad.core.payments import intents, service
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import IntentOperation

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


class Midnight:
    """A clock on which the hour strikes after it was looked at `looks` times."""

    def __init__(self, before: datetime, *, looks: int) -> None:
        self.before = before
        self.looks = looks

    def now(self) -> datetime:
        self.looks -= 1
        return self.before if self.looks >= 0 else self.before + timedelta(seconds=2)


def test_a_key_that_grows_too_old_in_between_does_not_refund_twice(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(9000))
    started = sandbox.clock.now()
    for looks in range(1, 12):
        sandbox.clock.set(started + timedelta(days=2 * looks))
        refund(sandbox.platform, payment.id, 100)
        with sandbox.platform.work(ACTOR) as work:
            call = intents.claim(work, operation=IntentOperation.REFUND)
            assert call is not None
            service.before_sending(work, call)
            intents.begin(work, call)
            work.commit()
        sandbox.stripe.create_refund(call.params, key=call.idempotency_key)  # and here its sender died
        nearly = sandbox.clock.now() + intents.KEY_LIFE - timedelta(seconds=1)
        sandbox.clock.set(nearly)
        sandbox.platform.clock = Midnight(nearly, looks=looks)

        assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

        sandbox.platform.clock = sandbox.clock
        assert [r["amount"] for r in sandbox.stripe.list_refunds()] == [100] * looks
