"""How disputes end that are not the plain case: parts, two at once, after refunds, inquiries, fees that come back."""

from typing import TYPE_CHECKING

import pytest

from tests.factories.payments import ACTOR, balances, findings, fresh, make_due, paid, refund
from tourpad.core.errors import TourPadError
from tourpad.core.ledger import rules as accounts
from tourpad.core.payments import queries
from tourpad.core.payments.procedures import send_refunds
from tourpad.core.payments.states import DisputeState, PaymentState

if TYPE_CHECKING:
    from tests.stripe_sandbox import Sandbox
    from tourpad.core.payments.models import Dispute, Payment


def open_one(sandbox: "Sandbox", payment: "Payment", **more: object) -> str:
    opened = sandbox.control(f"charges/{payment.stripe_charge_id}/dispute", more)
    sandbox.news()
    return str(opened["id"])


def end(sandbox: "Sandbox", dispute: str, outcome: str, **more: object) -> None:
    sandbox.control(f"disputes/{dispute}/resolve", {"outcome": outcome, **more})
    sandbox.news()


def disputes_of(sandbox: "Sandbox", payment: "Payment") -> "dict[str, Dispute]":
    with sandbox.platform.work(ACTOR) as work:
        return {found.stripe_dispute_id: found for found in queries.disputes_of(work, payment.id)}


def test_a_part_is_lost_and_the_rest_can_go_back(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))

    end(sandbox, open_one(sandbox, payment, amount=400), "lost")

    lost = fresh(sandbox.platform, payment.id)
    assert (lost.state, lost.lost_cents) == (PaymentState.PARTLY_REFUNDED, 400)
    assert balances(sandbox.platform)[f"held:{payment.concert_id}"] == -1100
    with pytest.raises(TourPadError, match=r"\$11.00 of the payment is left"):
        refund(sandbox.platform, payment.id, 1101)
    refund(sandbox.platform, payment.id, 1100)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    sandbox.news()
    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    assert f"held:{payment.concert_id}" not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_two_disputes_of_one_charge_end_apart(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500), card="pm_card_createMultipleDisputes")
    first, second = disputes_of(sandbox, payment)
    assert balances(sandbox.platform)[accounts.DISPUTES_HELD] == 1500

    end(sandbox, first, "won")

    assert fresh(sandbox.platform, payment.id).state is PaymentState.DISPUTED
    with pytest.raises(TourPadError) as refused:
        refund(sandbox.platform, payment.id, 100)
    assert refused.value.code == "dispute_open"
    end(sandbox, second, "lost")
    done = fresh(sandbox.platform, payment.id)
    assert (done.state, done.lost_cents) == (PaymentState.PARTLY_REFUNDED, 750)
    assert balances(sandbox.platform) == {
        "stripe_balance": 1426 - 750 - 3000,
        f"held:{payment.concert_id}": -750,
        "stripe_fees": 74,
        accounts.DISPUTE_FEES: 3000,
    }
    assert findings(sandbox.platform) == []


@pytest.mark.parametrize(("back", "cost"), [(True, 0), (False, 1500)])
def test_a_fee_comes_back_only_where_stripe_gives_it_back(sandbox: "Sandbox", back: bool, cost: int) -> None:
    payment = paid(sandbox, make_due(1500))

    end(sandbox, open_one(sandbox, payment), "won", return_fee=back)

    assert balances(sandbox.platform).get(accounts.DISPUTE_FEES, 0) == cost
    (dispute,) = disputes_of(sandbox, payment).values()
    assert (dispute.fee_cents, dispute.withdrawn_cents, dispute.lost_cents) == (cost, 0, 0)
    assert findings(sandbox.platform) == []


def test_a_dispute_after_a_whole_refund_is_ours(sandbox: "Sandbox") -> None:
    """The payer has the money twice: nothing is left of the payment that others could bear."""
    payment = paid(sandbox, make_due(1500))
    refund(sandbox.platform, payment.id, 1500)
    send_refunds(sandbox.platform, ACTOR)

    end(sandbox, open_one(sandbox, payment, amount=1500), "lost")

    done = fresh(sandbox.platform, payment.id)
    assert (done.state, done.refunded_cents, done.lost_cents) == (PaymentState.REFUNDED, 1500, 0)
    assert balances(sandbox.platform)[accounts.DISPUTE_LOSSES] == 1500
    assert f"held:{payment.concert_id}" not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_an_inquiry_keeps_no_refund_back_neither_of_a_part_nor_after_it(sandbox: "Sandbox") -> None:
    payment = paid(sandbox, make_due(1500))
    inquiry = open_one(sandbox, payment, reason="inquiry")
    assert disputes_of(sandbox, payment)[inquiry].is_inquiry
    refund(sandbox.platform, payment.id, 600)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    sandbox.news()
    assert disputes_of(sandbox, payment)[inquiry].state is DisputeState.NEEDS_RESPONSE  # a part answers nothing

    end(sandbox, inquiry, "won")

    assert disputes_of(sandbox, payment)[inquiry].state is DisputeState.CLOSED
    refund(sandbox.platform, payment.id, 900)
    assert send_refunds(sandbox.platform, ACTOR)["sent"] == 1
    assert accounts.DISPUTES_HELD not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


def test_a_membership_that_is_disputed_and_lost_was_never_earned(sandbox: "Sandbox") -> None:
    from sqlalchemy import select

    from tests.factories.memberships import make_member
    from tourpad.core.payments.models import Payment

    member = make_member(sandbox)
    with sandbox.platform.work(ACTOR) as work:
        payment = work.session.scalars(select(Payment).where(Payment.user_id == member)).one()
    end(sandbox, open_one(sandbox, payment), "lost")

    assert fresh(sandbox.platform, payment.id).state is PaymentState.REFUNDED
    assert accounts.MEMBERSHIP_REVENUE not in balances(sandbox.platform)
    assert findings(sandbox.platform) == []


@pytest.mark.parametrize("outcome", ["lost", "won", None])
def test_what_a_dispute_says_was_withdrawn_is_held_against_the_books(sandbox: "Sandbox", outcome: str | None) -> None:
    payment = paid(sandbox, make_due(1500))
    dispute = open_one(sandbox, payment)
    if outcome:
        end(sandbox, dispute, outcome)
    assert findings(sandbox.platform) == []
    with sandbox.platform.work(ACTOR) as work:
        (row,) = queries.disputes_of(work, payment.id)
        row.withdrawn_cents += 5
        work.commit()
    assert findings(sandbox.platform) == ["dispute_held"]
