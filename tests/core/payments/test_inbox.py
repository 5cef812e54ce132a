"""Stripe's events: stored once, processed once, tried again, given up loudly; and what heals where none came."""

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.memberships import templates_to
from tests.factories.payments import (
    ACTOR,
    balances,
    begin,
    findings,
    fresh,
    make_due,
    paid,
    refund,
)
from tests.factories.profiles import make_person
from tourpad.core.gateways.stripe import StripeUncertain
from tourpad.core.outbox.states import ItemState
from tourpad.core.payments import queries, service
from tourpad.core.payments.errors import AmountsDifferError
from tourpad.core.payments.models import StripeEvent
from tourpad.core.payments.procedures import (
    collect_balance_transactions,
    process_events,
    replay,
    send_refunds,
)
from tourpad.core.payments.service import posting
from tourpad.core.payments.states import PaymentState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox


def stored(sandbox: "Sandbox", **wanted: Any) -> list[StripeEvent]:
    with sandbox.platform.work(ACTOR) as work:
        return queries.events(work, limit=1000, **wanted)[0]


def test_an_event_that_comes_twice_is_one(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    sandbox.pay(payment)
    deliveries = sandbox.pending()

    sandbox.receive(deliveries)
    sandbox.receive(deliveries)
    sandbox.process()
    sandbox.receive(deliveries)
    sandbox.process()

    assert len(stored(sandbox)) == len(deliveries) == 2
    assert balances(sandbox.platform)["stripe_balance"] == 1426


def test_events_of_one_charge_cost_one_call(sandbox: "Sandbox") -> None:
    """They are about one object; and the second, should it come later, finds its payment posted."""
    payment = begin(sandbox)
    sandbox.pay(payment)
    first, second = sandbox.pending()

    sandbox.receive([first])
    sandbox.process()
    sandbox.fault(operation="GET /v1/payment_intents/{intent}", fault="status", status=500)
    sandbox.receive([second])
    sandbox.process()

    outcomes = {event.type: event.outcome for event in stored(sandbox)}
    assert outcomes == {
        "payment_intent.succeeded": "completed and posted",
        "charge.updated": "posted before",
    }


def test_an_event_that_can_not_be_fetched_now_is_tried_again(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    sandbox.pay(payment)
    sandbox.fault(operation="GET /v1/payment_intents/{intent}", fault="status", status=500, times=3)
    sandbox.receive()

    counts = process_events(sandbox.platform, ACTOR)
    assert (counts["retried"], counts["processed"]) == (2, 0)
    assert fresh(sandbox.platform, payment.id).state is PaymentState.PENDING

    sandbox.advance(timedelta(seconds=11))
    sandbox.process()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED


def test_a_poisonous_event_is_given_up_loudly_and_holds_up_nobody(
    sandbox: "Sandbox", caplog: pytest.LogCaptureFixture
) -> None:
    poison = {
        "id": "evt_poison",
        "object": "event",
        "type": "refund.created",
        "created": int(sandbox.clock.now().timestamp()),
        "data": {"object": {"id": "re_nowhere", "object": "refund"}},
    }
    with sandbox.platform.work(ACTOR) as work:
        service.store_event(work, poison, endpoint=service.PLATFORM)
        work.commit()
    with sandbox.platform.work(ACTOR) as work:
        admins = [make_person(work, "admin", state="active").id for _ in range(2)]
        work.commit()
    payment = begin(sandbox)
    sandbox.pay(payment)

    with caplog.at_level(logging.ERROR):
        for _ in range(12):
            sandbox.news()
            sandbox.process(rounds=1)
            sandbox.advance(timedelta(hours=7))

    (dead,) = stored(sandbox, states=(ItemState.DEAD,))
    assert (dead.stripe_event_id, dead.attempts) == ("evt_poison", 12)
    assert "No such refund" in (dead.last_error or "")
    assert any("evt_poison" in record.getMessage() and "is dead" in record.getMessage() for record in caplog.records)
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    for admin in admins:
        assert templates_to(sandbox.platform, admin) == ["stripe_event_dead"]

    # Given up a second time it is still the same news.
    with sandbox.platform.work(ACTOR) as work:
        service.revive(work, stripe_event_id="evt_poison").attempts = 11
        work.commit()
    assert sandbox.process()["dead"] == 1
    assert templates_to(sandbox.platform, admins[0]) == ["stripe_event_dead"]


def test_a_dead_event_can_be_revived(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    sandbox.pay(payment)
    sandbox.receive()
    with sandbox.platform.work(ACTOR) as work:
        for event in queries.events(work)[0]:
            event.item_state = ItemState.DEAD
        work.commit()
    sandbox.process()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.PENDING

    with sandbox.platform.work(ACTOR) as work:
        for event in queries.events(work)[0]:
            service.revive(work, stripe_event_id=event.stripe_event_id)
        work.commit()
    sandbox.process()

    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED


def test_another_amount_than_asked_for_is_never_booked(sandbox: "Sandbox") -> None:
    payment = begin(sandbox, make_due(1500))
    sandbox.pay(payment)
    with sandbox.platform.work(ACTOR) as work:
        queries.get_payment_for_update(work, payment.id).amount_cents = 1400
        work.commit()

    counts = sandbox.news()

    assert counts["dead"] == 2
    assert balances(sandbox.platform) == {}


def test_an_entry_of_another_amount_or_currency_is_never_booked(sandbox: "Sandbox") -> None:
    """What Stripe's balance says decides, not only what its intent says."""
    payment = begin(sandbox, make_due(1500))
    sandbox.pay(payment)
    (charge,) = sandbox.state()["charge"]
    entry = sandbox.stripe.get_balance_transaction(charge["balance_transaction"])

    for wrong in ({"amount": 1400, "net": 1326}, {"currency": "cad"}):
        with sandbox.platform.work(ACTOR) as work:
            locked = queries.get_payment_for_update(work, payment.id)
            with pytest.raises(AmountsDifferError, match=r"for a payment of \$15"):
                posting.post_charge(work, locked, {**entry, **wrong}, charge_id=charge["id"])

    assert balances(sandbox.platform) == {}


def test_a_worker_whose_lease_ran_out_does_nothing_twice(sandbox: "Sandbox") -> None:
    """Its batch is taken by another, and it comes back late with what it had fetched."""
    from tourpad.core.outbox import queue
    from tourpad.core.payments.inbox import procedures
    from tourpad.core.payments.inbox.sorting import sort
    from tourpad.core.payments.inbox.subjects import fetch

    payment = begin(sandbox)
    sandbox.pay(payment)
    sandbox.receive()
    with sandbox.platform.work(ACTOR) as work:
        (late,) = sort(work, queue.claim(work, StripeEvent, limit=10))
        work.commit()
    found = fetch(sandbox.stripe, late)
    sandbox.advance(timedelta(minutes=3))
    assert sandbox.process()["processed"] == 2
    journals = len(stored(sandbox))

    procedures._settle(sandbox.platform, ACTOR, late, found)

    assert journals == 2
    assert [event.attempts for event in stored(sandbox)] == [2, 2]
    assert findings(sandbox.platform) == []
    # Nor does it take back what the other has done, where Stripe did not answer it.
    assert procedures._failed(sandbox.platform, ACTOR, late, StripeUncertain("no answer")) == {}
    assert [(event.item_state, event.last_error) for event in stored(sandbox)] == [(ItemState.DONE, None)] * 2


def test_what_never_came_is_replayed(sandbox: "Sandbox") -> None:
    payment = begin(sandbox)
    sandbox.pay(payment)
    sandbox.pending()  # and all of it is lost
    since = sandbox.clock.now() - timedelta(hours=1)

    looked = replay(sandbox.platform, ACTOR, since=since, dry_run=True)
    assert 0 < looked["missing"] < looked["listed"]
    assert stored(sandbox) == []

    counts = replay(sandbox.platform, ACTOR, since=since)
    again = replay(sandbox.platform, ACTOR, since=since)
    sandbox.process()

    assert (counts["missing"], again["missing"]) == (looked["missing"], 0)
    assert {event.type for event in stored(sandbox)} == {"payment_intent.succeeded", "charge.updated"}  # as delivered
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert findings(sandbox.platform) == []


def test_without_any_event_the_balance_itself_heals_the_books(sandbox: "Sandbox") -> None:
    """A charge, a refund made at Stripe, a dispute won and one lost: none of it was ever heard of."""
    first, second, third = (begin(sandbox, make_due(cents)) for cents in (1500, 2500, 4000))
    for payment in (first, second, third):
        sandbox.pay(payment)
    charges = {charge["amount"]: charge["id"] for charge in sandbox.state()["charge"]}
    sandbox.stripe.create_refund({"charge": charges[1500], "amount": 400}, key="dashboard")
    for cents, outcome in ((2500, "won"), (4000, "lost")):
        dispute = sandbox.control(f"charges/{charges[cents]}/dispute", {})
        sandbox.control(f"disputes/{dispute['id']}/resolve", {"outcome": outcome})
    sandbox.pending()

    counts = collect_balance_transactions(sandbox.platform, ACTOR)
    again = collect_balance_transactions(sandbox.platform, ACTOR)

    assert counts == {"listed": 7, "missing": 7, "posted": 7, "unknown": 0}
    assert again == {"listed": 7, "missing": 0, "posted": 0, "unknown": 0}
    (balance,) = sandbox.stripe.get_balance()["pending"]
    (ready,) = sandbox.stripe.get_balance()["available"]
    assert balances(sandbox.platform)["stripe_balance"] == balance["amount"] + ready["amount"]
    assert fresh(sandbox.platform, first.id).state is PaymentState.PARTLY_REFUNDED
    assert findings(sandbox.platform) == []


def test_a_line_that_stripe_does_not_answer_about_keeps_no_other_back_and_being_away_ends_it(
    sandbox: "Sandbox",
) -> None:
    for cents in range(1000, 1700, 100):
        sandbox.pay(begin(sandbox, make_due(cents)))
    sandbox.pending()
    for skip in (0, 1):  # three, then one that is answered, then three more
        sandbox.fault(operation="GET /v1/payment_intents/*", fault="status", status=403, skip=skip, times=3)

    assert collect_balance_transactions(sandbox.platform, ACTOR)["posted"] == 1

    sandbox.control("faults", method="DELETE")
    sandbox.fault(operation="GET /v1/payment_intents/*", fault="status", status=403)

    with pytest.raises(StripeUncertain):
        collect_balance_transactions(sandbox.platform, ACTOR)
    assert sandbox.control("faults", method="GET")["faults"][0]["hits"] == 5


def test_a_line_of_the_balance_that_nobody_knows_is_kept_and_told(sandbox: "Sandbox") -> None:
    sandbox.stripe.create_payment_intent(
        {
            "amount": 900,
            "currency": "usd",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "off_session": True,
        },
        key="somebody else",
    )

    counts = collect_balance_transactions(sandbox.platform, ACTOR)

    with sandbox.platform.work(ACTOR) as work:
        (kept,) = queries.balance_transactions(work)
    assert counts == {"listed": 1, "missing": 1, "posted": 0, "unknown": 1}
    assert (kept.amount_cents, kept.fee_cents, kept.net_cents, kept.journal_id) == (900, 56, 844, None)


def test_everything_that_was_posted_is_kept_beside_its_journal(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 300)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.news()

    with sandbox.platform.work(ACTOR) as work:
        kept = queries.balance_transactions(work)

    assert [(row.type, row.net_cents) for row in kept] == [("charge", 1426), ("refund", -300)]
    assert all(row.journal_id is not None for row in kept)
    assert collect_balance_transactions(sandbox.platform, ACTOR)["missing"] == 0
