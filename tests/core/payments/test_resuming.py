"""A refund whose sender was lost: looked up, never sent again, whenever its key grows too old."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.factories.payments import ACTOR, make_due, paid, refund
from tourpad.core.gateways.stripe import StripeDeclined
from tourpad.core.payments import intents, procedures, queries, service
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import IntentOperation, IntentState

if TYPE_CHECKING:
    import pytest

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.gateways.stripe import StripeDict, StripeGateway
    from tourpad.core.payments.models import MoneyIntent


class Midnight:
    """A clock on which the hour strikes after it was looked at `looks` times."""

    def __init__(self, before: datetime, *, looks: int) -> None:
        self.before = before
        self.looks = looks

    def now(self) -> datetime:
        self.looks -= 1
        return self.before if self.looks >= 0 else self.before + timedelta(seconds=2)


def begun(sandbox: "Sandbox") -> "MoneyIntent":
    """The call for a refund that was planned, as far as its sender got before asking Stripe."""
    with sandbox.platform.work(ACTOR) as work:
        call = intents.claim(work, operation=IntentOperation.REFUND)
        assert call is not None
        service.before_sending(work, call)
        intents.begin(work, call)
        work.commit()
    return call


def test_a_key_that_grows_too_old_in_between_does_not_refund_twice(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(9000))
    started = sandbox.clock.now()
    for looks in range(1, 12):
        sandbox.clock.set(started + timedelta(days=2 * looks))
        refund(sandbox.platform, payment.id, 100)
        call = begun(sandbox)
        sandbox.stripe.create_refund(call.params, key=call.idempotency_key)  # and here its sender died
        nearly = sandbox.clock.now() + intents.KEY_LIFE - timedelta(seconds=1)
        sandbox.clock.set(nearly)
        sandbox.platform.clock = Midnight(nearly, looks=looks)

        assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1

        sandbox.platform.clock = sandbox.clock
        assert [r["amount"] for r in sandbox.stripe.list_refunds()] == [100] * looks


def test_a_sender_who_slept_over_its_lease_makes_no_second_call_under_a_new_key(
    sandbox: "Sandbox", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    """Both looked at Stripe for an old call and found none; the other one has made it meanwhile, and heard nothing."""
    payment = paid(sandbox, make_due(9000))
    refund(sandbox.platform, payment.id, 100)
    begun(sandbox)  # and here its sender died
    sandbox.clock.set(sandbox.clock.now() + intents.KEY_LIFE + timedelta(minutes=1))
    looks = procedures._find_refund

    def look_and_sleep(intent: "MoneyIntent", stripe: "StripeGateway") -> "StripeDict | None":
        found = looks(intent, stripe)
        monkeypatch.setattr(procedures, "_find_refund", looks)
        sandbox.advance(timedelta(minutes=10))
        sandbox.fault(operation="POST /v1/refunds", fault="drop_reply", times=3)
        assert send_refunds(sandbox.platform, ACTOR)["uncertain"] == 1
        return found

    monkeypatch.setattr(procedures, "_find_refund", look_and_sleep)
    counts = send_refunds(sandbox.platform, ACTOR)

    assert (counts["sent"], counts["errors"]) == (0, 1)
    assert [r["amount"] for r in sandbox.stripe.list_refunds()] == [100]


def test_what_is_recorded_is_not_undone_by_a_sender_who_comes_late(sandbox: "Sandbox") -> None:
    """Its own try was refused, or came to nothing it knows of, after another one had made and recorded the call."""
    payment = paid(sandbox, make_due(9000))
    refund_id = refund(sandbox.platform, payment.id, 100)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    undone: list[object] = []

    with sandbox.platform.work(ACTOR) as work:
        (call,) = queries.intents_of(work, refund_id)
        late = StripeDeclined("No such charge.", code="resource_missing")
        assert not intents.refuse(work, intent_id=call.id, error=late, undo=lambda *given: undone.append(given))
        intents.postpone(work, intent_id=call.id, message="no answer")
        work.commit()

    assert undone == []
    assert (call.state, call.error_code, call.lease_until) == (IntentState.DONE, None, None)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 0
