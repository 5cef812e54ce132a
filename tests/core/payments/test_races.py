"""Two at once: payers with two tabs, workers on one inbox, senders of one refund, refunds of one payment."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.factories.payments import (
    ACTOR,
    balances,
    begin,
    findings,
    fresh,
    make_due,
    make_payer,
    paid,
    refund,
)
from tourpad.core.errors import TourPadError
from tourpad.core.payments.procedures import create_intent, process_events, send_refunds
from tourpad.core.payments.states import PaymentState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def at_once(*runs: Callable[[], Any]) -> list[Any]:
    """Run all of them at the same time; answers results, or the refusals that they ended with."""
    gate = threading.Barrier(len(runs))
    results: list[Any] = [None] * len(runs)

    def run(place: int, work: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[place] = work()
        except TourPadError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=(place, work)) for place, work in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def codes(results: Sequence[Any]) -> list[str]:
    return sorted(result.code for result in results if isinstance(result, TourPadError))


def test_two_tabs_begin_one_payment(sandbox: "Sandbox") -> None:
    due, payer = make_due(), make_payer(sandbox.platform)

    made = at_once(*[lambda: create_intent(sandbox.platform, ACTOR, due=due, user_id=payer) for _ in range(4)])

    assert codes(made) == []
    assert len({payment.id for payment in made}) == 1
    assert len({payment.client_secret for payment in made}) == 1
    assert len(sandbox.state()["payment_intent"]) == 1
    assert len(sandbox.state()["customer"]) == 1


def test_refunds_at_once_never_exceed_the_payment(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))

    results = at_once(*[lambda: refund(sandbox.platform, payment.id, 400) for _ in range(6)])

    assert codes(results) == ["refund_too_large"] * 3
    assert fresh(sandbox.platform, payment.id).refunded_cents == 1200
    at_once(*[lambda: send_refunds(sandbox.platform, ACTOR) for _ in range(3)])
    assert [r["amount"] for r in sandbox.state()["refund"]] == [400] * 3
    sandbox.news()
    assert findings(sandbox.platform) == []


def test_workers_on_one_inbox_post_each_charge_once(sandbox: "Sandbox") -> None:
    payments = [begin(sandbox, make_due(1500)) for _ in range(8)]
    for payment in payments:
        sandbox.pay(payment)
    sandbox.receive()

    counts = at_once(*[lambda: process_events(sandbox.platform, ACTOR, limit=5) for _ in range(4)])
    sandbox.process()

    assert sum(count["retried"] + count["dead"] for count in counts) == 0
    assert {fresh(sandbox.platform, payment.id).state for payment in payments} == {PaymentState.COMPLETED}
    assert balances(sandbox.platform)["stripe_balance"] == 8 * 1426
    assert findings(sandbox.platform) == []


def test_a_refund_and_a_dispute_at_once_agree(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {})
    sandbox.receive()

    results = at_once(
        lambda: refund(sandbox.platform, payment.id, 1500),
        lambda: process_events(sandbox.platform, ACTOR),
        lambda: send_refunds(sandbox.platform, ACTOR),
    )
    sandbox.process()
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    assert codes(results) in ([], ["dispute_open"])
    done = fresh(sandbox.platform, payment.id)
    assert (done.state, done.refunded_cents) == (PaymentState.DISPUTED, 0)
    assert findings(sandbox.platform) == []
