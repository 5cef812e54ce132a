"""Disputes freeze, move money, and end; in whatever order Stripe tells of them."""

from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from tests.factories.evidence import make_dispute
from tests.factories.payments import (
    ACTOR,
    balances,
    findings,
    fresh,
    make_due,
    paid,
    refund,
    settle_pot,
)
from tests.factories.payouts import make_payment, make_show
from tests.factories.profiles import make_person
from tourpad.core.ids import new_id
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments import queries
from tourpad.core.payments.models import Dispute
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import DisputeState, PaymentState, RefundState

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Payment
    from tourpad.core.work import Work


def disputed(sandbox: "Sandbox", cents: int = 1500, **due: object) -> "tuple[Payment, Dispute]":
    payment = paid(sandbox, make_due(cents, **due))  # type: ignore[arg-type]
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"reason": "fraudulent"})
    sandbox.news()
    return fresh(sandbox.platform, payment.id), the_dispute(sandbox, payment)


def the_dispute(sandbox: "Sandbox", payment: "Payment") -> Dispute:
    with sandbox.platform.work(ACTOR) as work:
        (found,) = queries.disputes_of(work, payment.id)
        return found


def close(sandbox: "Sandbox", dispute: Dispute, outcome: str, **more: object) -> None:
    sandbox.control(f"disputes/{dispute.stripe_dispute_id}/resolve", {"outcome": outcome, **more})
    sandbox.news()


def test_a_dispute_freezes_and_its_withdrawal_is_posted(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)

    assert payment.state is PaymentState.DISPUTED
    assert (dispute.state, dispute.withdrawn_cents, dispute.fee_cents) == (
        DisputeState.NEEDS_RESPONSE,
        1500,
        1500,
    )
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426 - 3000,
        accounts.DISPUTES_HELD: 1500,
        f"held:{payment.concert_id}": -1500,
        "stripe_fees": 74,
        accounts.DISPUTE_FEES: 1500,
    }
    assert findings(sandbox.platform) == []


def test_a_dispute_won_gives_the_money_back(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)

    close(sandbox, dispute, "won", return_fee=True)

    assert the_dispute(sandbox, payment).state is DisputeState.WON
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426,
        f"held:{payment.concert_id}": -1500,
        "stripe_fees": 74,
    }
    assert findings(sandbox.platform) == []


def test_a_dispute_lost_is_borne_by_the_pot(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)

    close(sandbox, dispute, "lost")

    lost = fresh(sandbox.platform, payment.id)
    assert (lost.state, lost.lost_cents, lost.refunded_cents) == (PaymentState.REFUNDED, 1500, 0)
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426 - 3000,
        "stripe_fees": 74,
        accounts.DISPUTE_FEES: 1500,
    }
    assert findings(sandbox.platform) == []


def test_a_dispute_lost_after_settlement_is_borne_by_who_got_the_money(sandbox: "Sandbox") -> None:
    concert, artist = new_id(), new_id()
    payment = paid(sandbox, make_due(2000, concert_id=concert))
    with sandbox.platform.work(ACTOR) as work:
        shares = {accounts.PLATFORM_REVENUE: 200, accounts.payable(artist): 1800}
        settle_pot(work, concert_id=concert, cents=2000, shares=shares)
        work.commit()
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {})
    sandbox.news()

    close(sandbox, the_dispute(sandbox, payment), "lost")

    assert accounts.PLATFORM_REVENUE not in balances(sandbox.platform)
    assert accounts.payable(artist) not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_a_dispute_larger_than_what_is_left_is_ours_beyond_that(sandbox: "Sandbox") -> None:
    """Exchange rates, or a refund before the dispute."""
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 600)
    send_refunds(sandbox.platform, ACTOR)
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {"amount": 1700})
    sandbox.news()

    close(sandbox, the_dispute(sandbox, payment), "lost")

    lost = fresh(sandbox.platform, payment.id)
    assert (lost.refunded_cents, lost.lost_cents, lost.state) == (600, 900, PaymentState.REFUNDED)
    assert balances(sandbox.platform)[accounts.DISPUTE_LOSSES] == 800
    assert f"held:{payment.concert_id}" not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_no_refund_while_a_dispute_is_open(sandbox: "Sandbox") -> None:
    payment, dispute = disputed(sandbox)

    with pytest.raises(Exception, match="give it back twice") as refusal:
        refund(sandbox.platform, payment.id, 100)
    assert refusal.value.code == "dispute_open"  # type: ignore[attr-defined]

    close(sandbox, dispute, "won")
    refund(sandbox.platform, payment.id, 100)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    assert findings(sandbox.platform) == []


def test_a_dispute_that_comes_before_its_refund_is_sent_ends_the_refund(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1500)
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {})
    sandbox.news()

    counts = send_refunds(sandbox.platform, ACTOR)

    with sandbox.platform.work(ACTOR) as work:
        (ended,) = queries.refunds_of(work, payment.id)
    assert counts["sent"] == 0
    assert (ended.state, ended.failure_reason) == (RefundState.FAILED, "dispute_open")
    assert "refund" not in sandbox.state()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.DISPUTED
    assert findings(sandbox.platform) == []


def test_a_dispute_not_yet_heard_of_is_refused_by_stripe(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1500)
    sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", {})

    assert send_refunds(sandbox.platform, ACTOR)["refused"] == 1
    sandbox.news()

    assert balances(sandbox.platform).get(accounts.REFUND_CLEARING, 0) == 0
    assert fresh(sandbox.platform, payment.id).state is PaymentState.DISPUTED
    assert findings(sandbox.platform) == []


def test_an_inquiry_moves_no_money(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500), card="pm_card_createDisputeInquiry")
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert balances(sandbox.platform)["stripe_balance"] == 1426

    close(sandbox, the_dispute(sandbox, payment), "lost")

    assert the_dispute(sandbox, payment).state is DisputeState.CLOSED
    assert fresh(sandbox.platform, payment.id).state is PaymentState.COMPLETED
    assert findings(sandbox.platform) == []


def test_an_inquiry_is_answered_by_a_refund_of_all_of_it(sandbox: "Sandbox") -> None:
    """The bank has taken nothing: the payer has the money once."""
    payment = paid(sandbox, make_due(1500), card="pm_card_createDisputeInquiry")

    refund(sandbox.platform, payment.id, 1500)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    sandbox.news()

    assert the_dispute(sandbox, payment).state is DisputeState.CLOSED
    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    assert balances(sandbox.platform) == {"stripe_balance": -74, "stripe_fees": 74}
    assert findings(sandbox.platform) == []


def test_an_inquiry_that_became_a_dispute_ends_a_refund_and_is_told_anew(sandbox: "Sandbox") -> None:
    with sandbox.platform.work(ACTOR) as work:
        make_person(work, "admin")
        work.commit()
    payment = paid(sandbox, make_due(1500), card="pm_card_createDisputeInquiry")
    (asked,) = told(sandbox, "dispute_opened")
    refund(sandbox.platform, payment.id, 1500)
    dispute = the_dispute(sandbox, payment)
    evidence = {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}, "submit": True}
    sandbox.stripe.update_dispute(dispute.stripe_dispute_id, evidence, key="escalate")
    sandbox.news()

    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 0
    assert "refund" not in sandbox.state()
    assert told(sandbox, "dispute_opened") == [asked, "Cleo Okafor's bank disputes $15.00"]
    assert asked == "Cleo Okafor's bank asks about $15.00"
    assert findings(sandbox.platform) == []


def told(sandbox: "Sandbox", template: str) -> list[str]:
    """The subjects of mails of one kind, in order."""
    with sandbox.platform.work(ACTOR) as work:
        rows = work.session.execute(
            text("SELECT subject FROM mails WHERE template = :template ORDER BY created_at, id"), {"template": template}
        )
        return [str(row[0]) for row in rows]


def test_an_early_fraud_warning_is_written_down(sandbox: "Sandbox") -> None:
    from sqlalchemy import select

    from tourpad.core.audit.models import AuditEntry

    payment = paid(sandbox, card="pm_card_createIssuerFraudRecord")

    with sandbox.platform.work(ACTOR) as work:
        found = work.session.scalars(
            select(AuditEntry.target_id).where(AuditEntry.action == "payment.early_fraud_warning")
        ).all()
    assert found == [payment.id]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_any_order_of_events_ends_in_the_same_books(sandbox: "Sandbox", order: tuple[int, ...]) -> None:
    """A charge, its dispute and its loss: eight events, heard of in another order, some of them twice."""
    from tests.factories.payments import begin

    payment = begin(sandbox, make_due(1500))
    sandbox.pay(payment, "pm_card_createDispute")
    (dispute,) = sandbox.state()["dispute"]
    sandbox.control(f"disputes/{dispute['id']}/resolve", {"outcome": "lost"})
    deliveries = sandbox.pending()
    parts = [deliveries[place::4] for place in range(4)]

    for place in order:
        sandbox.receive(parts[place])
        sandbox.receive(parts[place][:1])
        sandbox.process()
    from datetime import timedelta

    for _ in range(6):
        sandbox.advance(timedelta(minutes=10))
        sandbox.process()

    done = fresh(sandbox.platform, payment.id)
    assert (done.state, done.lost_cents) == (PaymentState.REFUNDED, 1500)
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426 - 3000,
        "stripe_fees": 74,
        accounts.DISPUTE_FEES: 1500,
    }
    assert findings(sandbox.platform) == []


@pytest.mark.parametrize(
    ("inquiries", "returned", "state"),
    [
        ([True], 0, PaymentState.COMPLETED),
        ([True], 400, PaymentState.PARTLY_REFUNDED),
        ([True], 1500, PaymentState.REFUNDED),
        ([True, False], 0, PaymentState.DISPUTED),
        ([False], 0, PaymentState.DISPUTED),
    ],
)
def test_what_a_bank_only_asked_about_before_it_was_told_apart_is_mended_by_a_migration(
    work: "Work", inquiries: list[bool], returned: int, state: PaymentState
) -> None:
    show = make_show(work)
    payment = make_payment(work, show, show.host_user, 1500, kind="door_fee")
    payment.state, payment.refunded_cents = PaymentState.DISPUTED, returned
    for is_inquiry in inquiries:
        make_dispute(work, payment).is_inquiry = is_inquiry
    work.session.flush()
    with migration(work, "0049_banks_that_ask") as banks_that_ask:
        banks_that_ask.upgrade()
        work.session.refresh(payment)
        assert payment.state is state
        banks_that_ask.downgrade()
        work.session.refresh(payment)
        assert payment.state is PaymentState.DISPUTED


@contextmanager
def migration(work: "Work", revision: str) -> "Generator[Any]":
    """One migration, to be run where the test is."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    from tourpad.core.database.migrate import migrations_folder

    found = spec_from_file_location(revision, migrations_folder() / "versions" / f"{revision}.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    found.loader.exec_module(module)
    with Operations.context(MigrationContext.configure(work.session.connection())):
        yield module
